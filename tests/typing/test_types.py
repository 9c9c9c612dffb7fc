"""What type checkers see; ``test_checkers.py`` runs mypy and pyright over this file too."""

from __future__ import annotations

from typing import Annotated, Any, assert_type, cast

import pytest
from asgiref.sync import async_to_sync
from django.db.models import QuerySet
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from nova_drf import (
    UNSET,
    NotRequired,
    ReadOnly,
    Schema,
    SchemaSerializer,
    Unset,
    schema_from_model,
    serializer_from_schema,
    unset,
)
from nova_drf.generics import AsyncRetrieveUpdateAPIView
from nova_drf.services import ServiceContext
from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views import async_api_view, permission_classes
from nova_drf.viewsets import AsyncModelViewSet, AsyncViewSet, action
from tests.servicesapp.models import Topic


class PointSchema(Schema):
    id: ReadOnly[int] = unset()
    x: int
    label: NotRequired[str] = unset()
    note: NotRequired[str | None] = UNSET
    rank: Annotated[NotRequired[int], Field(ge=0)] = unset()


class PointSerializer(SchemaSerializer[PointSchema]):
    pass


def label_of(point: PointSchema) -> str:
    assert_type(point.label, str | Unset)
    if point.label is not UNSET:
        assert_type(point.label, str)
        return point.label
    return "nothing"


def test_the_validated_schema_has_the_schemas_type() -> None:
    serializer = PointSerializer(data={"x": "1"})
    assert serializer.is_valid()
    assert_type(serializer.validated_schema, PointSchema)
    assert_type(serializer.validated_schema.x, int)
    assert serializer.validated_schema.x == 1


def test_the_validated_schema_of_a_list_is_a_list() -> None:
    serializer = PointSerializer(data=[{"x": "1"}, {"x": 2}], many=True)
    assert serializer.is_valid()
    assert_type(serializer.validated_schema, list[PointSchema])
    assert [point.x for point in serializer.validated_schema] == [1, 2]
    made = serializer_from_schema(PointSchema)([PointSchema(x=1)], many=True, context={"a": 1})
    assert list(made.data) == [{"x": 1}]
    assert_type(PointSerializer(None, {"x": 1}, many=False, partial=True), PointSerializer)


async def test_the_validated_schema_of_a_list_is_awaited() -> None:
    serializer = PointSerializer(data=[{"x": "1"}], many=True)
    assert_type(await serializer.ais_valid(), bool)
    assert_type(await serializer.avalidated_schema, list[PointSchema])


def test_a_serializer_made_from_a_schema_keeps_its_type() -> None:
    made = serializer_from_schema(PointSchema)
    assert_type(made, type[SchemaSerializer[PointSchema]])
    assert made({"id": 1, "x": 2, "note": None}).data == {"id": 1, "x": 2, "note": None}
    serializer = made(data={"x": 3})
    assert serializer.is_valid()
    assert_type(serializer.validated_schema, PointSchema)


def test_a_schema_is_built_in_python() -> None:
    point = PointSchema(x=1)
    assert label_of(point) == "nothing"
    assert point.model_fields_set == {"x"}
    assert point.model_dump() == {"x": 1}
    assert not hasattr(point, "id")
    whole = PointSchema(id=1, x=2, label="a", note=None, rank=3)
    assert_type(whole.id, int)
    assert label_of(whole) == "a"
    assert whole.model_dump() == {"id": 1, "x": 2, "label": "a", "note": None, "rank": 3}


@pytest.mark.django_db
def test_a_schema_made_from_a_model_is_built_in_python() -> None:
    made = schema_from_model(Topic, fields=["name"])(name="a")
    name: str = made.name
    assert name == "a"


def key_of(context: ServiceContext) -> Any:
    return None if context.user is None else context.user.pk


def test_a_context_has_a_user() -> None:
    assert key_of(ServiceContext()) is None


