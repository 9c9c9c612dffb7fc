"""``assert_parity`` finds planted differences of every kind, by input of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import QueryDict
from rest_framework import serializers

from nova_drf import testing
from nova_drf.testing import ParityError, assert_parity
from nova_drf.testing.payloads import Request

Numbers = serializers.ListField(child=serializers.IntegerField())


class Old(serializers.Serializer[Any]):
    """What is there."""

    name = serializers.CharField(max_length=8)
    size = serializers.IntegerField(required=False, min_value=1, max_value=500)
    nick = serializers.CharField(required=False, allow_null=True)
    flag = serializers.BooleanField(default=False)
    numbers = serializers.ListField(child=serializers.IntegerField(), required=False)


def new(**body: Any) -> Any:
    """Return the replacement, with something planted."""
    return type("New", (Old,), body)


def refusing(wanted: Callable[[Any, Any], bool]) -> Any:
    """Return a replacement that refuses what it was not to refuse."""

    def validate(self: Any, attrs: Any) -> Any:
        if wanted(self, attrs):
            raise serializers.ValidationError("Planted.")
        return attrs

    return new(validate=validate)


def with_value(change: Callable[[Any], Any]) -> Any:
    def validate(self: Any, attrs: Any) -> Any:
        return {**attrs, "name": change(attrs["name"])} if "name" in attrs else attrs

    return new(validate=validate)


def with_output(change: Callable[[dict[str, Any]], Any]) -> Any:
    def to_representation(self: Any, instance: Any) -> Any:
        return change(serializers.Serializer.to_representation(self, instance))

    return new(to_representation=to_representation)


class Text(str):
    """Equal to a text, and of another type."""


KINDS: dict[str, tuple[Callable[[], Any], bool]] = {
    "verdict": (lambda: new(name=serializers.CharField(max_length=9)), True),
    "value": (lambda: with_value(str.upper), True),
    "type of a value": (lambda: with_value(Text), True),
    "type of a collection": (
        lambda: new(validate_numbers=lambda self, numbers: tuple(numbers)),
        True,
    ),
    "code": (
        lambda: new(
            name=serializers.CharField(
                max_length=8, error_messages={"blank": "This field may not be blank.  "}
            )
        ),
        True,
    ),
    "message": (
        lambda: new(name=serializers.CharField(max_length=8, error_messages={"null": "Planted."})),
        True,
    ),
    "a key that is missing from the output": (
        lambda: with_output(lambda data: {key: data[key] for key in data if key != "flag"}),
        False,
    ),
    "order of keys": (
        lambda: with_output(lambda data: dict(sorted(data.items(), reverse=True))),
        False,
    ),
    "bytes": (lambda: with_output(lambda data: {**data, "flag": int(bool(data["flag"]))}), False),
    "a number as text": (
        lambda: with_output(lambda data: {**data, "size": str(data.get("size"))}),
        False,
    ),
    "a float for an integer": (
        lambda: with_output(
            lambda data: {**data, "size": float(data["size"])} if "size" in data else data
        ),
        False,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_difference_is_found(kind: str) -> None:
    make, incoming = KINDS[kind]
    with pytest.raises(ParityError) as found:
        assert_parity(Old, make())
    difference = found.value.difference
    assert difference.incoming is incoming
    assert difference.expected != difference.actual
    assert str(difference).startswith("Old and New answer differently.")


def code_only(self: Any, name: str) -> str:
    if name.startswith("x"):
        raise serializers.ValidationError("No x.", code=self.code)
    return name


def test_a_code_alone_is_a_difference() -> None:
    old = new(validate_name=code_only, code="one")
    with pytest.raises(ParityError) as found:
        assert_parity(old, type("Newer", (old,), {"code": "two"}))
    assert "'one'" in str(found.value)
    assert "'two'" in str(found.value)


def is_form(data: Any) -> bool:
    return isinstance(data, QueryDict)


def shown(attrs: Any) -> str:
    return str(attrs.get("name", ""))


INPUTS: dict[str, Callable[[Any, Any], bool]] = {
    "form-encoded": lambda self, attrs: is_form(self.initial_data),
    "partial": lambda self, attrs: bool(self.partial),
    "missing": lambda self, attrs: "size" not in attrs and not self.partial,
    "null": lambda self, attrs: "nick" in attrs and attrs["nick"] is None,
    "unknown key": lambda self, attrs: "unknown" in self.initial_data,
    "boundary": lambda self, attrs: attrs.get("size") == 500,
    "lower boundary": lambda self, attrs: attrs.get("size") == 1,
    "unicode": lambda self, attrs: not shown(attrs).isascii(),
    "longest": lambda self, attrs: len(shown(attrs)) == 8,
    "another type": lambda self, attrs: type(self.initial_data.get("name")) in (int, float),
    "spaces around": lambda self, attrs: str(self.initial_data.get("name")) != shown(attrs),
    "a number in words": lambda self, attrs: isinstance(self.initial_data.get("size"), str),
    "an empty list": lambda self, attrs: attrs.get("numbers") == [],
}


@pytest.mark.parametrize("kind", INPUTS)
def test_input_of_every_kind_is_drawn(kind: str) -> None:
    with pytest.raises(ParityError) as found:
        assert_parity(Old, refusing(INPUTS[kind]))
    assert found.value.difference.incoming


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def test_a_difference_that_only_draws_find_is_shrunk() -> None:
    """It takes three fields at once, which no sweep sends, and the rest is left out."""

    def planted(self: Any, attrs: Any) -> bool:
        return bool(attrs.get("flag") and attrs.get("numbers") and attrs.get("nick"))

    with pytest.raises(ParityError) as found:
        assert_parity(Old, refusing(planted), examples=300)
    difference = found.value.difference
    case = eval(difference.given, {"QueryDict": QueryDict})
    assert {*case} <= {"name", "flag", "numbers", "nick"}
    assert len(list(leaves(case))) <= 4
    names = {"Old": Old, "New": refusing(planted), "QueryDict": QueryDict}
    with pytest.raises(AssertionError):
        exec("\n".join(difference.as_test()), names)


def test_keys_that_hypothesis_left_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def searched(strategy: Any, compare: Any, *arguments: Any) -> None:
        compare(Request({"size": 7, "flag": True, "name": "a", "numbers": [1], "nick": "b"}))

    def planted(self: Any, attrs: Any) -> bool:
        return bool(attrs.get("flag") and attrs.get("numbers") and attrs.get("nick"))

    monkeypatch.setattr("nova_drf.testing.parity.search", searched)
    with pytest.raises(ParityError) as found:
        assert_parity(Old, refusing(planted))
    assert list(eval(found.value.difference.given)) == ["flag", "name", "numbers", "nick"]


class Small(serializers.Serializer[Any]):
    size = serializers.IntegerField(min_value=0, max_value=200)


def test_series_of_draws_may_be_repeated() -> None:
    def validate(self: Any, attrs: Any) -> Any:
        if attrs.get("size", 0) % 7 == 5:
            raise serializers.ValidationError("Planted.")
        return attrs

    planted = type("Planted", (Small,), {"validate": validate})
    found: dict[int, set[str]] = {1: set(), 2: set()}
    for repeat in (1, 1, 2):
        try:
            assert_parity(Small, planted, examples=10, repeat=repeat)
        except ParityError as error:
            found[repeat].add(str(error))
        else:
            found[repeat].add("")
    assert len(found[1]) == 1


class Raw(serializers.BaseSerializer[Any]):
    """Has no fields to draw from."""

    def to_representation(self, instance: Any) -> Any:
        return {"raw": instance}


def test_without_fields_only_the_given_objects_are_compared() -> None:
    class Other(Raw):
        def to_representation(self, instance: Any) -> Any:
            return {"raw": str(instance)}

    assert_parity(Raw, Other)
    assert_parity(Raw, Other, instances=["a"])
    with pytest.raises(ParityError, match="stored: 1"):
        assert_parity(Raw, Other, instances=[1])


def test_of_two_classes_with_one_name_each_is_named() -> None:
    with pytest.raises(ParityError) as found:
        assert_parity(Old, type("Old", (Old,), {"name": serializers.CharField(max_length=9)}))
    assert str(found.value).startswith("OldOld and NewOld answer differently.")


def test_payloads_are_not_shared_between_the_two() -> None:
    class Mutating(serializers.Serializer[Any]):
        tags = serializers.ListField(child=serializers.CharField(), required=False)

        def to_internal_value(self, data: Any) -> Any:
            if isinstance(data, dict) and isinstance(data.get("tags"), list):
                data["tags"].append("seen")
            return super().to_internal_value(data)

    assert_parity(Mutating, type("Again", (Mutating,), {}), examples=20)


def test_the_names_load_on_first_use() -> None:
    assert testing.assert_parity is assert_parity
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        testing.nothing
