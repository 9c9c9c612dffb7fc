"""Input: the request variant of a schema, compiled once for each serializer class and use of it.

The variant is the schema's own core schema, rewritten: read-only fields are gone, fields that only
a bound DRF field can check ask that field, ``validate_<field>`` methods run where DRF runs them,
and with ``partial=True`` nothing is required and defaults stay out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic_core import core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

from nova_drf.core.core_schema import (
    METADATA_KEY,
    WRAPPERS,
    Core,
    compiled,
    definitions_of,
    resolve,
    rewrite,
    rewrite_children,
    union_choices,
)
from nova_drf.core.markers import UNSET
from nova_drf.mapping.async_safety import input_is_async_safe
from nova_drf.mapping.from_pydantic import core_of, shape_of
from nova_drf.mapping.model_config import (
    BY_ATTRIBUTE,
    answerable,
    answerable_json,
    in_json_terms,
    is_json_value,
)
from nova_drf.mapping.shape import AnyField, FieldShape, Shape
from nova_drf.mapping.validated_data import (
    nested_too_deep,
    set_at,
    source_attributes,
    validated_data_function,
)
from nova_drf.schemas.drf_semantics import guarded_node
from nova_drf.validation.bound_fields import ProgrammingError, delegated, without_null
from nova_drf.validation.column_limits import limited_node
from nova_drf.validation.extra_values import allows_extra, without_taken
from nova_drf.validation.form_data import reads_by_itself
from nova_drf.validation.hooks import hooked
from nova_drf.validation.partial_updates import (
    finished,
    merged_for_validators,
    unless_incomplete,
    validates_whole,
)
from nova_drf.validation.run import Validation

if TYPE_CHECKING:
    from nova_drf.validation.bound_fields import Info

logger = logging.getLogger("nova_drf")

BuildField = Callable[[FieldShape], AnyField]


class Variant(NamedTuple):
    """What distinguishes one compiled variant of a serializer class from another.

    Attributes:
        partial: Whether it checks a partial update.
        delegated: The attributes that the bound DRF field of the serializer checks.
        hooks: The ``validate_<field>`` methods of the serializer, by attribute.
    """

    partial: bool
    delegated: frozenset[str]
    hooks: Mapping[str, str]


class CompiledRequest:
    """A compiled variant: the data of a request in, an instance of the schema out.

    Args:
        shape: The request schema as the serializer class uses it.
        variant: Which variant of it.
        build_field: Builds the DRF field of one of its fields.
    """

    def __init__(self, shape: Shape, variant: Variant, build_field: BuildField) -> None:
        self.shape = shape
        self._build_field = build_field
        self.variant = variant
        rewriter = _Rewriter(shape, variant, build_field)
        self.merges = rewriter.merges
        self._validate = compiled(rewriter.core()).validate_python
        self._data_of = validated_data_function(shape)
        self._data_with_extra = (
            validated_data_function(shape, extra=True) if allows_extra(shape) else None
        )

    def validate(self, data: Mapping[str, Any], run: Validation) -> object:
        """Return an instance of the schema.

        Args:
            data: The payload.
            run: Gets the results of bound fields and hooks.

        Raises:
            pydantic.ValidationError: The data is not valid; ``errors.error_detail`` translates it.
            ValidationError: The data is nested deeper than Python can follow.
        """
        payload = data if data.__class__ is dict else dict(data)
        try:
            return self._validate(payload, context=run)
        except ProgrammingError as error:
            raise error.cause from None
        except RecursionError as error:
            # A type of Pydantic's own may stumble where Python cannot follow; so would DRF.
            logger.warning("A payload is nested too deep to be validated.", exc_info=True)
            raise ValidationError(nested_too_deep()) from error

    @property
    def delegated(self) -> frozenset[str]:
        """The attributes that bound fields check."""
        return self.variant.delegated

    @cached_property
    def is_async_safe(self) -> bool:
        """Whether no code runs that could touch the database."""
        asks_serializer = self.variant.delegated or self.variant.hooks
        return not asks_serializer and input_is_async_safe(self.shape)

    @cached_property
    def writable_fields(self) -> dict[str, AnyField]:
        """Bound fields by attribute name, for code that only reads them.

        To make a field takes longer than most of what is done with it.
        """
        around = Serializer[Any](partial=self.variant.partial)
        fields: dict[str, AnyField] = {}
        for name, described in self.shape.fields.items():
            if not described.read_only:
                fields[name] = self._build_field(described)
                fields[name].bind(field_name=described.field_name, parent=around)
        return fields

    @cached_property
    def form_fields(self) -> dict[str, AnyField]:
        """Fields that find values in a form, for all serializers that leave them as they are."""
        return {
            name: field
            for name, field in self.writable_fields.items()
            if name not in self.variant.delegated and not reads_by_itself(field)
        }

    def validated_data(self, instance: Any, run: Validation) -> dict[str, Any]:
        """Return an instance as the dictionary that ``create()`` and ``update()`` get.

        Args:
            instance: What :meth:`validate` returned.
            run: The same call.
        """
        data_of = self._data_of
        if self._data_with_extra is not None and run.serializer.is_stored_whole:
            data_of = self._data_with_extra
        if not run.results and not self.merges:
            return data_of(instance)
        merged = self.merges and run.serializer.has_single_instance
        values = data_of(instance, instance.__pydantic_fields_set__ if merged else None)
        for name, result in run.results.items():
            if instance.__dict__.get(name) is result.attribute:
                set_at(values, source_attributes(self.shape.fields[name].source), result.value)
        return values


class _Rewriter:
    """Makes the core schema of a variant."""

    def __init__(self, shape: Shape, variant: Variant, build_field: BuildField) -> None:
        self.shape = shape
        self.variant = variant
        self.build_field = build_field
        nested = variant.partial and validates_whole(shape)
        self.merges = shape.validates_whole or nested

    def core(self) -> Core:
        root, definitions = definitions_of(core_of(self.shape.schema))
        top = self._top(resolve(root, definitions))
        if not definitions:
            return top
        top.pop("ref", None)
        nested = [rewrite(item, self._nested) for item in definitions.values()]
        return {"type": "definitions", "schema": top, "definitions": nested}

    def _top(self, node: Core) -> Core:
        """Rewrite the payload itself, from its outermost validator inwards."""
        if node["type"] != "model":
            around = {**node, "schema": self._top(node["schema"])}
            if self.variant.partial:
                around = unless_incomplete(around, self.shape)
            return guarded_node(around, whole=True)
        rewritten = self._model(node, self.shape, self._top_field)
        extras = [name for name in self.shape.fields if name not in self.shape.schema.model_fields]
        members = _members(rewritten)
        for name in extras:
            field = self.shape.fields[name]
            if not field.read_only:
                node = self._top_field(field, {"type": "any"})
                members["fields"][name] = {"type": "model-field", "schema": node}
        order = [name for name in self.shape.fields if name in members["fields"]]
        members["fields"] = {name: members["fields"][name] for name in order}
        post_init = self._put_off(rewritten)
        if not self.merges:
            return rewritten
        merge = self._merge(post_init=post_init)
        return dict(core_schema.with_info_after_validator_function(merge, rewritten))

    def _put_off(self, model: Core) -> bool:
        """Keep ``model_post_init`` from running on a part of a model; say if there is one."""
        return self.variant.partial and bool(model.pop("post_init", None))

    def _merge(self, *, post_init: bool) -> Callable[[Any, Info], Any]:
        """Return what lays the client's values over the instance, for validators of the whole."""
        shape = self.shape

        def merge(schema: object, info: Info) -> object:
            whole = schema
            if info.context.serializer.has_single_instance:
                whole = merged_for_validators(info.context, schema, shape)
            return finished(whole, info.context, shape) if post_init else whole

        return merge

    def _model(
        self, node: Core, shape: Shape, rewrite_field: Callable[[FieldShape, Core], Core]
    ) -> Core:
        """Rewrite the fields of one model; error locations use attribute names from here on."""
        if node["type"] == "model-fields":
            fields = self._fields(node, shape, rewrite_field)
            return without_taken(fields, shape) if shape.allows_extra else fields
        copy = {**node, "schema": self._model(node["schema"], shape, rewrite_field)}
        if node["type"] in WRAPPERS:
            return guarded_node(copy, whole=True)
        if node["type"] == "model":
            copy["config"] = {**(node.get("config") or {}), **BY_ATTRIBUTE}
        return copy

    def _fields(
        self, node: Core, shape: Shape, rewrite_field: Callable[[FieldShape, Core], Core]
    ) -> Core:
        config = shape.schema.model_config
        forbids = config.get("extra") == "forbid"
        fields: dict[str, Core] = {}
        for name, field in node["fields"].items():
            described = shape.fields.get(name)
            if described is None:
                continue
            if not described.read_only:
                value = (
                    field["schema"]
                    if shape.has_drf_semantics
                    else answerable(field["schema"], config)
                )
                fields[name] = {**field, "schema": rewrite_field(described, value)}
            elif forbids:
                fields[name] = {**field, "schema": _ignored()}
        return {**node, "fields": fields, "computed_fields": []}

    def _top_field(self, field: FieldShape, node: Core) -> Core:
        if field.limits:
            node = limited_node(node, field.type.core["type"], field.limits)
        if field.name in self.variant.delegated:
            rewritten = rewrite(node, self._nested)
            node = delegated(
                field,
                self._without_default(rewritten),
                has_drf_semantics=self.shape.has_drf_semantics,
            )
        else:
            node = self._field(field, node)
        hook = self.variant.hooks.get(field.name)
        return node if hook is None else hooked(field, node, hook)

    def _field(self, field: FieldShape, node: Core) -> Core:
        """In a partial update nothing is required and no default fills in."""
        node = rewrite(node, self._nested)
        if field.source == "*" and field.type.nullable:
            node = without_null(field, node, self.build_field)
        if not self.variant.partial:
            return node
        return dict(core_schema.with_default_schema(self._without_default(node), default=UNSET))

    def _without_default(self, node: Core) -> Core:
        """In a partial update, take a field's default away."""
        is_default = self.variant.partial and node["type"] == "default"
        return node["schema"] if is_default else node

    def _nested(self, node: Core) -> Core | None:
        if METADATA_KEY in (node.get("metadata") or {}):
            return node
        if node["type"] == "model" and not node.get("root_model"):
            return self._nested_model(node)
        if node["type"] == "function-plain" or is_json_value(node):
            return answerable_json(node) if is_json_value(node) else guarded_node(node)
        if changes := in_json_terms(node):
            return {**rewrite_children(node, self._nested), **changes}
        if node["type"] in WRAPPERS:
            inner = {**node, "schema": rewrite(node["schema"], self._nested)}
            whole = _wraps_model(node)
            if whole and self.variant.partial:
                inner = unless_incomplete(inner)
            return guarded_node(inner, whole=whole)
        if node["type"] == "union":
            choices = [rewrite(choice, self._nested) for choice in union_choices(node)]
            return {**node, "choices": [(choice, str(at)) for at, choice in enumerate(choices)]}
        return None

    def _nested_model(self, node: Core) -> Core:
        model = self._model(node, shape_of(node["cls"]), self._field)
        if not self._put_off(model):
            return model
        reference = model.pop("ref", None)
        finish = dict(core_schema.with_info_after_validator_function(_finish, model))
        return finish if reference is None else {**finish, "ref": reference}


def _members(node: Core) -> Core:
    while node["type"] != "model-fields":
        node = node["schema"]
    return node


def _wraps_model(node: Core) -> bool:
    """Whether a validator node belongs to a model as a whole."""
    while node["type"] in WRAPPERS:
        node = node["schema"]
    return bool(node["type"] == "model")


def _ignored() -> Core:
    """A field that may be sent although it is read-only, and comes to nothing."""
    ignore = core_schema.no_info_plain_validator_function(lambda _value: UNSET)
    return dict(core_schema.with_default_schema(ignore, default=UNSET))


def _finish(schema: object, info: Info) -> Any:
    return finished(schema, info.context)
