"""Whether code of the project's may have to do with a field, as far as its source tells."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from textwrap import dedent

from nova_drf.core.overrides import is_users


def names_field(cls: type, methods: tuple[str, ...], name: str) -> bool:
    """Whether a method of the project's names a field, or may do so by a variable.

    Args:
        cls: The class; the methods of all its bases count.
        methods: The methods to look at.
        name: What the field is called in the data that the methods see.
    """
    functions = (
        vars(base)[method]
        for base in cls.__mro__
        if is_users(base)
        for method in methods
        if method in vars(base)
    )
    return any(keys is None or name in keys for keys in map(_keys_in, functions))


@cache
def _keys_in(function: object) -> frozenset[str] | None:
    """Return the texts in a function's source; ``None`` where it computes keys, or is not there."""
    try:
        tree = ast.parse(dedent(inspect.getsource(function)))  # type: ignore[arg-type]  # or raises
    except (OSError, TypeError, SyntaxError):
        return None
    if any(
        isinstance(node, ast.Subscript) and not _stands_as_it_is(node.slice)
        for node in ast.walk(tree)
    ):
        return None
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value for value in constants if isinstance(value, str))


def _stands_as_it_is(key: ast.expr) -> bool:
    """Whether a key, or a type argument, stands there as it is."""
    return isinstance(key, (ast.Constant, ast.Slice, ast.Attribute, ast.Tuple)) or (
        isinstance(key, ast.Name) and key.id[:1].isupper()
    )
