"""Hypothesis strategies that describe a payload once and build it on both sides.

A :class:`Described` value knows how a classic serializer declares it, how a ``Schema`` annotates
it, and what is worth sending and storing: valid, nearly valid, at a boundary, and nonsense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    Field,
    HttpUrl,
    IPvAnyAddress,
    StringConstraints,
    create_model,
)
from rest_framework import fields as drf
from rest_framework.serializers import ListSerializer, Serializer

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, Source, WriteOnly
from nova_drf.serializers.schema_serializer import serializer_from_schema

FieldFactory = Callable[..., Any]


class Colour(models.TextChoices):
    """A Django enumeration of texts."""

    RED = "r", "Red"
    NONE = "", "No colour"
    BLUE = "b", gettext_lazy("Blue")


class Level(models.IntegerChoices):
    """A Django enumeration of numbers."""

    LOW = 1, "Low"
    HIGH = 3, "High"


class Plain(Enum):
    """An enumeration of Python's."""

    ONE = "one"
    TWO = "two"


@dataclass(frozen=True)
class Described:
    """One value on both sides.

    Attributes:
        name: For messages.
        annotation: What a ``Schema`` says.
        classic: Makes the classic field, given ``required``, ``default``, ``allow_null``, ...
        inputs: What a client may send.
        stored: What may be in the database.
        default: A default in the words of either side: ``(classic, ours)``.
        nests: Whether it is a serializer, a list of which is a ``many=True``.
    """

    name: str
    annotation: Any
    classic: FieldFactory = field(repr=False)
    inputs: SearchStrategy[Any] = field(repr=False)
    stored: SearchStrategy[Any] = field(repr=False)
    default: tuple[Any, Any]
    nests: bool = False


@dataclass(frozen=True, repr=False)
class Pair:
    """A classic serializer class and ours, made from one description."""

    classic: type[Serializer[Any]]
    ours: type[SchemaSerializer[Any]]
    schema: type[Schema]
    inputs: SearchStrategy[Any]
    stored: SearchStrategy[Any]
    description: str

    def __repr__(self) -> str:
        return self.description

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.description)


# What is sent and stored

NONSENSE_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.0, 0.5, "", " ", "  x  ", "null", "Null", "true", "yEs"),
    *("nan", "NaN", "-Infinity", "1e400", "1e2", "1.", "1.0", "01", "+1", "\u0661", "1_000"),
    *("\x00", "a\x00b", "a\x1c", "\ud800", "\u2028", [], {}, [[]], [None], [""], {"a": 1}),
    *({"": None}, {1: 1}, float("nan"), float("inf"), 10**30, -(2**63), 2**63, 1e308, b"bytes"),
    *(("tuple",), {"set"}, "9" * 1001, "9" * 5000, object, Decimal("1.50"), Decimal("sNaN")),
    *(date(2024, 1, 2), datetime(2024, 1, 2, 3), UUID(int=7), Colour.RED, Level.HIGH, Plain.ONE),
)
"""What no field, or only some other field, can make sense of."""

JSON_VALUES: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)

NONSENSE: SearchStrategy[Any] = st.sampled_from(NONSENSE_VALUES) | JSON_VALUES


def one_of(*values: Any) -> SearchStrategy[Any]:
    """Draw one of these values."""
    return st.sampled_from(values)


