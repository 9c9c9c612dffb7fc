"""Attributes that are methods: DRF calls those that need no arguments."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from rest_framework.fields import is_simple_callable

_METHODS = 1024
"""Of how many methods it is remembered whether they need arguments."""

_needs_nothing: dict[Hashable, bool] = {}


def is_called(value: Any) -> bool:
    """Whether DRF calls an attribute and prints the result (its ``is_simple_callable``).

    It looks at the signature of each object's method, which takes longer than all the rest of
    reading the object. Here that is done once for each method.

    Args:
        value: An attribute of an object.

    Raises:
        rest_framework.fields.BuiltinSignatureError: It is a builtin, as for DRF.
    """
    method = _method(value)
    if method is None:
        return bool(is_simple_callable(value))
    try:
        return _needs_nothing[method]
    except KeyError:
        pass
    if len(_needs_nothing) >= _METHODS:
        _needs_nothing.clear()
    known = _needs_nothing[method] = bool(is_simple_callable(value))
    return known


def _method(value: Any) -> Hashable:
    """Return what stands for a method, whichever object it was asked of.

    Django's ``get_<field>_display`` is a ``functools.partial`` of one.
    """
    if isinstance(value, MethodType) and isinstance(value.__func__, FunctionType):
        return value.__func__
    if isinstance(value, partial) and isinstance(value.func, MethodType):
        function = _method(value.func)
        return function and (function, len(value.args), *value.keywords)
    return None
