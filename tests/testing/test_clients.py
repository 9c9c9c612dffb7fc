"""The async client and request factory give views what DRF's own give them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponseRedirect
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from nova_drf.testing import AsyncAPIClient, AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView


class Echo(AsyncAPIView):
    """Answers with what it sees of a request."""

    async def get(self, request: Request) -> Response:
        return Response(self.seen(request))

    post = put = patch = delete = get

    def seen(self, request: Any) -> dict[str, Any]:
        data = request.data
        return {
            "method": request.method,
            "query": request.query_params,
            "data": data if isinstance(data, list) else {**data},
            "content_type": request.content_type,
            "user": str(request.user),
            "auth": str(request.auth),
            "address": request.META["REMOTE_ADDR"],
            "headers": {
                name: value
                for name, value in request.META.items()
                if name in ("HTTP_X_ONE", "HTTP_X_TWO", "HTTP_AUTHORIZATION", "HTTP_ACCEPT")
            },
        }


class Closed(Echo):
    permission_classes = [IsAuthenticated]


class Moved(AsyncAPIView):
    async def get(self, request: Request) -> HttpResponseRedirect:
        return HttpResponseRedirect("/echo?moved=1")


urlpatterns = [
    path("echo", Echo.as_view()),
    path("closed", Closed.as_view()),
    path("moved", Moved.as_view()),
]

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]

CALLS: dict[str, tuple[str, tuple[Any, ...], dict[str, Any]]] = {
    "get": ("get", ("/echo", {"a": [1, 2]}), {}),
    "get, a query in the path": ("get", ("/echo?a=1&b=%C3%A9",), {}),
    "query_params": ("get", ("/echo",), {"query_params": {"a": "1"}}),
    "post, the default format": ("post", ("/echo", {"a": 1}), {}),
    "post, json": ("post", ("/echo", [1, {"b": None}]), {"format": "json"}),
    "post, multipart": ("post", ("/echo", {"a": "é"}), {"format": "multipart"}),
    "post, a content type": (
        "post",
        ("/echo", "a=1"),
        {"content_type": "application/x-www-form-urlencoded"},
    ),
    "post, nothing": ("post", ("/echo",), {}),
    "put": ("put", ("/echo", {"a": 1}), {"format": "json"}),
    "patch": ("patch", ("/echo", {"a": 1}), {"format": "json"}),
    "delete": ("delete", ("/echo",), {}),
    "headers in WSGI's names": ("get", ("/echo",), {"HTTP_X_ONE": "1", "REMOTE_ADDR": "10.0.0.7"}),
    "headers": ("get", ("/echo",), {"headers": {"X-Two": "2", "Accept": "application/json"}}),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_view_sees_the_same(call: Any) -> None:
    method, arguments, extra = call
    view = Echo.as_view()
    classic = getattr(APIRequestFactory(HTTP_X_TWO="default"), method)(*arguments, **extra)
    ours = getattr(AsyncAPIRequestFactory(HTTP_X_TWO="default"), method)(*arguments, **extra)
    assert isinstance(ours, ASGIRequest)
    expected = await view(classic)
    found = await view(ours)
    assert found.data == expected.data
    response = await getattr(AsyncAPIClient(HTTP_X_TWO="default"), method)(*arguments, **extra)
    assert response.data == expected.data


def test_the_same_defaults_and_csrf_checks() -> None:
    for enforced in (True, False):
        request = AsyncAPIRequestFactory(enforce_csrf_checks=enforced).get("/echo")
        assert request._dont_enforce_csrf_checks is not enforced


async def test_a_request_can_be_authenticated() -> None:
    request = AsyncAPIRequestFactory().get("/closed")
    force_authenticate(request, User(username="ada"), "token")
    response = await Closed.as_view()(request)
    assert (response.data["user"], response.data["auth"]) == ("ada", "token")


async def test_a_client_can_be_authenticated_and_logged_out() -> None:
    client = AsyncAPIClient()
    assert (await client.get("/closed")).status_code == 403
    client.force_authenticate(User(username="ada"))
    assert (await client.get("/closed")).data["user"] == "ada"
    client.force_authenticate()
    assert (await client.get("/closed")).status_code == 403


async def test_credentials_are_sent_until_the_client_logs_out() -> None:
    client = AsyncAPIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer 1")
    for _ in range(2):
        response = await client.post("/echo", {}, format="json")
        assert response.data["headers"]["HTTP_AUTHORIZATION"] == "Bearer 1"
    await client.alogout()
    assert "HTTP_AUTHORIZATION" not in (await client.get("/echo")).data["headers"]


async def test_a_session() -> None:
    client = AsyncAPIClient()
    await client.aforce_login(await User.objects.acreate_user("ada"))
    assert (await client.get("/closed")).data["user"] == "ada"
    await client.alogout()
    assert (await client.get("/closed")).status_code == 403


async def test_a_session_needs_a_csrf_token() -> None:
    user = await User.objects.acreate_user("ada")
    client = AsyncAPIClient(enforce_csrf_checks=True)
    await client.aforce_login(user)
    assert (await client.post("/closed", {}, format="json")).status_code == 403
    client.cookies["csrftoken"] = "a" * 32
    response = await client.post("/closed", {}, format="json", HTTP_X_CSRFTOKEN="a" * 32)
    assert response.status_code == 200


async def test_redirects_are_followed() -> None:
    response = await AsyncAPIClient().get("/moved", follow=True)
    assert response.status_code == 200
    assert response.data["query"].dict() == {"moved": "1"}
    assert response.redirect_chain == [("/echo?moved=1", 302)]


def test_drfs_own_client_works_as_well() -> None:
    client = APIClient()
    client.force_authenticate(User(username="ada"))
    assert client.get("/closed").json()["user"] == "ada"
