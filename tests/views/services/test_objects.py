"""Which rows and which object a delegated action may touch: those that its client may see."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, User
from django.db import DataError
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.generators import SchemaGenerator
from rest_framework import permissions
from rest_framework.permissions import AND, NOT, OR, BasePermission
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIRequestFactory

from nova_drf.services import ModelService, Service, ServiceDefinitionError
from nova_drf.views.services.objects import (
    guards_objects,
    has_own,
    key_of,
    object_of,
    shows_all,
    visible_objects,
    visible_queryset,
)
from nova_drf.viewsets import ModelServiceViewSet, ServiceViewSet, delegate
from tests.servicesapp.models import Item, Letter, Shelf
from tests.views.test_permission_matrix import IsOwner, LetterSchema, OwnerFilter

pytestmark = pytest.mark.django_db


class Office(Service):
    def done(self) -> list[Letter]:
        return list(Letter.objects.filter(done=True))

    def letters(self) -> QuerySet[Letter]:
        return Letter.objects.order_by("-id")

    def given(self, letters: QuerySet[Letter]) -> QuerySet[Letter]:
        return letters.filter(done=True)


class Open(ServiceViewSet[Office]):
    permission_classes: Any = []
    response_schema = LetterSchema


def view_of(cls: Any, user: Any = None, **attributes: Any) -> Any:
    """Return the view object of one request."""
    view = cls(request=APIRequestFactory().get("/"), kwargs={}, **attributes)
    view.request.user = user or User(pk=1)
    view.request.query_params = {}
    return view


@pytest.fixture
def letters() -> list[Letter]:
    ann, bob = User.objects.create(pk=1, username="ann"), User.objects.create(pk=2, username="bob")
    return [
        Letter.objects.create(pk=pk, owner=owner, text=f"letter {pk}", done=done)
        for pk, owner, done in ((1, ann, True), (2, ann, False), (3, bob, True), (4, bob, False))
    ]


def keys(found: Any) -> list[int]:
    return [one.pk for one in found]


def mine(self: Any) -> Any:
    return Letter.objects.filter(owner=self.request.user.pk).order_by("id")


NARROWING: dict[str, Any] = {
    "queryset": type("V", (Open,), {"queryset": Letter.objects.filter(owner=1)}),
    "property": type("V", (Open,), {"queryset": property(mine)}),
    "get_queryset": type("V", (Open,), {"get_queryset": mine}),
    "sequence": type("V", (Open,), {"get_queryset": lambda self: list(mine(self))}),
    "backend": type("V", (Open,), {"filter_backends": [OwnerFilter]}),
    "filter_queryset": type(
        "V", (Open,), {"filter_queryset": lambda self, rows: rows.filter(owner=1)}
    ),
}


@pytest.mark.parametrize("how", NARROWING)
def test_a_queryset_is_narrowed(letters: list[Letter], how: str) -> None:
    view = view_of(NARROWING[how])
    assert keys(visible_objects(view, Letter.objects.order_by("-id"))) == [2, 1]
    assert keys(visible_objects(view, Letter.objects.filter(done=True))) == [1]
    assert keys(visible_objects(view, Letter.objects.none())) == []


@pytest.mark.parametrize("how", [how for how in NARROWING if how != "sequence"])
def test_objects_are_narrowed(letters: list[Letter], how: str) -> None:
    view = view_of(NARROWING[how])
    assert keys(visible_objects(view, list(reversed(letters)))) == [2, 1]
    assert keys(visible_objects(view, iter(letters))) == [1, 2]
    assert visible_objects(view, []) == []
    assert visible_objects(view, ["a", "b"]) == ["a", "b"]
    unsaved = Letter(text="draft")
    assert visible_objects(view, [letters[3], unsaved]) == [unsaved]
    mixed = [*letters, Shelf(name="north")]
    assert visible_objects(view, mixed) == mixed


def test_what_nothing_narrows_comes_back_as_it_is(letters: list[Letter]) -> None:
    view = view_of(Open)
    assert visible_objects(view, letters) is letters
    assert keys(visible_objects(view, Letter.objects.order_by("-id"))) == [4, 3, 2, 1]
    assert keys(visible_objects(view_of(NARROWING["queryset"]), Group.objects.all())) == []
    item = Item.objects.create(code="a", name="A")
    assert keys(visible_objects(view_of(NARROWING["queryset"]), Item.objects.all())) == [item.pk]
    assert keys(visible_objects(view_of(NARROWING["get_queryset"]), [item])) == [item.pk]


def test_a_queryset_of_all_rows_costs_no_subquery(
    letters: list[Letter], django_assert_num_queries: Any
) -> None:
    view = view_of(type("V", (Open,), {"queryset": Letter.objects.order_by("id")}))
    with django_assert_num_queries(1) as captured:
        assert keys(visible_objects(view, Letter.objects.filter(done=True))) == [1, 3]
    assert captured.captured_queries[0]["sql"].count("SELECT") == 1
    assert keys(visible_objects(view, Letter.objects.order_by("-id"), all_of_model=True)) == [
        1,
        2,
        3,
        4,
    ]


def test_what_narrows_a_queryset() -> None:
    rows = Letter.objects.all()
    assert shows_all(rows)
    assert shows_all(rows.order_by("id").select_related("owner").only("text"))
    for narrowed in (rows.filter(done=True), rows[:2], rows.union(rows), rows.distinct()):
        assert not shows_all(narrowed)
    assert not shows_all(rows.none())


@pytest.mark.parametrize(("base", "row"), [(Shelf, Item)])
def test_rows_of_another_model_are_not_compared(base: Any, row: Any) -> None:
    shelf = base.objects.create(name="north")
    item = row.objects.create(code="a", name="A", shelf=shelf)
    view = view_of(type("V", (Open,), {"queryset": base.objects.none()}))
    assert keys(visible_objects(view, row.objects.all())) == [item.pk]
    assert keys(visible_objects(view, [item])) == [item.pk]


class Narrow(ModelService[Letter, LetterSchema]):
    def get_queryset(self) -> Any:
        return Letter.objects.filter(done=True)


class Both(ModelServiceViewSet[Narrow]):
    permission_classes: Any = []
    get_queryset = mine


def test_a_list_shows_what_retrieve_finds(letters: list[Letter], rf: Any) -> None:
    def asked(name: str, **kwargs: Any) -> Any:
        request = rf.get("/")
        request.user = User(pk=1)
        request._force_auth_user = User(pk=1)
        return Both.as_view({"get": name})(request, **kwargs)

    assert [one["id"] for one in asked("list").data] == [1]
    found = [pk for pk in "1234" if asked("retrieve", pk=pk).status_code == 200]
    assert found == ["1"]


def test_a_method_may_take_the_rows_themselves(letters: list[Letter], rf: Any) -> None:
    class Given(Open):
        list = delegate(Office.given)
        get_queryset = mine
        filter_queryset = NARROWING["filter_queryset"].filter_queryset

    request = rf.get("/")
    request._force_auth_user = User(pk=1)
    assert [one["id"] for one in Given.as_view({"get": "list"})(request).data] == [1]
    view = view_of(Given)
    assert keys(visible_queryset(view)) == [1, 2]


def test_the_document_of_what_takes_rows_and_objects() -> None:
    validate = pytest.importorskip("openapi_spec_validator").validate

    class Archive(ModelService[Letter, LetterSchema]):
        def finish(self, letter: Letter, note: str = "") -> LetterSchema: ...

        def export(self, rows: QuerySet[Letter], since: int) -> list[LetterSchema]: ...

    class OfArchive(ModelServiceViewSet[Archive]):
        permission_classes: Any = []
        queryset = Letter.objects.all()
        finish = delegate(Archive.finish, detail=True)
        export = delegate(Archive.export, methods=["get"])

    router = DefaultRouter()
    router.register("letters", OfArchive)
    document: Any = SchemaGenerator(patterns=router.urls).get_schema(public=True)
    validate(document)
    parameters = {
        (path, method): {one["name"]: one["schema"] for one in operation.get("parameters", [])}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    number = {"type": "integer"}
    assert parameters["/letters/export/", "get"] == {"since": number}
    assert parameters["/letters/{id}/finish/", "post"] == {"id": number}
    assert parameters["/letters/{id}/", "get"] == {"id": number}


# Objects


@pytest.mark.parametrize("error", [DataError, OverflowError, None])
def test_a_key_that_no_database_can_hold_is_not_found(error: Any, rf: Any) -> None:
    class Broken(Open):
        queryset = Letter.objects.all()

        def get_object(self) -> Any:
            if error is None:
                "\ud800".encode()
            raise error

    with pytest.raises(Http404):
        object_of(view_of(Broken), "here")


@pytest.mark.parametrize("key", ["a\0b", "\ud800"])
def test_a_key_that_no_text_can_hold_is_not_found(key: str, rf: Any) -> None:
    class Keyed(Service):
        def find(self, pk: str) -> int:
            return Letter.objects.filter(text=pk).count()

    class OfKeys(ServiceViewSet[Keyed]):
        permission_classes: Any = []
        find = delegate(Keyed.find, detail=True, methods=["get"])

    view = OfKeys.as_view({"get": "find"})
    assert view(rf.get("/"), pk="a").data == 0
    assert view(rf.get("/"), pk=key).status_code == 404


def test_where_nobody_knows_of_objects_there_is_none() -> None:
    assert object_of(view_of(Open), "here") is None


def test_what_a_view_has_of_its_own() -> None:
    view = view_of(Open)
    assert not has_own(view, "get_queryset")
    assert not has_own(view, "initial")
    assert not has_own(view, "no_such_hook")
    view.get_queryset = Letter.objects.all
    assert has_own(view, "get_queryset")
    assert has_own(view_of(NARROWING["get_queryset"]), "get_queryset")


class Ducklike:
    """A permission without DRF's base class, nor a say about objects."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return True


