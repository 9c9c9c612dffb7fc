"""What to send to a DRF field: values that it takes, values at its limits, and nonsense."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import BaseValidator, RegexValidator
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from rest_framework import fields as drf
from rest_framework import relations
from rest_framework.renderers import JSONRenderer

from nova_drf.mapping.field_state import behaving_class
from nova_drf.mapping.registry import registry

Values = SearchStrategy[Any]

NONSENSE: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, "", " ", "  x  ", "null", "true", "yEs", "nan", "1e400"),
    *("1.", "1.0", "01", "\u0661", "1_000", "\x00", "a\x00b", "a\x1c", "\ud800", "\u2028", "é"),
    *([], {}, [[]], [None], [""], [1], {"a": 1}, {"": None}, 10**30, -(2**63), 2**63, 1e308),
    *("9" * 1001, "x" * 300, "2024-01-02", "2024-01-02T03:04:05Z", "a@b.co", "http://a.io"),
)
"""What only some other field, or none, can make sense of. All of it can be sent as JSON."""

JSON: Values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
"""Any value that JSON has."""


@dataclass(frozen=True)
class Candidates:
    """Values for one field.

    Attributes:
        good: Values of the kind that the field is there for.
        edges: Values at and beyond its limits.
    """

    good: Values
    edges: tuple[Any, ...] = ()

    @property
    def any(self) -> Values:
        """Good values more often than not, edges, and now and then nonsense."""
        drawn = [self.good, self.good, self.good]
        if self.edges:
            drawn += [st.sampled_from(self.edges)] * 2
        return st.one_of(*drawn, st.sampled_from(NONSENSE), JSON)


def candidates(field: object) -> Candidates:
    """Return what to send to a field that holds a single value, a list or a dictionary.

    Args:
        field: A DRF field, bound to its serializer.
    """
    examples = _examples(field)
    if examples:
        return Candidates(st.sampled_from(examples))
    make = _CANDIDATES.get(behaving_class(field))
    if make is None:
        make = next((_CANDIDATES[cls] for cls in type(field).__mro__ if cls in _CANDIDATES), None)
    return Candidates(JSON) if make is None else make(field)


def _examples(field: object) -> tuple[object, ...]:
    """Return what the mapping of a project's own field gives as examples."""
    row = registry.for_field(type(field))
    return () if row is None else tuple(row.examples(field))


def as_json(value: object) -> object:
    """Return a value as a client would send it; its text, if JSON knows no other form of it."""
    try:
        return json.loads(JSONRenderer().render([value]))[0]
    except TypeError:
        return str(value)


# Limits


def _limit(field: Any, *names: str) -> Iterator[Any]:
    """Yield the limits of a field's validators, wherever they came from."""
    for validator in field.validators:
        if isinstance(validator, BaseValidator) and type(validator).__name__ in names:
            limit = validator.limit_value
            yield limit() if callable(limit) else limit


def _text(field: Any) -> Candidates:
    longest = min(_limit(field, "MaxLengthValidator"), default=20)
    shortest = max(_limit(field, "MinLengthValidator"), default=1)
    shortest = min(max(shortest, 1), max(longest, 1))
    plain = st.text(string.ascii_letters + "é ß", min_size=shortest, max_size=min(longest, 60))
    edges = ("x" * longest, "x" * (longest + 1), "x" * (shortest - 1), "  x  ", "\u00a0x", 5, 1.5)
    return Candidates(_matching(field, plain), edges)


def _matching(field: Any, otherwise: Values) -> Values:
    patterns = [
        getattr(one.regex, "pattern", one.regex)
        for one in field.validators
        if type(one) is RegexValidator and not one.inverse_match
    ]
    if not patterns:
        return otherwise
    drawn = st.from_regex(patterns[-1])
    return drawn.filter(lambda text: len(text) <= 200 and text.isprintable())


def _numbers(make: Callable[[Any, Any], Values], step: object) -> Callable[[Any], Candidates]:
    def numbers(field: object) -> Candidates:
        low = max(_limit(field, "MinValueValidator"), default=None)
        high = min(_limit(field, "MaxValueValidator"), default=None)
        edges = [
            edge for bound in (low, high) if bound is not None for edge in _around(bound, step)
        ]
        return Candidates(make(low, high), (*edges, "1.0", " 7 ", "1e2", "-0", "x"))

    return numbers


