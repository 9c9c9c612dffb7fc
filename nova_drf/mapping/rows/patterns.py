"""Regular expressions, searched by the engine that Pydantic would use."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core

_SURROGATES = re.compile("[\ud800-\udfff]")


class LinearPattern:
    """A regular expression that Rust searches, in the place of one of Python's.

    Django's ``RegexValidator`` takes it for a compiled pattern. The time of a search grows with
    the length of the text, and not faster, whatever the text and the pattern are.

    Args:
        pattern: As it was written.

    Raises:
        pydantic_core.SchemaError: Rust cannot read it.
    """

    flags: int = re.UNICODE.value

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        node = core_schema.str_schema(pattern=pattern, regex_engine="rust-regex", strict=True)
        self._matches = SchemaValidator(node).isinstance_python

    def search(self, string: str) -> bool:
        """Return whether the pattern is found somewhere in a text."""
        # Rust's texts have no lone surrogates, which no class of characters names.
        return self._matches(string if string.isascii() else _SURROGATES.sub("\ufffd", string))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LinearPattern) and self.pattern == other.pattern

    def __hash__(self) -> int:
        return hash(self.pattern)

    def __repr__(self) -> str:
        return f"LinearPattern({self.pattern!r})"

    def __deepcopy__(self, memo: object) -> LinearPattern:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return LinearPattern, (self.pattern,)


def linear_pattern(core: Core) -> LinearPattern | None:
    """Return the pattern of a text as Rust searches it, or ``None`` where Python has to.

    That is where the model's ``regex_engine`` or a compiled expression says so, and for what Rust
    cannot read: look-around, say.

    Args:
        core: The core schema of the text, with what its model's configuration says about it.
    """
    if core.get("regex_engine", "rust-regex") != "rust-regex":
        return None
    pattern = core["pattern"]
    return _linear(pattern) if isinstance(pattern, str) else None


@cache
def _linear(pattern: str) -> LinearPattern | None:
    try:
        return LinearPattern(pattern)
    except SchemaError:
        return None
