"""From the neutral description to DRF: the field that means what a shape says."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from rest_framework.fields import DictField, JSONField, ListField

from nova_drf.core.markers import UNSET
from nova_drf.mapping.model_config import sendable
from nova_drf.mapping.shape import MISSING, FieldBase, FieldShape, Kind, TypeShape, is_untyped

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField


class AbsenceField(FieldBase):
    """Knows what it means that a value is missing or ``None``, and nothing of other values.

    DRF wants a class of its own of each field that may be read-only.
    """


class FieldBuilder:
    """Builds DRF fields: those of single values, and of lists and dictionaries of them.

    What takes a serializer, or Pydantic itself, is for a subclass; here it is an
    :class:`AbsenceField`.
    """

    def build(self, type_: TypeShape, **arguments: Any) -> AnyField:
        """Build the DRF field of a value.

        Args:
            type_: What the value is.
            arguments: Further keyword arguments of the field: ``required``, ``source``, ...
        """
        if type_.kind is Kind.KEPT and type_.kept is not None:
            return copy.deepcopy(type_.kept) if type_.make is None else type_.make()
        if type_.nullable:
            arguments.setdefault("allow_null", True)
        if type_.kind is Kind.SCALAR and type_.mapping is not None:
            return type_.mapping.load_field_class()(**{**type_.options, **arguments})
        if type_.kind is Kind.SCHEMA:
            return self.nested(type_, **arguments)
        if type_.kind is Kind.LIST:
            return self.list(type_, **arguments)
        if type_.kind is Kind.DICT:
            return DictField(**self._child(type_), **_options(type_), **arguments)
        return self.other(type_, **arguments)

    def list(self, type_: TypeShape, **arguments: Any) -> AnyField:
        """Build the field of a list."""
        return ListField(**self._child(type_), **_options(type_), **arguments)

    def nested(self, type_: TypeShape, **arguments: Any) -> AnyField:
        """Build the field of a nested schema."""
        return AbsenceField(**arguments)

    def other(self, type_: TypeShape, **arguments: Any) -> AnyField:
        """Build the field of a value for which DRF has none."""
        return AbsenceField(**arguments)

    def _child(self, type_: TypeShape) -> dict[str, AnyField]:
        """Return the ``child`` argument; untyped items stay unvalidated, as DRF's default is."""
        if type_.item is None:
            return {}
        child = self.build(type_.item)
        return {} if type(child) is JSONField else {"child": child}


def _options(type_: TypeShape) -> dict[str, Any]:
    """Return the options of a list or dictionary.

    DRF leaves untyped items, and the keys of a dictionary, unvalidated, also what no answer could
    hold.
    """
    is_checked = type_.kind is Kind.LIST and not is_untyped(type_.item)
    return dict(type_.options) if is_checked else {"validators": [sendable], **type_.options}


def field_arguments(shape: FieldShape) -> dict[str, Any]:
    """Return the keyword arguments that every DRF field takes: presence, direction, texts."""
    arguments: dict[str, Any] = {}
    if shape.source != shape.field_name:
        arguments["source"] = shape.source
    if shape.label is not None:
        arguments["label"] = shape.label
    if shape.help_text is not None:
        arguments["help_text"] = shape.help_text
    if shape.write_only:
        arguments["write_only"] = True
    if shape.read_only:
        arguments["read_only"] = True
    return {**arguments, **_presence(shape)}


def _presence(shape: FieldShape) -> dict[str, Any]:
    """Return the arguments that say what an absent value means."""
    if shape.default_factory is not None:
        return {"default": shape.default_factory}
    if shape.default is UNSET:
        return {} if shape.read_only else {"required": False}
    if shape.default is MISSING:
        return {}
    # As DRF copies the fields that a class declares.
    is_container = shape.default.__class__ in (list, dict, set)
    return {"default": copy.deepcopy(shape.default) if is_container else shape.default}
