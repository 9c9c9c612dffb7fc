"""What is easily got wrong about DRF's serializers, each compared with the installed DRF."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.http import QueryDict
from django.test import override_settings
from django.utils import timezone
from pydantic import ConfigDict, Field, create_model
from rest_framework import serializers
from rest_framework.fields import SkipField
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, Source, UseField
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.oracle import (
    Side,
    assert_same_print,
    assert_same_verdict,
    error_tree,
    outcome,
    printed,
)
from tests.testapp.models import Author, Book, Seat, Tag


def kept(**fields: Any) -> tuple[Any, Any]:
    """Return a classic serializer, and a schema's that keeps each of its fields."""
    classic = type("Classic", (serializers.Serializer,), dict(fields))
    schema: Any = create_model(
        "Kept",
        __base__=Schema,
        **{name: (Annotated[Any, UseField(field)], ...) for name, field in fields.items()},
    )
    return classic, serializer_from_schema(schema)


# Input


@pytest.mark.parametrize(
    "value", [{"a": 1}, ["a", "a", "b"], ("b",), "a", ["z"], [], None, {"z": 1}]
)
def test_several_choices(value: Any) -> None:
    for options in ({}, {"allow_empty": False}, {"allow_blank": True}):
        classic, ours = kept(v=serializers.MultipleChoiceField(choices=["a", "b"], **options))
        assert_same_verdict(classic, ours, {"v": value})
    assert_same_print(classic, ours, {"v": value})


@pytest.mark.parametrize("body", ["", "v=a", "v=a&v=b&v=a", "v=z", "v="])
@pytest.mark.parametrize("partial", [False, True])
def test_several_choices_in_a_form(body: str, partial: bool) -> None:
    classic, ours = kept(v=serializers.MultipleChoiceField(choices=["a", "b"]))
    assert_same_verdict(classic, ours, QueryDict(body), partial=partial)
    assert_same_verdict(classic, ours, {}, partial=partial)


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("body", ["", "l=", "l=1&l=", "l[1]=2&l[0]=1", "d=", "d.a=1", "d.a=&d.b=x"])
def test_collections_in_a_form(body: str, partial: bool) -> None:
    classic = type(
        "Classic",
        (serializers.Serializer,),
        {
            "l": serializers.ListField(child=serializers.IntegerField(), required=False),
            "d": serializers.DictField(child=serializers.IntegerField(), required=False),
        },
    )

    class Collections(Schema):
        l: NotRequired[list[int]]  # noqa: E741  # the name is what is tested
        d: NotRequired[dict[str, int]]

    ours = serializer_from_schema(Collections)
    assert_same_verdict(classic, ours, QueryDict(body), partial=partial)


@pytest.mark.django_db
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("body", ["", "tags=", "title=a", "tags=0", "in_print=", "status="])
def test_a_models_columns_in_a_form(body: str, partial: bool) -> None:
    class Classic(serializers.ModelSerializer[Book]):
        class Meta:
            model = Book
            fields = ["title", "tags", "in_print", "status", "author"]

    class BookSchema(Schema):
        title: Annotated[str, Field(max_length=100)]
        tags: NotRequired[list[int]]
        in_print: NotRequired[bool]
        status: NotRequired[Book.Status]
        author: int

    ours = serializer_from_schema(BookSchema, model=Book)
    assert_same_verdict(Classic, ours, QueryDict(body), partial=partial)
    assert_same_verdict(Classic, ours, QueryDict(body).dict(), partial=partial)


def test_an_hstore_and_grouped_choices_and_a_live_directory(tmp_path: Any) -> None:
    classic, ours = kept(
        grouped=serializers.ChoiceField([("Group", [("a", "A"), ("b", "B")]), ("c", "C")]),
        path=serializers.FilePathField(str(tmp_path), required=False),
        store=serializers.HStoreField(required=False),
    )
    for body in (
        {"grouped": "Group"},
        {"grouped": "b", "store": {1: 1, "n": None, "l": [1]}},
        {"grouped": "", "path": "/etc/passwd"},
        {"grouped": ["a"], "path": str(tmp_path), "store": []},
    ):
        assert_same_verdict(classic, ours, body)


