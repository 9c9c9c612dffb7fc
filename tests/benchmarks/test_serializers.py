"""Schema serializers against DRF, as ratios to DRF in the same run.

``make bench-more`` runs them and prints both times and the ratio. Both sides must give the same
result before anything is timed.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from nova_drf import ReadOnly, Schema, SchemaBackedMixin, SchemaSerializer
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.testapp.models import Author, Book

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.bench

ROUNDS = 15
"""How often each side is timed; the best time counts."""


class ClassicMaker(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=40)
    rank = serializers.IntegerField(min_value=0)


class ClassicOrder(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=100)
    code = serializers.CharField(max_length=13)
    pages = serializers.IntegerField(min_value=0)
    price = serializers.DecimalField(max_digits=8, decimal_places=2)
    active = serializers.BooleanField()
    created = serializers.DateTimeField()
    day = serializers.DateField()
    rating = serializers.FloatField()
    key = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["draft", "published"])
    maker = ClassicMaker()


def order_schema(base: type[BaseModel]) -> type[BaseModel]:
    """Return the same contract on one of the two bases."""

    class Maker(base):
        name: Annotated[str, Field(max_length=40)]
        rank: Annotated[int, Field(ge=0)]

    class Order(base):
        title: Annotated[str, Field(max_length=100)]
        code: Annotated[str, Field(max_length=13)]
        pages: Annotated[int, Field(ge=0)]
        price: Annotated[Decimal, Field(max_digits=8, decimal_places=2)]
        active: bool
        created: datetime
        day: date
        rating: float
        key: UUID
        status: Book.Status
        maker: Maker

    return Order


class BackedOrder(SchemaBackedMixin, ClassicOrder):
    pass


ORDER = {
    "title": "The Quiet Engine",
    "code": "9780000000011",
    "pages": 312,
    "price": "18.50",
    "active": True,
    "created": "2024-01-02T03:04:05+01:00",
    "day": "2024-01-02",
    "rating": 4.5,
    "key": "6f5b9b0a-6f0b-4b0a-8f0b-6f5b9b0a6f0b",
    "status": "draft",
    "maker": {"name": "Ada", "rank": 1},
}


def best_times(
    sides: Mapping[str, Callable[[], Any]], *, calls: int, rounds: int = ROUNDS
) -> dict[str, float]:
    """Time some functions in turn, so that all of them meet a busy machine; the best round counts.

    Args:
        sides: The functions by name.
        calls: How many calls make a round.
        rounds: How many rounds there are.
    """
    best = dict.fromkeys(sides, float("inf"))
    for _round in range(rounds):
        for name, call in sides.items():
            best[name] = min(best[name], timeit.timeit(call, number=calls) / calls)
    return best


def measure(
    benchmark: BenchmarkFixture,
    capsys: pytest.CaptureFixture[str],
    ours: Callable[[], Any],
    drf: Callable[[], Any],
    *,
    calls: int,
    least: float,
) -> None:
    """Time both sides in turn, best round each; the ratio must not fall below what we promise.

    Args:
        benchmark: Reports our side, and keeps both times and the ratio as its extra information.
        capsys: Lets the ratio through to the terminal.
        ours: One call of our side.
        drf: One call of DRF's.
        calls: How many calls make a round.
        least: The ratio that we promise.
    """
    times = best_times({"ours": ours, "drf": drf}, calls=calls)
    benchmark.pedantic(ours, rounds=3, iterations=calls)
    ratio = times["drf"] / times["ours"]
    benchmark.extra_info.update(**times, ratio=ratio)
    with capsys.disabled():
        print(f"\n{benchmark.name}: {ratio:.1f} times as fast as DRF")
    assert ratio >= least


def validated(serializer_class: Any, data: Any) -> Any:
    serializer = serializer_class(data=data)
    assert serializer.is_valid(), serializer.errors
    return serializer.validated_data


@pytest.mark.parametrize(("base", "least"), [(Schema, 9), (BaseModel, 14)])
def test_is_valid(
    base: type[BaseModel],
    least: float,
    benchmark: BenchmarkFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A valid payload of ten fields and a nested object, construction included."""
    ours = serializer_from_schema(order_schema(base))
    assert validated(ours, ORDER) == validated(ClassicOrder, ORDER)
    measure(
        benchmark,
        capsys,
        lambda: validated(ours, ORDER),
        lambda: validated(ClassicOrder, ORDER),
        calls=1000,
        least=least,
    )


INVALID = {**ORDER, "pages": -1, "price": "1.2345", "maker": {"name": "x" * 50}}


def refused(serializer_class: Any, data: Any) -> Any:
    serializer = serializer_class(data=data)
    assert not serializer.is_valid()
    return serializer.errors


