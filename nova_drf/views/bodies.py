"""Bodies that stay text until somebody looks at them, where only a serializer will.

DRF's own ``create()`` and ``update()`` run, with something that stands for the request: its
``data`` is the text of the body. The request itself stays as it is, and ``request.data`` is what it
always is: DRF parses the body when it is first asked for.
"""

from __future__ import annotations

from codecs import lookup
from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.http.request import RawPostDataException
from rest_framework import mixins, parsers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.utils import json

from nova_drf.core.settings import get_setting
from nova_drf.mapping.drf_versions import has_parsed, is_known, set_parsed
from nova_drf.serializers.json_input import JSONInputMixin
from nova_drf.validation.unparsed import UnparsedJSON
from nova_drf.views.negotiation import RememberingNegotiation
from nova_drf.views.ownership import is_of_drf, steps_are_drfs
from nova_drf.views.parsers import JSONParser, SchemaJSONParser
from nova_drf.views.policy_classes import answers_at_once

_PARSERS = (parsers.JSONParser, JSONParser, SchemaJSONParser)
_NEGOTIATIONS = (DefaultContentNegotiation, RememberingNegotiation)
_STEPS = ("get_serializer",)
_CREATE: Any = mixins.CreateModelMixin.create
_UPDATE: Any = mixins.UpdateModelMixin.update
_ARE_DRFS = is_of_drf(_CREATE) and is_of_drf(_UPDATE)

_loading = attrgetter("_load_data_and_files", "_parse", "data")
_LOADING = _loading(Request)
_LOAD = json.load
_PARSE_AS_DRF = is_known() and all(
    map(is_of_drf, (*_LOADING[:2], vars(Request)["data"].fget, _LOAD))
)
"""Whether nobody had changed how DRF parses bodies when this was imported."""


def with_text(view: Any, request: Any) -> Any:
    """Return what stands for a request in DRF's ``create()`` and ``update()``.

    Args:
        view: The view of one request.
        request: The request; it is returned itself where somebody else may look at its data.
    """
    if (
        type(request) is not Request
        or "get_serializer" in vars(view)
        or not steps_are_drfs(view.__class__, _STEPS)
        or not _mixins_are_drfs()
        or not get_setting("JSON_BODIES_UNPARSED")
    ):
        return request
    return _WithText(request)


def _mixins_are_drfs() -> bool:
    return (
        _ARE_DRFS
        and mixins.CreateModelMixin.create is _CREATE
        and mixins.UpdateModelMixin.update is _UPDATE
    )


class _WithText:
    """Stands for a request in DRF's own code.

    Args:
        request: The request, which is asked for all else.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)

    @property
    def data(self) -> Any:
        """The text of the body, or DRF's ``request.data`` where that has to be parsed."""
        request = self._request
        parser = None if has_parsed(request) else _parser_of(request)
        content = None if parser is None else _text_of(request)
        if content is None:
            return request.data
        return UnparsedJSON(
            content, lambda: _parsed(request, parser, content), lambda: has_parsed(request)
        )


def _text_of(request: Any) -> bytes | None:
    """Return the body of a request, if DRF would read it as UTF-8."""
    if not _is_utf_8(request.parser_context.get("encoding", settings.DEFAULT_CHARSET)):
        return None
    try:
        stream = request.stream
    except RawPostDataException:
        return None
    if stream is None or _is_too_large(request.META):
        return None
    content: bytes = request._request.body
    return content


def _parsed(request: Any, parser: Any, content: bytes) -> Any:
    """Return ``request.data``, parsed from the text that is known already."""
    are_drfs = _PARSE_AS_DRF and json.load is _LOAD and _loading(Request) == _LOADING
    if are_drfs and not has_parsed(request):
        try:
            constant = json.strict_constant if parser.strict else None
            set_parsed(request, json.loads(content.decode(), parse_constant=constant))
        except (ValueError, RecursionError):
            # DRF says what is wrong.
            pass
    return request.data


def _parser_of(request: Any) -> Any:
    """Return the parser that DRF's own negotiation chooses, if it is DRF's own of JSON, or ours."""
    if not _is_as_written(request.negotiator, _NEGOTIATIONS):
        return None
    parser = request.negotiator.select_parser(request, request.parsers)
    return parser if _is_as_written(parser, _PARSERS) else None


def _is_as_written(member: object, classes: tuple[type, ...]) -> bool:
    """Whether an object is of one of these classes, and does what they were written to do."""
    return type(member) in classes and not vars(member) and answers_at_once(type(member))


@cache
def _is_utf_8(encoding: object) -> bool:
    try:
        return isinstance(encoding, str) and lookup(encoding).name == "utf-8"
    except (LookupError, ValueError):
        return False


def _is_too_large(meta: Mapping[str, Any]) -> bool:
    """Whether Django refuses a body of this length; older versions of DRF read it nevertheless."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return most is not None and int(meta.get("CONTENT_LENGTH") or 0) > most


def serializer_of_text(
    view: Any, body: UnparsedJSON, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return what DRF's ``get_serializer()`` does, for a body that may stay text.

    Args:
        view: The view of one request.
        body: The body.
        args: The positional arguments of ``get_serializer()``.
        kwargs: Its other arguments.
    """
    try:
        serializer_class: Any = view.get_serializer_class()
        kwargs.setdefault("context", view.get_serializer_context())
    except Exception:
        # DRF parses first: of a body that cannot be parsed the client hears that.
        body.parse()
        raise
    takes_text = isinstance(serializer_class, type) and issubclass(serializer_class, JSONInputMixin)
    if not (takes_text and serializer_class.takes_text()):
        kwargs["data"] = body.parse()
    return serializer_class(*args, **kwargs)
