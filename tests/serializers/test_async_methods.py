"""The async methods: the same answers, and a worker thread only where the database may be asked."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID, uuid4

import pytest
from asgiref.sync import SyncToAsync
from django.core.exceptions import SynchronousOnlyOperation
from django.http import QueryDict
from django.utils import timezone
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    computed_field,
    field_serializer,
    model_validator,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from nova_drf import (
    NotRequired,
    ReadOnly,
    Schema,
    SchemaSerializer,
    UseField,
    serializer_from_schema,
)
from nova_drf.mapping.registry import FieldMapping, registry
from nova_drf.serializers.async_methods import AsyncSerializerMixin, with_async_methods
from tests.testapp.models import Author, Book, Publisher, Tag


class Hops(list[str]):
    """The names of the functions that went to a worker thread."""


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> Hops:
    """Note each hop to a worker thread."""
    seen = Hops()
    call = SyncToAsync.__call__

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(getattr(self.func, "__name__", "?"))
        return await call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    return seen


class Item(Schema):
    name: Annotated[str, Field(max_length=5)]
    count: int = 1


class Order(Schema):
    id: ReadOnly[int]
    note: NotRequired[str]
    made: datetime = Field(default_factory=timezone.now)
    key: UUID = Field(default_factory=uuid4)
    labels: list[str] = Field(default_factory=list)
    items: list[Item] = []
    first: Item | None = None


class PlainOrder(BaseModel):
    note: str | None = None
    items: list[Item] = []


OrderSerializer = serializer_from_schema(Order)
PlainOrderSerializer = serializer_from_schema(PlainOrder)
GOOD: dict[str, Any] = {"note": "n", "items": [{"name": "a"}], "first": {"name": "b", "count": 2}}
BAD: dict[str, Any] = {"note": 5.5, "items": [{"name": "too long"}], "first": 1}


@pytest.fixture(params=[OrderSerializer, PlainOrderSerializer], ids=["schema", "model"])
def async_safe_class(request: pytest.FixtureRequest) -> type[SchemaSerializer[Any]]:
    """A serializer class that cannot touch the database, for each base."""
    return request.param


# Nothing can touch the database


@pytest.mark.parametrize("body", [GOOD, BAD, {}, None, "text", QueryDict("note=x&items[0]name=y")])
@pytest.mark.parametrize("partial", [False, True])
async def test_a_schema_alone_validates_on_the_loop(
    hops: Hops, async_safe_class: type[SchemaSerializer[Any]], body: Any, partial: bool
) -> None:
    serializer, sync = (async_safe_class(data=body, partial=partial) for _ in range(2))
    assert await serializer.ais_valid() == sync.is_valid()
    assert serializer.errors == sync.errors
    assert serializer.validated_data.keys() == sync.validated_data.keys()
    assert (await serializer.adata).keys() == sync.data.keys()
    assert hops == []


async def test_a_list_of_them_too(
    hops: Hops, async_safe_class: type[SchemaSerializer[Any]]
) -> None:
    serializer = async_safe_class(data=[{"note": "a"}, {"note": "b"}], many=True)
    assert isinstance(serializer, AsyncSerializerMixin)
    assert await serializer.ais_valid()
    assert [item["note"] for item in await serializer.adata] == ["a", "b"]
    bad = async_safe_class(data=[{"items": 5}], many=True)
    with pytest.raises(ValidationError):
        await bad.ais_valid(raise_exception=True)
    assert hops == []


async def test_data_is_printed_on_the_loop(hops: Hops) -> None:
    row = {"id": 1, "made": datetime(2024, 1, 1, tzinfo=UTC), "key": uuid4(), "first": None}
    schema = Order.model_validate({**GOOD, "id": 1})
    for instance in (row, schema, {**row, "items": [Item(name="a")], "first": {"name": "b"}}):
        serializer = OrderSerializer(instance)
        assert serializer.representation_is_async_safe
        assert await serializer.adata == OrderSerializer(instance).data
        assert await OrderSerializer([instance], many=True).adata == [serializer.data]
    assert hops == []


async def test_asking_twice_hops_once(hops: Hops, book: Book) -> None:
    serializer = BookSerializer(book, data={}, partial=True)
    assert await serializer.ais_valid()
    assert await serializer.ais_valid(raise_exception=True)
    assert len(hops) == 1
    first = await serializer.adata
    assert await serializer.adata == first
    assert len(hops) == 2


# The database may be asked


class BookSchema(Schema):
    id: ReadOnly[int]
    title: Annotated[str, Field(max_length=100)]
    isbn: Annotated[str, Field(max_length=13)]
    author: int
    tags: list[int] = []


class BookSerializer(SchemaSerializer[BookSchema]):
    class Meta:
        model = Book


@pytest.fixture
def author(transactional_db: None) -> Author:
    publisher = Publisher.objects.create(name="House")
    return Author.objects.create(name="Ada", email="ada@example.org", publisher=publisher)


@pytest.fixture
def book(author: Author) -> Book:
    book = Book.objects.create(title="One", isbn="1", author=author)
    book.tags.add(Tag.objects.create(name="new", slug="new"))
    return book


async def test_a_model_takes_one_hop_for_each_step(hops: Hops, author: Author) -> None:
    serializer = BookSerializer(data={"title": "Two", "isbn": "2", "author": author.pk, "tags": []})
    assert await serializer.ais_valid(), serializer.errors
    assert len(hops) == 1
    book = await serializer.asave()
    assert (book.title, book.author_id) == ("Two", author.pk)
    assert len(hops) == 2
    assert (await serializer.adata)["id"] == book.pk
    assert len(hops) == 3


async def test_an_update_takes_one_hop_for_each_step(hops: Hops, book: Book) -> None:
    serializer = BookSerializer(book, data={"title": "New"}, partial=True)
    assert await serializer.ais_valid(raise_exception=True)
    assert await serializer.asave() is book
    assert len(hops) == 2
    assert await Book.objects.aget(title="New") == book


async def test_lists_take_one_hop_for_each_step(hops: Hops, author: Author) -> None:
    rows = [{"title": f"T{n}", "isbn": f"{n}", "author": author.pk} for n in range(5)]
    serializer: Any = BookSerializer(data=rows, many=True)
    assert await serializer.ais_valid()
    assert len(await serializer.asave()) == 5
    assert [row["title"] for row in await serializer.adata] == [row["title"] for row in rows]
    assert len(hops) == 3


async def test_related_rows_never_reach_the_loop(hops: Hops, book: Book) -> None:
    class PublisherSchema(Schema):
        name: str

    class AuthorSchema(Schema):
        name: str
        publisher: PublisherSchema

    class Nested(Schema):
        title: str
        author: AuthorSchema

    serializer_class = serializer_from_schema(Nested)
    found = await Book.objects.aget(pk=book.pk)
    expected = {"title": "One", "author": {"name": "Ada", "publisher": {"name": "House"}}}
    hops.clear()
    assert await serializer_class(found).adata == expected
    rows: Any = serializer_class(Book.objects.all(), many=True)
    assert await rows.adata == [expected]
    mixed = {"title": "One", "author": await Author.objects.aget()}
    hops.clear()
    assert await serializer_class(mixed).adata == expected
    assert len(hops) == 1


def refuse(value: Any) -> Any:
    Author.objects.exists()
    return value


def with_hook() -> type[SchemaSerializer[Any]]:
    class Hooked(SchemaSerializer[Item]):
        def validate_name(self, value: str) -> str:
            return str(refuse(value))

    return Hooked


def with_validate() -> type[SchemaSerializer[Any]]:
    class Whole(SchemaSerializer[Item]):
        def validate(self, attrs: Any) -> Any:
            return refuse(attrs)

    return Whole


def with_inherited_override() -> type[SchemaSerializer[Any]]:
    class Mixin:
        def to_internal_value(self, data: Any) -> Any:
            refuse(data)
            return super().to_internal_value(data)

    class Overridden(Mixin, SchemaSerializer[Item]):
        pass

    return Overridden


def with_meta_validators() -> type[SchemaSerializer[Any]]:
    return serializer_from_schema(Item, validators=[refuse])


def with_declared_field() -> type[SchemaSerializer[Any]]:
    class Declared(SchemaSerializer[Item]):
        count = serializers.PrimaryKeyRelatedField(
            queryset=Author.objects.all(), required=False, validators=[refuse]
        )

    return Declared


def with_kept_field() -> type[SchemaSerializer[Any]]:
    class Kept(Schema):
        name: Annotated[str, UseField(serializers.CharField(validators=[refuse]))]

    return serializer_from_schema(Kept)


def with_field_validator() -> type[SchemaSerializer[Any]]:
    class Checked(Schema):
        name: Annotated[str, AfterValidator(refuse)]

    return serializer_from_schema(Checked)


def with_deep_validator() -> type[SchemaSerializer[Any]]:
    class Inner(BaseModel):
        name: str = "a"

        @model_validator(mode="after")
        def check(self) -> Self:
            return refuse(self)

    class Outer(Schema):
        name: str
        inner: Inner = Field(default_factory=dict, validate_default=True)

    return serializer_from_schema(Outer)


def with_default_factory() -> type[SchemaSerializer[Any]]:
    class Default(Schema):
        name: str
        count: int = Field(default_factory=lambda: int(refuse(1)))

    return serializer_from_schema(Default)


def with_post_init() -> type[SchemaSerializer[Any]]:
    class Post(Schema):
        name: str

        def model_post_init(self, context: Any) -> None:
            refuse(self)

    return serializer_from_schema(Post)


def with_own_fields() -> type[SchemaSerializer[Any]]:
    class OwnFields(SchemaSerializer[Item]):
        def get_fields(self) -> Any:
            return refuse(super().get_fields())

    return OwnFields


NOT_ASYNC_SAFE = [
    with_hook,
    with_validate,
    with_inherited_override,
    with_meta_validators,
    with_declared_field,
    with_kept_field,
    with_field_validator,
    with_deep_validator,
    with_default_factory,
    with_post_init,
    with_own_fields,
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", NOT_ASYNC_SAFE)
@pytest.mark.parametrize("many", [False, True])
async def test_code_of_the_user_may_ask_the_database(
    hops: Hops, make: Callable[[], type[SchemaSerializer[Any]]], many: bool
) -> None:
    body: Any = {"name": "a"}
    serializer: Any = make()(data=[body, body] if many else body, many=many)
    assert not serializer.validation_is_async_safe
    assert await serializer.ais_valid(), serializer.errors
    assert len(hops) == 1


@pytest.mark.django_db(transaction=True)
async def test_a_touched_field_may_ask_the_database(hops: Hops) -> None:
    serializer = serializer_from_schema(Item)(data={"name": "a"})
    serializer.fields["name"].validators.append(refuse)
    assert await serializer.ais_valid()
    assert len(hops) == 1


@pytest.mark.django_db(transaction=True)
async def test_validators_given_to_the_constructor_count(hops: Hops) -> None:
    serializer = serializer_from_schema(Item)(data={"name": "a"}, validators=[refuse])
    assert await serializer.ais_valid()
    assert len(hops) == 1


def with_representation() -> type[SchemaSerializer[Any]]:
    class Printed(SchemaSerializer[Item]):
        def to_representation(self, instance: Any) -> Any:
            return refuse(super().to_representation(instance))

    return Printed


def with_method_field() -> type[SchemaSerializer[Any]]:
    class Method(SchemaSerializer[Item]):
        extra = serializers.SerializerMethodField()

        def get_extra(self, instance: Any) -> bool:
            return bool(refuse(instance))

    return Method


def with_computed_field() -> type[SchemaSerializer[Any]]:
    class Computed(Schema):
        name: str

        @computed_field
        def extra(self) -> bool:
            return bool(refuse(self))

    return serializer_from_schema(Computed)


def with_deep_serializer() -> type[SchemaSerializer[Any]]:
    class Inner(Schema):
        name: str = "i"

        @field_serializer("name")
        def shown(self, value: str) -> str:
            return str(refuse(value))

    class Outer(Schema):
        name: str
        inner: list[Inner] = [Inner()]

    return serializer_from_schema(Outer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "make", [with_representation, with_method_field, with_computed_field, with_deep_serializer]
)
@pytest.mark.parametrize("many", [False, True])
async def test_code_of_the_user_may_read_the_database(
    hops: Hops, make: Callable[[], type[SchemaSerializer[Any]]], many: bool
) -> None:
    row = {"name": "a", "count": 1, "inner": [{"name": "x"}]}
    serializer: Any = make()([row] if many else row, many=many)
    assert not serializer.representation_is_async_safe
    printed = await serializer.adata
    assert len(hops) == 1
    assert (printed[0] if many else printed)["name"] == "a"


@pytest.mark.django_db(transaction=True)
async def test_objects_with_properties_are_read_in_a_thread(hops: Hops) -> None:
    class Row:
        count = 3

        @property
        def name(self) -> str:
            return str(refuse("a"))

    assert await serializer_from_schema(Item)(Row()).adata == {"name": "a", "count": 3}
    assert len(hops) == 1


# Saving


class AsyncWriter(SchemaSerializer[Item]):
    """Writes with coroutines of its own."""

    async def acreate(self, validated_data: Any) -> Any:
        await asyncio.sleep(0)
        return {"made": validated_data}

    async def aupdate(self, instance: Any, validated_data: Any) -> Any:
        await asyncio.sleep(0)
        return {**instance, **validated_data}


async def saved(serializer: Any, **kwargs: Any) -> Any:
    assert await serializer.ais_valid(), serializer.errors
    result = await serializer.asave(**kwargs)
    assert serializer.instance is result
    return result


async def test_async_writes_run_on_the_loop(hops: Hops) -> None:
    body = {"name": "a"}
    made = await saved(AsyncWriter(data=body), owner="me")
    assert made == {"made": {"name": "a", "count": 1, "owner": "me"}}
    changed = await saved(AsyncWriter({"name": "old", "count": 5}, data=body, partial=True))
    assert changed == {"name": "a", "count": 5}
    assert (
        await saved(AsyncWriter(data=[body, body], many=True), n=1)
        == [{"made": {"name": "a", "count": 1, "n": 1}}] * 2
    )
    assert hops == []


async def test_coroutines_named_as_in_drf_are_awaited(hops: Hops) -> None:
    class Renamed(SchemaSerializer[Item]):
        async def create(self, validated_data: Any) -> Any:
            return validated_data

    assert await saved(Renamed(data={"name": "a"})) == {"name": "a", "count": 1}
    assert await saved(Renamed(data=[{"name": "a"}], many=True)) == [{"name": "a", "count": 1}]
    assert hops == []


async def test_only_one_of_the_two_may_be_async(hops: Hops) -> None:
    class Half(SchemaSerializer[Item]):
        def create(self, validated_data: Any) -> Any:
            return {"sync": validated_data["name"]}

        async def aupdate(self, instance: Any, validated_data: Any) -> Any:
            return validated_data

    assert await saved(Half(data={"name": "a"})) == {"sync": "a"}
    assert len(hops) == 1
    assert await saved(Half({}, data={"name": "b"})) == {"name": "b", "count": 1}
    assert len(hops) == 1


async def test_an_overridden_save_runs_around_async_writes(hops: Hops) -> None:
    class Saving(AsyncWriter):
        def save(self, **kwargs: Any) -> Any:
            result = super().save(extra=1, **kwargs)
            result["after"] = True
            return result

    made = await saved(Saving(data={"name": "a"}))
    assert made == {"made": {"name": "a", "count": 1, "extra": 1}, "after": True}
    assert len(hops) == 1


async def test_a_list_of_its_own_writes_as_it_says(hops: Hops) -> None:
    class Bulk(serializers.ListSerializer[Any]):
        def create(self, validated_data: Any) -> Any:
            return [("bulk", item["name"]) for item in validated_data]

        def update(self, instance: Any, validated_data: Any) -> Any:
            return [*instance, *validated_data]

    class Writer(AsyncWriter):
        class Meta:
            list_serializer_class = Bulk

    serializer: Any = Writer(data=[{"name": "a"}], many=True)
    assert isinstance(serializer, Bulk)
    assert type(serializer).__name__ == "Bulk"
    assert await saved(serializer) == [("bulk", "a")]
    assert await saved(Writer([0], data=[{"name": "a"}], many=True)) == [
        0,
        {"name": "a", "count": 1},
    ]
    assert await serializer_from_schema(Item, list_serializer_class=Bulk)(
        [{"name": "a", "count": 1}], many=True
    ).adata == [{"name": "a", "count": 1}]


async def test_drf_guards_async_saves_as_well() -> None:
    class Nothing(SchemaSerializer[Item]):
        async def acreate(self, validated_data: Any) -> Any:
            return None

    for serializer_class in (AsyncWriter, OrderSerializer):
        serializer = serializer_class(data={})
        with pytest.raises(AssertionError, match="is_valid"):
            await serializer.asave()
    invalid = AsyncWriter(data={})
    assert not await invalid.ais_valid()
    with pytest.raises(AssertionError, match="invalid data"):
        await invalid.asave()
    valid = AsyncWriter(data={"name": "a"})
    await valid.ais_valid()
    with pytest.raises(AssertionError, match="commit"):
        await valid.asave(commit=False)
    await valid.adata
    with pytest.raises(AssertionError, match=r"after accessing `serializer\.data`"):
        await valid.asave()
    nothing = Nothing(data={"name": "a"})
    await nothing.ais_valid()
    with pytest.raises(AssertionError, match="did not return an object instance"):
        await nothing.asave()
    with pytest.raises(AssertionError, match="you must call"):
        await AsyncWriter(data={}).adata


# The merged state of a partial update


class Merged(Schema):
    title: str
    author: int
    tags: list[int] = []


async def test_the_merged_schema_is_read_in_a_thread(hops: Hops, book: Book) -> None:
    serializer_class = serializer_from_schema(Merged, model=Book)
    found = await Book.objects.aget(pk=book.pk)
    serializer = serializer_class(found, data={"title": "New"}, partial=True)
    assert await serializer.ais_valid()
    with pytest.raises(SynchronousOnlyOperation):
        serializer.validated_schema
    hops.clear()
    merged = await serializer.avalidated_schema
    assert len(hops) == 1
    tag = await Tag.objects.aget()
    assert merged == Merged.model_construct(title="New", author=book.author_id, tags=[tag.pk])
    hops.clear()
    plain = serializer_from_schema(Item)(
        {"name": "x", "count": 4}, data={"name": "y"}, partial=True
    )
    assert await plain.ais_valid()
    assert (await plain.avalidated_schema).count == 4
    assert hops == []


async def test_validators_of_the_whole_see_rows_in_a_thread(hops: Hops, book: Book) -> None:
    class Whole(Merged):
        model_config = ConfigDict(frozen=True)

        @model_validator(mode="after")
        def check(self) -> Self:
            if self.title == "One":
                raise ValueError("Choose another title.")
            return self

    found = await Book.objects.aget(pk=book.pk)
    hops.clear()
    serializer = serializer_from_schema(Whole, model=Book)(found, data={"tags": []}, partial=True)
    assert not await serializer.ais_valid()
    assert serializer.errors == {"non_field_errors": ["Choose another title."]}
    assert len(hops) == 1


# Sync and async alike


@pytest.mark.parametrize(
    ("sync", "counterpart"),
    [("is_valid", "ais_valid"), ("save", "asave"), ("create", "acreate"), ("update", "aupdate")],
)
def test_counterparts_have_the_same_signature(sync: str, counterpart: str) -> None:
    parameters = [
        [(one.name, one.kind, one.default) for one in signature.parameters.values()]
        for signature in (
            inspect.signature(getattr(SchemaSerializer, sync)),
            inspect.signature(getattr(SchemaSerializer, counterpart)),
        )
    ]
    assert parameters[0] == parameters[1]


async def test_a_serializer_without_a_schema_may_have_the_twins(hops: Hops) -> None:
    class Classic(AsyncSerializerMixin, serializers.Serializer[Any]):
        name = serializers.CharField()

        def create(self, validated_data: Any) -> Any:
            return dict(validated_data)

        def update(self, instance: Any, validated_data: Any) -> Any:
            return {**instance, **validated_data}

    serializer = Classic(data={"name": "a"})
    assert await serializer.ais_valid()
    assert await serializer.asave() == {"name": "a"}
    assert await serializer.adata == {"name": "a"}
    again = Classic({"name": "a"}, data={"name": "b"})
    assert await again.ais_valid()
    assert await again.asave() == {"name": "b"}
    assert hops.count("is_valid") == 2


async def test_only_creating_may_be_async(hops: Hops) -> None:
    class Writing(SchemaSerializer[Item]):
        async def acreate(self, validated_data: Any) -> Any:
            return {"made": validated_data}

        def update(self, instance: Any, validated_data: Any) -> Any:
            return {**instance, **validated_data}

    serializer = Writing({"name": "a"}, data={"name": "b"}, partial=True)
    assert await serializer.ais_valid()
    assert (await serializer.asave())["name"] == "b"
    assert hops == ["update"]


class Checked(serializers.ListSerializer[Any]):
    """A list with code of its own on the way in and out."""

    def validate(self, attrs: Any) -> Any:
        return attrs[:1]

    def to_representation(self, data: Any) -> Any:
        return [*super().to_representation(data), "end"]

    def create(self, validated_data: Any) -> Any:
        return list(validated_data)


async def test_code_of_a_list_may_ask_the_database(hops: Hops) -> None:
    cls = serializer_from_schema(Item, list_serializer_class=Checked)
    serializer: Any = cls(data=[{"name": "a"}, {"name": "b"}], many=True)
    assert await serializer.ais_valid()
    assert [one["name"] for one in serializer.validated_data] == ["a"]
    assert [one["name"] for one in await serializer.acreate(serializer.validated_data)] == ["a"]
    assert (await cls([{"name": "a"}], many=True).adata)[-1] == "end"
    assert len(hops) == 3
    assert with_async_methods(type(serializer)) is type(serializer)


async def test_a_type_of_a_project_may_ask_the_database(hops: Hops) -> None:
    class Asking(serializers.IntegerField):
        pass

    class AskingMapping(FieldMapping):
        core_type = "int"
        field_class = Asking

    class Counted(Schema):
        name: str
        made: int = Field(default_factory=Author.objects.none)
        items: list[Annotated[int, AfterValidator(abs)]] = []

    with registry.override(AskingMapping()):

        class Numbered(Schema):
            name: str
            n: int
            either: int | str = ""

    for schema, body in ((Numbered, {"name": "a", "n": 1}), (Counted, {"name": "a"})):
        cls = serializer_from_schema(schema)
        assert await cls(data=body).ais_valid()
        assert (await cls({**body, "made": 1, "items": [], "either": 1}).adata)["name"] == "a"
    assert len(hops) == 4