@pytest.mark.parametrize("ours", [serializer_from_schema(order_schema(Schema)), BackedOrder])
@pytest.mark.parametrize("data", [{}, INVALID, {**ORDER, "pages": -1}])
def test_is_not_valid(
    ours: Any, data: Any, benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """What DRF's fields refuse, DRF's fields tell; still no payload takes longer than in DRF."""
    assert refused(ours, data) == refused(ClassicOrder, data)
    measure(
        benchmark,
        capsys,
        lambda: refused(ours, data),
        lambda: refused(ClassicOrder, data),
        calls=200,
        least=1,
    )


@pytest.mark.parametrize(
    ("ours", "least"), [(serializer_from_schema(order_schema(Schema)), 3), (BackedOrder, 2.5)]
)
def test_many_are_valid(
    ours: Any, least: float, benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hundred payloads in a list, for which DRF makes its fields only once."""

    def run(serializer_class: Any) -> Any:
        serializer = serializer_class(data=[ORDER] * 100, many=True)
        assert serializer.is_valid()
        return serializer.validated_data

    assert run(ours) == run(ClassicOrder)
    measure(benchmark, capsys, lambda: run(ours), lambda: run(ClassicOrder), calls=5, least=least)


class Hooked(ClassicOrder):
    def validate_title(self, value: str) -> str:
        return value.upper()

    def validate(self, attrs: Any) -> Any:
        return attrs


class BackedHooked(SchemaBackedMixin, Hooked):
    pass


class SchemaHooked(SchemaSerializer[order_schema(Schema)]):
    validate_title = Hooked.validate_title
    validate = Hooked.validate


@pytest.mark.parametrize("ours", [SchemaHooked, BackedHooked])
def test_hooks(ours: Any, benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """A valid payload and a serializer with hooks of its own."""
    assert validated(ours, ORDER) == validated(Hooked, ORDER)
    measure(
        benchmark,
        capsys,
        lambda: validated(ours, ORDER),
        lambda: validated(Hooked, ORDER),
        calls=500,
        least=3,
    )


class ClassicAuthor(serializers.ModelSerializer[Author]):
    class Meta:
        model = Author
        fields = ["id", "name", "email", "born", "active"]


class ClassicBook(serializers.ModelSerializer[Book]):
    author = ClassicAuthor()

    class Meta:
        model = Book
        fields = [
            "id",
            "title",
            "isbn",
            "summary",
            "status",
            "price",
            "rating",
            "pages",
            "in_print",
            "published",
            "created",
            "reference",
            "author",
        ]


def book_serializer(base: type[BaseModel]) -> type[SchemaSerializer[Any]]:
    """Return the same contract on one of the two bases."""

    class AuthorSchema(base):
        id: ReadOnly[int]
        name: str
        email: str
        born: date | None
        active: bool

    class BookSchema(base):
        id: ReadOnly[int]
        title: str
        isbn: str
        summary: str
        status: Book.Status
        price: Annotated[Decimal, Field(max_digits=8, decimal_places=2)]
        rating: float | None
        pages: int
        in_print: bool
        published: date | None
        created: datetime | None
        reference: UUID
        author: AuthorSchema

    return serializer_from_schema(BookSchema)


def books(count: int) -> list[Book]:
    authors = [
        Author(id=n, name=f"n{n}", email=f"e{n}@a.io", born=date(1990, 1, 1)) for n in range(20)
    ]
    return [
        Book(
            id=n,
            title=f"title {n}",
            isbn=str(n),
            summary="some text",
            price=Decimal("12.50"),
            rating=4.5,
            pages=n,
            published=date(2020, 1, 2),
            created=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
            author=authors[n % 20],
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_a_rendered_list(
    base: type[BaseModel], benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """``.data`` and rendering of 1,000 instances with one nested relation."""
    rows, ours, renderer = books(1000), book_serializer(base), JSONRenderer()

    def rendered(serializer_class: Any) -> bytes:
        return bytes(renderer.render(serializer_class(rows, many=True).data))

    same = rendered(ours) == rendered(ClassicBook)
    assert same == (base is Schema), "a plain model prints time zones as Pydantic does"
    measure(
        benchmark,
        capsys,
        lambda: rendered(ours),
        lambda: rendered(ClassicBook),
        calls=3,
        least=4,
    )


class BackedBook(SchemaBackedMixin, ClassicBook):
    class Meta(ClassicBook.Meta):
        pass


@pytest.mark.parametrize("ours", [book_serializer(Schema), BackedBook])
def test_a_single_object(
    ours: Any, benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """``.data`` of one instance, construction included."""
    book = books(1)[0]
    assert ours(book).data == ClassicBook(book).data
    measure(
        benchmark,
        capsys,
        lambda: ours(book).data,
        lambda: ClassicBook(book).data,
        calls=200,
        least=10,
    )


class ClassicTiny(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=20)


class BackedTiny(SchemaBackedMixin, ClassicTiny):
    pass


class Tiny(Schema):
    name: Annotated[str, Field(max_length=20)]


@pytest.mark.parametrize("ours", [serializer_from_schema(Tiny), BackedTiny])
def test_a_single_field(
    ours: Any, benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The smallest serializer, in and out: what a serializer costs before it does anything."""

    def run(serializer_class: Any) -> Any:
        return validated(serializer_class, {"name": "x"}), serializer_class({"name": "x"}).data

    assert run(ours) == run(ClassicTiny)
    measure(benchmark, capsys, lambda: run(ours), lambda: run(ClassicTiny), calls=1000, least=1.5)


class ClassicMethods(ClassicBook):
    shout = serializers.SerializerMethodField()

    class Meta(ClassicBook.Meta):
        fields = [*ClassicBook.Meta.fields, "shout"]

    def get_shout(self, book: Book) -> str:
        return book.title.upper()


class BackedMethods(SchemaBackedMixin, ClassicMethods):
    class Meta(ClassicMethods.Meta):
        pass


def test_method_fields(benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """A list of a backed serializer with a method field."""
    rows = books(1000)
    assert BackedMethods(rows, many=True).data == ClassicMethods(rows, many=True).data
    measure(
        benchmark,
        capsys,
        lambda: BackedMethods(rows, many=True).data,
        lambda: ClassicMethods(rows, many=True).data,
        calls=2,
        least=3,
    )
