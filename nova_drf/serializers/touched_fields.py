"""Fields of one serializer that somebody touched: what a schema looks like with them.

A serializer's ``__init__``, or a view, may have taken fields away, added some or changed them. From
then on the bound field itself checks and prints its value.
"""

from __future__ import annotations

from dataclasses import replace

from rest_framework.fields import Field

from nova_drf.mapping.shape import FieldShape, Kind, Shape, TypeShape
from nova_drf.serializers.dynamic_fields import UNCHANGED, Dynamics, Touched


def as_touched(shape: Shape, dynamics: Dynamics, *, incoming: bool) -> tuple[Shape, frozenset[str]]:
    """Describe the fields that one serializer has, and say which must speak for themselves.

    Args:
        shape: What its class has.
        dynamics: How its fields differ from those.
        incoming: Whether values come in, rather than go out.
    """
    if dynamics is UNCHANGED:
        return shape, frozenset()
    known = {field.wire_name: field for field in shape.fields.values()}
    touched = {field.name: field for field in dynamics.touched}
    fields: dict[str, FieldShape] = {}
    changed: set[str] = set()
    names = dynamics.names
    if names is None:
        names = (*known, *(name for name in touched if name not in known))
    for name in names:
        field, now = known.get(name), touched.get(name)
        if now is not None:
            field = _field_as_touched(field, now, incoming=incoming)
            if field is not None and (incoming or _prints_itself(shape, field, now)):
                changed.add(field.name)
        if field is not None:
            fields[field.name] = field
    return replace(shape, fields=fields), frozenset(changed)


def _field_as_touched(
    field: FieldShape | None, now: Touched, *, incoming: bool
) -> FieldShape | None:
    """Describe a bound field as it stands now; ``None`` if it has no part in this direction."""
    if field is None:
        if now.read_only if incoming else now.write_only:
            return None
        field = _added_field(now.name)
    if now.replaced:
        field = replace(field, type=TypeShape(Kind.KEPT, {}, kept=Field()), source=now.source)
    return replace(field, read_only=now.read_only, write_only=now.write_only)


def _added_field(name: str) -> FieldShape:
    type_ = TypeShape(Kind.KEPT, {}, kept=Field())
    return FieldShape(name=name, wire_name=name, input_name=name, source=name, type=type_)


def _prints_itself(shape: Shape, field: FieldShape, now: Touched) -> bool:
    """Whether a touched field prints its values from now on.

    What the schema computes, or serializes in its own way, only the schema can print.
    """
    return now.replaced or not (field.computed or shape.serializes_itself)
