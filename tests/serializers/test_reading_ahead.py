"""Related objects are read by one query each; nothing but the number of queries shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from django.db import connection, router
from django.db.models import Count, F, Prefetch
from django.db.models.signals import post_init
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from rest_framework import serializers
from rest_framework.test import APIRequestFactory

from nova_drf import (
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    Source,
    plan_queries,
    serializer_from_schema,
)
from nova_drf.core.exceptions import SettingError
from nova_drf.migration.inventory import inventory
from nova_drf.serializers.read_relations import may_read_relations
from nova_drf.services import ModelService
from nova_drf.views import explain
from nova_drf.viewsets import AsyncModelViewSet, ModelServiceViewSet
from tests.queries.test_instances import picture
from tests.queriesapp.models import Card, City, Copy, Label, Note, Reader, Shelf
from tests.testapp.models import Author, Book, Tag

pytestmark = pytest.mark.django_db


class ClassicCity(serializers.ModelSerializer[City]):
    class Meta:
        model = City
        fields = ["name"]


class ClassicReader(serializers.ModelSerializer[Reader]):
    city = ClassicCity()
    card = serializers.SlugRelatedField[Any](slug_field="number", read_only=True)

    class Meta:
        model = Reader
        fields = ["name", "city", "card"]


class ClassicLabel(serializers.ModelSerializer[Label]):
    city = ClassicCity()

    class Meta:
        model = Label
        fields = ["name", "city"]


class ClassicCopy(serializers.ModelSerializer[Copy]):
    reader = ClassicReader()
    labels = ClassicLabel(many=True)

    class Meta:
        model = Copy
        fields = ["code", "shelf", "reader", "labels"]


class ClassicShelf(serializers.ModelSerializer[Shelf]):
    copies = ClassicCopy(many=True)

    class Meta:
        model = Shelf
        fields = ["name", "copies"]


class BackedShelf(SchemaBackedMixin, ClassicShelf):
    class Meta(ClassicShelf.Meta):
        pass


class BackedCopy(SchemaBackedMixin, ClassicCopy):
    class Meta(ClassicCopy.Meta):
        pass


class CitySchema(Schema):
    name: str


class ReaderSchema(Schema):
    name: str
    city: CitySchema | None


class CopySchema(Schema):
    code: int
    reader: ReaderSchema | None


class ShelfSchema(Schema):
    name: str
    copies: list[CopySchema]


class ClassicShelfOfSchema(serializers.ModelSerializer[Shelf]):
    copies = serializers.SerializerMethodField()

    class Meta:
        model = Shelf
        fields = ["name", "copies"]

    def get_copies(self, shelf: Shelf) -> Any:
        class OfReader(ClassicReader):
            class Meta(ClassicReader.Meta):
                fields = ["name", "city"]

            card = None

        class OfCopy(ClassicCopy):
            class Meta(ClassicCopy.Meta):
                fields = ["code", "reader"]

            reader = OfReader()
            labels = None

        return OfCopy(shelf.copies.all(), many=True).data


@pytest.fixture(autouse=True)
def rows(settings: Any) -> None:
    """Store shelves with copies, some of which are lent."""
    settings.NOVA_DRF = {"QUERY_PLAN": "safe"}
    cities = [City.objects.create(name=name) for name in ("Basel", "Bern")]
    readers = [
        Reader.objects.create(name=f"reader {at}", city=cities[at] if at < 2 else None)
        for at in range(3)
    ]
    for reader in readers:
        Card.objects.create(reader=reader, number=reader.pk * 10)
    labels = [Label.objects.create(name=f"label {at}", city=cities[at % 2]) for at in range(3)]
    shelves = [Shelf.objects.create(name=f"shelf {at}") for at in range(3)]
    for at in range(8):
        copy = Copy.objects.create(
            code=at, shelf=shelves[at % 2], reader=readers[at % 3] if at % 4 else None
        )
        copy.labels.set(labels[: at % 4])


def queries(call: Callable[[], Any]) -> tuple[Any, int]:
    """Return what a function returns, and how many queries it made."""
    with CaptureQueriesContext(connection) as context:
        result = call()
    return result, len(context.captured_queries)


def printed(serializer_class: Any, objects: Any, **kwargs: Any) -> tuple[Any, int]:
    return queries(lambda: serializer_class(objects, many=True, **kwargs).data)


CASES = {
    "backed": (ClassicShelf, BackedShelf, 7),
    "schema": (ClassicShelfOfSchema, serializer_from_schema(ShelfSchema), 4),
}


@pytest.mark.parametrize("name", CASES)
def test_one_query_for_each_relation(name: str) -> None:
    """Shelves, copies, readers, cities, cards, labels, and cities of labels."""
    classic, ours, count = CASES[name]
    expected, before = printed(classic, Shelf.objects.all())
    answer, after = printed(ours, Shelf.objects.all())
    assert answer == expected
    assert after == count < before
    Copy.objects.create(code=99, shelf=Shelf.objects.all()[2], reader=Reader.objects.all()[0])
    assert printed(ours, Shelf.objects.all())[1] == count


def test_of_one_object_what_is_behind_a_relation_to_many() -> None:
    shelf = Shelf.objects.all()[0]
    expected = ClassicShelf(Shelf.objects.get(pk=shelf.pk)).data
    answer, count = queries(lambda: BackedShelf(shelf).data)
    assert answer == expected
    assert count == 6
    # Nothing is gained for relations to one.
    copy = Copy.objects.get(code=1)
    with CaptureQueriesContext(connection) as context:
        serializer_from_schema(CopySchema)(copy).data
    assert len(context.captured_queries) == 2


SAID: dict[str, Callable[[], Any]] = {
    "nothing": lambda: Copy.objects.all(),
    "a list": lambda: list(Copy.objects.all()),
    "joined": lambda: Copy.objects.select_related("reader__city"),
    "joined once": lambda: Copy.objects.select_related("reader"),
    "prefetched": lambda: Copy.objects.prefetch_related("labels__city", "reader"),
    "prefetched otherwise": lambda: Copy.objects.prefetch_related(
        Prefetch("labels", Label.objects.filter(name="label 0"))
    ),
    "only": lambda: Copy.objects.only("code"),
    "deferred": lambda: Copy.objects.defer("reader"),
    "sliced": lambda: Copy.objects.all()[2:6],
    "united": lambda: (
        Copy.objects.order_by().filter(code=1).union(Copy.objects.order_by().filter(code__gt=4))
    ),
    "distinct": lambda: Copy.objects.filter(labels__isnull=False).distinct(),
    "aggregates": lambda: Copy.objects.annotate(n=Count("labels")),
    "annotated": lambda: Copy.objects.annotate(doubled=F("code") * 2).order_by("-doubled"),
    "raw": lambda: Copy.objects.raw("SELECT * FROM queriesapp_copy ORDER BY code"),
    "using": lambda: Copy.objects.using("default"),
    "extra": lambda: Copy.objects.extra(select={"one": "1"}),
    "none": lambda: Copy.objects.none(),
    "locked": lambda: Copy.objects.select_for_update(),
    "related": lambda: Shelf.objects.all()[0].copies.all(),
    "unordered": lambda: Copy.objects.order_by(),
}


@pytest.mark.parametrize("name", SAID)
def test_whatever_the_queryset_says(name: str) -> None:
    expected, before = printed(ClassicCopy, SAID[name]())
    answer, after = printed(BackedCopy, SAID[name]())
    assert answer == expected
    assert after <= before
    if name not in ("only", "deferred", "raw", "none"):
        assert after <= 6


@pytest.mark.parametrize("name", SAID)
def test_plan_queries_whatever_the_queryset_says(name: str) -> None:
    """The same for a queryset that is planned before it is read."""
    source = SAID[name]
    expected, before = printed(ClassicCopy, source())
    for only in (False, True):
        planned, after = queries(lambda: plan_queries(source(), ClassicCopy, only=only))  # noqa: B023  # called at once
        assert after == (1 if name in ("a list", "related") else 0)
        answer, count = printed(ClassicCopy, planned)
        assert answer == expected
        assert count <= before


def test_plan_queries() -> None:
    with CaptureQueriesContext(connection) as context:
        copies = list(plan_queries(Copy.objects.all(), ClassicCopy()))
        expected = ClassicCopy(copies, many=True).data
    assert len(context.captured_queries) == 3
    assert "LEFT OUTER JOIN" in context.captured_queries[0]["sql"]
    narrow = plan_queries(Copy.objects.all(), BackedCopy(many=True), only=True)
    answer, count = printed(BackedCopy, narrow)
    assert (answer, count) == (expected, 3)
    loaded = narrow[0].reader or narrow[1].reader
    assert loaded is not None
    assert "name" in vars(loaded)
    again = plan_queries(plan_queries(Copy.objects.all(), ClassicCopy), ClassicCopy)
    assert queries(lambda: list(again))[1] == 3


def test_columns_that_are_not_read_are_left_out() -> None:
    class Codes(Schema):
        code: int
        shelf: Annotated[str, Source("shelf.name")]

    copy = plan_queries(Copy.objects.all(), serializer_from_schema(Codes), only=True)[0]
    assert copy.get_deferred_fields() == {"reader_id"}

    class Method(ClassicCopy):
        note = serializers.SerializerMethodField()

        class Meta(ClassicCopy.Meta):
            fields = ["code", "note"]

        reader = labels = None

        def get_note(self, copy: Copy) -> str:
            return str(copy.reader_id)

    copy = plan_queries(Copy.objects.all(), Method, only=True)[0]
    assert not copy.get_deferred_fields()


@pytest.mark.parametrize("values", [("code",), ()])
def test_what_makes_no_instances_is_not_planned(values: Any) -> None:
    queryset: Any = Copy.objects.values(*values)
    assert plan_queries(queryset, ClassicCopy) is queryset
    read = Copy.objects.all()
    list(read)
    assert plan_queries(read, ClassicCopy) is read


# What other code sees of the objects


def test_a_second_look_sees_what_has_changed() -> None:
    shelves = list(Shelf.objects.all())
    first = BackedShelf(shelves, many=True).data
    assert all("_prefetched_objects_cache" not in vars(shelf) for shelf in shelves)
    Copy.objects.create(code=50, shelf=shelves[2])
    second = BackedShelf(shelves, many=True).data
    assert len(second[2]["copies"]) == len(first[2]["copies"]) + 1
    assert second == ClassicShelf(Shelf.objects.all(), many=True).data


def test_what_was_prefetched_stays() -> None:
    shelves = list(Shelf.objects.prefetch_related(Prefetch("copies", to_attr="kept")))
    prefetch = list(Shelf.objects.prefetch_related("copies"))
    for objects in (shelves, prefetch):
        before = [dict(vars(shelf).get("_prefetched_objects_cache", {})) for shelf in objects]
        BackedShelf(objects, many=True).data
        after = [vars(shelf).get("_prefetched_objects_cache", {}) for shelf in objects]
        assert [list(one) for one in after] == [list(one) for one in before]


def unordered(value: Any) -> Any:
    """Return a picture of an instance in which the order of what it has cached does not count."""
    if not isinstance(value, (list, tuple)):
        return value
    items = [unordered(item) for item in value]
    return sorted(items, key=repr) if isinstance(value, list) else items


def test_no_two_objects_share_a_related_one() -> None:
    copies = list(Copy.objects.filter(reader__isnull=False))
    BackedCopy(copies, many=True).data
    readers = [vars(copy)["_state"].fields_cache["reader"] for copy in copies]
    assert len({id(reader) for reader in readers}) == len(readers) > len(set(readers))
    lazily = list(Copy.objects.filter(reader__isnull=False))
    ClassicCopy(lazily, many=True).data
    assert [unordered(picture(copy)) for copy in copies] == [
        unordered(picture(copy)) for copy in lazily
    ]
    readers[0].name = "changed"
    assert [reader.name for reader in readers].count("changed") == 1


class Methods(SchemaBackedMixin, ClassicCopy):
    """A method sees the objects; it changes one of them."""

    labelled = serializers.SerializerMethodField()

    class Meta(ClassicCopy.Meta):
        fields = ["code", "labelled", "reader", "labels"]

    def get_labelled(self, copy: Copy) -> list[str]:
        if copy.reader is not None:
            copy.reader.name += "!"
        return [label.name for label in copy.labels.all()]


class ClassicMethods(Methods.__bases__[1]):
    labelled = serializers.SerializerMethodField()

    class Meta(Methods.Meta):
        pass

    get_labelled = Methods.get_labelled


def test_methods_see_what_they_would_have_seen() -> None:
    expected, _ = printed(ClassicMethods, Copy.objects.all())
    answer, count = printed(Methods, Copy.objects.all())
    assert answer == expected
    assert count == 6


class Printing(BackedCopy):
    def to_representation(self, instance: Any) -> Any:
        return {**super().to_representation(instance), "more": 1}


class PrintingAlone(BackedCopy):
    def to_representation(self, instance: Any) -> Any:
        return {"code": instance.code}


def test_who_prints_each_object() -> None:
    answer, count = printed(Printing, Copy.objects.all())
    assert [{**item, "more": 1} for item in ClassicCopy(Copy.objects.all(), many=True).data] == (
        answer
    )
    assert count == 6
    assert printed(PrintingAlone, Copy.objects.all())[1] == 1
    assert printed(Printing, iter(Copy.objects.all()))[0] == answer

    class OfReader(ClassicReader):
        def to_representation(self, instance: Any) -> Any:
            return instance.pk

    class Outer(SchemaBackedMixin, serializers.ModelSerializer[Copy]):
        reader = OfReader()

        class Meta:
            model = Copy
            fields = ["code", "reader"]

    assert printed(Outer, Copy.objects.all())[1] == 2


class Dynamic(BackedCopy):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.context.get("without", ()):
            self.fields.pop(name)


class OwnFields(BackedCopy):
    def get_fields(self) -> Any:
        return {name: field for name, field in super().get_fields().items() if name != "labels"}


def test_fields_of_one_serializer() -> None:
    everything, count = printed(Dynamic, Copy.objects.all())
    assert count == 6
    answer, count = printed(Dynamic, Copy.objects.all(), context={"without": ["reader"]})
    assert count == 3
    assert [item["labels"] for item in answer] == [item["labels"] for item in everything]
    answer, count = printed(OwnFields, Copy.objects.all())
    assert count == 4
    assert [item["reader"] for item in answer] == [item["reader"] for item in everything]


class ClassicInner(serializers.ModelSerializer[Copy]):
    """The copy once more: fields that DRF reads in various ways."""

    whom = serializers.CharField(source="reader", default=None)
    city = serializers.PrimaryKeyRelatedField[Any](source="reader.city", read_only=True)
    card = serializers.StringRelatedField[Any](source="reader.card", default=None)
    keys = serializers.PrimaryKeyRelatedField[Any](source="labels", many=True, read_only=True)
    names = serializers.StringRelatedField[Any](source="labels", many=True)
    towns = serializers.SlugRelatedField[Any](
        source="labels", slug_field="city__name", many=True, read_only=True
    )
    shout = serializers.CharField(source="shelf.shout", default="")
    secret = serializers.CharField(source="shelf.secret", write_only=True)

    class Meta:
        model = Copy
        fields = ["whom", "city", "card", "keys", "names", "towns", "shout", "secret"]


class OwnFieldsInside(ClassicReader):
    def get_fields(self) -> Any:
        return {"name": super().get_fields()["name"]}


class Anything(serializers.BaseSerializer[Any]):
    def to_representation(self, instance: Any) -> Any:
        return instance.pk


class ClassicOuter(serializers.ModelSerializer[Copy]):
    inner = ClassicInner(source="*")
    reader = OwnFieldsInside()
    holder = Anything(source="reader", read_only=True)

    class Meta:
        model = Copy
        fields = ["inner", "reader", "holder"]


class BackedOuter(SchemaBackedMixin, ClassicOuter):
    class Meta(ClassicOuter.Meta):
        pass


def test_fields_of_every_kind() -> None:
    Copy.objects.filter(reader=None).delete()
    expected, before = printed(ClassicOuter, Copy.objects.all())
    answer, after = printed(BackedOuter, Copy.objects.all())
    assert answer == expected
    assert after == 6 < before
    planned = plan_queries(Copy.objects.all(), ClassicOuter, only=True)
    answer, count = printed(ClassicOuter, planned)
    assert answer == expected
    assert count == 3


class WithoutRelations(Schema):
    code: int
    shelf: int


def test_fields_are_not_built_where_no_relation_is_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Plain(SchemaSerializer[WithoutRelations]):
        shown = serializers.SerializerMethodField()

        class Meta:
            model = Copy

        def get_shown(self, copy: Copy) -> int:
            return copy.code

    class Growing(SchemaSerializer[WithoutRelations]):
        class Meta:
            model = Copy

        def get_fields(self) -> Any:
            return {**super().get_fields(), "reader": ClassicReader()}

    assert not may_read_relations(Plain, Copy)
    assert may_read_relations(serializer_from_schema(CopySchema), Copy)
    asked: list[Any] = []
    monkeypatch.setattr(Plain, "field_builders", classmethod(asked.append))
    assert [copy["code"] for copy in printed(Plain, Copy.objects.all())[0]] == list(
        range(7, -1, -1)
    )
    assert not asked
    answer, count = printed(Growing, Copy.objects.all())
    assert [copy["reader"] for copy in answer] == [
        copy["reader"] for copy in ClassicCopy(Copy.objects.all(), many=True).data
    ]
    assert count == 4


# Where it might show, nothing is read ahead


class TagSchema(Schema):
    name: str


class TaggedSchema(Schema):
    title: str
    tags: list[TagSchema]


Tagged = serializer_from_schema(TaggedSchema)


@pytest.fixture
def books() -> None:
    author = Author.objects.create(name="Ada", email="a@a.io")
    tags = [Tag.objects.create(name=name, slug=name) for name in ("red", "blue")]
    for at in range(3):
        book = Book.objects.create(title=f"t{at}", isbn=str(at), author=author)
        book.tags.set(tags)


def test_an_ordering_with_ties(books: None) -> None:
    class All(Tagged):
        class Meta:
            query_plan = "all"

    safe, before = printed(Tagged, Book.objects.order_by("id"))
    everything, after = printed(All, Book.objects.order_by("id"))
    assert [sorted(map(str, book["tags"])) for book in safe] == [
        sorted(map(str, book["tags"])) for book in everything
    ]
    assert (before, after) == (4, 2)


class NoteSchema(Schema):
    text: str
    copy_: Annotated[CopySchema | None, Source("copy")]


class AnsweringSchema(Schema):
    text: str
    answers: NoteSchema | None


class NotedSchema(Schema):
    code: int
    notes: list[NoteSchema]


def test_managers_of_a_projects_own() -> None:
    copies = list(Copy.objects.all()[:2])
    for at in range(3):
        Note.objects.create(text=str(at), copy=copies[at % 2], is_hidden=at == 0)
    safe, before = printed(serializer_from_schema(NotedSchema), copies)
    assert [len(copy["notes"]) for copy in safe] == [1, 1]
    with override_settings(NOVA_DRF={"QUERY_PLAN": "all"}):
        everything, after = printed(serializer_from_schema(NotedSchema), copies)
    assert everything == safe
    assert after < before


def test_rows_that_a_base_manager_hides() -> None:
    """DRF finds no such object, and says so; it is none that is missing."""
    hidden = Note.objects.create(text="hidden", is_hidden=True)
    for at in range(3):
        Note.objects.create(text=str(at), answers=hidden)
    ours = serializer_from_schema(AnsweringSchema)
    notes = list(Note.objects.all())
    with pytest.raises(Note.DoesNotExist):
        notes[0].answers
    outcomes = []
    for plan in ("safe", "off"):
        with override_settings(NOVA_DRF={"QUERY_PLAN": plan}):
            try:
                outcomes.append(repr(ours(list(Note.objects.all()), many=True).data))
            except Note.DoesNotExist as error:
                outcomes.append(repr(error))
    assert outcomes[0] == outcomes[1]


def test_a_router_decides_where_objects_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Tenants:
        def db_for_read(self, model: Any, **hints: Any) -> None:
            asked.append(hints.get("instance"))

    expected, before = printed(ClassicCopy, Copy.objects.all())
    monkeypatch.setattr(router, "routers", [Tenants()])
    assert printed(BackedCopy, Copy.objects.all()) == (expected, before)
    assert len({id(instance) for instance in asked}) > 3


def test_objects_of_several_databases() -> None:
    copies = list(Copy.objects.all())
    copies[0]._state.db = "elsewhere"
    copies[0].reader = None
    _, before = printed(ClassicCopy, [*map(copy_of, copies[1:])])
    assert printed(BackedCopy, copies[1:])[1] == 5 < before
    seen = [*Copy.objects.filter(reader__isnull=False)[:3]]
    seen[0]._state.db = None
    answer, _ = printed(serializer_from_schema(CopySchema), seen)
    assert [item["code"] for item in answer] == [copy.code for copy in seen]


def copy_of(copy: Copy) -> Copy:
    return Copy.objects.get(pk=copy.pk)


def test_other_objects() -> None:
    ours = serializer_from_schema(CopySchema)
    items = [{"code": 1, "reader": None}, {"code": 2, "reader": None}]
    assert printed(ours, items)[0] == items
    mixed = [*Copy.objects.filter(code=0), items[1]]
    assert [item["code"] for item in printed(ours, mixed)[0]] == [0, 2]
    unsaved = [Copy(code=1), Copy(code=2)]
    assert printed(ours, unsaved) == (items, 0)


def test_receivers_see_each_instance() -> None:
    seen: list[Any] = []

    def receiver(instance: Any, **kwargs: Any) -> None:
        seen.append(instance)

    post_init.connect(receiver, sender=Reader)
    try:
        expected, _ = printed(ClassicCopy, Copy.objects.all())
        before = len(seen)
        seen.clear()
        assert printed(BackedCopy, Copy.objects.all())[0] == expected
    finally:
        post_init.disconnect(receiver, sender=Reader)
    assert len(seen) == before


def test_it_can_be_switched_off() -> None:
    expected = printed(ClassicCopy, Copy.objects.all())
    with override_settings(NOVA_DRF={"QUERY_PLAN": "off"}):
        assert printed(BackedCopy, Copy.objects.all()) == expected
    off = type("Off", (BackedCopy,), {"Meta": type("Meta", (ClassicCopy.Meta,), OFF)})
    assert printed(off, Copy.objects.all()) == expected
    with (
        override_settings(NOVA_DRF={"QUERY_PLAN": "sure"}),
        pytest.raises(SettingError, match=r"'sure'\. Write 'safe', 'all', 'off' or None"),
    ):
        printed(BackedCopy, Copy.objects.all())


OFF = {"query_plan": "off"}


def test_many_objects_are_asked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connection.features), "max_query_params", 3)
    expected = ClassicCopy(Copy.objects.all(), many=True).data
    assert printed(BackedCopy, Copy.objects.all())[0] == expected


# Views


@pytest.fixture
def no_rows() -> Iterator[None]:
    with override_settings(NOVA_DRF={"ROWS_STAND_FOR_INSTANCES": False, "QUERY_PLAN": "safe"}):
        yield


def listed(serializer_class: Any, queryset: Any) -> tuple[Any, int]:
    body = {"queryset": queryset, "serializer_class": serializer_class}
    view: Any = type("View", (AsyncModelViewSet,), body)
    request: Any = APIRequestFactory().get("/")
    return queries(lambda: view.as_view({"get": "list"})(request).render().content)


def test_a_list_of_a_view(no_rows: None) -> None:
    expected = listed(ClassicShelf, Shelf.objects.all())[0]
    assert listed(BackedShelf, Shelf.objects.all()) == (expected, 7)


EXPLAINED: dict[str, tuple[Any, Any, list[str]]] = {
    "at once": (
        BackedShelf,
        Shelf.objects.distinct(),
        [
            "makes instances: the queryset uses distinct()",
            "reads by one query each: copies, copies__reader, copies__reader__city, "
            "copies__reader__card, copies__labels, copies__labels__city",
        ],
    ),
    "said by the queryset": (
        BackedCopy,
        Copy.objects.distinct().select_related("reader__city").prefetch_related("labels__city"),
        [
            "makes instances: the queryset uses distinct()",
            "reads by one query each: reader__card",
        ],
    ),
    "said, all of it": (
        serializer_from_schema(CopySchema),
        Copy.objects.distinct().select_related("reader__city"),
        ["makes instances: the queryset uses distinct()"],
    ),
    "ties": (
        Tagged,
        Book.objects.order_by("id"),
        [
            "makes instances: `tags` is not prefetched, and its ordering leaves ties",
            "reads object by object: tags (the ordering of Tag leaves ties)",
        ],
    ),
    "DRF's": (
        ClassicReader,
        Reader.objects.all(),
        [
            "makes instances: the list serializer is the project's own, or DRF's",
            "reads object by object: city (the serializer is DRF's), card (the serializer is "
            "DRF's)",
        ],
    ),
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_a_view_explains_what_it_reads(name: str) -> None:
    serializer_class, queryset, lines = EXPLAINED[name]
    body = {"queryset": queryset, "serializer_class": serializer_class}
    view: Any = type("View", (AsyncModelViewSet,), body)
    assert explain(view) == "\n".join(f"View.list() {line}" for line in lines)
    routes = [path("", view.as_view({"get": "list", "post": "create"}))]
    reads = {entry.action: entry.reads for entry in inventory(routes, tests=NO_TESTS)}
    assert reads == {"list": tuple(explain(view).splitlines()), "create": ()}


NO_TESTS = Path(__file__).parent / "backed"


def test_a_view_explains_why_nothing_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"queryset": Copy.objects.distinct(), "serializer_class": BackedCopy}
    view: Any = type("View", (AsyncModelViewSet,), body)
    with override_settings(NOVA_DRF={"QUERY_PLAN": "off"}):
        assert explain(view).count("(the query plan is off)") == 5
    with override_settings(NOVA_DRF={"QUERY_PLAN": "all"}):
        assert "by one query each" in explain(view)
    monkeypatch.setattr(router, "routers", [object()])
    assert "database router" in explain(view)
    own: Any = type("View", (view,), {"get_queryset": lambda self: Copy.objects.all()})
    assert explain(own).count("\n") == 0
    bare: Any = type("View", (AsyncModelViewSet,), {"serializer_class": BackedCopy})
    bare.rows_stand_for_instances = False
    assert explain(bare).count("\n") == 0
    stuck: Any = type("View", (AsyncModelViewSet,), {})
    entries = inventory([path("", stuck.as_view({"get": "list"}))], tests=NO_TESTS)
    assert "unknown" in entries[0].reads[0]


class ShelfService(ModelService[Shelf, ShelfSchema]):
    queryset = Shelf.objects.all()


class Shelves(ModelServiceViewSet[ShelfService]):
    response_schema = ShelfSchema
    pagination_class = None


def test_a_list_of_a_service() -> None:
    request: Any = APIRequestFactory().get("/")
    view: Any = Shelves.as_view({"get": "list"})
    answer, count = queries(lambda: view(request).render().data)
    assert answer == ClassicShelfOfSchema(Shelf.objects.all(), many=True).data
    assert count == 4


def test_related_rows_need_not_be_prefetched() -> None:
    class Labelled(Schema):
        code: int
        labels: list[TagSchema]

    ours = serializer_from_schema(Labelled)
    quick = listed(ours, Copy.objects.all())
    with override_settings(NOVA_DRF={"QUERY_PLAN": "off"}):
        slow = listed(ours, Copy.objects.all())
    assert quick == (slow[0], 2)
    assert slow[1] == 9


def test_without_a_word_the_mixin_makes_the_queries_of_drf(settings: Any) -> None:
    settings.NOVA_DRF = {}
    assert printed(BackedCopy, Copy.objects.all()) == printed(ClassicCopy, Copy.objects.all())
    of_schema = serializer_from_schema(ShelfSchema)
    answer, count = printed(of_schema, Shelf.objects.all())
    expected, most = printed(ClassicShelfOfSchema, Shelf.objects.all())
    assert answer == expected
    assert count < most
