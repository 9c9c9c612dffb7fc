"""What a database refuses is what DRF's validators would have said, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, models, transaction
from django.db.backends.utils import names_digest
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIClient

from nova_drf.services import (
    AlreadyExists,
    Conflict,
    ConstraintViolated,
    Service,
    StillReferenced,
    atomic,
)
from nova_drf.services.constraints import same_name, violation
from nova_drf.testing import AsyncAPIClient
from nova_drf.views.services.errors import api_error
from nova_drf.viewsets import ServiceViewSet, delegate
from tests.constraintsapp.models import (
    Base,
    Capital,
    Country,
    Derived,
    Qualified,
    Queue,
    Renamed,
    Rules,
    Stand,
)
from tests.servicesapp.models import Item, Topic
from tests.views.services.test_errors import codes

pytestmark = pytest.mark.django_db

DEFERS = connection.vendor == "postgresql"


def serializer_of(model: type[models.Model]) -> Any:
    meta = type("Meta", (), {"model": model, "fields": "__all__"})
    return type(f"{model.__name__}Classic", (ModelSerializer,), {"Meta": meta})


def refused_by_database(model: type[models.Model], values: dict[str, Any]) -> Any:
    """Write values past all validators, and return what is made of the database's complaint."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        model._default_manager.create(**values)
    error = api_error(caught.value)
    assert isinstance(error, ValidationError), error
    return codes(error.detail)


def refused_by_drf(model: type[models.Model], data: dict[str, Any]) -> Any:
    serializer = serializer_of(model)(data=data)
    assert not serializer.is_valid()
    return codes(serializer.errors)


GOOD = {"plain": "p", "owner": "o", "title": "t", "slot": 8, "place": 9, "is_live": False}
"""All that DRF requires because of the constraints."""

DUPLICATES: list[tuple[type[models.Model], dict[str, Any], dict[str, Any]]] = [
    (Topic, {"name": "a"}, {"name": "a"}),
    (Item, {"code": "a", "name": "A"}, {"code": "a", "name": "B"}),
    (Renamed, {"code": "a"}, {"code": "a", "first": 5, "second": 0}),
    (Renamed, {"code": "a", "first": 1, "second": 2}, {"code": "b", "first": 1, "second": 2}),
    (Base, {"code": "a"}, {"code": "a", "kind": "x", "number": 0}),
    (Base, {"code": "a"}, {"code": "b", "kind": "k", "number": 0}),
    (Stand, {"code": "a"}, {"code": "a", "kind": "x", "number": 0}),
    (Derived, {"code": "a", "label": "x"}, {"code": "a", "label": "y", "kind": "x", "number": 0}),
    (Derived, {"code": "a", "label": "x"}, {"code": "b", "label": "x", "kind": "x", "number": 0}),
    (Derived, {"code": "a", "label": "x"}, {"code": "b", "label": "y", "kind": "k", "number": 0}),
    (Rules, {"slot": 1, "place": 2}, {**GOOD, "slot": 1, "place": 2}),
]
if connection.features.supports_partial_indexes:
    DUPLICATES += [
        (Rules, {"plain": "a"}, {**GOOD, "plain": "a"}),
        (Rules, {"owner": "a", "is_live": True}, {**GOOD, "owner": "a", "is_live": True}),
    ]


@pytest.mark.parametrize(("model", "first", "second"), DUPLICATES)
def test_a_duplicate_is_what_drf_would_have_said(
    model: type[models.Model], first: dict[str, Any], second: dict[str, Any]
) -> None:
    model._default_manager.create(**first)
    assert refused_by_database(model, second) == refused_by_drf(model, second)


def test_primary_keys_and_relations_to_one() -> None:
    country = Country.objects.create(iso="fr")
    Capital.objects.create(country=country)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Country(iso="fr").save(force_insert=True)
    told: Any = api_error(caught.value)
    assert codes(told.detail) == refused_by_drf(Country, {"iso": "fr", "neighbours": []})
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Capital.objects.create(country=country)
    told = api_error(caught.value)
    assert codes(told.detail) == refused_by_drf(Capital, {"country": "fr"})


