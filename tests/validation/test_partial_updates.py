"""Validators of the whole in partial updates: what they see, and when they are left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Self

import pytest
from pydantic import (
    BaseModel,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationInfo,
    computed_field,
    model_validator,
)
from rest_framework import serializers

from nova_drf import (
    NotRequired,
    ReadOnly,
    Schema,
    SchemaSerializer,
    Source,
    WriteOnly,
    serializer_from_schema,
)
from tests.oracle import error_tree
from tests.testapp.models import Author, Book, Publisher


def bad_order(self: Any) -> Any:
    if self.start > self.end:
        raise ValueError("The end comes before the start.")
    return self


WRONG = {"non_field_errors": [("The end comes before the start.", "invalid")]}


def schemas(base: type[BaseModel]) -> tuple[type[BaseModel], type[BaseModel]]:
    """Make a schema with a validator of the whole, and one that holds it."""

    class Span(base):
        start: int
        end: int
        note: NotRequired[str]

        ordered = model_validator(mode="after")(bad_order)

    class Plan(base):
        id: ReadOnly[int]
        name: str = "plan"
        span: Span
        other: Annotated[Span | None, Source("spare")] = None
        spans: list[Span] = []
        confirm: WriteOnly[NotRequired[bool]]

    return Span, Plan


@pytest.fixture(params=[Schema, BaseModel], ids=["schema", "model"])
def base(request: pytest.FixtureRequest) -> type[BaseModel]:
    return request.param


def patched(schema: type[BaseModel], instance: Any, data: Any) -> SchemaSerializer[Any]:
    return serializer_from_schema(schema)(instance, data=data, partial=True)


INSTANCE: dict[str, Any] = {
    "id": 7,
    "name": "n",
    "span": {"start": 5, "end": 9},
    "spare": None,
    "spans": [],
}


def test_a_nested_schema_is_judged_by_its_merged_state(base: type[BaseModel]) -> None:
    plan = schemas(base)[1]
    bad = patched(plan, INSTANCE, {"span": {"end": 3}})
    assert not bad.is_valid()
    assert error_tree(bad.errors) == {"span": WRONG}
    good = patched(plan, INSTANCE, {"span": {"end": 6}})
    assert good.is_valid(), good.errors
    assert good.validated_data == {"span": {"end": 6}}
    schema = good.validated_schema
    assert (schema.span.start, schema.span.end) == (5, 6)
    assert schema.span.model_fields_set == {"end"}
    assert schema.model_fields_set == {"span"}
    assert (schema.id, schema.name, schema.other) == (7, "n", None)


def test_other_errors_stand_beside_those_of_nested_schemas(base: type[BaseModel]) -> None:
    bad = patched(schemas(base)[1], INSTANCE, {"span": {"end": 3}, "name": None})
    assert not bad.is_valid()
    assert error_tree(bad.errors)["name"][0][1] == "null"


@pytest.mark.parametrize(
    ("instance", "data"),
    [
        ({**INSTANCE, "span": None}, {"span": {"end": 3}}),
        ({"name": "no span at all"}, {"span": {"end": 3}}),
        (INSTANCE, {"other": {"end": 3}}),
        (INSTANCE, {"spans": [{"end": 3}, {"start": 9}]}),
        (None, {"span": {"start": 4}}),
        (None, {}),
    ],
)
def test_what_cannot_be_completed_cannot_be_judged(
    base: type[BaseModel], instance: Any, data: Any
) -> None:
    serializer = patched(schemas(base)[1], instance, data)
    assert serializer.is_valid(), serializer.errors
    written = {"spare" if name == "other" else name: value for name, value in data.items()}
    assert serializer.validated_data == written
    assert serializer.validated_schema.model_fields_set == set(data)


def test_what_was_sent_in_full_is_judged_anyway(base: type[BaseModel]) -> None:
    plan = schemas(base)[1]
    wrong = {"start": 2, "end": 1}
    for instance in (None, INSTANCE):
        bad = patched(plan, instance, {"span": wrong, "other": wrong, "spans": [wrong]})
        assert not bad.is_valid()
        assert error_tree(bad.errors)["span"] == WRONG
        assert error_tree(bad.errors)["other"] == WRONG
        assert error_tree(bad.errors)["spans"][0] == WRONG


def test_an_optional_field_left_out_does_not_silence_a_full_validation(
    base: type[BaseModel],
) -> None:
    span, plan = schemas(base)
    for schema, data in ((span, {"start": 2, "end": 1}), (plan, {"span": {"start": 2, "end": 1}})):
        serializer = serializer_from_schema(schema)(data=data)
        assert not serializer.is_valid()


def test_validators_of_the_outer_schema_see_nested_ones_merged(base: type[BaseModel]) -> None:
    span = schemas(base)[0]
    seen: list[Any] = []

    class Outer(base):
        limit: int
        span: span

        @model_validator(mode="after")
        def within(self) -> Self:
            seen.append((self.limit, self.span.start, self.span.end))
            return self

    instance = {"limit": 10, "span": {"start": 1, "end": 2}}
    assert patched(Outer, instance, {"span": {"end": 5}}).is_valid()
    assert patched(Outer, instance, {"limit": 3}).is_valid()
    assert seen == [(10, 1, 5), (3, 1, 2)]
    assert patched(Outer, None, {"span": {"end": 5}, "limit": 3}).is_valid()
    assert patched(Outer, {"limit": 4}, {"limit": 3}).is_valid()
    assert len(seen) == 2


def test_a_validator_may_change_what_is_written(base: type[BaseModel]) -> None:
    class Person(base):
        first: str
        last: str
        full: str = ""

        @model_validator(mode="after")
        def fill(self) -> Self:
            self.first = self.first.title()
            self.full = f"{self.first} {self.last}"
            return self

    instance = {"first": "Ada", "last": "Byron", "full": "Ada Byron"}
    serializer = patched(Person, instance, {"first": "augusta"})
    assert serializer.is_valid()
    assert serializer.validated_data == {"first": "Augusta", "full": "Augusta Byron"}


def test_before_and_wrap_validators(base: type[BaseModel]) -> None:
    log: list[str] = []

    class Wrapped(base):
        start: int
        end: int

        @model_validator(mode="wrap")
        @classmethod
        def around(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
            found = handler(data)
            log.append(f"{found.start}-{found.end}")
            return bad_order(found)

        @model_validator(mode="before")
        @classmethod
        def rename(cls, data: Any) -> Any:
            return {"end": data["until"], **data} if "until" in data else data

    class Holder(base):
        inner: Wrapped

    assert patched(Wrapped, None, {"until": 3}).is_valid()
    assert log == []
    assert patched(Wrapped, {"start": 1, "end": 2}, {"until": 3}).is_valid()
    assert log == ["1-3"]
    bad = patched(Wrapped, {"start": 9, "end": 2}, {"end": 3})
    assert not bad.is_valid()
    assert error_tree(bad.errors) == WRONG
    nested = patched(Holder, {"inner": {"start": 9, "end": 10}}, {"inner": {"until": 3}})
    assert not nested.is_valid()
    assert error_tree(nested.errors) == {"inner": WRONG}


def test_post_init_waits_for_the_whole(base: type[BaseModel]) -> None:
    class Counted(base):
        start: int
        end: int
        _length: int = PrivateAttr(default=-1)

        def model_post_init(self, context: Any) -> None:
            self._length = self.end - self.start

    class Holder(base):
        inner: Counted
        size: int = 0

        @model_validator(mode="after")
        def measure(self) -> Self:
            self.size = self.inner._length
            return self

    lengths = [
        patched(Counted, None, {"end": 4}),
        patched(Counted, {"start": 1, "end": 2}, {"end": 4}),
        serializer_from_schema(Counted)(data={"start": 1, "end": 9}),
    ]
    assert [one.is_valid() and one.validated_schema._length for one in lengths] == [-1, 3, 8]
    held = {"inner": {"start": 1, "end": 2}, "size": 1}
    holder = patched(Holder, held, {"inner": {"end": 6}})
    assert holder.is_valid(), holder.errors
    assert holder.validated_data == {"inner": {"end": 6}, "size": 5}
    assert patched(Holder, None, {"inner": {"end": 6}}).is_valid()


def test_recursive_schemas_are_merged_as_deep_as_they_were_sent() -> None:
    serializer = patched(
        Node,
        {"low": 1, "high": 2, "next": {"low": 3, "high": 4, "next": {"low": 5, "high": 6}}},
        {"next": {"next": {"high": 1}}},
    )
    assert not serializer.is_valid()
    assert error_tree(serializer.errors) == {
        "next": {"next": {"non_field_errors": [("Upside down.", "invalid")]}}
    }


class Node(Schema):
    low: int
    high: int
    next: Node | None = None

    @model_validator(mode="after")
    def upright(self) -> Self:
        if self.low > self.high:
            raise ValueError("Upside down.")
        return self


def test_full_updates_show_validators_what_clients_cannot_send() -> None:
    seen: list[Any] = []

    class Guarded(Schema):
        id: ReadOnly[int]
        name: str

        @model_validator(mode="after")
        def look(self, info: ValidationInfo) -> Self:
            seen.append((self.id, info.context is not None and info.context["serializer"]))
            return self

    serializer = serializer_from_schema(Guarded)({"id": 3, "name": "a"}, data={"name": "b"})
    assert serializer.is_valid()
    assert serializer.validated_data == {"name": "b"}
    assert seen == [(3, serializer)]


def test_each_row_of_a_list_may_have_its_instance(base: type[BaseModel]) -> None:
    span = schemas(base)[0]
    stored = {1: {"start": 1, "end": 2}, 2: {"start": 8, "end": 9}}

    class Rows(serializers.ListSerializer[Any]):
        def run_child_validation(self, data: Any) -> Any:
            child: Any = self.child
            child.instance = stored[data["id"]]
            child.initial_data = data
            return super().run_child_validation(data)

    rows: Any = serializer_from_schema(span, list_serializer_class=Rows)(
        list(stored.values()),
        data=[{"id": 1, "end": 5}, {"id": 2, "end": 5}],
        partial=True,
        many=True,
    )
    assert not rows.is_valid()
    assert error_tree(rows.errors)[1] == WRONG
    together: Any = serializer_from_schema(span)(
        list(stored.values()), data=[{"end": 5}], partial=True, many=True
    )
    assert together.is_valid(), together.errors
    assert together.validated_data == [{"end": 5}]


def test_without_validators_of_the_whole_the_instance_is_read_on_demand(
    base: type[BaseModel],
) -> None:
    class Inner(base):
        a: int
        b: int

    class Outer(base):
        inner: Inner
        text: Annotated[str, Field(max_length=3)] = ""

    class Lazy(dict[str, Any]):
        reads = 0

        def __getitem__(self, key: str) -> Any:
            Lazy.reads += 1
            return super().__getitem__(key)

    serializer = patched(Outer, Lazy(inner={"a": 1, "b": 2}), {"inner": {"b": 5}})
    assert serializer.is_valid()
    assert Lazy.reads == 0
    assert serializer.validated_schema == Outer.model_construct(
        inner=Inner.model_construct(a=1, b=5), text=""
    )
    assert serializer.validated_data == {"inner": {"b": 5}}


@pytest.mark.django_db
def test_rows_of_the_database_complete_what_was_sent(
    base: type[BaseModel], django_assert_num_queries: Callable[..., Any]
) -> None:
    class PublisherSchema(base):
        name: str
        city: str

        @model_validator(mode="after")
        def differs(self) -> Self:
            if self.name == self.city:
                raise ValueError("A house is no city.")
            return self

    class AuthorSchema(base):
        name: str
        publisher: PublisherSchema

    class BookSchema(base):
        title: str
        pages: int
        author: AuthorSchema

    publisher = Publisher.objects.create(name="House", city="Lyon")
    author = Author.objects.create(name="Ada", email="a@b.co", publisher=publisher)
    made = Book.objects.create(title="One", isbn="1", author=author)
    book = Book.objects.get(pk=made.pk)
    with django_assert_num_queries(2):
        bad = patched(BookSchema, book, {"author": {"publisher": {"city": "House"}}})
        assert not bad.is_valid()
    assert list(bad.errors["author"]["publisher"]) == ["non_field_errors"]
    fresh = Book.objects.get(pk=made.pk)
    with django_assert_num_queries(0):
        assert patched(BookSchema, fresh, {"pages": 3}).is_valid()


def test_collections_of_the_instance_are_read_for_validators() -> None:
    seen: list[Any] = []

    class Item(Schema):
        n: int

    class Shelf(Schema):
        name: str
        items: list[Item]
        by_name: dict[str, Item]
        first: Item
        none: Item | None
        computed_from: int = 3
        made: list[int] = Field(default_factory=lambda: [1])

        @computed_field
        @property
        def total(self) -> int:
            return sum(one.n for one in self.items)

        @model_validator(mode="after")
        def note(self) -> Self:
            seen.append(self.total)
            seen.append(self.by_name["a"].n)
            seen.append((self.first.n, self.none, self.computed_from, self.made))
            return self

    known = Item(n=7)
    instance = {"name": "a", "items": [{"n": 1}, known], "by_name": {"a": {"n": 2}}}
    instance |= {"first": known, "none": None}
    serializer = serializer_from_schema(Shelf)(instance, data={"name": "b"}, partial=True)
    assert serializer.is_valid(), serializer.errors
    assert seen == [8, 2, (7, None, 3, [1])]
    assert serializer.validated_data == {"name": "b"}


def test_a_validator_before_a_nested_schema_runs_on_what_was_sent() -> None:
    class Inner(Schema):
        a: int
        b: int

        @model_validator(mode="before")
        @classmethod
        def renamed(cls, data: Any) -> Any:
            return {"a" if name == "aa" else name: value for name, value in dict(data).items()}

        @model_validator(mode="after")
        def ordered(self) -> Self:
            if self.a > self.b:
                raise ValueError("upside down")
            return self

    class Outer(Schema):
        inner: Inner

    ours = serializer_from_schema(Outer)
    instance = {"inner": {"a": 1, "b": 5}}
    good = ours(instance, data={"inner": {"aa": 3}}, partial=True)
    assert good.is_valid(), good.errors
    assert good.validated_data == {"inner": {"a": 3}}
    bad = ours(instance, data={"inner": {"aa": 9}}, partial=True)
    assert not bad.is_valid()
    assert list(bad.errors["inner"]) == ["non_field_errors"]
