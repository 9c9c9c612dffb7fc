"""One of several values: ``Literal`` and enumerations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from inspect import getattr_static
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.utils.functional import Promise
from pydantic_core import core_schema
from rest_framework import fields as drf

from nova_drf.mapping.described import Described
from nova_drf.mapping.inputs import Inputs
from nova_drf.mapping.registry import Convert, FieldMapping, PrintColumn
from nova_drf.mapping.shape import EXACT, FAST

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


class ChoiceMapping(FieldMapping):
    """What all choices share: clients and ``validated_data`` have the raw values."""

    field_class: ClassVar[type[AnyField] | str] = drf.ChoiceField
    input = ("_choices", "allow_blank", "choice_strings_to_values", "grouped_choices")
    required_arguments: ClassVar[Mapping[str, Any]] = {"choices": ()}
    widget: ClassVar[str] = "django.forms.Select"
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

        Pydantic finds the tags of a union's members in literals only. A text has a second way to be
        written if it is the text of another value: DRF takes the number 1 for ``"1"``.
        """
        values = [_raw(member) for member in self.members(shape.core)]
        texts = {str(value) for value in values}
        if len(texts) < len(values) or {type(value) for value in values} - {str, int}:
            return None
        if any(type(value) is str and _is_of_no_literal(value) for value in values):
            return None
        literal = _spelled([*values, *filter(_is_no_primitive, self.members(shape.core))])
        typed = self.typed(shape)
        if typed is None:
            return literal
        return dict(core_schema.no_info_after_validator_function(typed, literal))

    def represent(self, shape: TypeShape) -> Convert:
        exact, native = super().represent(shape), self.native_types(shape)

        def represent(value: object) -> object:
            raw = _raw(value)
            return raw if raw.__class__ in native else exact(raw)

        return represent

    def inputs(self, field: AnyField) -> Inputs | None:
        values = list(field.choices)
        return Inputs(values, ("zz", "", ["a"], {"a": 1}, *map(str, values[:3])))


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

    def validated(self, shape: TypeShape) -> Convert | None:
        return None if self.typed(shape) is None else _raw

    def fast(self, shape: TypeShape) -> Core | None:
        return super().fast(shape) if self.typed(shape) is None else None

    def description(self, field: AnyField) -> Described | None:
        values = literal_values(field)
        if values is None:
            return None
        return Described(Literal[tuple(values)], attributes=frozenset(self.input))

    def field_options(self, field: AnyField) -> dict[str, Any]:
        return {"choices": list(field.choices.items()), "allow_blank": field.allow_blank}

    def field_core(self, field: AnyField) -> Core:
        return {"type": "literal", "expected": _values_with_blank(field)}

    def is_steady(self, field: AnyField) -> bool:
        return _are_steady(field._args[0] if field._args else field._kwargs.get("choices"))

    def is_narrow(self, field: AnyField) -> bool:
        """Whether the choices have different texts."""
        return _are_told_apart(list(field.choices))


def literal_values(field: AnyField) -> list[Any] | None:
    """Return the values of a choice as a ``Literal`` lists them, or ``None`` if it cannot."""
    values = _values_with_blank(field)
    is_blank_refused = "" in values and not field.allow_blank
    return values if _are_told_apart(values) and not is_blank_refused else None


def _are_steady(choices: Any) -> bool:
    """Whether choices are listed, rather than made anew by a function or an iterator."""
    if isinstance(choices, type):
        return issubclass(choices, Enum)
    if choices.__class__ is dict:
        choices = list(choices.items())
    if choices.__class__ not in (list, tuple):
        return False
    pairs = (choice for choice in choices if isinstance(choice, (list, tuple)))
    return all(_are_steady(last) for *_, last in pairs if _is_group(last))


def _is_group(label: object) -> bool:
    return isinstance(label, Iterable) and not isinstance(label, (str, Promise))


def _values_with_blank(field: AnyField) -> list[Any]:
    values = list(field.choices)
    return [*values, ""] if field.allow_blank and "" not in values else values


def _are_told_apart(values: list[Any]) -> bool:
    """Whether they are texts and whole numbers, at least one, of which no two have one text."""
    if not values or any(value.__class__ not in (str, int) for value in values):
        return False
    return len({str(value) for value in values}) == len(values)


class MultipleChoiceMapping(LiteralMapping):
    """``MultipleChoiceField``, which no type stands for."""

    field_class = drf.MultipleChoiceField
    runs_itself = True
    widget = "django.forms.SelectMultiple"

    def matches(self, core: Core) -> bool:
        return False

    def description(self, field: AnyField) -> Described | None:
        values = literal_values(field)
        if values is None:
            return None
        # Whether several choices are a list or a set is what the installed DRF makes of none.
        collection: Any = type(field.to_internal_value([])) if field.allow_empty else list
        attributes = frozenset((*LiteralMapping.input, "allow_empty"))
        left = ("the semantics of MultipleChoiceField",)
        return Described(collection[Literal[tuple(values)]], attributes=attributes, left=left)

    def inputs(self, field: AnyField) -> Inputs | None:
        values = list(field.choices)
        some = [values[start:end] for start in range(3) for end in range(start, start + 3)]
        last = str(values[min(len(values), 3) - 1]) if values else {"a": 1}
        return Inputs([*some, values[:1] * 2], ({"a": 1}, ["zz"], [last] * 2))


