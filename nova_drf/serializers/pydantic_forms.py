"""Values of Pydantic's own types in HTML forms: unions, tuples, typed dictionaries, ...

Names say how the parts of a value nest (``pair[0]=1&pair[1]=b``, ``method.kind=card``); each part
is read by the DRF field that stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rest_framework.serializers import Serializer

from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.input_paths import NOWHERE, InputPath, put_at, value_at
from nova_drf.mapping.shape import Kind, TypeShape
from nova_drf.validation.form_data import value_in_part
from nova_drf.validation.form_parts import (
    Part,
    as_form,
    children,
    item_parts,
    part_at,
    texts_of,
    value_of_part,
)

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField

Build = Callable[[TypeShape], "AnyField"]

_LIKE_LISTS = frozenset(("tuple", "call", "named-tuple"))
_NO_FIT = 1000


def from_form(type_: TypeShape, part: Part, build: Build) -> Any:
    """Return what a form holds of a value, as JSON would have it.

    Args:
        type_: What the value is.
        part: What the form holds.
        build: Builds the DRF field of a part of the value.
    """
    texts = texts_of(part)
    if len(part) == 1 and len(texts) == 1:
        if texts[0] == "" and type_.nullable:
            return None
        if not type_.bare or type_.core["type"] == "json":
            # A validator of the schema's author takes the text apart, or Pydantic does.
            return texts[0]
    return _READ.get(type_.kind, _as_it_is)(type_, part, build)


def _inside(type_: TypeShape, part: Part, build: Build) -> Any:
    """Read a part of a value with the field that stands for it."""
    field = build(type_)
    field.bind(field_name="", parent=Serializer[Any]())
    return value_in_part(field, part)


def _boxes(type_: TypeShape) -> frozenset[str]:
    """Return the parts of a record that are not sent when they are false."""
    fields = type_.core.get("fields")
    if not isinstance(fields, dict):
        return frozenset()
    return frozenset(
        name
        for name, choice in type_.choices.items()
        if choice.core.get("type") == "bool"
        and not choice.nullable
        and fields[name].get("required") is not False
        and fields[name]["schema"]["type"] != "default"
    )


def _as_it_is(_type: TypeShape, part: Part, _build: Build) -> Any:
    return value_of_part(part)


def _of_union(type_: TypeShape, part: Part, build: Build) -> Any:
    fitting = min(type_.choices.values(), key=lambda choice: _misfit(choice, part))
    return (
        value_of_part(part) if _misfit(fitting, part) >= _NO_FIT else _inside(fitting, part, build)
    )


def _of_tagged_union(type_: TypeShape, part: Part, build: Build) -> Any:
    data = value_of_part(part)
    discriminator = type_.core["discriminator"]
    if callable(discriminator):
        tag = discriminator(data)
        choice = type_.choices.get(str(getattr(tag, "value", tag)))
        return data if choice is None else _inside(choice, part, build)
    path = next(
        (path for path in _tag_paths(discriminator) if value_at(data, path) is not NOWHERE), None
    )
    text = None if path is None else str(value_at(data, path))
    choice = type_.choices.get(text or "")
    if choice is None or path is None:
        return data
    value = _inside(choice, part, build)
    # The tag picks the member before anything could make a number of its text.
    tags = {
        str(getattr(tag, "value", tag)): getattr(tag, "value", tag) for tag in type_.core["choices"]
    }
    put_at(value, path, tags[str(text)])
    return value


def _tag_paths(discriminator: Any) -> Iterable[InputPath]:
    """Return where Pydantic looks for the tag of a union."""
    if isinstance(discriminator, str):
        return [(discriminator,)]
    return [tuple(path) for path in discriminator]


def _of_record(type_: TypeShape, part: Part, build: Build) -> Any:
    inside = children(part)
    if type_.core["type"] in _LIKE_LISTS and not any(isinstance(key, str) for key in inside):
        items = item_parts(part)
        choices = _choices_of_items(type_, len(items))
        return [
            _inside_or_value(choice, item, build)
            for choice, item in zip(choices, items, strict=True)
        ]
    values = {str(key): value_of_part(below) for key, below in inside.items()}
    form = as_form(part, "")
    boxes = _boxes(type_)
    for name, choice in type_.choices.items():
        paths = type_.paths.get(name, ((name,),))
        path = next((path for path in paths if part_at(form, path)), paths[0])
        inner = part_at(form, path)
        if inner or name in boxes:
            put_at(values, path, _inside(choice, inner, build))
    return values


def _inside_or_value(choice: TypeShape | None, part: Part, build: Build) -> Any:
    return value_of_part(part) if choice is None else _inside(choice, part, build)


def _choices_of_items(type_: TypeShape, count: int) -> Sequence[TypeShape | None]:
    """Return what each of so many items of a tuple is; ``None`` for those that are too many."""
    return [type_.choices.get(str(at)) for at in range(count)]


def _of_root(type_: TypeShape, part: Part, build: Build) -> Any:
    return value_of_part(part) if type_.item is None else _inside(type_.item, part, build)


_READ: Mapping[Kind, Callable[[TypeShape, Part, Build], Any]] = {
    Kind.UNION: _of_union,
    Kind.TAGGED_UNION: _of_tagged_union,
    Kind.RECORD: _of_record,
    Kind.ROOT: _of_root,
}


# Which member of a union a form holds


def _misfit(type_: TypeShape, part: Part) -> int:
    """Return how badly the names in a form fit a type; ``_NO_FIT`` if not at all."""
    inside = children(part)
    if type_.kind is Kind.ROOT and type_.item is not None:
        return _misfit(type_.item, part)
    if type_.kind is Kind.UNION:
        return min(_misfit(choice, part) for choice in type_.choices.values())
    has_keys = any(isinstance(key, str) for key in inside)
    is_list = type_.kind is Kind.LIST or type_.core.get("type") in _LIKE_LISTS
    if is_list:
        return _NO_FIT if has_keys else _misfit_of_items(type_, item_parts(part), bool(inside))
    if type_.kind in _WITH_KEYS:
        return _misfit_of_keys(type_, inside) if has_keys else _NO_FIT
    is_text = not inside and len(texts_of(part)) <= 1
    if type_.kind is Kind.SCALAR:
        return 0 if is_text or type_.mapping is None else _NO_FIT
    return 0 if is_text else _NO_FIT - 1


def _misfit_of_items(type_: TypeShape, items: Sequence[Part], has_indices: bool) -> int:
    # A single text may be a list of one, but is something else first.
    own = 1 if len(items) == 1 and not has_indices else 0
    if type_.kind is Kind.LIST and type_.item is not None:
        return max([own, *(_misfit(type_.item, item) for item in items)])
    choices = _choices_of_items(type_, len(items))
    lacking = max(len(type_.choices) - len(items), 0)
    return (
        own
        + lacking
        + sum(
            1 if choice is None else _misfit(choice, item)
            for choice, item in zip(choices, items, strict=True)
        )
    )


_WITH_KEYS = frozenset((Kind.SCHEMA, Kind.DICT, Kind.RECORD, Kind.TAGGED_UNION))


def _misfit_of_keys(type_: TypeShape, inside: Mapping[str | int, Part]) -> int:
    if type_.kind is Kind.DICT and type_.item is not None:
        return max(_misfit(type_.item, below) for below in inside.values())
    if type_.kind is Kind.TAGGED_UNION:
        return min(_misfit_of_keys(choice, inside) for choice in type_.choices.values())
    known: dict[str | int, TypeShape | None]
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        fields = [field for field in shape_of(type_.schema).fields.values() if not field.read_only]
        known = {
            path[0]: field.type if len(path) == 1 else None
            for field in fields
            for path in field.input_paths
        }
        lacking = sum(
            field.required and not any(path[0] in inside for path in field.input_paths)
            for field in fields
        )
    else:
        known = {str(key): choice for key, choice in type_.choices.items()}
        lacking = sum(key not in inside for key in known)
    wrong = sum(
        key not in known or (choice is not None and _misfit(choice, below) >= _NO_FIT - 1)
        for key, below in inside.items()
        for choice in (known.get(key),)
    )
    return min(2 * wrong + lacking, _NO_FIT - 1)
