"""One field of a serializer as one field of a schema: its type, or the field itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Optional

from django.db import models
from pydantic import Field
from rest_framework import fields as drf
from rest_framework import relations
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.markers import NotRequired, ReadOnly, Source, WriteOnly
from nova_drf.core.overrides import is_users
from nova_drf.mapping.described import Described
from nova_drf.mapping.field_state import behaving_class
from nova_drf.mapping.from_drf import describe
from nova_drf.mapping.registry import FieldMapping, registry
from nova_drf.mapping.rows import libraries as _rows_of_libraries  # noqa: F401  (registers them)
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.convert.attribute_types import (
    SchemaOf,
    attribute_type,
    method_type,
    model_of,
    python_type,
    relation_target,
    returned_type,
)
from nova_drf.migration.convert.results import How, Member
from nova_drf.schemas.use_field import UseField, UseNewField
from nova_drf.serializers.dynamic_fields import another


def member(
    name: str,
    attribute: str,
    field: AnyField,
    schema_of: SchemaOf,
    make: Callable[[], AnyField] | None = None,
) -> Member:
    """Turn a bound field into a field of a schema.

    Args:
        name: The field's name.
        attribute: The schema's attribute.
        field: The field, bound to its serializer.
        schema_of: Converts the classes of nested serializers.
        make: Makes such a field anew, as DRF does for each serializer, but does not bind it.
    """
    described = value_of(field, schema_of)
    reasons = (*described.left, *_presence_left(field))
    value = annotation = described.annotation
    if field.allow_null:
        value = annotation = Optional[annotation]  # noqa: UP045  (it may be a forward reference)
    if reasons:
        kept = UseField(field) if make is None else UseNewField(another(field), make)
        annotation = Annotated[annotation, kept]
    if field.source != attribute:
        annotation = Annotated[annotation, Source(str(field.source))]
    annotation, default = _presence(annotation, field)
    return Member(
        name=name,
        attribute=attribute,
        value=value,
        annotation=annotation,
        default=_field_info(default, name, attribute, field),
        how=_how(described, reasons),
        reasons=reasons,
        field=field,
    )


def _how(described: Described, reasons: tuple[str, ...]) -> How:
    if not reasons:
        return How.TYPE
    return How.FIELD if described.type is Any else How.TYPED_FIELD


# Presence, direction and texts

_READ_ONLY: Any = ReadOnly
_WRITE_ONLY: Any = WriteOnly
_NOT_REQUIRED: Any = NotRequired


def _presence(annotation: object, field: AnyField) -> tuple[object, dict[str, Any]]:
    """Say when a value may be absent; what a type cannot say, the running field decides."""
    if field.read_only:
        return _READ_ONLY[_NOT_REQUIRED[annotation]], {}
    if field.write_only:
        annotation = _WRITE_ONLY[annotation]
    if field.required:
        return annotation, {}
    if field.default is drf.empty or _presence_left(field):
        return _NOT_REQUIRED[annotation], {}
    if callable(field.default):
        return annotation, {"default_factory": field.default}
    return annotation, {"default": field.default}


def _presence_left(field: AnyField) -> tuple[str, ...]:
    if getattr(field.default, "requires_context", False):
        return (f"its default {type(field.default).__name__}, which asks for the context",)
    return ()


def _field_info(default: dict[str, Any], name: str, attribute: str, field: AnyField) -> object:
    arguments: dict[str, Any] = dict(default)
    if attribute != name:
        arguments["alias"] = name
    if field._kwargs.get("label") is not None:
        arguments["title"] = field.label
    if field.help_text:
        arguments["description"] = field.help_text
    return Field(**arguments)


# What the values are


def value_of(field: AnyField, schema_of: SchemaOf) -> Described:
    """Describe the values of any field, whatever its class."""
    described = _mapped(field) or describe(field)
    if described is not None:
        return described
    if isinstance(field, BaseSerializer):
        return _nested(field, schema_of)
    if isinstance(field, (relations.RelatedField, relations.ManyRelatedField)):
        return _relation(field)
    special = _SPECIAL.get(behaving_class(field))
    if special is not None:
        return special(field, schema_of)
    return Described(returned_type(type(field).to_representation), left=(_own_class(field),))


def _own_class(field: AnyField) -> str:
    cls = type(field)
    if is_users(cls):
        return f"{cls.__module__}.{cls.__qualname__} is no field of DRF; register a FieldMapping"
    return f"{cls.__name__} has no type that says the same"


def _mapped(field: AnyField) -> Described | None:
    """What a mapping of the project says about a field of its own."""
    row: FieldMapping | None = registry.for_field(type(field))
    if row is None:
        return None
    type_ = row.describe(field)
    return None if type_ is None else Described(type_, left=row.left(field))


def _nested(field: object, schema_of: SchemaOf) -> Described:
    many = isinstance(field, ListSerializer)
    outer: Any = field
    serializer: Any = outer.child if many else outer
    if not isinstance(serializer, BaseSerializer):
        item = value_of(serializer, schema_of)
        return Described(list[item.annotation], left=(*item.left, "a ListSerializer of values"))  # type: ignore[name-defined]  # a type made at run time
    left: list[str] = []
    if is_users(type(field)) and many:
        left.append(f"{type(field).__name__} is a list serializer of its own")
    peculiar = sorted(vars(serializer)["_kwargs"].keys() - _OF_EVERY_SERIALIZER)
    if vars(serializer)["_args"] or peculiar:
        left.append(f"it is made with {', '.join(peculiar) or 'arguments'}")
    try:
        schema = schema_of(type(serializer))
    except SchemaDefinitionError as error:
        # It is a serializer that only its arguments make whole, and it runs as it was made.
        schema = Any
        left.append(str(error))
    if not many:
        return Described(schema, left=tuple(left))
    lengths = {"min_length": outer.min_length, "max_length": outer.max_length}
    constraints = {name: limit for name, limit in lengths.items() if limit is not None}
    if not outer.allow_empty:
        left.append("allow_empty=False")
    return Described(list[schema], constraints, left=tuple(left))  # type: ignore[valid-type]  # a type made at run time


_OF_EVERY_SERIALIZER = frozenset(
    (
        *("read_only", "write_only", "required", "default", "initial", "source", "label"),
        *("help_text", "style", "allow_null", "many", "allow_empty", "min_length", "max_length"),
    )
)


# Relations


def _relation(field: AnyField) -> Described:
    """A relation looks objects up, which no type does."""
    many = isinstance(field, relations.ManyRelatedField)
    related = field.child_relation if many else field
    type_ = _related_type(related)
    left = (f"{type(related).__name__} looks objects up",)
    if field.read_only:
        left = (f"{type(related).__name__} prints objects",)
    return Described(list[type_] if many else type_, left=left)  # type: ignore[valid-type]  # a type made at run time


def _related_type(field: AnyField) -> object:
    """The type of the value: the object that is looked up, or what is printed for it."""
    model = _related_model(field)
    if not field.read_only:
        return Any if model is None else model
    if isinstance(field, relations.PrimaryKeyRelatedField):
        return Any if model is None else python_type(model._meta.pk)
    if isinstance(field, relations.SlugRelatedField):
        return Any if model is None else attribute_type(model, str(field.slug_field))
    if isinstance(field, (relations.HyperlinkedRelatedField, relations.StringRelatedField)):
        return str
    return returned_type(type(field).to_representation)


def _related_model(field: AnyField) -> type[models.Model] | None:
    queryset = getattr(field, "queryset", None)
    if queryset is not None:
        # DRF asks it for nothing but ``get()``.
        return getattr(queryset, "model", None)
    parent = field.parent
    while parent is not None and not isinstance(parent, BaseSerializer):
        field, parent = parent, parent.parent
    model = model_of(parent)
    for name in str(field.source).split("."):
        model = relation_target(model, name)
    return model


# Fields that print something else than a column


def _read_only(field: AnyField, schema_of: SchemaOf) -> Described:
    model = model_of(field.parent)
    type_ = Any if model is None else attribute_type(model, str(field.source))
    return Described(type_, left=("ReadOnlyField prints values as they are",))


def _method(field: AnyField, schema_of: SchemaOf) -> Described:
    method = getattr(type(field.parent), field.method_name, None)
    reason = f"{field.method_name}() makes it"
    if method is None:
        reason = f"the serializer has no method {field.method_name}()"
    return Described(method_type(method, schema_of), left=(reason,))


def _hidden(field: AnyField, schema_of: SchemaOf) -> Described:
    return Described(Any, left=("HiddenField takes its default, never what is sent",))


def _model_field(field: AnyField, schema_of: SchemaOf) -> Described:
    type_ = python_type(field.model_field)
    return Described(type_, left=(f"the model's {type(field.model_field).__name__} checks it",))


_SPECIAL: dict[type, Callable[[Any, SchemaOf], Described]] = {
    drf.ReadOnlyField: _read_only,
    drf.SerializerMethodField: _method,
    drf.HiddenField: _hidden,
    drf.ModelField: _model_field,
}
