"""What two processes must have in common before one runs what the other asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from pydantic import ConfigDict, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema
from typing_extensions import TypedDict

from nova_drf.services.context import ServiceContext
from nova_drf.services.contracts import Contract
from nova_drf.services.errors import ServiceDefinitionError

STAY_BEHIND = frozenset(("user", "clock"))
"""Fields of a context that do not travel as JSON of their type."""

_PROSE = frozenset(("title", "description", "examples", "deprecated"))
_BY_NAME = frozenset(("properties", "$defs", "patternProperties"))
_LENGTH = 16

_known: WeakKeyDictionary[Contract, str] = WeakKeyDictionary()


def fingerprint_of(contract: Contract) -> str:
    """Return a short text that changes with the types of a method's arguments, not with its prose.

    It is made of the JSON Schema of the arguments and of the service's context.

    Raises:
        ServiceDefinitionError: An argument has no form in JSON.
    """
    found = _known.get(contract)
    if found is None:
        found = _known[contract] = _fingerprint(contract)
    return found


def _fingerprint(contract: Contract) -> str:
    try:
        arguments = contract.adapter.json_schema(mode="validation")
        context = _context_adapter(contract.owner.context_class).json_schema(mode="validation")
    except PydanticInvalidForJsonSchema as error:
        raise ServiceDefinitionError(
            f"{contract.path}: an argument has no form in JSON, so the call cannot travel to a "
            f"background job ({error.message}). Pass a key instead of an object."
        ) from error
    described = {
        "arguments": _without_prose(arguments),
        "context": _without_prose(context),
        "strict": contract.strict,
    }
    text = json.dumps(described, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:_LENGTH]


def _context_adapter(context_class: type[ServiceContext]) -> TypeAdapter[Any]:
    fields = {
        name: Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        for name, info in context_class.model_fields.items()
        if name not in STAY_BEHIND
    }
    members = TypedDict("context", fields)  # type: ignore[misc]
    adapted: Any = members
    adapted.__pydantic_config__ = ConfigDict(arbitrary_types_allowed=True)
    return TypeAdapter(members)


def _without_prose(schema: Any, named: bool = False) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: _without_prose(value, not named and key in _BY_NAME)
            for key, value in schema.items()
            if named or key not in _PROSE
        }
    if isinstance(schema, list):
        return [_without_prose(item) for item in schema]
    return schema
