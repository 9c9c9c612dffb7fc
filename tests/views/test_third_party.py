"""Routers, tokens, filters, pages, versions and documents that views are used with."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.urls import include, path, reverse
from django_filters.rest_framework import DjangoFilterBackend, FilterSet, ModelChoiceFilter
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework import pagination, versioning, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework_nested.routers import NestedDefaultRouter
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import AccessToken

from nova_drf.views.viewsets import AsyncModelViewSet
from tests.views.conftest import Api
from tests.viewsapp.models import Volume, Writer
from tests.viewsapp.serializers import ClassicWriterSerializer, VolumeSerializer


class VolumeFilter(FilterSet):
    """One filter asks the database when it checks what the client sent."""

    writer = ModelChoiceFilter(queryset=Writer.objects.all())

    class Meta:
        model = Volume
        fields = {"pages": ["exact", "gte"], "title": ["icontains"]}


class Body:
    queryset = Volume.objects.select_related("writer__house__country")
    serializer_class = VolumeSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = VolumeFilter
    pagination_class: Any = None

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        writer = self.kwargs.get("writer_pk")
        return found.filter(writer=writer) if writer else found

    @action(detail=True, methods=["post"], url_path="mark-read", url_name="read")
    def mark_read(self, request: Request, **kwargs: Any) -> Response:
        return Response({"version": request.version})


class AsyncBody(Body):
    async def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return await super().list(request, *args, **kwargs)

    async def perform_create(self, serializer: Any) -> None:
        await serializer.asave()

    @action(detail=True, methods=["post"], url_path="mark-read", url_name="read")
    async def mark_read(self, request: Request, **kwargs: Any) -> Response:
        return Response({"version": request.version})


class Cursor(pagination.CursorPagination):
    ordering = "id"
    page_size = 2


class LimitOffset(pagination.LimitOffsetPagination):
    default_limit = 2


class Pages(pagination.PageNumberPagination):
    page_size = 2


PAGINATIONS = {"none": None, "pages": Pages, "limit": LimitOffset, "cursor": Cursor}


def viewset(kind: str, **attributes: Any) -> Any:
    """Return the viewset, classic or async."""
    bases = (AsyncBody, AsyncModelViewSet) if kind == "async" else (Body, viewsets.ModelViewSet)
    return type("VolumeViewSet", bases, {"__doc__": "Volumes.", **attributes})


def routes(kind: str) -> Any:
    router = DefaultRouter()
    router.register("writers", type("Writers", (viewsets.ModelViewSet,), WRITERS), "writer")
    for name, paginator in PAGINATIONS.items():
        router.register(name, viewset(kind, pagination_class=paginator), name)
    router.register(
        "closed",
        viewset(
            kind, authentication_classes=[JWTAuthentication], permission_classes=[IsAuthenticated]
        ),
        "closed",
    )
    router.register(
        "versioned", viewset(kind, versioning_class=versioning.AcceptHeaderVersioning), "versioned"
    )
    nested = NestedDefaultRouter(router, "writers", lookup="writer")
    nested.register("volumes", viewset(kind), "writer-volume")
    return [*router.urls, *nested.urls]


WRITERS = {"queryset": Writer.objects.all(), "serializer_class": ClassicWriterSerializer}
urlpatterns = [
    path(f"{kind}/", include((routes(kind), kind), namespace=kind)) for kind in ("classic", "async")
]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.usefixtures("volumes")]

ADDRESSES = [
    *(f"{name}/" for name in PAGINATIONS),
    *("pages/?page=2", "pages/?page=3", "limit/?offset=1&limit=1", "cursor/?cursor=cD0y"),
    *("none/?pages__gte=2&title__icontains=VOLUME", "none/?writer=99", "none/?pages=x"),
    "none/?ordering=-pages",
    *("writers/", "closed/", "versioned/", "versioned/1/"),
]


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
async def test_the_same_answers(server: str) -> None:
    api = Api(server)
    writer = await Writer.objects.order_by("id").alast()
    assert writer is not None
    for address in (*ADDRESSES, f"none/?writer={writer.pk}", f"writers/{writer.pk}/volumes/"):
        for headers in ({}, {"HTTP_ACCEPT": "application/json; version=2.0"}):
            classic, ours = [
                await api.answer("get", f"/{kind}/{address}", **headers)
                for kind in ("classic", "async")
            ]
            assert ours.status == classic.status
            assert ours.body.replace(b"/async/", b"/classic/") == classic.body, address


@pytest.mark.filterwarnings("ignore:The HMAC key")
async def test_tokens_of_simplejwt(api: Api) -> None:
    user = await User.objects.aget(username="reader")
    headers = {"HTTP_AUTHORIZATION": f"Bearer {AccessToken.for_user(user)}"}
    for kind in ("classic", "async"):
        assert (await api.answer("get", f"/{kind}/closed/", **headers)).status == 200
        assert (await api.answer("get", f"/{kind}/closed/")).status == 401


async def test_versions_reach_async_actions(api: Api) -> None:
    headers = {"HTTP_ACCEPT": "application/json; version=2.0"}
    for kind in ("classic", "async"):
        answer = await api.response("post", f"/{kind}/versioned/1/mark-read/", {}, **headers)
        assert answer.json() == {"version": "2.0"}


def test_the_names_of_urls_are_the_same() -> None:
    for name, kwargs in {
        "none-list": {},
        "none-detail": {"pk": 1},
        "none-read": {"pk": 1},
        "writer-volume-list": {"writer_pk": 1},
        "writer-volume-detail": {"writer_pk": 1, "pk": 2},
    }.items():
        ours, classic = [reverse(f"{kind}:{name}", kwargs=kwargs) for kind in ("async", "classic")]
        assert ours.replace("/async/", "/classic/") == classic


def document(kind: str) -> str:
    """Return the OpenAPI document of one kind of viewset, without what its address brings in."""
    patterns: Any = [path("api/", include(routes(kind)))]
    generated = SchemaGenerator(patterns=patterns).get_schema(request=None, public=True)
    return OpenApiYamlRenderer().render(generated, renderer_context={}).decode()


def test_the_documents_are_the_same() -> None:
    ours, classic = document("async"), document("classic")
    assert ours == classic
    operations = re.findall(r"operationId: (\S+)", ours)
    assert len(operations) == len(set(operations))
    listed = yaml.safe_load(ours)["paths"]["/api/pages/"]["get"]
    assert [one["name"] for one in listed["parameters"]].count("page") == 1
    content = listed["responses"]["200"]["content"]["application/json"]
    assert content["schema"]["$ref"].endswith("PaginatedVolumeList")
