"""In the child process: one of the two sides answers a request, and all that came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

import django
import rest_framework
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.template.response import SimpleTemplateResponse
from django.urls import set_urlconf
from django.utils import timezone, translation

from nova_drf.core.exceptions import NovaError
from nova_drf.migration.proof.choices import Choice
from nova_drf.migration.proof.comparison import Exchange
from nova_drf.migration.proof.shadow.effects import Effects
from nova_drf.migration.proof.shadow.samples import Sample, headers_of
from nova_drf.migration.proof.shadow.transactions import Databases, WouldWrite

_LIBRARIES = tuple(path for package in (django, rest_framework) for path in package.__path__)


class NoSwitchError(NovaError):
    """The path of a request leads to no switch in this process."""


@dataclass
class Answer:
    """What one side answered.

    Attributes:
        exchange: What a client would observe; nothing if it was stopped at its first write.
        stopped_at: The table that it would have written to.
        refused: What it was refused.
        crash_at: Where an exception that nobody answered came from.
        is_out_of_memory: Whether the memory did not suffice.
        route: The route of the request.
        view: The instance of the view that answered, if it told.
    """

    exchange: Exchange | None = None
    stopped_at: str = ""
    refused: tuple[str, ...] = ()
    crash_at: str = ""
    is_out_of_memory: bool = False
    route: str = ""
    view: Any = None


@dataclass
class _Seen:
    """What the handler saw of one answer."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    error: BaseException | None = None
    stopped_at: str = ""
    view: Any = None


class Sides:
    """Answers requests by either side of the switch that they lead to.

    Args:
        databases: The databases of this process.
        effects: What was done.
        begin: Is told which side answers now, and how many seconds it has.
    """

    def __init__(
        self,
        databases: Databases,
        effects: Effects,
        begin: Callable[[str, float], object] = lambda side, seconds: None,
    ) -> None:
        self._databases, self._effects, self._begin = databases, effects, begin
        self._handler = _Handler(databases)
        self._handler.load_middleware()

    def answer(self, sample: Sample, side: Choice) -> Answer:
        """Let one side answer within a transaction, and take back what it did.

        Args:
            sample: The request.
            side: The side.

        Raises:
            NoSwitchError: The path leads to no switch of this name.
        """
        request = _request(sample)
        self._effects.forget()
        for alias in settings.CACHES:
            caches[alias].clear()
        rows: Mapping[str, object] = {}
        with _quiet(), self._effects.watched(), self._databases.attempt():
            self._begin(side, sample.seconds)
            try:
                seen = self._handler.answer(request, sample, side)
            except WouldWrite:
                seen = self._handler.seen
            # What middleware writes after the view, a session say, is no answer of the view's.
            stopped_at = seen.stopped_at if seen.status else self._databases.would_write
            if not stopped_at and not self._databases.is_broken:
                rows = self._effects.rows()
        route = getattr(request.resolver_match, "route", "")
        answer = Answer(None, stopped_at, tuple(self._effects.refused), route=route, view=seen.view)
        if stopped_at:
            return answer
        answer.is_out_of_memory = isinstance(seen.error, MemoryError)
        if seen.error is None:
            answer.exchange = Exchange(seen.status, seen.headers, seen.content, rows)
            return answer
        answer.crash_at = _place(seen.error.__traceback__)
        crash = f"{type(seen.error).__name__}: {seen.error}"
        answer.exchange = Exchange(500, rows=rows, crash=crash)
        return answer


class _Handler(BaseHandler):
    """The project's middleware, and within it one side of a switch."""

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self._databases = databases
        self.seen = _Seen()
        self._has_switch = True
        self._sample: Sample | None = None
        self._side = Choice.NEW

    def answer(self, request: Any, sample: Sample, side: Choice) -> _Seen:
        """Let one side answer; what the view answered counts, not what middleware made of it."""
        self.seen, self._sample, self._side = _Seen(), sample, side
        self._has_switch = True
        try:
            response = self.get_response(request)
            response.close()
        finally:
            set_urlconf(None)
            translation.deactivate()
            timezone.deactivate()
        if not self._has_switch:
            raise NoSwitchError(f"{request.path}: there is no such switch in this process.")
        if self.seen.error is None and not self.seen.status:
            # Middleware answered, and both sides alike.
            self._note(response)
        return self.seen

    def resolve_request(self, request: Any) -> Any:
        """Return the view of one side, with its arguments."""
        match: Any = super().resolve_request(request)
        sides = getattr(match.func, "sides", None)
        sample = self._sample
        if sample is None or sides is None or sides.switch != sample.switch:
            # What is raised here becomes a response; it is raised again after that.
            self._has_switch = False
            raise NoSwitchError
        return self._noting(sides.views[self._side], sample), match.args, match.kwargs

    def _noting(self, view: Callable[..., Any], sample: Sample) -> Callable[..., Any]:
        """Return a view that tells the handler how it answers."""
        is_async = iscoroutinefunction(view)

        def answer(request: Any, *args: Any, **kwargs: Any) -> Any:
            _log_in(request, sample.user)
            try:
                call: Any = async_to_sync(view) if is_async else view
                response = call(request, *args, **kwargs)
            except Exception as error:
                # It is compared with what the old code raised.
                self.seen.error = error
                raise
            self.seen.view = (getattr(response, "renderer_context", None) or {}).get("view")
            if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                response.add_post_render_callback(self._note)
            else:
                self._note(response)
            return response

        vars(answer).update(vars(view))
        return answer

    def _note(self, response: Any) -> None:
        content = b"" if response.streaming else bytes(response.content)
        seen = self.seen
        seen.status, seen.headers, seen.content = (
            response.status_code,
            headers_of(response),
            content,
        )
        # Code that catches everything goes on after a write that was stopped.
        seen.stopped_at = self._databases.would_write


def _request(sample: Sample) -> WSGIRequest:
    environ: dict[str, Any] = {
        **sample.environ,
        "wsgi.input": BytesIO(sample.body),
        "wsgi.url_scheme": sample.environ.get("wsgi.url_scheme", "http"),
        "CONTENT_LENGTH": str(len(sample.body)),
    }
    request = WSGIRequest(environ)
    if sample.urlconf:
        vars(request)["urlconf"] = sample.urlconf
    return request


def _log_in(request: Any, key: str) -> None:
    """Let the session's user be who it was, whatever keeps the sessions."""
    user = getattr(request, "user", None)
    if key and str(getattr(user, "pk", "")) != key:
        request.user = get_user_model()._default_manager.get(pk=key)


@contextmanager
def _quiet() -> Iterator[None]:
    """Write no logs."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _place(traceback: TracebackType | None) -> str:
    """Return the innermost place in the project's own code."""
    frames = extract_tb(traceback)
    own = [frame for frame in frames if not frame.filename.startswith((*_LIBRARIES, "<"))]
    for last in reversed(own or frames):
        return f"{Path(last.filename).name}, {last.name}"
    return ""
