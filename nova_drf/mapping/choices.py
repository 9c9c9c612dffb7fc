"""One of several values: ``Literal`` and enumerations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from inspect import getattr_static
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic_core import core_schema
from rest_framework import fields as drf

from nova_drf.mapping.registry import Convert, FieldMapping
from nova_drf.mapping.shape import EXACT, FAST

if TYPE_CHECKING:
    from nova_drf.mapping.core import Core
    from nova_drf.mapping.shape import TypeShape


class ChoiceMapping(FieldMapping):
    """What all choices share: the raw values stand on the wire and in ``validated_data``."""

    field_class = drf.ChoiceField
    raw_types: ClassVar[frozenset[type]] = frozenset((str, int))

    def members(self, core: Core) -> list[Any]:
        """Return what the annotation names: raw values, or members of an enumeration."""
        raise NotImplementedError

    def matches(self, core: Core) -> bool:
        if core["type"] != self.core_type:
            return False
        members = self.members(core)
        return bool(members) and all(type(_raw(member)) in self.raw_types for member in members)

    def options(self, core: Core) -> dict[str, Any]:
        members = [member for member in self.members(core) if _raw(member) != ""]
        blank = {"allow_blank": True} if len(members) < len(self.members(core)) else {}
        return {"choices": [(_raw(member), _label(member)) for member in members], **blank}

    def native_types(self, shape: TypeShape) -> Collection[type]:
        # ``ChoiceField`` maps a value to the choice with the same text. Where all choices are of
        # one class, that is the value itself, whether it is among them or not.
        classes = {value.__class__ for value, _label in shape.options["choices"]}
        return classes if len(classes) == 1 and classes <= {str, int} else ()

    def fast(self, shape: TypeShape) -> Core | None:
        values = [_raw(member) for member in self.members(shape.core)]
        if len({str(value) for value in values}) < len(values):
            return None
        return _literal(values)

    def alone(self, shape: TypeShape) -> Core | None:
        """Return a validator without DRF's field behind it, which takes and refuses the same.

        Pydantic finds the tags of a union's members in literals only. There is no second way to
        write a text, unless it looks like a value of another type.
        """
        values = [_raw(member) for member in self.members(shape.core)]
        texts = {str(value) for value in values}
        if len(texts) < len(values) or {type(value) for value in values} - {str, int}:
            return None
        if any(type(value) is str and _looks_otherwise(value) for value in values):
            return None
        literal = _spelled([*values, *filter(_is_no_primitive, self.members(shape.core))])
        typed = self.typed(shape)
        if typed is None:
            return literal
        return dict(core_schema.no_info_after_validator_function(typed, literal))

    def represent(self, shape: TypeShape) -> Convert:
        exact = super().represent(shape)

        def represent(value: Any) -> Any:
            return exact(_raw(value))

        return represent


class LiteralMapping(ChoiceMapping):
    """``Literal`` of texts, whole numbers or members of an enumeration, and ``ChoiceField``."""

    core_type = "literal"

    def members(self, core: Core) -> list[Any]:
        return list(core["expected"])

    def typed(self, shape: TypeShape) -> Convert | None:
        members = self.members(shape.core)
        if not any(isinstance(member, Enum) for member in members):
            return None
        by_value = {_raw(member): member for member in members}
        return lambda value: by_value[_raw(value)]

    def plain(self, shape: TypeShape) -> Convert | None:
        return None if self.typed(shape) is None else _raw

    def fast(self, shape: TypeShape) -> Core | None:
        return super().fast(shape) if self.typed(shape) is None else None


class EnumMapping(ChoiceMapping):
    """An ``Enum``, also Django's ``TextChoices`` and ``IntegerChoices``, and ``ChoiceField``.

    The schema holds the member, ``validated_data`` its value, as with ``ChoiceField``.
    """

    core_type = "enum"
    raw_types = frozenset((str, int, float, bool, Decimal))

    def members(self, core: Core) -> list[Any]:
        return list(core["members"])

    def typed(self, shape: TypeShape) -> Convert | None:
        return shape.core["cls"]  # type: ignore[no-any-return]

    def plain(self, shape: TypeShape) -> Convert | None:
        return _raw

    def direct(self, shape: TypeShape) -> Mapping[type, Convert]:
        # Django's fields leave a member on the instance to which it was assigned.
        cls = shape.core["cls"]
        return {cls: attrgetter(_value_attribute(cls))} if self.native_types(shape) else {}

    def fast(self, shape: TypeShape) -> Core | None:
        literal = super().fast(shape)
        if literal is None:
            return None
        member = core_schema.enum_schema(shape.core["cls"], self.members(shape.core), strict=False)
        return dict(core_schema.chain_schema([literal, member]))


def _literal(values: list[Any]) -> Core | None:
    """Return a validator for exactly these texts and whole numbers; ``True`` is no number."""
    texts = [value for value in values if value.__class__ is str]
    numbers = [value for value in values if value.__class__ is int]
    if len(texts) + len(numbers) < len(values):
        return None
    whole = core_schema.chain_schema(
        [core_schema.int_schema(strict=True), core_schema.literal_schema(numbers or [0])]
    )
    if not texts:
        return dict(whole)
    if not numbers:
        return dict(core_schema.literal_schema(texts))
    literal = core_schema.literal_schema(texts)
    return dict(core_schema.union_schema([literal, whole], mode="left_to_right"))


class _WholeNumber(int):
    """A number that equals neither ``True`` nor ``1.0``, as a literal has to."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and not isinstance(other, bool) and int(self) == int(other)

    __hash__ = int.__hash__


def _spelled(values: list[Any]) -> Core:
    """Return literals for texts and members, and for numbers as numbers and as text."""
    numbers = [value for value in values if value.__class__ is int]
    texts = [value for value in values if value.__class__ is not int]
    choices: list[Core] = []
    if texts:
        choices.append(dict(core_schema.literal_schema(texts)))
    if numbers:
        spellings = [*map(_WholeNumber, numbers), *map(str, numbers)]
        literal = core_schema.literal_schema(spellings)
        choices.append(dict(core_schema.no_info_after_validator_function(int, literal)))
    if len(choices) == 1:
        return choices[0]
    labelled = list(zip(choices, (FAST, EXACT), strict=True))
    return {"type": "union", "mode": "left_to_right", "choices": labelled}


def _is_no_primitive(member: Any) -> bool:
    """Whether it is a member of an enumeration that is not also a text or a number."""
    return isinstance(member, Enum) and not isinstance(member, (str, int))


def _looks_otherwise(text: str) -> bool:
    """Whether a text is what ``str()`` makes of some other value that JSON has."""
    if text in ("True", "False", "None") or text[:1] in ("[", "{"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


@cache
def _value_attribute(cls: type[Enum]) -> str:
    """Name where members keep their value: behind ``value``, unless that is the class's own."""
    return "_value_" if getattr_static(cls, "value") is getattr_static(Enum, "value") else "value"


def _raw(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _label(member: Any) -> Any:
    """Return a Django choice's label, or a readable form of a plain member's name."""
    if not isinstance(member, Enum):
        return str(member)
    return getattr(member, "label", member.name.replace("_", " ").capitalize())
