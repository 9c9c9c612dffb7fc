"""How much is validated or printed on the event loop before a worker thread takes over.

Code that runs on the loop lets nobody else run. So what is handled there is small: no more values
than ``NOVA_DRF["VALUES_ON_LOOP"]`` says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from pydantic import BaseModel

from nova_drf.core.settings import get_setting

CHARACTERS = 100
"""How many characters of a text count as much as one more value."""

_ITEMS = (list, tuple, set, frozenset, deque)


def fits_on_loop(value: object) -> bool:
    """Whether a payload is small enough to be handled on the event loop.

    It is looked at only until there are too many values, and nothing is asked of objects: what is
    neither data nor a collection counts as one value.

    Args:
        value: The input, the object to print, or the data of a response.
    """
    left: int = get_setting("VALUES_ON_LOOP")
    waiting = [value]
    while waiting:
        current = waiting.pop()
        left -= 1 + len(current) // CHARACTERS if isinstance(current, (str, bytes)) else 1
        parts = _parts(current)
        if parts is None or sum(map(len, parts)) + len(waiting) > left:
            return False
        waiting.extend(chain.from_iterable(parts))
    return left >= 0


def _parts(value: object) -> tuple[Collection[object], ...] | None:
    """Return what a value is made of; ``None`` where nobody knows how much that is."""
    if isinstance(value, _ITEMS):
        return (value,)
    if isinstance(value, dict):
        # A form has a list for each key, which only the methods of a dictionary show.
        return dict.keys(value), dict.values(value)
    if isinstance(value, BaseModel):
        return vars(value).values(), (value.__pydantic_extra__ or {}).values()
    return None if isinstance(value, (Mapping, Iterator)) else ()