def test_a_unique_constraint_of_an_update() -> None:
    Item.objects.create(code="a", name="A")
    other = Item.objects.create(code="b", name="B")
    other.code = "a"
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        other.save()
    assert violation(caught.value).fields == ("code",)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Item.objects.filter(pk=other.pk).update(code="a")
    found = violation(caught.value)
    assert isinstance(found, AlreadyExists)
    assert found.fields == ("code",)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Topic.objects.bulk_create([Topic(name="x"), Topic(name="x")])
    assert violation(caught.value).model is Topic


def test_an_expression_has_only_its_own_words() -> None:
    if not connection.features.supports_expression_indexes:
        pytest.skip("This database has no indexes on expressions.")
    Rules.objects.create(title="a")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Rules.objects.create(title="A", slot=1)
    found = violation(caught.value)
    assert isinstance(found, AlreadyExists)
    assert (found.model, found.constraint) == (Rules, "rules_title_and_high")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"low": 11}, "rules_low_is_not_above_high"),
        ({"place": 1000}, "rules_place_is_small"),
    ],
)
def test_a_check_is_what_django_would_have_said(values: dict[str, Any], name: str) -> None:
    from django.core.exceptions import ValidationError as DjangoValidationError

    with pytest.raises(DjangoValidationError) as refused:
        Rules(**values).validate_constraints()
    expected: Any = api_error(refused.value)
    assert refused_by_database(Rules, values) == codes(expected.detail)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Rules.objects.create(**values)
    found = violation(caught.value)
    assert isinstance(found, ConstraintViolated)
    assert not isinstance(found, AlreadyExists)
    assert (found.model, found.constraint) == (Rules, name)


def test_a_column_that_checks_itself() -> None:
    if connection.vendor == "mysql":
        pytest.skip("MySQL has unsigned numbers; the value is out of range.")
    told = refused_by_database(Rules, {"size": -1})
    assert told == refused_by_drf(Rules, {**GOOD, "size": -1})


def test_a_column_that_may_not_be_null() -> None:
    told = refused_by_database(Rules, {"must": None})
    assert told == refused_by_drf(Rules, {**GOOD, "must": None})
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Rules.objects.create(must=None)
    assert str(violation(caught.value)) == "must: This field cannot be null."


@pytest.mark.django_db(transaction=True)
def test_foreign_keys() -> None:
    """PostgreSQL and SQLite look at them when the transaction ends."""

    class Capitals(Service):
        @atomic
        def found(self, iso: str) -> None:
            Capital.objects.create(country_id=iso)

        @atomic
        def befriend(self, iso: str) -> None:
            Country.neighbours.through.objects.create(from_country_id="fr", to_country_id=iso)

        @atomic
        def abolish(self, iso: str) -> None:
            Country.objects.filter(iso=iso)._raw_delete("default")

        @atomic
        def delete(self, iso: str) -> None:
            Country.objects.get(iso=iso).delete()

    fr = Country.objects.create(iso="fr")
    for method, field in ((Capitals().found, "country"), (Capitals().befriend, "neighbours")):
        with pytest.raises((ConstraintViolated, Conflict)) as caught:
            method("xx")
        if connection.vendor != "sqlite":
            assert caught.value.fields == (field,)
            assert list(caught.value.detail) == [field]
            assert caught.value.detail[field][0].code == "does_not_exist"
    capital = Capital.objects.create(country=fr)
    with pytest.raises(Conflict):
        Capitals().abolish("fr")
    Capital.objects.update(country=Country.objects.create(iso="de"))
    for column in ("rival", "twin"):
        Capital.objects.update(**{column: fr})
        with pytest.raises(StillReferenced) as refused:
            Capitals().delete("fr")
        assert api_error(refused.value).status_code == 409
        Capital.objects.update(**{column: None})
    capital.refresh_from_db()
    Capitals().delete("fr")


@pytest.mark.skipif(not DEFERS, reason="Only PostgreSQL defers unique constraints.")
@pytest.mark.django_db(transaction=True)
def test_a_deferred_constraint() -> None:
    class Queues(Service):
        @atomic
        def join(self, position: int) -> None:
            Queue.objects.create(position=position)

    Queues().join(1)
    with pytest.raises(AlreadyExists) as caught:
        Queues().join(1)
    told: Any = api_error(caught.value)
    assert codes(told.detail) == refused_by_drf(Queue, {"position": 1, "lane": 0})
    assert Queue.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL has schemas.")
