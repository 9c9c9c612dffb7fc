"""Lists, read and printed column by column, against DRF, which goes object by object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone as django_timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from nova_drf import Schema, SchemaBackedMixin
from nova_drf.representation import objects
from nova_drf.representation.lists import dictionaries
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.testapp.models import Author, Book, Publisher, Tag


@pytest.fixture(autouse=True, params=[0, objects.FEW], ids=["columns", "one by one"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Print the same few objects in columns and one by one."""
    monkeypatch.setattr(objects, "FEW", request.param)


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Row(Schema):
    at: datetime | None
    day: date | None
    price: Annotated[Decimal, Field(max_digits=30, decimal_places=2)]
    key: UUID
    status: Book.Status
    level: Level | None
    count: int


class ClassicRow(serializers.Serializer[Any]):
    at = serializers.DateTimeField(allow_null=True)
    day = serializers.DateField(allow_null=True)
    price = serializers.DecimalField(max_digits=30, decimal_places=2)
    key = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Book.Status.choices)
    level = serializers.ChoiceField(
        choices=[(level.value, level.name) for level in Level], allow_null=True
    )
    count = serializers.IntegerField()


class BackedRow(SchemaBackedMixin, ClassicRow):
    pass


RowSerializer = serializer_from_schema(Row)

OURS = pytest.mark.parametrize("ours", [RowSerializer, BackedRow])


def printed(serializer_class: Any, rows: Any) -> bytes:
    """Return the bytes of a list, or the name of what its printing raises."""
    try:
        return bytes(JSONRenderer().render(serializer_class(rows, many=True).data))
    except (ArithmeticError, serializers.ValidationError) as error:
        return type(error).__name__.encode()


ZONES = [
    UTC,
    ZoneInfo("UTC"),
    timezone(timedelta(hours=-3, minutes=-30)),
    timezone(timedelta(seconds=30)),
]
AWARE = st.datetimes(timezones=st.sampled_from([*ZONES, ZoneInfo("Europe/Paris")]))
PRICES = st.one_of(
    st.decimals(min_value=-(10**6), max_value=10**6, places=2),
    st.decimals(min_value=-(10**6), max_value=10**6, places=5),
    st.sampled_from([Decimal("1E+2"), Decimal("-0.00"), Decimal("1E-9"), Decimal(5), 7, "1.50"]),
)
ROWS = st.builds(
    SimpleNamespace,
    at=st.one_of(st.none(), AWARE),
    day=st.one_of(st.none(), st.dates()),
    price=PRICES,
    key=st.uuids(),
    status=st.sampled_from([*Book.Status, "draft", "of an earlier contract", ""]),
    level=st.sampled_from([*Level, 1, None, 7]),
    count=st.integers(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROWS, max_size=4),
    zone=st.sampled_from(["UTC", UTC, "Europe/Paris", "Asia/Kolkata"]),
)
def test_any_rows_print_as_drf_prints_them(rows: list[Any], zone: str) -> None:
    with django_timezone.override(zone):
        expected = printed(ClassicRow, rows)
        assert printed(RowSerializer, rows) == expected
        assert printed(BackedRow, rows) == expected


def row(**changed: Any) -> SimpleNamespace:
    usual = {
        "at": datetime(2024, 7, 2, 3, 4, 5, tzinfo=UTC),
        "day": date(2024, 1, 2),
        "price": Decimal("1.50"),
        "key": UUID(int=5),
        "status": Book.Status.DRAFT,
        "level": Level.LOW,
        "count": 1,
    }
    return SimpleNamespace(**{**usual, **changed})


@OURS
@pytest.mark.parametrize(
    "changed",
    [
        {"USE_TZ": False},
        {"TIME_ZONE": "Asia/Kolkata"},
        {"REST_FRAMEWORK": {"DATETIME_FORMAT": "%Y", "DATE_FORMAT": "%d.%m."}},
        {"REST_FRAMEWORK": {"DATETIME_FORMAT": None, "DATE_FORMAT": None}},
        {"REST_FRAMEWORK": {"COERCE_DECIMAL_TO_STRING": False}},
    ],
)
def test_settings_are_read_live(ours: Any, changed: dict[str, Any]) -> None:
    rows = [row(), row(at=None, price=Decimal("2.25"))]
    assert printed(ours, rows) == printed(ClassicRow, rows)
    with override_settings(**changed):
        assert printed(ours, rows) == printed(ClassicRow, rows)


