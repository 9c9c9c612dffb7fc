"""Fields, ``Meta`` and hooks that change at run time count from then on, as in DRF."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import SchemaBackedMixin, schema_from_serializer, serializer_from_schema
from tests.convertapp.models import Country
from tests.oracle import outcome, printed
from tests.serializers.backed.test_mixin import backed


class Person(serializers.Serializer[Any]):
    """The original."""

    name = serializers.CharField(max_length=5)
    size = serializers.ChoiceField(["s", "m"], default="s")
    tags = serializers.ListField(child=serializers.CharField(max_length=2), required=False)
    nick = serializers.CharField(source="other", required=False)


Persons = schema_from_serializer(Person)


def make_optional(serializer: Any) -> None:
    serializer.fields["name"].required = False


def lengthen(serializer: Any) -> None:
    serializer.fields["name"].validators[0].limit_value = 6
    serializer.fields["name"].max_length = 6


def drop_validators(serializer: Any) -> None:
    serializer.fields["name"].validators.clear()


def more_choices(serializer: Any) -> None:
    serializer.fields["size"].choices = ["s", "m", "l"]


def more_choices_in_place(serializer: Any) -> None:
    serializer.fields["size"].choice_strings_to_values["l"] = "l"


def change_child(serializer: Any) -> None:
    serializer.fields["tags"].child.allow_null = True


def change_source(serializer: Any) -> None:
    field = serializer.fields["nick"]
    field.source, field.source_attrs = "third", ["third"]


def hide(serializer: Any) -> None:
    serializer.fields["name"].read_only = True
    serializer.fields["size"].write_only = True


def take_away(serializer: Any) -> None:
    del serializer.fields["tags"]


def put_in(serializer: Any) -> None:
    serializer.fields["age"] = serializers.IntegerField(min_value=1)


def replace(serializer: Any) -> None:
    serializer.fields["name"] = serializers.IntegerField()


def message(serializer: Any) -> None:
    serializer.fields["name"].error_messages["blank"] = "Say it."


def walk_behind(serializer: Any) -> None:
    assert [field.source for field in serializer.fields.fields.values()][:2] == ["name", "size"]


def take_away_behind(serializer: Any) -> None:
    del serializer.fields.fields["tags"]


def put_in_behind(serializer: Any) -> None:
    behind = serializer.fields.fields
    field = serializers.IntegerField(min_value=1)
    field.bind("age", serializer)
    behind["age"] = field


def reorder_behind(serializer: Any) -> None:
    fields = serializer.fields
    fields.fields = {"size": fields["size"], "name": fields["name"]}


def take_away_and_put_in(serializer: Any) -> None:
    behind = serializer.fields.fields
    serializer.fields["age"] = serializers.IntegerField(min_value=1)
    del serializer.fields["size"]
    behind.pop("nick")


CHANGES: list[Callable[[Any], None]] = [
    *(make_optional, lengthen, drop_validators, more_choices, more_choices_in_place),
    *(change_child, change_source, hide, take_away, put_in, replace, message),
    *(walk_behind, take_away_behind, put_in_behind, reorder_behind, take_away_and_put_in),
]

BODIES: list[Any] = [
    {},
    {"name": ""},
    {"name": "abcdef", "size": "l"},
    {"name": "abc", "size": "l", "tags": [None], "nick": "n"},
    {"name": 5, "age": 0, "tags": ["abc"]},
    {"name": 5, "age": 7, "other": "x", "third": "y"},
]


def changing(base: Any, change: Callable[[Any], None]) -> Any:
    """Return a class whose instances change their fields when they are made."""

    class Changing(base):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            change(self)

    return Changing


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_changed_field_counts(change: Callable[[Any], None]) -> None:
    classic, ours = changing(Person, change), changing(backed(Person), change)
    for body in BODIES:
        for partial in (False, True):
            expected = outcome(classic, body, partial=partial)
            assert outcome(ours, body, partial=partial) == expected
        expected_bytes = printed(classic, body)
        assert printed(ours, body) == expected_bytes
    assert outcome(backed(Person), BODIES[3]) == outcome(Person, BODIES[3])


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_fields_behind_are_those_of_a_schema_too(change: Callable[[Any], None]) -> None:
    classic, ours = changing(Person, change), changing(serializer_from_schema(Persons), change)
    assert list(ours().fields) == list(classic().fields)
    assert list(ours().fields.fields) == list(classic().fields.fields)
    for body in BODIES:
        assert outcome(ours, body) == outcome(classic, body)
        assert printed(ours, body) == printed(classic, body)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_after_the_first_use_counts(change: Callable[[Any], None]) -> None:
    for body in BODIES:
        classic, ours = Person(), backed(Person)()
        for serializer in (classic, ours):
            _run(serializer, body)
            change(serializer)
        assert _run(ours, body) == _run(classic, body)


def _run(serializer: Any, body: Any) -> Any:
    try:
        return serializer.run_validation(body)
    except serializers.ValidationError as error:
        return error.detail


@pytest.mark.django_db
def test_meta_may_change_between_instances() -> None:
    class Classic(serializers.ModelSerializer[Country]):
        class Meta:
            model = Country
            fields = ["code", "name"]

    ours = backed(Classic)
    country = Country(code="fr", name="France")
    for change in (
        lambda meta: None,
        lambda meta: meta.fields.append("size"),
        lambda meta: setattr(meta, "extra_kwargs", {"name": {"max_length": 3}}),
        lambda meta: meta.extra_kwargs["name"].update(required=False),
        lambda meta: meta.fields.remove("name"),
    ):
        change(Classic.Meta)
        assert ours(country).data == Classic(country).data
        for body in ({"code": "x"}, {"code": "x", "name": "long", "size": 2}):
            assert outcome(ours, body) == outcome(Classic, body)


def test_each_hook_runs_once() -> None:
    calls: list[str] = []

    class Counting(Person):
        def validate_name(self, name: str) -> str:
            calls.append("name")
            return name

        def validate(self, attrs: Any) -> Any:
            calls.append("whole")
            return attrs

    ours = backed(Counting)
    assert ours(data={"name": "a"}).is_valid()
    assert calls == ["name", "whole"]
    calls.clear()
    assert not ours(data={"name": "a", "size": "huge"}).is_valid()
    assert calls == ["name"]


def test_hooks_see_the_fields() -> None:
    class Looking(Person):
        def validate_name(self, name: str) -> str:
            names = [field.field_name for field in self._writable_fields]
            assert names == ["name", "size", "tags", "nick"]
            return f"{name}{self.fields['name'].max_length}"

    assert outcome(backed(Looking), {"name": "a"}) == outcome(Looking, {"name": "a"})


def test_the_users_classes_come_before_ours_and_ours_before_drfs() -> None:
    class Base(serializers.ModelSerializer[Country]):
        pass

    class Leaf(SchemaBackedMixin, Base):
        pass

    class Again(SchemaBackedMixin, Leaf):
        pass

    names = [cls.__name__ for cls in Again.__mro__]
    ours = ["SchemaBackedMixin", "CompiledSerializer", "AsyncSerializerMixin", "SavingMixin"]
    assert names[:8] == ["Again", "Leaf", "Base", *ours, "ModelSerializer"]


def test_many_is_still_drfs_list() -> None:
    many = backed(Person)(many=True, data=[{"name": "a"}, {"name": "abcdefg"}])
    assert isinstance(many, serializers.ListSerializer)
    assert not many.is_valid()
    classic = Person(many=True, data=[{"name": "a"}, {"name": "abcdefg"}])
    assert not classic.is_valid()
    assert many.errors == classic.errors


def test_all_fields_may_be_taken_away() -> None:
    class Classic(serializers.Serializer[Any]):
        name = serializers.CharField()

        def get_fields(self) -> Any:
            fields = super().get_fields()
            return {} if self.context.get("early") else fields

    ours = backed(Classic)
    for cls in (Classic, ours):
        serializer = cls({"name": "a"})
        serializer.fields.clear()
        assert serializer.data == {}
        assert cls({"name": "a"}, context={"early": True}).data == {}
        assert cls({"name": "a"}).data == {"name": "a"}
