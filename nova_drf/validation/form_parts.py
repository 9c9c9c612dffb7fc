"""The names of a form's values, taken apart as DRF does: ``position.x``, ``items[0]name``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from django.utils.datastructures import MultiValueDict
from rest_framework.fields import empty

from nova_drf.mapping.input_paths import InputPath

Part: TypeAlias = "MultiValueDict[str, Any]"
"""What a form holds of one value, by the rest of each name.

``""`` is the value itself, ``".x"`` what it has at a key, ``"[0]"`` an item of it. To a DRF field
without a name, such as the child of a list, a part is a form.
"""

_STEP = re.compile(r"(?:\.([^.\[]+)|\[([0-9]{1,9})\])(.*)", re.DOTALL)
_HEAD = re.compile(r"[^.\[]+")


def part_of(form: Any, name: str) -> Part:
    """Return what a form holds under a name.

    Args:
        form: A ``MultiValueDict``.
        name: The name of a value.
    """
    length = len(name)
    return MultiValueDict(
        {
            key[length:]: form.getlist(key)
            for key in form
            if key.startswith(name) and key[length : length + 1] in ("", ".", "[")
        }
    )


def as_part(value: Any) -> Part:
    """Return as a part what DRF's parsers make of the items and the keys of a value.

    Args:
        value: A text, a file, or a form whose names begin inside the value.
    """
    if not hasattr(value, "getlist"):
        return MultiValueDict({"": [value]})
    return MultiValueDict({_rest(key): value.getlist(key) for key in value})


def as_form(part: Part, name: str) -> Part:
    """Return a part as a form that has its value under a name, or is its value without one."""
    names = {rest: name + rest if name else rest.removeprefix(".") for rest in part}
    return MultiValueDict({names[rest]: part.getlist(rest) for rest in part})


def part_at(form: object, path: InputPath) -> Part:
    """Return what a form holds at a path of keys and indices."""
    part = part_of(form, str(path[0]))
    for step in path[1:]:
        inside = children(part)
        if isinstance(step, str) or (step >= 0 and any(isinstance(key, int) for key in inside)):
            part = inside.get(step) or MultiValueDict()
        else:
            items = item_parts(part)
            part = items[step] if -len(items) <= step < len(items) else MultiValueDict()
    return part


def is_in_form(form: Mapping[str, object], path: InputPath) -> bool:
    """Whether a form holds anything at a path."""
    name, *rest = map(str, path)
    if rest:
        return bool(part_at(form, path))
    return name in form or any(key.startswith((f"{name}.", f"{name}[")) for key in form)


def texts_of(part: Part) -> list[Any]:
    """Return what was sent under the name itself: texts, or files."""
    return part.getlist("")


def children(part: Part) -> dict[str | int, Part]:
    """Return what a value has inside, by key or index."""
    by_name: dict[str | int, Part] = {}
    for rest in part:
        step = _STEP.fullmatch(rest)
        if step is not None:
            key, index, below = step.groups()
            name: str | int = key if index is None else int(index)
            by_name.setdefault(name, MultiValueDict()).setlist(_rest(below), part.getlist(rest))
    return by_name


def item_parts(part: Part) -> list[Part]:
    """Return the items of a list: those with an index, else all that has the list's own name."""
    inside = children(part)
    indices = sorted(key for key in inside if isinstance(key, int))
    if indices:
        return [inside[index] for index in indices]
    return [MultiValueDict({"": [text]}) for text in texts_of(part)]


def value_of_part(part: Part) -> Any:
    """Return what the names alone say that a value is; ``empty`` if there is nothing."""
    inside = children(part)
    if not inside:
        texts = texts_of(part)
        if len(texts) > 1:
            return texts
        return texts[0] if texts else empty
    if all(isinstance(key, int) for key in inside):
        return [value_of_part(item) for item in item_parts(part)]
    return {str(key): value_of_part(below) for key, below in inside.items()}


def other_values(form: Mapping[str, object], known: Sequence[str]) -> dict[str, Any]:
    """Return what a form holds under none of the known names, as JSON would have it.

    Args:
        form: A ``MultiValueDict``.
        known: The keys of the payload that fields read.
    """
    heads = dict.fromkeys(head[0] for key in form if (head := _HEAD.match(key)))
    wanted = [head for head in heads if head not in known and head != _CSRF_TOKEN]
    return {head: value_of_part(part_of(form, head)) for head in wanted}


_CSRF_TOKEN = "csrfmiddlewaretoken"  # noqa: S105  (what Django calls the input, no token)


def _rest(key: str) -> str:
    """Return the rest of a name as those of a part are: after an index, DRF needs no point."""
    return key if not key or key[0] in ".[" else f".{key}"
