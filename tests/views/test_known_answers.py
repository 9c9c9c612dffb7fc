"""Answers with a response that is made quickly are DRF's, hook by hook."""

from __future__ import annotations

import json
import threading
from typing import Annotated, Any
from unittest import mock

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from pydantic import Field
from rest_framework import exceptions, mixins, serializers, viewsets
from rest_framework import views as drf_views
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf import ReadOnly, Schema
from nova_drf.serializers.schema_serializer import serializer_from_schema
from nova_drf.views import known_answers
from nova_drf.views.object_responses import ObjectResponse
from nova_drf.viewsets import AsyncModelViewSet
from tests.testapp.models import Club

pytestmark = pytest.mark.django_db


class Classic(serializers.ModelSerializer[Club]):
    class Meta:
        model = Club
        fields = ("id", "name")


class ClubSchema(Schema):
    id: ReadOnly[int]
    name: Annotated[str, Field(max_length=50)]


Ours = serializer_from_schema(ClubSchema, model=Club)
ACTIONS = {"post": "create", "put": "update", "patch": "partial_update"}
BODIES: list[Any] = [
    {"name": "House"},
    {"name": " House "},
    {},
    {"name": None},
    {"name": ""},
    {"name": "x" * 51},
    {"name": ["é"]},
    {"name": "\u2028"},
    [],
    [{}],
    None,
]


class Own:
    """Keeps what its hooks are given."""

    queryset = Club.objects.all()
    renderer_classes = [JSONRenderer]
    seen: list[Any]

    def get_success_headers(self, data: Any) -> Any:
        return {"X-Name": data["name"].strip(), **super().get_success_headers(data)}

    def get_exception_handler_context(self) -> Any:
        self.seen.append("context")
        return super().get_exception_handler_context()

    def perform_create(self, serializer: Any) -> None:
        self.seen.append(type(serializer.validated_data))
        super().perform_create(serializer)


def views(**body: Any) -> list[Any]:
    theirs: Any = type(
        "Theirs", (Own, viewsets.ModelViewSet), {"serializer_class": Classic, **body}
    )
    ours: Any = type("OursView", (Own, AsyncModelViewSet), {"serializer_class": Ours, **body})
    return [theirs, ours]


def answers(view: Any, method: str, content: bytes, pk: int) -> Any:
    view.seen = []
    factory: Any = APIRequestFactory()
    request = factory.generic(method, "/", content, content_type="application/json")
    kwargs = {} if method == "post" else {"pk": pk}
    try:
        response = view.as_view(ACTIONS)(request, **kwargs)
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error), str(error)
    response.render()
    data = json.loads(response.content)
    if isinstance(data, dict):
        data.pop("id", None)
    headers = dict(response.items())
    return response.status_code, data, headers, response.exception, view.seen, type(response.data)


@pytest.mark.parametrize("method", ACTIONS)
@pytest.mark.parametrize("body", BODIES, ids=repr)
def test_answers_are_drfs(method: str, body: Any) -> None:
    stored = Club.objects.create(name="old")
    expected, ours = (
        answers(view, method, json.dumps(body).encode(), stored.pk) for view in views()
    )
    assert ours == expected


@pytest.mark.parametrize("content", [b"", b"{", b"nul", b"\xff", b'{"name": NaN}'])
def test_so_are_those_to_what_is_no_json(content: bytes) -> None:
    expected, ours = (answers(view, "post", content, 0) for view in views())
    assert ours == expected


def test_an_object_that_is_not_there() -> None:
    expected, ours = (answers(view, "put", b"{}", 0) for view in views())
    assert ours == expected
    assert expected[0] == 404


def teapot(error: Exception, context: Any) -> Any:
    return Response({"short": type(error).__name__}, status=418, headers={"X-Own": "1"})


@pytest.mark.parametrize("handler", [teapot, lambda _error, _context: None], ids=["one", "none"])
def test_a_handler_of_the_projects_is_asked(handler: Any) -> None:
    body = {"get_exception_handler": lambda _self: handler}
    expected, ours = (answers(view, "post", b"{}", 0) for view in views(**body))
    assert ours[0] == expected[0]
    if handler is teapot:
        assert ours[1:-1] == expected[1:-1]
        assert expected[0] == 418


class Odd(exceptions.APIException):
    status_code: Any = "409"
    default_detail = "odd"


class Waiting(exceptions.APIException):
    wait = 5
    auth_header = "Own"


@pytest.mark.parametrize(
    "error",
    [
        exceptions.PermissionDenied("no"),
        exceptions.NotFound(),
        exceptions.NotAuthenticated(),
        exceptions.Throttled(3),
        exceptions.ValidationError(("a", "b")),
        exceptions.ValidationError({"a": [{"b": ["c"]}]}),
        exceptions.ParseError({"detail": "é"}),
        Odd(),
        Waiting(),
        ZeroDivisionError("0"),
    ],
    ids=repr,
)
def test_all_that_is_raised_is_answered_as_drf_answers(error: Exception) -> None:
    def perform_create(_self: Any, _serializer: Any) -> None:
        raise error

    body = {"perform_create": perform_create}
    found = [answers(view, "post", b'{"name": "a"}', 0) for view in views(**body)]
    assert found[1] == found[0]


def test_a_refusal_rolls_back_what_the_request_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    for atomic in (False, True):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
        for view in views():
            answers(view, "post", b"{}", 0)
            assert connection.needs_rollback is atomic, view
            connection.set_rollback(False)


