"""What is related to the objects that a serializer prints is read by one query for each relation.

Django reads it object by object where the queryset does not say otherwise. Here it is read when
printing begins, so that neither the queryset nor the order of its rows is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from django.db.models import Model, QuerySet

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.settings import get_setting
from nova_drf.queries.reading_ahead import related_objects
from nova_drf.serializers.method_order import RUNS_BY_SCHEMA
from nova_drf.serializers.read_relations import (
    may_read_relations,
    prints_its_fields,
    reads_of,
    reads_of_class,
)

QUERY_PLANS = ("safe", "all", "off")


def query_plan_of(serializer_class: Any) -> str:
    """Return what ``Meta.query_plan`` says, or else ``NOVA_DRF["QUERY_PLAN"]``.

    Where neither says anything, serializers that are made of a schema read ahead. Those with the
    mixin make the queries that DRF makes, which tests of the project may count.

    Args:
        serializer_class: The class.

    Raises:
        SchemaDefinitionError: It is none of the three.
    """
    chosen = getattr(getattr(serializer_class, "Meta", None), "query_plan", None)
    plan: str | None = get_setting("QUERY_PLAN") if chosen is None else chosen
    if plan is None:
        return "safe" if getattr(serializer_class, RUNS_BY_SCHEMA, False) else "off"
    if plan not in QUERY_PLANS:
        raise SchemaDefinitionError(
            f"{serializer_class.__module__}.{serializer_class.__qualname__}: the query plan is "
            f"{plan!r}. Let Meta.query_plan, or NOVA_DRF['QUERY_PLAN'], be one of: "
            f"{', '.join(QUERY_PLANS)}."
        )
    return plan


def objects_read_ahead(serializer: Any, objects: Sequence[Any]) -> AbstractContextManager[None]:
    """Return a block in which objects have what a serializer prints of their relations.

    Args:
        serializer: What prints each of them.
        objects: The objects, of whatever kind.
    """
    if not objects or not isinstance(objects[0], Model):
        return nullcontext()
    cls: Any = type(serializer)
    model: Any = type(objects[0])
    plan = query_plan_of(cls)
    if plan == "off" or not (may_read_relations(cls, model) or serializer.has_fields_of_its_own):
        return nullcontext()
    reads = reads_of(serializer, model)
    if not reads.related or (len(objects) == 1 and not reads.multiplies):
        return nullcontext()
    return related_objects(objects, reads, keeps_order=plan == "safe")


def reads_no_more(serializer: Any, model: Any) -> bool:
    """Whether nothing is to be read ahead for one object, whatever the query plan is.

    Args:
        serializer: What prints it.
        model: The model of the object.
    """
    cls: Any = type(serializer)
    return (
        getattr(cls, RUNS_BY_SCHEMA, False)
        and "fields" not in vars(serializer)
        and _reads_one_by_one(cls, model)
        and not serializer._makes_own_fields
    )


@lru_cache(maxsize=1024)
def _reads_one_by_one(cls: object, model: object) -> bool:
    """Whether what the fields of a class read of one object is read by as many queries anyway."""
    return not may_read_relations(cls, model) or not reads_of_class(cls, model).multiplies


def may_be_looked_at(objects: object, serializer: object) -> bool:
    """Whether a list may be read before each object of it prints itself.

    Args:
        objects: What is to be printed.
        serializer: What prints each of them.
    """
    cls: Any = type(serializer)
    return prints_its_fields(cls) and isinstance(objects, (list, tuple, QuerySet))
