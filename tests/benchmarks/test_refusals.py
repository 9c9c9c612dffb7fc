"""What wrong input costs, as ratios to DRF in the same run, and how that grows with its size.

``make bench-more`` runs them and prints the ratios. Both sides must give the same errors before
anything is timed. Where DRF has no field for a type, the fields of its members stand for it, one
after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model
from rest_framework import serializers as drf

from nova_drf import Schema, serializer_from_schema
from tests.benchmarks.test_serializers import best_times
from tests.oracle import error_tree

pytestmark = pytest.mark.bench

MOST = 2.0
"""How many times as long as DRF we may take."""

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 5
EVIL = r"^(\w+\s?)+$"


class Letter(Enum):
    A = "a"
    B = "b"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    age: int


class ClassicCat(drf.Serializer[Any]):
    kind = drf.ChoiceField(choices=["cat"])
    lives = drf.IntegerField()


class ClassicPoint(drf.Serializer[Any]):
    x = drf.IntegerField()
    y = drf.CharField()


class Point(Schema):
    x: int
    y: str


Letters = Literal["a", "b"]
Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


def choices() -> Any:
    return drf.ChoiceField(choices=["a", "b"])


def integers(**arguments: Any) -> Any:
    return drf.ListField(child=drf.IntegerField(**arguments))


Twins = Callable[[], list[Any]]
KINDS: dict[str, tuple[Any, Twins, Callable[[int], Any]]] = {
    "integers": (list[int], lambda: [integers()], lambda count: ["x"] * count),
    "tuple": (tuple[int, ...], lambda: [integers()], lambda count: ["x"] * count),
    "set": (set[int], lambda: [integers()], lambda count: ["x"] * count),
    "dictionary": (
        dict[str, int],
        lambda: [drf.DictField(child=drf.IntegerField())],
        lambda count: dict.fromkeys(map(str, range(count)), "x"),
    ),
    "set of literals": (
        set[Letters],
        lambda: [drf.ListField(child=choices())],
        lambda count: [f"x{number}" for number in range(count)],
    ),
    "list of literals": (
        list[Letters],
        lambda: [drf.ListField(child=choices())],
        lambda count: [f"x{number}" for number in range(count)],
    ),
    "set of members": (
        frozenset[Letter],
        lambda: [drf.ListField(child=choices())],
        lambda count: [f"x{number}" for number in range(count)],
    ),
    "union": (
        list[int | date],
        lambda: [integers(), drf.ListField(child=drf.DateField())],
        lambda count: ["x"] * count,
    ),
    "optional union": (
        list[int | Letters | None],
        lambda: [integers(allow_null=True), drf.ListField(child=choices())],
        lambda count: ["x"] * count,
    ),
    "members": (
        list[Pet],
        lambda: [ClassicCat(many=True)],
        lambda count: [{"kind": "cat", "lives": "x"}] * count,
    ),
    "patterns": (
        list[Annotated[str, Field(pattern="^a+$")]],
        lambda: [drf.ListField(child=drf.RegexField("^a+$"))],
        lambda count: ["x"] * count,
    ),
    "objects": (
        list[Point],
        lambda: [ClassicPoint(many=True)],
        lambda count: [{"x": "x", "y": []}] * count,
    ),
}


def sides(kind: str, count: int) -> dict[str, Callable[[], Any]]:
    """Return what is timed; the same errors come out on both sides."""
    annotation, twins, data = KINDS[kind]
    body = {"value": data(count)}
    ours = serializer_from_schema(
        create_model("Body", __base__=Schema, __module__=__name__, value=(annotation, ...))
    )
    classic = [type("Classic", (drf.Serializer,), {"value": twin}) for twin in twins()]

    def refused(serializer_class: Any) -> Any:
        serializer = serializer_class(data=body)
        assert not serializer.is_valid()
        return serializer.errors

    expected = [error_tree(refused(one)) for one in classic]
    assert error_tree(refused(ours)) in expected
    return {"ours": lambda: refused(ours), "drf": lambda: [refused(one) for one in classic]}


@pytest.mark.parametrize("count", [1, 1000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_takes_at_most_twice_as_long(
    kind: str, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = 1 if count > 1 else 200
    times = best_times(sides(kind, count), calls=calls, rounds=ROUNDS)
    ratio = times["ours"] / times["drf"]
    with capsys.disabled():
        print(f"\n{kind}, {count} wrong: {ratio:.2f} times as long as DRF")
    assert ratio <= MOST


@pytest.mark.parametrize("kind", ["integers", "set of literals", "union"])
def test_what_a_refusal_costs_grows_with_its_size(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spent = {size: {name: took(call) for name, call in sides(kind, size).items()} for size in SIZES}
    per_item = {size: times["ours"] / size for size, times in spent.items()}
    with capsys.disabled():
        for size, times in spent.items():
            ratio = times["ours"] / times["drf"]
            print(f"\n{kind}, {size} wrong: {times['ours']:.3f} s, {ratio:.2f} times as long")
    assert per_item[SIZES[-1]] <= 3 * per_item[SIZES[0]]
    assert spent[SIZES[-1]]["ours"] <= MOST * spent[SIZES[-1]]["drf"]


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_a_pattern_is_searched_in_linear_time(
    base: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    word = Annotated[str, Field(pattern=EVIL)]
    ours = serializer_from_schema(
        create_model("Body", __base__=base, __module__=__name__, value=(word, ...))
    )
    spent = {
        size: took(lambda size=size: ours(data={"value": "a" * size + "!"}).is_valid())
        for size in SIZES
    }
    with capsys.disabled():
        print("\n", {size: f"{seconds * 1000:.2f} ms" for size, seconds in spent.items()})
    assert spent[SIZES[-1]] <= 0.05


def took(call: Callable[[], Any]) -> float:
    """Return the processor time of a call, the better of two."""
    best = float("inf")
    for _round in range(2):
        began = time.process_time()
        call()
        best = min(best, time.process_time() - began)
    return best
