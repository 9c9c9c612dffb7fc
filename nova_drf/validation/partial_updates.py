"""Partial updates: the client's values laid over the object that they change.

Validators of the whole see the result, also those of a nested schema. Where something is still
missing, because there is no object, or it has no such attribute, they cannot judge and are left
out. ``validated_data`` keeps to what the client sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from django.db.models import Model
from django.db.models.manager import BaseManager
from pydantic import BaseModel
from pydantic import ValidationError as PydanticValidationError
from pydantic_core import SchemaValidator
from rest_framework.exceptions import ValidationError
from rest_framework.fields import get_attribute
from rest_framework.relations import PrimaryKeyRelatedField

from nova_drf.core.carried_errors import carry
from nova_drf.core.core_schema import WRAPPERS, Core, definitions_of, resolve
from nova_drf.core.instances import construct, overlaid, private_defaults
from nova_drf.core.markers import UNSET
from nova_drf.core.value_classes import VALUE_CLASSES
from nova_drf.mapping.from_pydantic import core_of, held_type, shape_of
from nova_drf.mapping.input_paths import put_at
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.schema_values import leniently, schema_value
from nova_drf.mapping.shape import MISSING, FieldShape, Kind, Shape, TypeShape
from nova_drf.mapping.validated_data import source_attributes, to_validated_value
from nova_drf.representation.fields import add_bound
from nova_drf.representation.schema_instances import with_instances
from nova_drf.schemas.drf_semantics import guarded_node
from nova_drf.validation.errors import error_detail
from nova_drf.validation.protocols import ValidatingSerializer
from nova_drf.validation.run import Result, Validation

_Bound = Callable[[str], Any]

_AFTER = frozenset(("function-after", "function-wrap"))


def merged(
    serializer: ValidatingSerializer, schema: Any, shape: Shape, *, for_validators: bool = False
) -> object:
    """Return a schema instance completed from the serializer's instance, nested schemas included.

    Args:
        serializer: It has one instance.
        schema: What the client sent.
        shape: The fields of the request.
        for_validators: Whether only that is read which validators of the whole will see.
    """
    instance = serializer.instance
    values: dict[str, Any] = {}
    if shape.validates_whole or not for_validators:
        values = _lacking(shape, instance, schema.__dict__, serializer.bound_field)
    whole = overlaid(schema, values)
    for field, sent in _nested(schema, shape):
        vars(whole)[field.name] = _merged_below(
            field, sent, instance, for_validators=for_validators
        )
    return whole


def merged_for_validators(run: Validation, schema: object, shape: Shape) -> object:
    """Return what validators of the whole see; ``validated_data`` keeps to what the client sent.

    Args:
        run: The call; its serializer has one instance.
        schema: What the client sent.
        shape: The fields of the request.

    Raises:
        PydanticCustomError: Validators of nested schemas, which run here, refused something.
    """
    whole = merged(run.serializer, schema, shape, for_validators=True)
    for field, sent in _nested(schema, shape):
        value = run.value_of(field.name, sent, to_validated_value(field.type))
        run.results[field.name] = Result(value, vars(whole)[field.name])
    errors = _errors_below(whole, schema, shape, run)
    if errors:
        raise carry(ValidationError(errors), whole=True)
    return whole


def _merged_below(
    field: FieldShape, sent: BaseModel, holder: object, *, for_validators: bool
) -> object:
    """Complete a nested schema from the object that its field has in the one above."""
    instance = _attribute(field, holder)
    if instance is UNSET or instance is None:
        return sent
    shape = shape_of(type(sent))
    values: dict[str, Any] = {}
    if shape.validates_whole or not for_validators:
        values = _lacking(shape, instance, sent.__dict__)
    whole = overlaid(sent, values)
    for inner, part in _nested(sent, shape):
        vars(whole)[inner.name] = _merged_below(
            inner, part, instance, for_validators=for_validators
        )
    return whole


def _nested(schema: object, shape: Shape) -> Iterator[tuple[FieldShape, BaseModel]]:
    """Yield the nested schemas of which the client sent a part."""
    for field in shape.fields.values():
        sent = schema.__dict__.get(field.name)
        if isinstance(sent, BaseModel) and field.type.kind is Kind.SCHEMA and is_incomplete(sent):
            yield field, sent


def _lacking(
    shape: Shape, instance: object, present: Mapping[str, object], bound_field: _Bound | None = None
) -> dict[str, Any]:
    """Return an object's values for the attributes that a schema instance lacks."""
    values: dict[str, Any] = {}
    for field in shape.fields.values():
        if field.computed or present.get(field.name, UNSET) is not UNSET:
            continue
        if field.type.kind is Kind.SCALAR and field.source != "*":
            values[field.name] = _single_value(field, instance)
        else:
            values[field.name] = _value(field, instance, bound_field)
    return values


def _single_value(field: FieldShape, instance: object) -> object:
    """Return what an object has for an attribute that is one value, which may be a key."""
    value: Any = _attribute(field, instance)
    convert = _converter(field.type)
    if convert is None and value.__class__ in VALUE_CLASSES:
        return value
    if isinstance(value, Model):
        value = value.pk
    return value if convert is None or value is None or value is UNSET else convert(value)


def _value(field: FieldShape, instance: object, bound_field: _Bound | None) -> object:
    """Return what an object has for one attribute of a schema, as its annotation says it."""
    is_kept = field.type.kind is Kind.KEPT
    if bound_field is not None and (is_kept or field.source == "*") and _is_printed(field):
        return _printed(bound_field(field.field_name), instance)
    type_ = held_type(field.type) if is_kept else field.type
    value: Any = _attribute(field, instance)
    if isinstance(value, BaseManager):
        value = list(value.all())
    if value is None or value is UNSET:
        return value
    if type_ is not None:
        value = with_instances(type_, value, _instance_of)
    convert = _converter(field.type)
    return value if convert is None else convert(value)


