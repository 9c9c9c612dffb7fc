"""Users who are named on a command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError

NOBODY = "anonymous"
"""What stands for nobody."""

_CANNOT = 2


def users_named(names: Sequence[str] | None) -> dict[str, Any] | None:
    """Return users by their names, the empty name for nobody.

    Args:
        names: The names with which they log in; ``None`` where none is told.

    Raises:
        CommandError: There is no such user.
    """
    if not names:
        return None
    users: dict[str, Any] = {}
    manager: Any = get_user_model()._default_manager
    for name in names:
        if name == NOBODY:
            users[""] = None
            continue
        try:
            users[name] = manager.get_by_natural_key(name)
        except ObjectDoesNotExist as error:
            raise CommandError(
                f"There is no user {name!r}. Write the name that a user of this database logs in "
                f"with, or {NOBODY!r}.",
                returncode=_CANNOT,
            ) from error
    return users
