"""DRF's own fields: what each of their attributes has a bearing on.

A field is only taken over where all that distinguishes it from a plain one of its class is
understood. What a newer DRF or a subclass adds is not, and such a field goes on running itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.validators import RegexValidator
from django.db.models import QuerySet
from rest_framework import fields as drf

from nova_drf.core.core_schema import Core
from nova_drf.core.overrides import is_users
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.drf_versions import big_integer_fields
from nova_drf.mapping.registry import FieldMapping
from nova_drf.mapping.rows.choices import LiteralMapping
from nova_drf.mapping.rows.contents import JSONMapping
from nova_drf.mapping.rows.identifiers import IPAddressMapping, UUIDMapping
from nova_drf.mapping.rows.numbers import (
    BooleanMapping,
    DecimalMapping,
    FloatMapping,
    IntegerMapping,
)
from nova_drf.mapping.rows.temporal import (
    DateMapping,
    DateTimeMapping,
    DurationMapping,
    TimeMapping,
)
from nova_drf.mapping.rows.text import EmailMapping, PatternMapping, StringMapping, UrlMapping
from nova_drf.mapping.shape import AnyField, Kind, TypeShape

GENERIC = frozenset(
    (
        "_args",
        "_creation_counter",
        "_kwargs",
        "_validators",
        "allow_null",
        "default",
        "default_empty_html",
        "error_messages",
        "field_name",
        "help_text",
        "html_cutoff",
        "html_cutoff_text",
        "initial",
        "label",
        "parent",
        "read_only",
        "required",
        "source",
        "source_attrs",
        "style",
        "write_only",
    )
)
"""Attributes of every field that decide neither which single values it takes, nor how it prints
them: presence, texts, and what forms look like."""

_HARMLESS_IN_SUBCLASSES = frozenset(
    (
        "__annotations__",
        "__doc__",
        "__firstlineno__",
        "__init__",
        "__module__",
        "__orig_bases__",
        "__parameters__",
        "__static_attributes__",
        "default_error_messages",
        "initial",
    )
)
"""What a subclass may have in its body and still behave as the class above it does."""

_TEXT = ("allow_blank", "max_length", "min_length", "trim_whitespace")
_BOUNDS = ("max_value", "min_value")


@dataclass(frozen=True)
class Known:
    """What is understood of one of DRF's field classes.

    Attributes:
        row: The row of the registry whose narrow validator and printer serve the field.
        input: The attributes that the row's narrow validator knows as options.
        output: The attributes that change what is printed and nothing else.
    """

    row: FieldMapping
    input: tuple[str, ...] = ()
    output: tuple[str, ...] = ()


KNOWN: Mapping[type, Known] = {
    drf.CharField: Known(StringMapping(), _TEXT),
    drf.EmailField: Known(EmailMapping(), _TEXT),
    drf.URLField: Known(UrlMapping(), _TEXT),
    drf.SlugField: Known(PatternMapping(), (*_TEXT, "allow_unicode")),
    drf.RegexField: Known(PatternMapping(), _TEXT),
    drf.IPAddressField: Known(IPAddressMapping(), (*_TEXT, "protocol", "unpack_ipv4")),
    drf.UUIDField: Known(UUIDMapping(), output=("uuid_format",)),
    drf.BooleanField: Known(BooleanMapping()),
    drf.IntegerField: Known(IntegerMapping(), _BOUNDS),
    **dict.fromkeys(big_integer_fields(), Known(IntegerMapping(), _BOUNDS, ("coerce_to_string",))),
    drf.FloatField: Known(FloatMapping(), _BOUNDS),
    drf.DecimalField: Known(
        DecimalMapping(),
        (*_BOUNDS, "max_digits", "decimal_places", "max_whole_digits"),
        ("coerce_to_string", "normalize_output"),
    ),
    drf.DateField: Known(DateMapping(), output=("format",)),
    drf.TimeField: Known(TimeMapping(), output=("format",)),
    drf.DateTimeField: Known(DateTimeMapping(), output=("format",)),
    drf.DurationField: Known(DurationMapping(), _BOUNDS, ("format",)),
    drf.ChoiceField: Known(
        LiteralMapping(),
        ("_choices", "allow_blank", "choice_strings_to_values", "grouped_choices"),
    ),
    drf.JSONField: Known(JSONMapping(), output=()),
}
"""The fields for one value. ``ListField``, ``DictField`` and serializers are made of these."""

CONTAINERS = (drf.ListField, drf.DictField, drf.HStoreField)


def behaving_class(field: AnyField) -> type[AnyField]:
    """Return the class that says how a field behaves, below subclasses that only set arguments."""
    cls: type[AnyField] = type(field)
    while is_users(cls) and vars(cls).keys() <= _HARMLESS_IN_SUBCLASSES and len(cls.__bases__) == 1:
        cls = cls.__bases__[0]
    return cls


def known(field: AnyField) -> Known | None:
    """Return what is understood of a field's class, or ``None``."""
    return KNOWN.get(behaving_class(field))