@pytest.mark.parametrize("value", [1, "1.5", "1e5", True, None, "", 10**10, "9" * 30])
def test_defaults_and_their_callers(value: Any) -> None:
    class Doubled:
        requires_context = True

        def __call__(self, field: serializers.Field[Any, Any, Any, Any]) -> str:
            return f"{field.field_name} of {field.context['who']}"

    classic, ours = kept(
        n=serializers.IntegerField(required=False),
        said=serializers.CharField(default=Doubled()),
        hidden=serializers.HiddenField(default=Doubled()),
    )
    for partial in (False, True):
        body = {"n": value, "hidden": "of the client"}
        assert_same_verdict(classic, ours, body, partial=partial, context={"who": "me"})
    assert outcome(ours, {}).verdict == "crashed"
    assert outcome(classic, {}) == outcome(ours, {})


@pytest.mark.parametrize(
    "arguments",
    [
        {"required": True, "default": 1},
        {"read_only": True, "required": True},
        {"read_only": True, "write_only": True},
    ],
)
def test_contradictions_are_refused_where_they_are_written(arguments: dict[str, Any]) -> None:
    for cls in (serializer_from_schema(create_model("Empty", __base__=Schema)),):
        with pytest.raises(AssertionError):
            cls(**arguments)


# Sources


@pytest.mark.parametrize(
    "row",
    [
        {"items": 5, "keys": 6, "deep": {"values": 7}},
        {"items": None, "keys": None, "deep": {"values": None}},
        {"items": 5, "keys": 6, "deep": None},
        {"items": 5, "keys": 6, "deep": {}},
        {"items": 5, "keys": 6},
    ],
)
def test_names_of_methods_of_dictionaries(row: dict[str, Any]) -> None:
    class Classic(serializers.Serializer[Any]):
        items = serializers.IntegerField()
        keys = serializers.IntegerField(required=False)
        deep = serializers.IntegerField(source="deep.values", required=False)
        shallow = serializers.IntegerField(source="deep.values", read_only=True)
        given = serializers.IntegerField(source="deep.values", default=3)
        null = serializers.IntegerField(source="deep.values", allow_null=True)

    class Methods(Schema):
        items: int
        keys: NotRequired[int]
        deep: NotRequired[Annotated[int, Source("deep.values")]]
        shallow: ReadOnly[Annotated[int, Source("deep.values")]]
        given: Annotated[int, Source("deep.values")] = 3
        null: Annotated[int | None, Source("deep.values")]

    ours = serializer_from_schema(Methods)
    assert_same_print(Classic, ours, row)
    assert_same_print(Classic, ours, [row, row], many=True)
    loose = SimpleNamespace(**{**row, "items": 1})
    assert_same_print(Classic, ours, loose)


@pytest.mark.django_db
def test_related_objects_that_are_missing_or_ambiguous() -> None:
    class Classic(serializers.ModelSerializer[Book]):
        city = serializers.CharField(source="author.publisher.city", read_only=True)
        house = serializers.CharField(source="author.publisher.name", default="none")
        null = serializers.CharField(source="author.publisher.name", allow_null=True)

        class Meta:
            model = Book
            fields = ["title", "city", "house", "null"]

    class BookSchema(Schema):
        title: str
        city: ReadOnly[Annotated[str, Source("author.publisher.city")]]
        house: Annotated[str, Source("author.publisher.name")] = "none"
        null: Annotated[str | None, Source("author.publisher.name")]

    author = Author.objects.create(name="Ada", email="a@a.io")
    book = Book.objects.create(title="One", isbn="1", author=author)
    ours = serializer_from_schema(BookSchema, model=Book)
    assert assert_same_print(Classic, ours, book) is not None
    assert assert_same_print(Classic, ours, Book.objects.all(), many=True) is not None
    for cls in (Classic, ours):
        assert printed(cls, Book(title="no author")) is not None

    for slug in ("x", "y"):
        Tag.objects.create(name=slug, slug=slug)
    Author.objects.create(name="Ada", email="b@a.io")
    by_name = serializers.SlugRelatedField(slug_field="name", queryset=Author.objects.all())
    classic, ours = kept(author=by_name)
    for cls in (classic, ours):
        with pytest.raises(Author.MultipleObjectsReturned):
            cls(data={"author": "Ada"}).is_valid()