@pytest.mark.parametrize(
    "place",
    [
        (mixins, "Response"),
        (mixins.CreateModelMixin, "create"),
        (mixins.UpdateModelMixin, "update"),
        (drf_views, "Response"),
        (drf_views, "set_rollback"),
        (drf_views.APIView, "handle_exception"),
    ],
    ids=str,
)
def test_what_is_put_in_the_place_of_drfs_is_called(place: tuple[Any, str]) -> None:
    owner, name = place
    stored = Club.objects.create(name="old")
    view = views()[1]
    with mock.patch.object(owner, name, autospec=True, side_effect=getattr(owner, name)) as called:
        for method, content in (
            ("post", b'{"name": "a"}'),
            ("put", b'{"name": "a"}'),
            ("post", b"{}"),
        ):
            answers(view, method, content, stored.pk)
    assert called.called


def test_a_class_behind_ours_may_handle_exceptions() -> None:
    class Behind(drf_views.APIView):
        def handle_exception(self, exc: Exception) -> Any:
            response = super().handle_exception(exc)
            response["X-Behind"] = "1"
            return response

    class View(AsyncModelViewSet[Club, Any], Behind):
        queryset = Club.objects.all()
        serializer_class = Ours
        renderer_classes = [JSONRenderer]

    request = APIRequestFactory().post("/", {}, format="json")
    view: Any = View.as_view(ACTIONS)
    assert view(request)["X-Behind"] == "1"


def test_the_quick_way_is_taken() -> None:
    view = views()[1]
    with mock.patch.object(ObjectResponse, "of", side_effect=ObjectResponse.of) as made:
        answers(view, "post", b'{"name": "a"}', 0)
        answers(view, "post", b"{}", 0)
    assert [call.args[1] for call in made.call_args_list] == [201, 400]
    assert known_answers.writes_as_drf()


# Errors of async handlers

_FINISH = AsyncModelViewSet._finish


def raising(error: Exception, **body: Any) -> Any:
    async def create(_self: Any, _request: Any, *_args: Any, **_kwargs: Any) -> Any:
        raise error

    body = {"create": create, "seen": [], "serializer_class": Ours, **body}
    view: Any = type("Raising", (AsyncModelViewSet,), {"queryset": Own.queryset, **body})
    return view


def finished(view: Any) -> tuple[Any, bool]:
    """Return the response of an async view, and whether its error was answered on the loop."""
    threads: list[int] = []

    def noted(*args: Any) -> Any:
        threads.append(threading.get_ident())
        return _FINISH(*args)

    async def ask() -> Any:
        request: Any = APIRequestFactory().post("/", {"name": "a"}, format="json")
        response = await view.as_view({"post": "create"})(request)
        return response.render(), threads == [threading.get_ident()]

    with mock.patch.object(AsyncModelViewSet, "_finish", noted):
        answer: tuple[Any, bool] = async_to_sync(ask)()
    return answer


@pytest.mark.parametrize(
    ("error", "on_loop"),
    [
        (exceptions.NotFound(), True),
        (Http404(), True),
        (exceptions.ValidationError({"a": ["b"]}), True),
        (exceptions.Throttled(3), True),
        (PermissionDenied(), True),
        (exceptions.NotAuthenticated(), False),
        (exceptions.AuthenticationFailed(), False),
    ],
    ids=repr,
)
def test_what_drf_answers_without_queries_takes_no_thread(error: Exception, on_loop: bool) -> None:
    response, is_on_loop = finished(raising(error))
    assert is_on_loop is on_loop

    def create(_self: Any, _request: Any, *_args: Any, **_kwargs: Any) -> Any:
        raise error

    body = {"queryset": Own.queryset, "serializer_class": Classic, "create": create}
    theirs: Any = type("Theirs", (viewsets.ModelViewSet,), body)
    request: Any = APIRequestFactory().post("/", {"name": "a"}, format="json")
    expected = theirs.as_view({"post": "create"})(request).render()
    assert response.status_code == expected.status_code
    assert response.content == expected.content
    assert dict(response.items()) == dict(expected.items())


def _handler(_error: Exception, _context: Any) -> Response:
    return Response({"threads": connection.vendor}, status=418)


@pytest.mark.parametrize(
    "body",
    [
        {"get_exception_handler": lambda _self: _handler},
        {"handle_exception": lambda _self, error: _handler(error, None)},
        {"get_renderer_context": lambda _self: {}},
        {
            "finalize_response": lambda self, *args, **kwargs: drf_views.APIView.finalize_response(
                self, *args, **kwargs
            )
        },
    ],
    ids=lambda body: "".join(body),
)
def test_code_of_the_project_answers_errors_in_a_thread(body: dict[str, Any]) -> None:
    assert finished(raising(exceptions.NotFound(), **body))[1] is False


def test_so_is_what_may_have_to_be_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    view = raising(exceptions.NotFound())
    factory: Any = APIRequestFactory()
    asked = view(request=factory.post("/"))
    asked.request.accepted_renderer = None
    assert not known_answers.refuses_without_queries(asked, exceptions.NotFound())
    monkeypatch.undo()
    assert known_answers.refuses_without_queries(asked, exceptions.NotFound())
    assert not known_answers.refuses_without_queries(asked, ZeroDivisionError())
