"""A parser for bodies from anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """DRF's parser, with an answer to bodies that are nested deeper than Python can follow.

    DRF reads a body where ``request.data`` is first asked for, before any serializer; its own
    parser lets a ``RecursionError`` escape there, which is a status 500 for 2 kB of brackets.

    >>> REST_FRAMEWORK = {"DEFAULT_PARSER_CLASSES": ["nova_drf.views.parsers.JSONParser", ...]}
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
