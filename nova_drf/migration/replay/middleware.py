"""``RecordTraffic``: middleware that records some of the requests, and disturbs none of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.core.exceptions import MiddlewareNotUsed

from nova_drf.migration.replay.recorder import Recorder, recording_options
from nova_drf.migration.replay.traffic import RecordedRequest

logger = logging.getLogger("nova_drf.replay")


class RecordTraffic:
    """Records a share of the requests to endpoints of DRF's, for ``nova_replay``.

    Put it below ``AuthenticationMiddleware``. What goes wrong in it is logged, and the request is
    answered all the same.

    Args:
        get_response: What answers.

    Raises:
        MiddlewareNotUsed: ``NOVA_DRF["RECORDING"]`` says no share.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        options = recording_options()
        if not options.share:
            raise MiddlewareNotUsed("NOVA_DRF['RECORDING'] says no SHARE")
        self.get_response = get_response
        self.recorder = Recorder(options)
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """Answer a request, and record it."""
        if self.is_async:
            return self._awaited(request)
        recorded = self._begin(request)
        response = self.get_response(request)
        if recorded is not None:
            self._end(recorded, request, response)
        return response

    async def _awaited(self, request: object) -> Any:
        recorded = self._begin(request)
        response = await self.get_response(request)
        if recorded is not None:
            # A file is written, and the user may have to be looked up in the session.
            await sync_to_async(self._end)(recorded, request, response)
        return response

    def _begin(self, request: object) -> RecordedRequest | None:
        try:
            return self.recorder.begin(request)
        except Exception:
            # Recording must not change an answer, whatever fails in it.
            logger.exception("A request could not be recorded")
            return None

    def _end(self, recorded: RecordedRequest, request: Any, response: Any) -> None:
        try:
            key = self._key(getattr(request, "user", None))
            self.recorder.write(replace(recorded, user=key, status=response.status_code))
        except Exception:
            # As above.
            logger.exception("A request could not be recorded")

    def _key(self, user: object) -> str:
        """Return the key of the user whom the session, or DRF's authentication, knows."""
        if not self.recorder.options.users or not getattr(user, "is_authenticated", False):
            return ""
        return str(getattr(user, "pk", None) or "")
