"""Keys that no row can have, and that a database may not even be asked for."""

from __future__ import annotations

from typing import Any


def may_be_stored(key: Any) -> bool:
    """Whether a database can hold a key: PostgreSQL has no NUL in texts, none has surrogates."""
    if isinstance(key, (tuple, list)):
        return all(may_be_stored(part) for part in key)
    if not isinstance(key, str):
        return True
    return "\x00" not in key and not any("\ud800" <= letter <= "\udfff" for letter in key)
