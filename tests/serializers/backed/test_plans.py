"""What is compiled, and what takes DRF's own way: each branch gives DRF's answers."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.fields import SkipField

from nova_drf import SchemaBackedMixin, schema_from_serializer, serializer_from_schema
from nova_drf.checks.backed import explain
from nova_drf.core.settings import get_setting
from nova_drf.serializers.backed_representation import output_field
from nova_drf.serializers.dynamic_fields import is_unchanged, snapshot
from nova_drf.serializers.method_order import LayerMetaclass, backed_classes, metaclass_with
from nova_drf.validation.narrow import narrow
from tests.convertapp import serializers as legacy
from tests.convertapp.models import City, Country
from tests.oracle import outcome, printed
from tests.serializers.backed.test_mixin import backed
from tests.testapp.models import Seat


class Small(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=3)
    size = serializers.IntegerField(default=1)


# Orders of bases


def test_bases_that_contradict_each_other_are_refused_as_python_does() -> None:
    class One:
        pass

    class Two:
        pass

    class First(One, Two, serializers.Serializer[Any]):
        pass

    class Second(Two, One, serializers.Serializer[Any]):
        pass

    with pytest.raises(TypeError, match="consistent method resolution order"):
        type("Both", (SchemaBackedMixin, First, Second), {})


class Registering(serializers.SerializerMetaclass):
    """A metaclass of the user's."""

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cls.made_by = "the user's"


class Registered(Small, metaclass=Registering):
    """Made by it."""


def test_a_metaclass_of_the_users_own_goes_on_making_the_class() -> None:
    class Both(type(SchemaBackedMixin), Registering):
        """What Python asks for, where a class derives from two that have one each."""

    class Ours(SchemaBackedMixin, Registered, metaclass=Both):
        pass

    converted = serializer_from_schema(schema_from_serializer(Registered))
    for cls in (Ours, converted):
        assert cls.made_by == "the user's"
        for body in ({"name": "a"}, {"name": "long"}):
            assert outcome(cls, body) == outcome(Registered, body)
    assert metaclass_with(Both) is Both
    assert metaclass_with(serializers.SerializerMetaclass) is LayerMetaclass


def test_the_mixin_alone_is_no_serializer() -> None:
    class Shared(SchemaBackedMixin):
        """For several classes of a project."""

    class Ours(Shared, Small):
        pass

    assert type(Shared) is LayerMetaclass
    assert Ours in backed_classes()
    assert outcome(Ours, {"name": "a"}) == outcome(Small, {"name": "a"})
    names = [cls.__name__ for cls in Ours.__mro__]
    assert names.index("Small") < names.index("SchemaBackedMixin") < names.index("Serializer")


# What DRF has to do itself


def test_an_instance_with_declared_fields_of_its_own_is_left_to_drf() -> None:
    ours, classic = backed(Small), Small

    def made(cls: Any, **arguments: Any) -> Any:
        serializer = cls(**arguments)
        serializer._declared_fields = {"other": serializers.CharField(max_length=1)}
        return serializer

    for body in ({"other": "x"}, {"other": "xx"}):
        old, new = made(classic, data=body), made(ours, data=body)
        assert new.is_valid() == old.is_valid()
        assert new.errors == old.errors
    assert made(ours, instance={"other": "x"}).data == {"other": "x"}
    assert made(ours, instance=None).run_validation({"other": "x"}) == {"other": "x"}


class PlainFields(Small):
    """``fields`` is a dictionary of the user's own making."""

    @property
    def fields(self) -> Any:
        made = {"name": serializers.CharField(max_length=1)}
        for name, field in made.items():
            field.bind(name, self)
        return made


def test_fields_of_the_users_own_making_are_left_to_drf() -> None:
    ours = backed(PlainFields)
    for body in ({"name": "a"}, {"name": "ab"}, {}):
        assert outcome(ours, body) == outcome(PlainFields, body)
    rows = [{"name": "a"}, SimpleNamespace(name="b")]
    assert printed(ours, rows, many=True) == printed(PlainFields, rows, many=True)
    assert ours(rows[0]).bound_field("name").max_length == 1


