"""The shape of a schema as a serializer class, or one serializer, uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from rest_framework.fields import Field

from nova_drf.core.markers import UNSET
from nova_drf.core.ownership import definer_in
from nova_drf.mapping.from_pydantic import keys_of
from nova_drf.mapping.shape import MISSING, AnyField, FieldShape, Kind, Shape, TypeShape, by_key
from nova_drf.mapping.to_drf import field_arguments
from nova_drf.mapping.validated_data import shared_sources
from nova_drf.serializers import persistence
from nova_drf.serializers.dynamic_fields import UNCHANGED, ChangedField, FieldChanges
from nova_drf.serializers.meta import Options
from nova_drf.serializers.persistence import ModelFields
from nova_drf.validation.column_limits import checked_by_own_code, limited


class ShapeOfClass:
    """Lays a serializer class over its schemas: its ``Meta``, its declared fields, its model.

    Args:
        serializer_class: The class.
        options: What its ``Meta`` says.
        declared: The fields in its body, and in those of its bases.
        model_fields: What its ``Meta.model`` says, if it has one.
        base: The class of ours that it derives from; what that has is nobody's own.

    Attributes:
        completing: The attributes that get a default because a constraint needs one.
    """

    def __init__(
        self,
        serializer_class: Any,
        options: Options,
        declared: Mapping[str, AnyField],
        model_fields: ModelFields | None,
        base: type,
    ) -> None:
        self.serializer_class = serializer_class
        self.options = options
        self.model = options.model
        self.model_fields = model_fields
        self.declared = declared
        self.completing: set[str] = set()
        ours = frozenset(base.__mro__)
        self._users = [cls for cls in serializer_class.__mro__ if cls not in ours]

    def of(self, shape: Shape) -> Shape:
        """Return the shape of a schema as the class uses it."""
        fields = {
            name: self._field(field)
            for name, field in shape.fields.items()
            if not any(map(self._is_taken_away, field.keys))
        }
        named = by_key(fields.values()) if self.declared else {}
        for field_name, declared in self.declared.items():
            name = named[field_name].name if field_name in named else field_name
            fields[name] = self._declared_field(field_name, declared, fields.get(name))
        effective = replace(shape, fields=fields)
        if self.model_fields is None:
            return effective
        return self._with_model(effective, self.model_fields)

    def without_extra(self, shape: Shape, taken: frozenset[str]) -> Shape:
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

    def _is_taken_away(self, field_name: str) -> bool:
        """Whether the class, or a base of it, says ``name = None``, as in DRF."""
        if field_name in self.declared:
            return False
        definer = definer_in(self._users, field_name)
        return definer is not None and vars(definer)[field_name] is None

    def _field(self, field: FieldShape) -> FieldShape:
        names = {field.name, *field.keys}
        if names & self.options.read_only:
            # As ModelSerializer does with its own: what a client cannot send has no default.
            field = replace(
                field, read_only=True, required=False, default=MISSING, default_factory=None
            )
        if names & self.options.write_only:
            field = replace(field, write_only=True)
        if field.type.kind is Kind.KEPT and field.type.kept is not None:
            return self._kept(field, field.type.kept)
        return field

    def _kept(self, field: FieldShape, kept: AnyField) -> FieldShape:
        """Describe a field that ``UseField`` keeps, with what the schema says about it."""
        read_only = kept.read_only or field.read_only
        return replace(
            field,
            type=_kept_type(kept, field),
            source=kept._kwargs.get("source") or field.source,
            read_only=read_only,
            write_only=kept.write_only or field.write_only,
            required=kept.required and not read_only,
        )

    def _declared_field(
        self, field_name: str, declared: AnyField, field: FieldShape | None
    ) -> FieldShape:
        """Describe a field declared in the class body; it says itself in which way it goes."""
        name = field_name if field is None else field.name
        return FieldShape(
            name=name,
            field_name=field_name,
            input_paths=((field_name,),) if field is None else field.input_paths,
            source=declared._kwargs.get("source") or field_name,
            type=_kept_type(declared, field),
            required=declared.required,
            read_only=declared.read_only,
            write_only=declared.write_only,
        )

    def _with_model(self, shape: Shape, model_fields: ModelFields) -> Shape:
        fields = dict(shape.fields)
        sources = {
            name: source
            for name, field in fields.items()
            if (source := persistence.relation_source(self.model, field)) is not None
        }
        self._complete(fields, sources, model_fields)
        for name, source in sources.items():
            fields[name] = self._relation(fields[name], source, model_fields)
        own = checked_by_own_code(shape.schema)
        for name, field in fields.items():
            limits = {} if name in own else model_fields.limits(field)
            if limits:
                fields[name] = replace(field, type=limited(field.type, limits), limits=limits)
        return replace(shape, fields=fields)

    def _complete(
        self, fields: dict[str, FieldShape], relations: Mapping[str, str], known: ModelFields
    ) -> None:
        """Give constraints of several columns the defaults that DRF completes them with.

        Args:
            fields: The fields; they are changed.
            relations: The relations among them, by the names of the fields.
            known: What the model says.
        """
        by_source = {relations.get(name, field.source): name for name, field in fields.items()}
        taken = {field.field_name for field in fields.values()}
        for column, default in known.completing(by_source).items():
            name = by_source.get(column)
            if name is None:
                if column not in taken:
                    fields[column] = self._declared_field(column, default, None)
            elif _may_be_completed(fields[name]):
                fields[name] = replace(fields[name], default=default)
                self.completing.add(name)

    def _relation(self, field: FieldShape, source: str, known: ModelFields) -> FieldShape:
        arguments = field_arguments(replace(field, source=source))
        if field.type.nullable and not field.read_only:
            arguments["allow_null"] = True
        kept = known.relation(source, arguments, as_template=True)
        type_ = TypeShape(
            Kind.KEPT,
            field.type.core,
            kept=kept,
            make=partial(known.relation, source, arguments),
            relation=field.type,
            column=persistence.key_column(self.model, source, kept),
        )
        return replace(field, source=source, type=type_)


def _kept_type(kept: AnyField, field: FieldShape | None) -> TypeShape:
    """Describe the value of a classic field in the place of one of the schema's, if any."""
    if field is None:
        return TypeShape(Kind.KEPT, {}, kept=kept)
    if field.type.kind is Kind.KEPT:
        return replace(field.type, kept=kept)
    return TypeShape(Kind.KEPT, {}, kept=kept, held=field.type)