def test_which_permissions_guard_objects() -> None:
    yes, no = IsOwner, permissions.IsAuthenticated
    bare: Any = BasePermission()
    bare.has_object_permission = lambda *arguments: False
    for guarding in (yes, yes(), yes & no, no | yes, ~no, ~yes, ~~no, bare):
        assert guards_objects(guarding), guarding
    for guarding in (AND(no(), yes()), OR(yes(), no()), NOT(no()), AND(OR(no(), no()), NOT(no()))):
        assert guards_objects(guarding), guarding
    for open_ in (no, no(), no & no, no | no, AND(no(), no()), OR(no(), no()), Ducklike()):
        assert not guards_objects(open_), open_
    assert guards_objects(permissions.DjangoObjectPermissions)
    assert not guards_objects(permissions.DjangoModelPermissions)


SHELF = Shelf(pk=7, name="north")
ITEM = Item(pk=5, code="c", name="n", shelf=SHELF, reference=UUID(int=1))


@pytest.mark.parametrize(
    ("lookup", "kwargs", "argument", "annotation", "key"),
    [
        (("pk", None), {"pk": "5"}, "pk", int, "5"),
        (("pk", None), {"pk": "5"}, "item_id", int, "5"),
        (("pk", None), {"pk": "me"}, "pk", int, 5),
        (("pk", None), {"pk": "me"}, "pk", str, "5"),
        (("pk", None), {}, "pk", int, 5),
        (("pk", "item_pk"), {"item_pk": "5"}, "item_pk", int, "5"),
        (("pk", "item_pk"), {"item_pk": "me", "pk": "9"}, "item_pk", int, 5),
        (("code", None), {"code": "c"}, "code", str, "c"),
        (("code", None), {"code": "C"}, "code", str, "c"),
        (("code", None), {"code": "c"}, "pk", int, 5),
        (("code", None), {"code": "c"}, "id", int, 5),
        (("code", "slug"), {"slug": "C"}, "name", str, "c"),
        (("reference", None), {"reference": UUID(int=1).hex}, "reference", UUID, UUID(int=1)),
        (("shelf__name", "shelf"), {"shelf": "NORTH"}, "shelf", str, "north"),
        (("shelf__nothing", "shelf"), {"shelf": "NORTH"}, "shelf", str, "NORTH"),
        (("pk", None), {"pk": "5", "shelf_pk": "8"}, "shelf_pk", int, "8"),
    ],
)
def test_the_key_is_that_of_the_object_which_was_found(
    lookup: Any, kwargs: Any, argument: str, annotation: Any, key: Any
) -> None:
    field, variable = lookup
    view = SimpleNamespace(kwargs=kwargs, lookup_field=field, lookup_url_kwarg=variable)
    assert key_of(view, ITEM, argument, annotation) == key
    if kwargs:
        assert key_of(view, None, argument, annotation) in kwargs.values()


