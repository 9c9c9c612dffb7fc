"""Reading the constraints of a core schema, in Pydantic's words and in DRF's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from nova_drf.core.ownership import Owner, owner_of

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core

_LIMITS = frozenset(("min_length", "max_length"))


def renamed(core: Core, **names: str) -> dict[str, Any]:
    """Return the constraints of a core schema under DRF's names for them."""
    return {theirs: core[ours] for ours, theirs in names.items() if core.get(ours) is not None}


def only(core: Core, *names: str) -> Core | None:
    """Return a core schema of the same type with only these constraints, if there are any."""
    rest = {name: core[name] for name in names if core.get(name) is not None}
    return {"type": core["type"], **rest} if rest else None


def method_owner(core: Core) -> object:
    """Return the class whose bound method a function node calls."""
    return getattr(core["function"]["function"], "__self__", None)


def length_limits(core: Core) -> dict[str, object]:
    """Return the lengths that ``Field(max_length=...)`` puts around a type that has none itself.

    Pydantic checks them in a function that it wraps around the type.
    """
    limits: dict[str, object] = {}
    while (limit := _limit(core)) is not None:
        limits.update(limit)
        core = core["schema"]
    return limits


def without_limits(core: Core) -> Core:
    """Return the type inside :func:`length_limits`."""
    while _limit(core) is not None:
        core = core["schema"]
    return core


def _limit(core: Core) -> dict[str, object] | None:
    if core["type"] != "function-after":
        return None
    function = core["function"]["function"]
    if not isinstance(function, partial) or owner_of(function) is not Owner.PYDANTIC:
        return None
    return function.keywords if function.keywords and function.keywords.keys() <= _LIMITS else None