class ChosenFields(serializers.ModelSerializer[Seat]):
    """``fields`` is a choice that ``__init__`` prepares, as packages for dynamic fields make it."""

    size = serializers.CharField(default="none")

    def __init__(self, *args: Any, hide: str = "", **kwargs: Any) -> None:
        self.hidden = hide
        super().__init__(*args, **kwargs)

    @property
    def fields(self) -> Any:
        fields = super().fields
        if self.hidden in fields:
            fields.pop(self.hidden)
        return fields

    class Meta:
        model = Seat
        fields = ("row", "number", "size")


class Chosen(serializers.Serializer[Any]):
    """The same inside another."""

    seat = ChosenFields(hide="number")


@pytest.mark.django_db
def test_fields_that_need_what_init_prepared_are_asked_of_an_instance() -> None:
    ours = backed(ChosenFields)
    Seat.objects.create(row="A", number=1)
    for body in ({"row": "A", "number": 1}, {"row": "A"}, {"row": "B", "number": "x"}, {}):
        for arguments in ({}, {"hide": "number"}, {"partial": True}):
            assert outcome(ours, body, **arguments) == outcome(ChosenFields, body, **arguments)
    rows = [Seat(row="B"), {"row": "C", "number": 3}]
    for arguments in ({}, {"hide": "number"}, {"partial": True}):
        one = [printed(cls, rows[0], **arguments) for cls in (ours, ChosenFields)]
        many = [printed(cls, rows, many=True, **arguments) for cls in (ours, ChosenFields)]
        assert one[0] == one[1]
        assert many[0] == many[1]
    for row in ({"seat": rows[0]}, {"seat": rows[1]}):
        assert printed(backed(Chosen), row) == printed(Chosen, row)


class OwnLoop(Small):
    """Takes the output loop apart."""

    @property
    def _readable_fields(self) -> Any:
        return (field for name, field in self.fields.items() if name != "size")


def test_an_output_loop_of_the_users_own_is_left_to_drf() -> None:
    row = {"name": "a", "size": 2}
    assert backed(OwnLoop)(row).data == OwnLoop(row).data == {"name": "a"}
    many = backed(OwnLoop)([row], many=True)
    assert many.data == OwnLoop([row], many=True).data


class ByContext(Small):
    """Another field for each instance, made by ``get_fields``."""

    def get_fields(self) -> Any:
        fields = super().get_fields()
        fields["extra"] = serializers.IntegerField(
            read_only=self.context.get("read", False), required=False
        )
        return fields


@pytest.mark.parametrize("read", [True, False])
def test_fields_added_by_get_fields_count(read: bool) -> None:
    ours, context = backed(ByContext), {"read": read}
    for body in ({"name": "a", "extra": "5"}, {"name": "a", "extra": "x"}, {"extra": 1}):
        assert outcome(ours, body, context=context) == outcome(ByContext, body, context=context)
    row = {"name": "a", "size": 1, "extra": 3}
    assert printed(ours, row, context=context) == printed(ByContext, row, context=context)


