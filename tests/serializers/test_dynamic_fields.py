"""``serializer.fields``: built when asked for, and finite for schemas that contain themselves."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.metadata import SimpleMetadata
from rest_framework.renderers import HTMLFormRenderer

from nova_drf import (
    ReadOnly,
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    serializer_from_schema,
)
from nova_drf.core.overrides import hooks_of, usual_attributes
from nova_drf.serializers.dynamic_fields import (
    UNCHANGED,
    ChangedField,
    FieldChanges,
    LazyFields,
    made_for,
)
from tests.oracle import assert_same_verdict


class Classic(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField()


class Named(Schema):
    id: ReadOnly[int]
    name: str


NamedSerializer = serializer_from_schema(Named)


class Node(Schema):
    value: int
    next: Node | None = None
    children: list[Node] = []
    named: dict[str, Node] = {}


NodeSerializer = serializer_from_schema(Node)


@pytest.fixture
def fields() -> LazyFields:
    built = {
        name: lambda name=name: made_for(serializers.CharField(), name) for name in ("a", "b", "c")
    }
    return LazyFields(Classic(), built)


def test_validation_and_output_build_no_fields() -> None:
    serializer = NamedSerializer(data={"name": "a"})
    assert serializer.is_valid()
    assert serializer.data
    assert "fields" not in vars(serializer)


def test_a_field_is_built_and_bound_once(fields: LazyFields) -> None:
    first = fields["b"]
    assert fields["b"] is first
    assert (first.field_name, first.parent) == ("b", fields.serializer)
    assert fields.changes().fields == (ChangedField("b", "b", False, False, False),)


def test_it_is_a_mapping_in_order(fields: LazyFields) -> None:
    assert list(fields) == ["a", "b", "c"]
    assert list(fields.keys()) == ["a", "b", "c"]
    assert [field.field_name for field in fields.values()] == ["a", "b", "c"]
    assert len(fields) == 3
    assert "a" in fields
    assert "z" not in fields
    assert fields.get("z") is None
    with pytest.raises(KeyError):
        fields["z"]
    assert repr(fields).startswith("{'a': CharField(")


def test_it_knows_what_was_done_to_it(fields: LazyFields) -> None:
    assert fields.changes() is UNCHANGED
    fields.peek("a")
    with fields.quiet():
        fields["a"].read_only
    assert fields.changes() is UNCHANGED
    fields["a"].read_only = True
    assert fields.changes() == FieldChanges(None, (ChangedField("a", "a", True, False, False),))
    fields["b"] = serializers.CharField(source="x")
    fields["d"] = serializers.CharField(write_only=True)
    del fields["c"]
    assert fields.changes() == FieldChanges(
        ("a", "b", "d"),
        (
            ChangedField("a", "a", True, False, False),
            ChangedField("b", "x", False, False, True),
            ChangedField("d", "d", False, True, True),
        ),
    )
    with pytest.raises(KeyError):
        del fields["c"]
    assert fields.pop("c", None) is None


def test_popped_fields_leave_no_trace_on_others(fields: LazyFields) -> None:
    fields["c"]
    fields.pop("c")
    assert fields.changes() == FieldChanges(("a", "b"), ())


def test_a_schema_that_contains_itself_is_shown_two_levels_deep() -> None:
    names = ["value", "next", "children", "named"]
    first = NodeSerializer().fields
    second = first["next"].fields
    third = second["children"].child.fields
    assert (list(first), list(second), list(third)) == (names, names, ["value"])
    assert len(third) == 1
    # What is not shown is there all the same.
    assert list(third["next"].fields) == ["value"]


def test_walkers_come_to_an_end() -> None:
    info = SimpleMetadata().get_serializer_info(NodeSerializer())
    assert list(info["next"]["children"]["next"]["children"]) == ["value"]
    assert list(info["children"]["child"]["children"]) == ["value", "next", "children", "named"]
    assert repr(NodeSerializer()).count("value = IntegerField()") > 3
    assert NodeSerializer().data["next"]["next"] == {"value": None}
    html = HTMLFormRenderer().render(NodeSerializer().data, None, {})
    assert 'name="next.next.value"' in html


def test_deep_values_are_checked_as_deep_as_they_go() -> None:
    class Touching(SchemaSerializer[Node]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            for field in self.fields.values():
                field.help_text = "touched"

    deep: dict[str, Any] = {"value": "x"}
    for _ in range(6):
        deep = {"value": 1, "next": deep}
    for serializer_class in (NodeSerializer, Touching):
        serializer = serializer_class(data=deep)
        assert not serializer.is_valid()
        errors: Any = serializer.errors
        for _ in range(6):
            errors = errors["next"]
        assert errors["value"][0].code == "invalid"
        deeper = serializer_class(data={"value": 1, "next": {"value": 2, "next": {"value": 3}}})
        assert deeper.is_valid()
        assert deeper.data["next"]["next"]["value"] == 3


class AddsOne:
    """Adds a field, and has a hook for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["added"] = serializers.CharField()

    def validate_added(self, value: str) -> str:
        if value == "bad":
            raise serializers.ValidationError("Bad.", code="bad")
        return value.upper()


@pytest.mark.parametrize("value", ["bad", "good", "", None])
def test_hooks_of_fields_that_an_instance_adds(value: Any) -> None:
    class Theirs(AddsOne, serializers.Serializer[Any]):
        name = serializers.CharField()

    class Ours(AddsOne, NamedSerializer):
        pass

    assert_same_verdict(Theirs, Ours, {"name": "Ada", "added": value})


class Counted(Schema):
    a: int


def test_no_usual_attribute_of_a_serializer_is_taken_for_a_hook() -> None:
    class Backed(SchemaBackedMixin, serializers.Serializer[Any]):
        a = serializers.IntegerField()

    class OfSchema(SchemaSerializer[Counted]):
        pass

    class Around(Schema):
        inner: Counted

    def used(serializer: Any, data: object) -> Any:
        assert serializer.is_valid(), serializer.errors
        assert isinstance(serializer.data, type(data))
        if hasattr(serializer, "validated_schema"):
            assert serializer.validated_schema is not None
        return serializer

    data = {"a": 1}
    around = {"inner": data}
    seen = [
        *(used(cls(data=data), data) for cls in (Backed, OfSchema)),
        *(used(cls({"a": 2}, data=data, partial=True), data) for cls in (Backed, OfSchema)),
        *(used(cls(data=[data], many=True), [data]).child for cls in (Backed, OfSchema)),
        used(serializer_from_schema(Around)(data=around), around).fields["inner"],
    ]
    for serializer in seen:
        assert vars(serializer).keys() <= usual_attributes()
        assert hooks_of(serializer) == frozenset()
    assert not any(name.startswith("validate") for name in usual_attributes())
