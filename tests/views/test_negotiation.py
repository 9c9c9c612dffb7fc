"""The renderer and media type are DRF's choice."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework import parsers, renderers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from nova_drf.views.base import AsyncAPIView
from nova_drf.views.negotiation import RememberingNegotiation

ACCEPTS = [
    None,
    "",
    "*/*",
    "application/json",
    "application/json; indent=4",
    "application/*",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/plain, application/json;version=2",
    "text/csv",
    "image/png",
    "nonsense",
    "*/*; q=1; indent=2",
    "application/json," * 40,
]
PATHS = ["/", "/?page=2", "/?format=json", "/?format=csv", "/?f%6Frmat=json", "/?page=2&format="]


class Text(renderers.BaseRenderer):
    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, accepted_media_type: Any = None, context: Any = None) -> bytes:
        return f"{data} as {accepted_media_type}".encode()


def views(**body: Any) -> tuple[Any, Any]:
    """Return the same view on DRF's class and on ours."""

    def get(self: Any, request: Request, **kwargs: Any) -> Response:
        return Response({"accepted": request.accepted_media_type})

    body = {"renderer_classes": [renderers.JSONRenderer, Text], "get": get, **body}
    return type("Classic", (APIView,), body), type("Ours", (AsyncAPIView,), body)


def answer(view_class: Any, path: str = "/", accept: str | None = None, **kwargs: Any) -> Any:
    extra: Any = {} if accept is None else {"HTTP_ACCEPT": accept}
    request: Any = APIRequestFactory().get(path, **extra)
    response = view_class.as_view()(request, **kwargs).render()
    return response.status_code, response.content, response["Content-Type"], response.get("Vary")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", ACCEPTS)
def test_the_choice_is_drfs(path: str, accept: str | None) -> None:
    classic, ours = views()
    expected = answer(classic, path, accept)
    assert [answer(ours, path, accept) for _ in range(3)] == [expected] * 3


@pytest.mark.parametrize("suffix", ["json", "txt", "csv", None])
def test_a_format_suffix_counts(suffix: str | None) -> None:
    classic, ours = views()
    assert answer(ours) == answer(classic)
    expected = answer(classic, format=suffix)
    assert [answer(ours, format=suffix) for _ in range(2)] == [expected] * 2


def test_each_renderer_is_new_and_made_only_when_chosen() -> None:
    made: list[Any] = []

    class Seen(Text):
        def render(self, *args: Any, **kwargs: Any) -> bytes:
            made.append(self)
            return super().render(*args, **kwargs)

    _, ours = views(renderer_classes=[renderers.JSONRenderer, Seen])
    for _ in range(3):
        answer(ours, accept="text/plain")
    assert len(set(map(id, made))) == 3


def test_views_do_not_share_what_they_answer() -> None:
    accept = "application/json, text/plain"
    one = views(renderer_classes=[renderers.JSONRenderer, Text])
    other = views(renderer_classes=[Text])
    for classic, ours in (one, other, one):
        assert answer(ours, accept=accept) == answer(classic, accept=accept)


class Alternating(Text):
    """Says on each object for which media type it is."""

    turn = 0

    def __init__(self) -> None:
        type(self).turn += 1
        self.media_type = ("text/plain", "text/other")[self.turn % 2]


class Computed(Text):
    @property
    def media_type(self) -> str:
        return "text/plain"


class FirstRenderer(DefaultContentNegotiation):
    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[-1], "made/up"


def get_renderers(self: Any) -> list[Any]:
    return [Text()] if "text" in self.request.query_params else [renderers.JSONRenderer()]


@pytest.mark.parametrize(
    "body",
    [
        {"renderer_classes": [Alternating, renderers.JSONRenderer]},
        {"renderer_classes": [Computed, renderers.JSONRenderer]},
        {"renderer_classes": [lambda: Text()]},
        {"content_negotiation_class": FirstRenderer},
        {"get_content_negotiator": lambda self: FirstRenderer()},
        {"get_renderers": get_renderers},
    ],
    ids=["own __init__", "property", "function", "class", "negotiator", "renderers"],
)
def test_a_project_may_decide_itself(body: Any) -> None:
    paths = ["/", "/?text", "/", "/?text"]
    classic, ours = views(**body)
    Alternating.turn = 0
    expected = [answer(classic, path, "text/plain, */*;q=0.1") for path in paths]
    Alternating.turn = 0
    assert [answer(ours, path, "text/plain, */*;q=0.1") for path in paths] == expected


def test_drfs_class_may_be_changed_by_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(APIView, "get_renderers", get_renderers)
    classic, ours = views()
    paths = ["/", "/?text", "/", "/?text"]
    assert [answer(ours, path) for path in paths] == [answer(classic, path) for path in paths]


def test_a_request_of_the_projects_own_is_negotiated_each_time() -> None:
    class OwnRequest(Request):
        @property
        def query_params(self) -> Any:
            return {"format": "txt"}

    def initialize_request(self: Any, request: Any, *args: Any, **kwargs: Any) -> Request:
        return OwnRequest(request, parser_context=self.get_parser_context(request))

    classic, ours = views(initialize_request=initialize_request)
    assert answer(ours) == answer(classic)


def test_what_a_middleware_changed_counts() -> None:
    def changed(view_class: Any, change: Any) -> bytes:
        request: Any = APIRequestFactory().get("/")
        change(request)
        content: bytes = view_class.as_view()(request).render().content
        return content

    def other_query(request: Any) -> None:
        request.GET = {"format": "txt"}

    def other_header(request: Any) -> None:
        request.META["HTTP_ACCEPT"] = "text/plain"

    def header_that_was_read(request: Any) -> None:
        assert "accept" not in request.headers
        other_header(request)

    classic, ours = views()
    for change in (other_query, other_header, header_that_was_read):
        assert changed(ours, change) == changed(classic, change)


def test_the_parameter_may_have_another_name_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    classic, ours = views()
    for name in ("as", None):
        monkeypatch.setattr(api_settings, "URL_FORMAT_OVERRIDE", name)
        for path in ("/?as=txt", "/?format=txt", "/"):
            assert answer(ours, path) == answer(classic, path)


def test_what_answers_an_error_is_chosen_anew() -> None:
    """DRF takes the first renderer for an exception that came before a choice."""

    def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = None
        self.permission_denied(request)

    classic, ours = views(initial=initial)
    for accept in ("text/plain", "image/png"):
        assert answer(ours, accept=accept) == answer(classic, accept=accept)


def test_a_response_that_is_not_drfs_is_left_alone() -> None:
    classic, ours = views(get=lambda self, request: HttpResponse(b"plain"))
    request = APIRequestFactory().get("/")
    assert ours.as_view()(request).content == classic.as_view()(request).content


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "text/plain"),
        *("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "", "a", "*/*"),
        *("application/*", "json;=", "text/" + "x" * 300),
    ],
)
def test_the_parser_is_drfs(content_type: str) -> None:
    request: Any = SimpleNamespace(content_type=content_type)
    kinds = [parsers.JSONParser(), parsers.FormParser(), parsers.MultiPartParser()]
    for order in (kinds, kinds[::-1], [parsers.FileUploadParser(), *kinds], []):
        expected = DefaultContentNegotiation().select_parser(request, order)
        for _ in range(2):
            assert RememberingNegotiation().select_parser(request, order) is expected
