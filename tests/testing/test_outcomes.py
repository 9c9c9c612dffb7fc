"""Comparable forms of what serializers answer."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied

from nova_drf import Schema, serializer_from_schema
from nova_drf.testing.outcomes import (
    Outcome,
    Verdict,
    agree,
    error_tree,
    primitive,
    printed,
    typed,
    validated,
)
from tests.convertapp.models import Country, Person

DIFFERENT: list[tuple[Any, Any]] = [
    (1, True),
    (1, 1.0),
    (1, "1"),
    ("a", b"a"),
    ([1], (1,)),
    ({1}, [1]),
    ({1}, {True}),
    ({1}, frozenset({1})),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({"a": 1}, {"a": True}),
    (Decimal("1.0"), Decimal("1.00")),
    (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1)),
    (time(1), time(1, fold=1)),
    (float("nan"), 1.0),
    (SimpleNamespace(a=1), SimpleNamespace(a=2)),
    (Country(code="fr"), Country(code="it")),
    (Person(name="a"), Person(name="b")),
    (SimpleUploadedFile("a", b"x"), SimpleUploadedFile("b", b"x")),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=repr)
def test_values_differ_by_their_types(one: Any, other: Any) -> None:
    assert typed(one) == typed(one)
    assert typed(one) != typed(other)


class Bare:
    """Has the ``repr`` of every object, with its address."""

    def __init__(self, **state: Any) -> None:
        vars(self).update(state)


class Slotted:
    __slots__ = ()


def test_what_is_equal_is_equal() -> None:
    assert typed(float("nan")) == typed(float("nan"))
    assert typed(Country(code="fr", name="x")) == typed(Country(code="fr", name="y"))
    assert typed(Bare(a=1)) == typed(Bare(a=1))
    assert typed(Bare(a=1)) != typed(Bare(a=True))
    assert typed(Bare()) == typed(Bare())
    assert typed(Slotted()) == typed(Slotted())
    assert typed(iter([1])) == typed(iter([2]))
    assert typed({2, 1}) == typed({1, 2})
    unsaved = Country(name="a", code=None)
    assert typed(unsaved) == typed(Country(name="a", code=None))
    assert typed(unsaved) != typed(Country(name="b", code=None))


def test_printed_data_knows_the_order_of_keys() -> None:
    assert primitive({"a": [1], "b": None}) != primitive({"b": None, "a": [1]})
    assert primitive({"a": [1, True]}) != primitive({"a": [1, 1]})
    assert primitive([(1, 2)]) == primitive([[1, 2]])


def test_errors_are_compared_with_their_codes() -> None:
    detail = serializers.ValidationError({"a": ["x"], "b": {0: "y"}}, code="c").detail
    assert error_tree(detail) == {"a": [("x", "c")], "b": {0: ("y", "c")}}
    assert error_tree("plain") == ("plain", None)


class Answering(serializers.Serializer[Any]):
    name = serializers.CharField()

    def validate_name(self, name: str) -> str:
        raises: dict[str, Exception] = {
            "gone": NotFound("Gone."),
            "no": PermissionDenied(),
            "crash": RuntimeError("Crashed."),
        }
        if name in raises:
            raise raises[name]
        return name

    def to_representation(self, instance: Any) -> Any:
        return {"name": self.validate_name(instance["name"])}


def test_an_answer_with_a_status_is_an_answer() -> None:
    gone, no = (validated(Answering, {"name": name}) for name in ("gone", "no"))
    assert gone.verdict is Verdict.INVALID
    assert gone.errors == (404, ("Gone.", "not_found"))
    assert not agree(gone, no)
    assert printed(Answering, {"name": "no"}).errors[0] == 403


def test_a_crash_is_no_contract() -> None:
    crashed = validated(Answering, {"name": "crash"})
    assert (crashed.verdict, crashed.crash) == (Verdict.CRASHED, "RuntimeError")
    assert str(crashed) == "crashed: RuntimeError: Crashed."
    good = validated(Answering, {"name": "a"})
    assert str(good).startswith("valid: ")
    assert not agree(good, crashed)
    assert not agree(crashed, good)
    assert agree(crashed, validated(Answering, {}))
    assert agree(printed(Answering, {"name": "crash"}), printed(Answering, {"name": "a"}))
    assert not agree(printed(Answering, {"name": "a"}), printed(Answering, {"name": "crash"}))


def test_an_error_that_cannot_be_sent_is_a_crash() -> None:
    class Choosing(serializers.Serializer[Any]):
        """DRF quotes what is no choice."""

        name = serializers.ChoiceField(["a"])

    class ChoosingSchema(Schema):
        name: Literal["a"]

    given = {"name": "\ud800"}
    crashed = validated(Choosing, given)
    assert (crashed.verdict, crashed.crash) == (Verdict.CRASHED, "UnicodeEncodeError")
    ours = validated(serializer_from_schema(ChoosingSchema), given)
    assert ours.verdict is Verdict.INVALID
    assert agree(crashed, ours)


def test_what_is_shown_does_not_count() -> None:
    assert Outcome(Verdict.VALID, value=1, shown="a") == Outcome(Verdict.VALID, value=1, shown="b")


def test_a_payload_stays_as_it_was() -> None:
    class Taking(serializers.Serializer[Any]):
        def to_internal_value(self, data: Any) -> Any:
            return {"taken": data.pop("a"), "first": data["b"].pop()}

    sent = {"a": 1, "b": [{}, 2]}
    outcome = validated(Taking, sent)
    assert outcome.value == typed({"taken": 1, "first": 2})
    assert sent == {"a": 1, "b": [{}, 2]}
