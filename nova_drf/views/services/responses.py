"""The response of an action whose method returned ``None`` where there might have been a value."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


class NullResponse(Response):
    """``null``, of which DRF's JSON renderer makes an empty body.

    A client reads the body of a 200 as JSON, and an empty one is none.
    """

    @property
    def rendered_content(self) -> Any:
        content_type = self._content_type_of_json()
        content = super().rendered_content
        if content or content_type is None:
            return content
        self["Content-Type"] = content_type
        return b"null"

    def _content_type_of_json(self) -> str | None:
        renderer = getattr(self, "accepted_renderer", None)
        if not isinstance(renderer, JSONRenderer):
            return None
        return self.content_type or renderer.media_type
