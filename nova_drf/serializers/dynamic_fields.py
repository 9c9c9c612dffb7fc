"""``serializer.fields``, built one by one when somebody asks for one, and what became of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer
from rest_framework.utils.serializer_helpers import BindingDict

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField

CONTAINERS = (list, dict, set)

Build = Callable[[], "AnyField"]

_MADE_FOR = "_nova_drf_made_for"
"""The attribute of a field that names the field of the schema for which it was built."""


class ChangedField(NamedTuple):
    """A bound field that may not be as the class made it, as it stands now.

    Attributes:
        name: Its key in ``serializer.fields``.
        source: The attribute that it reads and writes.
        read_only: Whether it ignores input.
        write_only: Whether it stays out of output.
        replaced: Whether it is another field than the one built for the schema.
    """

    name: str
    source: str
    read_only: bool
    write_only: bool
    replaced: bool


class FieldChanges(NamedTuple):
    """How the fields of one serializer differ from those of its class.

    Attributes:
        names: The names of all fields in order, or ``None`` if they are the class's.
        fields: The fields that may have been changed; they run themselves from then on.
        hooks: The ``validate_<field>`` methods that only this serializer has.
    """

    names: tuple[str, ...] | None = None
    fields: tuple[ChangedField, ...] = ()
    hooks: frozenset[str] = frozenset()


UNCHANGED = FieldChanges()


def made_for(field: AnyField, name: str) -> AnyField:
    """Mark a field as the one built for the schema's field of that name; return it."""
    setattr(field, _MADE_FOR, name)
    return field


def all_changed(fields: Mapping[str, AnyField]) -> FieldChanges:
    """Describe fields of which any may have been changed."""
    return FieldChanges(tuple(fields), _changed(fields.items()))


def _changed(fields: Iterable[tuple[str, AnyField]]) -> tuple[ChangedField, ...]:
    return tuple(
        ChangedField(
            name,
            str(field.source),
            field.read_only,
            field.write_only,
            getattr(field, _MADE_FOR, None) != name,
        )
        for name, field in fields
    )


class FieldsOfClass(Protocol):
    """The fields that a serializer class gives each serializer.

    Attributes:
        fields: The fields, bound to a serializer of the class.
    """

    fields: Mapping[str, AnyField]

    @property
    def taken_over(self) -> Any:  # to pyright a cached_property is no property of its type
        """The fields of which each change counts, because compiled code does their work.

        Others run themselves anyway. They count as changed if they go another way, in or out.
        """
        ...


