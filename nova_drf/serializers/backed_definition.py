"""The definition of an existing serializer class: the fields that DRF makes for it."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from django.db.models import Model
from rest_framework.serializers import (
    BaseSerializer,
    ListSerializer,
    ModelSerializer,
    Serializer,
)
from rest_framework.utils.serializer_helpers import BindingDict

from nova_drf.core.overrides import (
    FIELD_BUILDING,
    INPUT_LOOP,
    OUTPUT_LOOP,
    override,
    overrides,
)
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.shape import AnyField
from nova_drf.serializers.backed_representation import FieldsReader, only_runs_fields
from nova_drf.serializers.class_bodies import changed_methods
from nova_drf.serializers.definition import Definition
from nova_drf.serializers.dynamic_fields import CONTAINERS, UNCHANGED, Build, FieldChanges
from nova_drf.serializers.inferred_fields import FieldsOfMeta, asks_functions
from nova_drf.serializers.persistence import have_words_of_their_own
from nova_drf.validation.field_loop import FieldLoop
from nova_drf.validation.narrow import read_only_defaults

logger = logging.getLogger("nova_drf")

_CLASS_STATES = 8
"""How many states of a class (its ``Meta`` may be changed at run time) keep their definition."""

_META_OPTIONS = (
    "model",
    "fields",
    "exclude",
    "read_only_fields",
    "depth",
    "extra_kwargs",
    "validators",
)
"""What ``ModelSerializer`` reads of ``Meta`` whenever it infers fields."""


class ClassFields:
    """The fields of a serializer class, made once by DRF's code and bound to a blank serializer.

    ``__init__``, ``get_fields`` and ``fields`` of the user have no part in it; what they do to the
    fields of one instance is found out by comparing.

    Args:
        serializer_class: The class.

    Raises:
        Exception: Whatever DRF, or a ``build_...`` method of the user, raises.
    """

    def __init__(self, serializer_class: type[Serializer[Any]]) -> None:
        self.serializer_class = serializer_class
        self._state = tuple(map(_copied, _class_state(serializer_class)))
        self.serializer = _blank(serializer_class)
        fields: Mapping[str, AnyField] = self._templates()
        bound = BindingDict(self.serializer)
        for name, field in fields.items():
            bound[name] = field
        self.fields: Mapping[str, AnyField] = bound
        self.serializer.__dict__["fields"] = bound

    def _templates(self) -> Mapping[str, AnyField]:
        if depends_on_functions(self.serializer_class):
            return self._inferred.templates()
        make = _drf_get_fields(self.serializer_class)
        fields: Mapping[str, AnyField] = make(self.serializer)
        return fields

    def is_current(self) -> bool:
        """Whether the class still is what it was; some projects change ``Meta`` at run time."""
        return _class_state(self.serializer_class) == self._state

    def make(self, name: str) -> AnyField:
        """Return a fresh field, as DRF would make it for another instance."""
        declared = self.serializer_class._declared_fields.get(name)
        return self._inferred.make(name) if declared is None else copy.deepcopy(declared)

    @cached_property
    def _inferred(self) -> FieldsOfMeta:
        return FieldsOfMeta(self.serializer)


def depends_on_functions(serializer_class: Any) -> bool:
    """Whether functions of a model are asked when DRF makes the fields of a serializer.

    They may ask the database, for which it is too early while a class is made.

    Args:
        serializer_class: A class; if it infers fields in its own way, nobody can tell.
    """
    model = getattr(getattr(serializer_class, "Meta", None), "model", None)
    if not isinstance(model, type) or not issubclass(model, Model) or model._meta.abstract:
        return False
    if not issubclass(serializer_class, ModelSerializer):
        return False
    return asks_functions(model) and not any(overrides(serializer_class, FIELD_BUILDING))


def _blank(serializer_class: type[Serializer[Any]]) -> Any:
    """Return a serializer on which only DRF's own ``__init__`` ran."""
    serializer = object.__new__(serializer_class)
    serializer._args, serializer._kwargs = (), {}  # type: ignore[attr-defined]  # `__new__` sets them
    BaseSerializer.__init__(serializer)
    return serializer


