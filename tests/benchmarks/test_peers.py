"""Schema serializers beside other libraries, in the same run; each peer only where installed.

Install those that you want to compare, such as ``drf-pydantic``, ``adrf``, ``django-ninja``,
``serpy`` or, from Python 3.12 on, ``drf-fastserializers``. Every peer has to give the output of
DRF before it is timed, so the contract leaves out date-times, which some print in their own way.
"""

# Without postponed annotations: not every peer resolves those of a class inside a function.

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from nova_drf import Schema, SchemaBackedMixin
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.benchmarks.test_serializers import (
    ORDER,
    ClassicAuthor,
    ClassicOrder,
    best_times,
    books,
    validated,
)
from tests.testapp.models import Author, Book

pytestmark = pytest.mark.bench

AUTHOR_FIELDS = ["id", "name", "email", "born", "active"]
BOOK_FIELDS = [
    *("id", "title", "isbn", "summary", "status", "price", "rating", "pages"),
    *("in_print", "published", "reference", "author"),
]
Render = Callable[[Any], bytes]
drf_render = JSONRenderer().render


class PeerBook(serializers.ModelSerializer[Book]):
    author = ClassicAuthor()

    class Meta:
        model = Book
        fields = BOOK_FIELDS


class BackedBook(SchemaBackedMixin, PeerBook):
    class Meta(PeerBook.Meta):
        pass


def book_models(base: Any) -> Any:
    """Return the contract as a Pydantic model on any base."""

    class AuthorOut(base):
        id: int
        name: str
        email: str
        born: date | None
        active: bool

    class BookOut(base):
        id: int
        title: str
        isbn: str
        summary: str
        status: str
        price: Annotated[Decimal, Field(max_digits=8, decimal_places=2)]
        rating: float | None
        pages: int
        in_print: bool
        published: date | None
        reference: UUID
        author: AuthorOut

    return BookOut


def order_model(base: Any) -> Any:
    """Return the contract of an order as a Pydantic model on any base."""

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


def rendered_by(serializer_class: Any) -> Render:
    return lambda rows: bytes(drf_render(serializer_class(rows, many=True).data))


def with_drf_pydantic() -> Render:
    peer = pytest.importorskip("drf_pydantic")
    return rendered_by(book_models(peer.BaseModel).drf_serializer)


def with_adrf() -> Render:
    peer = pytest.importorskip("adrf.serializers")

    class PeerAuthor(peer.ModelSerializer):
        class Meta:
            model = Author
            fields = AUTHOR_FIELDS

    class AdrfBook(peer.ModelSerializer):
        author = PeerAuthor()

        class Meta:
            model = Book
            fields = BOOK_FIELDS

    return rendered_by(AdrfBook)


def with_ninja() -> Render:
    """What django-ninja's operations do with a response: validate, dump, encode."""
    peer = pytest.importorskip("ninja")
    encoder = pytest.importorskip("ninja.responses").NinjaJSONEncoder
    book = book_models(peer.Schema)

    class Response(peer.Schema):
        response: list[book]

    def render(rows: Any) -> bytes:
        made = Response.model_validate({"response": rows}).model_dump(by_alias=True)
        return json.dumps(made["response"], cls=encoder).encode()

    return render


def with_serpy() -> Render:
    peer = pytest.importorskip("serpy")

    class SerpyAuthor(peer.Serializer):
        locals().update({name: peer.Field() for name in AUTHOR_FIELDS})

    class SerpyBook(peer.Serializer):
        locals().update({name: peer.Field() for name in BOOK_FIELDS[:-1]})
        price = peer.StrField()
        author = SerpyAuthor()

    return rendered_by(SerpyBook)


def with_fastserializers() -> Render:
    peer = pytest.importorskip("drf_fastserializers")
    render = peer.FastJSONRenderer().render
    book = book_models(peer.FastSerializer)
    return lambda rows: bytes(render(book.drf(rows, many=True).data))


def with_fastserializers_mixin() -> Render:
    peer = pytest.importorskip("drf_fastserializers")
    render = peer.FastJSONRenderer().render

    class FastBook(peer.FastSerializerMixin, PeerBook):
        class Meta(PeerBook.Meta):
            pass

    return lambda rows: bytes(render(FastBook(rows, many=True).data))


PEERS = [
    (with_drf_pydantic, 1),
    (with_adrf, 1),
    (with_ninja, 20),
    (with_serpy, 100),
    (with_fastserializers, 1000),
    (with_fastserializers_mixin, 1000),
]
"""The peers, and from how many objects on we promise to be faster.

Those of the last three neither format values as DRF does nor read its settings, and the last two
render with pydantic-core's own JSON, which differs from that of DRF's renderer in places. Of few
objects such a list is sooner made.
"""


def table(capsys: pytest.CaptureFixture[str], title: str, times: dict[str, float]) -> None:
    with capsys.disabled():
        print(f"\n{title}")
        for name, seconds in sorted(times.items(), key=lambda one: one[1]):
            print(f"  {name:28} {seconds * 1e3:9.3f} ms")


@pytest.mark.parametrize(("peer", "faster_from"), PEERS)
@pytest.mark.parametrize("count", [1, 20, 100, 1000])
def test_a_rendered_list(
    peer: Callable[[], Render], faster_from: int, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """``.data`` and rendering; both of our ways have to be faster than the peer."""
    rows = books(count)
    for row in rows:
        row.status = "draft"
    sides = {
        "Schema": rendered_by(serializer_from_schema(book_models(Schema))),
        "SchemaBackedMixin": rendered_by(BackedBook),
        peer.__name__.removeprefix("with_"): peer(),
    }
    expected = json.loads(rendered_by(PeerBook)(rows))
    for render in sides.values():
        assert json.loads(render(rows)) == expected
    times = best_times(
        {name: lambda render=render: render(rows) for name, render in sides.items()},
        calls=max(1, 1000 // count // 4),
    )
    table(capsys, f"{count} rendered", times)
    if count >= faster_from:
        assert max(times["Schema"], times["SchemaBackedMixin"]) < times[next(reversed(sides))]


def test_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    """A valid payload, against the peer that is a DRF serializer with a Pydantic model in it."""
    peer = pytest.importorskip("drf_pydantic")

    class BackedOrder(SchemaBackedMixin, ClassicOrder):
        pass

    sides = {
        "Schema": serializer_from_schema(order_model(Schema)),
        "BaseModel": serializer_from_schema(order_model(BaseModel)),
        "SchemaBackedMixin": BackedOrder,
        "drf_pydantic": order_model(peer.BaseModel).drf_serializer,
        "DRF": ClassicOrder,
    }
    times = best_times(
        {name: lambda cls=cls: validated(cls, ORDER) for name, cls in sides.items()},
        calls=200,
    )
    table(capsys, "is_valid", times)
    assert max(times["Schema"], times["BaseModel"], times["SchemaBackedMixin"]) < min(
        times["drf_pydantic"], times["DRF"]
    )
