"""Serializers that are copied, pickled, used in many threads and changed in many ways."""

from __future__ import annotations

import copy
import gc
import itertools
import pickle
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, create_model
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from nova_drf import NotRequired, Schema, SchemaSerializer, UseField
from nova_drf.core.settings import get_setting
from nova_drf.serializers.schema_serializer import serializer_from_schema


class ClassicLine(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)
    count = serializers.IntegerField(default=1)


class ClassicOrder(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=10)
    amount = serializers.IntegerField(min_value=1)
    line = ClassicLine()
    lines = ClassicLine(many=True, required=False)


class Line(Schema):
    name: Annotated[str, Field(max_length=5)]
    count: int = 1


class Order(Schema):
    title: Annotated[str, Field(max_length=10)]
    amount: Annotated[int, Field(ge=1)]
    line: Line
    lines: NotRequired[list[Line]]


class OrderSerializer(SchemaSerializer[Order]):
    pass


GOOD: dict[str, Any] = {"title": "a", "amount": "2", "line": {"name": "x"}, "lines": []}
BAD: dict[str, Any] = {"title": "a", "amount": 0, "line": {}, "lines": [{"name": 1}, {}]}
ROW = {"title": "a", "amount": 2, "line": {"name": "x", "count": 1}, "lines": []}


def checked(serializer: Any) -> Any:
    serializer.is_valid()
    return serializer


def changed(serializer: Any) -> Any:
    serializer.fields["title"].max_length = 3
    serializer.fields.pop("amount")
    serializer.fields["extra"] = serializers.IntegerField(required=False)
    return serializer


def walked(serializer: Any) -> Any:
    for field in serializer.fields.values():
        getattr(field, "fields", None)
    return serializer


STATES: list[Callable[[Any], Any]] = [
    lambda cls: cls(),
    lambda cls: cls(data=GOOD),
    lambda cls: cls(data=BAD, partial=True),
    lambda cls: cls(ROW),
    lambda cls: cls([ROW], many=True),
    lambda cls: checked(cls(data=GOOD)),
    lambda cls: checked(cls(data=BAD)),
    lambda cls: checked(cls(data=[GOOD, GOOD], many=True)),
    lambda cls: walked(cls(data=GOOD)),
    lambda cls: changed(cls(data=GOOD)),
]


def looked_at(serializer: Any) -> list[Any]:
    """Return what can be seen of a serializer; it is validated if it has not been."""
    seen: list[Any] = [serializer.instance]
    if hasattr(serializer, "initial_data"):
        seen += [serializer.is_valid(), serializer.errors, serializer.validated_data]
    seen.append(JSONRenderer().render(serializer.data))
    child = getattr(serializer, "child", serializer)
    return [*seen, list(child.fields), child.partial]


@pytest.mark.parametrize("make", STATES)
@pytest.mark.parametrize(
    "passed_on", [copy.copy, lambda one: pickle.loads(pickle.dumps(one))], ids=["copy", "pickle"]
)
def test_copies_answer_as_the_original(
    make: Callable[[Any], Any], passed_on: Callable[[Any], Any]
) -> None:
    expected = looked_at(passed_on(make(ClassicOrder)))
    assert looked_at(passed_on(make(OrderSerializer))) == expected
    assert looked_at(make(OrderSerializer)) == expected


@pytest.mark.parametrize("make", STATES)
def test_a_deep_copy_is_made_anew_from_its_arguments(make: Callable[[Any], Any]) -> None:
    expected = looked_at(copy.deepcopy(make(ClassicOrder)))
    assert looked_at(copy.deepcopy(make(OrderSerializer))) == expected


def test_what_an_answer_holds_can_be_put_into_a_cache() -> None:
    for data in (OrderSerializer(ROW).data, checked(OrderSerializer(data=BAD)).errors):
        assert pickle.loads(pickle.dumps(data)) == data


# Threads


class Node(Schema):
    """A schema that contains itself, and much else."""

    name: str
    at: datetime
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    kept: Annotated[str, UseField(serializers.CharField(required=False))]
    children: list[Node] = []


BODY: dict[str, Any] = {
    "name": " a ",
    "at": "2024-01-02T03:04:05Z",
    "price": "1.5",
    "kept": "k",
    "children": [{"name": "b", "at": "2024-01-02T03:04:05Z", "price": 2, "kept": "l"}],
}
BROKEN = {**BODY, "price": "x", "children": [{"name": ""}]}


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_many_threads_may_be_the_first_to_use_a_class(base: type[BaseModel]) -> None:
    threads = 16
    for _ in range(5):
        schema = create_model("Fresh", __base__=base, node=(Node, ...), n=(int, 3))
        cls = serializer_from_schema(schema)
        barrier = threading.Barrier(threads)

        def use(at: int, cls: Any = cls, barrier: Any = barrier) -> tuple[int, Any]:
            barrier.wait()
            if at % 3 == 0:
                serializer = cls(data={"node": BODY})
                assert serializer.is_valid(), serializer.errors
                return 0, JSONRenderer().render(serializer.data)
            if at % 3 == 1:
                serializer = cls(data={"node": BROKEN})
                assert not serializer.is_valid()
                return 1, JSONRenderer().render(serializer.errors)
            return 2, repr(cls())

        with ThreadPoolExecutor(threads) as pool:
            answers = set(pool.map(use, range(threads)))
        assert len(answers) == 3


def test_a_serializer_of_one_thread_does_not_change_that_of_another() -> None:
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            serializer = changed(OrderSerializer(data=GOOD))
            assert serializer.is_valid(), serializer.errors
            assert "amount" not in serializer.validated_data

    changer = threading.Thread(target=change)
    changer.start()
    try:
        for _ in range(300):
            serializer = OrderSerializer(data=GOOD)
            assert serializer.is_valid(), serializer.errors
            assert serializer.validated_data["amount"] == 2
            assert OrderSerializer(ROW).data == ROW
    finally:
        stop.set()
        changer.join()


# Memory


def test_sets_of_fields_that_nobody_uses_any_more_are_forgotten() -> None:
    fields: Any = {f"f{at}": (int, at) for at in range(9)}
    cls = serializer_from_schema(create_model("Wide", __base__=Schema, **fields))
    for names in itertools.product([False, True], repeat=9):
        serializer = cls(data={})
        for name, drop in zip(fields, names, strict=True):
            if drop:
                serializer.fields.pop(name)
        assert serializer.is_valid()
        assert len(serializer.data) == names.count(False)
    definition = cls.get_definition()
    for kept in (definition.input, definition.reader):
        assert kept.cache_info().currsize <= get_setting("VARIANTS_PER_CLASS")


def test_a_serializer_and_its_data_are_let_go() -> None:
    class Owned:
        title, amount, lines = "a", 2, ()
        line = {"name": "x", "count": 1}

    def used() -> list[weakref.ref[Any]]:
        row = Owned()
        printing, checking = OrderSerializer(row), checked(OrderSerializer(data=dict(BAD)))
        many = OrderSerializer([row, row], many=True)
        assert printing.data
        assert many.data
        assert checking.errors
        assert walked(changed(OrderSerializer(data=GOOD))).is_valid()
        return [weakref.ref(one) for one in (row, printing, checking, many)]

    left = used()
    gc.collect()
    assert [one() for one in left] == [None] * 4
