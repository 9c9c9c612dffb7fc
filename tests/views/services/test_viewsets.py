"""Viewsets that delegate to services: schemas, errors, neighbours, both kinds of server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema, extend_schema_view
from pydantic import BaseModel, Field, TypeAdapter
from rest_framework import permissions, serializers, throttling, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIClient

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer, Source
from nova_drf.checks.definitions import check_services
from nova_drf.services import (
    Conflict,
    Invalid,
    ModelService,
    NotFound,
    PermissionDenied,
    Service,
    ServiceContext,
    ServiceDefinitionError,
    ServiceError,
    atomic,
)
from nova_drf.viewsets import ModelServiceViewSet, ServiceViewSet, delegate
from tests.servicesapp.models import Item, Shelf, Topic

pytestmark = pytest.mark.django_db
SECRET = "a secret of the database"


class ItemSchema(Schema):
    id: ReadOnly[int]
    code: Annotated[str, Field(max_length=10)]
    title: Annotated[str, Field(max_length=40), Source("name")]
    price: NotRequired[Annotated[Decimal, Field(max_digits=6, decimal_places=2)]]
    shelf: NotRequired[int | None]


class Color(Enum):
    RED = "red"


class Choice(Schema):
    count: Annotated[int, Field(ge=1)]
    color: NotRequired[Color]


class Chosen(Schema):
    key: int
    count: int
    loud: bool
    who: str


class PlainFilter(BaseModel):
    first: int
    names: list[str] = []


class Desk(Service):
    """One method of each kind."""

    def choose(self, pk: int, data: Choice, loud: bool = False) -> Chosen:
        who = getattr(self.context.user, "username", "") or str(self.context.locale)
        return Chosen(key=pk, count=data.count, loud=loud, who=who)

    async def choose_later(self, pk: int, data: Choice, loud: bool = False) -> Chosen:
        return Chosen(key=pk, count=data.count, loud=loud, who=str(self.context.request_id))

    def add(self, first: Decimal, second: Decimal = Decimal(1)) -> Decimal:
        return first + second

    def find(self, since: date, names: list[str] = [], loud: bool = True) -> dict[str, Any]:  # noqa: B006  # the default is what is tested
        return {"since": since, "names": names, "loud": loud}

    async def look(self, where: PlainFilter) -> list[Chosen]:
        return [Chosen(key=where.first, count=1, loud=True, who=name) for name in where.names]

    def clear(self, order_id: int) -> None:
        Item.objects.filter(pk=order_id).delete()

    def nested(self, pk: int, part: str) -> str:
        return f"{pk} {part}"

    def items(self) -> QuerySet[Item]:
        return Item.objects.all()

    @atomic
    def fail(self, how: str) -> None:
        Topic.objects.create(name="a")
        if how == "unique":
            Topic.objects.create(name="a")
        elif how == "check":
            Item.objects.create(code="x", price=9000)
        elif how == "pydantic":
            TypeAdapter(dict[str, list[int]]).validate_python({"a": ["x"]})
        elif how == "schema":
            Choice.model_validate({"count": "x"})
        else:
            raise ERRORS[how]

    async def afail(self, how: str) -> None:
        raise ERRORS[how]

    def lie(self) -> int:
        return SECRET


ERRORS: dict[str, Exception] = {
    "missing": NotFound("No such thing.", code="gone"),
    "denied": PermissionDenied("Not yours."),
    "conflict": Conflict("Sold already.", code="sold"),
    "invalid": Invalid("Nothing is left.", field="quantity", code="sold_out"),
    "lines": Invalid({"lines": {1: {"sku": "Unknown."}}, "": "All wrong."}),
    "whole": Invalid("All wrong."),
    "django": DjangoValidationError({"a": ["No."], "__all__": ["Never."]}),
    "django-list": DjangoValidationError("Never.", code="never"),
    "service": ServiceError(SECRET),
    "bug": RuntimeError(SECRET),
}


class DeskViewSet(ServiceViewSet[Desk]):
    queryset = Item.objects.all()
    response_schema = ItemSchema

    choose = delegate(Desk.choose, detail=True, queryset=None)
    choose_later = delegate(Desk.choose_later, detail=True, url_path="later", queryset=None)
    add = delegate(Desk.add)
    find = delegate(Desk.find, methods=["get"])
    look = delegate(Desk.look, methods=["get"])
    clear = delegate(Desk.clear, detail=True, methods=["DELETE"])
    nested = delegate(
        Desk.nested,
        detail=True,
        methods=["get"],
        url_path="part/(?P<part>[a-z]+)",
        queryset=None,
    )
    list = delegate(Desk.items, status=200)
    fail = delegate(Desk.fail)
    fail_later = delegate(Desk.afail)
    lie = delegate(Desk.lie)

    @action(detail=False)
    def classic(self, request: Any) -> Response:
        if request.query_params:
            raise Conflict("No.")
        return Response({"action": "classic"})


class ItemService(ModelService[Item, ItemSchema]):
    pass


class AsyncItemService(ModelService[Item, ItemSchema]):
    async def alist(self) -> QuerySet[Item]:
        return Item.objects.all()

    async def aretrieve(self, pk: Any) -> Item:
        return await sync_to_async(self.get_object)(pk)

    async def acreate(self, data: ItemSchema) -> Item:
        return await atomic.arun(self.save, Item(), self.get_values(data, only_given=False))

    async def aupdate(self, pk: Any, data: ItemSchema) -> Item:
        item = await self.aretrieve(pk)
        return await atomic.arun(self.save, item, self.get_values(data, only_given=True))

    async def adelete(self, pk: Any) -> None:
        await (await self.aretrieve(pk)).adelete()


class Paged(LimitOffsetPagination):
    default_limit = 2


class ItemViewSet(ModelServiceViewSet[ItemService]):
    pagination_class = Paged


class AsyncItemViewSet(ModelServiceViewSet[AsyncItemService]):
    pagination_class = Paged


class ItemSerializer(SchemaSerializer[ItemSchema]):
    class Meta:
        model = Item


class ClassicItemViewSet(viewsets.ModelViewSet[Item]):
    queryset = Item.objects.all()
    serializer_class = ItemSerializer
    pagination_class = Paged


router = DefaultRouter()
router.register("desk", DeskViewSet, basename="desk")
router.register("items", ItemViewSet, basename="item")
router.register("async-items", AsyncItemViewSet, basename="async-item")
router.register("classic-items", ClassicItemViewSet, basename="classic-item")
urlpatterns = router.urls


@pytest.fixture(autouse=True)
def _urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def client() -> APIClient:
    return APIClient(raise_request_exception=False)


def test_body_path_and_query(client: APIClient) -> None:
    user = User.objects.create(username="ada")
    client.force_authenticate(user)
    made = client.post("/desk/7/choose/?loud=true", {"count": "3"}, format="json")
    assert (made.status_code, made.json()) == (
        200,
        {"key": 7, "count": 3, "loud": True, "who": "ada"},
    )
    later = client.post(
        "/desk/7/later/", {"count": 3}, format="json", headers={"X-Request-ID": "r1"}
    )
    assert later.json() == {"key": 7, "count": 3, "loud": False, "who": "r1"}
    wrong = client.post("/desk/7/choose/?loud=maybe", {"count": 3}, format="json")
    assert (wrong.status_code, wrong.json()) == (400, {"loud": ["Must be a valid boolean."]})
    wrong = client.post("/desk/x/choose/", {"count": 3}, format="json")
    assert (wrong.status_code, wrong.json()) == (404, {"detail": "Not found."})
    classic = serializers.IntegerField(min_value=1)
    with pytest.raises(serializers.ValidationError) as oracle:
        classic.run_validation(0)
    for path in ("choose", "later"):
        wrong = client.post(f"/desk/7/{path}/", {"count": 0}, format="json")
        assert wrong.json() == {"count": oracle.value.detail}


def test_arguments_as_body_keys(client: APIClient) -> None:
    assert client.post("/desk/add/", {"first": 0.1}, format="json").json() == "1.1"
    assert client.post("/desk/add/", {"first": "1", "second": 2}, format="json").json() == "3"
    assert list(client.post("/desk/add/", {}, format="json").json()) == ["first"]


def test_query_strings(client: APIClient) -> None:
    found = client.get("/desk/find/?since=2024-01-02&names=a&names=b").json()
    assert found == {"since": "2024-01-02", "names": ["a", "b"], "loud": True}
    assert client.get("/desk/find/?since=x").status_code == 400
    assert [one["who"] for one in client.get("/desk/look/?first=1&names=a&names=b").json()] == [
        "a",
        "b",
    ]
    assert client.get("/desk/look/?first=x").status_code == 400


def test_other_results(client: APIClient) -> None:
    item = Item.objects.create(code="a", name="A")
    assert client.get("/desk/7/part/abc/").json() == "7 abc"
    assert client.get("/desk/classic/").json() == {"action": "classic"}
    assert [one["code"] for one in client.get("/desk/").json()] == ["a"]
    gone = client.delete(f"/desk/{item.pk}/clear/")
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get("/desk/add/").status_code == 405


@pytest.mark.parametrize(
    ("how", "status", "body"),
    [
        ("missing", 404, {"detail": "No such thing."}),
        ("denied", 403, {"detail": "Not yours."}),
        ("conflict", 409, {"detail": "Sold already."}),
        ("invalid", 400, {"quantity": ["Nothing is left."]}),
        ("whole", 400, {"non_field_errors": ["All wrong."]}),
        ("django", 400, {"a": ["No."], "non_field_errors": ["Never."]}),
        ("django-list", 400, {"non_field_errors": ["Never."]}),
    ],
)
@pytest.mark.parametrize("path", ["fail", "fail_later"])
def test_what_a_service_raises(
    client: APIClient, path: str, how: str, status: int, body: dict[str, Any]
) -> None:
    response = client.post(f"/desk/{path}/", {"how": how}, format="json")
    assert (response.status_code, response.json()) == (status, body)
    assert not Topic.objects.exists()


def test_errors_of_items_and_codes(client: APIClient) -> None:
    response: Any = client.post("/desk/fail/", {"how": "lines"}, format="json")
    assert response.json()["non_field_errors"] == ["All wrong."]
    lines = response.json()["lines"]
    assert (lines[1] if isinstance(lines, list) else lines["1"]) == {"sku": ["Unknown."]}
    response = client.post("/desk/fail/", {"how": "invalid"}, format="json")
    assert response.data["quantity"][0].code == "sold_out"
    response = client.post("/desk/fail/", {"how": "missing"}, format="json")
    assert response.data["detail"].code == "gone"
    response = client.post("/desk/fail/", {"how": "conflict"}, format="json")
    assert response.data["detail"].code == "sold"
    response = client.post("/desk/fail/", {"how": "unique"}, format="json")
    assert response.data["name"][0].code == "unique"
    response = client.post("/desk/fail/", {"how": "check"}, format="json")
    assert response.data["non_field_errors"][0].code == "invalid"
    assert client.get("/desk/classic/?no").status_code == 409


@pytest.mark.parametrize("how", ["service", "bug", "pydantic", "schema"])
def test_anything_else_leaks_nothing(client: APIClient, how: str) -> None:
    for path in ("fail", "fail_later") if how in ERRORS else ("fail",):
        response = client.post(f"/desk/{path}/", {"how": how}, format="json")
        assert response.status_code == 500
        assert SECRET.encode() not in response.content
        assert b"servicesapp" not in response.content
    assert client.post("/desk/lie/").status_code == 500
    assert not Topic.objects.exists()


REQUESTS = [
    ("post", "", {"code": "b", "title": "B", "price": "1.5", "shelf": None}),
    ("post", "", {"code": "", "title": "B", "price": "x"}),
    ("post", "", {"code": "a", "title": "B"}),
    ("post", "", {"code": "b", "title": "B", "shelf": 99}),
    ("post", "", []),
    ("get", "", None),
    ("get", "?limit=1", None),
    ("get", "{pk}/", None),
    ("get", "999999/", None),
    ("get", "x/", None),
    ("put", "{pk}/", {"code": "c", "title": "C", "shelf": None}),
    ("put", "{pk}/", {"title": "C"}),
    ("put", "999999/", {"title": ""}),
    ("patch", "{pk}/", {"title": "C"}),
    ("patch", "{pk}/", {"title": ""}),
    ("patch", "{pk}/", {"code": "other"}),
    ("patch", "{pk}/", {}),
    ("delete", "{pk}/", None),
    ("delete", "999999/", None),
    ("options", "", None),
]


def outcome(client: APIClient, base: str, request: tuple[str, str, Any]) -> tuple[Any, ...]:
    """Return what a client sees, and what is stored then, with all rows made anew."""
    Item.objects.all().delete()
    item = Item.objects.create(code="a", name="A", price="2.50")
    Item.objects.create(code="other", name="O", price="3.50")
    method, path, body = request
    response = getattr(client, method)(f"/{base}/{path.format(pk=item.pk)}", body, format="json")
    text = response.content.decode().replace(base, "BASE")
    stored = list(Item.objects.values_list("code", "name", "price", "shelf"))
    content = json.loads(text) if text else None
    rows = content.get("results", [content]) if isinstance(content, dict) else []
    for row in rows:
        for varying in ("id", "name", "description"):
            row.pop(varying, None)
    return response.status_code, content, stored


@pytest.mark.parametrize("base", ["items", "async-items"])
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: f"{one[0]} {one[1]} {one[2]}")
def test_clients_cannot_tell_a_model_service(
    client: APIClient, base: str, request_: tuple[str, str, Any]
) -> None:
    assert outcome(client, base, request_) == outcome(client, "classic-items", request_)


@pytest.mark.django_db(transaction=True)
async def test_under_asgi(async_client: Any) -> None:
    made = await async_client.post(
        "/async-items/",
        {"code": "b", "title": "B", "shelf": None, "price": "9"},
        content_type="application/json",
    )
    assert made.status_code == 201
    listed = await async_client.get("/async-items/")
    assert [one["code"] for one in listed.json()["results"]] == ["b"]
    changed = await async_client.patch(
        f"/async-items/{made.json()['id']}/", {"title": "C"}, content_type="application/json"
    )
    assert changed.json()["title"] == "C"
    for path in ("choose", "later"):
        chosen = await async_client.post(
            f"/desk/1/{path}/", {"count": 3}, content_type="application/json"
        )
        assert chosen.json()["count"] == 3


def test_a_race_for_a_unique_value_gives_drfs_error(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    Item.objects.create(code="a", name="A", price=1)
    body = {"code": "a", "title": "B", "shelf": None, "price": "9"}
    expected = client.post("/classic-items/", body, format="json")
    monkeypatch.setattr("rest_framework.validators.UniqueValidator.__call__", lambda *_: None)
    raced = client.post("/items/", body, format="json")
    assert (raced.status_code, raced.content) == (400, expected.content)


class OwnOnly(permissions.BasePermission):
    def has_object_permission(self, request: Any, view: Any, obj: Item) -> bool:
        return obj.code == "mine"


class Once(throttling.BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return "again" not in request.query_params


class CodeFilter:
    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        code = request.query_params.get("code")
        return queryset.filter(code=code) if code else queryset


class GuardedViewSet(ModelServiceViewSet[ItemService]):
    permission_classes = [OwnOnly]
    throttle_classes = [Once]


class FilteredViewSet(ModelServiceViewSet[ItemService]):
    filter_backends = [CodeFilter]

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response({"classic": self.get_object().code})


class ClassicSerializer(serializers.ModelSerializer[Item]):
    class Meta:
        model = Item
        fields = ["code", "name"]


class OldStyleService(ModelService[Item]):
    def create(self, data: Any) -> Item:
        return Item.objects.create(**{**data, "name": data["name"].upper()})


class OldStyleViewSet(ModelServiceViewSet[OldStyleService]):
    serializer_class = ClassicSerializer


guarded = DefaultRouter()
guarded.register("guarded", GuardedViewSet, basename="guarded")
guarded.register("filtered", FilteredViewSet, basename="filtered")
guarded.register("old", OldStyleViewSet, basename="old")


class Guarded:
    urlpatterns = guarded.urls


@pytest.fixture
def _guarded_urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=Guarded):
        yield


@pytest.mark.usefixtures("_guarded_urls")
def test_policies_hold(client: APIClient) -> None:
    mine = Item.objects.create(code="mine", name="A", price=1)
    other = Item.objects.create(code="other", name="B", price=2)
    assert client.get(f"/guarded/{mine.pk}/").status_code == 200
    assert client.get(f"/guarded/{other.pk}/").status_code == 403
    assert client.delete(f"/guarded/{other.pk}/").status_code == 403
    assert client.put(f"/guarded/{other.pk}/", {}, format="json").status_code == 403
    assert client.get("/guarded/?again").status_code == 429
    assert [one["code"] for one in client.get("/filtered/?code=mine").json()] == ["mine"]
    assert client.get(f"/filtered/{mine.pk}/?code=other").status_code == 404
    assert client.delete(f"/filtered/{mine.pk}/").json() == {"classic": "mine"}
    assert Item.objects.count() == 2


@pytest.mark.usefixtures("_guarded_urls")
def test_an_old_serializer(client: APIClient) -> None:
    made = client.post("/old/", {"code": "a", "name": "a"}, format="json")
    assert (made.status_code, made.json()) == (201, {"code": "a", "name": "A"})
    assert client.get("/old/").json() == [{"code": "a", "name": "A"}]
    item = Item.objects.get()
    assert client.patch(f"/old/{item.pk}/", {"name": "B"}, format="json").json()["name"] == "B"
    again = client.post("/old/", {"code": "a", "name": "a"}, format="json")
    assert list(again.json()) == ["code"]


def test_the_browsable_api_shows_the_bodys_form(client: APIClient) -> None:
    page = client.get("/desk/7/choose/", headers={"Accept": "text/html"}).content.decode()
    assert 'name="count"' in page
    options = client.options("/desk/add/").json()
    assert list(options["actions"]["POST"]) == ["first", "second"]


class ShopContext(ServiceContext):
    shop: str


class ShopService(Service[ShopContext]):
    def name(self) -> str:
        return self.context.shop


class ShopViewSet(ServiceViewSet[ShopService]):
    name_of_shop = delegate(ShopService.name, methods=["get"])

    def get_service_context(self) -> ShopContext:
        return ShopContext(shop="west")


class BusyShopViewSet(ShopViewSet):
    def name_of_shop(self, request: Any) -> Response:
        return Response("busy")


def test_a_context_of_its_own_and_subclasses(rf: Any) -> None:
    request = rf.get("/")
    assert ShopViewSet.as_view({"get": "name_of_shop"})(request).data == "west"
    assert BusyShopViewSet.as_view({"get": "name_of_shop"})(request).data == "busy"
    assert set(ShopViewSet.service_actions) == {"name_of_shop"}
    assert set(BusyShopViewSet.service_actions) == set()
    assert [one.url_name for one in ShopViewSet.get_extra_actions()] == ["name-of-shop"]


class Narrow(Schema):
    other: int


def broken(**body: Any) -> str:
    """Return what the check says about a viewset of one of these methods."""

    class Broken(ServiceViewSet[body.pop("service", Desk)]):
        act = delegate(**body)

    (message,) = [message for message in check_services() if message.obj is Broken]
    assert message.id == "nova_drf.E004"
    return message.msg


def test_what_does_not_fit_is_named_by_the_check() -> None:
    assert "no method of Desk" in broken(method=ShopService.name)
    assert "no parameter for the object's key" in broken(method=Desk.lie, detail=True)
    assert "nothing says how to print them" in broken(method=Desk.items, methods=["get"])
    assert "takes data: Choice, which requires count" in broken(
        method=Desk.choose, detail=True, request=Narrow
    )
    assert "returns Chosen, which has no other" in broken(
        method=Desk.choose, detail=True, response=Narrow
    )
    assert not [message for message in check_services() if message.obj is DeskViewSet]


def test_a_viewset_without_a_service() -> None:
    class Abstract(ModelServiceViewSet):
        pass

    assert Abstract.service_actions == {}
    with pytest.raises(ServiceDefinitionError, match="'len' is not an action"):
        type("Wrong", (DeskViewSet,), {"act": delegate(len)})


def test_the_document() -> None:
    validate = pytest.importorskip("openapi_spec_validator").validate
    document: Any = SchemaGenerator(patterns=urlpatterns).get_schema(public=True)
    validate(document)
    paths = document["paths"]
    choose = paths["/desk/{id}/choose/"]["post"]
    assert choose["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Choice"
    }
    assert choose["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Chosen"
    }
    parameters = {one["name"]: (one["in"], one["schema"]["type"]) for one in choose["parameters"]}
    assert parameters == {"id": ("path", "integer"), "loud": ("query", "boolean")}
    assert next(iter(paths["/desk/{id}/clear/"]["delete"]["responses"])) == "204"
    found = {one["name"]: one["schema"] for one in paths["/desk/find/"]["get"]["parameters"]}
    assert found["since"] == {"type": "string", "format": "date"}
    assert found["names"]["type"] == "array"
    part = paths["/desk/{id}/part/{part}/"]["get"]
    assert {one["name"]: one["in"] for one in part["parameters"]} == {"id": "path", "part": "path"}
    assert part["responses"]["200"]["content"]["application/json"]["schema"] == {"type": "string"}
    assert "201" in paths["/items/"]["post"]["responses"]
    items = paths["/items/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    classic = paths["/classic-items/"]["get"]["responses"]["200"]["content"]["application/json"]
    assert items == classic["schema"]


def test_what_somebody_says_of_the_document_wins() -> None:
    extended = extend_schema_view(add=extend_schema(summary="Adds.", request=ItemSchema))(
        DeskViewSet
    )
    other = DefaultRouter()
    other.register("other", extended, basename="other")
    document: Any = SchemaGenerator(patterns=other.urls).get_schema(public=True)
    added = document["paths"]["/other/add/"]["post"]
    assert added["summary"] == "Adds."
    assert "Item" in added["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert list(added["responses"]) == ["200", "400", "403", "409"]


class AskingShopService(Service[ShopContext]):
    async def name(self) -> str:
        return self.context.shop


class AskingViewSet(ServiceViewSet[AskingShopService]):
    name_of_shop = delegate(AskingShopService.name, methods=["get"])

    def get_service_context(self) -> ShopContext:
        return ShopContext(shop=Shelf.objects.create(name="north").name)


@pytest.mark.django_db(transaction=True)
async def test_a_hook_of_an_async_action_may_ask_the_database(async_rf: Any) -> None:
    view: Any = AskingViewSet.as_view({"get": "name_of_shop"})
    assert (await view(async_rf.get("/"))).data == "north"


class Corner(Service):
    """What the other services of this module leave out."""

    def __init__(self, context: ServiceContext | None = None) -> None:
        super().__init__(context)
        self.shelves = Shelf.objects.count()

    def parts(self, pk: int) -> list[Chosen]:
        return [Chosen(key=pk, count=self.shelves, loud=False, who="-")]

    async def maybe(self, data: Choice | None) -> int:
        return data.count if data else self.shelves

    async def old(self, data: dict[str, str]) -> str:
        return data["code"]

    async def asked(self) -> Chosen:
        return Chosen(key=1, count=1, loud=False, who="-")


class OldCode(serializers.Serializer[Any]):
    code = serializers.CharField()


class AskingSerializer(serializers.Serializer[Any]):
    shelves = serializers.SerializerMethodField()

    def get_shelves(self, chosen: Any) -> int:
        return Shelf.objects.count()


class CornerViewSet(ServiceViewSet[Corner]):
    asked = delegate(Corner.asked, methods=["get"], response=AskingSerializer)
    queryset = Shelf.objects.all()
    parts = delegate(Corner.parts, detail=True, methods=["get"])
    maybe = delegate(Corner.maybe, status=202)
    add = delegate(Corner.old, request=OldCode)


def test_corners(rf: Any) -> None:
    def post(name: str, **body: Any) -> Any:
        request = rf.post("/", json.dumps(body), content_type="application/json")
        view: Any = CornerViewSet.as_view({"post": name})
        response = async_to_sync(view)(request)
        return response.status_code, response.data

    view = CornerViewSet.as_view({"get": "parts"})
    assert view(rf.get("/"), pk="3").status_code == 404
    shelf = Shelf.objects.create(name="north")
    assert view(rf.get("/"), pk=str(shelf.pk)).data[0]["key"] == shelf.pk
    assert post("maybe", count=4) == (202, 4)
    assert post("maybe", count=0)[0] == 400
    request = rf.get("/")
    request.user = AnonymousUser()
    assert CornerViewSet(request=request).get_queryset().model is Shelf


def test_a_body_that_a_classic_serializer_reads(rf: Any) -> None:
    request = rf.post("/", json.dumps({"code": "x"}), content_type="application/json")
    view: Any = CornerViewSet.as_view({"post": "add"})
    assert async_to_sync(view)(request).data == "x"


def test_the_service_of_a_viewset(rf: Any) -> None:
    class Inferred(ServiceViewSet):
        name_of_shop = delegate(ShopService.name, methods=["get"])
        get_service_context = ShopViewSet.get_service_context

    class Named(ServiceViewSet):
        service_class = ShopService

    class Nothing(ServiceViewSet):
        pass

    assert Inferred.service_class is Named.service_class is ShopService
    assert Inferred.as_view({"get": "name_of_shop"})(rf.get("/")).data == "west"
    with pytest.raises(ServiceDefinitionError, match="Nothing: no service"):
        Nothing(request=rf.get("/")).get_service()


@pytest.mark.django_db(transaction=True)
async def test_what_is_printed_may_ask_the_database(async_rf: Any) -> None:
    await Shelf.objects.acreate(name="north")
    asked: Any = CornerViewSet.as_view({"get": "asked"})
    assert (await asked(async_rf.get("/"))).data == {"shelves": 1}
