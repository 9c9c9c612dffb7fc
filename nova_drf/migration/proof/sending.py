"""Sends a request to a URL configuration in this process, and says all that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import caches
from django.http import SimpleCookie
from django.utils import timezone, translation
from rest_framework.test import APIClient, ForceAuthClientHandler

from nova_drf.migration.proof.cases import Case
from nova_drf.migration.proof.comparison import Exchange
from nova_drf.migration.proof.recording import recorded


class Side:
    """One of the two sides: a URL configuration that answers requests.

    Args:
        urlconf: The URL configuration, or its dotted name.
        users: Who may ask, by the names that cases give them.
    """

    def __init__(self, urlconf: object, users: Mapping[str, Any]) -> None:
        self._client = APIClient(raise_request_exception=False)
        self._client.handler = _Handler(urlconf)
        self._users = users

    def answer(self, case: Case) -> Exchange:
        """Send a request within a sandbox, and roll back what it wrote.

        Args:
            case: The request.
        """
        for alias in settings.CACHES:
            caches[alias].clear()
        with _language(case.language), _zone(case.zone), recorded() as recording:
            began = perf_counter()
            response = self._send(case)
            seconds = perf_counter() - began
            for _ in range(case.times - 1):
                response = self._send(case)
        return Exchange(
            status=response.status_code,
            headers={**response.headers, **_cookies(response.cookies)},
            body=_content(response),
            rows=recording.rows,
            queries=recording.queries,
            crash=_crash(response),
            seconds=seconds,
        )

    def _send(self, case: Case) -> Any:
        client: Any = self._client
        client.cookies = SimpleCookie()
        # A copy, as if it was just read: related objects that one answer looks up stay with it.
        client.handler._force_user = copy(self._users[case.user]) if case.user else None
        content, content_type = case.content()
        headers = dict(case.headers)
        if case.accept:
            headers["Accept"] = case.accept
        if case.language:
            headers["Accept-Language"] = case.language
        query = urlencode(case.query)
        path = f"{case.path}?{query}" if query else case.path
        secure = bool(settings.SECURE_SSL_REDIRECT)
        return client.generic(case.method, path, content, content_type, secure, headers=headers)


class _Handler(ForceAuthClientHandler):
    """Answers by a URL configuration of its own."""

    def __init__(self, urlconf: object) -> None:
        super().__init__(enforce_csrf_checks=False)
        self._urlconf = urlconf

    def get_response(self, request: Any) -> Any:
        request.urlconf = self._urlconf
        return super().get_response(request)


def _language(language: str) -> AbstractContextManager[object]:
    return translation.override(language) if language else nullcontext()


def _zone(zone: str) -> AbstractContextManager[object]:
    return timezone.override(zone) if zone else nullcontext()


def _cookies(cookies: SimpleCookie) -> dict[str, str]:
    return {f"Set-Cookie {name}": cookie.OutputString() for name, cookie in cookies.items()}


def _content(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def _crash(response: Any) -> str:
    if not response.exc_info:
        return ""
    error = response.exc_info[1]
    return f"{type(error).__name__}: {error}"
