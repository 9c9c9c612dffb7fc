"""A system check for steps that an async view calls, and does not await."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from functools import cache
from textwrap import dedent
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning

from nova_drf.checks.messages import distinct
from nova_drf.checks.views import routed_views
from nova_drf.core.concurrency import is_awaited
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.core.steps import is_adapter
from nova_drf.migration.endpoints import dotted_name
from nova_drf.views.base import AsyncAPIView

_STEPS = frozenset(
    (
        *("initial", "perform_authentication", "check_permissions", "check_throttles"),
        *("check_object_permissions", "perform_create", "perform_update", "perform_destroy"),
    )
)
"""The steps that a view calls for what they do, and not for what they return."""


def check_awaits(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """``nova_drf.W004``: an ``async def`` calls a step of its view without ``await``.

    On an event loop such a call only makes a coroutine. The request ends in an exception, as the
    step would have had no effect.
    """
    return distinct(
        Warning(
            f"{dotted_name(cls)}: {method}() is `async def`, and calls {step}() without `await`.",
            hint=f"Write `await` in front of the call of {step}().",
            obj=cls,
            id="nova_drf.W004",
        )
        for cls in routed_views()
        if isinstance(cls, type) and issubclass(cls, AsyncAPIView)
        for method, step in dict.fromkeys(_forgotten(cls))
    )


def _forgotten(cls: Any) -> Iterator[tuple[str, str]]:
    """Yield the methods of a view that forget to await a step, and the step."""
    for base in cls.__mro__:
        if owner_of(base) is not Owner.PROJECT or is_adapter(base):
            continue
        for name, method in vars(base).items():
            if is_awaited(method) and getattr(cls, name, None) is not None:
                for step in _called_only(method):
                    # What is not ``async def`` is just called where the view says so.
                    if not cls.runs_inline or is_awaited(getattr(cls, step, None)):
                        yield f"{base.__qualname__}.{name}", step


@cache
def _called_only(method: object) -> tuple[str, ...]:
    """Return the steps that are statements of their own in a method's source."""
    try:
        tree = ast.parse(dedent(inspect.getsource(method)))  # type: ignore[arg-type]  # or raises
    except (OSError, TypeError, SyntaxError):
        # There is no source to read, as of what a tool has made.
        return ()
    calls = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    )
    return tuple(dict.fromkeys(step for call in calls if (step := _step_of(call.func))))


def _step_of(called: ast.expr) -> str:
    """Return the step that ``self.step`` or ``super().step`` names."""
    if not isinstance(called, ast.Attribute) or called.attr not in _STEPS:
        return ""
    match called.value:
        case ast.Name("self") | ast.Call(ast.Name("super")):
            return called.attr
    return ""
