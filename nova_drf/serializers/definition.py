"""What a :class:`~nova_drf.SchemaSerializer` class is: worked out once, used by every request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.markers import UNSET
from nova_drf.core.settings import get_setting
from nova_drf.mapping.async_safety import overrides_representation, overrides_validation
from nova_drf.mapping.from_pydantic import keys_of, shape_of
from nova_drf.mapping.shape import MISSING, AnyField, FieldShape, Kind, Shape, TypeShape
from nova_drf.mapping.to_drf import field_arguments
from nova_drf.mapping.validated_data import shared_sources
from nova_drf.representation.objects import SchemaReader, schema_reader
from nova_drf.serializers import persistence
from nova_drf.serializers.dynamic_fields import UNCHANGED, Dynamics, made_for
from nova_drf.serializers.field_factory import SchemaFieldBuilder
from nova_drf.serializers.touched_fields import as_touched
from nova_drf.validation.bound_fields import needs_serializer
from nova_drf.validation.request_schema import InputPlan, Variant

if TYPE_CHECKING:
    from pydantic import BaseModel


def _cached(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the variants of a class that are in use; dynamic fields make new ones."""
    kept: Callable[..., Any] = lru_cache(maxsize=get_setting("VARIANTS_PER_CLASS"))(function)
    return kept


