"""What refuses before content negotiation is answered as DRF answers it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core import exceptions as django_exceptions
from django.http import Http404
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.versioning import BaseVersioning
from rest_framework.views import APIView

from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView
from tests.views.sending import in_sync, on_loop

pytestmark = pytest.mark.django_db(transaction=True)

ERRORS: dict[str, Any] = {
    "denied": exceptions.PermissionDenied,
    "unknown": exceptions.NotAuthenticated,
    "failed": exceptions.AuthenticationFailed,
    "missing": Http404,
    "denied by Django": django_exceptions.PermissionDenied,
    "throttled": lambda: exceptions.Throttled(7),
    "unreadable": lambda: exceptions.ParseError("What?"),
    "not acceptable": exceptions.NotAcceptable,
    "error": ZeroDivisionError,
}
STEPS = (
    *("initialize_request", "initial", "determine_version", "get_format_suffix"),
    *("perform_content_negotiation", "get_renderers", "get_content_negotiator"),
    *("perform_authentication", "get_authenticators", "check_throttles"),
    *("get_parser_context", "default_response_headers"),
)
MEMBERS: dict[str, tuple[str, type, str]] = {
    "negotiator": ("content_negotiation_class", DefaultContentNegotiation, "select_renderer"),
    "version": ("versioning_class", BaseVersioning, "determine_version"),
    "authenticator": ("authentication_classes", BaseAuthentication, "authenticate"),
}
RENDERERS = ([JSONRenderer, BrowsableAPIRenderer], [BrowsableAPIRenderer, JSONRenderer])
ACCEPTS = ("*/*", "text/html", "application/json", "image/png")


class Sync:
    def get(self, request: Any) -> Response:
        return Response("here")


class Async:
    async def get(self, request: Any) -> Response:
        return Response("here")


class AsyncHooked(Sync):
    async def check_permissions(self, request: Any) -> None:
        """An awaited route to a sync handler."""


def raising(error: Any, *, is_async: bool = False) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise error()

    async def refuse_later(*args: Any, **kwargs: Any) -> Any:
        raise error()

    return refuse_later if is_async else refuse


def refusing(where: str, error: Any, *, is_async: bool) -> dict[str, Any]:
    """Return the body of a view that refuses somewhere."""
    if where in MEMBERS:
        attribute, base, method = MEMBERS[where]
        member = type("Refusing", (base,), {method: raising(error, is_async=is_async)})
        return {attribute: [member] if attribute.endswith("classes") else member}
    refuse = raising(error, is_async=is_async and where != "default_response_headers")
    return {where: property(refuse) if where == "default_response_headers" else refuse}


def seen(response: Any) -> Any:
    names = ("Content-Type", "Allow", "Vary", "WWW-Authenticate", "Retry-After")
    response.render()
    headers = {name: response[name] for name in names if response.has_header(name)}
    # The page of the browsable API names the class.
    body = response.content if "json" in response["Content-Type"] else b""
    return response.status_code, headers, body


def through_wsgi(view: Any, accept: str) -> Any:
    request = APIRequestFactory().get("/", HTTP_ACCEPT=accept)
    try:
        return seen(in_sync(view)(request))
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error)


async def through_asgi(view: Any, accept: str) -> Any:
    request = AsyncAPIRequestFactory().get("/", HTTP_ACCEPT=accept)
    called = on_loop(view)
    try:
        return await sync_to_async(seen)(await called(request))
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error)


@pytest.mark.parametrize("where", [*STEPS, *MEMBERS])
def test_refusals_before_negotiation(where: str) -> None:
    for number, (name, error) in enumerate(ERRORS.items()):
        renderers, accept = RENDERERS[number % 2], ACCEPTS[number // 2 % 4]
        body = {"renderer_classes": renderers, **refusing(where, error, is_async=False)}
        expected = through_wsgi(type("View", (Sync, APIView), body).as_view(), accept)
        for handlers, is_async in product((Sync, Async, AsyncHooked), (False, True)):
            own = {"renderer_classes": renderers, **refusing(where, error, is_async=is_async)}
            view: Any = type("View", (handlers, AsyncAPIView), own).as_view()
            assert through_wsgi(view, accept) == expected, (name, handlers, is_async)
            assert async_to_sync(through_asgi)(view, accept) == expected, (name, handlers)


@pytest.mark.parametrize("accept", ACCEPTS)
def test_what_is_remembered_is_not_taken_for_what_was_never_negotiated(accept: str) -> None:
    """DRF answers with the first renderer, whatever the client accepts."""

    def view_of(*bases: Any, refuses: bool) -> Any:
        body: dict[str, Any] = {"renderer_classes": RENDERERS[1]}
        if refuses:
            body["initial"] = raising(exceptions.PermissionDenied)
        return type("View", bases, body).as_view()

    for handlers in (Sync, Async):
        # An answer is remembered.
        through_wsgi(view_of(handlers, AsyncAPIView, refuses=False), accept)
        expected = through_wsgi(view_of(Sync, APIView, refuses=True), accept)
        view = view_of(handlers, AsyncAPIView, refuses=True)
        assert through_wsgi(view, accept) == expected
        assert async_to_sync(through_asgi)(view, accept) == expected
