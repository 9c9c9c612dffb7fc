"""Breaking expressions that are too long for a line, as formatters do."""

from __future__ import annotations

from collections.abc import Iterator

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_STEP = "    "


def fitted(text: str, width: int, indent: str = "", prefix: str = "", suffix: str = "") -> str:
    """Return an expression with what stands around it, on as many lines as it needs.

    Args:
        text: The expression on one line; one that has several already stays as it is.
        width: The length of a line.
        indent: What each line begins with.
        prefix: What stands before the expression.
        suffix: What stands behind it.
    """
    flat = f"{indent}{prefix}{text}{suffix}"
    found = None if "\n" in text or len(flat) <= width else _last_brackets(text)
    if found is None:
        return flat
    opening, closing = found
    inner = text[opening + 1 : closing]
    first = f"{indent}{prefix}{text[: opening + 1]}"
    last = f"{indent}{text[closing:]}{suffix}"
    deeper = indent + _STEP
    if len(deeper) + len(inner) <= width:
        return f"{first}\n{deeper}{inner}\n{last}"
    items = [fitted(item, width, deeper, "", ",") for item in _items(inner)]
    return "\n".join((first, *items, last))


def scan(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield each character outside of texts, with its place and its depth in brackets."""
    depth, quote, escaped = 0, "", False
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote and not escaped else quote
            escaped = character == "\\" and not escaped
        elif character in "\"'":
            quote = character
        elif character in _PAIRS:
            yield at, character, depth
            depth += 1
        elif character in _PAIRS.values():
            depth -= 1
            yield at, character, depth
        else:
            yield at, character, depth


def _last_brackets(text: str) -> tuple[int, int] | None:
    found, opening = None, 0
    for at, character, depth in scan(text):
        if depth == 0 and character in _PAIRS:
            opening = at
        elif depth == 0 and character in _PAIRS.values() and at > opening + 1:
            found = opening, at
    return found


def _items(text: str) -> list[str]:
    cuts = [at for at, character, depth in scan(text) if character == "," and depth == 0]
    edges = zip([0, *(cut + 1 for cut in cuts)], [*cuts, len(text)], strict=True)
    return [item for start, end in edges if (item := text[start:end].strip())]
