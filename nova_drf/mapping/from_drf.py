"""From DRF to Python: the type that says what a DRF field says, and what no type can say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.files import File
from pydantic import EmailStr, Field, HttpUrl, IPvAnyAddress, StringConstraints
from rest_framework import fields as drf
from rest_framework.settings import api_settings

from nova_drf.mapping.drf_versions import big_integer_fields
from nova_drf.mapping.field_state import (
    behaving_class,
    extra_validators,
    known,
    peculiarities,
    regex_of,
)
from nova_drf.mapping.shape import AnyField

UNVALIDATED = type(drf.ListField().child)
"""The class of the child that ``ListField()`` and ``DictField()`` have when none is given."""


@dataclass(frozen=True)
class Described:
    """What a DRF field says, in Python's words.

    Attributes:
        type: The type of the values, ``None`` apart.
        constraints: What ``pydantic.Field`` says besides.
        carried: The attributes of the field that type and constraints stand for.
        left: What they do not say, in words: the field has to go on running.
    """

    type: Any
    constraints: Mapping[str, Any] = attribute(default_factory=dict)
    carried: frozenset[str] = frozenset()
    left: tuple[str, ...] = ()

    @property
    def annotation(self) -> Any:
        """The type with its constraints."""
        constraints = dict(self.constraints)
        marks: list[Any] = []
        if "strip_whitespace" in constraints:
            marks.append(StringConstraints(strip_whitespace=constraints.pop("strip_whitespace")))
        if constraints:
            marks.insert(0, Field(**constraints))
        return Annotated[(self.type, *marks)] if marks else self.type


Describe = Callable[[Any], Described | None]


def describe(field: AnyField) -> Described | None:
    """Describe the values of one of DRF's own fields, serializers and relations apart.

    Args:
        field: The field.

    Returns:
        ``None`` for a field of another class.
    """
    found = _DESCRIBE.get(behaving_class(field))
    described = None if found is None else found(field)
    if described is None or behaving_class(field) is drf.FilePathField:
        return described
    left = (*described.left, *leftovers(field, described.carried))
    return Described(described.type, described.constraints, described.carried, left)


def leftovers(field: Any, carried: frozenset[str]) -> list[str]:
    """Return what distinguishes a field beyond the attributes that a type stands for."""
    left = sorted(peculiarities(field, carried - {"validators"}))
    known_field = known(field)
    if known_field is not None and extra_validators(field, known_field):
        left.append("validators")
    if _has_own_messages(field):
        left.append("error_messages")
    return left


def _has_own_messages(field: AnyField) -> bool:
    usual: dict[str, Any] = {}
    for cls in reversed(behaving_class(field).__mro__):
        usual.update(getattr(cls, "default_error_messages", {}))
    return any(
        text is not usual.get(code) and str(text) != str(usual.get(code, ""))
        for code, text in field.error_messages.items()
    )


# Text

_LENGTHS = ("min_length", "max_length")


def _text_constraints(field: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what ``Field`` says about a text; ``min_length=0`` stands for ``allow_blank``."""
    carried = {*_LENGTHS, "allow_blank", "trim_whitespace"}
    constraints: dict[str, Any] = {}
    if field.allow_blank and not field.min_length:
        constraints["min_length"] = 0
    elif field.min_length is not None:
        constraints["min_length"] = field.min_length
        if field.allow_blank:
            carried.discard("allow_blank")
        if field.min_length == 0:
            # As a constraint it would stand for ``allow_blank``.
            constraints.pop("min_length")
    if field.max_length is not None:
        constraints["max_length"] = field.max_length
    if not field.trim_whitespace:
        constraints["strip_whitespace"] = False
    return constraints, frozenset(carried)


def _text(type_: Any) -> Describe:
    def describe_text(field: Any) -> Described:
        return Described(type_, *_text_constraints(field))

    return describe_text


def _email(field: Any) -> Described:
    if find_spec("email_validator") is None:
        left = ("the format (EmailStr needs the package email-validator)",)
        return Described(str, *_text_constraints(field), left=left)
    return Described(EmailStr, *_text_constraints(field))


def _pattern(field: Any) -> Described:
    constraints, carried = _text_constraints(field)
    regex = regex_of(field)
    left: list[str] = []
    if regex.flags & ~re.UNICODE:
        left.append("the flags of its regular expression")
    if behaving_class(field) is drf.SlugField:
        left.append("the words and the format of SlugField")
        carried |= {"allow_unicode"}
    # Where the type decides alone, it has to search as the field does: a compiled expression does.
    is_all = not left and isinstance(regex, re.Pattern)
    constraints["pattern"] = regex if is_all else regex.pattern
    return Described(str, constraints, carried, tuple(left))


def _address(field: Any) -> Described:
    types: Mapping[str, Any] = {"ipv4": IPv4Address, "ipv6": IPv6Address}
    constraints, carried = _text_constraints(field)
    left = tuple(sorted(constraints))
    return Described(
        types.get(field.protocol, IPvAnyAddress),
        carried=carried | {"protocol", "unpack_ipv4"},
        left=left,
    )


# Numbers


def _bounded(type_: type) -> Describe:
    def describe_bounded(field: Any) -> Described:
        return Described(type_, _bounds(field), frozenset(("min_value", "max_value")))

    return describe_bounded


