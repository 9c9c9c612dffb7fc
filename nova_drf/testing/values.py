"""What to send to a DRF field: values that it takes, values at its limits, and nonsense."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from rest_framework import fields as drf
from rest_framework import relations
from rest_framework.renderers import JSONRenderer

from nova_drf.mapping.field_state import rows_for
from nova_drf.mapping.inputs import Inputs, Numbers, Texts, Uploads

Values = SearchStrategy[object]

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
    for row in rows_for(type(field)):
        examples = tuple(row.examples(field))
        inputs = Inputs(examples) if examples else row.inputs(field)
        if inputs is not None:
            return _drawn(inputs)
    several = (_SEVERAL[cls] for cls in type(field).__mro__ if cls in _SEVERAL)
    make = next(several, None)
    return Candidates(JSON) if make is None else make(field)


def as_json(value: object) -> object:
    """Return a value as a client would send it; its text, if JSON knows no other form of it."""
    try:
        return json.loads(JSONRenderer().render([value]))[0]
    except TypeError:
        return str(value)


# Single values


def _drawn(inputs: Inputs) -> Candidates:
    good, edges = inputs.good, tuple(inputs.edges)
    if isinstance(good, Uploads):
        files = st.builds(
            SimpleUploadedFile, st.sampled_from(good.names), st.binary(min_size=1, max_size=4)
        )
        odd = (SimpleUploadedFile("empty.txt", b""), SimpleUploadedFile("x" * 300, b"x"))
        return Candidates(files, (*odd, *edges))
    if isinstance(good, Texts):
        return Candidates(_texts(good), edges)
    if isinstance(good, Numbers):
        return Candidates(_numbers(good), edges)
    values = [as_json(value) for value in good]
    return Candidates(st.sampled_from(values) if values else JSON, edges)


def _texts(good: Texts) -> Values:
    if good.pattern is None:
        letters = string.ascii_letters + "é ß"
        return st.text(letters, min_size=good.shortest, max_size=good.longest)
    drawn = st.from_regex(good.pattern)
    return drawn.filter(lambda text: len(text) <= 200 and text.isprintable())


def _numbers(good: Numbers) -> Values:
    if good.only_text:
        decimals = st.decimals(good.low, good.high, places=good.places)
        return decimals.map(lambda number: f"{number:f}")
    whole = st.integers(int(good.low), int(good.high))
    if good.places == 0:
        return whole | whole.map(str)
    real = st.floats(int(good.low), int(good.high), allow_nan=False)
    return real | whole | real.map(str)


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
    related = _related(field.child_relation)
    return Candidates(st.lists(related.good, max_size=3), ([999999], [], "x", None, [[]]))


_SEVERAL: Mapping[type, Callable[[Any], Candidates]] = {
    drf.DictField: _dictionary,
    drf.ListField: _list,
    relations.ManyRelatedField: _many_related,
    relations.RelatedField: _related,
}
"""By class; a subclass gets what is there for the nearest class above it."""