class Unhashable(tzinfo):
    """A time zone as those of dateutil are."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unhashable)

    def utcoffset(self, at: datetime | None) -> timedelta:
        return timedelta(hours=2)

    def dst(self, at: datetime | None) -> timedelta:
        return timedelta(0)


@OURS
@pytest.mark.parametrize(
    "at",
    [
        datetime(2024, 1, 2, tzinfo=Unhashable()),
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(2024, 10, 27, 0, 30, 0, 7, tzinfo=UTC),
        datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Paris")),
        datetime(2024, 1, 2, tzinfo=ZoneInfo("Europe/London")),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2024, 1, 2, 3, 4, 5),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/London", "UTC"])
def test_odd_points_in_time(ours: Any, at: datetime, zone: str) -> None:
    with django_timezone.override(zone):
        rows = [row(), row(at=at)]
        assert printed(ours, rows) == printed(ClassicRow, rows)


# How attributes are read


class Named(Schema):
    name: str
    size: int


class ClassicNamed(serializers.Serializer[Any]):
    name = serializers.CharField()
    size = serializers.IntegerField()


class BackedNamed(SchemaBackedMixin, ClassicNamed):
    pass


NAMED = pytest.mark.parametrize("ours", [serializer_from_schema(Named), BackedNamed])


class WithProperty:
    """Reading ``name`` changes ``size``, so the order in which attributes are read shows."""

    def __init__(self, size: int) -> None:
        self.size = size

    @property
    def name(self) -> str:
        self.size += 1
        return f"n{self.size}"

    @name.setter
    def name(self, value: str) -> None:
        raise NotImplementedError


class WithSlots:
    __slots__ = ("name", "size")

    def __init__(self, size: int) -> None:
        self.name, self.size = "n", size


class WithOwnReading:
    def __init__(self, size: int) -> None:
        self.name, self.size = "n", size

    def __getattribute__(self, name: str) -> Any:
        return "other" if name == "name" else object.__getattribute__(self, name)


class WithMethod:
    def __init__(self, size: int) -> None:
        self.size = size

    def name(self) -> str:
        return f"n{self.size}"


class WithDefault:
    name = "of the class"

    def __init__(self, size: int) -> None:
        self.size = size


class Mixed:
    def __init__(self, size: int) -> None:
        self.size = size
        if size % 2:
            self.name = "own"

    def __getattr__(self, name: str) -> str:
        return f"made {name}"


@NAMED
@pytest.mark.parametrize(
    "make", [WithProperty, WithSlots, WithOwnReading, WithMethod, WithDefault, Mixed]
)
def test_attributes_are_read_as_getattr_reads_them(ours: Any, make: Callable[[int], Any]) -> None:
    expected = printed(ClassicNamed, [make(n) for n in range(3)])
    assert printed(ours, [make(n) for n in range(3)]) == expected


@NAMED
def test_objects_of_several_classes(ours: Any) -> None:
    rows = [WithSlots(1), WithDefault(2), {"name": "n", "size": 3}]
    assert printed(ours, rows) == printed(ClassicNamed, rows)


class OneSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()


class BackedOne(SchemaBackedMixin, OneSerializer):
    pass


class One(Schema):
    name: str


@pytest.mark.parametrize("ours", [serializer_from_schema(One), BackedOne])
@pytest.mark.parametrize("make", [WithSlots, WithMethod, lambda n: {"name": str(n)}])
def test_a_single_attribute(ours: Any, make: Callable[[int], Any]) -> None:
    rows = [make(1), make(2)]
    assert printed(ours, rows) == printed(OneSerializer, rows)
    assert ours(rows[0]).data == OneSerializer(rows[0]).data


# Django's models


class ClassicTag(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ["id", "name"]


class ClassicAuthor(serializers.ModelSerializer[Author]):
    class Meta:
        model = Author
        fields = ["id", "name"]


class ClassicBook(serializers.ModelSerializer[Book]):
    author = ClassicAuthor()
    tags = ClassicTag(many=True)

    class Meta:
        model = Book
        fields = ["id", "title", "author", "tags", "created"]


class BackedBook(SchemaBackedMixin, ClassicBook):
    class Meta(ClassicBook.Meta):
        pass


class TagSchema(Schema):
    id: int
    name: str


class AuthorSchema(Schema):
    id: int
    name: str


class BookSchema(Schema):
    id: int
    title: str
    author: AuthorSchema
    tags: list[TagSchema]
    created: datetime | None


BOOKS = pytest.mark.parametrize(
    "ours", [serializer_from_schema(BookSchema, model=Book), BackedBook]
)


class ClassicMember(serializers.ModelSerializer[Author]):
    class Meta:
        model = Author
        fields = ["id", "publisher", "name"]


class BackedMember(SchemaBackedMixin, ClassicMember):
    class Meta(ClassicMember.Meta):
        pass


class MemberSchema(Schema):
    id: int
    publisher: int | None
    name: str


MEMBERS = pytest.mark.parametrize(
    "ours", [serializer_from_schema(MemberSchema, model=Author), BackedMember]
)


@pytest.fixture
def books() -> None:
    publisher = Publisher.objects.create(name="p")
    for n in range(3):
        author = Author.objects.create(
            name=f"a{n}", email=f"a{n}@a.io", publisher=publisher if n else None
        )
        book = Book.objects.create(
            title=f"t{n}",
            isbn=str(n),
            price="1.50",
            pages=n,
            author=author,
            created=datetime(2024, 1, 2, tzinfo=UTC) if n else None,
        )
        names = [f"{n}-{at}" for at in range(n)]
        book.tags.set([Tag.objects.create(name=name, slug=name) for name in names])


def queries(serializer_class: Any, rows: Any) -> tuple[bytes, int]:
    with CaptureQueriesContext(connection) as captured:
        made = printed(serializer_class, rows)
    return made, len(captured)


@BOOKS
@pytest.mark.django_db
@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    "rows",
    [
        lambda: Book.objects.order_by("id"),
        lambda: Book.objects.order_by("id").select_related("author").prefetch_related("tags"),
        lambda: Book.objects.order_by("id").only("isbn"),
        lambda: Book.objects.order_by("id").defer("title"),
        lambda: [Book.objects.order_by("id").defer("title")[0], *Book.objects.order_by("id")[1:]],
    ],
)
def test_models_are_read_with_the_queries_that_drf_makes(ours: Any, rows: Any) -> None:
    with override_settings(NOVA_DRF={"QUERY_PLAN": "off"}):
        assert queries(ours, rows()) == queries(ClassicBook, rows())
    answer, count = queries(ours, rows())
    expected, most = queries(ClassicBook, rows())
    assert answer == expected
    assert count == most if ours is BackedBook else count <= most


@MEMBERS
@pytest.mark.django_db
@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    "rows",
    [
        lambda: Author.objects.order_by("id"),
        lambda: Author.objects.order_by("id").defer("publisher"),
        lambda: Author.objects.order_by("id").select_related("publisher"),
    ],
)
def test_foreign_keys_are_read_from_their_column(ours: Any, rows: Any) -> None:
    assert queries(ours, rows()) == queries(ClassicMember, rows())


class ClassicPublisher(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ["id", "name"]


class ClassicPublished(serializers.ModelSerializer[Author]):
    publisher = ClassicPublisher()

    class Meta:
        model = Author
        fields = ["name", "publisher"]


class BackedPublished(SchemaBackedMixin, ClassicPublished):
    class Meta(ClassicPublished.Meta):
        pass


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_a_single_column_beside_a_relation() -> None:
    rows = Author.objects.order_by("id")
    assert queries(BackedPublished, rows.all()) == queries(ClassicPublished, rows.all())


class ClassicTagName(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ["name"]


class ClassicTagged(serializers.ModelSerializer[Book]):
    tags = ClassicTagName(many=True)

    class Meta:
        model = Book
        fields = ["title", "tags"]


class BackedTagged(SchemaBackedMixin, ClassicTagged):
    class Meta(ClassicTagged.Meta):
        pass


class TagName(Schema):
    name: str


class Tagged(Schema):
    title: str
    tags: list[TagName]


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("ours", [serializer_from_schema(Tagged), BackedTagged])
def test_related_objects_are_printed_all_at_once(
    ours: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manager can be called, but it is not for that."""
    rows = Book.objects.order_by("id").prefetch_related("tags")
    expected = queries(ClassicTagged, rows.all())
    monkeypatch.setattr(objects, "FEW", 0)
    monkeypatch.setattr(objects.ObjectReader, "read", None)
    assert queries(ours, rows.all()) == expected


