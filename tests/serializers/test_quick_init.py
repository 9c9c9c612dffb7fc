"""Serializers made without all of DRF's ``__init__`` are the same as those made with it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
from nova_drf.serializers.schema_serializer import serializer_from_schema


class Thing(Schema):
    name: str


class ClassicThing(serializers.Serializer[Any]):
    name = serializers.CharField()


class BackedThing(SchemaBackedMixin, ClassicThing):
    pass


CLASSES = pytest.mark.parametrize("cls", [serializer_from_schema(Thing), BackedThing])


@CLASSES
@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {}),
        (({"name": "x"},), {}),
        ((), {"data": {"name": "x"}, "partial": True}),
        ((None, {"name": "x"}), {"context": {"request": None}, "many": False}),
    ],
)
def test_the_attributes_are_those_that_drf_sets(cls: Any, args: Any, kwargs: Any) -> None:
    made, classic = vars(cls(*args, **kwargs)), vars(ClassicThing(*args, **kwargs))
    for name, value in classic.items():
        if name != "_creation_counter":
            assert made[name] == value, name


@CLASSES
def test_nothing_is_shared_between_serializers(cls: Any) -> None:
    first, second = cls(), cls()
    first.error_messages["invalid"] = "changed"
    first.style["a"] = 1
    first.context["b"] = 2
    assert second.error_messages["invalid"] != "changed"
    assert (second.style, second.context) == ({}, {})


@CLASSES
def test_declared_serializers_stay_in_order_among_fields(cls: Any) -> None:
    class Outer(serializers.Serializer[Any]):
        before = serializers.CharField()
        inner = cls()
        between = serializers.CharField()
        another = cls()
        last = cls()
        after = serializers.CharField()

    assert list(Outer().fields) == ["before", "inner", "between", "another", "last", "after"]


@CLASSES
def test_other_arguments_go_to_drf(cls: Any) -> None:
    assert cls(required=False, source="other").source == "other"
    with pytest.raises(TypeError, match="odd"):
        cls(odd=1)


def _recorded(base: Any) -> Any:
    class Recorded(base):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.extra = kwargs.pop("extra", None)
            super().__init__(*args, **kwargs)

    return Recorded


@pytest.mark.parametrize("base", [SchemaSerializer[Thing], BackedThing])
def test_an_init_of_the_user_runs(base: Any) -> None:
    made = _recorded(base)(data={"name": "x"}, extra=5)
    assert (made.extra, made.is_valid(), made.validated_data) == (5, True, {"name": "x"})


class LoudInit(serializers.Serializer[Any]):
    """A base class behind ours that has an ``__init__`` too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_loud = True


def test_an_init_behind_ours_runs() -> None:
    class Both(SchemaSerializer[Thing], LoudInit):
        pass

    class Backed(SchemaBackedMixin, LoudInit):
        name = serializers.CharField()

    assert Both().is_loud
    assert Backed().is_loud
