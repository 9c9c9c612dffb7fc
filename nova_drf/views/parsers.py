"""Parsers for bodies from anybody."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

from nova_drf.validation.unparsed import UnparsedJSON


class JSONParser(parsers.JSONParser):
    """DRF's parser, with an answer to bodies that are nested deeper than Python can follow.

    DRF reads a body where ``request.data`` is first asked for, before any serializer; its own
    parser lets a ``RecursionError`` escape there, which is a status 500 for 2 kB of brackets.

    >>> REST_FRAMEWORK = {"DEFAULT_PARSER_CLASSES": ["nova_drf.views.parsers.JSONParser", ...]}

    Follows:
        ``rest_framework.parsers.JSONParser``.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value that a body holds.

        Raises:
            ParseError: It is no JSON, or is nested too deep.
        """
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON parse error - the value is nested too deep") from error


class SchemaJSONParser(JSONParser):
    """The same parser, which also hands out bodies that nobody has parsed yet.

    Generic views of ours do so by themselves with this parser, with :class:`JSONParser` and with
    DRF's: what their serializer's schema takes as text is never parsed, and ``request.data`` is
    what it always is. Code that gets its text from elsewhere may do the same:

    >>> body = SchemaJSONParser().unparsed(stream)
    >>> serializer = BookSerializer(data=body)

    Follows:
        ``rest_framework.parsers.JSONParser``.
    """

    def unparsed(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> UnparsedJSON:
        """Return a body that :meth:`parse` has yet to read, for a serializer made of a schema.

        Args:
            stream: The body, in UTF-8.
            media_type: As for :meth:`parse`, which is called if somebody looks at the values.
            parser_context: As for :meth:`parse`.
        """
        content = stream.read()
        context = {**(parser_context or {}), "encoding": "utf-8"}
        parsed: list[Any] = []

        def parse() -> Any:
            if not parsed:
                parsed.append(self.parse(BytesIO(content), media_type, context))
            return parsed[0]

        return UnparsedJSON(content, parse, lambda: bool(parsed))
