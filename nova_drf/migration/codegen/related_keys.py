"""The keys in which relations of a model are written."""

from __future__ import annotations

from typing import Any, Optional

import libcst as cst
import libcst.matchers as m
from rest_framework import relations

from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.arguments import Arguments, Limits
from nova_drf.migration.codegen.names import CannotWriteError
from nova_drf.migration.convert.attribute_types import python_type
from nova_drf.migration.convert.results import Member

RELATIONS = (relations.RelatedField, relations.ManyRelatedField)


def key_type(field: AnyField, limits: Limits, described: Member) -> object:
    """Return the type of the keys in which a relation of a model is written."""
    single = field.child_relation if isinstance(field, relations.ManyRelatedField) else field
    if type(single) is not relations.PrimaryKeyRelatedField or single.pk_field is not None:
        raise CannotWriteError(described.reasons[0])
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    names = [] if model is None else [column.name for column in model._meta.get_fields()]
    related: Any = None
    if model is not None and field.source in names:
        related = model._meta.get_field(field.source).related_model
    if related is None:
        raise CannotWriteError(f"{field.source} is no relation of a model")
    if isinstance(limits, Arguments):
        _refuse_own_query(limits.given.get("queryset"), related)
    key = python_type(related._meta.pk)
    if key is Any:
        raise CannotWriteError(f"nothing says what the keys of {related.__name__} are")
    annotation = list[key] if single is not field else key  # type: ignore[valid-type]  # made here
    return Optional[annotation] if field.allow_null else annotation  # noqa: UP045


def _refuse_own_query(queryset: cst.BaseExpression | None, model: Any) -> None:
    """Refuse a query set that is another one than the model's relation looks in."""
    if queryset is None:
        return
    manager = m.Attribute(m.Name(model.__name__), m.Name("objects"))
    everything = manager | m.Call(m.Attribute(manager, m.Name("all")), args=[])
    is_default = getattr(model, "objects", None) == model._default_manager
    if not (is_default and m.matches(queryset, everything)):
        raise CannotWriteError("its queryset")
