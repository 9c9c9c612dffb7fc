"""``SchemaBackedMixin``: an existing serializer class, run on pydantic-core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.utils.functional import cached_property
from rest_framework.fields import Field
from rest_framework.serializers import ListSerializer

from nova_drf.mapping.payload_settings import Words, begin_payload, end_payload
from nova_drf.mapping.shape import AnyField
from nova_drf.serializers.async_hooks import settle_attributes
from nova_drf.serializers.backed_definition import BackedClass, BackedDefinition
from nova_drf.serializers.base import CompiledSerializer, watched_classes
from nova_drf.serializers.class_bodies import ClassBodies
from nova_drf.serializers.dynamic_fields import (
    Build,
    ComparedFields,
    FieldChanges,
    Snapshot,
    is_unchanged,
    same_construction,
    snapshot,
)
from nova_drf.serializers.lists import CompiledListSerializer
from nova_drf.serializers.method_order import LayerMetaclass
from nova_drf.validation.field_loop import FieldLoop


class SchemaBackedMixin(CompiledSerializer, metaclass=LayerMetaclass):
    """Runs a serializer on pydantic-core, as far as possible: put it in front of the bases.

    >>> class BookSerializer(SchemaBackedMixin, serializers.ModelSerializer): ...

    The class keeps its fields, hooks and API, and gives the same answers. DRF's own code takes what
    the narrow validators do not take, and what was customised. Without the mixin, everything is as
    before. ``manage.py check`` says which parts of a class DRF's code runs. In a class that has a
    schema, the mixin does nothing.

    With ``Meta.constraint_errors = True`` a row that only the database refuses, since another
    request was quicker, is an error of validation instead of an ``IntegrityError``.

    Async code has ``ais_valid``, ``asave`` and ``adata``, each of them one step in a worker thread.

    Follows:
        ``rest_framework.serializers.Serializer``, its ``to_internal_value`` and its
        ``to_representation``.
    """

    _list_class: ClassVar[type[CompiledListSerializer]] = CompiledListSerializer
    _of_layer: ClassVar[bool] = True
    _runs_by_schema: ClassVar[bool] = False
    _backed_class: ClassVar[BackedClass | None]
    _fresh: dict[str, tuple[AnyField, Snapshot]]
    _definition_in_use: BackedDefinition | None
    _class_validators: list[Any]

    @classmethod
    def _work_out_anew(cls) -> None:
        super()._work_out_anew()
        cls._backed_class = None

    @classmethod
    def _watch(cls, classes: Iterable[type]) -> None:
        known = watched_classes(cls.__mro__)
        cls._bodies = ClassBodies((*known, *watched_classes(classes)))

    @classmethod
    def backed_class(cls) -> BackedClass:
        """Return what is known of this class; nothing is compiled before the first use."""
        backed = cls.__dict__.get("_backed_class")
        if backed is None:
            cls._know_bodies()
            backed = cls._backed_class = BackedClass(cls, cls._watch)
        return backed

    @classmethod
    def field_builders(cls) -> Mapping[str, Build]:
        definition = cls.backed_class().definition()
        return {} if definition is None else definition.builders

    def _current_definition(self) -> BackedDefinition | None:
        """Return what is compiled, as it is when the serializer is first used.

        That is when DRF makes the serializer's fields.
        """
        if "_definition_in_use" not in self.__dict__:
            has_own_fields = "_declared_fields" in self.__dict__
            self._definition_in_use = None if has_own_fields else self.backed_class().definition()
        return self._definition_in_use

    # Fields

    @cached_property
    def fields(self) -> Any:
        """DRF's fields; built one by one where the class leaves their making to DRF."""
        definition = self._current_definition()
        if definition is not None and not self.backed_class().makes_each_anew:
            return ComparedFields(self, definition.builders, definition)
        if definition is None:
            return super(CompiledSerializer, self).fields
        fields = ComparedFields.holding(self, self.get_fields(), definition)
        for name, (field, state) in vars(self).pop("_fresh", {}).items():
            if name in fields and fields.peek(name) is field and is_unchanged(field, state):
                fields.take_as_made(name)
        return fields

    def get_fields(self) -> Any:
        """Return fresh fields by name, and remember how they were made."""
        definition = self._current_definition()
        if definition is None:
            return super(CompiledSerializer, self).get_fields()
        if self.backed_class().infers_fields_itself:
            fields = super(CompiledSerializer, self).get_fields()
            fresh = {
                name: field
                for name, field in fields.items()
                if name in definition.fields and same_construction(field, definition.fields[name])
            }
        else:
            fields = fresh = {name: build() for name, build in definition.builders.items()}
        self._fresh = {name: (field, snapshot(field)) for name, field in fresh.items()}
        return dict(fields)

    @property
    def _makes_own_fields(self) -> bool:
        return self.backed_class().asks_each_instance

    def _changes_of(self, fields: Mapping[str, AnyField]) -> FieldChanges | None:
        # Nothing tells which of them are as the class made them.
        return None

    # Input

    def to_internal_value(self, data: Any) -> Any:
        """Validate in one pass through pydantic-core; what it leaves goes through DRF's loop."""
        loop = self._field_loop(settle_attributes(self))
        if loop is None or not loop.is_useful:
            return super(CompiledSerializer, self).to_internal_value(data)
        if data.__class__ is not dict:
            fields = None if loop.is_partial else loop.fields(self)
            return self._in_drfs_loop(data, fields)
        mark = begin_payload()
        try:
            values = loop.values(data)
        finally:
            end_payload(mark)
        finished = loop.finished(values)
        if finished is not None:
            return finished
        return self._in_drfs_loop(data, loop.stand_ins(values, data, self))

    def _in_drfs_loop(self, data: object, fields: list[Any] | None) -> Any:
        """Let DRF's loop go through these fields, or stand-ins for some, instead of its own."""
        self._stand_ins = fields
        mark = begin_payload(words=self._words)
        try:
            return super(CompiledSerializer, self).to_internal_value(data)
        finally:
            end_payload(mark)
            vars(self).pop("_stand_ins", None)

    @property
    def _words(self) -> Words | None:
        """What a list remembers of the language, since DRF's fields are made once for a list."""
        around = self.parent
        if not isinstance(around, ListSerializer) or around.parent is not None:
            return None
        attributes: dict[str, Any] = around.__dict__
        words: Words = attributes.setdefault("_nova_words", Words())
        return words

    def _field_loop(self, hooks: frozenset[str]) -> FieldLoop | None:
        definition = self._current_definition()
        if definition is None or not definition.runs_input:
            return None
        changes = self._field_changes()
        return None if changes is None else self._compiled_input(definition, changes, hooks)

    def run_validators(self, value: Any) -> None:
        definition = self._current_definition()
        if definition is None or not self._has_class_validators(definition):
            super(CompiledSerializer, self).run_validators(value)
        elif self.validators:
            Field.run_validators(self, {**value})

    def _has_class_validators(self, definition: BackedDefinition) -> bool:
        """Whether the validators are those of the class, and see nothing but the values."""
        if not definition.knows_validators or definition.shows_read_only_defaults:
            return False
        if self._makes_own_fields:
            return False
        fields = self.__dict__.get("fields")
        if fields is not None and not (isinstance(fields, ComparedFields) and fields.is_left_alone):
            return False
        if "_validators" not in self.__dict__:
            self._class_validators = self.validators = list(definition.validators)
        return self.__dict__["_validators"] is self.__dict__.get("_class_validators")

    # Saving

    def create(self, validated_data: Any) -> Any:
        with self._shares_fields():
            return super(CompiledSerializer, self).create(validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        with self._shares_fields():
            return super(CompiledSerializer, self).update(instance, validated_data)