class Hiding(Small):
    """Only changes who sees a field that runs itself."""

    odd = serializers.MultipleChoiceField(choices=["a"], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.context.get("hide"):
            self.fields["odd"].read_only = True


@pytest.mark.parametrize("hide", [True, False])
def test_a_field_that_runs_itself_may_change_its_direction(hide: bool) -> None:
    ours, context = backed(Hiding), {"hide": hide}
    body = {"name": "a", "odd": ["a"]}
    assert outcome(ours, body, context=context) == outcome(Hiding, body, context=context)
    row = {"name": "a", "size": 1, "odd": ["a"]}
    assert printed(ours, row, context=context) == printed(Hiding, row, context=context)


def test_variants_are_cached_and_bounded() -> None:
    class Choosing(Small):
        def __init__(self, *args: Any, only: Any = (), **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            for name in set(self.fields) - {*only}:
                self.fields.pop(name)

    ours = backed(Choosing)
    row = {"name": "a", "size": 1}
    for only in [("name",), ("size",), ("name", "size"), ()] * 3:
        assert ours(row, only=only).data == Choosing(row, only=only).data
    definition = ours.backed_class().definition()
    assert definition is not None
    information = definition.reader.cache_info()
    assert information.currsize <= information.maxsize == get_setting("VARIANTS_PER_CLASS")
    assert information.hits >= 8


def test_states_of_meta_are_cached_and_bounded() -> None:
    class Changing(serializers.ModelSerializer[Country]):
        class Meta:
            model = Country
            fields = ["code"]

    ours = backed(Changing)
    of_class = ours.backed_class()
    first = of_class.definition()
    for number in range(20):
        Changing.Meta.extra_kwargs = {"code": {"max_length": number}}
        assert ours().fields["code"].max_length == number
    assert len(of_class._states) <= 8
    assert of_class.definition() is not first


# Narrow validators


@pytest.mark.parametrize(
    "field",
    [
        serializers.IntegerField(min_value=Decimal("0.5")),
        serializers.ChoiceField({1, 2}),
        serializers.ChoiceField([]),
        serializers.ListField(child=Small()),
        serializers.ListField(child=serializers.MultipleChoiceField(choices=["a"])),
        serializers.ListSerializer(child=Small(allow_null=True)),
        serializers.SerializerMethodField(),
    ],
    ids=repr,
)
def test_what_has_no_narrow_validator_goes_through_drf(field: Any) -> None:
    body: dict[str, Any] = {"__module__": __name__, "v": field}
    classic: Any = type("One", (serializers.Serializer,), body)
    bound = classic().fields["v"]
    assert narrow(bound, partial=False) is None
    for value in (None, 0, 1, "1", [], ["a"], [{"name": "a"}], [{"name": "long"}], [None], "x"):
        assert outcome(backed(classic), {"v": value}) == outcome(classic, {"v": value})


class NestedDefaults(serializers.Serializer[Any]):
    made = serializers.ListField(child=serializers.IntegerField(), default=list)
    name = serializers.CharField(source="other", required=False)


class Outer(serializers.Serializer[Any]):
    one = NestedDefaults(required=False)
    many = NestedDefaults(many=True, required=False, min_length=1, max_length=2)
    null = Small(allow_null=True, required=False)


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"one": {}},
        {"one": {"made": ["1"], "name": "a"}, "null": None},
        {"one": [], "many": []},
        {"many": [{}, {"made": [1]}, {}], "null": {}},
        {"many": [{"made": "x"}], "null": {"name": "abc"}},
    ],
    ids=str,
)
def test_nested_defaults_and_sources(body: Any, partial: bool) -> None:
    expected = outcome(Outer, body, partial=partial)
    for _ in range(2):
        assert outcome(backed(Outer), body, partial=partial) == expected


# Output that only fields print


class Skipping(serializers.Serializer[Any]):
    """Nested with a method; an attribute may be missing."""

    class Inner(serializers.Serializer[Any]):
        name = serializers.CharField()
        loud = serializers.SerializerMethodField()

        def get_loud(self, obj: Any) -> Any:
            return self.context.get("loud")

    inner = Inner(required=False)
    inners = Inner(many=True, required=False)
    key = serializers.PrimaryKeyRelatedField(queryset=City.objects.all(), required=False)
    mapping = serializers.DictField(child=Small(), required=False)
    numbers = serializers.ListField(child=serializers.IntegerField(), required=False)
    stamped = serializers.CharField(default=serializers.CurrentUserDefault(), required=False)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"inner": None, "inners": None},
        {"inner": {"name": "a"}, "inners": [{"name": "b"}], "numbers": [1, "2"]},
        {"mapping": {"a": {"name": "b", "size": 1}}, "stamped": "s"},
    ],
    ids=str,
)
def test_nested_serializers_with_methods(row: Any) -> None:
    request = SimpleNamespace(user="ada")
    context = {"loud": True, "request": request}
    expected = printed(Skipping, row, context=context)
    assert expected is not None
    assert printed(backed(Skipping), row, context=context) == expected
    objects = [SimpleNamespace(**row)] * 2
    many = printed(Skipping, objects, many=True, context=context)
    assert printed(backed(Skipping), objects, many=True, context=context) == many