# Validators and hooks


class InOrder:
    """Notes what runs when."""

    log: list[str]

    def validate_a(self, value: Any) -> Any:
        self.log.append("validate_a")
        raise serializers.ValidationError("a")

    def validate_b(self, value: Any) -> Any:
        self.log.append("validate_b")
        raise SkipField

    def validate(self, attrs: Any) -> Any:
        self.log.append(f"validate {sorted(attrs)}")
        return attrs


def test_hooks_stand_under_the_name_and_write_to_the_source() -> None:
    class Classic(InOrder, serializers.Serializer[Any]):
        a = serializers.IntegerField(source="x.a")
        b = serializers.IntegerField(source="x.b", required=False)

    class Sources(Schema):
        a: Annotated[int, Source("x.a")]
        b: NotRequired[Annotated[int, Source("x.b")]]

    class Ours(InOrder, SchemaSerializer[Sources]):
        pass

    Classic.log = Ours.log = []
    for body in ({"a": 1, "b": 2}, {"b": 2}, {"a": "x", "b": "y"}):
        for partial in (False, True):
            assert_same_verdict(Classic, Ours, body, partial=partial)
    half = len(Classic.log) // 2
    assert half
    assert Ours.log.count("validate_b") % 2 == 0


def refuse(code: str) -> Callable[[Any], None]:
    """Return a validator that refuses everything."""

    def validator(value: Any) -> None:
        raise serializers.ValidationError(f"{code}.", code=code)

    return validator


def refuse_whole(value: Any) -> None:
    """Refuse with errors by key, of which the first ends the validation of a field."""
    raise serializers.ValidationError({"deep": ["first"]})


@pytest.mark.parametrize(
    "validators",
    [
        [refuse("one"), refuse("two")],
        [refuse("one"), refuse_whole, refuse("two")],
        [MaxLengthValidator(1), RegexValidator("^x", "No x.", "no_x")],
    ],
)
def test_validators_of_a_kept_field_accumulate(validators: list[Any]) -> None:
    classic, ours = kept(v=serializers.CharField(max_length=2, min_length=9, validators=validators))
    assert_same_verdict(classic, ours, {"v": "abcd"})
    assert_same_verdict(classic, ours, {"v": "x"})


RAISED = [
    "text",
    ["a", "b"],
    {"a": "text"},
    {"a": ["x"], "b": {"c": "deep"}},
    {"__all__": ["whole"]},
    [{"a": ["x"]}, "y"],
    {},
    [],
    "",
]


@pytest.mark.parametrize("detail", RAISED, ids=repr)
@pytest.mark.parametrize("error", [serializers.ValidationError, DjangoValidationError])
def test_errors_are_put_in_form_as_deep_as_drf_does(detail: Any, error: type[Exception]) -> None:
    try:
        raised = error(detail)
        getattr(raised, "messages", None)
    except (TypeError, AttributeError, ValueError):
        pytest.skip("Django has no such error")

    class Raising:
        def validate(self, attrs: Any) -> Any:
            raise raised

        def validate_v(self, value: Any) -> Any:
            if value == 2:
                raise raised
            return value

    class Classic(Raising, serializers.Serializer[Any]):
        v = serializers.IntegerField()

    class One(Schema):
        v: int

    class Ours(Raising, SchemaSerializer[One]):
        pass

    class ClassicOuter(serializers.Serializer[Any]):
        inner = Classic()
        inners = Classic(many=True)

    class OursOuter(serializers.Serializer[Any]):
        inner = Ours()
        inners = Ours(many=True)

    for v in (1, 2):
        assert_same_verdict(Classic, Ours, {"v": v})
        assert_same_verdict(Classic, Ours, [{"v": v}], many=True)
        assert_same_verdict(ClassicOuter, OursOuter, {"inner": {"v": v}, "inners": [{"v": v}]})