def test_a_table_of_another_schema() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA elsewhere")
    with connection.schema_editor() as editor:
        editor.create_model(Qualified)
    Qualified.objects.create(code="a")
    assert refused_by_database(Qualified, {"code": "a"}) == refused_by_drf(Qualified, {"code": "a"})


def test_keys_that_have_been_renamed() -> None:
    """MySQL names a key after a column, and keeps the name when the column gets another one."""
    if connection.vendor != "mysql":
        pytest.skip("Other databases name the columns.")
    from nova_drf.services.integrity_errors import columns_of_key

    assert columns_of_key("default", "Mixed Case-Table", "The Code") == ("The Code",)
    assert columns_of_key("default", "nowhere", "The Code") is None
    assert columns_of_key("default", "Mixed Case-Table", "nothing") is None


def said(*arguments: Any, **diagnosis: Any) -> Any:
    """Return what is made of an error that another server would have sent."""
    cause = Exception(*arguments)
    if diagnosis:
        names = ("sqlstate", "table_name", "constraint_name", "column_name", "message_detail")
        cause.diag = SimpleNamespace(**{**dict.fromkeys(names), **diagnosis})
    error = IntegrityError(*arguments)
    error.__cause__ = cause
    return violation(error)


TOGETHER = names_digest("servicesapp_item", "name", "shelf_id", length=8)


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("Duplicate entry 'a' for key 'servicesapp_item.code'", ("code",)),
        ("Duplicate entry 'it's for key 'x.y'' for key 'servicesapp_item.code'", ("code",)),
        ("Doppelter Eintrag 'a' für Schlüssel 'servicesapp_item.code'", ("code",)),
        ("Duplicate entry '7' for key 'servicesapp_item.PRIMARY'", ("id",)),
        ("Duplicate entry 'x' for key 'SERVICESAPP_ITEM.code'", ("code",)),
        (f"Duplicate entry 'x' for key 'servicesapp_item.cut_{TOGETHER}_uniq'", ("name", "shelf")),
        (f"Duplicate entry 'x' for key 'cut_{TOGETHER}_uniq'", ("name", "shelf")),
        ("Duplicate entry 'x' for key 'servicesapp_item.item_once_per_price'", ("name", "price")),
        ("Duplicate entry 'x' for key 'Mixed Case-Table.The Code'", ("code",)),
        ("Duplicate entry 'x' for key 'rules_title_and_high'", ()),
    ],
)
def test_words_of_mysql(words: str, fields: tuple[str, ...]) -> None:
    found = said(1062, words)
    assert isinstance(found, AlreadyExists)
    assert found.fields == fields


def test_other_words_of_mysql() -> None:
    found = said(3819, "Check constraint 'item_affordable' is violated.")
    assert (type(found), found.constraint) == (ConstraintViolated, "item_affordable")
    missing = (
        "Cannot add or update a child row: a foreign key constraint fails (`d`.`servicesapp_item`, "
        "CONSTRAINT `c` FOREIGN KEY (`shelf_id`) REFERENCES `servicesapp_shelf` (`id`))"
    )
    assert said(1452, missing).fields == ("shelf",)
    assert type(said(1451, missing)) is StillReferenced
    for code in (1216, 1452):
        assert type(said(code, f"{missing.partition(' (')[0]} ")) is Conflict
    for code in (1217, 1451):
        unnamed = "Cannot delete or update a parent row: a foreign key constraint fails "
        assert type(said(code, unnamed)) is StillReferenced
    assert said(1048, "Column 'weight' cannot be null").fields == ("weight",)


@pytest.mark.parametrize(
    ("diagnosis", "fields"),
    [
        ({"constraint_name": "servicesapp_item_code_key"}, ("code",)),
        ({"constraint_name": "servicesapp_item_pkey"}, ("id",)),
        ({"constraint_name": f"servicesapp_item_cut_{TOGETHER}_uniq"}, ("name", "shelf")),
        (
            {"constraint_name": "x", "message_detail": "Schlüssel »(code)=(a)« existiert."},
            ("code",),
        ),
    ],
)
def test_words_of_postgresql(diagnosis: dict[str, Any], fields: tuple[str, ...]) -> None:
    """Without the right to read the table, the columns are not told."""
    found = said("no", sqlstate="23505", table_name="servicesapp_item", **diagnosis)
    assert isinstance(found, AlreadyExists)
    assert found.fields == fields