class ClassicHolder(serializers.Serializer[Any]):
    parts = ClassicNamed(many=True)
    part = ClassicNamed(allow_null=True)


class BackedHolder(SchemaBackedMixin, ClassicHolder):
    pass


class Holder(Schema):
    parts: list[Named]
    part: Named | None


@pytest.mark.parametrize("ours", [serializer_from_schema(Holder), BackedHolder])
def test_nested_objects_of_all_rows_are_printed_together(ours: Any) -> None:
    part = WithDefault(1)
    rows = [
        SimpleNamespace(parts=[], part=None),
        SimpleNamespace(parts=[part, {"name": "n", "size": 2}], part=part),
        SimpleNamespace(parts=(WithMethod(3),), part={"name": "m", "size": 4}),
    ]
    assert printed(ours, rows) == printed(ClassicHolder, rows)


def test_a_hole_in_a_nested_list_is_printed_as_null() -> None:
    rows = [SimpleNamespace(parts=[None, WithDefault(1)], part=None)]
    data = serializer_from_schema(Holder)(rows, many=True).data
    assert data == [{"parts": [None, {"name": "of the class", "size": 1}], "part": None}]


@pytest.mark.parametrize("names", [["a"], ["a'b", 'c"d', "{e}", "\\", "\ud800", "f\ng"]])
def test_rows_have_the_names_as_they_are(names: list[str]) -> None:
    columns = [[f"{at} {n}" for n in range(2)] for at in range(len(names))]
    expected = [dict(zip(names, made, strict=True)) for made in zip(*columns, strict=True)]
    assert dictionaries(names, columns) == expected


