"""Mistakes that adapters between Pydantic and DRF have made; none of them may come back here.

Each test is one mistake, seen from outside. The behaviour itself is tested in detail elsewhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from ipaddress import IPv4Address
from types import ModuleType
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import connection
from django.http import QueryDict
from django.urls import path
from django.utils.translation import override
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StrictInt,
    ValidationInfo,
    computed_field,
    field_validator,
    model_validator,
)
from rest_framework import generics, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIRequestFactory

from nova_drf import (
    NotRequired,
    ReadOnly,
    Schema,
    SchemaSerializer,
    Source,
    UseField,
    WriteOnly,
    schema_from_serializer,
)
from nova_drf.serializers.schema_serializer import serializer_from_schema
from nova_drf.testing import AsyncAPIClient, AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.parsers import JSONParser
from nova_drf.views.renderers import JSONRenderer
from nova_drf.views.viewsets import AsyncModelViewSet
from tests.testapp.models import Author, Book, Publisher, Seat, Tag

BASES = pytest.mark.parametrize("base", [Schema, BaseModel])


def refused(schema: type[BaseModel], data: Any, **arguments: Any) -> Any:
    """Return the codes of a refusal."""
    serializer = serializer_from_schema(schema)(data=data, **arguments)
    assert not serializer.is_valid(), serializer.validated_data
    return serializers.ValidationError(serializer.errors).get_codes()


def accepted(schema: type[BaseModel], data: Any, **arguments: Any) -> Any:
    """Return the validated data."""
    serializer = serializer_from_schema(schema)(data=data, **arguments)
    assert serializer.is_valid(), serializer.errors
    return serializer.validated_data


class Point(Schema):
    x: Annotated[int, Field(gt=3)]
    label: Annotated[str, Field(max_length=3)] = "-"


class PointSerializer(SchemaSerializer[Point]):
    pass


def test_it_is_no_serializer() -> None:
    assert issubclass(PointSerializer, serializers.Serializer)
    assert list(PointSerializer().fields) == ["x", "label"]
    assert callable(PointSerializer().save)


def test_it_vanishes_inside_a_classic_serializer() -> None:
    class Outer(serializers.Serializer[Any]):
        point = PointSerializer()

    assert Outer({"point": {"x": 5, "label": "a"}}).data == {"point": {"x": 5, "label": "a"}}


def test_a_classic_serializer_cannot_be_nested() -> None:
    class Inner(serializers.Serializer[Any]):
        n = serializers.IntegerField()

    class Outer(Schema):
        inner: Annotated[dict[str, int], UseField(Inner())]

    assert accepted(Outer, {"inner": {"n": "1"}}) == {"inner": {"n": 1}}


def test_errors_of_lists_have_dotted_keys() -> None:
    serializer = PointSerializer(data=[{"x": 5}, {"x": 1}], many=True)
    assert not serializer.is_valid()
    assert list(serializer.errors[1]) == ["x"]


@BASES
def test_partial_updates_lose_constraints_or_gain_nulls(base: type[BaseModel]) -> None:
    class Both(base):
        a: Annotated[str, Field(max_length=3)]
        b: int

    assert refused(Both, {"a": "long"}, partial=True) == {"a": ["max_length"]}
    assert accepted(Both, {"a": "ok"}, partial=True) == {"a": "ok"}


def test_the_context_does_not_reach_validators() -> None:
    class Seen(Schema):
        n: int

        @field_validator("n")
        @classmethod
        def times(cls, value: int, info: ValidationInfo) -> int:
            return value * info.context["factor"]

    assert accepted(Seen, {"n": 2}, context={"factor": 5}) == {"n": 10}


@pytest.mark.django_db
def test_generic_views_cannot_create() -> None:
    class PublisherSchema(Schema):
        id: ReadOnly[int]
        name: str
        city: Annotated[str, Field(min_length=0)] = ""

    class View(generics.ListCreateAPIView[Any]):
        queryset = Publisher.objects.all()
        serializer_class = serializer_from_schema(PublisherSchema, model=Publisher)

    view: Callable[..., Response] = View.as_view()
    factory = APIRequestFactory()
    made = view(factory.post("/", {"name": "a", "id": 99}, format="json"))
    assert made.status_code == 201
    assert made.data["id"] != 99
    assert view(factory.options("/")).data["actions"]["POST"]["name"]["type"] == "string"
    page = view(factory.get("/", HTTP_ACCEPT="text/html")).render()
    assert page.status_code == 200
    assert b'name="city"' in page.content


@pytest.mark.django_db
def test_a_foreign_key_by_its_column_is_ignored() -> None:
    author = Author.objects.create(name="a", email="a@a.io")

    class Keyed(Schema):
        title: str
        isbn: str
        author_id: int

    made = serializer_from_schema(Keyed, model=Book)(
        data={"title": "t", "isbn": "1", "author_id": author.pk}
    )
    assert made.is_valid(), made.errors
    assert made.save().author == author


def test_write_only_fields_leak_and_read_only_ones_are_taken() -> None:
    class Account(Schema):
        id: ReadOnly[int]
        name: str
        password: WriteOnly[str]
        pin: str

    class AccountSerializer(SchemaSerializer[Account]):
        class Meta:
            write_only_fields = ("pin",)
            read_only_fields = ("name",)

    row = {"id": 1, "name": "a", "password": "p", "pin": "1"}
    assert AccountSerializer(row).data == {"id": 1, "name": "a"}
    assert AccountSerializer([row], many=True).data == [{"id": 1, "name": "a"}]
    serializer = AccountSerializer(data=row)
    assert serializer.is_valid()
    assert serializer.validated_data == {"password": "p", "pin": "1"}


def test_sources_fail_on_reading() -> None:
    class Thing:
        name = "n"
        owner = None

        def shout(self) -> str:
            return self.name.upper()

    class ThingSchema(Schema):
        loud: Annotated[str, Source("shout")]
        owner: Annotated[str | None, Source("owner.name")] = None

    assert serializer_from_schema(ThingSchema)(Thing()).data == {"loud": "N", "owner": None}


@BASES
def test_computed_fields_are_missing(base: type[BaseModel]) -> None:
    class Square(base):
        side: int

        @computed_field
        @property
        def area(self) -> int:
            return self.side**2

    assert serializer_from_schema(Square)({"side": 3}).data == {"side": 3, "area": 9}


@BASES
def test_default_factories_are_frozen_or_stored(base: type[BaseModel]) -> None:
    ticks = itertools.count()

    class Ticket(base):
        number: int = Field(default_factory=lambda: next(ticks))

    assert [accepted(Ticket, {})["number"] for _ in range(2)] == [0, 1]


def test_hidden_and_current_user_defaults_do_not_work() -> None:
    class Note(Schema):
        text: str
        user: Annotated[
            str, UseField(serializers.HiddenField(default=serializers.CurrentUserDefault()))
        ]

    request = APIRequestFactory().post("/")
    request.user = "ada"
    data = accepted(Note, {"text": "a", "user": "eve"}, context={"request": request})
    assert data == {"text": "a", "user": "ada"}


@BASES
def test_aliases_validate_under_neither_name(base: type[BaseModel]) -> None:
    class Camel(base):
        first_name: Annotated[str, Field(alias="firstName")]

    assert accepted(Camel, {"firstName": "a"}) == {"first_name": "a"}
    assert refused(Camel, {}) == {"firstName": ["required"]}
    assert serializer_from_schema(Camel)({"first_name": "a"}).data == {"firstName": "a"}


@BASES
def test_whole_number_choices_break_reading(base: type[BaseModel]) -> None:
    class Leveled(base):
        level: Literal[1, 2]

    assert serializer_from_schema(Leveled)({"level": 2}).data == {"level": 2}
    assert serializer_from_schema(Leveled)({"level": 7}).data == {"level": 7}


T = TypeVar("T")


class Cat(Schema):
    kind: Literal["cat"]


class Dog(Schema):
    kind: Literal["dog"]
    tricks: list[Annotated[str, Field(max_length=3)]]


class Page(Schema, Generic[T]):
    items: list[T]


class Tree(Schema):
    name: str
    children: list[Tree] = []


def test_types_fail_when_the_class_is_made() -> None:
    class Everything(Schema):
        either: int | str
        pet: Annotated[Cat | Dog, Field(discriminator="kind")]
        page: Page[Cat]
        tree: Tree
        unique: set[int]
        pair: tuple[int, str]
        raw: bytes
        anything: Any
        link: HttpUrl
        address: IPv4Address
        secret: SecretStr

    body = {
        "either": "a",
        "pet": {"kind": "dog", "tricks": ["sit"]},
        "page": {"items": [{"kind": "cat"}]},
        "tree": {"name": "a", "children": [{"name": "b"}]},
        "unique": [1, 1],
        "pair": [1, "a"],
        "raw": "x",
        "anything": {"a": 1},
        "link": "https://a.io",
        "address": "10.0.0.1",
        "secret": "s",
    }
    data = accepted(Everything, body)
    assert data["tree"] == {"name": "a", "children": [{"name": "b", "children": []}]}
    assert data["address"] == "10.0.0.1"
    assert data["link"] == "https://a.io"
    assert data["secret"] == "s"
    codes = refused(Everything, {**body, "pet": {"kind": "dog", "tricks": ["roll"]}})
    assert codes == {"pet": {"tricks": {0: ["max_length"]}}}
    assert list(serializer_from_schema(Tree)().fields["children"].child.fields) == [
        "name",
        "children",
    ]


def test_uploads_and_forms_fail() -> None:
    class Upload(Schema):
        title: str
        file: UploadedFile

    upload = SimpleUploadedFile("a.txt", b"x")
    assert accepted(Upload, {"title": "a", "file": upload})["file"] is upload

    class Titled(Schema):
        title: str

    assert accepted(Titled, QueryDict("title=a&title=b")) == {"title": "b"}


@pytest.mark.django_db
def test_unique_values_end_in_an_integrity_error() -> None:
    Publisher.objects.create(name="a")

    class Named(Schema):
        name: str

    serializer = serializer_from_schema(Named, model=Publisher)(data={"name": "a"})
    assert not serializer.is_valid()
    assert serializer.errors["name"][0].code == "unique"


@BASES
def test_modes_of_pydantic_are_not_honoured(base: type[BaseModel]) -> None:
    class Moded(base):
        model_config = ConfigDict(extra="forbid")
        n: int
        strict: StrictInt = 0

        @field_validator("n", mode="before")
        @classmethod
        def words(cls, value: Any) -> Any:
            return 1 if value == "one" else value

    assert accepted(Moded, {"n": "one"}) == {"n": 1, "strict": 0}
    assert list(refused(Moded, {"n": 1, "more": 1})) == ["more"]
    assert list(refused(Moded, {"n": 1, "strict": "1"})) == ["strict"]


@BASES
def test_exclusive_bounds_become_inclusive(base: type[BaseModel]) -> None:
    class Bound(base):
        n: Annotated[int, Field(gt=3)]

    assert refused(Bound, {"n": 3}) == {"n": ["greater_than"]}
    assert accepted(Bound, {"n": 4}) == {"n": 4}


@BASES
def test_errors_lose_their_shape_their_codes_and_their_language(base: type[BaseModel]) -> None:
    class Inner(base):
        n: int

    class Outer(base):
        inner: Inner
        name: Annotated[str, Field(max_length=2)]

        @model_validator(mode="after")
        def never(self) -> Any:
            raise ValueError("Never.")

    assert refused(Outer, {"inner": {"n": "x"}, "name": "long"}) == {
        "inner": {"n": ["invalid"]},
        "name": ["max_length"],
    }
    assert refused(Outer, {"inner": {"n": 1}, "name": "a"}) == {"non_field_errors": ["invalid"]}
    with override("fr"):
        serializer = serializer_from_schema(Outer)(data={"inner": {"n": 1}})
        assert not serializer.is_valid()
        assert str(serializer.errors["name"][0]) == "Ce champ est obligatoire."


def test_values_are_printed_as_pydantic_prints_them() -> None:
    class Wire(Schema):
        at: datetime
        price: Annotated[Decimal, Field(max_digits=5, decimal_places=2)]
        note: NotRequired[str]

    row = {"at": datetime.fromisoformat("2024-01-02T03:04:05+00:00"), "price": Decimal("1.5")}
    data = serializer_from_schema(Wire)(row).data
    assert data == {"at": "2024-01-02T04:04:05+01:00", "price": "1.50"}


def test_a_converted_serializer_loses_its_constraints() -> None:
    ticks = itertools.count()

    class Classic(serializers.Serializer[Any]):
        name = serializers.CharField(max_length=3)
        count = serializers.IntegerField(min_value=2)
        level = serializers.ChoiceField([1, 2])
        made = serializers.IntegerField(default=lambda: next(ticks))

    schema = schema_from_serializer(Classic)
    body = {"name": "long", "count": 1, "level": 3}
    assert refused(schema, body) == {
        "name": ["max_length"],
        "count": ["min_value"],
        "level": ["invalid_choice"],
    }
    good = {"name": "a", "count": 2, "level": "2"}
    assert accepted(schema, good)["made"] + 1 == accepted(schema, good)["made"]
    assert serializer_from_schema(schema)({**body, "made": 1}).data == {**body, "made": 1}


@pytest.mark.django_db
def test_relations_to_many_cannot_be_written() -> None:
    tags = [Tag.objects.create(name=name, slug=name) for name in "ab"]
    author = Author.objects.create(name="a", email="a@a.io")

    class BookSchema(Schema):
        title: str
        isbn: str
        author: int
        tags: list[int]

    cls = serializer_from_schema(BookSchema, model=Book)
    body = {"title": "t", "isbn": "1", "author": author.pk, "tags": [tag.pk for tag in tags]}
    serializer = cls(data=body)
    assert serializer.is_valid(), serializer.errors
    made = serializer.save()
    assert list(made.tags.order_by("name")) == tags
    assert cls(made).data == body
    update = cls(made, data={"tags": [tags[0].pk]}, partial=True)
    assert update.is_valid()
    assert list(update.save().tags.all()) == tags[:1]


def test_the_whole_object_is_no_source_and_methods_have_no_context() -> None:
    class Place(Schema):
        x: int
        y: int

    class Thing(Schema):
        place: Annotated[Place, Source("*")]
        label: Annotated[str, UseField(serializers.SerializerMethodField())]

    class ThingSerializer(SchemaSerializer[Thing]):
        def get_label(self, thing: Any) -> str:
            return f"{self.context['prefix']}{thing['x']}"

    data = ThingSerializer({"x": 1, "y": 2}, context={"prefix": "at "}).data
    assert data == {"place": {"x": 1, "y": 2}, "label": "at 1"}
    serializer = ThingSerializer(data={"place": {"x": 1, "y": 2}, "label": "no"})
    assert serializer.is_valid()
    assert serializer.validated_data == {"x": 1, "y": 2}


@pytest.mark.django_db
def test_constraints_of_several_columns_are_not_checked() -> None:
    class SeatSchema(Schema):
        row: str
        number: int = 1

    Seat.objects.create(row="a", number=1)
    serializer = serializer_from_schema(SeatSchema, model=Seat)(data={"row": "a"})
    assert not serializer.is_valid()
    assert serializer.errors["non_field_errors"][0].code == "unique"


def test_of_several_errors_only_one_is_left() -> None:
    def refuse(value: Any) -> Any:
        raise serializers.ValidationError([f"not {value}", "never"], code="no")

    class Twice(Schema):
        name: Annotated[
            str, UseField(serializers.CharField(max_length=1, min_length=9, validators=[refuse]))
        ]
        word: Annotated[str, Field(max_length=1)]

        @field_validator("word")
        @classmethod
        def never(cls, value: str) -> str:
            return refuse(value)

    codes = refused(Twice, {"name": "abc", "word": "a"})
    assert sorted(codes["name"]) == ["max_length", "min_length", "no", "no"]
    assert codes["word"] == ["no", "no"]


def test_a_parser_for_all_views_breaks_classic_serializers() -> None:
    class Classic(serializers.Serializer[Any]):
        name = serializers.CharField()

    class Echo(generics.CreateAPIView[Any]):
        parser_classes = [JSONParser]
        serializer_class = Classic

        def perform_create(self, serializer: Any) -> None:
            serializer.instance = serializer.validated_data

    view: Callable[..., Response] = Echo.as_view()
    factory = APIRequestFactory()
    assert view(factory.post("/", {"name": "a"}, format="json")).status_code == 201
    broken = view(factory.post("/", b"{", content_type="application/json"))
    assert (broken.status_code, broken.data["detail"].code) == (400, "parse_error")


def test_an_instance_in_a_response_becomes_a_list_of_pairs() -> None:
    body = JSONRenderer().render({"point": Point(x=5), "all": [Point(x=6)]})
    assert body == b'{"point":{"x":5,"label":"-"},"all":[{"x":6,"label":"-"}]}'


@BASES
def test_messages_have_a_prefix_of_pydantics_or_name_its_internals(base: type[BaseModel]) -> None:
    class Loud(base):
        n: int

        @field_validator("n")
        @classmethod
        def never(cls, value: int) -> int:
            raise ValueError("Never.")

        @model_validator(mode="after")
        def unreached(self) -> Any:
            raise ValueError("Nor this.")

    serializer = serializer_from_schema(Loud)(data={"n": 1})
    assert not serializer.is_valid()
    assert serializer.errors == {"n": ["Never."]}


@BASES
def test_a_null_and_what_was_not_sent_are_the_same(base: type[BaseModel]) -> None:
    class Maybe(base):
        a: int | None = None
        b: Annotated[str, Field(max_length=3)] | None = "b"

    assert accepted(Maybe, {}, partial=True) == {}
    assert accepted(Maybe, {"a": None}, partial=True) == {"a": None}
    assert refused(Maybe, {"b": "long"}, partial=True) == {"b": ["max_length"]}


# Of async adapters


class Greeting(Schema):
    name: str
    sync: Annotated[str, UseField(serializers.SerializerMethodField())]
    awaited: Annotated[str, UseField(serializers.SerializerMethodField())]


class GreetingSerializer(SchemaSerializer[Greeting]):
    def get_sync(self, publisher: Any) -> str:
        return f"sync {publisher.name}"

    async def get_awaited(self, publisher: Any) -> str:
        return f"async {await Publisher.objects.acount()}"

    class Meta:
        model = Publisher


class Pages(PageNumberPagination):
    page_size = 5


class GreetingViewSet(AsyncModelViewSet[Any]):
    queryset = Publisher.objects.order_by("id")
    serializer_class = GreetingSerializer
    pagination_class = Pages
    seen: ClassVar[list[str]] = []

    def filter_queryset(self, queryset: Any) -> Any:
        self.seen.append(f"filter_queryset of {self.action}")
        return super().filter_queryset(queryset).exclude(name="hidden")

    async def perform_create(self, serializer: Any) -> None:
        self.seen.append(f"perform_create of {self.action}")
        await serializer.asave()


@pytest.mark.django_db(transaction=True)
async def test_actions_are_renamed_overrides_skipped_and_routers_replaced(settings: Any) -> None:
    router = DefaultRouter()
    router.register("greetings", GreetingViewSet)
    urls = ModuleType("urls_of_greetings")
    urls.urlpatterns = router.urls
    settings.ROOT_URLCONF = urls
    GreetingViewSet.seen.clear()
    client: Any = AsyncAPIClient()
    for name in ("a", "hidden"):
        made = await client.post("/greetings/", {"name": name}, format="json")
        assert made.status_code == 201
    page = (await client.get("/greetings/")).json()
    assert page["results"] == [{"name": "a", "sync": "sync a", "awaited": "async 2"}]
    created = ["perform_create of create"] * 2
    assert GreetingViewSet.seen == [*created, "filter_queryset of list"]


class Nobody(BasePermission):
    async def has_permission(self, request: Any, view: Any) -> bool:
        return False


@pytest.mark.parametrize(
    "permission", [Nobody, Nobody & Nobody, Nobody & AllowAny, ~(Nobody | AllowAny)]
)
async def test_an_async_permission_is_a_coroutine_and_so_lets_everybody_in(permission: Any) -> None:
    class Closed(AsyncAPIView):
        permission_classes = [permission]

        async def get(self, request: Any) -> Response:
            return Response("in")

    response: Any = await Closed.as_view()(AsyncAPIRequestFactory().get("/"))
    assert response.status_code == 403


@pytest.mark.django_db(transaction=True)
async def test_nested_rows_are_read_on_the_event_loop() -> None:
    publisher = await Publisher.objects.acreate(name="p")
    await Author.objects.acreate(name="a", email="a@a.io", publisher=publisher)

    class House(Schema):
        name: str

    class Written(Schema):
        name: str
        publisher: House

    cls = serializer_from_schema(Written)
    found = await Author.objects.aget()
    expected = {"name": "a", "publisher": {"name": "p"}}
    assert await cls(found).adata == expected
    every: Any = cls(Author.objects.all(), many=True)
    assert await every.adata == [expected]


@pytest.mark.django_db(transaction=True)
async def test_atomic_requests_are_refused(settings: Any) -> None:
    class Failing(AsyncAPIView):
        async def post(self, request: Any) -> Response:
            await Publisher.objects.acreate(name="gone")
            raise serializers.ValidationError("no")

    urls = ModuleType("urls_of_failing")
    urls.urlpatterns = [path("failing/", Failing.as_view())]
    settings.ROOT_URLCONF = urls
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        client: Any = AsyncAPIClient()
        response = await client.post("/failing/", {}, format="json")
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False
    assert response.status_code == 400
    assert not await Publisher.objects.aexists()
