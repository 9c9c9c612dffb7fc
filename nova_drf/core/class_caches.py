"""What is worked out of classes once, and forgotten when they change or go."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast
from weakref import finalize

P = ParamSpec("P")
R = TypeVar("R")

_forget: list[Callable[[], None]] = []


def once_per_class(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function of classes be called once for each, until :func:`forget_classes`.

    Args:
        function: What works something out from the bodies of classes.
    """
    cached = lru_cache(maxsize=4096)(function)
    _forget.append(cached.cache_clear)
    return cast("Callable[P, R]", cached)


def forget_classes() -> None:
    """Let everything that was worked out once for a class be worked out anew."""
    for forget in _forget:
        forget()


def kept_with_class(make: Callable[..., R]) -> Callable[..., R]:
    """Let what is made for a class be made once, and go when the class goes.

    Some projects make views at run time. They are not kept for what was worked out of them.

    Args:
        make: Is called with the class, and with what else there may be. What it returns must not
            hold the class, nor its methods, which do where they call ``super()``.
    """
    made: dict[tuple[object, ...], R] = {}
    _forget.append(made.clear)

    def kept(cls: type, *more: object) -> R:
        key = (id(cls), *more)
        known = made.get(key)
        if known is None:
            known = made[key] = make(cls, *more)
            finalize(cls, made.pop, key, None).atexit = False
        return known

    return kept
