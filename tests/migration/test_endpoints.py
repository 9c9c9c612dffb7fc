"""Endpoints are listed once, with the methods that they answer, under their own names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.urls import Resolver404, URLResolver, include, path, re_path
from django.urls.resolvers import RegexPattern
from django.utils.translation import override
from rest_framework import views, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.urlpatterns import format_suffix_patterns

from nova_drf.migration.endpoints import dotted_name, endpoints, without_suffixes
from nova_drf.migration.paths import EndpointsByPath
from nova_drf.views import async_api_view


class Reading(viewsets.ModelViewSet[Any]):
    """Answers fewer methods than it has."""

    http_method_names = ["get", "patch", "head"]

    @action(detail=True, methods=["post", "get"])
    def extra(self, request: Any) -> Response:
        return Response()


class Some(views.APIView):
    put = None

    def get(self, request: Any) -> Response:
        return Response()

    def post(self, request: Any) -> Response:
        return Response()


@api_view(["GET", "PUT"])
def classic(request: Any) -> Response:
    return Response()


@async_api_view(["DELETE"])
async def modern(request: Any) -> Response:
    return Response()


def page(request: Any) -> Any:
    """No endpoint of DRF's."""


router = DefaultRouter()
router.register("readings", Reading, basename="reading")

PATTERNS: list[Any] = [
    path("api/", include(router.urls)),
    *format_suffix_patterns([path("some/", Some.as_view()), path("classic", classic)]),
    *format_suffix_patterns([path("alone", modern)], suffix_required=True),
    re_path(r"^old/(?P<pk>\d+)/$", Some.as_view(http_method_names=["post"])),
    re_path(r"anywhere/$", Some.as_view()),
    re_path(r"^(?:one|other)/end/$", Some.as_view()),
    path("files/<path:rest>", Some.as_view()),
    path("<slug:last>/", Some.as_view()),
    path("page/", page),
    *i18n_patterns(path("worldwide/", Some.as_view())),
]


@pytest.fixture(autouse=True)
def _german() -> Iterator[None]:
    with override("de"):
        yield


def test_endpoints_are_listed_once_with_what_they_answer() -> None:
    listed = {
        (each.path, dotted_name(each.view).rpartition(".")[2]): sorted(
            method for method, _ in each.actions()
        )
        for each in without_suffixes(endpoints(PATTERNS))
    }
    assert listed == {
        ("api/^readings/$", "Reading"): ["get"],
        ("api/^readings/(?P<pk>[^/.]+)/$", "Reading"): ["get", "patch"],
        ("api/^readings/(?P<pk>[^/.]+)/extra/$", "Reading"): ["get"],
        ("api/", "APIRootView"): ["get"],
        ("some/", "Some"): ["get", "post"],
        ("classic", "classic"): ["get", "put"],
        ("alone<drf_format_suffix:format>", "modern"): ["delete"],
        (r"^old/(?P<pk>\d+)/$", "Some"): ["post"],
        ("anywhere/$", "Some"): ["get", "post"],
        ("^(?:one|other)/end/$", "Some"): ["get", "post"],
        ("files/<path:rest>", "Some"): ["get", "post"],
        ("<slug:last>/", "Some"): ["get", "post"],
        ("de/worldwide/", "Some"): ["get", "post"],
    }


PATHS = [
    *("api/readings/", "api/readings/3/", "api/readings.json", "api/readings/3/extra.json"),
    *("api/readings/3/nothing/", "api/", "api/.json", "some/", "some.json", "classic", "alone"),
    *("alone.json", "old/3/", "old/x/", "far/and/anywhere/", "other/end/", "third/end/"),
    *("files/a/b/c", "anything/", "any thing/", "de/worldwide/", "", "a/b/c", "page"),
]


@pytest.mark.parametrize("text", PATHS)
def test_a_path_leads_where_django_takes_it(text: str) -> None:
    resolver = URLResolver(RegexPattern(r"^/"), PATTERNS)
    try:
        expected: object = resolver.resolve(f"/{text}").func
    except Resolver404:
        expected = None
    endpoint = EndpointsByPath(endpoints(PATTERNS)).at(text)
    assert (None if endpoint is None else endpoint.callback) is expected