class FilePathMapping(FieldMapping):
    """``FilePathField``, which no type stands for."""

    python_type: ClassVar[object] = str
    field_class = drf.FilePathField
    runs_itself = True

    def matches(self, core: Core) -> bool:
        return False

    def description(self, field: AnyField) -> Described | None:
        left = ("that it is one of the paths that are there",)
        return Described(str, attributes=frozenset(vars(field)), left=left)


class EnumMapping(ChoiceMapping):
    """An ``Enum``, also Django's ``TextChoices`` and ``IntegerChoices``, and ``ChoiceField``.

    The schema holds the member, ``validated_data`` its value, as with ``ChoiceField``.
    """

    core_type = "enum"
    raw_types = frozenset((str, int, float, bool, Decimal))

    def members(self, core: Core) -> list[Any]:
        return list(core["members"])

    def typed(self, shape: TypeShape) -> Convert | None:
        return shape.core["cls"]  # type: ignore[no-any-return]  # a core schema is not typed

    def validated(self, shape: TypeShape) -> Convert | None:
        return _raw

    def represent(self, shape: TypeShape) -> Convert:
        exact, cls = super().represent(shape), shape.core["cls"]
        if not self.native_types(shape):
            return exact
        # Django's fields leave a member on the instance to which it was assigned.
        value_of = attrgetter(_value_attribute(cls))
        return lambda value: value_of(value) if value.__class__ is cls else exact(value)

    def column(self, shape: TypeShape) -> Mapping[type, PrintColumn]:
        cls = shape.core["cls"]
        value_of = attrgetter(_value_attribute(cls))
        return {cls: lambda values: list(map(value_of, values))} if self.native_types(shape) else {}

    def fast(self, shape: TypeShape) -> Core | None:
        literal = super().fast(shape)
        if literal is None:
            return None
        member = core_schema.enum_schema(shape.core["cls"], self.members(shape.core), strict=False)
        return dict(core_schema.chain_schema([literal, member]))

    def in_json(self, shape: TypeShape) -> Core | None:
        return super().fast(shape)

    def of_json(self, shape: TypeShape) -> Convert | None:
        return None


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


class _Spelling:
    """A value as a literal has to hold it: ``1`` equals neither ``True`` nor ``1.0``."""

    def __init__(self, value: bool | float) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, type(self._value))
            and isinstance(other, bool) == isinstance(self._value, bool)
            and other == self._value
        )

    def __hash__(self) -> int:
        return hash(self._value)

    def __str__(self) -> str:
        return str(self._value)

    __repr__ = __str__


def _spelled(values: list[Any]) -> Core:
    """Return literals for texts and members, and for what DRF takes in two ways in both of them."""
    spellings = {value: _spellings(value) for value in values}
    once = [value for value in values if len(spellings[value]) == 1]
    twice = {str(value): value for value in values if len(spellings[value]) > 1}
    choices: list[Core] = []
    if once:
        choices.append(dict(core_schema.literal_schema(once)))
    if twice:
        literal = core_schema.literal_schema(
            [spelling for value in twice.values() for spelling in spellings[value]]
        )

        def value_of(spelling: object) -> object:
            return twice[str(spelling)]

        choices.append(dict(core_schema.no_info_after_validator_function(value_of, literal)))
    if len(choices) == 1:
        return choices[0]
    labelled = list(zip(choices, (FAST, EXACT), strict=True))
    return {"type": "union", "mode": "left_to_right", "choices": labelled}


def _spellings(value: Any) -> list[Any]:
    """Return what a client may send for a choice: it, and what else has the same ``str()``."""
    if value.__class__ is int:
        return [_Spelling(value), str(value)]
    if value.__class__ is not str:
        return [value]
    if value in ("True", "False"):
        return [value, _Spelling(value == "True")]
    for number in (int, float):
        try:
            as_number = number(value)
        except ValueError:
            continue
        if str(as_number) == value:
            return [value, _Spelling(as_number)]
    return [value]


def _is_no_primitive(member: object) -> bool:
    """Whether it is a member of an enumeration that is not also a text or a number."""
    return isinstance(member, Enum) and not isinstance(member, (str, int))


def _is_of_no_literal(text: str) -> bool:
    """Whether a text is what ``str()`` makes of a value that no literal can hold."""
    return text[:1] in ("[", "{") or text in ("nan", "inf", "-inf")


@cache
def _value_attribute(cls: type[Enum]) -> str:
    """Name where members keep their value: behind ``value``, unless that is the class's own."""
    return "_value_" if getattr_static(cls, "value") is getattr_static(Enum, "value") else "value"


def _raw(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _label(member: object) -> object:
    """Return a Django choice's label, a readable form of a member's name, or a value itself."""
    if not isinstance(member, Enum):
        # As DRF does for choices without labels.
        return member
    return getattr(member, "label", member.name.replace("_", " ").capitalize())