def _is_printed(field: FieldShape) -> bool:
    """Whether the attribute is what DRF's field prints: a key, or what a method makes."""
    if field.type.relation is not None or field.source == "*":
        return True
    held = held_type(field.type)
    is_key = isinstance(field.type.kept, PrimaryKeyRelatedField)
    return is_key and held is not None and held.kind is Kind.SCALAR


@lru_cache(maxsize=4096)
def _converter(type_: TypeShape) -> Convert | None:
    """Return what makes the value of a model's field what the annotation says, if need be."""
    item = type_.item if type_.kind is Kind.LIST and type_.core["type"] == "list" else type_
    if item is not None and item.kind is Kind.SCHEMA:
        return None  # There are instances already.
    convert = schema_value(type_)
    return None if convert is None else leniently(convert)


def _printed(field: Any, instance: object) -> object:
    """Return what a bound field prints of an object."""
    read: dict[str, Any] = {}
    add_bound(read, field, instance)
    return read.get(field.field_name, UNSET)


def _instance_of(schema: type[BaseModel], source: object) -> BaseModel:
    """Return an instance of a schema that holds what an object has of its fields."""
    return construct(schema, _lacking(shape_of(schema), source, {}))


def _attribute(field: FieldShape, instance: object) -> object:
    """Return an attribute of the object, or its default; what it has not got is unknown."""
    try:
        return get_attribute(instance, source_attributes(field.source))
    except (AttributeError, KeyError):
        if field.default_factory is not None:
            return field.default_factory()
        return UNSET if field.default is MISSING else field.default


def is_incomplete(value: object, shape: Shape | None = None) -> bool:
    """Whether a schema instance, or one inside it, lacks a value that it would always have.

    Args:
        value: The instance; anything else is complete.
        shape: Its fields, if a serializer changes them.
    """
    if isinstance(value, (list, tuple)):
        return any(map(is_incomplete, value))
    if not isinstance(value, BaseModel):
        return False
    fields = (shape or shape_of(type(value))).fields
    values = value.__dict__
    return any(
        is_incomplete(values[name]) if values.get(name, UNSET) is not UNSET else _is_due(field)
        for name, field in fields.items()
    )


def _is_due(field: FieldShape) -> bool:
    """Whether a full validation always gives a field a value."""
    if field.computed or field.read_only or field.default is UNSET:
        return False
    return field.type.kind is not Kind.KEPT or field.required


# Validators of the whole


def validates_whole(shape: Shape, within: frozenset[type[BaseModel]] = frozenset()) -> bool:
    """Whether a schema, or one nested in it as a single object, has validators of the whole."""
    if shape.validates_whole:
        return True
    inside = within | {shape.schema}
    return any(
        schema not in inside and validates_whole(shape_of(schema), inside)
        for field in shape.fields.values()
        if (schema := _schema_of(field.type)) is not None and not field.read_only
    )


def _schema_of(type_: TypeShape) -> type[BaseModel] | None:
    return type_.schema if type_.kind is Kind.SCHEMA else None


def unless_incomplete(node: Core, shape: Shape | None = None) -> Core:
    """Let a validator of a whole model look only at instances in which nothing is missing.

    Args:
        node: An after, wrap or before validator.
        shape: The model's fields, if a serializer changes them.
    """
    if node["type"] not in _AFTER:
        return node
    function = node["function"]["function"]

    def after(value: object, *rest: object) -> object:
        return value if is_incomplete(value, shape) else function(value, *rest)

    def wrap(data: object, handler: Callable[[Any], object], *rest: object) -> object:
        model = handler(data)
        if is_incomplete(model, shape):
            return model
        return function(data, lambda again: model if again is data else handler(again), *rest)

    chosen = after if node["type"] == "function-after" else wrap
    return {**node, "function": {**node["function"], "function": chosen}}


def finished(whole: Any, context: Any, shape: Shape | None = None) -> Any:
    """Run ``model_post_init`` on an instance in which nothing is missing; return it."""
    if is_incomplete(whole, shape):
        object.__setattr__(whole, "__pydantic_private__", private_defaults(type(whole)))
    else:
        whole.model_post_init(context)
    return whole


def _errors_below(
    whole: object, before: object, shape: Shape, context: Validation
) -> dict[str, Any]:
    """Run the validators of nested schemas that could not run before they were completed."""
    errors: dict[str, Any] = {}
    for field, sent in _nested(before, shape):
        together = vars(whole)[field.name]
        below = shape_of(type(sent))
        detail = _errors_below(together, sent, below, context)
        if not detail and not is_incomplete(together):
            together.model_post_init(context)
            detail = _refusal(together, below, context)
        if detail:
            put_at(errors, field.input_paths[0], detail)
    return errors


def _refusal(together: BaseModel, shape: Shape, context: object) -> dict[Any, Any]:
    try:
        _validator_of_whole(shape.schema).validate_python(together, context=context)
    except PydanticValidationError as error:
        return error_detail(error, shape)
    return {}


@cache
def _validator_of_whole(schema: type[BaseModel]) -> SchemaValidator:
    """Return the validators around a model, without the model."""
    root, definitions = definitions_of(core_of(schema))
    return SchemaValidator(_around(resolve(root, definitions), schema))


def _around(node: Core, schema: type[BaseModel]) -> Core:
    if node["type"] in WRAPPERS:
        inner = _around(node["schema"], schema)
        if node["type"] not in _AFTER:
            return inner
        return guarded_node({**node, "schema": inner}, whole=True)
    return {"type": "is-instance", "cls": schema}
