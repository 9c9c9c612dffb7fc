"""JSON that nobody has parsed yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class UnparsedJSON:
    """The text of a body, which a serializer made of a schema may validate as it is.

    It is no dictionary: what C code makes of a dictionary that fills itself is an empty one. Who
    looks at ``request.data`` or ``serializer.initial_data`` gets what DRF's parser makes of it.

    Args:
        content: The body, in UTF-8.
        parse: Returns what DRF's parser makes of it, the same object each time.
        is_parsed: Says whether anybody has asked for that, and so may have changed it.
    """

    __slots__ = ("content", "is_parsed", "parse")

    def __init__(
        self, content: bytes, parse: Callable[[], Any], is_parsed: Callable[[], bool]
    ) -> None:
        self.content = content
        self.parse = parse
        self.is_parsed = is_parsed

    def __deepcopy__(self, memo: object) -> UnparsedJSON:
        """Return the same: DRF copies the arguments of a serializer that is used as a field."""
        return self

    def __reduce__(self) -> tuple[Callable[[Any], Any], tuple[Any]]:
        """Be pickled as what is in it: who reads it later cannot ask the parser."""
        return _as_it_is, (self.parse(),)


def _as_it_is(value: object) -> Any:
    return value
