"""A call of an action as data: it can be stored, sent to another process and run there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from django.db.models import Model
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic_core import PydanticSerializationError, from_json, to_jsonable_python

from nova_drf.services.context import (
    ServiceContext,
    context_adapter,
    context_of,
    context_text,
    language_of,
    user_text,
)
from nova_drf.services.contracts import Contract
from nova_drf.services.declarations import address_of, declaration_of
from nova_drf.services.errors import (
    ContractMismatch,
    InvalidArguments,
    ServiceDefinitionError,
    places_in,
)
from nova_drf.services.records import Finish, fail, record_of


class Call(BaseModel):
    """One call of one action. All that is in it is text, so that no broker can round it.

    Its ``repr()``, which logs show, has no values in it.

    Attributes:
        method: ``module:Class.method``; a worker looks it up among what it declares.
        contract: The fingerprint of the signature that the caller knew.
        arguments: The validated arguments as JSON, by name; defaults stay out.
        context: The fields of the context as JSON.
        user: The key of the user; ``None`` for the system.
        id: The job's, if it comes from the outbox; calls with the same id are one job.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    method: str
    contract: str
    arguments: str = Field(repr=False)
    context: str = Field(repr=False)
    user: str | None = Field(default=None, repr=False)
    id: str | None = None


@dataclass(frozen=True)
class AcceptedCall:
    """A call that was read: a declared method, valid arguments, and on whose behalf.

    Attributes:
        contract: The method's.
        arguments: Validated, by name.
        context: With the user as the database has it now.
    """

    contract: Contract
    arguments: dict[str, Any] = field(repr=False)
    context: ServiceContext = field(repr=False)

    def run(self, key: str | None = None, *, again: bool = False) -> Any:
        """Run the method in this process, and return its result as JSON data.

        A model instance is returned as its primary key; what has no form in JSON as ``None``.

        Where ``nova_drf.outbox`` is installed, a job that ran before is not run again, and its
        result is returned.

        Args:
            key: What the engine knows the job by, however often it delivers it.
            again: Whether a method that is not atomic is run again after its worker was killed.

        Raises:
            AlreadyStarted: The job was started before, did not come to its end, and is not to be
                run again.
        """
        with language_of(self.context):
            return record_of(self.contract, key, again=again).run(self._work)

    def _work(self, contract: Contract, finish: Finish) -> object:
        service = contract.owner(self.context)
        if contract.is_async:
            result = async_to_sync(contract.arun)(service, self.arguments)
            return finish(result_data(contract, result))
        done = partial(result_data, contract)
        return contract.run(service, self.arguments, lambda result: finish(done(result)))


def call_of(
    contract: Contract,
    arguments: dict[str, object],
    context: ServiceContext,
    job: str | None = None,
) -> Call:
    """Write a call down.

    Args:
        contract: The method.
        arguments: Validated, by name.
        context: On whose behalf it will run.
        job: The job's id, if it has one.

    Raises:
        InvalidArguments: A value would arrive changed, or not at all.
        ServiceDefinitionError: The method's arguments have no form in JSON.
    """
    return Call(
        method=address_of(contract),
        contract=fingerprint_of(contract),
        arguments=_arguments_text(contract, arguments),
        context=context_text(context),
        user=user_text(context.user),
        id=job,
    )


def call_in(data: object) -> Call:
    """Return the call that a message carries.

    Raises:
        ContractMismatch: It is none.
    """
    try:
        return Call.model_validate(data)
    except ValidationError as error:
        raise ContractMismatch(
            "The message is no call of a service that this version of nova_drf can read: "
            f"{places_in(error)}. Run workers of the version that enqueued the job."
        ) from None


def read_call(call: Call, engine: str | None = None) -> AcceptedCall:
    """Look up what a call names, and check all that it carries.

    Args:
        call: What was delivered.
        engine: The name of the engine that delivered it; any, when left out.

    Raises:
        ContractMismatch: The method was not declared here, or has another signature.
        InvalidArguments: The arguments are not what the signature says.
        NotFound: The user on whose behalf it was to run no longer exists.
        PermissionDenied: The user is inactive.
    """
    contract = declaration_of(call.method, engine).contract
    if call.contract not in (fingerprint_of(contract), *contract.accepts):
        raise ContractMismatch(
            f"{contract.path}: the job was enqueued for contract {call.contract:.64}, and this "
            f"worker has {fingerprint_of(contract)}. Run workers of the version that enqueued it, "
            f'or declare @service_action(accepts=["{call.contract:.64}"]) if the new signature '
            "can take the old arguments."
        )
    return AcceptedCall(
        contract=contract,
        arguments=_arguments(contract, call.arguments),
        context=context_of(contract.owner.context_class, call.context, call.user),
    )