class TopicViewSet(AsyncModelViewSet):
    queryset = Topic.objects.all()
    serializer_class = serializer_from_schema(schema_from_model(Topic, fields=["name"]))

    async def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = await super().list(request, *args, **kwargs)
        return response

    async def retrieve(self, request: Request, pk: str) -> Response:
        topic: Topic = await self.get_object()
        return Response(await self.get_serializer(topic).adata)

    def destroy(self, request: Request, pk: str) -> Response:
        topic: Topic = self.get_object()
        return Response(self.get_serializer(topic).data)

    async def perform_create(self, serializer: PointSerializer) -> None:
        assert_type(await serializer.ais_valid(), bool)
        await serializer.asave()

    @action(detail=False)
    async def health(self, request: Request) -> Response:
        return Response("well")


class TopicSerializer(SchemaSerializer[PointSchema]):
    class Meta:
        model = Topic


class NamedTopicViewSet(AsyncModelViewSet[Topic, TopicSerializer]):
    """What names its model, and its serializer, has their types."""

    queryset = Topic.objects.all()
    serializer_class = TopicSerializer

    def get_queryset(self) -> QuerySet[Topic]:
        return super().get_queryset().filter(name="a")

    async def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        topics = await self.filter_queryset(self.get_queryset())
        assert_type(topics, QuerySet[Topic] | Any)
        page = await self.paginate_queryset(topics)
        if page is not None:
            assert_type(page[0], Topic | Any)
        assert_type(await super().list(request), Response | Any)
        return await super().list(request)

    async def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        topic = await self.get_object()
        assert_type(topic, Topic | Any)
        assert_type(self.get_serializer(topic), TopicSerializer)
        return Response({"name": topic.name})

    async def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        assert_type(await serializer.ais_valid(raise_exception=True), bool)
        assert_type(serializer.validated_schema, PointSchema)
        await self.perform_create(serializer)
        return Response(await serializer.adata)

    async def perform_create(self, serializer: TopicSerializer) -> None:
        await serializer.asave()

    def perform_update(self, serializer: TopicSerializer) -> None:
        serializer.save()

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        # Nothing is awaited in a worker thread.
        topic = cast(Topic, self.get_object())
        self.perform_destroy(topic)
        return Response(status=204)


class NamedTopicView(AsyncRetrieveUpdateAPIView[Topic]):
    queryset = Topic.objects.all()
    serializer_class = TopicSerializer

    async def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        assert_type(await self.get_object(), Topic)
        return await super().get(request)

    async def get_object(self) -> Topic:
        return await super().get_object()

    async def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return await self.partial_update(request)


class PingViewSet(AsyncViewSet):
    @action(detail=False)
    async def ping(self, request: Request) -> Response:
        return Response("pong")


@async_api_view(["GET"])
@permission_classes([])
async def ping(request: Request) -> Response:
    return Response("pong")


def test_async_views_are_called() -> None:
    request = AsyncAPIRequestFactory().get("/")
    assert async_to_sync(ping)(request).data == "pong"
    assert async_to_sync(PingViewSet.as_view({"get": "ping"}))(request).data == "pong"


@pytest.mark.django_db
def test_hooks_may_be_async() -> None:
    Topic.objects.create(name="a")
    view = async_to_sync(TopicViewSet.as_view({"get": "list"}))
    assert view(AsyncAPIRequestFactory().get("/")).data == [{"name": "a"}]


@pytest.mark.django_db
def test_what_a_view_names_is_for_type_checkers_only() -> None:
    topic = Topic.objects.create(name="a")
    for view in (
        NamedTopicViewSet.as_view({"get": "retrieve"}),
        NamedTopicViewSet.as_view({"delete": "destroy"}),
    ):
        method = next(iter(view.actions))
        response = async_to_sync(view)(getattr(AsyncAPIRequestFactory(), method)("/"), pk=topic.pk)
        assert response.status_code in (200, 204)
    assert AsyncModelViewSet[Topic, TopicSerializer] is AsyncModelViewSet


async def test_an_async_twin_is_awaited() -> None:
    serializer = PointSerializer(data={"x": 1})
    assert_type(await serializer.ais_valid(), bool)
    assert_type(await serializer.avalidated_schema, PointSchema)
