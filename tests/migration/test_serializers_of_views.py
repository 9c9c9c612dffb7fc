"""The serializer of an action is what the view says to a made-up request, or its decorators."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.urls import path
from drf_spectacular.utils import OpenApiRequest, OpenApiResponse, extend_schema
from pydantic import BaseModel
from rest_framework import generics, serializers, versioning, views, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.response import Response

from nova_drf import Schema, SchemaSerializer
from nova_drf.migration.convert.report import conversion_report
from nova_drf.migration.endpoints import Endpoint, endpoints
from nova_drf.migration.inventory import inventory
from nova_drf.migration.serializers_of_views import serializer_of
from tests.convertapp import serializers as legacy
from tests.convertapp.models import Country


class Short(serializers.Serializer[Any]):
    pass


class Long(serializers.Serializer[Any]):
    pass


class Body(Schema):
    n: int


class PlainBody(BaseModel):
    n: int


class BodySerializer(SchemaSerializer[Body]):
    kept = serializers.IntegerField(required=False)


class Choosing(generics.ListCreateAPIView[Country]):
    """Asks everything that a request, and a view, can be asked."""

    queryset = Country.objects.all()
    versioning_class = versioning.QueryParameterVersioning

    def get_serializer_class(self) -> Any:
        request: Any = self.request
        assert request.data == {}
        assert list(request.query_params) == []
        assert self.kwargs == {}
        assert isinstance(request.versioning_scheme, self.versioning_class)
        anonymous = request.user.is_anonymous and request.version is None
        return Long if request.method == "POST" and anonymous else Short


class Decorated(views.APIView):
    @extend_schema(responses={200: Short(many=True)})
    def get(self, request: Any) -> Response:
        return Response()

    @extend_schema(request={"application/json": Long}, responses=Short)
    def post(self, request: Any) -> Response:
        return Response()

    @extend_schema(request=OpenApiRequest(Body))
    def put(self, request: Any) -> Response:
        return Response()

    @extend_schema(request=PlainBody, responses=OpenApiResponse(Short))
    def patch(self, request: Any) -> Response:
        return Response()

    @extend_schema(summary="Nothing about the body.")
    def delete(self, request: Any) -> Response:
        return Response()


@extend_schema(request=Long)
class DecoratedWhole(views.APIView):
    def post(self, request: Any) -> Response:
        return Response()


class DecoratedActions(viewsets.GenericViewSet[Country]):
    queryset = Country.objects.all()
    serializer_class = Short

    @extend_schema(request=Long)
    @action(detail=False, methods=["post"])
    def sent(self, request: Any) -> Response:
        return Response()

    @extend_schema(summary="The same as all.")
    @action(detail=False, methods=["post"], serializer_class=BodySerializer)
    def other(self, request: Any) -> Response:
        return Response()

    @extend_schema(request=Long)
    def create(self, request: Any) -> Response:
        return Response()


@extend_schema(request=Long, methods=["PUT"])
@extend_schema(request=Short, methods=["POST"])
@api_view(["POST", "PUT", "DELETE"])
def decorated(request: Any) -> Response:
    return Response()


class Attribute(views.APIView):
    """Not generic, but with the attribute that drf-spectacular takes for a hint."""

    serializer_class = Short

    def get(self, request: Any) -> Response:
        return Response()


def endpoint_of(callback: Any) -> Endpoint:
    (endpoint,) = endpoints([path("here/<pk>/", callback)])
    return endpoint


ACTIONS: Any = DecoratedActions.as_view({"post": "create"})
CASES: list[tuple[Any, str, str, Any]] = [
    (Choosing.as_view(), "get", "get", Short),
    (Choosing.as_view(), "post", "post", Long),
    (Decorated.as_view(), "get", "get", Short),
    (Decorated.as_view(), "post", "post", Long),
    (Decorated.as_view(), "delete", "delete", None),
    (DecoratedWhole.as_view(), "post", "post", Long),
    (ACTIONS, "post", "create", Long),
    (ACTIONS, "post", "sent", Long),
    (ACTIONS, "post", "other", Short),
    (decorated, "put", "put", Long),
    (decorated, "post", "post", Short),
    (decorated, "delete", "delete", None),
    (Attribute.as_view(), "get", "get", Short),
]


@pytest.mark.parametrize(("callback", "method", "handler", "expected"), CASES)
def test_what_each_action_uses(
    callback: Any, method: str, handler: str, expected: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serializer_of(endpoint_of(callback), method, handler) is expected
    assert capsys.readouterr().err == ""


def test_pydantic_models_in_a_decorator_are_listed_under_their_names(tmp_path: Path) -> None:
    listed = {
        entry.method: (entry.serializer.rpartition(".")[2], entry.converts)
        for entry in inventory([path("here/", Decorated.as_view())], tests=tmp_path)
    }
    assert listed["PUT"] == ("Body", "wholly")
    assert listed["PATCH"] == ("PlainBody", "wholly")


def test_what_has_a_schema_is_converted_but_for_its_fields(tmp_path: Path) -> None:
    class Unfinished(SchemaSerializer[Any]):
        pass

    def listed(serializer: Any) -> Any:
        attributes = {"queryset": Country.objects.all(), "serializer_class": serializer}
        view: Any = type("View", (generics.ListAPIView,), attributes)
        (entry,) = inventory([path("here/", view.as_view())], tests=tmp_path)
        return entry.converts, entry.kept, bool(entry.reason)

    assert listed(BodySerializer) == ("partly", ("kept",), False)
    assert listed(Unfinished) == ("not", (), True)
    assert listed(legacy.Line) == ("wholly", (), False)


def test_each_serializer_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[Any] = []
    module = sys.modules[inventory.__module__]
    original = conversion_report

    def counted(serializer: Any) -> Any:
        converted.append(serializer)
        return original(serializer)

    monkeypatch.setattr(module, "conversion_report", counted)
    routes = [path(f"{number}/", Choosing.as_view()) for number in range(5)]
    assert len(inventory(routes, tests=tmp_path)) == 10
    assert sorted(converted, key=repr) == [Long, Short]