def run_call(call: Call) -> object:
    """Run a call in this process; see :func:`read_call` and :meth:`AcceptedCall.run`."""
    return read_call(call).run(call.id)


def fail_call(call: Call, key: str, error: BaseException) -> None:
    """Note in the outbox that a job failed for good.

    Args:
        call: What was delivered.
        key: What the engine knows the job by.
        error: Why.
    """
    try:
        contract = declaration_of(call.method).contract
    except ContractMismatch:
        contract = None
    fail(contract, key, error)


def result_data(contract: Contract, result: object) -> object:
    """Return a result as JSON data; see :func:`run_call`."""
    try:
        if contract.result_adapter is None:
            return to_jsonable_python(result, fallback=_key)
        return contract.result_adapter.dump_python(result, mode="json", fallback=_key)
    except (PydanticSerializationError, TypeError):
        return None


def _key(value: object) -> object:
    if isinstance(value, Model):
        return to_jsonable_python(value.pk)
    raise TypeError


# Arguments


def _arguments_text(contract: Contract, arguments: dict[str, object]) -> str:
    """Return the arguments as JSON that reads back as the very same values.

    The JSON says which fields of a model were set, since an update writes only these; but not
    where a factory makes another default each time.
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


def _changed(
    contract: Contract, arguments: dict[str, object], text: str | None
) -> InvalidArguments:
    arrived = {} if text is None else from_json(text)
    changed = ""
    for name, value in arguments.items():
        try:
            read = {**arguments, name: arrived[name]}
            same = contract.adapter.validate_python(read, by_name=True, by_alias=False)[name]
        except (KeyError, ValidationError):
            same = None
        if same != value:
            changed = name
            break
    refused = InvalidArguments(
        "This value would not arrive unchanged in a background job. Pass a key, and read the "
        "value where the job runs.",
        field=changed,
        code="travel",
    )
    refused.method = contract.where
    return refused


def _arguments(contract: Contract, text: str) -> dict[str, Any]:
    try:
        return contract.adapter.validate_json(text, by_name=True, by_alias=False)
    except ValidationError as error:
        # Pydantic's own message would bring values along into the log of the worker.
        raise InvalidArguments.from_pydantic(error, contract.where) from None


# The fingerprint of a signature

_DOCUMENTATION = frozenset(("title", "description", "examples", "deprecated"))
_BY_NAME = frozenset(("properties", "$defs", "patternProperties"))
_LENGTH = 16

_fingerprints: WeakKeyDictionary[Contract, str] = WeakKeyDictionary()


def fingerprint_of(contract: Contract) -> str:
    """Return a short text that changes with the types of a method's arguments, not with its texts.

    It is made of the JSON Schema of the arguments and of the service's context.

    Raises:
        ServiceDefinitionError: An argument has no form in JSON.
    """
    fingerprint = _fingerprints.get(contract)
    if fingerprint is None:
        fingerprint = _fingerprints[contract] = _fingerprint(contract)
    return fingerprint


def _fingerprint(contract: Contract) -> str:
    try:
        arguments = contract.adapter.json_schema(mode="validation")
        context = context_adapter(contract.owner.context_class).json_schema(mode="validation")
    except PydanticInvalidForJsonSchema as error:
        raise ServiceDefinitionError(
            f"{contract.path}: an argument has no form in JSON, so the call cannot travel to a "
            f"background job ({error.message}). Pass a key instead of an object."
        ) from error
    described = {
        "arguments": _without_documentation(arguments),
        "context": _without_documentation(context),
        "strict": contract.strict,
    }
    text = json.dumps(described, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:_LENGTH]


def _without_documentation(schema: object, named: bool = False) -> object:
    if isinstance(schema, Mapping):
        return {
            key: _without_documentation(value, not named and key in _BY_NAME)
            for key, value in schema.items()
            if named or key not in _DOCUMENTATION
        }
    if isinstance(schema, list):
        return [_without_documentation(item) for item in schema]
    return schema
