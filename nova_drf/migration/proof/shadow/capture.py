"""On the way of a request: what the old code is asked and answers is copied, if it is sampled."""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import random
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.template.response import SimpleTemplateResponse

from nova_drf.migration.proof.shadow.causes import Outcome
from nova_drf.migration.proof.shadow.options import Shadow, shadow_settings
from nova_drf.migration.proof.shadow.runner import RUNNER
from nova_drf.migration.proof.shadow.samples import Sample, headers_of

logger = logging.getLogger("nova_drf.shadow")

_KEPT = frozenset(
    {
        *("REQUEST_METHOD", "PATH_INFO", "SCRIPT_NAME", "QUERY_STRING", "CONTENT_TYPE"),
        *("REMOTE_ADDR", "REMOTE_HOST", "REMOTE_USER", "SERVER_NAME", "SERVER_PORT"),
        *("SERVER_PROTOCOL", "wsgi.url_scheme"),
    }
)


class Capturing:
    """Copies a share of the requests of one switch.

    Args:
        switch: The name of the switch.
        shadow: What the switch says.
    """

    def __init__(self, switch: str, shadow: Shadow) -> None:
        self._switch, self.shadow = switch, shadow

    def begin(self, request: Any, action: str) -> Capture | None:
        """Copy a request if it is one of the share; it never fails.

        Args:
            request: Django's request, of which nothing was read yet.
            action: The action.
        """
        try:
            said = shadow_settings()
            share = said.sample if self.shadow.sample is None else self.shadow.sample
            if random() >= share:  # noqa: S311  (no secret)
                return None
            if not RUNNER.accepts(self._switch, action):
                return None
            if int(request.META.get("CONTENT_LENGTH") or 0) > said.body_size:
                RUNNER.count(self._switch, action, Outcome.SKIPPED)
                return None
            return Capture(
                request, self._sample(request, action, said.of(self.shadow)), int(said.body_size)
            )
        except Exception:
            # The client waits for the answer of the old code, whatever goes wrong here.
            logger.exception("%s.%s: a request could not be copied", self._switch, action)
            return None

    def _sample(self, request: Any, action: str, shadow: Shadow) -> Sample:
        environ = {
            name: value
            for name, value in request.META.items()
            if isinstance(value, str) and (name in _KEPT or name.startswith("HTTP_"))
        }
        # The requests of ASGI do not have it there.
        environ["wsgi.url_scheme"] = request.scheme
        return Sample(
            switch=self._switch,
            action=action,
            environ=environ,
            body=request.body,
            urlconf=getattr(request, "urlconf", None) or "",
            writes=shadow.writes or "",
            seconds=shadow.seconds or 0,
        )


class Capture:
    """One request that is copied.

    Args:
        request: Django's request.
        sample: What was copied of it.
        limit: How many bytes the answer may have.
    """

    def __init__(self, request: Any, sample: Sample, limit: int) -> None:
        self._request, self._sample, self._limit = request, sample, limit
        self._close: Callable[[], object] = request.close

    def answered(self, response: Any) -> None:
        """Copy the answer when it is rendered, and have it compared when it was sent.

        Args:
            response: What the old view returned.
        """
        try:
            if response.streaming:
                RUNNER.count(self._sample.switch, self._sample.action, Outcome.SKIPPED)
                return
            if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                response.add_post_render_callback(self._copy)
            else:
                self._copy(response)
            self._request.close = self._closed
        except Exception:
            # Likewise.
            logger.exception("%s: an answer could not be copied", self._sample.switch)

    def _copy(self, response: Any) -> None:
        """Copy the answer; Django calls it, so it never fails."""
        sample = self._sample
        try:
            # Bytes are shared, not copied.
            sample.content = response.content
            sample.headers = headers_of(response)
            sample.status = response.status_code
        except Exception:
            # Likewise.
            logger.exception("%s: an answer could not be copied", sample.switch)

    def _closed(self) -> None:
        """Hand it over; the response was sent."""
        request, sample = self._request, self._sample
        try:
            self._close()
            # Not in a circle with the request.
            del request.close
            if not sample.status:
                return
            if len(sample.content) > self._limit:
                RUNNER.count(sample.switch, sample.action, Outcome.SKIPPED)
                return
            session = getattr(request, "session", None)
            if session is not None and session.accessed:
                sample.user = str(session.get(SESSION_KEY, ""))
            RUNNER.submit(sample)
        except Exception:
            # Likewise.
            logger.exception("%s: an answer could not be compared", sample.switch)
