"""What subclasses override, and what other code does to a serializer before it is used.

Each change is written once, as a mixin or a function, and applied to a classic serializer and to
the one of a schema; both must then answer alike.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import QueryDict
from pydantic import Field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, UseField, WriteOnly
from nova_drf.core.exceptions import SchemaDefinitionError
from tests.oracle import assert_same_print, assert_same_verdict, error_tree

Serializer = type[serializers.BaseSerializer[Any]]


class ClassicLine(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)
    count = serializers.IntegerField(default=1, min_value=0)


class ClassicOrder(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    title = serializers.CharField(max_length=10)
    pin = serializers.CharField(write_only=True, required=False)
    amount = serializers.IntegerField(min_value=1)
    note = serializers.CharField(required=False, allow_null=True)
    line = ClassicLine(required=False)
    lines = ClassicLine(many=True, required=False)


class Line(Schema):
    name: Annotated[str, Field(max_length=5)]
    count: Annotated[int, Field(ge=0)] = 1


class Order(Schema):
    id: ReadOnly[int]
    title: Annotated[str, Field(max_length=10)]
    pin: WriteOnly[NotRequired[str]]
    amount: Annotated[int, Field(ge=1)]
    note: NotRequired[str | None]
    line: NotRequired[Line]
    lines: NotRequired[list[Line]]


class OrderSerializer(SchemaSerializer[Order]):
    pass


BODIES: list[Any] = [
    {"title": "a", "amount": 1},
    {"title": "a", "amount": "2", "pin": "1", "note": None, "id": 5},
    {"title": "far too long", "amount": 0, "note": "", "pin": ""},
    {"title": None, "amount": None, "line": {"name": "x"}, "lines": [{"name": "y", "count": 2}]},
    {"title": "b", "amount": 3, "line": {"name": "too long", "count": -1}, "lines": [{}, 5]},
    {"extra": 1, "amount": 7},
    {},
    QueryDict("title=a&amount=2&note=&line.name=x&lines[0]name=y&extra=4"),
]
INSTANCE: dict[str, Any] = {
    "id": 3,
    "title": "t",
    "pin": "p",
    "amount": 4,
    "note": None,
    "line": {"name": "l", "count": 1},
    "lines": [{"name": "m", "count": 2}],
    "extra": 6,
    "renamed": "r",
}


def check(classic: Serializer, ours: Serializer, **arguments: Any) -> None:
    """Check that both take, refuse and print the same."""
    for partial in (False, True):
        for body in BODIES:
            assert_same_verdict(classic, ours, body, partial=partial, **arguments)
        assert_same_verdict(classic, ours, BODIES[:-1], partial=partial, many=True, **arguments)
    assert_same_print(classic, ours, INSTANCE, **arguments)
    assert_same_print(classic, ours, [INSTANCE, INSTANCE], many=True, **arguments)


# Methods and attributes of the class


class FewerFields:
    @property
    def fields(self) -> Any:
        known = super().fields
        return {name: known[name] for name in known if name != "note"}


class FewerCachedFields:
    @cached_property
    def fields(self) -> Any:
        known = super().fields
        known.pop("line", None)
        known["amount"].min_value = None
        known["extra"] = serializers.IntegerField(required=False)
        return known


class MoreFields:
    def get_fields(self) -> Any:
        fields = super().get_fields()
        fields["extra"] = serializers.IntegerField(required=False)
        fields["title"] = serializers.CharField(source="renamed", max_length=3)
        fields["line"].required = True
        return fields


class OtherInput:
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and data.get("extra"):
            data = {**data, "title": "from extra"}
        values = super().to_internal_value(data)
        values["seen"] = sorted(values)
        return values


class RefusedInput:
    def to_internal_value(self, data: Any) -> Any:
        raise ValidationError({"title": ["Never."]}, code="never")


class OtherOutput:
    def to_representation(self, instance: Any) -> Any:
        values = super().to_representation(instance)
        return {"first": True, **{name: values[name] for name in sorted(values)}}


class OtherRun:
    def run_validation(self, data: Any = serializers.empty) -> Any:
        if isinstance(data, dict):
            data = {**data, "amount": data.get("amount") or 9}
        return super().run_validation(data)


class OtherEmpty:
    def validate_empty_values(self, data: Any) -> Any:
        return super().validate_empty_values({} if data is None else data)


def refuse_two(attrs: Any) -> None:
    if attrs.get("amount") == 2:
        raise DjangoValidationError("Not two.", code="two")


class OtherValidators:
    def get_validators(self) -> Any:
        return [*super().get_validators(), refuse_two]


class HookOfNoField:
    def validate_nothing(self, value: Any) -> Any:
        raise AssertionError("never called")

    def validate_line(self, value: Any) -> Any:
        return {**value, "checked": True}

    def validate_lines(self, value: Any) -> Any:
        if len(value) > 0 and value[0].get("count") == 2:
            raise ValidationError([{}, {"count": ["Not two."]}])
        return value[:1]

    def validate_id(self, value: Any) -> Any:
        raise AssertionError("read-only")


class OtherMessages:
    default_error_messages = {"invalid": "A dictionary, please, no {datatype}."}


@pytest.mark.parametrize(
    "mixin",
    [
        FewerFields,
        FewerCachedFields,
        MoreFields,
        OtherInput,
        RefusedInput,
        OtherOutput,
        OtherRun,
        OtherEmpty,
        OtherValidators,
        HookOfNoField,
        OtherMessages,
    ],
)
def test_overridden_methods_have_their_way(mixin: type) -> None:
    name = mixin.__name__
    check(type(name, (mixin, ClassicOrder), {}), type(name, (mixin, OrderSerializer), {}))
    for body in (None, [], "text", 5):
        assert_same_verdict(
            type(name, (mixin, ClassicOrder), {}), type(name, (mixin, OrderSerializer), {}), body
        )


# What is done to a serializer that exists


def drop(serializer: Any) -> None:
    serializer.fields.pop("note")
    del serializer.fields["lines"]


def relax(serializer: Any) -> None:
    for field in serializer.fields.values():
        field.required = False


def tighten(serializer: Any) -> None:
    serializer.fields["note"].required = True
    serializer.fields["note"].allow_null = False
    serializer.fields["pin"].min_length = 3
    serializer.fields["title"].validators.append(refuse_title)


def refuse_title(value: str) -> None:
    if value == "a":
        raise ValidationError("No a.", code="a")


def turn(serializer: Any) -> None:
    serializer.fields["title"].read_only = True
    serializer.fields["amount"].write_only = True
    serializer.fields["id"].read_only = False
    serializer.fields["pin"].write_only = False


def add(serializer: Any) -> None:
    serializer.fields["extra"] = serializers.IntegerField(required=False, max_value=3)
    serializer.fields["const"] = serializers.HiddenField(default="c")
    serializer.fields["method"] = serializers.SerializerMethodField(method_name="get_fields_count")


def replace(serializer: Any) -> None:
    serializer.fields["title"] = serializers.ChoiceField(choices=["a", "b"])
    serializer.fields.update({"note": serializers.IntegerField(required=False)})


def default(serializer: Any) -> None:
    serializer.fields["title"].required = False
    serializer.fields["title"].default = "preset"
    serializer.fields["amount"].initial = 7


def words(serializer: Any) -> None:
    serializer.fields["title"].error_messages["required"] = "Where is it?"
    serializer.fields["amount"].error_messages = {
        **serializer.fields["amount"].error_messages,
        "null": "Nothing?",
    }


def inner(serializer: Any) -> None:
    serializer.fields["line"].fields["name"].required = False
    serializer.fields["line"].fields.pop("count")
    serializer.fields["lines"].child.fields["count"].max_value = 1
    serializer.fields["lines"].child.fields["count"].read_only = True
    serializer.fields["lines"].max_length = 1


def own_validators(serializer: Any) -> None:
    serializer.validators = [refuse_two]


CHANGES = [drop, relax, tighten, turn, add, replace, default, words, inner, own_validators]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("late", [False, True], ids=["in init", "after init"])
def test_changes_to_fields_take_effect(change: Callable[[Any], None], late: bool) -> None:
    class Changed:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if not late:
                change(self)

        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            made = super().__new__(cls, *args, **kwargs)
            if late and kwargs.get("many"):
                change(made.child)
            return made

        def is_valid(self, **kwargs: Any) -> bool:
            if late:
                change(self)
            return super().is_valid(**kwargs)

        def get_fields_count(self, instance: Any) -> int:
            return len(self.fields)

    classic: Any = type("Changed", (Changed, ClassicOrder), {})
    check(classic, type("Changed", (Changed, OrderSerializer), {}))


def test_changes_stay_with_their_serializer() -> None:
    changed = OrderSerializer(data={})
    relax(changed)
    drop(changed)
    assert changed.is_valid(), changed.errors
    assert not OrderSerializer(data={}).is_valid()
    assert list(OrderSerializer().fields) == list(ClassicOrder().fields)
    assert OrderSerializer(INSTANCE).data == ClassicOrder(INSTANCE).data


# Inheritance


class Stamp(serializers.Serializer[Any]):
    extra = serializers.IntegerField(required=False)


class Remark(serializers.Serializer[Any]):
    note = serializers.CharField(source="renamed", required=False)


def test_declared_fields_come_from_all_bases() -> None:
    classic: Any = type("Made", (Remark, ClassicOrder, Stamp), {})
    ours: Any = type("Made", (Remark, OrderSerializer, Stamp), {})
    serializer, expected = ours(data=BODIES[1]), classic(data=BODIES[1])
    assert serializer.is_valid() == expected.is_valid() is False
    assert serializer.errors == expected.errors
    assert set(ours().fields) == set(classic().fields)
    assert ours(INSTANCE).data == classic(INSTANCE).data
    check(ClassicOrder, type("Made", (OrderSerializer, serializers.Serializer), {}))


def test_only_serializers_declare_fields() -> None:
    class Renaming:
        title = serializers.CharField(max_length=2)

    check(type("Made", (Renaming, ClassicOrder), {}), type("Made", (Renaming, OrderSerializer), {}))


def test_a_field_of_the_schema_can_be_taken_away() -> None:
    class Without(OrderSerializer):
        note = None
        pin = None
        extra = serializers.IntegerField(required=False)

    class Classic(ClassicOrder):
        note = None
        pin = None
        extra = serializers.IntegerField(required=False)

    check(Classic, Without)
    assert list(Without().fields) == list(Classic().fields)

    class Again(Without):
        pass

    class Back(Without):
        note = serializers.CharField(required=False, allow_null=True)

    assert list(Again().fields) == list(Without().fields)
    assert set(Back().fields) == {*Without().fields, "note"}


def test_a_subclass_inherits_schema_and_meta() -> None:
    class First(SchemaSerializer[Order]):
        class Meta:
            read_only_fields = ("amount",)
            validators = [refuse_two]

    class Second(First):
        class Meta(First.Meta):
            write_only_fields = ("title",)

    class Third(Second):
        class Meta:
            pass

    class Fourth(Third):
        class Meta:
            schema = Line

    assert First().fields["amount"].read_only
    assert Second().fields["amount"].read_only
    assert Second().fields["title"].write_only
    assert not Third().fields["amount"].read_only
    assert list(Fourth().fields) == ["name", "count"]
    assert list(Third().fields) == list(First().fields)


def test_an_inherited_meta_may_name_fields_of_the_class_above() -> None:
    class First(SchemaSerializer[Order]):
        class Meta:
            read_only_fields = ("amount",)

    class Shorter(First):
        class Meta(First.Meta):
            schema = Line

    class Wrong(First):
        class Meta(First.Meta):
            schema = Line
            read_only_fields = (*First.Meta.read_only_fields, "count")

    assert list(Shorter().fields) == ["name", "count"]
    assert Shorter(data={"name": "a", "count": 1}).is_valid()
    with pytest.raises(SchemaDefinitionError, match=r"Line has no field 'amount'"):
        Wrong(data={}).is_valid()


def test_declared_fields_are_no_concern_of_read_only_fields() -> None:
    class Declared(OrderSerializer):
        amount = serializers.IntegerField(max_value=3)

        class Meta:
            read_only_fields = ("amount", "title")

    serializer = Declared(data={"amount": 5})
    assert not serializer.is_valid()
    assert error_tree(serializer.errors)["amount"][0][1] == "max_value"
    assert serializer.fields["title"].read_only
    good = Declared(data={"amount": 2, "title": "x"})
    assert good.is_valid()
    assert good.validated_data == {"amount": 2}


def test_defaults_of_read_only_fields_reach_validators_of_the_whole() -> None:
    seen: list[Any] = []

    class Classic(serializers.Serializer[Any]):
        state = serializers.IntegerField(read_only=True, default=9)
        a = serializers.IntegerField()

        class Meta:
            validators = [seen.append]

    class Defaulted(Schema):
        state: ReadOnly[int] = 9
        a: int

    class Ours(SchemaSerializer[Defaulted]):
        class Meta:
            validators = [seen.append]

    assert_same_verdict(Classic, Ours, {"a": 1, "state": 3})
    assert seen == [{"state": 9, "a": 1}] * 2


# Copies, forms, texts


def test_a_serializer_is_copied_like_any_field() -> None:
    class Outer(serializers.Serializer[Any]):
        order = OrderSerializer(required=False, help_text="h")

    first, second = Outer(), Outer()
    assert first.fields["order"] is not second.fields["order"]
    copied = copy.deepcopy(OrderSerializer(required=False, label="L"))
    assert (copied.required, copied.label) == (False, "L")
    many = copy.deepcopy(OrderSerializer(many=True, max_length=2))
    assert many.max_length == 2


@pytest.mark.parametrize("body", [None, {}, {"title": "far too long", "line": {"count": "x"}}])
def test_forms_find_values_and_errors(body: Any) -> None:
    def look(serializer_class: Any) -> list[Any]:
        if body is None:
            serializer = serializer_class()
        else:
            serializer = serializer_class(data=body)
            serializer.is_valid()
        return [
            (bound.name, bound.label, bound.value, repr(bound.errors)) for bound in serializer
        ] + [serializer.get_initial(), serializer.data]

    assert look(OrderSerializer) == look(ClassicOrder)


def test_the_text_of_a_serializer_shows_its_fields() -> None:
    expected = repr(ClassicOrder()).replace("ClassicOrder", "OrderSerializer")
    assert repr(OrderSerializer()) == expected.replace("ClassicLine", "LineSerializer")


def test_a_validator_may_need_the_serializer() -> None:
    class Needing:
        requires_context = True

        def __call__(self, attrs: Any, serializer: Any) -> None:
            raise ValidationError(f"{sorted(attrs)} of {serializer.context['who']}")

    class Classic(ClassicOrder):
        class Meta:
            validators = [Needing()]

    class Ours(OrderSerializer):
        class Meta:
            validators = [Needing()]

    assert_same_verdict(Classic, Ours, BODIES[0], context={"who": "me"})


def test_an_instance_may_come_with_the_input() -> None:
    class Kept(Schema):
        name: str
        upper: Annotated[str, UseField(serializers.SerializerMethodField())]

    class KeptSerializer(SchemaSerializer[Kept]):
        def get_upper(self, instance: Any) -> str:
            return str(instance["name"]).upper()

    serializer = KeptSerializer({"name": "old"}, data={"name": "new"})
    assert serializer.is_valid()
    assert serializer.data == {"name": "old", "upper": "OLD"}
    fresh = KeptSerializer(data={"name": "new"})
    assert fresh.is_valid()
    assert fresh.data == {"name": "new", "upper": "NEW"}
