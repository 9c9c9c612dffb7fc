"""What an annotation of a service's method is: a schema, a model, a queryset."""

from __future__ import annotations

import re
from typing import Annotated, Any, get_args, get_origin

from django.db.models import Model, QuerySet
from pydantic import BaseModel


def schema_in(annotation: Any) -> type[BaseModel] | None:
    """Return the Pydantic model that an annotation is, ``| None`` and ``Annotated`` aside."""
    if get_origin(annotation) is Annotated:
        return schema_in(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    members = [one for one in get_args(annotation) if one is not type(None)]
    if len(members) == 1 and type(None) in get_args(annotation):
        return schema_in(members[0])
    return None


def model_in(annotation: Any) -> type[Model] | None:
    """Return the Django model that an annotation is, ``| None`` and ``Annotated`` aside."""
    if get_origin(annotation) is Annotated:
        return model_in(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    members = [one for one in get_args(annotation) if one is not type(None)]
    if len(members) == 1 and type(None) in get_args(annotation):
        return model_in(members[0])
    return None


def is_queryset(annotation: Any) -> bool:
    origin = get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, QuerySet)


def is_model(annotation: Any) -> bool:
    if isinstance(annotation, type):
        return issubclass(annotation, Model)
    return any(is_model(one) for one in get_args(annotation) if isinstance(one, type))


def groups_in(url_path: str | None) -> tuple[str, ...]:
    found = re.findall(r"\(\?P<(\w+)>|<(?:\w+:)?(\w+)>", url_path or "")
    return tuple(first or second for first, second in found)