def _drf_get_fields(serializer_class: type) -> Any:
    """Return ``get_fields`` as the nearest of DRF's classes defines it."""
    return next(
        vars(base)["get_fields"]
        for base in serializer_class.__mro__
        if owner_of(base) is Owner.DRF and "get_fields" in vars(base)
    )


def _class_state(serializer_class: Any) -> tuple[object, ...]:
    """Return what a class's fields are made from, for comparing it with a later state."""
    meta = getattr(serializer_class, "Meta", None)
    if meta is None:
        return (serializer_class._declared_fields,)
    options = [getattr(meta, option, None) for option in _META_OPTIONS]
    return (serializer_class._declared_fields, *options)


def _copied(option: Any) -> Any:
    """Copy an option as deep as projects change them."""
    if option.__class__ is dict:
        return {
            name: copy.copy(value) if value.__class__ in CONTAINERS else value
            for name, value in option.items()
        }
    return copy.copy(option) if option.__class__ in CONTAINERS else option


def _shares_fields(serializer_class: type[Serializer[Any]]) -> bool:
    """Whether a class has one field under several names: ``first = second = CharField()``."""
    declared = serializer_class._declared_fields.values()
    return len({id(field) for field in declared}) < len(declared)


class BackedDefinition(Definition[FieldLoop, FieldsReader]):
    """The compiled definition of a backed serializer class in one state.

    Args:
        of_class: The fields of the class.
    """

    def __init__(self, of_class: ClassFields) -> None:
        super().__init__(of_class.serializer_class)
        self.of_class = of_class
        self.fields = of_class.fields
        self.runs_input = not any(overrides(self.serializer_class, INPUT_LOOP))
        self.runs_output = not any(overrides(self.serializer_class, OUTPUT_LOOP))

    @cached_property
    def builders(self) -> Mapping[str, Build]:
        return {name: partial(self.of_class.make, name) for name in self.fields}

    @cached_property
    def writable_fields(self) -> Collection[AnyField]:
        return tuple(field for field in self.fields.values() if not field.read_only)

    @cached_property
    def taken_over(self) -> frozenset[str]:
        """The fields of which each change counts, because compiled code does their work."""
        loop = self.input(UNCHANGED, False)
        return frozenset(loop.narrow_names | self.reader(UNCHANGED, False).taken_over)

    # Variants

    def compile_input(self, changes: FieldChanges, partial_update: bool) -> FieldLoop:
        names = self._names(changes, lambda field: field.read_only)
        hooked = self.hooked(dict(zip(names, names, strict=True)), changes)
        return FieldLoop(names, self._unchanged(changes), hooked, partial=partial_update)

    def compile_reader(self, changes: FieldChanges, in_partial_update: bool) -> FieldsReader:
        return FieldsReader(
            self._names(changes, lambda field: field.write_only),
            self._unchanged(changes),
            self.of_class.serializer,
            in_partial_update=in_partial_update,
        )

    def _names(self, changes: FieldChanges, is_hidden: Callable[[Any], bool]) -> list[str]:
        """Name the fields in one direction, in order."""
        changed = {field.name: field for field in changes.fields}
        names = self.fields if changes.names is None else changes.names
        return [name for name in names if not is_hidden(changed.get(name) or self.fields[name])]

    def _unchanged(self, changes: FieldChanges) -> dict[str, AnyField]:
        changed = {field.name for field in changes.fields}
        return {name: field for name, field in self.fields.items() if name not in changed}

    # What DRF's run_validators needs to know

    @cached_property
    def shows_read_only_defaults(self) -> bool:
        """Whether validators of the whole payload see defaults of read-only fields."""
        return read_only_defaults(self.fields)

    @property
    def validators(self) -> Sequence[Any]:
        """The validators of the whole payload, if no instance has to be asked for its own."""
        if self._have_words_of_their_own:
            return self.of_class.serializer.get_validators()  # type: ignore[no-any-return]  # of any serializer
        return self._validators

    @cached_property
    def _have_words_of_their_own(self) -> bool:
        return have_words_of_their_own(self._validators)

    @cached_property
    def _validators(self) -> Sequence[Any]:
        return tuple(self.of_class.serializer.validators)

    @cached_property
    def knows_validators(self) -> bool:
        """Whether all instances have the validators of the class."""
        names = (
            "get_validators",
            "get_unique_together_validators",
            "get_unique_for_date_validators",
            "get_unique_together_constraints",
            # Those of unique columns depend on the fields.
            "fields",
        )
        return not any(overrides(self.serializer_class, names))


