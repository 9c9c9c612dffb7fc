"""On whose behalf, when and where a service works; and how that travels to a background job."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone, translation
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic import ValidationError as PydanticValidationError
from pydantic_core import PydanticSerializationError
from typing_extensions import TypedDict

from nova_drf.services.errors import (
    ContractMismatch,
    NotFound,
    PermissionDenied,
    ServiceDefinitionError,
    places_in,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    User = AbstractBaseUser | AnonymousUser | None
else:
    User = Any
    """Django's user classes cannot be imported before the applications are ready."""


class ServiceContext(BaseModel):
    """What a service knows about its caller. Subclass it to add typed fields of your own:

    >>> class ShopContext(ServiceContext):
    ...     warehouse: str = "main"
    >>> class OrderService(Service[ShopContext]): ...

    A background job gets the context that it was enqueued with: each field travels as JSON of its
    type, the user as its primary key; the clock stays behind.

    Attributes:
        user: Who asks; ``None`` for the system itself.
        tenant: For whom, in a database that several customers share. Give it a type in a
            subclass if it is more than a string or a number.
        locale: The language of messages, as ``django.utils.translation`` names it; ``None`` for
            the one that is active.
        clock: Returns the current time, aware if ``USE_TZ`` is on. Tests pass their own.
        request_id: What log lines of one request, and of the jobs it started, have in common.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid", frozen=True)

    user: User = None
    tenant: Any = None
    locale: str | None = None
    clock: Callable[[], datetime] = timezone.now
    request_id: str | None = None

    def now(self) -> datetime:
        """Return the current time by this context's clock."""
        return self.clock()


def language_of(context: ServiceContext) -> AbstractContextManager[None]:
    """Return what makes the context's language the active one, for a block."""
    if context.locale is None:
        return nullcontext()
    return translation.override(context.locale)


# The context as JSON

NOT_IN_JSON = frozenset(("user", "clock"))
"""Fields of a context that do not travel as JSON of their type."""


def context_text(context: ServiceContext) -> str:
    """Return the context as JSON, without its user and its clock.

    Raises:
        ServiceDefinitionError: A value would arrive changed, or not at all.
    """
    text = ""
    try:
        text = context.model_dump_json(exclude=set(NOT_IN_JSON), round_trip=True)
        arrived = type(context).model_validate_json(text)
    except (PydanticSerializationError, PydanticValidationError):
        arrived = None
    for name in type(context).model_fields:
        if name not in NOT_IN_JSON and getattr(arrived, name, NotFound) != getattr(context, name):
            raise ServiceDefinitionError(
                f"{type(context).__qualname__}.{name}: the value would not arrive unchanged in a "
                "background job. Give the field a type of its own in a subclass."
            )
    return text


def context_of(context_class: type[ServiceContext], text: str, user: str | None) -> ServiceContext:
    """Return the context that a job was enqueued with, with the user as the database has it now.

    Args:
        context_class: That of the service.
        text: From :func:`context_text`.
        user: From :func:`user_text`.

    Raises:
        ContractMismatch: The text does not fit the class, or names no user.
        NotFound: The user no longer exists.
        PermissionDenied: The user is inactive.
    """
    try:
        context = context_class.model_validate_json(text)
    except PydanticValidationError as error:
        raise ContractMismatch(
            f"{context_class.__qualname__}: the job's context does not fit this worker's class: "
            f"{places_in(error)}. Run workers of the version that enqueued the job."
        ) from None
    return context.model_copy(update={"user": user_of(user)})


def context_adapter(context_class: type[ServiceContext]) -> TypeAdapter[Any]:
    """Return what describes the JSON of a context."""
    fields = {
        name: Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        for name, info in context_class.model_fields.items()
        if name not in NOT_IN_JSON
    }
    members = TypedDict("context", fields)  # type: ignore[misc]  # made at run time
    members.__pydantic_config__ = ConfigDict(arbitrary_types_allowed=True)  # type: ignore[attr-defined]  # Pydantic looks for it
    return TypeAdapter(members)


# The user as text

_ANONYMOUS = "anonymous"
_USER_KEY = "pk:"


def user_text(user: User) -> str | None:
    """Return what a message says about a user: ``None`` for the system, else a text.

    Raises:
        ServiceDefinitionError: It is not a saved user of ``AUTH_USER_MODEL``; its key would name
            somebody else.
    """
    if user is None:
        return None
    # Here, since services may be imported before the applications are ready.
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
    return _USER_KEY + str(model._meta.pk.value_to_string(user))


def user_of(text: str | None) -> User:
    """Return the user as the database has it now.

    Raises:
        ContractMismatch: The text is not a key of this project's user model.
        NotFound: The user no longer exists.
        PermissionDenied: The user is inactive.
    """
    if text is None:
        return None
    # Here, since services may be imported before the applications are ready.
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import AnonymousUser

    if text == _ANONYMOUS:
        return AnonymousUser()
    model = get_user_model()
    try:
        user: User = model._default_manager.get(pk=_user_key(model, text))
    except model.DoesNotExist as error:
        raise NotFound("The user who asked for this no longer exists.") from error
    if not getattr(user, "is_active", True):
        raise PermissionDenied("The user who asked for this is inactive.", code="user_inactive")
    return user


def _user_key(model: type[Model], text: str) -> Any:
    try:
        if text.startswith(_USER_KEY):
            return model._meta.pk.to_python(text.removeprefix(_USER_KEY))
    except (ValidationError, ValueError):
        pass
    raise ContractMismatch(
        f"The job names its user in a way that is not a key of {model.__qualname__}. Run workers "
        "of the version that enqueued the job."
    )
