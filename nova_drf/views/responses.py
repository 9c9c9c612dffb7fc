"""Responses that hold printed columns, and make text of them without a dictionary for each row."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property, lru_cache
from secrets import token_hex
from typing import TYPE_CHECKING, Any, cast

from rest_framework import renderers
from rest_framework.compat import LONG_SEPARATORS, SHORT_SEPARATORS
from rest_framework.response import Response
from rest_framework.utils import encoders
from rest_framework.utils.serializer_helpers import ReturnList

from nova_drf.representation.json_text import JSONStyle, NotPlainJSON
from nova_drf.views.ownership import is_of_drf
from nova_drf.views.renderers import JSONEncoder

if TYPE_CHECKING:
    from nova_drf.representation.row_plans import PrintedObjects

_PLACE = f"nova_drf:{token_hex(16)}"
"""Stands where the rows are to be; no client knows it."""

_ENCODERS = (encoders.JSONEncoder, JSONEncoder)
_RENDER, _GET_INDENT = renderers.JSONRenderer.render, renderers.JSONRenderer.get_indent
_IS_DRFS = is_of_drf(_RENDER) and is_of_drf(_GET_INDENT)


def writes_rows(renderer: Any, media_type: str) -> bool:
    """Whether a renderer writes JSON as DRF's does, in one line.

    Args:
        renderer: The renderer that was accepted.
        media_type: The media type that was.
    """
    cls = type(renderer)
    if getattr(cls, "render", None) is not _RENDER or cls.get_indent is not _GET_INDENT:
        return False
    if cls.encoder_class not in _ENCODERS or not _IS_DRFS:
        return False
    return ";" not in media_type or renderer.get_indent(media_type, {}) is None


class PrintedRows:
    """What a serializer printed of many rows.

    Of many rows, only the first are kept as columns; of the others their JSON, which takes less.

    Args:
        renderer: What is to write them, one that :func:`writes_rows`.
        serializer: The serializer, as ``data.serializer`` has it.
    """

    def __init__(self, renderer: Any, serializer: Any) -> None:
        self.serializer = serializer
        self._style = style_of(renderer)
        self._batches: list[PrintedObjects | str] = []

    def __bool__(self) -> bool:
        return bool(self._batches)

    @cached_property
    def _style_to_read(self) -> JSONStyle:
        return replace(self._style, reads_back=True)

    def add(self, objects: PrintedObjects) -> None:
        """Add the columns of more rows."""
        self._batches.append(self._kept(objects) if self._batches else objects)

    def _kept(self, objects: PrintedObjects) -> PrintedObjects | str:
        try:
            return self._style_to_read.members(objects)
        except NotPlainJSON:
            return objects

    def data(self) -> ReturnList[Any]:
        """Return what ``serializer.data`` would be: a list of dictionaries."""
        rows: list[Any] = []
        for batch in self._batches:
            rows += json.loads(f"[{batch}]") if isinstance(batch, str) else batch.dictionaries()
        return ReturnList(rows, serializer=self.serializer)

    def json(self, renderer: Any) -> list[bytes]:
        """Return the JSON that a renderer would write, in pieces.

        Args:
            renderer: One that :func:`writes_rows`.

        Raises:
            NotPlainJSON: Only the renderer can write it.
        """
        if style_of(renderer) != self._style:
            raise NotPlainJSON
        between = self._style.separators[0].encode()
        pieces = [piece for batch in self._batches for piece in (between, self._written(batch))]
        return [b"[", *pieces[1:], b"]"]

    def _written(self, batch: PrintedObjects | str) -> bytes:
        text = batch if isinstance(batch, str) else self._style.members(batch)
        return in_bytes(text)


def in_bytes(text: str) -> bytes:
    """Return JSON as DRF's renderer sends it: safe where JavaScript ends a line, and JSON does not.

    Args:
        text: The JSON.
    """
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def style_of(renderer: Any) -> JSONStyle:
    """Return how a renderer writes JSON.

    Args:
        renderer: One that :func:`writes_rows`.
    """
    separators = SHORT_SEPARATORS if renderer.compact else LONG_SEPARATORS
    return _style(renderer.encoder_class, renderer.ensure_ascii, not renderer.strict, separators)


@lru_cache(maxsize=32)
def _style(
    encoder_class: type[json.JSONEncoder],
    ensure_ascii: bool,
    allow_nan: bool,
    separators: tuple[str, str],
) -> JSONStyle:
    return JSONStyle(encoder_class, ensure_ascii, allow_nan, separators)


class RowsResponse(Response):
    """DRF's response, the data of which is made when somebody asks for it.

    Nobody does where a renderer like DRF's writes it. Middleware, tests or a ``finalize_response``
    get dictionaries, and what they change is what is written.
    """

    _rows: PrintedRows | None = None
    _is_written: bool = False

    @classmethod
    def of(cls, response: Response, rows: PrintedRows) -> RowsResponse:
        """Return a response of DRF's as one that holds rows.

        Args:
            response: It was made with the rows as its data, or as one of the values in it.
            rows: The rows.
        """
        rows_response = cls.__new__(cls)
        state = dict(vars(response))
        rows_response._data = state.pop("data")
        vars(rows_response).update(state)
        rows_response._rows = rows
        return rows_response

    @property
    def data(self) -> Any:
        """What DRF's response has; with rows in it, they become dictionaries."""
        if self._rows is not None:
            if self._is_written:
                return self._with(_PLACE)
            self._data = self._with(self._rows.data())
            self._rows = None
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        self._data = data
        self._rows = None

    def _with(self, rows: object) -> Any:
        """Return the data with something else in the place of the rows."""
        if self._data is self._rows:
            return rows
        return {key: rows if value is self._rows else value for key, value in self._data.items()}

    @property
    def rendered_content(self) -> Any:
        """The body."""
        rows = self._json()
        if rows is None:
            return super().rendered_content
        self._is_written = True
        try:
            content: Any = super().rendered_content
        finally:
            self._is_written = False
        before, _, after = content.partition(f'"{_PLACE}"'.encode())
        return b"".join((before, *rows, after))

    def _json(self) -> list[bytes] | None:
        renderer: Any = getattr(self, "accepted_renderer", None)
        media_type = getattr(self, "accepted_media_type", None) or ""
        context = getattr(self, "renderer_context", None) or {}
        if self._rows is None or "indent" in context or not writes_rows(renderer, media_type):
            return None
        try:
            return self._rows.json(renderer)
        except NotPlainJSON:
            return None

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled, by a cache for instance: the data, and not how it was printed."""
        self.data  # noqa: B018  # makes it
        return cast("dict[str, Any]", super().__getstate__())
