"""Which relations of a model somebody is going to read, as a tree; and what each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import ForeignKey, Manager, Model, QuerySet
from django.db.models.fields.related_descriptors import (
    ForwardManyToOneDescriptor,
    ManyToManyDescriptor,
    ReverseManyToOneDescriptor,
    ReverseOneToOneDescriptor,
)

from nova_drf.core.compat import PREFETCHED
from nova_drf.queries.instances import class_attribute
from nova_drf.queries.ordering import is_totally_ordered
from nova_drf.queries.relations import relation_to_many
from nova_drf.queries.rows import foreign_key, obstacle_of_model


@dataclass(eq=False, repr=False)
class ModelReads:
    """What is read of the instances of a model.

    Attributes:
        model: The model.
        columns: The names of its columns that are read, foreign keys included.
        has_other_readers: Whether something else might be read as well, by code of a project's.
        related: The relations that are read, by attribute.
    """

    model: type[Model]
    columns: set[str] = field(default_factory=set)
    has_other_readers: bool = False
    related: dict[str, RelationReads] = field(default_factory=dict)

    def follow(self, attribute: str) -> ModelReads | None:
        """Note that an attribute is read, and return what is read of the objects behind it.

        Args:
            attribute: The attribute.

        Returns:
            ``None`` if it leads to no objects.
        """
        if attribute not in self.related:
            related = relation_of(self.model, attribute)
            if related is None:
                self._add_column(attribute)
                return None
            self.related[attribute] = related
            self._add_column(attribute)
        return self.related[attribute].reads

    def _add_column(self, attribute: str) -> None:
        name = self.model._meta.pk.name if attribute == "pk" else attribute
        columns = self.model._meta.concrete_fields
        column = next((one for one in columns if name in (one.name, one.attname)), None)
        if column is not None:
            self.columns.add(column.name)
        elif attribute not in self.related:
            self.has_other_readers = True

    @cached_property
    def multiplies(self) -> bool:
        """Whether even for one object there may be many queries."""
        return any(relation.multiplies for relation in self.related.values())

    def walk(self, prefix: str = "") -> Iterator[tuple[str, RelationReads]]:
        """Yield the relations that are read, each with its lookup, outer ones first."""
        for attribute, relation in self.related.items():
            yield f"{prefix}{attribute}", relation
            yield from relation.reads.walk(f"{prefix}{attribute}__")


@dataclass(eq=False, repr=False)
class RelationReads:
    """A relation that is read.

    Attributes:
        attribute: The attribute that leads to the objects.
        owner: The model that has it.
        is_to_many: Whether it leads to many.
        relation: Django's field, or its other side, which knows whether one object is there.
        cache_key: Under which name Django keeps the objects, if it leads to many.
        reads: What is read of the objects.
        fields: The paths of the serializer's fields that read it.
    """

    attribute: str
    owner: type[Model]
    is_to_many: bool
    relation: Any
    reads: ModelReads
    cache_key: str = ""
    fields: list[str] = field(default_factory=list)

    @property
    def multiplies(self) -> bool:
        """Whether even for one object there may be many queries behind it."""
        return bool(self.reads.related) if self.is_to_many else self.reads.multiplies

    def waiting(self, objects: Iterable[Any]) -> list[Any]:
        """Return the objects for which a query will be made as soon as somebody reads it."""
        if self.is_to_many:
            key = self.cache_key
            return [
                one
                for one in objects
                if key not in one.__dict__.get(PREFETCHED, ()) and one.pk is not None
            ]
        if not isinstance(self.relation, ForeignKey):
            is_cached = self.relation.is_cached
            return [one for one in objects if one.pk is not None and not is_cached(one)]
        column, name = self.relation.attname, self.relation.cache_name
        # What the field's `is_cached()` says, without a call for each object of a long list.
        return [
            one
            for one in objects
            if one.__dict__.get(column) is not None and name not in one._state.fields_cache
        ]

    def obstacle(self) -> str | None:
        """Return why reading it for many objects at once might show; it is asked each time."""
        return self._obstacle_to_many() if self.is_to_many else self._obstacle_to_one()

    def _obstacle_to_many(self) -> str | None:
        relation = relation_to_many(self.owner, self.attribute)
        if relation is None:
            return "the relation, or the manager behind it, is a project's own"
        if not is_totally_ordered(relation.model._default_manager.all()):
            return f"the ordering of {relation.model.__qualname__} leaves ties"
        return None

    def _obstacle_to_one(self) -> str | None:
        model = self.reads.model
        if isinstance(self.relation, ForeignKey):
            is_plain = foreign_key(self.owner, self.attribute) is not None
        else:
            manager = model._base_manager
            is_plain = type(manager) is Manager and type(manager.get_queryset()) is QuerySet
        if not is_plain:
            return "the relation, or the manager behind it, is a project's own"
        return obstacle_of_model(model)


def relation_names(model: type[Model]) -> frozenset[str]:
    """Return the attributes of a model that may lead to other objects.

    Args:
        model: The model.
    """
    meta: Any = model._meta
    names = (
        field.get_accessor_name() if field.auto_created and not field.concrete else field.name
        for field in meta.get_fields()
        if field.is_relation
    )
    return frozenset(name for name in names if name is not None)


def relation_of(model: type[Model], attribute: str) -> RelationReads | None:
    """Return what leads from a model's instances to others; ``None`` if nothing of Django's does.

    Args:
        model: The model.
        attribute: The attribute.
    """
    descriptor: Any = class_attribute(model, attribute)
    if isinstance(descriptor, ForwardManyToOneDescriptor):
        relation: Any = descriptor.field
        return _to_one(model, attribute, relation, relation.remote_field.model)
    if isinstance(descriptor, ReverseOneToOneDescriptor):
        return _to_one(model, attribute, descriptor.related, descriptor.related.related_model)
    rel: Any
    if isinstance(descriptor, ManyToManyDescriptor):
        rel = descriptor.rel
        if descriptor.reverse:
            key = rel.field.related_query_name()
            return _to_many(model, attribute, rel.related_model, key)
        return _to_many(model, attribute, rel.model, rel.field.name)
    if isinstance(descriptor, ReverseManyToOneDescriptor):
        rel = descriptor.rel
        return _to_many(model, attribute, rel.related_model, rel.get_accessor_name())
    return None


def _to_one(model: Any, attribute: str, relation: Any, other: Any) -> RelationReads:
    return RelationReads(attribute, model, False, relation, ModelReads(other))


def _to_many(model: Any, attribute: str, other: Any, cache_key: Any) -> RelationReads:
    return RelationReads(attribute, model, True, None, ModelReads(other), str(cache_key))
