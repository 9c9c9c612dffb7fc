"""Mistakes in async views that a type checker must find; see ``test_checkers.py``."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from nova_drf import Schema, SchemaSerializer
from nova_drf.generics import AsyncRetrieveUpdateAPIView
from nova_drf.viewsets import AsyncModelViewSet
from tests.servicesapp.models import Topic


class TopicSchema(Schema):
    name: str


class TopicSerializer(SchemaSerializer[TopicSchema]):
    class Meta:
        model = Topic


class TopicViewSet(AsyncModelViewSet[Topic, TopicSerializer]):
    async def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        queryset = self.filter_queryset(self.get_queryset())
        page = self.paginate_queryset(await queryset)
        print(page[0])  # error
        print(queryset.count())  # error
        response = super().list(request)
        response["X-Stock"] = "3"  # error
        return super().list(request)  # error

    async def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        topic = self.get_object()
        wrong: Topic = self.get_object()  # error
        print(topic.name, wrong)  # error
        topic = await self.get_object()
        print(topic.nothing)  # error
        return Response(await self.get_serializer(topic).adata)

    async def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.ais_valid(raise_exception=True)  # error
        serializer.asave()  # error
        wrong: str = serializer.validated_schema.name.nothing  # error
        print(wrong)
        return await self.create(request).data  # error

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_object().name)  # error


class TopicView(AsyncRetrieveUpdateAPIView[Topic]):
    async def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)  # error

    async def put(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.update(request)  # error


class NoModel(AsyncModelViewSet[TopicSchema]):  # error
    pass
