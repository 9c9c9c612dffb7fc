"""Responses that DRF has no class for."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


class NullResponse(Response):
    """``null``: the result of a method that may return nothing. DRF's renderers send no body."""

    @property
    def rendered_content(self) -> Any:
        """The body."""
        content = super().rendered_content
        renderer: Any = self.accepted_renderer
        if content or not isinstance(renderer, JSONRenderer):
            return content
        # DRF takes it away where there is no body.
        self["Content-Type"] = renderer.media_type
        return b"null"
