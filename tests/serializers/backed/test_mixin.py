"""A backed class gives the answers of the class that it stands in front of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from nova_drf.serializers.backed import SchemaBackedMixin
from tests.oracle import outcome, printed
from tests.strategies import Pair, described, form_of, pairs

drawn = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def backed(serializer_class: Any) -> Any:
    """Put the mixin in front of a class."""
    return type(serializer_class.__name__, (SchemaBackedMixin, serializer_class), {})


def assert_same_input(classic: Any, sent: Any, **arguments: Any) -> None:
    """Both take it with the same values, refuse it in the same words, or crash alike."""
    ours = backed(classic)
    for _ in range(2):
        assert outcome(ours, sent, **arguments) == outcome(classic, sent, **arguments)


def assert_same_output(classic: Any, stored: Any, **arguments: Any) -> None:
    """Both print the same bytes; what crashes DRF, ours may print."""
    ours = backed(classic)
    expected = printed(classic, stored, **arguments)
    for _ in range(2):
        actual = printed(ours, stored, **arguments)
        assert expected is None or actual == expected


@drawn
@given(st.data(), st.booleans())
def test_json_input(data: st.DataObject, partial: bool) -> None:
    pair: Pair = data.draw(pairs(described()))
    for sent in data.draw(st.lists(pair.inputs, min_size=1, max_size=6)):
        assert_same_input(pair.classic, sent, partial=partial)


@drawn
@given(st.data(), st.booleans())
def test_form_input(data: st.DataObject, partial: bool) -> None:
    pair: Pair = data.draw(pairs(described()))
    assert_same_input(pair.classic, form_of(data.draw(pair.inputs)), partial=partial)


@drawn
@given(st.data(), st.booleans())
def test_many_inputs(data: st.DataObject, partial: bool) -> None:
    pair: Pair = data.draw(pairs(described(depth=1)))
    sent = data.draw(st.lists(pair.inputs, max_size=4))
    assert_same_input(pair.classic, sent, many=True, partial=partial)


@drawn
@given(st.data())
def test_output(data: st.DataObject) -> None:
    pair: Pair = data.draw(pairs(described()))
    stored = data.draw(st.lists(pair.stored, max_size=4))
    objects = [SimpleNamespace(**row) for row in stored]
    for rows in (stored, objects):
        assert_same_output(pair.classic, rows, many=True)
        for row in rows:
            assert_same_output(pair.classic, row)


def test_a_class_made_with_type_is_the_projects() -> None:
    """Its module is that of DRF's metaclass, whatever it overrides."""

    def shout(self: Any, instance: Any) -> Any:
        return {"shout": instance["name"].upper()}

    body = {"name": serializers.CharField(), "to_representation": shout}
    made: Any = type("Made", (serializers.Serializer,), body)
    assert made.__module__ == serializers.__name__
    assert backed(made)({"name": "a"}).data == {"shout": "A"}
    assert backed(made)([{"name": "a"}], many=True).data == [{"shout": "A"}]