# Methods among the fields


class ClassicWithMethods(serializers.Serializer[Any]):
    before = serializers.CharField()
    size = serializers.IntegerField()
    kind = serializers.CharField()
    first = serializers.SerializerMethodField()
    name = serializers.CharField()
    second = serializers.SerializerMethodField()
    part = ClassicNamed(allow_null=True)

    def get_first(self, instance: Any) -> str:
        """Changes what fields after it print, and remembers something for the next method."""
        self.last = f"{instance.kind} {instance.size}"
        instance.kind = "changed"
        instance.name = f"named by a method, {self.last}"
        return self.last

    def get_second(self, instance: Any) -> str:
        return f"{self.last}, {instance.name}"


class BackedWithMethods(SchemaBackedMixin, ClassicWithMethods):
    pass


def with_methods(n: int, **changed: Any) -> SimpleNamespace:
    part = {"name": f"p{n}", "size": n} if n % 2 else None
    return SimpleNamespace(
        **{"kind": f"k{n}", "before": f"b{n}", "size": n, "part": part, **changed}
    )


class CalledName:
    """``before`` is a method, which DRF calls."""

    def __init__(self, n: int) -> None:
        self.size, self.part = n, None

    kind = "called"

    def before(self) -> str:
        return f"called {self.size}"


@pytest.mark.parametrize(
    "make",
    [
        with_methods,
        CalledName,
        lambda n: with_methods(n) if n else CalledName(n),
        lambda n: with_methods(n, size=None if n == 1 else n),
    ],
)
def test_methods_run_object_by_object_in_the_order_of_the_fields(make: Any) -> None:
    expected = printed(ClassicWithMethods, [make(n) for n in range(4)])
    assert printed(BackedWithMethods, [make(n) for n in range(4)]) == expected


def test_an_attribute_that_one_object_lacks_is_drfs_to_report() -> None:
    def rows() -> list[Any]:
        lacking = with_methods(2)
        del lacking.size
        return [with_methods(1), lacking]

    class Optional(ClassicWithMethods):
        size = serializers.IntegerField(required=False)

        def get_first(self, instance: Any) -> str:
            instance.name = self.last = instance.before
            return str(instance.before)

    class BackedOptional(SchemaBackedMixin, Optional):
        pass

    assert printed(BackedOptional, rows()) == printed(Optional, rows())
    with pytest.raises(AttributeError, match="size"):
        printed(BackedWithMethods, rows())


class ClassicTwice(serializers.Serializer[Any]):
    first = serializers.CharField(source="name")
    second = serializers.CharField(source="name")
    author = serializers.CharField(source="writer")


class BackedTwice(SchemaBackedMixin, ClassicTwice):
    pass


def test_two_fields_of_one_attribute() -> None:
    rows = [SimpleNamespace(name=str(n), writer=str(-n)) for n in range(3)]
    assert printed(BackedTwice, rows) == printed(ClassicTwice, rows)


def test_a_descriptor_that_is_put_there_later_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Thing:
        def __init__(self, name: str) -> None:
            self.name, self.writer = name, name

    rows = [Thing("a"), Thing("b")]
    assert printed(BackedTwice, rows) == printed(ClassicTwice, rows)
    monkeypatch.setattr(Thing, "name", property(lambda self: "shouted"), raising=False)
    assert b"shouted" in printed(BackedTwice, rows)
    assert printed(BackedTwice, rows) == printed(ClassicTwice, rows)
