"""Each direction has its own names: validation aliases come in, serialization aliases go out."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from django.db import transaction
from django.http import QueryDict
from pydantic import (
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    computed_field,
    create_model,
    field_serializer,
    model_serializer,
)
from pydantic import ValidationError as PydanticValidationError
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from rest_framework.exceptions import ValidationError
from rest_framework.validators import UniqueValidator
from typing_extensions import TypedDict

from nova_drf import Schema, SchemaSerializer, serializer_from_schema
from tests.testapp.models import Author

BASES = [Schema, BaseModel]


class Deep(BaseModel):
    size: int = Field(validation_alias=AliasChoices("sizeIn", "s"), serialization_alias="sizeOut")


CONFIGS: dict[str, Any] = {
    "aliases": {},
    "by name too": {"populate_by_name": True},
    "validate_by_name": {"validate_by_name": True},
    "names only": {"validate_by_name": True, "validate_by_alias": False},
    "printed by name": {"serialize_by_alias": False},
    "printed by alias": {"serialize_by_alias": True},
    "generated": {
        "alias_generator": AliasGenerator(
            validation_alias=lambda name: f"in-{name}",
            serialization_alias=lambda name: f"out-{name}",
        )
    },
    "generated choices": {
        "alias_generator": AliasGenerator(
            validation_alias=lambda name: AliasChoices(name, AliasPath("all", name))
        )
    },
    "camel": {"alias_generator": to_camel},
}


def schema_with(base: Any, config: dict[str, Any]) -> Any:
    class Aliased(base):
        model_config = ConfigDict(**config)

        plain_one: int
        both: int = Field(alias="theBoth")
        only_in: int = Field(validation_alias="onlyIn")
        only_out: int = Field(serialization_alias="onlyOut")
        apart: int = Field(validation_alias="apartIn", serialization_alias="apartOut")
        x: int = Field(validation_alias=AliasPath("pos", "x"))
        y: int = Field(validation_alias=AliasPath("pos", "y"))
        second: int = Field(validation_alias=AliasPath("items", 1))
        chosen: int = Field(validation_alias=AliasChoices("c1", "c2", AliasPath("pos", "c")))
        deep: Deep = Field(validation_alias="deepIn")
        deeps: list[Deep] = Field([], validation_alias="deepsIn")

        @computed_field(alias="theTwice")
        def twice(self) -> int:
            return self.both * 2

    return Aliased


NAMES = ("plain_one", "both", "only_in", "only_out", "apart", "x", "y", "second", "chosen")
KEYS: list[dict[str, Any]] = [
    {
        "plain_one": 1,
        "theBoth": 2,
        "onlyIn": 3,
        "only_out": 4,
        "apartIn": 5,
        "pos": {"x": 6, "y": 7},
        "items": [0, 8],
        "c2": 9,
        "deepIn": {"s": 10},
        "deepsIn": [{"sizeIn": 11}, {"s": 12}],
    },
    dict.fromkeys(NAMES, 1) | {"deep": {"sizeIn": 1}},
    {f"in-{name}": 1 for name in NAMES} | {"onlyIn": 1, "theBoth": 2, "pos": {"x": 1, "y": 2}},
    {"all": dict.fromkeys(NAMES, 3)},
    {"plainOne": 1, "onlyOut": 2, "theBoth": 3},
    {},
]


def with_wrong_values(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: with_wrong_values(value) for key, value in data.items()}
    return [with_wrong_values(value) for value in data] if isinstance(data, list) else "q"


def validated(schema: Any, data: Any) -> tuple[Any, set[tuple[Any, ...]]]:
    """Return what Pydantic makes of data, and where its errors are."""
    try:
        return schema.model_validate(data), set()
    except PydanticValidationError as error:
        return None, {line["loc"] for line in error.errors()}


def leaves(tree: Any, above: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    if isinstance(tree, dict):
        return {path for key, below in tree.items() for path in leaves(below, (*above, key))}
    if isinstance(tree, list) and tree and isinstance(tree[0], dict):
        return {path for at, below in enumerate(tree) for path in leaves(below, (*above, at))}
    return {above} if tree else set()


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize(
    "data", [*KEYS, *map(with_wrong_values, KEYS)], ids=lambda data: str(data)[:30]
)
def test_the_names_are_pydantics(base: Any, name: str, data: dict[str, Any]) -> None:
    schema = schema_with(base, CONFIGS[name])
    serializer = serializer_from_schema(schema)(data=data)
    # With Pydantic's own semantics in both, so that only the names are compared.
    plain = schema if base is BaseModel else schema_with(BaseModel, CONFIGS[name])
    expected, places = validated(plain, data)
    if expected is None:
        assert not serializer.is_valid()
        assert leaves(serializer.errors) == places
        return
    assert serializer.is_valid(), serializer.errors
    by_alias = CONFIGS[name].get("serialize_by_alias") is not False
    values = expected.model_dump(by_alias=by_alias)
    if not by_alias:
        # A nested model says for itself how it is printed.
        values["deep"] = expected.deep.model_dump(by_alias=True)
        values["deeps"] = [deep.model_dump(by_alias=True) for deep in expected.deeps]
    assert serializer.data == values
    assert serializer_from_schema(schema)(serializer.validated_schema).data == values
    assert list(serializer.fields) == list(values)


@pytest.mark.parametrize("base", BASES)
def test_errors_of_items_that_are_sent_by_different_names(base: Any) -> None:
    schema = schema_with(base, {})
    data = {**KEYS[0], "deepsIn": [{"sizeIn": "q"}, {"s": "q"}, {}, {"s": None}]}
    serializer = serializer_from_schema(schema)(data=data)
    assert not serializer.is_valid()
    assert leaves(serializer.errors) == {
        ("deepsIn", 0, "sizeIn"),
        ("deepsIn", 1, "s"),
        ("deepsIn", 2, "sizeIn"),
        ("deepsIn", 3, "s"),
    }


class Record(TypedDict):
    x: Annotated[int, Field(alias="theX")]
    y: int


@pydantic_dataclass
class Span:
    first: int = Field(alias="theFirst")
    last: int = Field(1, validation_alias=AliasPath("ends", "last"))
    either: int = Field(2, validation_alias=AliasChoices("e1", "e2"))


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    "data",
    [
        {"theX": "q", "y": "q", "theFirst": "q", "ends": {"last": "q"}, "e2": "q"},
        {"y": 1, "e1": "q"},
        {},
    ],
)
def test_typed_dictionaries_and_dataclasses_have_their_names(base: Any, data: Any) -> None:
    class Records(base):
        record: Record
        spans: list[Span]

    body = {"record": data, "spans": [data, data]}
    _, places = validated(
        create_model("Records", record=(Record, ...), spans=(list[Span], ...)), body
    )
    serializer = serializer_from_schema(Records)(data=body)
    assert not serializer.is_valid()
    assert leaves(serializer.errors) == places


@pytest.mark.parametrize("base", BASES)
def test_a_partial_update_has_the_same_names(base: Any) -> None:
    schema = schema_with(base, {})
    good = serializer_from_schema(schema)(data={"pos": {"y": 3}, "c2": 4}, partial=True)
    assert good.is_valid(), good.errors
    assert good.validated_data == {"y": 3, "chosen": 4}
    bad = serializer_from_schema(schema)(data={"pos": {"y": "q"}, "c2": "q"}, partial=True)
    assert not bad.is_valid()
    assert leaves(bad.errors) == {("pos", "y"), ("c2",)}


def test_a_schema_that_serializes_itself_is_printed_by_the_same_names() -> None:
    by: Any
    for by, names in ((None, ["nOut", "m"]), (False, ["n", "m"])):

        class Own(Schema):
            model_config = ConfigDict(serialize_by_alias=by)
            n: int = Field(validation_alias="nIn", serialization_alias="nOut")
            m: int = Field(validation_alias=AliasPath("x", "m"))

            @field_serializer("n")
            def text(self, n: int) -> str:
                return str(n)

        serializer = serializer_from_schema(Own)(data={"nIn": 1, "x": {"m": 2}})
        assert serializer.is_valid(), serializer.errors
        assert list(serializer.data) == names


# Hooks, validators of the serializer, the model


def test_hooks_have_the_names_of_the_fields() -> None:
    class Sent(Schema):
        x: int = Field(validation_alias=AliasPath("pos", "x"))
        y: int = Field(validation_alias="theY")

    class Serializer(SchemaSerializer[Sent]):
        def validate_x(self, value: int) -> int:
            raise ValidationError("no", code="no")

        def validate_y(self, value: int) -> int:
            return value + 1

    serializer = Serializer(data={"pos": {"x": 1}, "theY": 2})
    assert not serializer.is_valid()
    assert ValidationError(serializer.errors).get_codes() == {"pos": {"x": ["no"]}}


def test_either_key_of_a_field_names_it_in_the_class() -> None:
    class Apart(Schema):
        a: int = Field(validation_alias="aIn", serialization_alias="aOut")
        b: int = Field(validation_alias="bIn")
        c: int = Field(validation_alias="d")
        d: int = Field(validation_alias="c")
        e: int = Field(7, validation_alias="eIn")

    seen: list[str] = []

    class Serializer(SchemaSerializer[Apart]):
        class Meta:
            read_only_fields = ("eIn",)

        def validate_aIn(self, value: int) -> int:
            seen.append("a")
            return value

        def validate_bIn(self, value: int) -> int:
            seen.append("bIn")
            return value

        def validate_b(self, value: int) -> int:
            seen.append("b")
            return value

        def validate_c(self, value: int) -> int:
            seen.append("c")
            return value + 1

    serializer = Serializer(data={"aIn": 1, "bIn": 2, "d": 3, "c": 4, "eIn": 5})
    assert serializer.is_valid(), serializer.errors
    assert seen == ["a", "b", "c"]
    assert serializer.validated_data == {"a": 1, "b": 2, "c": 4, "d": 4}


# What the database says


class Contact(Schema):
    name: str
    email: str = Field(validation_alias=AliasPath("contact", "email"))


class ContactSerializer(SchemaSerializer[Contact]):
    class Meta:
        model = Author
        constraint_errors = True


@pytest.mark.django_db
def test_a_duplicate_is_told_where_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    Author.objects.create(name="a", email="a@b.co")
    data = {"name": "b", "contact": {"email": "a@b.co"}}
    before = ContactSerializer(data=data)
    assert not before.is_valid()
    assert ValidationError(before.errors).get_codes() == {"contact": {"email": ["unique"]}}
    # Somebody else was quicker.
    monkeypatch.setattr(UniqueValidator, "__call__", lambda *args: None)
    serializer = ContactSerializer(data=data)
    assert serializer.is_valid(), serializer.errors
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        serializer.save()
    assert refused.value.detail == before.errors


# The browsable API


def test_a_form_of_the_browsable_api_sends_the_names_of_the_input() -> None:
    class Sent(Schema):
        x: int = Field(validation_alias=AliasPath("pos", "x"))
        apart: str = Field(validation_alias="apartIn", serialization_alias="apartOut")

    serializer_class = serializer_from_schema(Sent)
    blank = serializer_class()
    assert [blank[name].name for name in blank.fields] == ["pos.x", "apartIn"]
    for data in ({"pos": {"x": "q"}, "apartIn": ""}, QueryDict("pos.x=q&apartIn=")):
        serializer = serializer_class(data=data)
        assert not serializer.is_valid()
        assert serializer.data == {"x": "q", "apartOut": ""}
        assert [error.code for error in serializer["x"].errors] == ["invalid"]
        assert [error.code for error in serializer["apartOut"].errors] == ["blank"]
    good = serializer_class({"x": 1, "apart": "a"})
    assert good["x"].value == 1


# Models that Pydantic prints, each as it says of itself


def named(base: Any, by_alias: bool | None) -> Any:
    """Return a model that says, or does not, whether it is printed by its aliases."""

    class Named(base):
        model_config = ConfigDict(**({} if by_alias is None else {"serialize_by_alias": by_alias}))
        a: int = Field(serialization_alias="A")

        @computed_field(alias="BB")
        @property
        def b(self) -> int:
            return self.a + 1

    return Named


class PrintsItself(BaseModel):
    @model_serializer(mode="wrap")
    def printed(self, handler: Any) -> Any:
        return handler(self)


class Data(TypedDict):
    __pydantic_config__ = {"serialize_by_alias": False}
    x: Annotated[int, Field(serialization_alias="X")]


def around(model: Any, by_alias: bool | None) -> Any:
    """Return a schema around a model, which prints itself."""
    config = ConfigDict(**({} if by_alias is None else {"serialize_by_alias": by_alias}))
    base = type("Base", (PrintsItself,), {"model_config": config})
    held = type("Held", (), {"__annotations__": {"held": model}})
    return create_model(
        "Around",
        __base__=base,
        plain=(model, Field(serialization_alias="plainOne")),
        listed=(list[model], ...),
        pair=(tuple[model, int], ...),
        data=(pydantic_dataclass(held, config=ConfigDict(serialize_by_alias=False)), ...),
        typed=(Data, ...),
    )


@pytest.mark.parametrize("outer", [None, False, True])
@pytest.mark.parametrize("inner", [None, False, True])
@pytest.mark.parametrize("base", [BaseModel, Schema])
def test_a_model_that_pydantic_prints_says_itself_whether_by_alias(
    base: Any, inner: bool | None, outer: bool | None
) -> None:
    model = named(base, inner)
    schema = around(model, outer)
    value = model(a=1)
    item = {"a": 1, "b": 2} if inner is False else {"A": 1, "BB": 2}
    assert dict(serializer_from_schema(model)(value).data) == item
    whole = schema(
        plain=value, listed=[value], pair=(value, 3), data={"held": value}, typed={"x": 1}
    )
    printed = serializer_from_schema(schema)(whole).data
    assert dict(printed) == {
        "plain" if outer is False else "plainOne": item,
        "listed": [item],
        "pair": [item, 3],
        "data": {"held": item},
        "typed": {"x": 1},
    }


def test_a_model_in_a_value_of_any_type_is_printed_by_name_if_it_says_so() -> None:
    model = named(BaseModel, False)
    holder = create_model(
        "Holder", __base__=Schema, value=(Any, ...), pair=(tuple[model, int], ...)
    )
    value = model(a=1)
    printed = serializer_from_schema(holder)(holder.model_construct(value=value, pair=(value, 1)))
    assert printed.data == {"value": {"a": 1, "b": 2}, "pair": [{"a": 1, "b": 2}, 1]}