def test_other_words_of_postgresql() -> None:
    assert type(said("no", sqlstate="23001")) is StillReferenced
    assert said("no", sqlstate="22000") is None
    referenced = said(
        "no",
        sqlstate="23503",
        table_name="constraintsapp_capital",
        message_detail='Key (iso)=(fr) is still referenced from table "constraintsapp_capital".',
    )
    assert type(referenced) is StillReferenced
    assert same_name("a" * 70, "a" * 63)
    assert not same_name("a" * 63, "a" * 62)


def test_what_stays_a_mistake_in_the_program() -> None:
    assert violation(IntegrityError()) is None
    for words in (
        "UNIQUE constraint failed: nowhere.code",
        "UNIQUE constraint failed: servicesapp_item.rowid",
        "CHECK constraint failed: nobodys",
        "NOT NULL constraint failed: nowhere.code",
    ):
        assert said(words) is None
    assert said(1062, "Duplicate entry 'a' for key 'nobodys'") is None
    assert said(1062, "Duplicate entry 'a' for key 'code'") is None  # of several tables
    assert said(1062, "Duplicate entry") is None
    assert said(1048, "Column 'nobodys' cannot be null") is None
    assert said(1048, "Column 'name' cannot be null") is None


# Over HTTP


class Capitals(Service):
    @atomic
    def found(self, iso: str) -> None:
        Capital.objects.create(country_id=iso)

    async def found_later(self, iso: str) -> None:
        await Capital.objects.acreate(country_id=iso)

    @atomic
    def join(self, position: int) -> None:
        Queue.objects.create(position=position)


class CapitalViewSet(ServiceViewSet[Capitals]):
    permission_classes = []

    found = delegate(Capitals.found)
    found_later = delegate(Capitals.found_later)
    join = delegate(Capitals.join)

    @action(detail=False, methods=["post"])
    def classic(self, request: Any) -> Response:
        Capital.objects.create(country_id="xx")
        return Response(status=201)


router = SimpleRouter()
router.register("capitals", CapitalViewSet, basename="capital")
urlpatterns = router.urls


@pytest.fixture(params=[False, True])
def atomic_requests(request: pytest.FixtureRequest) -> Iterator[bool]:
    settings = connections.settings["default"]
    before = settings["ATOMIC_REQUESTS"]
    settings["ATOMIC_REQUESTS"] = connection.settings_dict["ATOMIC_REQUESTS"] = request.param
    yield request.param
    settings["ATOMIC_REQUESTS"] = connection.settings_dict["ATOMIC_REQUESTS"] = before


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["found", "found_later", "classic"])
def test_what_a_commit_refuses_is_answered(atomic_requests: bool, path: str) -> None:
    """On PostgreSQL and SQLite the foreign key is looked at when the transaction ends."""
    client = APIClient(raise_request_exception=False)
    response = client.post(f"/capitals/{path}/", {"iso": "xx"}, format="json")
    expected = (400,) if connection.vendor != "sqlite" else (400, 409)
    assert response.status_code in expected, response.content
    assert not Capital.objects.exists()
    Country.objects.create(iso="xx")
    response = client.post(f"/capitals/{path}/", {"iso": "xx"}, format="json")
    assert response.status_code in (200, 201, 204)
    assert Capital.objects.count() == 1


@pytest.mark.urls(__name__)
@pytest.mark.skipif(not DEFERS, reason="Only PostgreSQL defers unique constraints.")
@pytest.mark.django_db(transaction=True)
def test_a_deferred_constraint_over_http(atomic_requests: bool) -> None:
    client = APIClient(raise_request_exception=False)
    assert client.post("/capitals/join/", {"position": 1}, format="json").status_code == 204
    response: Any = client.post("/capitals/join/", {"position": 1}, format="json")
    assert response.status_code == 400
    assert codes(response.data) == refused_by_drf(Queue, {"position": 1, "lane": 0})
    assert Queue.objects.count() == 1


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
async def test_what_a_commit_refuses_under_asgi(atomic_requests: bool) -> None:
    client = AsyncAPIClient(raise_request_exception=False)
    for path in ("found", "found_later", "classic"):
        response = await client.post(f"/capitals/{path}/", {"iso": "xx"}, format="json")
        assert response.status_code in (400, 409)
    assert not await Capital.objects.aexists()
