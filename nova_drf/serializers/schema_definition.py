"""The definition of a serializer class that is made of a schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from rest_framework.serializers import Serializer
from rest_framework.utils.serializer_helpers import BindingDict

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import field_hook, overrides
from nova_drf.mapping.async_safety import overrides_representation, overrides_validation
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.shape import AnyField, FieldShape, Kind, Shape, TypeShape, by_key
from nova_drf.representation.objects import SchemaReader, schema_reader
from nova_drf.serializers import persistence
from nova_drf.serializers.definition import Definition
from nova_drf.serializers.dynamic_fields import UNCHANGED, Build, FieldChanges, another, made_for
from nova_drf.serializers.field_factory import SchemaFieldBuilder
from nova_drf.serializers.meta import Options, check_names, class_label
from nova_drf.serializers.persistence import ModelFields
from nova_drf.serializers.shapes import ShapeOfClass, with_changes
from nova_drf.validation.bound_fields import needs_serializer
from nova_drf.validation.json_input import JSONInput, json_input
from nova_drf.validation.refusals import Refusals
from nova_drf.validation.request_schema import CompiledRequest, Variant

if TYPE_CHECKING:
    from pydantic import BaseModel


class SchemaDefinition(Definition[CompiledRequest, SchemaReader]):
    """The compiled definition of a serializer class that is made of a schema.

    Args:
        serializer_class: Its ``Meta``, declared fields and ``validate_<field>`` methods are read.
        request_schema: What clients send.
        response_schema: What clients get.
        base: The class of ours that they all derive from; what it has is nobody's own.
        fields: Builds its DRF fields.

    Raises:
        SchemaDefinitionError: Its ``Meta`` does not fit the schemas.
    """

    def __init__(
        self,
        serializer_class: Any,
        request_schema: type[BaseModel],
        response_schema: type[BaseModel],
        *,
        base: type,
        fields: SchemaFieldBuilder,
    ) -> None:
        super().__init__(serializer_class)
        self.base = base
        self.fields = fields
        converted = _is_converted(serializer_class, (request_schema, response_schema))
        self.options = Options.of(serializer_class, only_model=converted)
        self.model: Any = self.options.model
        declared: Mapping[str, AnyField] = serializer_class._declared_fields
        self.declared: Mapping[str, AnyField] = {} if converted else declared
        self.model_fields = None if self.model is None else ModelFields(self.model)
        shapes = ShapeOfClass(
            serializer_class, self.options, self.declared, self.model_fields, base
        )
        request = response = shapes.of(shape_of(request_schema))
        if response_schema is not request_schema:
            response = shapes.of(shape_of(response_schema))
        taken = request.taken | response.taken
        self.request = shapes.without_extra(request, taken)
        self.response = self.request if response is request else response
        self._completing = frozenset(shapes.completing)
        self._text_inputs: dict[bool, JSONInput | None] = {}
        check_names(serializer_class, self.options, self.request, self.response)

    # DRF's fields

    def _build(self, field: FieldShape) -> AnyField:
        known = self.model_fields
        return self.fields.field(field, **({} if known is None else known.column_arguments(field)))

    @cached_property
    def builders(self) -> Mapping[str, Build]:
        """What builds each DRF field of the serializer, by name, in the order of the output."""
        return {name: partial(self._built, field) for name, field in self._described.items()}

    @cached_property
    def _described(self) -> Mapping[str, FieldShape]:
        fields = dict(self.response.fields)
        for name, field in self.request.fields.items():
            if name not in fields:
                fields[name] = replace(field, write_only=True)
        if self.response is not self.request:
            for name, field in self.response.fields.items():
                if name not in self.request.fields:
                    fields[name] = replace(field, read_only=True, required=False)
                elif not field.read_only:
                    fields[name] = self.request.fields[name]
        return {field.field_name: field for field in fields.values()}

    def _built(self, field: FieldShape) -> AnyField:
        return made_for(self._build(field), field.field_name)

    @cached_property
    def renamed(self) -> Mapping[str, FieldShape]:
        """The fields that clients send by another name than they get, by the latter."""
        return {
            field.field_name: field
            for field in self.request.fields.values()
            if field.input_paths != ((field.field_name,),) and not field.read_only
        }

    @cached_property
    def model_validators(self) -> Sequence[Any]:
        """The checks of several columns together that ``Meta.model`` asks for, of the class."""
        if self.model_fields is None:
            return ()
        return self.model_fields.constraint_validators(self._bound_fields)

    def validators_of(self, fields: Mapping[str, AnyField] | None) -> Sequence[Any]:
        """Return the checks of several columns together, as they are now.

        Args:
            fields: The bound fields of one serializer; ``None`` if they are those of the class.
        """
        known = self.model_fields
        if known is None or (fields is None and not self._have_words_of_their_own):
            return self.model_validators
        return known.constraint_validators(self._bound_fields if fields is None else fields)

    @cached_property
    def _have_words_of_their_own(self) -> bool:
        return persistence.have_words_of_their_own(self.model_validators)

    @cached_property
    def _bound_fields(self) -> Mapping[str, AnyField]:
        """The fields of the class, for code that only reads them."""
        fields = BindingDict(Serializer())
        for name, described in self._described.items():
            kept = None if described.type.make is None else described.type.kept
            fields[name] = self.fields.field(described) if kept is None else another(kept)
        return fields

    @cached_property
    def has_validators(self) -> bool:
        """Whether ``Meta`` or the model asks for checks of the payload as a whole."""
        if getattr(self.options.meta, "validators", None) is not None:
            return bool(self.options.meta.validators)
        return bool(self.model_validators)

    @cached_property
    def is_schema_alone(self) -> bool:
        """Whether the class adds nothing to its schema that a document would show."""
        nothing_in_meta = not (self.options.read_only or self.options.write_only or self.model)
        return nothing_in_meta and not self.declared and self.request is self.response

    @cached_property
    def nested(self) -> Mapping[str, type[BaseModel]]:
        """The fields that hold another schema, or several, by name."""
        fields = {**self.request.fields, **self.response.fields}.values()
        return {
            field.field_name: schema
            for field in fields
            if (schema := _schema_inside(field.type)) is not None
        }

    def endless(self, around: Sequence[SchemaDefinition]) -> frozenset[str]:
        """Name the fields with which a schema that contains itself would go on for ever.

        Whoever walks ``fields`` from above sees two levels of it; deeper ones are still there.

        Args:
            around: This definition, and those of the serializers around it.
        """
        schemas = [definition.request.schema for definition in around]
        if not self.nested or schemas.count(self.request.schema) < 3:
            return frozenset()
        return frozenset(name for name, schema in self.nested.items() if schema in schemas)

    # What cannot touch the database

    @cached_property
    def input_is_async_safe(self) -> bool:
        """Whether nothing but the schema checks the input: no method of the class, no model."""
        return not (self.has_validators or overrides_validation(self.serializer_class, self.base))

    @cached_property
    def output_is_async_safe(self) -> bool:
        """Whether the class adds no code of its own to printing."""
        return not overrides_representation(self.serializer_class, self.base)

    # Which fields need the bound field of the serializer

    @cached_property
    def delegated(self) -> frozenset[str]:
        """The attributes whose input only a bound DRF field can check."""
        return frozenset(
            name
            for name, field in self.request.fields.items()
            if needs_serializer(field.type)
            or name in self._completing
            or (self.model_fields is not None and self.model_fields.has_validators(field))
        )

    @cached_property
    def bound_output(self) -> frozenset[str]:
        """The attributes that only a bound DRF field can print."""
        return frozenset(
            name
            for name, field in self.response.fields.items()
            if needs_serializer(field.type, printing=True) and field.type.column is None
        )

    @cached_property
    def writable_fields(self) -> Collection[AnyField]:
        return self.input(UNCHANGED, False).writable_fields.values()

    # Variants

    def compile_input(self, changes: FieldChanges, partial_update: bool) -> CompiledRequest:
        shape, changed = with_changes(self.request, changes, incoming=True)
        variant = Variant(
            partial=partial_update,
            delegated=(self.delegated | changed) & frozenset(shape.fields),
            hooks=self._hooks(shape, changes),
        )
        return CompiledRequest(shape, variant, self.fields.field)

    def text_input(self, partial_update: bool) -> JSONInput | None:
        """Return what validates the text of a body, or ``None`` if it has to be parsed first.

        Args:
            partial_update: Whether it is for a partial update.
        """
        if partial_update not in self._text_inputs:
            asks_serializer = self.delegated or self._hooks(self.request, UNCHANGED)
            self._text_inputs[partial_update] = (
                None if asks_serializer else json_input(self.request, partial=partial_update)
            )
        return self._text_inputs[partial_update]

    @cached_property
    def refusals(self) -> Refusals:
        """What says what is wrong with a payload of which much is."""
        return Refusals(self.request)

    @cached_property
    def leaves_values(self) -> bool:
        """Whether nothing looks at the values of the fields once they are validated."""
        sees = ("run_validators", "validate", "validators", "get_validators")
        users = next(overrides(self.serializer_class, sees), None)
        return users is None and not self.has_validators

    def _hooks(self, shape: Shape, changes: FieldChanges) -> dict[str, str]:
        """Return the ``validate_<field>`` methods by field; any key of a field may name it."""
        fields = by_key(shape.fields.values())
        hooked = self.hooked({key: key for key in fields}, changes)
        keys = {fields[key].name: key for key in hooked}
        keys |= {fields[key].name: key for key in hooked if fields[key].field_name == key}
        return {name: field_hook(key) for name, key in keys.items()}

    def compile_reader(self, changes: FieldChanges, in_partial_update: bool) -> SchemaReader:
        shape, changed = with_changes(self.response, changes, incoming=False)
        bound = (self.bound_output | changed) & frozenset(shape.fields)
        return schema_reader(shape, bound, changed, in_partial_update=in_partial_update)


def _is_converted(serializer_class: Any, schemas: tuple[type[BaseModel], ...]) -> bool:
    """Whether the schema was made from the serializer that the class derives from.

    Then the schema says all that its ``Meta`` and its declared fields do.

    Raises:
        SchemaDefinitionError: It was made from a serializer whose hooks this class lacks.
    """
    conversions = [getattr(schema, "__nova_conversion__", None) for schema in schemas]
    for schema, conversion in zip(schemas, conversions, strict=True):
        if conversion is None or issubclass(serializer_class, conversion.origin):
            continue
        if not conversion.is_exact:
            raise SchemaDefinitionError(
                f"{class_label(serializer_class)}: {schema.__name__} was made from "
                f"{conversion.origin.__qualname__}, whose hooks and fields go on running. "
                f"Subclass SchemaSerializer[{conversion.schema.__name__}]."
            )
    return all(
        conversion is not None and issubclass(serializer_class, conversion.origin)
        for conversion in conversions
    )


def _schema_inside(type_: TypeShape) -> type[BaseModel] | None:
    if type_.kind in (Kind.LIST, Kind.DICT) and type_.item is not None:
        return _schema_inside(type_.item)
    return type_.schema if type_.kind is Kind.SCHEMA else None
