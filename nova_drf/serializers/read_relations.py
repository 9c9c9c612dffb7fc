"""Which relations of a model the fields of a serializer read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from inspect import unwrap
from typing import TYPE_CHECKING, Any

from rest_framework.fields import SerializerMethodField
from rest_framework.relations import ManyRelatedField, RelatedField, SlugRelatedField
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from nova_drf.core.class_caches import once_per_class
from nova_drf.core.overrides import FIELD_ACCESS, FIELD_BUILDING, WHOLE_OUTPUT, override, overrides
from nova_drf.mapping.validated_data import source_attributes
from nova_drf.queries.relation_trees import ModelReads, relation_names
from nova_drf.representation.fields import bound_field

if TYPE_CHECKING:
    from django.db.models import Model

    from nova_drf.mapping.shape import AnyField


def reads_of(serializer: Any, model: type[Model]) -> ModelReads:
    """Return what a serializer reads of instances of a model.

    Args:
        serializer: The serializer, whose fields may differ from those of its class.
        model: The model.
    """
    fields = vars(serializer).get("fields")
    if not hasattr(serializer, "field_builders") or serializer.has_fields_of_its_own:
        names = tuple(serializer.fields if fields is None else fields)
        return _reads_of({name: bound_field(serializer, name) for name in names}, model, serializer)
    of_class: Any = type(serializer)
    return reads_of_class(of_class, model, None if fields is None else tuple(fields))


@once_per_class
def prints_its_fields(cls: Any) -> bool:
    """Whether the fields of a serializer class print what it prints, or most of it.

    Args:
        cls: The class; a ``to_representation()`` of a project's without ``super()`` may print
            something else altogether.
    """
    own = override(cls, "to_representation")
    method = None if own is None else unwrap(vars(own.owner)[own.name])
    code = getattr(method, "__code__", None)
    return code is None or "__class__" in code.co_freevars


@once_per_class
def may_read_relations(serializer_class: Any, model: Any) -> bool:
    """Whether a serializer might read a relation, as far as that is known without its fields.

    To build them takes time, which the first request of a process should not.

    Args:
        serializer_class: The class.
        model: The model of the objects that it prints.
    """
    if not hasattr(serializer_class, "get_definition"):
        return True
    names = {"*", *relation_names(model)}
    shapes: Iterable[Any] = serializer_class.get_definition().response.fields.values()
    return any(
        shape.source.partition(".")[0] in names
        for shape in shapes
        if shape.type.column is None and not isinstance(shape.type.kept, SerializerMethodField)
    )


@once_per_class
def reads_of_class(
    serializer_class: Any, model: Any, names: tuple[str, ...] | None = None
) -> ModelReads:
    """Return what serializers of a class with compiled output read, worked out once.

    Args:
        serializer_class: The class.
        model: The model.
        names: The fields that they have, if not all of those of the class.
    """
    builders: Mapping[str, Any] = serializer_class.field_builders()
    chosen = [name for name in (builders if names is None else names) if name in builders]
    return _reads_of({name: builders[name]() for name in chosen}, model, serializer_class)


def _reads_of(fields: Mapping[str, AnyField], model: type[Model], around: object) -> ModelReads:
    reads = ModelReads(model)
    cls = around if isinstance(around, type) else type(around)
    _Walk().add_fields(reads, fields, (), (cls,))
    reads.has_other_readers |= next(overrides(cls, WHOLE_OUTPUT), None) is not None
    return reads


class _Walk:
    """Walks over the fields of serializers, and notes what they read."""

    def add_fields(
        self,
        reads: ModelReads,
        fields: Mapping[str, AnyField],
        path: tuple[str, ...],
        around: tuple[type, ...],
    ) -> None:
        """Note what some fields read.

        Args:
            reads: What is read of the objects that they print.
            fields: The fields by name.
            path: The names of the fields around them.
            around: The classes of the serializers around them.
        """
        for name, field in fields.items():
            if not field.write_only:
                self._add_field(reads, field, (*path, name), around)

    def _add_field(
        self, reads: ModelReads, field: AnyField, path: tuple[str, ...], around: tuple[type, ...]
    ) -> None:
        if isinstance(field, SerializerMethodField):
            reads.has_other_readers = True
            return
        attributes = source_attributes(str(field.source or path[-1]))
        if _needs_only_the_key(field) and attributes:
            holder = _followed(reads, attributes[:-1], path)
            if holder is not None:
                _followed(holder, [_key_of(holder.model, attributes[-1])], path)
            return
        behind = _followed(reads, attributes, path)
        child = field.child_relation if isinstance(field, ManyRelatedField) else field
        if behind is None:
            return
        if isinstance(child, SlugRelatedField):
            _followed(behind, str(child.slug_field).split("__"), path)
        elif isinstance(child, BaseSerializer):
            self._add_serializer(behind, child, path, around)
        elif not _needs_only_the_key(child):
            behind.has_other_readers = True

    def _add_serializer(
        self, reads: ModelReads, field: object, path: tuple[str, ...], around: tuple[type, ...]
    ) -> None:
        serializer = field.child if isinstance(field, ListSerializer) else field
        cls: Any = type(serializer)
        reads.has_other_readers |= next(overrides(cls, WHOLE_OUTPUT), None) is not None
        # Code that makes fields may ask for a request.
        if (
            cls in around
            or not prints_its_fields(cls)
            or not isinstance(serializer, Serializer)
            or next(overrides(cls, (*FIELD_ACCESS, *FIELD_BUILDING)), None) is not None
        ):
            reads.has_other_readers = True
            return
        # To look at a field does not make it one that somebody may have changed.
        names: Iterable[str] = serializer.fields.keys()
        fields = {name: bound_field(serializer, name) for name in names}
        self.add_fields(reads, fields, path, (*around, cls))


def _needs_only_the_key(field: object) -> bool:
    return isinstance(field, RelatedField) and bool(field.use_pk_only_optimization())


def _key_of(model: type[Model], attribute: str) -> str:
    """Return the column that holds a foreign key; another attribute as it is."""
    columns: Iterable[Any] = model._meta.concrete_fields
    return next((one.attname for one in columns if one.name == attribute), attribute)


def _followed(
    reads: ModelReads, attributes: Iterable[str], path: tuple[str, ...]
) -> ModelReads | None:
    """Note that attributes are read, each of what the one before it gave.

    Returns:
        What is read of the objects behind the last of them; ``None`` if there are none.
    """
    behind: ModelReads | None = reads
    for attribute in attributes:
        if behind is None:
            return None
        inner = behind.follow(attribute)
        if inner is not None:
            fields = behind.related[attribute].fields
            name = ".".join(path)
            if name not in fields:
                fields.append(name)
        behind = inner
    return behind
