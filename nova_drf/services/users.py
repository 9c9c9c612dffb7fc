"""The user on whose behalf a job runs, as text and back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from nova_drf.services.errors import (
    ContractMismatch,
    NotFound,
    PermissionDenied,
    ServiceDefinitionError,
)

_ANONYMOUS = "anonymous"
_KEY = "pk:"


def user_text(user: Any) -> str | None:
    """Return what a message says about a user: ``None`` for the system, else a text.

    Raises:
        ServiceDefinitionError: It is not a saved user of ``AUTH_USER_MODEL``; its key would name
            somebody else.
    """
    if user is None:
        return None
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import AnonymousUser

    if isinstance(user, AnonymousUser):
        return _ANONYMOUS
    model = get_user_model()
    if not isinstance(user, model) or user.pk is None:
        raise ServiceDefinitionError(
            f"ServiceContext.user: a {type(user).__qualname__} that is not a saved "
            f"{model.__qualname__} (AUTH_USER_MODEL) cannot travel to a background job. Pass the "
            "user to using(context=...), or None for the system."
        )
    return _KEY + str(model._meta.pk.value_to_string(user))


def user_of(text: str | None) -> Any:
    """Return the user as the database has it now.

    Raises:
        ContractMismatch: The text is not a key of this project's user model.
        NotFound: The user no longer exists.
        PermissionDenied: The user is inactive.
    """
    if text is None:
        return None
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import AnonymousUser

    if text == _ANONYMOUS:
        return AnonymousUser()
    model = get_user_model()
    try:
        user = model._default_manager.get(pk=_key(model, text))
    except model.DoesNotExist as error:
        raise NotFound("The user who asked for this no longer exists.") from error
    if not getattr(user, "is_active", True):
        raise PermissionDenied("The user who asked for this is inactive.", code="user_inactive")
    return user


def _key(model: Any, text: str) -> Any:
    try:
        if text.startswith(_KEY):
            return model._meta.pk.to_python(text.removeprefix(_KEY))
    except (ValidationError, ValueError):
        pass
    raise ContractMismatch(
        f"The job names its user in a way that is not a key of {model.__qualname__}."
    )