def _bounds(field: Any) -> dict[str, Any]:
    bounds = {"ge": field.min_value, "le": field.max_value}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _whole_number(field: Any) -> Described:
    described = _bounded(int)(field)
    assert described is not None  # noqa: S101  # for type checkers
    fractions = [str(bound) for bound in described.constraints.values() if bound != int(bound)]
    constraints = {name: int(bound) for name, bound in described.constraints.items()}
    left = tuple(f"the bound {bound}" for bound in fractions)
    return Described(int, constraints, described.carried, left)


def _big_number(field: Any) -> Described:
    """``BigIntegerField`` has words of its own, and a setting by which it prints text."""
    described = _whole_number(field)
    if field.read_only and not api_settings.COERCE_BIGINT_TO_STRING:
        return described
    return replace(described, left=(*described.left, "the words of BigIntegerField"))


def _decimal(field: Any) -> Described:
    digits = {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
    constraints = {name: limit for name, limit in digits.items() if limit is not None}
    carried = frozenset((*digits, "max_whole_digits", "min_value", "max_value"))
    # Pydantic may make a decimal of other digits of a float, and messages quote the digits.
    bounds = {
        name: Decimal(str(bound)) if isinstance(bound, float) else bound
        for name, bound in _bounds(field).items()
    }
    return Described(Decimal, {**constraints, **bounds}, carried)


# Choices and collections


def _choice(field: Any) -> Described | None:
    values = literal_values(field)
    if values is None:
        return None
    carried = frozenset(("_choices", "allow_blank", "choice_strings_to_values", "grouped_choices"))
    return Described(Literal[tuple(values)], carried=carried)


def literal_values(field: Any) -> list[Any] | None:
    """Return the values of a choice as a ``Literal`` lists them, or ``None`` if it cannot."""
    values = list(field.choices)
    if field.allow_blank and "" not in values:
        values.append("")
    if "" in values and not field.allow_blank:
        return None
    if not values or any(value.__class__ not in (str, int) for value in values):
        return None
    return values if len({str(value) for value in values}) == len(values) else None


def _choices(field: Any) -> Described | None:
    one = _choice(field)
    if one is None:
        return None
    # Whether several choices are a list or a set is what the installed DRF makes of none.
    collection: Any = type(field.to_internal_value([])) if field.allow_empty else list
    left = ("the semantics of MultipleChoiceField",)
    return Described(collection[one.type], carried=one.carried | {"allow_empty"}, left=left)


def _list(field: Any) -> Described | None:
    item = _item(field)
    if item is None:
        return None
    carried = frozenset(("allow_empty", "child", *_LENGTHS))
    lengths = {name: getattr(field, name) for name in _LENGTHS}
    constraints = {name: limit for name, limit in lengths.items() if limit is not None}
    left = item.left if field.allow_empty else (*item.left, "allow_empty=False")
    return Described(list[item.annotation], constraints, carried, left)  # type: ignore[name-defined]


def _dict(field: Any) -> Described | None:
    item = _item(field)
    if item is None:
        return None
    constraints = {} if field.allow_empty else {"min_length": 1}
    carried = frozenset(("allow_empty", "child"))
    return Described(dict[str, item.annotation], constraints, carried, item.left)  # type: ignore[name-defined]


def _item(field: Any) -> Described | None:
    """Describe what a list or dictionary holds, ``None`` included where it may be."""
    child = field.child
    if type(child) is UNVALIDATED:
        return Described(Any)
    described = describe(child)
    if described is None or not child.allow_null:
        return described
    return Described(described.annotation | None, left=described.left)


def _file(field: Any) -> Described:
    constraints = {} if field.max_length is None else {"max_length": field.max_length}
    left = ("that it is an image",) if behaving_class(field) is drf.ImageField else ()
    carried = frozenset(("max_length", "_DjangoImageField"))
    return Described(File, constraints, carried, left)


def _plain(type_: Any, *left: str) -> Describe:
    def describe_plain(field: Any) -> Described:
        return Described(type_, left=left)

    return describe_plain


_DESCRIBE: Mapping[type, Describe] = {
    drf.CharField: _text(str),
    drf.EmailField: _email,
    drf.URLField: _text(HttpUrl),
    drf.SlugField: _pattern,
    drf.RegexField: _pattern,
    drf.IPAddressField: _address,
    drf.UUIDField: _plain(UUID),
    drf.BooleanField: _plain(bool),
    drf.IntegerField: _whole_number,
    **dict.fromkeys(big_integer_fields(), _big_number),
    drf.FloatField: _bounded(float),
    drf.DecimalField: _decimal,
    drf.DateField: _plain(date),
    drf.TimeField: _plain(time),
    drf.DateTimeField: _plain(datetime),
    drf.DurationField: _bounded(timedelta),
    drf.ChoiceField: _choice,
    drf.MultipleChoiceField: _choices,
    drf.FilePathField: _plain(str, "that it is one of the paths that are there"),
    drf.FileField: _file,
    drf.ImageField: _file,
    drf.ListField: _list,
    drf.DictField: _dict,
    drf.HStoreField: _dict,
    drf.JSONField: _plain(Any),
}