class Blueprint:
    """The compiled metadata of one serializer class.

    Args:
        serializer_class: Its ``Meta``, declared fields and ``validate_<field>`` methods are read.
        request_schema: What clients send.
        response_schema: What clients get.
        base: The class of ours that they all derive from; what it has is nobody's own.
        fields: Builds its DRF fields.
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
        self.serializer_class = serializer_class
        self.base = base
        self.fields = fields
        converted = self._is_converted(request_schema, response_schema)
        self.meta: Any = getattr(serializer_class, "Meta", None)
        self.model: Any = self._meta_model()
        self.read_only = frozenset() if converted else self._meta_names("read_only_fields")
        self.write_only = frozenset() if converted else self._meta_names("write_only_fields")
        declared: Mapping[str, AnyField] = serializer_class._declared_fields
        self.declared: Mapping[str, AnyField] = {} if converted else declared
        self._completing: set[str] = set()
        self.request = self._effective(shape_of(request_schema))
        self.response = (
            self.request
            if response_schema is request_schema
            else self._effective(shape_of(response_schema))
        )
        taken = self.request.taken | self.response.taken
        self.request = self._without_extra(self.request, taken)
        if response_schema is request_schema:
            self.response = self.request
        self._check_names()
        self.plan: Callable[[bool, Dynamics], InputPlan] = _cached(self._plan)
        self.reader: Callable[[Dynamics, bool], SchemaReader] = _cached(self._reader)

    def _is_converted(self, *schemas: type[BaseModel]) -> bool:
        """Whether the schema was made from the serializer that the class derives from.

        Then the schema says all that its ``Meta`` and its declared fields do.

        Raises:
            SchemaDefinitionError: It was made from a serializer whose hooks this class lacks.
        """
        made = [getattr(schema, "__nova_conversion__", None) for schema in schemas]
        for schema, conversion in zip(schemas, made, strict=True):
            if conversion is None or issubclass(self.serializer_class, conversion.origin):
                continue
            if not conversion.is_exact:
                raise SchemaDefinitionError(
                    f"{self._where}: {schema.__name__} was made from "
                    f"{conversion.origin.__qualname__}, whose hooks and fields go on running. "
                    f"Subclass SchemaSerializer[{conversion.schema.__name__}]."
                )
        return all(
            conversion is not None and issubclass(self.serializer_class, conversion.origin)
            for conversion in made
        )

    # The shapes that this class uses

    def _meta_model(self) -> Any:
        model = getattr(self.meta, "model", None)
        if model is not None and not (isinstance(model, type) and issubclass(model, Model)):
            raise SchemaDefinitionError(
                f"{self._where}.Meta.model: {model!r} is not a Django model. "
                "Name the model's class."
            )
        return model

    def _meta_names(self, option: str) -> frozenset[str]:
        names = getattr(self.meta, option, None) or ()
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise SchemaDefinitionError(
                f"{self._where}.Meta.{option}: expected a list or tuple of field names, "
                f"got {names!r}. Write it as a tuple of strings."
            )
        return frozenset(names)

    @property
    def _where(self) -> str:
        return f"{self.serializer_class.__module__}.{self.serializer_class.__qualname__}"

    def _check_names(self) -> None:
        known = {
            field.wire_name
            for field in (*self.request.fields.values(), *self.response.fields.values())
        }
        known |= {*self.request.fields, *self.response.fields}
        for option, names in (
            ("read_only_fields", self.read_only),
            ("write_only_fields", self.write_only),
        ):
            # What a Meta inherits is about another class's fields as well; DRF passes over it.
            own = option in vars(self.meta or object)
            for name in sorted(names - known if own else ()):
                raise SchemaDefinitionError(
                    f"{self._where}.Meta.{option}: {self.request.schema.__name__} has no field "
                    f"{name!r}. Its fields are: {', '.join(sorted(known))}."
                )
        for name in sorted(self.read_only & self.write_only):
            raise SchemaDefinitionError(
                f"{self._where}.Meta: {name!r} is in read_only_fields and in write_only_fields. "
                "Keep one of the two."
            )
        for field in (*self.request.fields.values(), *self.response.fields.values()):
            if field.read_only and field.write_only:
                raise SchemaDefinitionError(
                    f"{self._where}: {field.wire_name!r} is read-only and write-only. "
                    "Keep one of the two."
                )

    def _effective(self, shape: Shape) -> Shape:
        """Lay the serializer class over a schema: its Meta, its declared fields, its model."""
        fields = {
            name: self._field(field)
            for name, field in shape.fields.items()
            if not self._is_taken_away(field.wire_name)
        }
        by_wire_name = {field.wire_name: name for name, field in fields.items()}
        for wire_name, declared in self.declared.items():
            name = by_wire_name.get(wire_name, wire_name)
            fields[name] = self._declared_field(wire_name, declared, fields.get(name))
        effective = replace(shape, fields=fields)
        return self._with_model(effective) if self.model is not None else effective

    def _without_extra(self, shape: Shape, taken: frozenset[str]) -> Shape:
        """Keep extra values from under the names of fields, and from all but whole columns."""
        taken |= keys_of(shape.fields.values())
        if self.model is None:
            return replace(shape, taken=taken)
        shared = shared_sources(shape)
        fields = {
            name: replace(field, type=replace(field.type, stored_whole=True))
            if field.source not in shared and persistence.is_column(self.model, field.source)
            else field
            for name, field in shape.fields.items()
        }
        return replace(shape, fields=fields, taken=taken)

    def _is_taken_away(self, wire_name: str) -> bool:
        """Whether the class, or a base of it, says ``name = None``, as in DRF."""
        if wire_name in self.declared:
            return False
        ours = frozenset(self.base.__mro__)
        users = (base for base in self.serializer_class.__mro__ if base not in ours)
        said = next((vars(base) for base in users if wire_name in vars(base)), {wire_name: ...})
        return said[wire_name] is None

    def _field(self, field: FieldShape) -> FieldShape:
        names = {field.name, field.wire_name}
        if names & self.read_only:
            # As ModelSerializer does with its own: what a client cannot send has no default.
            field = replace(
                field, read_only=True, required=False, default=MISSING, default_factory=None
            )
        if names & self.write_only:
            field = replace(field, write_only=True)
        if field.type.kind is Kind.KEPT and field.type.kept is not None:
            return self._kept(field, field.type.kept)
        return field

    def _kept(self, field: FieldShape, kept: AnyField) -> FieldShape:
        """Describe a field that ``UseField`` keeps, with what the schema says about it."""
        read_only = kept.read_only or field.read_only
        return replace(
            field,
            type=TypeShape(Kind.KEPT, {}, kept=kept),
            source=kept._kwargs.get("source") or field.source,
            read_only=read_only,
            write_only=kept.write_only or field.write_only,
            required=kept.required and not read_only,
        )

    def _declared_field(
        self, wire_name: str, declared: AnyField, field: FieldShape | None
    ) -> FieldShape:
        """Describe a field declared in the class body; it says itself in which way it goes."""
        name = wire_name if field is None else field.name
        return FieldShape(
            name=name,
            wire_name=wire_name,
            input_name=wire_name if field is None else field.input_name,
            source=declared._kwargs.get("source") or wire_name,
            type=TypeShape(Kind.KEPT, {}, kept=declared),
            required=declared.required,
            read_only=declared.read_only,
            write_only=declared.write_only,
        )

    def _with_model(self, shape: Shape) -> Shape:
        fields = dict(shape.fields)
        for name, field in shape.fields.items():
            source = persistence.relation_source(self.model, field)
            if source is not None:
                fields[name] = self._relation(field, source)
        self._complete(fields)
        return replace(shape, fields=fields)

    def _complete(self, fields: dict[str, FieldShape]) -> None:
        """Give constraints of several columns the defaults that DRF completes them with."""
        by_source = {field.source: name for name, field in fields.items()}
        taken = {field.wire_name for field in fields.values()}
        for column, kept in persistence.completing_fields(self.model, by_source).items():
            name = by_source.get(column)
            if name is None:
                if column not in taken:
                    fields[column] = self._declared_field(column, kept, None)
            elif _may_be_completed(fields[name]):
                fields[name] = replace(fields[name], default=kept.default)
                self._completing.add(name)

    def _relation(self, field: FieldShape, source: str) -> FieldShape:
        arguments = field_arguments(replace(field, source=source))
        if field.type.nullable and not field.read_only:
            arguments["allow_null"] = True
        kept = persistence.relation_field(self.model, source, arguments)
        type_ = TypeShape(
            Kind.KEPT,
            field.type.core,
            kept=kept,
            relation=field.type,
            column=persistence.key_column(self.model, source, kept),
        )
        return replace(field, source=source, type=type_)

    # DRF's fields

    def _build(self, field: FieldShape) -> AnyField:
        if self.model is None or field.read_only or field.type.kind is Kind.KEPT:
            return self.fields.field(field)
        validators = self._unique(field)
        arguments = {"validators": validators} if validators else {}
        return self.fields.field(field, **arguments)

    def _unique(self, field: FieldShape) -> list[Any]:
        if field.name not in self._unique_by_name:
            self._unique_by_name[field.name] = persistence.unique_validators(self.model, field)
        return self._unique_by_name[field.name]

    @cached_property
    def _unique_by_name(self) -> dict[str, list[Any]]:
        return {}

    @cached_property
    def builders(self) -> dict[str, Callable[[], AnyField]]:
        """What builds each DRF field of the serializer, by wire name in wire order."""
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
        return {field.wire_name: partial(self._built, field) for field in fields.values()}

    def _built(self, field: FieldShape) -> AnyField:
        return made_for(self._build(field), field.wire_name)

    @cached_property
    def model_validators(self) -> tuple[Any, ...]:
        """The checks of several columns together that ``Meta.model`` asks for."""
        if self.model is None:
            return ()
        fields = {name: build() for name, build in self.builders.items()}
        return persistence.constraint_validators(self.model, fields)

    @cached_property
    def has_validators(self) -> bool:
        """Whether ``Meta`` or the model asks for checks of the payload as a whole."""
        if getattr(self.meta, "validators", None) is not None:
            return bool(self.meta.validators)
        return bool(self.model_validators)

    @cached_property
    def is_schema_alone(self) -> bool:
        """Whether the class adds nothing to its schema that a document would show."""
        nothing_in_meta = not (self.read_only or self.write_only or self.model)
        return nothing_in_meta and not self.declared and self.request is self.response

    @cached_property
    def nested(self) -> Mapping[str, type[BaseModel]]:
        """The fields that hold another schema, or several, by wire name."""
        fields = {**self.request.fields, **self.response.fields}.values()
        return {
            field.wire_name: schema
            for field in fields
            if (schema := _schema_inside(field.type)) is not None
        }

    # What cannot touch the database

    @cached_property
    def validates_purely(self) -> bool:
        """Whether nothing but the schema checks the input: no method of the class, no model."""
        return not (self.has_validators or overrides_validation(self.serializer_class, self.base))

    @cached_property
    def prints_purely(self) -> bool:
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
            or (self.model is not None and not field.read_only and bool(self._unique(field)))
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
    def full_plan(self) -> InputPlan:
        """The plan for fields that nobody touched; nearly every request uses it."""
        return self.plan(False, UNCHANGED)

    @cached_property
    def partial_plan(self) -> InputPlan:
        """The same for partial updates."""
        return self.plan(True, UNCHANGED)

    @cached_property
    def plain_reader(self) -> SchemaReader:
        """The reader for fields that nobody touched."""
        return self.reader(UNCHANGED, False)

    def _plan(self, partial_update: bool, dynamics: Dynamics) -> InputPlan:
        shape, changed = as_touched(self.request, dynamics, incoming=True)
        variant = Variant(
            partial=partial_update,
            delegated=(self.delegated | changed) & frozenset(shape.fields),
            hooked=self._hooked(shape, dynamics.hooks),
        )
        return InputPlan(shape, variant, self.fields.field)

    def _hooked(self, shape: Shape, hooks: frozenset[str]) -> frozenset[str]:
        """Name the fields with a ``validate_<field>`` method; also those that an instance adds."""
        methods = {name: f"validate_{field.wire_name}" for name, field in shape.fields.items()}
        return frozenset(
            name
            for name, method in methods.items()
            if method in hooks or hasattr(self.serializer_class, method)
        )

    def _reader(self, dynamics: Dynamics, in_partial_update: bool) -> SchemaReader:
        shape, changed = as_touched(self.response, dynamics, incoming=False)
        bound = (self.bound_output | changed) & frozenset(shape.fields)
        return schema_reader(shape, bound, changed, in_partial_update=in_partial_update)


def _may_be_completed(field: FieldShape) -> bool:
    """Whether a client may leave a field out, and nothing says yet what it is then."""
    return field.default is UNSET and not field.read_only and field.type.kind is not Kind.KEPT


def _schema_inside(type_: TypeShape) -> type[BaseModel] | None:
    if type_.kind in (Kind.LIST, Kind.DICT) and type_.item is not None:
        return _schema_inside(type_.item)
    return type_.schema if type_.kind is Kind.SCHEMA else None