class LazyFields(BindingDict):
    """The fields of a serializer, in order; each is built and bound on first access.

    It remembers which fields other code has had its hands on: those may have been changed, so
    the serializer lets them validate and represent themselves from then on.

    Args:
        serializer: The parent to which the fields are bound.
        builders: Makes each field, by name.
        hidden: Names the fields that are there for who asks, but not for who walks over all.
    """

    def __init__(
        self,
        serializer: Any,
        builders: Mapping[str, Build],
        hidden: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._bound: dict[str, AnyField] = {}
        self._order: dict[str, Any] = dict.fromkeys(builders)
        self._builders = dict(builders)
        self._hidden = hidden
        self._quiet = False
        self.asked_for: set[str] = set()
        """The fields that other code has had its hands on."""
        self.serializer = serializer

    @classmethod
    def holding(cls, serializer: object, fields: Mapping[str, AnyField], *of_class: Any) -> Self:
        """Return fields that the user's code has made, of which any may be as it likes.

        Args:
            serializer: The parent to which they are bound.
            fields: The fields.
            of_class: What the class is made with besides.
        """
        holding = cls(serializer, {}, *of_class)
        for name, field in fields.items():
            holding[name] = field
        return holding

    @property
    def fields(self) -> dict[str, AnyField]:
        """The dictionary of all fields, which some change behind the back of DRF's own methods.

        Who has it may do so at any time: from then on it says which fields there are.
        """
        if not self._is_shared:
            self.fields = {name: self.peek(name) for name in self._order}
        self.asked_for.update(self._bound)
        return self._bound

    @fields.setter
    def fields(self, fields: dict[str, AnyField]) -> None:
        self._bound = self._order = fields

    @property
    def _is_shared(self) -> bool:
        """Whether other code has the dictionary of all fields."""
        return self._order is self._bound

    def peek(self, name: str) -> AnyField:
        """Return a field without counting it among those that were asked for."""
        if name not in self._bound:
            builder = self._builders[name]
            self._bind(name, builder())
        return self._bound[name]

    def _bind(self, name: str, field: AnyField) -> None:
        self._bound[name] = field
        field.bind(field_name=name, parent=self.serializer)

    def put_back(self, fields: Mapping[str, AnyField]) -> None:
        """Let fields that were bound before be there again."""
        self._bound.update(fields)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Do not count what DRF's own code reads meanwhile."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def changes(self) -> FieldChanges:
        """Describe how the fields differ from those that were to be built."""
        if not self.asked_for and self._order.keys() == self._builders.keys():
            return UNCHANGED
        return self._changes_from(tuple(self._builders))

    def _changes_from(self, class_names: tuple[str, ...]) -> FieldChanges:
        names = tuple(self._order)
        asked_for = names if self._is_shared else self.asked_for
        changed = [name for name in names if name in asked_for and self.may_differ(name)]
        return FieldChanges(
            None if names == class_names else names,
            _changed((name, self.peek(name)) for name in changed),
        )

    def may_differ(self, name: str) -> bool:
        """Whether a field that other code asked for may not be as the class made it."""
        return True

    def __getstate__(self) -> dict[str, Any]:
        # What builds a field is part of the serializer's class, and is found there again.
        return {**vars(self), "_builders": tuple(self._builders)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        names = state["_builders"]
        builders = type(state["serializer"]).field_builders() if names else {}
        vars(self).update(state, _builders={name: builders[name] for name in names})

    def __getitem__(self, name: str) -> AnyField:
        if name not in self._order:
            raise KeyError(name)
        if not self._quiet:
            self.asked_for.add(name)
        return self.peek(name)

    def __setitem__(self, name: str, field: AnyField) -> None:
        self._order[name] = None
        self.asked_for.add(name)
        self._bind(name, field)

    def __delitem__(self, name: str) -> None:
        del self._order[name]
        self._bound.pop(name, None)
        self.asked_for.discard(name)

    def __contains__(self, name: object) -> bool:
        return name in self._order

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # DRF's stubs know no iterator of names
        hidden = self._hidden()
        return iter([name for name in self._order if name not in hidden])

    def __len__(self) -> int:
        return sum(1 for _name in self)

    def __repr__(self) -> str:
        return repr({name: self.peek(name) for name in self})


class ComparedFields(LazyFields):
    """Fields that are compared with what they were when they were made.

    One that somebody only looked at has not changed.

    Args:
        serializer: The parent to which the fields are bound.
        builders: Makes each field, by name.
        of_class: The fields of the class.
    """

    def __init__(
        self, serializer: object, builders: Mapping[str, Build], of_class: FieldsOfClass
    ) -> None:
        super().__init__(serializer, builders)
        self._of_class = of_class
        self._made: dict[str, tuple[AnyField, Snapshot]] = {}

    def peek(self, name: str) -> AnyField:
        is_new = name not in self._bound
        field = super().peek(name)
        if is_new:
            self.take_as_made(name)
        return field

    def take_as_made(self, name: str) -> None:
        """Take a field's present state for the one that the class gave it."""
        self._made[name] = (self._bound[name], snapshot(self._bound[name]))

    def changes(self) -> FieldChanges:
        if self.is_left_alone:
            return UNCHANGED
        changes = self._changes_from(tuple(self._of_class.fields))
        return UNCHANGED if changes == UNCHANGED else changes

    def may_differ(self, name: str) -> bool:
        original = self._of_class.fields.get(name)
        if original is None:
            return True
        if name in self._of_class.taken_over or name not in self._bound:
            return not self.is_as_made(name)
        field = self._bound[name]
        return (field.read_only, field.write_only) != (original.read_only, original.write_only)

    def is_as_made(self, name: str) -> bool:
        """Whether a field is as the class made it: not built yet, or built and left alone."""
        if name not in self._bound:
            return name in self
        field, state = self._made.get(name, (None, ()))
        return field is not None and field is self._bound[name] and is_unchanged(field, state)

    @property
    def is_left_alone(self) -> bool:
        """Whether nobody but we had a field in their hands, and none was added or taken away."""
        is_complete = bool(self._builders) and list(self) == list(self._builders)
        return is_complete and not self.asked_for


def another(field: AnyField) -> AnyField:
    """Make a field, and those inside it, by the same calls, copying nothing."""
    arguments = {
        name: another(value) if isinstance(value, Field) else value
        for name, value in field._kwargs.items()
    }
    return type(field)(*field._args, **arguments)


def same_construction(field: AnyField, other: AnyField) -> bool:
    """Whether two fields were made by the same call."""
    if type(field) is not type(other):
        return False
    return bool((field._args, field._kwargs) == (other._args, other._kwargs))


Snapshot = tuple[dict[str, Any], ...]
"""The state of a field, and of the fields inside it."""


def snapshot(field: AnyField) -> Snapshot:
    """Remember the state of a field, so that :func:`is_unchanged` can tell a change."""
    return tuple(_state(part) for part in _parts(field))


def is_unchanged(field: AnyField, before: Snapshot) -> bool:
    """Whether nobody has changed a field, or a field inside it, since its snapshot."""
    parts = list(_parts(field))
    return len(parts) == len(before) and all(
        _same(_state(part), state) for part, state in zip(parts, before, strict=True)
    )


def _parts(field: AnyField) -> Iterator[AnyField]:
    yield field
    child = vars(field).get("child")
    if isinstance(child, Field):
        yield from _parts(child)


def _state(field: AnyField) -> dict[str, object]:
    if not isinstance(field, BaseSerializer):
        field.validators  # noqa: B018  (DRF makes the list on first access)
    return {
        name: copy.copy(value) if value.__class__ in CONTAINERS else value
        for name, value in vars(field).items()
    }


def _same(now: Mapping[str, object], before: Mapping[str, object]) -> bool:
    if now.keys() != before.keys():
        return False
    return all(_same_value(value, before[name]) for name, value in now.items())


def _same_value(now: Any, before: Any) -> bool:
    if now is before:
        return True
    if now.__class__ is not before.__class__ or now.__class__ not in CONTAINERS:
        return False
    if len(now) != len(before):
        return False
    if now.__class__ is set:
        return bool(now == before)
    pairs = zip(_flat(now), _flat(before), strict=True)
    return all(before is after for before, after in pairs)


def _flat(container: Any) -> list[Any]:
    if container.__class__ is dict:
        return [*container.keys(), *container.values()]
    return list(container)