_DEMANDED: Mapping[type, Mapping[str, Any]] = {
    drf.ChoiceField: {"choices": ()},
    drf.DecimalField: {"max_digits": None, "decimal_places": None},
    drf.MultipleChoiceField: {"choices": ()},
    drf.RegexField: {"regex": ""},
}
"""What the constructors of DRF's fields demand."""


@cache
def _plain_state(cls: Any) -> Mapping[str, Any]:
    """Return the attributes of a field of one of DRF's classes, made with no options."""
    state: Mapping[str, Any] = vars(cls(**_DEMANDED.get(cls, {})))
    return state


def peculiarities(field: AnyField, understood: Iterable[str]) -> set[str]:
    """Return the attributes that make a field differ from a plain one of its class.

    Args:
        field: A field of one of DRF's classes.
        understood: Attributes that do not count, beside those of every field.
    """
    cls: Any = behaving_class(field)
    plain = _plain_state(cls)
    counted = vars(field).keys() - GENERIC - {*understood}
    return {name for name in counted if name not in plain or vars(field)[name] != plain[name]}


# Validators


def extra_validators(field: AnyField, known_field: Known) -> bool:
    """Whether a field has validators beyond those that its options stand for."""
    standard = Counter(map(_signature, _rebuilt(field, known_field).validators))
    found = Counter(map(_signature, field.validators))
    return bool(found - standard)


def _rebuilt(field: AnyField, known_field: Known) -> AnyField:
    """Return a field with the same options and none of the validators that were added to it."""
    cls = behaving_class(field)
    options: dict[str, Any] = {
        name: vars(field)[name]
        for name in known_field.input
        if name in ("max_length", "min_length", "max_value", "min_value", "allow_unicode")
    }
    if cls is drf.IPAddressField:
        options["protocol"] = field.protocol
    if cls is drf.RegexField:
        options["regex"] = regex_of(field)
    return cls(**{**_DEMANDED.get(cls, {}), **options})


def _signature(validator: Any) -> Any:
    """Return what identifies one of Django's or DRF's validators; another one is only itself."""
    cls = type(validator)
    if owner_of(cls) not in (Owner.DJANGO, Owner.DRF):
        return id(validator)
    return cls, frozenset(
        (name, _comparable(value))
        for name, value in vars(validator).items()
        if name not in _ONLY_WORDS
    )


_ONLY_WORDS = frozenset(("_constructor_args", "code", "message"))


def _comparable(value: Any) -> Any:
    if callable(value) or isinstance(value, QuerySet):
        return id(value)  # The text of a queryset is made of rows.
    return type(value), getattr(value, "pattern", None) or str(value)


def regex_of(field: AnyField) -> Any:
    """Return the pattern that a ``RegexField`` or ``SlugField`` searches for."""
    found = [one for one in field.validators if type(one) is RegexValidator]
    return found[-1].regex


def type_shape(field: AnyField, known_field: Known) -> TypeShape:
    """Describe the value of a field for its row.

    Args:
        field: A field whose options are all understood.
        known_field: What is known of its class.
    """
    options = {name: vars(field)[name] for name in known_field.input if name in vars(field)}
    return TypeShape(
        Kind.SCALAR,
        _CORES.get(behaving_class(field), _core_of_row)(field, known_field, options),
        wire=True,
        nullable=field.allow_null,
        mapping=known_field.row,
        options={name: value for name, value in options.items() if _says_something(name, value)},
        origin=field,
    )


def _says_something(name: str, value: Any) -> bool:
    return value is not None or name in ("max_digits", "decimal_places")


def _core_of_row(field: AnyField, known_field: Known, options: dict[str, Any]) -> Core:
    return {"type": known_field.row.core_type}


def _core_of_choices(field: Any, known_field: Known, options: dict[str, Any]) -> Core:
    values = list(field.choices)
    options["choices"] = list(field.choices.items())
    if field.allow_blank and "" not in values:
        values.append("")
    return {"type": "literal", "expected": values}


def _core_of_pattern(field: AnyField, known_field: Known, options: dict[str, Any]) -> Core:
    options["regex"] = regex_of(field)
    return {"type": "str", "pattern": options["regex"].pattern}


_CORES: Mapping[type, Callable[[Any, Known, dict[str, Any]], Core]] = {
    drf.ChoiceField: _core_of_choices,
    drf.RegexField: _core_of_pattern,
    drf.SlugField: _core_of_pattern,
}