def test_messages_of_a_field_are_its_own() -> None:
    words = {"required": "Where?", "max_length": "At most {max_length}.", "blank": "Say it."}
    classic, ours = kept(v=serializers.CharField(max_length=2, error_messages=words))
    for body in ({}, {"v": "abc"}, {"v": ""}, {"v": None}):
        assert_same_verdict(classic, ours, body)


def test_details_can_be_read_in_every_form() -> None:
    side = Side(Annotated[int, Field(ge=3)], serializers.IntegerField(min_value=3))
    raised = []
    for cls in (side.classic, side.ours):
        for arguments in ({"data": {"v": 1}}, {"data": [{"v": 1}, {"v": 5}], "many": True}):
            with pytest.raises(serializers.ValidationError) as caught:
                cls(**arguments).is_valid(raise_exception=True)
            raised.append((caught.value.get_codes(), caught.value.get_full_details()))
    assert raised[:2] == raised[2:]
    serializer = side.ours(data={"v": 1})
    assert not serializer.is_valid()
    assert isinstance(serializer.errors, ReturnDict)
    assert serializer.errors.serializer is serializer
    many = side.ours(data=5, many=True)
    assert not many.is_valid()
    assert isinstance(many.errors, (ReturnDict, ReturnList))


def test_update_of_many_is_left_to_the_project() -> None:
    side = Side(int, serializers.IntegerField())
    messages = []
    for cls in (side.classic, side.ours):
        serializer = cls([{"v": 1}], data=[{"v": 2}], many=True)
        assert serializer.is_valid()
        with pytest.raises(NotImplementedError) as caught:
            serializer.save()
        messages.append(str(caught.value))
        alone = cls(data={"v": 1})
        assert alone.is_valid()
        with pytest.raises(NotImplementedError) as caught:
            alone.save()
    assert messages[0] == messages[1]


@pytest.mark.parametrize("limits", [{}, {"allow_empty": False}, {"min_length": 2, "max_length": 2}])
@pytest.mark.parametrize("body", [[], [{"v": 1}], [{"v": 1}] * 3, {"v": 1}, "x", None, {}])
def test_limits_of_many(limits: dict[str, Any], body: Any) -> None:
    side = Side(int, serializers.IntegerField())
    assert_same_verdict(side.classic, side.ours, body, many=True, **limits)
    classic = type("Outer", (serializers.Serializer,), {"v": side.classic(many=True, **limits)})
    ours = type("Outer", (serializers.Serializer,), {"v": side.ours(many=True, **limits)})
    assert_same_verdict(classic, ours, {"v": body})
    assert_same_verdict(classic, ours, QueryDict("v[0]v=1&v[2]v=x"))


@pytest.mark.parametrize("allow_null", [False, True])
def test_null_rows_of_many(allow_null: bool) -> None:
    side = Side(int, serializers.IntegerField())
    for body in ([None], [{"v": 1}, None], None):
        assert_same_verdict(side.classic, side.ours, body, many=True, allow_null=allow_null)


# Models


@pytest.mark.django_db
def test_constraints_of_several_columns() -> None:
    class Classic(serializers.ModelSerializer[Seat]):
        class Meta:
            model = Seat
            fields = ["row", "number", "note"]

    class SeatSchema(Schema):
        row: Annotated[str, Field(max_length=2)]
        number: NotRequired[int]
        note: NotRequired[Annotated[str, Field(max_length=20, min_length=0)]]

    ours = serializer_from_schema(SeatSchema, model=Seat)
    Seat.objects.create(row="a", number=1)
    other = Seat.objects.create(row="a", number=2)
    for body in ({"row": "a"}, {"row": "a", "number": 3}, {"number": 1}, {"note": "x"}, {}):
        for arguments in ({}, {"instance": other}, {"instance": other, "partial": True}):
            expected = Classic(data=body, **arguments)
            actual = ours(data=body, **arguments)
            assert actual.is_valid() == expected.is_valid()
            assert error_tree(actual.errors) == error_tree(expected.errors)


