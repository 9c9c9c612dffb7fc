"""The schemas that a serializer class names: its type argument, or those of its ``Meta``."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel

from nova_drf.core.exceptions import SchemaDefinitionError


def named_schemas(cls: type, base: type) -> tuple[type[BaseModel], type[BaseModel]] | None:
    """Return what a serializer class says its request and response schemas are.

    Args:
        cls: The class.
        base: The generic class of ours whose type argument is a schema.

    Raises:
        SchemaDefinitionError: What it names is no schema, or the two contradict each other.
    """
    meta = cls.__dict__.get("Meta")
    single = getattr(meta, "schema", None)
    request: Any = getattr(meta, "request_schema", None) or single
    response: Any = getattr(meta, "response_schema", None) or single
    argument: Any = None
    for parent in cls.__dict__.get("__orig_bases__", ()):
        origin = get_origin(parent)
        if isinstance(origin, type) and issubclass(origin, base):
            given = get_args(parent)[0]
            if isinstance(given, type) and issubclass(given, BaseModel):
                argument = given
                request, response = request or given, response or given
    if request is None and response is None:
        return None
    request, response = request or response, response or request
    if argument is not None and argument not in (request, response):
        raise SchemaDefinitionError(
            f"{cls.__module__}.{cls.__qualname__}: {argument.__name__} is its type argument, "
            f"but its Meta names {request.__name__}. Keep one of the two."
        )
    for schema in (request, response):
        check_schema(schema, f"{cls.__module__}.{cls.__qualname__}")
    return request, response


def check_schema(schema: Any, where: str) -> None:
    """Refuse what is no Pydantic model.

    Args:
        schema: What somebody named as a schema.
        where: Who did.

    Raises:
        SchemaDefinitionError: It is none.
    """
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        raise SchemaDefinitionError(
            f"{where}: {schema!r} is not a Pydantic model. "
            "Pass a subclass of nova_drf.Schema or pydantic.BaseModel."
        )
