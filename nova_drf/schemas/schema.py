"""``Schema``: a Pydantic model whose annotations have DRF's semantics."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from nova_drf.core.core_schema import Core, rewrite
from nova_drf.schemas.drf_semantics import with_drf_semantics, without_drf_semantics


class Schema(BaseModel):
    """A Pydantic model that accepts, refuses and prints what DRF's fields would.

    ``title: str`` behaves as ``CharField``, ``price: Decimal`` as ``DecimalField``,
    ``created: datetime`` as ``DateTimeField``, and so on, with DRF's settings read live. Types
    that DRF has no field for keep Pydantic's semantics, and so does a nested plain
    ``BaseModel``. Constraints, validators, aliases and generics are Pydantic's own.

    >>> class Book(Schema):
    ...     title: Annotated[str, Field(max_length=100)]
    ...     price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]

    Follows:
        ``rest_framework.fields``: each type has the field that DRF has for it.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    __nova_drf_semantics__: ClassVar[bool] = True

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        core: Core = handler(source)

        def resolve(node: Core) -> Core:
            while node["type"] == "definition-ref":
                try:
                    node = handler.resolve_ref_schema(node)
                except LookupError:
                    # A class around this one that is still being made; it sees to itself.
                    return node
            return node

        rewritten: CoreSchema = core
        if core["type"] != "definition-ref":
            rewritten = with_drf_semantics(core, resolve)
        return rewritten

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        pydantics: CoreSchema = rewrite(core_schema, without_drf_semantics)
        json_schema = handler(pydantics)
        _translate(handler.resolve_ref_schema(json_schema))
        return json_schema


def _translate(json_schema: Any) -> None:
    """Tell the lazy texts of titles and descriptions in the language of the time."""
    for key, value in json_schema.items():
        if isinstance(value, Promise):
            json_schema[key] = str(value)
        elif isinstance(value, dict):
            _translate(value)