class OwnAttribute(Small):
    """As a field it has its own way to get at its value."""

    def get_attribute(self, instance: Any) -> Any:
        if instance.get("skip"):
            raise SkipField
        return {"name": "own", "size": 0}


class OwnListOutput(serializers.ListSerializer[Any]):
    def to_representation(self, data: Any) -> Any:
        return {"items": super().to_representation(data)}


class Listed(Small):
    class Meta:
        list_serializer_class = OwnListOutput


class OwnPrint(Small):
    def to_representation(self, instance: Any) -> Any:
        return {"own": instance["name"]}


class Holding(serializers.Serializer[Any]):
    own = OwnAttribute(read_only=True)
    listed = Listed(many=True, read_only=True)
    printed = OwnPrint(read_only=True)
    several = OwnPrint(many=True, read_only=True)
    values = serializers.ListSerializer(child=serializers.IntegerField(), read_only=True)


def test_nested_serializers_with_their_own_ways_print_themselves() -> None:
    small = {"name": "a", "size": 1}
    row: dict[str, Any] = {
        "listed": [small],
        "printed": small,
        "several": [small, small],
        "values": [1, 2],
    }
    assert backed(Holding)(row).data == Holding(row).data
    assert backed(Holding)({**row, "skip": 1}).data == Holding({**row, "skip": 1}).data
    for name, field in Holding().fields.items():
        assert output_field(name, field) is None, name


# Telling a change


class Sets(serializers.Field[Any, Any, Any, Any]):
    """Has a set, as some fields do."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allowed = {"a"}
        self.by_name = {"a": 1}


def test_changes_in_place_are_noticed() -> None:
    def made() -> Any:
        field = Sets()
        field.bind("v", Small())
        return field

    field = made()
    before = snapshot(field)
    assert is_unchanged(field, before)
    field.allowed = {"a"}
    assert is_unchanged(field, before)
    field.allowed.add("b")
    assert not is_unchanged(field, before)
    for change in (
        lambda one: one.by_name.update(a=2),
        lambda one: one.by_name.update(b=1),
        lambda one: setattr(one, "allowed", ["a"]),
        lambda one: setattr(one, "new", 1),
        lambda one: setattr(one, "child", Sets()),
        lambda one: one.validators.append(len),
    ):
        field = made()
        before = snapshot(field)
        change(field)
        assert not is_unchanged(field, before)


def test_a_field_that_nobody_built_is_as_the_class_made_it() -> None:
    serializer = backed(Small)(data={"name": "a"})
    fields = serializer.fields
    assert fields.is_as_made("name")
    assert not fields.is_as_made("nothing")
    assert fields["name"].max_length == 3
    assert fields.is_as_made("name")
    fields["name"].max_length = 2
    assert not fields.is_as_made("name")


# Without fields


def test_a_base_serializer_runs_its_own_code() -> None:
    ours = backed(legacy.Anything)
    for sent in ("good", "bad", {"a": 1}):
        assert outcome(ours, sent) == outcome(legacy.Anything, sent)
    assert ours([1, 2], many=True).data == legacy.Anything([1, 2], many=True).data
    assert str(explain(ours)) == "it is a BaseSerializer, which has no fields"

    class Holder(SchemaBackedMixin, serializers.Serializer[Any]):
        one = ours()
        many = ours(many=True)

    assert Holder({"one": 1, "many": [2]}).data == {"one": "1", "many": ["2"]}