def mostly(*valid: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Draw from a value's own inputs, and now and then something that belongs elsewhere."""
    return st.one_of(*valid, *valid, *valid, NONSENSE)


def maybe(value: Any) -> SearchStrategy[Any]:
    """Draw a value or ``None``."""
    return st.sampled_from((None, value))


# Single values

TEXTS = st.text(max_size=6) | one_of(
    "ab", " ab ", "abc", "abcdefg", "a\n", "\u00e9\u00e8", "x" * 300
)


@st.composite
def texts(draw: st.DrawFn) -> Described:
    """``CharField`` and ``str``."""
    shortest, longest = draw(st.sampled_from((None, 0, 1, 3))), draw(st.sampled_from((None, 1, 5)))
    trims = draw(st.booleans())
    limits: dict[str, Any] = {"max_length": longest, "min_length": shortest or None}
    constraints = StringConstraints(
        min_length=shortest, max_length=longest, strip_whitespace=None if trims else False
    )

    def classic(**arguments: Any) -> Any:
        return drf.CharField(
            allow_blank=shortest == 0, trim_whitespace=trims, **limits, **arguments
        )

    return Described(
        name=f"text({shortest}..{longest}{'' if trims else ', untrimmed'})",
        annotation=Annotated[str, constraints],
        classic=classic,
        inputs=mostly(TEXTS, st.integers(), st.floats()),
        stored=TEXTS | one_of(5, gettext_lazy("Yes"), "x" * 400, ""),
        default=("some", "some"),
    )


@st.composite
def patterns(draw: st.DrawFn) -> Described:
    """``RegexField`` and ``Field(pattern=...)``, also with what only Python's ``re`` knows."""
    pattern = draw(one_of(r"^[a-c]+$", r"b", r"^(?!bad)\w+$", r"^a$"))
    return Described(
        name=f"pattern({pattern})",
        annotation=Annotated[str, Field(pattern=pattern)],
        classic=lambda **arguments: drf.RegexField(pattern, **arguments),
        inputs=mostly(st.text("abc \n", max_size=4), one_of("bad", "good", "a\n")),
        stored=TEXTS,
        default=("a", "a"),
    )


EMAILS = one_of(
    *("a@b.co", "A@B.CO", "Name <a@b.co>", "a@localhost", "a@b.test", "\u00fc@b.co", " a@b.co "),
    *("a@b", "a.b+c@d-e.example.org", ".a@b.co", "a..b@c.co", '"q"@b.co', "a@[127.0.0.1]"),
    *("a@" + "b" * 63 + ".co", "a@" + "b" * 64 + ".co", "a" * 250 + "@b.co", "a@b.c", "a@-b.co"),
    *("a'b@c.co", "a@b.co\n", "a@b.xn--p1ai", "a@b.co.", "a" * 65 + "@b.co"),
)


URLS = one_of(
    *(
        "http://a.io",
        "http://a.io/",
        "HTTP://A.io",
        "ftp://a.io",
        "http://a_b.io",
        "https://a.io/x",
    ),
    *("http://a.io?q=1", "http://a.io/#x", "http://localhost", "http://localhost:8000/x", "a.io"),
    *("http://1.2.3.4", "http://[::1]/", "http://u:p@a.io", "http://a.io:99999", "http://a.io:80/"),
    *("javascript:alert(1)", "http://", "http://a.io/\u00e9", "http://a.io/ b", " http://a.io "),
    *("http://" + "a" * 64 + ".io", "http://a.io/" + "x" * 2100, "http://a.io./x", "http://a..io"),
    *("http://-a.io", "http://a-.io", "http://xn--p1ai.io", "http://a.io/%zz", "http://a.i"),
)

ADDRESSES = one_of(
    *("1.2.3.4", " 1.2.3.4 ", "::1", "::FFFF:1.2.3.4", "::ffff:102:304", "1.2.3", "01.2.3.4"),
    *(
        "256.1.1.1",
        "fe80::1%eth0",
        "2001:DB8::1",
        "::",
        ":::",
        16909060,
        True,
        "1.2.3.4/24",
        "[::1]",
    ),
)


def formatted_texts() -> SearchStrategy[Described]:
    """Text with a format: e-mail, web and IP addresses."""
    return one_of(
        Described("email", EmailStr, drf.EmailField, mostly(EMAILS), EMAILS, ("a@b.co", "a@b.co")),
        Described(
            "url", HttpUrl, drf.URLField, mostly(URLS), URLS, ("http://b.io/x", "http://b.io/x")
        ),
        Described(
            "address",
            IPvAnyAddress,
            drf.IPAddressField,
            mostly(ADDRESSES),
            one_of("1.2.3.4", "::1"),
            ("1.2.3.4", "1.2.3.4"),
        ),
    )


def booleans() -> SearchStrategy[Described]:
    """``BooleanField`` and ``bool``."""
    words = one_of(True, False, "true", "off", "Yes", "TRUE", "0", 0, 1, 2, 1.0, "null", "")
    stored = one_of(True, False, 1, 0, "yes", "off", 7)
    return st.just(
        Described("boolean", bool, drf.BooleanField, mostly(words), stored, (True, True))
    )


@st.composite
def integers(draw: st.DrawFn) -> Described:
    """``IntegerField`` and ``int``."""
    low, high = draw(maybe(-2)), draw(maybe(10))
    return Described(
        name=f"integer({low}..{high})",
        annotation=Annotated[int, Field(ge=low, le=high)],
        classic=lambda **arguments: drf.IntegerField(min_value=low, max_value=high, **arguments),
        inputs=mostly(st.integers(-4, 12), st.integers(-4, 12).map(str), st.floats(-3, 11)),
        stored=st.integers() | one_of("7", 2.5, True),
        default=(3, 3),
    )


@st.composite
def floats(draw: st.DrawFn) -> Described:
    """``FloatField`` and ``float``."""
    low, high = draw(maybe(-1.5)), draw(maybe(10.0))
    return Described(
        name=f"float({low}..{high})",
        annotation=Annotated[float, Field(ge=low, le=high)],
        classic=lambda **arguments: drf.FloatField(min_value=low, max_value=high, **arguments),
        inputs=mostly(st.floats(), st.integers(-3, 12), st.floats(-3, 12).map(str)),
        stored=st.floats(allow_nan=False, allow_infinity=False) | one_of(1, "2.5", 1e-7, 1e22),
        default=(1.5, 1.5),
    )


@st.composite
def decimals(draw: st.DrawFn) -> Described:
    """``DecimalField`` and ``Decimal``."""
    places = draw(one_of(0, 2, 4))
    digits = draw(one_of(4, 6))
    low, high = draw(maybe(Decimal("-1.5"))), draw(maybe(Decimal(20)))
    numbers = st.decimals(-100, 100, allow_nan=False, allow_infinity=False, places=places)
    texts_ = one_of(
        "1.5", "1.50", "1.500", "1e2", "-0", "0.001", ".5", "5.", " 1 ", "12345", "1E-1"
    )
    return Described(
        name=f"decimal({digits}, {places}, {low}..{high})",
        annotation=Annotated[
            Decimal, Field(max_digits=digits, decimal_places=places, ge=low, le=high)
        ],
        classic=lambda **arguments: drf.DecimalField(
            digits, places, min_value=low, max_value=high, **arguments
        ),
        inputs=mostly(numbers.map(str), texts_, numbers, st.floats(-30, 30), st.integers(-3, 30)),
        stored=st.decimals(-9, 9, places=places) | one_of(Decimal("1.005"), 1, "2.5", 1.25),
        default=(Decimal(1), Decimal(1)),
    )


MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))
DURATIONS = st.timedeltas(timedelta(days=-3), timedelta(days=400))


