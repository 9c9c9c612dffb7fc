"""A serializer, its schema, and the serializer of that schema are one contract."""

from __future__ import annotations

from enum import Enum
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from rest_framework.serializers import ListSerializer, Serializer

from nova_drf import SchemaSerializer, schema_from_serializer, serializer_from_schema
from tests.oracle import CRASHED, outcome, printed
from tests.strategies import Pair, described, form_of, pairs

drawn = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def round_trip(serializer_class: Any) -> Any:
    """Convert there and back."""
    made = serializer_from_schema(schema_from_serializer(serializer_class))
    assert issubclass(made, SchemaSerializer)
    return made


@drawn
@given(st.data(), st.booleans())
def test_json_input(data: st.DataObject, partial: bool) -> None:
    pair: Pair = data.draw(pairs(described()))
    ours = round_trip(pair.classic)
    for sent in data.draw(st.lists(pair.inputs, min_size=1, max_size=6)):
        expected = outcome(pair.classic, sent, partial=partial)
        assert outcome(ours, sent, partial=partial) == expected


@drawn
@given(st.data(), st.booleans())
def test_form_input(data: st.DataObject, partial: bool) -> None:
    pair: Pair = data.draw(pairs(described()))
    form = form_of(data.draw(pair.inputs))
    expected = outcome(pair.classic, form, partial=partial)
    assert outcome(round_trip(pair.classic), form, partial=partial) == expected


@drawn
@given(st.data())
def test_output(data: st.DataObject) -> None:
    pair: Pair = data.draw(pairs(described()))
    ours = round_trip(pair.classic)
    stored = data.draw(st.lists(pair.stored, max_size=4))
    for rows in (stored, [SimpleNamespace(**row) for row in stored]):
        expected = printed(pair.classic, rows, many=True)
        actual = printed(ours, rows, many=True)
        # What crashes DRF, ours may print.
        assert expected is None or actual == expected


def without_read_only(field: Any, sent: Any) -> Any:
    """Leave out what a serializer ignores; a schema holds it, for it is also what is printed."""
    if isinstance(field, ListSerializer) and isinstance(sent, list):
        return [without_read_only(field.child, one) for one in sent]
    if not isinstance(field, Serializer) or not isinstance(sent, dict):
        return sent
    return {
        name: without_read_only(field.fields.get(name), value)
        for name, value in sent.items()
        if name not in field.fields or not field.fields[name].read_only
    }


def holds_a_plain_member(sent: Any) -> bool:
    """Whether Python code passes a member of an ``Enum`` that is no text and no number.

    ``ChoiceField`` takes its value. A ``Literal`` takes a text only; no client can send another.
    """
    parts = list(sent.values()) if isinstance(sent, dict) else sent
    if isinstance(parts, (list, tuple)):
        return any(map(holds_a_plain_member, parts))
    return isinstance(sent, Enum) and not isinstance(sent, (str, int))


@drawn
@given(st.data())
def test_the_schema_alone_decides_as_the_serializer_does(data: st.DataObject) -> None:
    pair: Pair = data.draw(pairs(described()))
    schema = schema_from_serializer(pair.classic)
    for sent in data.draw(st.lists(pair.inputs, min_size=1, max_size=6)):
        expected = outcome(pair.classic, sent).verdict
        if expected == CRASHED or holds_a_plain_member(sent):
            continue
        try:
            schema.model_validate(without_read_only(pair.classic(), sent))
        except ValidationError:
            assert expected == "invalid", sent
        else:
            assert expected == "valid", sent