def _around(bound: Any, step: Any) -> tuple[object, ...]:
    if isinstance(bound, Decimal):
        bound = int(bound) if bound == int(bound) else float(bound)
    return (bound, bound + step, bound - step, str(bound))


def _between(low: Any, high: Any) -> tuple[int, int]:
    least = -1000 if low is None else int(low) + (int(low) < low)
    most = 1000 if high is None else int(high)
    if least < -(10**6):
        least = -1000
    return least, max(least, min(most, least + 2000))


def _whole(low: Any, high: Any) -> Values:
    numbers = st.integers(*_between(low, high))
    return numbers | numbers.map(str)


def _real(low: object, high: object) -> Values:
    least, most = _between(low, high)
    numbers = st.floats(least, most, allow_nan=False)
    return numbers | st.integers(least, most) | numbers.map(str)


def _decimal(field: Any) -> Candidates:
    places = 2 if field.decimal_places is None else field.decimal_places
    whole = 4 if field.max_digits is None else max(field.max_digits - places, 0)
    low = max(_limit(field, "MinValueValidator"), default=None)
    high = min(_limit(field, "MaxValueValidator"), default=None)
    least = Decimal(-(10 ** min(whole, 6)) + 1) if low is None else Decimal(str(low))
    most = Decimal(10 ** min(whole, 6) - 1) if high is None else Decimal(str(high))
    texts = st.decimals(min(least, most), most, places=places).map(lambda number: f"{number:f}")
    edges = ["1." + "0" * (places + 1), "9" * (whole + 1), ".5", "1e2", " 1 ", "-0", 1, 1.5, "1,5"]
    bounds = [str(bound) for bound in (low, high) if bound is not None]
    return Candidates(texts, (*edges, *bounds))


# Values with a form


def _constants(*good: object, edges: tuple[object, ...] = ()) -> Callable[[Any], Candidates]:
    def constants(_field: object) -> Candidates:
        return Candidates(st.sampled_from(good), edges)

    return constants


_EMAILS = ("a@b.co", "A.b+c@D-e.example.org")
_ODD_EMAILS = (" a@b.co ", "Name <a@b.co>", "a@localhost", "a@b", "ü@b.co", "a" * 250 + "@b.co")
_URLS = ("http://a.io", "https://a.io/x?y=1#z", "http://localhost:8000/")
_ODD_URLS = ("HTTP://A.io", "ftp://a.io", "a.io", "javascript:alert(1)", "http://a.io/" + "x" * 300)
_ADDRESSES = ("1.2.3.4", "::1", "2001:db8::1")
_ODD_ADDRESSES = (" 1.2.3.4 ", "::ffff:1.2.3.4", "1.2.3", "256.1.1.1", 16909060)
_UUIDS = ("0e9b4a5d-2f4c-4b0a-9a3c-5f1f2f8c7d11", "0E9B4A5D2F4C4B0A9A3C5F1F2F8C7D11")
_ODD_UUIDS = ("urn:uuid:0e9b4a5d-2f4c-4b0a-9a3c-5f1f2f8c7d11", 1, 2**128, "0e9b4a5d")
_DATES = ("2024-01-02", "1999-12-31")
_ODD_DATES = ("2024-1-2", "20240102", "2024-02-30", "2024-01-02T00:00:00", 1700000000)
_MOMENTS = ("2024-01-02T03:04:05Z", "2024-07-02T03:04:05.123456+02:00")
_ODD_MOMENTS = ("2024-01-02", "2024-1-2T3:4:5", "2024-03-31T02:30", "1700000000", 1700000000)
_TIMES = ("10:11:12", "10:11:12.123456")
_ODD_TIMES = ("10", "10:11", "24:00", "10:11:12Z", 3600)
_DURATIONS = ("1 02:03:04", "3600", "P1DT2H")
_ODD_DURATIONS = ("", "-1 day, 0:00:01", "999999999999 00:00:00", 60, 1.5)


def _duration(field: object) -> Candidates:
    limits = [*_limit(field, "MinValueValidator"), *_limit(field, "MaxValueValidator")]
    step = timedelta(seconds=1)
    edges = [str(edge) for limit in limits for edge in (limit, limit + step, limit - step)]
    return Candidates(st.sampled_from(_DURATIONS), (*_ODD_DURATIONS, *edges))


