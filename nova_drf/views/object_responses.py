"""The response of one object, printed or refused: DRF's, made and written without the detours.

DRF's ``Response`` is made by four ``__init__`` one after the other, which find out the same each
time; and each time an encoder is made to write JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.http.response import HttpResponse, HttpResponseBase, ResponseHeaders
from django.template.response import SimpleTemplateResponse
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from nova_drf.views.responses import in_bytes, style_of, writes_rows

_MAKING = (Response, SimpleTemplateResponse, HttpResponse, HttpResponseBase)
_INITS = [cls.__init__ for cls in _MAKING]
_CONSTANT = (type(None), bool, int, str, bytes)
_CONTAINERS = (list, dict)


class ObjectResponse(Response):
    """DRF's response for one dictionary, which is written quickly by DRF's JSON renderer.

    It is what ``Response(data)`` is in all else.
    """

    @classmethod
    def of(
        cls, data: Any, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return a response.

        Args:
            data: What a serializer printed of the object, or what is wrong with what was sent.
            status: The status code; 200 when left out.
            headers: Its headers.
        """
        if [made_by.__init__ for made_by in _MAKING] != _INITS:
            return Response(data, status=status, headers=headers)
        state = _state_of_new(settings.DEFAULT_CHARSET)
        is_status = status is None or 100 <= status <= 599
        if state is None or not is_status or isinstance(data, Serializer):
            return Response(data, status=status, headers=headers)
        response = cls.__new__(cls)
        own = response.__dict__ = state.copy()
        own["data"] = data
        own["cookies"] = SimpleCookie()
        own["headers"] = made = ResponseHeaders.__new__(ResponseHeaders)
        vars(made).update(_copies(vars(state["headers"])))
        for name in _containers_of(settings.DEFAULT_CHARSET):
            own[name] = state[name].copy()
        if status is not None:
            response.status_code = status
        if headers:
            for name, value in headers.items():
                response[name] = value
        return response

    @property
    def rendered_content(self) -> Any:
        """The body."""
        state = vars(self)
        renderer: Any = state.get("accepted_renderer")
        media_type = state.get("accepted_media_type")
        context = state.get("renderer_context")
        if (
            not isinstance(self.data, dict)
            or not media_type
            or context is None
            or "indent" in context
            or self.content_type is not None
            or not writes_rows(renderer, media_type)
            or renderer.charset is not None
        ):
            return super().rendered_content
        context["response"] = self
        self["Content-Type"] = renderer.media_type
        return in_bytes(style_of(renderer).encode(self.data))


def _copies(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value.copy() for name, value in state.items()}


@lru_cache(maxsize=8)
def _state_of_new(_charset: str) -> dict[str, Any] | None:
    """Return what ``Response(None)`` has; ``None`` where that is not what is known to be copied."""
    state = vars(Response(None))
    for name, value in state.items():
        if isinstance(value, ResponseHeaders):
            if name != "headers" or not all(type(part) is dict for part in vars(value).values()):
                return None
        elif type(value) not in (*_CONSTANT, *_CONTAINERS) and name != "cookies":
            return None
    return state


@lru_cache(maxsize=8)
def _containers_of(charset: str) -> tuple[str, ...]:
    state = _state_of_new(charset) or {}
    return tuple(name for name, value in state.items() if type(value) in _CONTAINERS)
