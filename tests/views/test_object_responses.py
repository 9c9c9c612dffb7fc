"""The response of one object is DRF's, whatever is done with it."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.http.response import ResponseHeaders
from django.test import override_settings
from rest_framework import mixins, renderers, serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf.views.mixins import AsyncRetrieveModelMixin
from nova_drf.views.object_responses import ObjectResponse
from nova_drf.viewsets import AsyncGenericViewSet

DATA: list[Any] = [
    {},
    {"a": 1, "b": [1.5, None, True], "c": {"d": "\u2028\u2029 é \U0001f600"}},
    {"price": Decimal("9.50")},
    {"number": float("nan")},
    {"set": {1}, "bytes": b"a"},
    {1: 2},
    [1, 2],
    "text",
    None,
]


def written(response: Any, renderer: Any, media_type: str = "application/json") -> Any:
    """Return what becomes of a response, or the error that it is."""
    response.accepted_renderer = renderer
    response.accepted_media_type = media_type
    response.renderer_context = {}
    try:
        response.render()
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error), str(error)
    return (
        response.content,
        dict(response.items()),
        response.renderer_context["response"] is response,
    )


class Loose(renderers.JSONRenderer):
    ensure_ascii = True
    compact = False
    strict = False


class Named(renderers.JSONRenderer):
    media_type = "application/vnd.named+json"
    charset = "utf-8"


@pytest.mark.parametrize("data", DATA, ids=repr)
def test_it_is_written_as_drf_writes(data: Any) -> None:
    kinds = (renderers.JSONRenderer, Loose, Named, renderers.StaticHTMLRenderer)
    for kind in kinds:
        for media_type in ("application/json", "application/json; indent=4"):
            expected = written(Response(data), kind(), media_type)
            assert written(ObjectResponse.of(data), kind(), media_type) == expected, kind
    with_type = [made(data) for made in (Response, ObjectResponse.of)]
    for response in with_type:
        response.content_type = "application/special"
    assert written(with_type[1], Loose()) == written(with_type[0], Loose())
    # Nothing is negotiated outside of a view.
    with pytest.raises(AssertionError):
        ObjectResponse.of(data).render()


def plain(value: Any) -> Any:
    return dict(value) if isinstance(value, ResponseHeaders) else str(value)


def test_it_has_what_drfs_has_and_shares_nothing() -> None:
    for charset in ("utf-8", "latin-1"):
        with override_settings(DEFAULT_CHARSET=charset):
            states = [vars(Response({"a": 1})), vars(ObjectResponse.of({"a": 1}))]
            expected, state = ({name: plain(part) for name, part in s.items()} for s in states)
            assert state == expected
    first, second = ObjectResponse.of({}), ObjectResponse.of({})
    first["X-Own"] = "1"
    first.set_cookie("own", "1")
    first.write(b"more")
    first.add_post_render_callback(print)
    first.status_code = 418
    assert plain(vars(second)) == plain(vars(ObjectResponse.of({})))
    assert not second.has_header("X-Own")
    shared = [
        name
        for name, value in vars(first).items()
        if type(value) in (list, dict) and vars(second)[name] is value
    ]
    assert shared == []


@pytest.mark.parametrize("status", [None, 201, 400, 99, 600])
@pytest.mark.parametrize("headers", [None, {}, {"Location": "/é", "content-type": "x/y"}], ids=str)
def test_it_has_the_status_and_the_headers(status: Any, headers: Any) -> None:
    found: list[Any] = []
    for make in (Response, ObjectResponse.of):
        try:
            response = make({"a": 1}, status=status, headers=headers)
        except Exception as error:
            # An error is an answer, too: both sides have to give the same.
            found.append((type(error), str(error)))
        else:
            found.append({name: plain(part) for name, part in vars(response).items()})
    assert found[0] == found[1]


def test_a_serializer_is_no_data() -> None:
    for make in (Response, ObjectResponse.of):
        with pytest.raises(AssertionError):
            make(serializers.Serializer())


def test_it_can_be_changed_and_cached() -> None:
    response = ObjectResponse.of({"a": 1})
    assert written(response, renderers.JSONRenderer())[0] == b'{"a":1}'
    again = pickle.loads(pickle.dumps(response))  # ours
    assert (again.content, again.data, again.status_code) == (b'{"a":1}', {"a": 1}, 200)
    changed = ObjectResponse.of({"a": 1})
    changed.data["b"] = 2
    assert written(changed, renderers.JSONRenderer())[0] == b'{"a":1,"b":2}'


class Printed:
    data = {"a": 1}


class One(AsyncRetrieveModelMixin, mixins.RetrieveModelMixin, AsyncGenericViewSet[Any, Any]):
    renderer_classes = [renderers.JSONRenderer]

    def get_object(self) -> Any:
        return 1

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        return Printed()


@pytest.mark.parametrize(
    "patched",
    [
        (Response, "__init__"),
        (renderers.JSONRenderer, "render"),
        (mixins, "Response"),
        (mixins.RetrieveModelMixin, "retrieve"),
    ],
    ids=str,
)
def test_what_is_put_in_the_place_of_drfs_is_called(patched: tuple[Any, str]) -> None:
    view: Any = One.as_view({"get": "retrieve"})
    request: Any = APIRequestFactory().get("/")
    expected = view(request).render().content
    owner, name = patched
    with mock.patch.object(owner, name, autospec=True, side_effect=getattr(owner, name)) as called:
        assert view(request).render().content == expected == b'{"a":1}'
    assert called.called