def temporals() -> SearchStrategy[Described]:
    """Dates, times, moments and durations."""
    days = one_of(
        *("2024-01-02", "2024-1-2", "20240102", "2024-01-02T00:00:00", "2024-02-30", "2024-W01-1"),
        *(date(2024, 1, 2), datetime(2024, 1, 2), 1700000000, "0001-01-01", "9999-12-31"),
    )
    hours = one_of(
        *("10", "10:11", "10:11:12Z", "10:11:12.123456789", "1:2:3", "24:00", "10:11:12+02:00"),
        *(3600, time(1, 2), "T10:11", "10:11:12,5"),
    )
    moments = one_of(
        *("2024-01-02T03:04:05Z", "2024-01-02T03:04:05z", "2024-1-2T3:4:5", "20240102T030405Z"),
        *("2024-03-31T02:30", "2024-10-27T02:30", "2024-01-02", "2024-01-02 03:04", 1700000000),
        *("1700000000", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", date(2024, 1, 2)),
        *("2024-01-02T03:04:05.1234567+05:30", "2024-13-02T03:04:05", datetime(2024, 1, 2, 3)),
    )
    return one_of(
        Described(
            "date",
            date,
            drf.DateField,
            mostly(days, st.dates().map(str)),
            st.dates() | one_of("2024-01-02", ""),
            (date(2024, 1, 2), date(2024, 1, 2)),
        ),
        Described(
            "time",
            time,
            drf.TimeField,
            mostly(hours, st.times().map(str)),
            st.times() | one_of("10:11"),
            (time(1), time(1)),
        ),
        Described(
            "moment",
            datetime,
            drf.DateTimeField,
            mostly(moments, MOMENTS.map(str), MOMENTS.map(lambda moment: moment.isoformat() + "Z")),
            MOMENTS | MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC)) | one_of("2024"),
            (datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)),
        ),
    )


