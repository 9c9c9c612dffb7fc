"""Walking core schemas (``pydantic_core.core_schema``), the trees that Pydantic compiles.

A leaf of its own, so that services can rewrite the types of their arguments without the rest of
:mod:`nova_drf.mapping`, which knows Django REST Framework.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Core: TypeAlias = Any
"""One node: a dictionary with a ``type``. To a type checker it is ``Any``, since
``pydantic_core.CoreSchema`` is a union of sixty TypedDicts that no rewriting can keep apart."""

_ONE = frozenset(
    (
        "schema",
        "items_schema",
        "keys_schema",
        "values_schema",
        "lax_schema",
        "strict_schema",
        "json_schema",
        "python_schema",
        "extras_schema",
    )
)
_MANY = frozenset(("items_schema", "steps", "definitions"))


def rewrite(node: Core, visit: Callable[[Core], Core | None]) -> Core:
    """Return a copy of the tree in which ``visit`` replaced what it wanted to.

    Args:
        node: The tree; it is not changed.
        visit: Called with each node, outermost first. A node that it returns is taken as it is;
            for ``None`` the walk goes on with the node's children.
    """
    replacement = visit(node)
    if replacement is not None:
        return replacement
    return rewrite_children(node, visit)


def rewrite_children(node: Core, visit: Callable[[Core], Core | None]) -> Core:
    """Like :func:`rewrite`, but without asking ``visit`` about ``node`` itself."""
    copy = dict(node)
    for key, value in node.items():
        if key in _ONE and isinstance(value, dict):
            copy[key] = rewrite(value, visit)
        elif key in _MANY and isinstance(value, list):
            copy[key] = [rewrite(item, visit) for item in value]
        elif key == "fields" and isinstance(value, dict):
            copy[key] = {name: rewrite(item, visit) for name, item in value.items()}
        elif key == "fields" and isinstance(value, list):
            # The arguments of a dataclass are nodes, the names of its fields are not.
            copy[key] = [rewrite(item, visit) if isinstance(item, dict) else item for item in value]
        elif key == "choices":
            copy[key] = _rewrite_choices(value, visit)
        elif key == "arguments_schema":
            copy[key] = _rewrite_arguments(value, visit)
    return copy


def _rewrite_choices(choices: Any, visit: Callable[[Core], Core | None]) -> Any:
    """Rewrite the choices of a union (a list) or of a tagged union (a dictionary by tag)."""
    if isinstance(choices, dict):
        return {tag: rewrite(choice, visit) for tag, choice in choices.items()}
    return [
        (rewrite(choice[0], visit), choice[1])
        if isinstance(choice, tuple)
        else rewrite(choice, visit)
        for choice in choices
    ]


def _rewrite_arguments(arguments: Any, visit: Callable[[Core], Core | None]) -> Any:
    """Rewrite the arguments of a call: the node that holds them, or their list in it."""
    if isinstance(arguments, dict):
        return rewrite(arguments, visit)
    return [{**one, "schema": rewrite(one["schema"], visit)} for one in arguments]
