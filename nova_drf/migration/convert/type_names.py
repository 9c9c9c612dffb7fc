"""Types in words, as a programmer would write them."""

from __future__ import annotations

import types
from typing import Annotated, ForwardRef, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from nova_drf.schemas.use_field import UseField


def type_name(annotation: object) -> str:
    """Return an annotation as source code, with names as short as they can be.

    Args:
        annotation: What stands behind a field's colon.
    """
    if annotation is None or annotation is type(None):
        return "None"
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if origin in (Union, types.UnionType):
        return " | ".join(map(type_name, arguments))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is not None and arguments:
        return f"{type_name(origin)}[{', '.join(map(type_name, arguments))}]"
    return getattr(annotation, "__name__", None) or str(annotation).removeprefix("typing.")


def _annotated(type_: object, marks: tuple[object, ...]) -> str:
    said = [text for mark in marks if (text := _mark(mark))]
    return f"{type_name(type_)} ({', '.join(said)})" if said else type_name(type_)


def _mark(mark: object) -> str:
    if isinstance(mark, FieldInfo):
        return ", ".join(f"{name}={value!r}" for name, value in constraints_of(mark).items())
    if isinstance(mark, UseField):
        return ""
    return repr(mark)


def constraints_of(info: FieldInfo) -> dict[str, object]:
    """Return the constraints that ``Field(...)`` was given."""
    constraints: dict[str, object] = {}
    for mark in info.metadata:
        constraints |= {name: value for name, value in vars_of(mark).items() if value is not None}
    return constraints


def vars_of(mark: object) -> dict[str, object]:
    """Return the attributes of one of Pydantic's constraints."""
    names = getattr(type(mark), "__dataclass_fields__", None) or vars(mark)
    return {name: getattr(mark, name) for name in names}
