"""Type hints that name schemas: ``-> list[Book]`` of a method field, ``responses=list[Book]``.

drf-spectacular reads hints of plain types itself, and asks no extension about what is inside one.
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from drf_spectacular.drainage import get_override
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import (
    ComponentIdentity,
    follow_field_source,
    get_doc,
    get_type_hints,
)
from drf_spectacular.utils import Direction
from pydantic import BaseModel
from rest_framework.serializers import (
    BaseSerializer,
    ListSerializer,
    ReadOnlyField,
    SerializerMethodField,
)

from nova_drf.mapping.from_pydantic import type_of
from nova_drf.openapi.dialect import JSONSchema, nullable
from nova_drf.openapi.properties import described
from nova_drf.serializers.schema_serializer import nested_serializer_class


def schemas_in(hint: object) -> list[type[BaseModel]]:
    """Return the schemas that are inside a type hint; none if the hint is a schema itself."""
    return [
        schema
        for member in get_args(hint)
        for schema in ([member] if _is_schema(member) else schemas_in(member))
    ]


def _is_schema(hint: object) -> bool:
    return isinstance(hint, type) and issubclass(hint, BaseModel)


def hint_schema(auto_schema: AutoSchema, hint: object, direction: Direction) -> JSONSchema | None:
    """Return the schema of a hint that names schemas; ``None`` if Pydantic cannot read it."""
    type_ = type_of(hint)
    if type_ is None:
        return None
    schema = described(auto_schema, type_, direction)
    return nullable(schema) if type_.nullable else schema


class MethodFieldExtension(OpenApiSerializerFieldExtension):
    """Documents method fields whose hint has schemas in it; all others are drf-spectacular's."""

    target_class: Any = SerializerMethodField
    match_subclasses = True
    priority = -2

    @classmethod
    def _matches(cls, target: object) -> bool:
        # Whatever an extension returns gets the field's own words, and its null, once more.
        if not super()._matches(target) or getattr(target, "parent", None) is None:
            return False
        hint = cls(target).hint()
        return bool(schemas_in(hint)) and type_of(hint) is not None

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the schema of what the method says it returns."""
        schema = hint_schema(auto_schema, self.hint(), direction) or {}
        description = get_doc(self.function())
        return {**schema, "description": description} if description else schema

    def hint(self) -> object:
        """Return what the function says that it returns."""
        function = self.function()
        if function is None:
            return None
        return get_override(function, "field") or get_type_hints(function).get("return")

    def function(self) -> Any:
        """Return the function that says what the field prints; ``None`` if there is none."""
        return getattr(self.target.parent, self.target.method_name, None)


class ReadOnlyFieldExtension(MethodFieldExtension):
    """Documents fields that print a property, or a method, whose hint has schemas in it."""

    target_class = ReadOnlyField

    def function(self) -> Any:
        """Return the function of the property that the field prints."""
        field = self.target
        if isinstance(field.parent, ListSerializer):
            field = field.parent
        model = getattr(getattr(field.parent, "Meta", None), "model", None)
        if model is None:
            return None
        source = follow_field_source(model, field.source_attrs, emit_warnings=False)
        return source if callable(source) else None


class HintExtension(OpenApiSerializerExtension):
    """Documents ``@extend_schema(request=list[Book], responses=Book | None)`` as a component."""

    target_class = object

    @classmethod
    def _matches(cls, target: object) -> bool:
        return bool(schemas_in(target))

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """Return the name of the hint: ``BookList``, ``NullableBook``, ``BookOrAuthor``."""
        return _name(auto_schema, self.target, direction)

    def get_identity(self, auto_schema: AutoSchema, direction: Direction) -> ComponentIdentity:
        """Return what tells the component from another one of the same name."""
        return _HintIdentity(self.target)

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the component's schema."""
        return hint_schema(auto_schema, self.target, direction) or {}


class _HintIdentity(ComponentIdentity):
    """A hint as a component: the same as an equal one."""

    def __init__(self, hint: object) -> None:
        self.obj = hint

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _HintIdentity) and bool(self.obj == other.obj)

    __hash__ = None  # type: ignore[assignment]  # as that of drf-spectacular's


def _name(auto_schema: AutoSchema, hint: object, direction: Direction) -> str:
    if _is_schema(hint):
        serializer = nested_serializer_class(hint)
        return str(auto_schema.resolve_serializer(serializer, direction).name)
    members = [member for member in get_args(hint) if member is not NoneType]
    names = [
        _name(auto_schema, member, direction)
        for member in members
        if _is_schema(member) or schemas_in(member)
    ]
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return ("Nullable" if NoneType in get_args(hint) else "") + "Or".join(names)
    return "And".join(names) + getattr(origin, "__name__", "").title()


class OptionalResult(BaseSerializer[Any]):
    """Stands in a document for what may be ``None`` instead of what a serializer prints.

    Args:
        serializer: Prints it.
    """

    def __init__(self, serializer: BaseSerializer[Any]) -> None:
        super().__init__()
        self.serializer = serializer


class OptionalResultExtension(OpenApiSerializerExtension):
    """Documents ``-> Book | None`` of a service's method as a component."""

    target_class = OptionalResult

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        """Return the name of the serializer's component, as a nullable one."""
        return f"Nullable{auto_schema.resolve_serializer(self.target.serializer, direction).name}"

    def get_identity(self, auto_schema: AutoSchema, direction: Direction) -> ComponentIdentity:
        """Return what tells the component from another one of the same name."""
        return _HintIdentity(type(self.target.serializer))

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> JSONSchema:
        """Return the component's schema."""
        component = auto_schema.resolve_serializer(self.target.serializer, direction)
        return nullable(dict(component.ref))