class BackedClass:
    """A backed serializer class: its definition, whatever becomes of its ``Meta``.

    Args:
        serializer_class: The class.
        watch: Is given the classes of fields of which it must be noticed if they change.

    Attributes:
        reason: Why DRF has to do it all; ``None`` if it has not.
    """

    def __init__(
        self,
        serializer_class: type[Serializer[Any]],
        watch: Callable[[Iterable[type]], None] = lambda _classes: None,
    ) -> None:
        self.serializer_class = serializer_class
        self._watch = watch
        self.infers_fields_itself = any(overrides(serializer_class, FIELD_BUILDING))
        self.makes_each_anew = (
            self.infers_fields_itself or override(serializer_class, "get_fields") is not None
        )
        self.asks_each_instance = (
            self.makes_each_anew or override(serializer_class, "fields") is not None
        )
        self.reason: str | None = None
        if not issubclass(serializer_class, Serializer):
            self.reason = "it is a BaseSerializer, which has no fields"
        elif _shares_fields(serializer_class):
            self.reason = "one field stands under two names, the last of which DRF binds it to"
        self._states: list[BackedDefinition] = []

    def definition(self) -> BackedDefinition | None:
        """Return what is compiled for the class as it is now; ``None`` if DRF has to do it all."""
        for definition in self._states:
            if definition.of_class.is_current():
                return definition
        return self._compiled() if self.reason is None else None

    def _compiled(self) -> BackedDefinition | None:
        try:
            definition = BackedDefinition(ClassFields(self.serializer_class))
            classes = set(_classes_of(definition.fields.values()))
        except Exception as error:
            # Whatever it is, DRF meets it as well, on an instance: it is DRF's to report.
            name = self.serializer_class.__qualname__
            self.reason = f"its fields cannot be made without an instance ({error!r})"
            logger.info("%s runs on DRF's own code: %s", name, self.reason)
            return None
        self._watch(classes)
        self.reason = _changed_by_others({*classes, *self.serializer_class.__mro__})
        if self.reason is not None:
            return None
        self._states = [definition, *self._states[: _CLASS_STATES - 1]]
        return definition


def _classes_of(fields: Iterable[AnyField]) -> Iterator[type]:
    """Yield the classes of fields, and of those inside them, with all classes above each."""
    yield from ListSerializer.__mro__
    for field in fields:
        yield from type(field).__mro__
        state = vars(field)
        inner = [state[name] for name in ("child", "child_relation") if name in state]
        yield from _classes_of(inner)
        if isinstance(field, Serializer) and only_runs_fields(field):
            yield from _classes_of(field.fields.values())


def _changed_by_others(classes: Iterable[type]) -> str | None:
    """Say which method of DRF's was changed by somebody else, who counts on its being called."""
    names = (
        f"{cls.__name__}.{name}"
        for cls in classes
        if owner_of(cls) is Owner.DRF
        for name in changed_methods(cls)
    )
    name = min(names, default=None)
    return None if name is None else f"somebody has changed DRF's {name}"