@pytest.mark.django_db
def test_one_query_for_each_unique_column(django_assert_num_queries: Any) -> None:
    class TagSchema(Schema):
        name: Annotated[str, Field(max_length=30)]
        slug: Annotated[str, Field(max_length=50)]

    ours = serializer_from_schema(TagSchema, model=Tag)
    tag = Tag.objects.create(name="a", slug="a")
    for arguments, valid in (({}, False), ({"instance": tag}, True)):
        serializer = ours(data={"name": "a", "slug": "a"}, **arguments)
        with django_assert_num_queries(2):
            assert serializer.is_valid() is valid
    with django_assert_num_queries(1):
        assert ours(tag, data={"name": "b"}, partial=True).is_valid()


# Output


def test_settings_are_read_when_an_answer_is_made() -> None:
    class Classic(serializers.Serializer[Any]):
        at = serializers.DateTimeField()
        price = serializers.DecimalField(max_digits=9, decimal_places=2)
        length = serializers.DurationField()

    class Wire(Schema):
        at: datetime
        price: Annotated[Decimal, Field(max_digits=9, decimal_places=2)]
        length: timedelta

    ours = serializer_from_schema(Wire)
    row = {
        "at": datetime.fromisoformat("2024-01-02T03:04:05+00:00"),
        "price": Decimal("1.5"),
        "length": timedelta(days=1, hours=2),
    }
    seen = set()
    for framework in (
        {},
        {"DATETIME_FORMAT": "%Y"},
        {"COERCE_DECIMAL_TO_STRING": False},
        {"DURATION_FORMAT": "iso-8601"},
        {},
    ):
        for zone in ("UTC", "Asia/Kolkata"):
            with override_settings(REST_FRAMEWORK=framework), timezone.override(zone):
                seen.add(assert_same_print(Classic, ours, row))
                assert_same_print(Classic, ours, [row] * 2, many=True)
    assert len(seen) > 4


def test_flags_of_the_renderer_are_none_of_our_business() -> None:
    class Loud(JSONRenderer):
        ensure_ascii = True
        compact = False

    side = Side(str, serializers.CharField())
    row = {"v": "\u00e9\u2028<&>"}
    for renderer in (JSONRenderer(), Loud()):
        assert renderer.render(side.ours(row).data) == renderer.render(side.classic(row).data)


def test_order_of_keys_is_that_of_declaration_and_of_bases() -> None:
    class ClassicBase(serializers.Serializer[Any]):
        b = serializers.IntegerField()
        a = serializers.IntegerField()

    class ClassicChild(ClassicBase):
        c = serializers.IntegerField()
        b = serializers.CharField()

    class Base(Schema):
        b: int
        a: int

    class Child(Base):
        c: int
        b: str

    ours = serializer_from_schema(Child)
    assert sorted(ours().fields) == sorted(ClassicChild().fields)
    assert list(ours().fields) == list(Child.model_fields)


@pytest.mark.parametrize("name", ["json", "copy", "schema", "dict", "validate", "construct"])
def test_names_that_pydantic_has_methods_for(name: str) -> None:
    schema = create_model(
        "Named",
        __base__=Schema,
        **{f"{name}_": (int, Field(alias=name))},
    )
    classic = type("Classic", (serializers.Serializer,), {name: serializers.IntegerField()})
    ours = serializer_from_schema(schema)
    assert outcome(ours, {name: "x"}).errors == outcome(classic, {name: "x"}).errors
    serializer = ours(data={name: "5"})
    assert serializer.is_valid()
    assert serializer.data == {name: 5}


def test_names_of_serializers_own_attributes() -> None:
    names = ("data", "errors", "fields", "save", "instance", "context", "initial_data", "many")

    class Named(Schema):
        model_config = ConfigDict(protected_namespaces=())
        data: int
        errors: int
        fields: int
        save: int
        instance: int
        context: int
        initial_data: int
        many: int

    ours = serializer_from_schema(Named)
    body = dict.fromkeys(names, 1)
    serializer = ours(data=body)
    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == body
    assert ours(body).data == body
    assert ours([body], many=True).data == [body]
    assert list(ours().fields) == list(names)


def test_choices_that_nobody_offers_any_more() -> None:
    side = Side(Literal["a", "b"], serializers.ChoiceField(["a", "b"]))
    for stored in ("zz", "", 5, None, True):
        side.prints(stored)
