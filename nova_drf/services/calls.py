"""A call of an action as data: it can be stored, sent to another process and run there."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

from asgiref.sync import async_to_sync
from django.db.models import Model
from django.utils import translation
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_jsonable_python

from nova_drf.services.actions import contract_of
from nova_drf.services.context import ServiceContext
from nova_drf.services.contracts import Contract
from nova_drf.services.errors import (
    ContractMismatch,
    InvalidArguments,
    NotFound,
    ServiceDefinitionError,
)
from nova_drf.services.fingerprints import STAY_BEHIND, fingerprint_of

_ANONYMOUS = "anonymous"


class Call(BaseModel):
    """One call of one action. All that is in it is text, so that no broker can round it.

    Attributes:
        method: ``module:Class.method``.
        contract: The fingerprint of the signature that the caller knew.
        arguments: The validated arguments as JSON, by name; defaults stay out.
        context: The fields of the context as JSON.
        user: The primary key of the user as text; ``None`` for the system.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    contract: str
    arguments: str
    context: str
    user: str | None = None


def address_of(contract: Contract) -> str:
    """Return where another process finds a method.

    Raises:
        ServiceDefinitionError: Its class was made in a function, where nobody else finds it.
    """
    if "<locals>" in contract.owner.__qualname__:
        raise ServiceDefinitionError(
            f"{contract.path}: a class that is made in a function cannot be found by a worker. "
            "Define the service in a module."
        )
    return f"{contract.owner.__module__}:{contract.where}"


def call_of(contract: Contract, arguments: dict[str, Any], context: ServiceContext) -> Call:
    """Write a call down.

    Args:
        contract: The method.
        arguments: Validated, by name.
        context: On whose behalf it will run.

    Raises:
        InvalidArguments: A value would arrive changed, or not at all.
        ServiceDefinitionError: The method's arguments have no form in JSON.
    """
    return Call(
        method=address_of(contract),
        contract=fingerprint_of(contract),
        arguments=_arguments_text(contract, arguments),
        context=_context_text(context),
        user=_user_text(context.user),
    )


def run_call(call: Call) -> Any:
    """Run a call that was written down, in this process, and return its result as JSON data.

    A model instance is returned as its primary key; what has no form in JSON as ``None``.

    Raises:
        ContractMismatch: The method is not here, or has another signature.
        InvalidArguments: The arguments are not what the signature says.
        NotFound: The user on whose behalf it was to run no longer exists.
    """
    contract = _contract_at(call.method)
    if call.contract not in (fingerprint_of(contract), *contract.accepts):
        raise ContractMismatch(
            f"{contract.path}: the job was enqueued for contract {call.contract}, and this worker "
            f"has {fingerprint_of(contract)}. Run workers of the version that enqueued it, or "
            f'declare @service_action(accepts=["{call.contract}"]) if the new signature can take '
            "the old arguments."
        )
    arguments = _arguments(contract, call.arguments)
    context = _context(contract.owner.context_class, call.context, call.user)
    with _language(context):
        service = contract.owner(context)
        if contract.is_async:
            result = async_to_sync(contract.arun)(service, arguments)
        else:
            result = contract.run(service, arguments)
        return result_data(contract, result)


def result_data(contract: Contract, result: Any) -> Any:
    """Return a result as JSON data; see :func:`run_call`."""
    try:
        if contract.result_adapter is None:
            return to_jsonable_python(result, fallback=_key)
        return contract.result_adapter.dump_python(result, mode="json", fallback=_key)
    except (PydanticSerializationError, TypeError):
        return None


def _key(value: Any) -> Any:
    if isinstance(value, Model):
        return to_jsonable_python(value.pk)
    raise TypeError


def _contract_at(address: str) -> Contract:
    module, _, names = address.partition(":")
    try:
        found: Any = import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
        return contract_of(found)
    except (ImportError, AttributeError, ServiceDefinitionError) as error:
        raise ContractMismatch(
            f"{address}: this worker has no such method of a service. Run workers of the version "
            "that enqueued the job."
        ) from error


# Arguments


def _arguments_text(contract: Contract, arguments: dict[str, Any]) -> str:
    """Return the arguments as JSON that reads back as the very same values.

    Which fields of a model were set is kept, since an update writes only these; but not where a
    default is made anew each time, as a factory's is.
    """
    text = None
    for exclude_unset in (True, False):
        try:
            text = contract.adapter.dump_json(
                arguments, exclude_unset=exclude_unset, by_alias=False, round_trip=True
            ).decode()
            if _arguments(contract, text) == arguments:
                return text
        except (PydanticSerializationError, InvalidArguments):
            continue
    raise _changed(contract, arguments, text)


def _changed(contract: Contract, arguments: dict[str, Any], text: str | None) -> InvalidArguments:
    arrived = {} if text is None else from_json(text)
    changed = ""
    for name, value in arguments.items():
        try:
            one = {**arguments, name: arrived[name]}
            same = contract.adapter.validate_python(one, by_name=True, by_alias=False)[name]
        except (KeyError, ValidationError):
            same = None
        if same != value:
            changed = name
            break
    refused = InvalidArguments(
        "This value would not arrive unchanged in a background job.", field=changed, code="travel"
    )
    refused.method = contract.where
    return refused


def _arguments(contract: Contract, text: str) -> dict[str, Any]:
    try:
        return contract.adapter.validate_json(text, by_name=True, by_alias=False)
    except ValidationError as error:
        raise InvalidArguments.from_pydantic(error, contract.where) from error


# The context


def _context_text(context: ServiceContext) -> str:
    text = None
    try:
        text = context.model_dump_json(exclude=set(STAY_BEHIND), round_trip=True)
        read = type(context).model_validate_json(text)
    except (PydanticSerializationError, ValidationError):
        read = None
    for name in type(context).model_fields:
        if name not in STAY_BEHIND and getattr(read, name, NotFound) != getattr(context, name):
            raise ServiceDefinitionError(
                f"{type(context).__qualname__}.{name}: the value would not arrive unchanged in a "
                "background job. Give the field a type of its own in a subclass."
            )
    return str(text)


def _context(context_class: type[ServiceContext], text: str, user: str | None) -> ServiceContext:
    try:
        context = context_class.model_validate_json(text)
    except ValidationError as error:
        raise ContractMismatch(
            f"{context_class.__qualname__}: the job's context does not fit. {error.error_count()} "
            "of its fields are not what this worker's class says."
        ) from error
    return context.model_copy(update={"user": _user(user)})


def _user_text(user: Any) -> str | None:
    if user is None:
        return None
    return _ANONYMOUS if user.pk is None else str(user.pk)


def _user(text: str | None) -> Any:
    if text is None:
        return None
    if text == _ANONYMOUS:
        from django.contrib.auth.models import AnonymousUser

        return AnonymousUser()
    from django.contrib.auth import get_user_model

    model = get_user_model()
    try:
        return model._default_manager.get(pk=text)
    except model.DoesNotExist as error:
        raise NotFound("The user who asked for this no longer exists.") from error


def _language(context: ServiceContext) -> AbstractContextManager[None]:
    if context.locale is None:
        return nullcontext()
    return translation.override(context.locale)
