"""DRF's test client and request factory for ASGI.

``AsyncAPIClient`` is to Django's ``AsyncClient`` what DRF's ``APIClient`` is to ``Client``: with
``format=``, ``HTTP_AUTHORIZATION=``, ``credentials`` and ``force_authenticate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponseBase, SimpleCookie
from django.test import AsyncClient, AsyncRequestFactory
from django.test.client import AsyncClientHandler
from rest_framework.test import APIRequestFactory, force_authenticate

if TYPE_CHECKING:

    class _Methods:
        """What both parents have, with arguments on which their stubs do not agree."""

        defaults: dict[str, Any]
        cookies: Any

        def __init__(self, *args: object, **kwargs: object) -> None: ...
        def __getattr__(self, name: str) -> Any: ...
        def request(self, **scope: object) -> Any: ...

    class _Factory(_Methods): ...

    class _Client(_Methods): ...

else:
    _Factory = type("_Factory", (APIRequestFactory, AsyncRequestFactory), {})
    _Client = AsyncClient


class AsyncAPIRequestFactory(_Factory):
    """DRF's ``APIRequestFactory``, making ASGI requests.

    >>> request = AsyncAPIRequestFactory().post("/books/", {"title": "Ox"}, format="json")
    >>> response = await view(request)

    Follows:
        ``rest_framework.test.APIRequestFactory``.

    Args:
        enforce_csrf_checks: As for DRF's.
        defaults: Headers for every request: ``HTTP_ACCEPT="..."``, or ``headers={...}``.
    """

    def __init__(self, enforce_csrf_checks: bool = False, **defaults: object) -> None:
        super().__init__(enforce_csrf_checks=enforce_csrf_checks, **defaults)
        self.defaults = _as_headers(self.defaults)

    def generic(
        self,
        method: str,
        path: str,
        data: object = "",
        content_type: str | None = "application/octet-stream",
        secure: bool = False,
        **extra: Any,
    ) -> Any:
        """Make any request.

        Args:
            method: The HTTP method.
            path: The path, with its query string.
            data: The body.
            content_type: Sent with an empty body, too, as DRF's factory does.
            secure: Whether it comes over HTTPS.
            extra: Headers in WSGI's names, ``REMOTE_ADDR``, ``headers=`` and ``query_params=``.
        """
        extra = _as_headers(extra)
        if not data and content_type is not None:
            extra["content-type"] = str(content_type)
        factory: Any = AsyncRequestFactory
        return factory.generic(self, method, path, data, content_type or "", secure, **extra)

    def request(self, **scope: Any) -> Any:
        """Make a request of an ASGI scope."""
        return super().request(**_with_client(scope))


class AsyncAPIClient(AsyncAPIRequestFactory, _Client):
    """DRF's ``APIClient`` for ASGI; its methods are awaited.

    >>> response = await AsyncAPIClient().post("/books/", {"title": "Ox"}, format="json")
    >>> response.data

    Follows:
        ``rest_framework.test.APIClient``.

    Args:
        enforce_csrf_checks: As for DRF's.
        raise_request_exception: Whether an exception that no handler took reaches the test.
        defaults: Headers for every request.
    """

    def __init__(
        self,
        enforce_csrf_checks: bool = False,
        raise_request_exception: bool = True,
        **defaults: object,
    ) -> None:
        super().__init__(enforce_csrf_checks=enforce_csrf_checks, **defaults)
        self.handler = _ForceAuthClientHandler(enforce_csrf_checks)
        self.raise_request_exception = raise_request_exception
        self._credentials: dict[str, str] = {}

    def credentials(self, **headers: str) -> None:
        """Set headers for every request from now on: ``HTTP_AUTHORIZATION="Token ..."``."""
        self._credentials = _as_headers(headers)

    def force_authenticate(self, user: object = None, token: object = None) -> None:
        """Let every request be authenticated, without credentials; with neither, log out."""
        self.handler.forced = (user, token)
        if user is None and token is None:
            self._credentials = {}
            self.cookies = SimpleCookie()

    async def alogout(self) -> None:
        """Forget the session, the credentials and the user that is forced."""
        self.force_authenticate()

    async def generic(self, *args: Any, follow: bool = False, **extra: Any) -> Any:
        """Send any request, and follow redirects if ``follow`` is true."""
        headers = {**self._credentials, **_as_headers(extra)}
        response = await super().generic(*args, **headers)
        if follow:
            extra.pop("QUERY_STRING", None)
            response = await self._ahandle_redirects(response, **extra)
        return response

    async def request(self, **scope: Any) -> Any:
        """Send a request of an ASGI scope."""
        client: Any = AsyncClient
        return await client.request(self, **_with_client(scope))


class _ForceAuthClientHandler(AsyncClientHandler):
    """Sends requests that are authenticated as the test says."""

    forced: tuple[Any, Any] = (None, None)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        force_authenticate(request, *self.forced)
        return await super().get_response_async(request)


_ARGUMENTS = ("query_params", "QUERY_STRING", "follow")


def _as_headers(extra: dict[str, Any]) -> dict[str, Any]:
    """Return arguments with the names of headers instead of those of WSGI's environment."""
    named = {**extra, **(extra.get("headers") or {})}
    named.pop("headers", None)
    return {
        name if name in _ARGUMENTS else name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in named.items()
    }


def _with_client(scope: dict[str, Any]) -> dict[str, Any]:
    """Move ``REMOTE_ADDR``, which arrives among the headers, to where a server says it."""
    headers = scope.get("headers", [])
    addresses = [value.decode() for name, value in headers if name == b"remote-addr"]
    if not addresses:
        return scope
    others = [header for header in headers if header[0] != b"remote-addr"]
    return {**scope, "headers": others, "client": [addresses[-1], 0]}
