"""A classic serializer and ours, drawn from one description, answer the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Literal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rest_framework import fields as drf
from rest_framework.serializers import ListSerializer, Serializer

from tests.oracle import Side, assert_same_echo, assert_same_print, assert_same_verdict
from tests.strategies import Colour, Pair, described, form_of, pairs

drawn = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

Case = tuple[Pair, list[Any]]


@st.composite
def inputs(draw: st.DrawFn, depth: int = 2) -> Case:
    """Draw several inputs for one pair: making its classes takes longer than using them."""
    pair = draw(pairs(described(depth)))
    return pair, draw(st.lists(pair.inputs, min_size=1, max_size=8))


@st.composite
def rows(draw: st.DrawFn) -> Case:
    """Draw several stored rows for one pair."""
    pair = draw(pairs(described()))
    return pair, draw(st.lists(pair.stored, min_size=1, max_size=8))


# What was found before


class Inner(Serializer[Any]):
    """A nested serializer."""

    v = drf.CharField()


def found(annotation: Any, field: Any) -> Pair:
    """Return the pair of one value, ``v``."""
    side = Side(annotation, field)
    return Pair(side.classic, side.ours, side.schema, st.nothing(), st.nothing(), repr(field))


INNER = Side(str, drf.CharField()).schema
ANYTHING = found(Any, drf.JSONField())
LETTERS = found(Literal["a", "b"], drf.ChoiceField(["a", "b"]))
BY_NAME = found(dict[str, INNER], drf.DictField(child=Inner()))
MANY = found(list[INNER] | None, ListSerializer(child=Inner(), allow_null=True))
LISTS_OF_MANY = found(
    list[list[INNER]],
    drf.ListField(child=ListSerializer(child=Inner())),
)
UNTYPED = found(list[Any], drf.ListField())


@drawn
@given(inputs())
@example((ANYTHING, [{"v": Colour.RED}]))
@example((LETTERS, [{"v": "\ud800"}, {"v": True}]))
@example((BY_NAME, [{"v": None}, {"v": {"a": None}}]))
@example((MANY, [{"v": [None]}, {"v": None}, {"v": [{"v": ""}]}]))
@example((UNTYPED, [{"v": [None, ""]}]))
def test_json_input(case: Case) -> None:
    pair, bodies = case
    for body in bodies:
        assert_same_verdict(pair.classic, pair.ours, body)
        assert_same_echo(pair.classic, pair.ours, body)


@drawn
@given(inputs())
@example((BY_NAME, [{"v": None}, {}]))
def test_partial_input(case: Case) -> None:
    pair, bodies = case
    for body in bodies:
        assert_same_verdict(pair.classic, pair.ours, body, partial=True)


@drawn
@given(inputs(), st.booleans())
@example((MANY, [{"v": ""}, {"v": [{"v": None}]}]), False)
@example((LISTS_OF_MANY, [{"v": [{"0": None}]}, {"v": [{"[0]v": "a", "[1]v": ""}]}]), False)
def test_form_input(case: Case, partial: bool) -> None:
    pair, bodies = case
    for body in bodies:
        assert_same_verdict(pair.classic, pair.ours, form_of(body), partial=partial)


@drawn
@given(inputs(depth=1), st.booleans())
@example((MANY, [{"v": [None]}, None, []]), False)
def test_many_inputs(case: Case, partial: bool) -> None:
    pair, bodies = case
    assert_same_verdict(pair.classic, pair.ours, bodies, many=True, partial=partial)


@drawn
@given(rows())
@example((LETTERS, [{"v": "zz"}, {"v": ""}]))
def test_output_of_mappings(case: Case) -> None:
    pair, stored = case
    for row in stored:
        assert_same_print(pair.classic, pair.ours, row)
        assert_same_print(pair.classic, pair.ours, [row], many=True)
    assert_same_print(pair.classic, pair.ours, stored, many=True)


@drawn
@given(rows())
@example((LETTERS, [{"v": "zz"}, {"v": 1}]))
def test_output_of_objects(case: Case) -> None:
    pair, stored = case
    objects = [SimpleNamespace(**row) for row in stored]
    for one in objects:
        assert_same_print(pair.classic, pair.ours, one)
    assert_same_print(pair.classic, pair.ours, objects, many=True)