@st.composite
def durations(draw: st.DrawFn) -> Described:
    """``DurationField`` and ``timedelta``."""
    low, high = draw(maybe(timedelta(0))), draw(maybe(timedelta(days=2)))
    words = one_of(
        *("1 00:00:00", "3600", "5.5", "1:2", "", "P1Y", "P1DT2H", "-1 day, 0:00:01", "-P1D"),
        *(60, 1.5, timedelta(1), "999999999999 00:00:00", "PT1,5S", "1 day, 2:03:04"),
    )
    return Described(
        name=f"duration({low}..{high})",
        annotation=Annotated[timedelta, Field(ge=low, le=high)],
        classic=lambda **arguments: drf.DurationField(min_value=low, max_value=high, **arguments),
        inputs=mostly(words, DURATIONS.map(str)),
        stored=DURATIONS,
        default=(timedelta(1), timedelta(1)),
    )


def uuids() -> SearchStrategy[Described]:
    """``UUIDField`` and ``UUID``."""
    known = UUID("0e9b4a5d-2f4c-4b0a-9a3c-5f1f2f8c7d11")
    forms = one_of(
        *(str(known), known.hex, str(known).upper(), f"{{{known}}}", known.urn, known.int, 1, -1),
        *(2**128, known, known.bytes, str(known)[:-1], f" {known}"),
    )
    return st.just(
        Described(
            "uuid",
            UUID,
            drf.UUIDField,
            mostly(forms, st.uuids().map(str)),
            st.uuids() | one_of("not one"),
            (known, known),
        )
    )


def choices() -> SearchStrategy[Described]:
    """``ChoiceField``, and ``Literal`` and enumerations."""

    def field_of(allowed: Any, **options: Any) -> FieldFactory:
        return lambda **arguments: drf.ChoiceField(allowed, **options, **arguments)

    words = one_of("a", "b", "r", "one", "zz", "", 1, 3, "1", "3", 1.0, True, ["a"], {"a": 1})
    members = one_of(Colour.RED, Level.LOW, Plain.TWO)
    stored = words | one_of("a", "b", 1, 3, "r", "one")
    inputs = mostly(words, members)
    letters, numbers = ("a", "b"), (1, 3)
    return one_of(
        Described("letters", Literal["a", "b"], field_of(letters), inputs, stored, ("a", "a")),
        Described("numbers", Literal[1, 3], field_of(numbers), inputs, stored, (3, 3)),
        Described("mixed", Literal["a", 3], field_of(("a", 3)), inputs, stored, (3, 3)),
        Described(
            "colour",
            Colour,
            field_of([("r", "Red"), ("b", "Blue")], allow_blank=True),
            inputs,
            stored,
            ("b", Colour.BLUE),
        ),
        Described("level", Level, field_of(Level.choices), inputs, stored, (3, Level.HIGH)),
        Described("plain", Plain, field_of(("one", "two")), inputs, stored, ("one", Plain.ONE)),
    )


def anything() -> SearchStrategy[Described]:
    """``JSONField`` and ``Any``."""
    # DRF takes a lone surrogate, and then cannot answer.
    sent = NONSENSE.filter(lambda value: value != "\ud800")
    return st.just(Described("json", Any, drf.JSONField, sent, JSON_VALUES, ({}, {})))


def scalars() -> SearchStrategy[Described]:
    """Every single value that DRF has a field for."""
    return st.one_of(
        texts(),
        patterns(),
        formatted_texts(),
        booleans(),
        integers(),
        floats(),
        decimals(),
        temporals(),
        durations(),
        uuids(),
        choices(),
        anything(),
    )


# Values with parts


def child_of(item: Described, nullable: bool) -> dict[str, Any]:
    """Return the ``child`` argument; DRF leaves untyped items unvalidated, and so do we."""
    if item.annotation is Any:
        return {}
    return {"child": item.classic(**({"allow_null": True} if nullable else {}))}