def _may_be_completed(field: FieldShape) -> bool:
    """Whether a client may leave a field out, and nothing says yet what it is then."""
    return field.default is UNSET and not field.read_only and field.type.kind is not Kind.KEPT


def with_changes(
    shape: Shape, changes: FieldChanges, *, incoming: bool
) -> tuple[Shape, frozenset[str]]:
    """Describe the fields that one serializer has, and name those that must run themselves.

    Its ``__init__``, or a view, may have taken fields away, added some or changed them. From then
    on such a bound field itself checks and prints its value.

    Args:
        shape: What its class has.
        changes: How its fields differ from those.
        incoming: Whether values come in, rather than go out.
    """
    if changes is UNCHANGED:
        return shape, frozenset()
    known = {field.field_name: field for field in shape.fields.values()}
    bound = {field.name: field for field in changes.fields}
    fields: dict[str, FieldShape] = {}
    changed: set[str] = set()
    names = changes.names
    if names is None:
        names = (*known, *(name for name in bound if name not in known))
    for name in names:
        field, now = known.get(name), bound.get(name)
        if now is not None:
            field = _changed_field(field, now, incoming=incoming)
            if field is not None and (incoming or _prints_itself(shape, field, now)):
                changed.add(field.name)
        if field is not None:
            fields[field.name] = field
    return replace(shape, fields=fields), frozenset(changed)


def _changed_field(
    field: FieldShape | None, now: ChangedField, *, incoming: bool
) -> FieldShape | None:
    """Describe a bound field as it stands now; ``None`` if it has no part in this direction."""
    if field is None:
        if now.read_only if incoming else now.write_only:
            return None
        field = _added_field(now.name)
    if now.replaced:
        field = replace(field, type=_kept_type(Field(), field), source=now.source)
    return replace(field, read_only=now.read_only, write_only=now.write_only)


def _added_field(name: str) -> FieldShape:
    type_ = TypeShape(Kind.KEPT, {}, kept=Field())
    return FieldShape(name=name, field_name=name, input_paths=((name,),), source=name, type=type_)


def _prints_itself(shape: Shape, field: FieldShape, now: ChangedField) -> bool:
    """Whether a changed field prints its values from now on.

    What the schema computes, or serializes in its own way, only the schema can print.
    """
    return now.replaced or not (field.computed or shape.serializes_itself)
