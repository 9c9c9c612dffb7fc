"""Where in a payload the value of a field is looked for: aliases, paths of them, and choices.

A :data:`InputPath` is what Pydantic's ``AliasPath`` is, ``("position", "x")`` or ``("names", 0)``;
a plain alias is a path of one key. Names on the way out are another matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from nova_drf.core.printers import prints_aliases

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core

InputPath: TypeAlias = tuple[str | int, ...]

NOWHERE = object()
"""There is no value at a path."""


def input_paths(name: str, node: Core, config: Mapping[str, object]) -> tuple[InputPath, ...]:
    """Return where Pydantic looks for a field's value, the first place first.

    Args:
        name: The attribute.
        node: Its node in the core schema.
        config: The configuration of its model, in the core schema's form.
    """
    by_name = bool(config.get("validate_by_name") or config.get("populate_by_name"))
    alias = node.get("validation_alias")
    if not alias or (by_name and config.get("validate_by_alias") is False):
        return ((name,),)
    if isinstance(alias, str):
        paths: list[InputPath] = [(alias,)]
    else:
        paths = [tuple(path) for path in (alias if isinstance(alias[0], list) else [alias])]
    if by_name and (name,) not in paths:
        paths.append((name,))
    return tuple(paths)


def output_name(name: str, alias: str | None, config: Mapping[str, object]) -> str:
    """Return the key under which a field is printed.

    Args:
        name: The attribute.
        alias: Its serialization alias, if it has one.
        config: The configuration of its model, in the core schema's form.
    """
    return name if alias is None or not prints_aliases(config) else alias


def value_at(data: Any, path: InputPath) -> Any:
    """Return what a payload holds at a path; :data:`NOWHERE` if it holds nothing there."""
    for step in path:
        if not _has(data, step):
            return NOWHERE
        data = data[step]
    return data


def _has(data: Any, step: str | int) -> bool:
    if isinstance(step, str):
        # The common class first: asking an abstract one takes longer than all else.
        return (data.__class__ is dict or isinstance(data, Mapping)) and step in data
    return isinstance(data, (list, tuple)) and -len(data) <= step < len(data)


def path_in(data: object, paths: Sequence[InputPath]) -> InputPath:
    """Return the path at which a payload holds a field's value; the first one if at none."""
    if len(paths) == 1:
        return paths[0]
    return next((path for path in paths if value_at(data, path) is not NOWHERE), paths[0])


def form_name(path: InputPath) -> str:
    """Return the name of a form's input for the value at a path: ``position.x``, ``names[0]``."""
    head, *steps = path
    rest = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return f"{head}{''.join(rest)}"


def put_at(data: dict[str, Any], path: InputPath, value: object) -> None:
    """Put a value at a path of a payload, with the dictionaries and lists on the way to it.

    What is on the way is copied. A list that has no such place grows by ``None`` up to it.

    Args:
        data: The payload.
        path: Where.
        value: The value.
    """
    holder: Any = data
    for step, following in pairwise(path):
        kind: type = dict if isinstance(following, str) else list
        below = value_at(holder, (step,))
        below = kind(below) if isinstance(below, kind) else kind()
        _set(holder, step, below)
        holder = below
    _set(holder, path[-1], value)


def _set(holder: Any, step: str | int, value: object) -> None:
    if isinstance(step, int):
        lacking = step + 1 - len(holder) if step >= 0 else -step - len(holder)
        holder.extend([None] * lacking)
    holder[step] = value


def remove_at(data: dict[str, Any], path: InputPath) -> None:
    """Take the value at a path out of a payload; an item of a list becomes ``None``.

    Args:
        data: The payload. What is on the way is copied.
        path: Where.
    """
    if value_at(data, path) is NOWHERE:
        return
    holder, step = path[:-1], path[-1]
    if not isinstance(step, str):
        put_at(data, path, None)
    elif not holder:
        del data[step]
    else:
        below = value_at(data, holder)
        put_at(data, holder, {key: value for key, value in below.items() if key != step})
