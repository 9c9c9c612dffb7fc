"""Extensions of drf-spectacular's that are imported when it first looks for one."""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string


def register_on_first_use(kind: Any, extension: str, priority: int) -> None:
    """Register an extension without importing it.

    drf-spectacular lists what it knows before it asks the first one, so that an extension which is
    imported then comes too late for what it is asked about. This one answers in its place.

    Args:
        kind: Which of drf-spectacular's classes it extends.
        extension: The full name of its class.
        priority: The priority of that class.
    """

    class OnFirstUse(kind):  # type: ignore[misc]  # which class it is, the caller says
        def __new__(cls, target: object) -> Any:
            return import_string(extension)(target)

        @classmethod
        def _matches(cls, target: object) -> bool:
            matches: bool = import_string(extension)._matches(target)
            return matches

    OnFirstUse.priority = priority