@st.composite
def lists(draw: st.DrawFn, items: SearchStrategy[Described]) -> Described:
    """``ListField`` and ``list``."""
    item = draw(items)
    nullable = item.nests or draw(st.booleans())
    shortest, longest = draw(maybe(1)), draw(maybe(2))
    annotation = item.annotation | None if nullable else item.annotation

    def classic(**arguments: Any) -> Any:
        child = child_of(item, nullable)
        return drf.ListField(**child, min_length=shortest, max_length=longest, **arguments)

    return Described(
        name=f"list({shortest}..{longest} of {item.name}{' or null' if nullable else ''})",
        annotation=Annotated[list[annotation], Field(min_length=shortest, max_length=longest)],
        classic=classic,
        inputs=mostly(
            st.lists(item.inputs, max_size=3), st.lists(item.inputs, max_size=2).map(tuple)
        ),
        stored=st.lists(item.stored, max_size=3),
        default=([], []),
    )


@st.composite
def dictionaries(draw: st.DrawFn, items: SearchStrategy[Described]) -> Described:
    """``DictField`` and ``dict``."""
    item, nullable = draw(items), draw(st.booleans())
    annotation = item.annotation | None if nullable else item.annotation

    def classic(**arguments: Any) -> Any:
        return drf.DictField(**child_of(item, nullable), **arguments)

    keys = st.text(max_size=3) | st.integers(0, 3)
    return Described(
        name=f"dict(of {item.name}{' or null' if nullable else ''})",
        annotation=dict[str, annotation],
        classic=classic,
        inputs=mostly(st.dictionaries(keys, item.inputs, max_size=3)),
        stored=st.dictionaries(keys, item.stored, max_size=3),
        default=({}, {}),
    )


@st.composite
def nested(draw: st.DrawFn, items: SearchStrategy[Described]) -> Described:
    """A serializer in a serializer, and a ``Schema`` in a ``Schema``; alone or many."""
    inner = draw(pairs(items, most=2))
    many = draw(st.booleans())
    annotation: Any = list[inner.schema] if many else inner.schema

    def classic(**arguments: Any) -> Any:
        # With many=True, DRF lets allow_null concern the items too, which a schema says apart.
        if many:
            return ListSerializer(child=inner.classic(), **arguments)
        return inner.classic(**arguments)

    return Described(
        name=f"{'many ' if many else ''}{inner}",
        annotation=annotation,
        classic=classic,
        inputs=mostly(st.lists(inner.inputs, max_size=3) if many else inner.inputs),
        stored=st.lists(inner.stored, max_size=2) if many else inner.stored,
        default=([], []) if many else ({}, {}),
        nests=not many,
    )


def _unchanged(value: Any) -> Any:
    return value


@st.composite
def validated(draw: st.DrawFn, values: SearchStrategy[Described]) -> Described:
    """A value with a validator of the schema's author around it, which changes nothing."""
    inner = draw(values)
    if inner.annotation is Any:
        return inner  # In a list it would be validated, which DRF's untyped items are not.
    mark = draw(one_of(AfterValidator(_unchanged), BeforeValidator(_unchanged)))
    return replace(
        inner, name=f"validated {inner.name}", annotation=Annotated[inner.annotation, mark]
    )


def described(depth: int = 2) -> SearchStrategy[Described]:
    """Any value, with parts down to a depth."""
    single = st.one_of(scalars(), scalars(), scalars(), validated(scalars()))
    if depth == 0:
        return single
    inner = described(depth - 1)
    composite = st.one_of(lists(inner), dictionaries(inner), nested(inner))
    return st.one_of(single, single, composite, validated(composite))


# Payloads


@dataclass(frozen=True)
class Presence:
    """How a field may be absent or null, in both sides' words.

    Attributes:
        name: For messages.
        arguments: What the classic field gets, given the default.
        annotate: What the ``Schema`` says of the annotation.
        has_default: Whether the default stands behind the annotation.
    """

    name: str
    arguments: Callable[[Any], dict[str, Any]]
    annotate: Callable[[Any], Any]
    default: Callable[[Any], dict[str, Any]] = lambda _default: {}


# To a type checker, markers take types and not variables.
_NOT_REQUIRED: Any = NotRequired
_READ_ONLY: Any = ReadOnly
_WRITE_ONLY: Any = WriteOnly