def _choice(field: Any) -> Candidates:
    values = [as_json(value) for value in field.choices]
    edges = ("zz", "", ["a"], {"a": 1}, *map(str, values[:3]))
    return Candidates(st.sampled_from(values) if values else JSON, edges)


def _choices(field: object) -> Candidates:
    one = _choice(field)
    edges: tuple[Any, ...] = ({"a": 1}, [one.edges[0]], [one.edges[-1]] * 2)
    return Candidates(st.lists(one.good, max_size=3), edges)


def _boolean(_field: object) -> Candidates:
    words = ("true", "off", "Yes", "TRUE", "0", 0, 1, 2, 1.0)
    return Candidates(st.booleans(), words)


def _file(_field: object) -> Candidates:
    def upload(name: str, content: bytes) -> SimpleUploadedFile:
        return SimpleUploadedFile(name, content)

    good = st.builds(upload, st.sampled_from(("a.txt", "b.pdf")), st.binary(min_size=1, max_size=4))
    return Candidates(good, (upload("empty.txt", b""), upload("x" * 300, b"x"), "name"))


# Values with parts


def _list(field: Any) -> Candidates:
    child = candidates(field.child)
    longest = field.max_length if field.max_length is not None else 3
    shortest = min(field.min_length or 0, longest)
    most = min(max(longest, shortest), shortest + 3)
    good = st.lists(child.good, min_size=shortest, max_size=most)
    edges: tuple[Any, ...] = ([], [None], "x", {"a": 1}, [1] * (longest + 1))
    return Candidates(good | st.lists(child.any, max_size=4), edges)


def _dictionary(field: Any) -> Candidates:
    child = candidates(field.child)
    keys = st.text(string.ascii_lowercase, min_size=1, max_size=3)
    good = st.dictionaries(keys, child.good, max_size=3)
    return Candidates(good | st.dictionaries(keys, child.any, max_size=3), ({}, [], {"a": None}))


# Relations


def _related(field: object) -> Candidates:
    existing = list(_related_values(field))
    edges = (999999, "x", -1, "", True, {"id": 1}, "http://testserver/nowhere/1/")
    return Candidates(st.sampled_from(existing) if existing else JSON, edges)


def _related_values(field: Any) -> Iterator[object]:
    """Yield what stands for the first objects that a relation may name."""
    queryset = field.get_queryset()
    if queryset is None:
        return
    for related in queryset.all()[:5]:
        try:
            value = field.to_representation(related)
        except (AttributeError, AssertionError, TypeError, ImproperlyConfigured):
            # It prints with the help of a request, a route or another object that is not there.
            value = related.pk
        yield as_json(value)


def _many_related(field: Any) -> Candidates:
    one = _related(field.child_relation)
    return Candidates(st.lists(one.good, max_size=3), ([999999], [], "x", None, [[]]))


_CANDIDATES: Mapping[type, Callable[[Any], Candidates]] = {
    drf.BooleanField: _boolean,
    drf.CharField: _text,
    drf.ChoiceField: _choice,
    drf.DateField: _constants(*_DATES, edges=_ODD_DATES),
    drf.DateTimeField: _constants(*_MOMENTS, edges=_ODD_MOMENTS),
    drf.DecimalField: _decimal,
    drf.DictField: _dictionary,
    drf.DurationField: _duration,
    drf.EmailField: _constants(*_EMAILS, edges=_ODD_EMAILS),
    drf.FileField: _file,
    drf.FloatField: _numbers(_real, 0.5),
    drf.IPAddressField: _constants(*_ADDRESSES, edges=_ODD_ADDRESSES),
    drf.IntegerField: _numbers(_whole, 1),
    drf.ListField: _list,
    drf.MultipleChoiceField: _choices,
    drf.TimeField: _constants(*_TIMES, edges=_ODD_TIMES),
    drf.URLField: _constants(*_URLS, edges=_ODD_URLS),
    drf.UUIDField: _constants(*_UUIDS, edges=_ODD_UUIDS),
    relations.ManyRelatedField: _many_related,
    relations.RelatedField: _related,
}
"""By class; a subclass gets what is there for the nearest class above it."""