def test_a_model_service_is_not_asked_twice_for_the_same_row(
    letters: list[Letter], rf: Any, django_assert_num_queries: Any
) -> None:
    class Letters(ModelService[Letter, LetterSchema]):
        pass

    class Plain(ModelServiceViewSet[Letters]):
        permission_classes: Any = []

    class Own(Plain):
        get_queryset = mine

    def asked(viewset: Any, method: str, name: str, **body: Any) -> None:
        request = getattr(rf, method)("/", **body)
        request._force_auth_user = User(pk=1)
        assert viewset.as_view({method: name})(request, pk="1").status_code in (200, 204)

    for viewset, once in ((Plain, 1), (Own, 1), (Both, 2)):
        with django_assert_num_queries(once):
            asked(viewset, "get", "retrieve")
    assert Letters().update(letters[0], LetterSchema.model_construct({"text"}, text="x")).pk == 1
    assert Letter.objects.get(pk=1).text == "x"


def test_an_object_that_only_get_object_knows_is_guarded(letters: list[Letter], rf: Any) -> None:
    class Taking(Service):
        def read(self, letter: Letter) -> str:
            return letter.text

        def read_by_key(self, pk: int) -> str:
            return Letter.objects.get(pk=pk).text

    class OfOne(ServiceViewSet[Taking]):
        permission_classes: Any = []
        read = delegate(Taking.read, detail=True)
        read_by_key = delegate(Taking.read_by_key, detail=True)

        def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
            super().initial(request, *args, **kwargs)
            self.get_object = lambda: letters[1]

    for name in ("read", "read_by_key"):
        assert OfOne.as_view({"post": name})(rf.post("/"), pk="4").data == "letter 2"


def test_a_check_that_is_set_on_the_view_is_never_passed_over() -> None:
    view = view_of(Open)
    view.check_object_permissions = lambda request, obj: None
    with pytest.raises(ServiceDefinitionError, match=r"^here: check_object_permissions\(\) would"):
        object_of(view, "here")