PRESENCES = (
    Presence("required", lambda _: {}, lambda type_: type_),
    Presence("or null", lambda _: {"allow_null": True}, lambda type_: type_ | None),
    Presence(
        "default",
        lambda default: {"default": default},
        lambda type_: type_,
        lambda default: {"default": default},
    ),
    Presence(
        "made",
        lambda default: {"default": lambda: default},
        lambda type_: type_,
        lambda default: {"default_factory": lambda: default},
    ),
    Presence(
        "or null by default",
        lambda _: {"default": None, "allow_null": True},
        lambda type_: type_ | None,
        lambda _: {"default": None},
    ),
    Presence("may be absent", lambda _: {"required": False}, lambda type_: _NOT_REQUIRED[type_]),
    Presence(
        "may be null or absent",
        lambda _: {"required": False, "allow_null": True},
        lambda type_: _NOT_REQUIRED[type_ | None],
    ),
    Presence("read-only", lambda _: {"read_only": True}, lambda type_: _READ_ONLY[type_]),
    Presence("write-only", lambda _: {"write_only": True}, lambda type_: _WRITE_ONLY[type_]),
)

NAMES = ("a", "bb", "c_c")


@st.composite
def pairs(
    draw: st.DrawFn,
    values: SearchStrategy[Described],
    most: int = 3,
    presences: SearchStrategy[Presence] | None = None,
) -> Pair:
    """A classic serializer and a schema with up to three fields."""
    names = NAMES[: draw(st.integers(1, most))]
    members = {
        name: (draw(values), draw(presences or st.sampled_from(PRESENCES))) for name in names
    }
    sources = {name: draw(one_of(name, name, name, f"{name}_x", f"deep.{name}")) for name in names}
    return pair_of(members, sources)


def pair_of(members: Mapping[str, tuple[Described, Presence]], sources: Mapping[str, str]) -> Pair:
    """Build both sides of a payload.

    Args:
        members: The fields.
        sources: Where each of them is read and written.
    """
    declared: dict[str, Any] = {}
    annotated: dict[str, Any] = {}
    for name, (value, presence) in members.items():
        moved = {} if sources[name] == name else {"source": sources[name]}
        declared[name] = value.classic(**presence.arguments(value.default[0]), **moved)
        default = presence.default(value.default[1])
        annotation = value.annotation
        if moved:
            annotation = Annotated[annotation, Source(sources[name])]
        annotated[name] = (presence.annotate(annotation), Field(**default) if default else ...)
        if presence.name.startswith("may be"):
            annotated[name] = annotated[name][0]
    schema = create_model("Drawn", __base__=Schema, **annotated)
    classic = type("Classic", (Serializer,), declared)
    everything = {name: value.inputs for name, (value, _) in members.items()}
    stored = {sources[name]: value.stored | st.none() for name, (value, _) in members.items()}
    rows = st.fixed_dictionaries(stored) | st.fixed_dictionaries({}, optional=stored)
    inputs = mostly(
        st.fixed_dictionaries(everything),
        st.fixed_dictionaries({}, optional={**everything, "unknown": NONSENSE}),
    )
    return Pair(
        classic=classic,
        ours=serializer_from_schema(schema),
        schema=schema,
        inputs=inputs,
        stored=rows.map(_at_sources),
        description=", ".join(
            f"{name}: {value.name} ({presence.name}, at {sources[name]})"
            for name, (value, presence) in members.items()
        ),
    )


def _at_sources(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row in which dotted names are dictionaries in dictionaries."""
    placed: dict[str, Any] = {}
    for source, value in row.items():
        outer, _, inner = source.rpartition(".")
        target = placed.setdefault(outer, {}) if outer else placed
        target[inner] = value
    return placed


# Forms


def form_of(data: Any) -> QueryDict:
    """Return a payload as a browser would send it."""
    form = QueryDict(mutable=True)
    if isinstance(data, Mapping):
        for name, value in data.items():
            _add_to_form(form, str(name), value)
    return form


def _add_to_form(form: QueryDict, name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _add_to_form(form, f"{name}.{key}", inner)
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            if isinstance(inner, Mapping):
                for key, part in inner.items():
                    _add_to_form(form, f"{name}[{index}]{key}", part)
            else:
                form.appendlist(name, _form_text(inner))
    else:
        form.appendlist(name, _form_text(value))


def _form_text(value: Any) -> str:
    return "" if value is None else str(value)
