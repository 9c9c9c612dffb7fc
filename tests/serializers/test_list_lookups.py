"""Lists are compared with the database by one query for each field; DRF's verdicts stay."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import pytest
from django.db import connection
from django.db.models import UUIDField
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from pydantic import Field
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from nova_drf import Schema, SchemaSerializer, UseField, serializer_from_schema
from nova_drf.serializers import list_lookups
from tests.queriesapp.models import Initialized
from tests.testapp.models import Author, Book, Tag

pytestmark = pytest.mark.django_db


class Classic(serializers.ModelSerializer[Book]):
    class Meta:
        model = Book
        fields = ["isbn", "title", "author", "tags"]
        extra_kwargs = {"tags": {"required": True}}
        validators: list[Any] = []


class BookSchema(Schema):
    isbn: Annotated[str, Field(max_length=13)]
    title: Annotated[str, Field(max_length=100)]
    author: int
    tags: list[int]


class Ours(SchemaSerializer[BookSchema]):
    class Meta:
        model = Book
        validators: list[Any] = []


@pytest.fixture(autouse=True)
def rows(settings: Any) -> None:
    settings.NOVA_DRF = {"QUERY_PLAN": "safe"}
    for at in range(3):
        author = Author.objects.create(name=f"author {at}", email=f"{at}@a.io")
        Tag.objects.create(name=f"tag {at}", slug=f"tag-{at}")
        Book.objects.create(isbn=f"taken {at}", title=str(at), author=author)


def outcome(serializer_class: Any, items: Any) -> tuple[Any, int]:
    """Return the verdict, with errors and codes or what was validated, and the queries."""
    serializer = serializer_class(data=items, many=True)
    with CaptureQueriesContext(connection) as context:
        is_valid = serializer.is_valid()
    return (is_valid, picture(serializer)), len(context.captured_queries)


def picture(serializer: Any) -> Any:
    errors = serializer.errors
    by_item = errors.values() if isinstance(errors, dict) else errors
    codes = [
        {name: [getattr(one, "code", one) for one in said] for name, said in item.items()}
        for item in by_item
        if isinstance(item, dict)
    ]
    data = [
        {name: [vars_of(one) for one in many(value)] for name, value in item.items()}
        for item in (serializer.validated_data or [])
    ]
    return repr(errors), codes, data


def many(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def vars_of(value: Any) -> Any:
    if not hasattr(value, "_state"):
        return value
    state = vars(value)["_state"]
    attributes = {name: inner for name, inner in vars(value).items() if name[0] != "_"}
    return type(value), attributes, state.db, state.adding


def book(at: int, **changes: Any) -> dict[str, Any]:
    keys = list(Author.objects.order_by("pk").values_list("pk", flat=True))
    tags = list(Tag.objects.order_by("pk").values_list("pk", flat=True))
    values = {"isbn": f"new {at}", "title": "t", "author": keys[at % 3], "tags": tags[: at % 3]}
    return {**values, **changes}


def test_one_query_for_each_field() -> None:
    items = [book(at) for at in range(9)]
    expected, before = outcome(Classic, items)
    answer, after = outcome(Ours, items)
    assert answer == expected
    assert answer[0]
    assert after == 3 < before
    assert outcome(Ours, [book(at) for at in range(30)])[1] == 3


LISTS: dict[str, list[dict[str, Any]]] = {
    "taken": [{"isbn": "taken 1"}, {}, {"isbn": "taken 1"}, {"isbn": " taken 2 "}],
    "another case": [{"isbn": "TAKEN 1"}, {"isbn": "x"}],
    "trimmed": [{"isbn": "  x "}, {"isbn": "y "}, {"isbn": "z"}],
    "twice in the list": [{"isbn": "x"}, {"isbn": "x"}, {"isbn": "x "}],
    "no such object": [{"author": 99999}, {}, {"author": -1}, {"author": 0}],
    "no objects": [{"author": 99998}, {"author": 99999}],
    "wrong types": [
        *({"author": value} for value in (True, None, "x", 1.5, [], {}, "", "1", 2**70, -(2**70))),
        *({"isbn": value} for value in (True, None, 1, 1.5, [], "", "a\0b", "x" * 20)),
        *({"tags": value} for value in (None, "x", 1, [None], [[]], [99999], [True], ["1"], {})),
    ],
    "not there": [{"author": "-"}, {"isbn": "-"}, {"tags": "-"}],
    "one": [{}],
}


@pytest.mark.parametrize("name", LISTS)
def test_the_verdicts_are_drfs(name: str) -> None:
    items = []
    for at, changes in enumerate(LISTS[name]):
        item = book(at, **changes)
        items.append({key: value for key, value in item.items() if value != "-"})
    expected, before = outcome(Classic, items)
    answer, after = outcome(Ours, items)
    assert answer == expected
    assert after <= before + 3


@pytest.mark.parametrize("items", [[], [1, None], {}, None, "x", [[], {}], [{}, {}]])
def test_what_is_no_list_of_items(items: Any) -> None:
    assert outcome(Ours, items)[0] == outcome(Classic, items)[0]


def test_keys_as_text() -> None:
    items = [book(at) for at in range(3)]
    for item in items:
        item["author"] = str(item["author"])
    assert outcome(Ours, items)[0] == outcome(Classic, items)[0]


def test_no_two_items_share_an_object() -> None:
    serializer = Ours(data=[book(0), book(0, isbn="x"), book(1)], many=True)
    assert serializer.is_valid()
    first, second, _ = (item["author"] for item in serializer.validated_data)
    assert first == second
    assert first is not second
    assert vars(first)["_state"] is not vars(second)["_state"]


def test_the_fields_are_as_before() -> None:
    serializer: Any = Ours(data=[book(0), book(1)], many=True)
    serializer.is_valid()
    field = serializer.child.fields["author"]
    assert not isinstance(field.queryset, list_lookups.KnownObjects)
    validators = serializer.child.fields["isbn"].validators
    assert not any(isinstance(one, list_lookups.KnownValues) for one in validators)


class Slugs(serializers.ModelSerializer[Book]):
    author = serializers.SlugRelatedField[Any](
        slug_field="email", queryset=Author.objects.select_related("publisher")
    )
    tags = serializers.SlugRelatedField[Any](
        slug_field="slug", queryset=Tag.objects.all(), many=True
    )

    class Meta:
        model = Book
        fields = ["author", "tags"]


class SlugSchema(Schema):
    author: Annotated[
        Any,
        UseField(
            serializers.SlugRelatedField(
                slug_field="email", queryset=Author.objects.select_related("publisher")
            )
        ),
    ]
    tags: Annotated[
        Any,
        UseField(
            serializers.SlugRelatedField(slug_field="slug", queryset=Tag.objects.all(), many=True)
        ),
    ]


class OurSlugs(SchemaSerializer[SlugSchema]):
    pass


def test_slugs() -> None:
    items: list[Any] = [
        {"author": "0@a.io", "tags": ["tag-0", "tag-1"]},
        {"author": "1@a.io", "tags": ["tag-1"]},
        {"author": "1@A.io", "tags": ["none"]},
        {"author": 5, "tags": [5]},
        {"author": None, "tags": "x"},
    ]
    assert outcome(OurSlugs, items)[0] == outcome(Slugs, items)[0]
    expected, before = outcome(Slugs, items[:2] * 3)
    answer, after = outcome(OurSlugs, items[:2] * 3)
    assert answer == expected
    assert after == 2 < before


QUERYSETS: dict[str, Any] = {
    "prefetched": lambda: Author.objects.prefetch_related("books"),
    "sliced": lambda: Author.objects.all()[:2],
    "values": lambda: Author.objects.values(),
    "filtered": lambda: Author.objects.filter(name="author 1"),
    "joined": lambda: Author.objects.filter(books__isnull=False),
    "no unique column": lambda: Author.objects.all(),
    "made in its own way": lambda: Initialized.objects.all(),
}


@pytest.mark.parametrize("name", QUERYSETS)
def test_querysets_of_every_kind(name: str) -> None:
    slug = {"slug_field": "name"} if "unique" in name else None
    kind: Any = serializers.SlugRelatedField if slug else serializers.PrimaryKeyRelatedField
    Book.objects.create(isbn="another", title="x", author=Author.objects.all()[0])

    def field() -> Any:
        return kind(queryset=QUERYSETS[name](), **(slug or {}))

    classic = type("Classic", (serializers.Serializer,), {"author": field()})
    schema = type(
        "Made", (Schema,), {"__annotations__": {"author": Annotated[Any, UseField(field())]}}
    )
    ours: Any = type("Ours", (SchemaSerializer,), {"Meta": type("Meta", (), {"schema": schema})})
    keys = list(Author.objects.values_list("name" if slug else "pk", flat=True))
    outcomes = []
    for serializer_class in (classic, ours):
        try:
            outcomes.append(outcome(serializer_class, [{"author": key} for key in keys])[0])
        except Exception as error:
            # An error is an answer, too: both sides have to give the same.
            outcomes.append((type(error).__name__, ()))
    assert outcomes[0] == outcomes[1] or outcomes[1][0] is False


def test_hooks_may_write() -> None:
    first = Author.objects.order_by("pk")[0].pk

    class Writes:
        def validate_title(self, title: str) -> str:
            Book.objects.create(isbn=title, title=title, author_id=first)
            return title

    ours: Any = type("Own", (Writes, Ours), {})
    classic: Any = type("Own", (Writes, Classic), {})
    items = [book(0, title="a"), book(1, isbn="a", title="b"), book(2, isbn="c", title="d")]
    expected, _ = outcome(classic, items)
    Book.objects.filter(title__in=["a", "b", "d"]).delete()
    assert outcome(ours, items)[0] == expected
    assert not expected[0]


def test_it_can_be_switched_off() -> None:
    items = [book(at) for at in range(4)]
    _, before = outcome(Classic, items)
    with override_settings(NOVA_DRF={"QUERY_PLAN": "off"}):
        assert outcome(Ours, items)[1] == before


def test_more_than_one_query_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_lookups, "_PART", 2)
    items = [book(at) for at in range(5)]
    assert outcome(Ours, items)[0] == outcome(Classic, items)[0]


def test_uuids() -> None:
    column = UUIDField()
    key = str(uuid.uuid4())
    assert list_lookups._is_kind_of(column, key)
    assert not list_lookups._is_kind_of(column, key.upper())
    assert not list_lookups._is_kind_of(column, "x")
    assert not list_lookups._is_kind_of(column, 5)


def test_a_database_that_compares_texts_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then one row is enough to ask for each value."""
    monkeypatch.setattr(list_lookups, "_COMPARES_EXACTLY", ())
    fresh = [book(at) for at in range(4)]
    expected, _ = outcome(Classic, fresh)
    assert outcome(Ours, fresh) == (expected, 3)
    taken = [*fresh, book(1, isbn="taken 1")]
    expected, _ = outcome(Classic, taken)
    answer, count = outcome(Ours, taken)
    assert answer == expected
    assert count == 3 + len(taken)


def test_other_validators_stay() -> None:
    validators = [
        UniqueValidator(Book.objects.all(), lookup="iexact"),
        UniqueValidator(Book.objects.filter(title="0")),
    ]

    class Lookup(Schema):
        isbn: Annotated[str, UseField(serializers.CharField(validators=validators))]

    class Classic(serializers.Serializer[Any]):
        isbn = serializers.CharField(validators=validators)

    items = [{"isbn": "x"}, {"isbn": "TAKEN 0"}, {"isbn": "taken 0"}, {"isbn": "taken 1"}]
    expected = outcome(Classic, items)
    assert outcome(serializer_from_schema(Lookup), items)[0] == expected[0]
    assert not Classic(data=items, many=True).is_valid()
