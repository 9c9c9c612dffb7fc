"""Related objects of many instances, read by one query before somebody reads them one by one.

No queryset is changed: the instances are there already. Each gets what its attributes would have
given. What Django would not have kept, it does not keep either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, router
from django.db.models import Model, prefetch_related_objects

from nova_drf.core.compat import PREFETCHED
from nova_drf.queries.instances import another
from nova_drf.queries.relation_trees import ModelReads, RelationReads

Objects = Sequence[Any]

_MOST = 10_000
"""For how many objects one query asks at most."""


@contextmanager
def related_objects(objects: Objects, reads: ModelReads, *, keeps_order: bool) -> Iterator[None]:
    """Let instances have their related objects in a block, by one query for each relation.

    What they have already, because a queryset selects or prefetches it, stays as it is.

    Args:
        objects: The instances; if one is of another class than the plan's, nothing is read.
        reads: What is going to be read of them.
        keeps_order: Whether to leave alone what might show: a relation to many whose ordering
            leaves ties, managers of a project's own, databases that a router chooses.
    """
    if not reads.related or not _are_of(objects, reads.model) or (keeps_order and router.routers):
        yield
        return
    reader = _Reader(keeps_order)
    try:
        reader.read(objects, reads)
        yield
    finally:
        reader.forget()


def _are_of(objects: Objects, model: type[Model]) -> bool:
    return set(map(type, objects)) == {model}


class _Reader:
    """Reads related objects, and remembers what has to be forgotten afterwards.

    Args:
        keeps_order: Whether what might show is left alone.
    """

    def __init__(self, keeps_order: bool) -> None:
        self._keeps_order = keeps_order
        self._kept: list[tuple[Any, str, bool]] = []
        """Attributes of instances, the key under which Django keeps many, and if it did before."""

    def read(self, objects: Objects, reads: ModelReads) -> None:
        """Read what is related to some objects, and so on."""
        for relation in reads.related.values():
            waiting = relation.waiting(objects)
            if len(waiting) > 1 or (waiting and relation.multiplies):
                if self._keeps_order and relation.obstacle() is not None:
                    continue
                if not self._read_relation(waiting, relation):
                    continue
            if relation.reads.related:
                related = _related(objects, relation)
                if related and _are_of(related, relation.reads.model):
                    self.read(related, relation.reads)

    def _read_relation(self, objects: Objects, relation: RelationReads) -> bool:
        """Read one relation of objects that lack it, if all of them are of one database."""
        databases = {instance._state.db for instance in objects}
        if len(databases) > 1:
            return False
        # Django makes room for what it prefetches, also where it leads to one.
        key = relation.cache_key
        self._kept += [(vars(one), key, PREFETCHED in vars(one)) for one in objects]
        size = _batch_size(databases.pop())
        for start in range(0, len(objects), size):
            prefetch_related_objects(objects[start : start + size], relation.attribute)
        if not relation.is_to_many:
            _give_each_its_own(objects, relation.relation)
        return True

    def forget(self) -> None:
        """Let relations to many ask the database again, as they would have done."""
        for attributes, key, kept_some in reversed(self._kept):
            cache = attributes.get(PREFETCHED, {})
            cache.pop(key, None)
            if not (cache or kept_some):
                attributes.pop(PREFETCHED, None)


def _batch_size(database: str | None) -> int:
    most = None if database is None else connections[database].features.max_query_params
    return min(most or _MOST, _MOST)


def _give_each_its_own(objects: Iterable[Any], relation: Any) -> None:
    """Let no two instances share a related one, which one might change and the other show."""
    knows_back = relation.one_to_one
    shared: set[int] = set()
    for instance in objects:
        related = relation.get_cached_value(instance)
        if related is None:
            continue
        if id(related) in shared:
            related = another(related)
            relation.set_cached_value(instance, related)
        shared.add(id(related))
        if knows_back:
            relation.remote_field.set_cached_value(related, instance)


def _related(objects: Collection[Any], relation: RelationReads) -> list[Any]:
    """Return the related objects that some instances have already, each of them once."""
    related: dict[int, Any] = {}
    for instance in objects:
        if relation.is_to_many:
            if relation.cache_key in vars(instance).get(PREFETCHED, ()):
                many = getattr(instance, relation.attribute).all()
                related.update((id(one), one) for one in many)
        elif relation.relation.is_cached(instance):
            one = relation.relation.get_cached_value(instance)
            related[id(one)] = one
    return [one for one in related.values() if one is not None]
