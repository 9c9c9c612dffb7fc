"""``serializer.fields`` that are built one by one, when somebody asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from rest_framework.utils.serializer_helpers import BindingDict

if TYPE_CHECKING:
    from nova_drf.mapping.shape import AnyField

Build = Callable[[], "AnyField"]

_MADE_FOR = "_nova_drf_made_for"
"""The attribute of a field that names the field of the schema for which it was built."""


class Touched(NamedTuple):
    """A bound field that other code had its hands on, as it stands now.

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


class Dynamics(NamedTuple):
    """How the fields of one serializer differ from those of its class.

    Attributes:
        names: The names of all fields in order, or ``None`` if they are the class's.
        touched: The fields that may have been changed.
        hooks: The ``validate_<field>`` methods that only this serializer has.
    """

    names: tuple[str, ...] | None = None
    touched: tuple[Touched, ...] = ()
    hooks: frozenset[str] = frozenset()


UNCHANGED = Dynamics()


def hooks_of(serializer: Any) -> frozenset[str]:
    """Return the ``validate_<field>`` methods that were set on one serializer.

    DRF looks each of them up when it validates, so that they hold as those of the class do.

    Args:
        serializer: The serializer.
    """
    return frozenset(name for name in vars(serializer) if name.startswith("validate_"))


def made_for(field: AnyField, name: str) -> AnyField:
    """Mark a field as the one built for the schema's field of that name; return it."""
    setattr(field, _MADE_FOR, name)
    return field


def dynamics_of(fields: Mapping[str, AnyField]) -> Dynamics:
    """Describe fields of which any may have been changed."""
    return Dynamics(tuple(fields), _touched(fields.items()))


def _touched(fields: Iterable[tuple[str, AnyField]]) -> tuple[Touched, ...]:
    return tuple(
        Touched(
            name,
            str(field.source),
            field.read_only,
            field.write_only,
            getattr(field, _MADE_FOR, None) != name,
        )
        for name, field in fields
    )


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
        super().__init__(serializer)
        self._hidden = hidden
        self._builders = dict(builders)
        self._order: dict[str, None] = dict.fromkeys(builders)
        self._quiet = False
        self.touched: set[str] = set()

    def peek(self, name: str) -> AnyField:
        """Return a field without marking it as touched."""
        if name not in self.fields:
            builder = self._builders[name]
            super().__setitem__(name, builder())
        return self.fields[name]

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Do not count what DRF's own code reads meanwhile."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def dynamics(self) -> Dynamics:
        """Describe how the fields differ from those that were to be built."""
        if not self.touched and self._order.keys() == self._builders.keys():
            return UNCHANGED
        names = tuple(self._order)
        unchanged = names == tuple(self._builders)
        touched = _touched((name, self.peek(name)) for name in names if name in self.touched)
        return Dynamics(None if unchanged else names, touched)

    def __getstate__(self) -> dict[str, Any]:
        # What builds a field is part of the serializer's class, and is found there again.
        return {**vars(self), "_builders": tuple(self._builders)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        names = state["_builders"]
        builders = type(state["serializer"]).get_blueprint().builders if names else {}
        vars(self).update(state, _builders={name: builders[name] for name in names})

    def __getitem__(self, name: str) -> AnyField:
        if name not in self._order:
            raise KeyError(name)
        if not self._quiet:
            self.touched.add(name)
        return self.peek(name)

    def __setitem__(self, name: str, field: AnyField) -> None:
        self._order[name] = None
        self.touched.add(name)
        super().__setitem__(name, field)

    def __delitem__(self, name: str) -> None:
        del self._order[name]
        self.fields.pop(name, None)
        self.touched.discard(name)

    def __contains__(self, name: object) -> bool:
        return name in self._order

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        hidden = self._hidden()
        return iter([name for name in self._order if name not in hidden])

    def __len__(self) -> int:
        return sum(1 for _name in self)

    def __repr__(self) -> str:
        return repr({name: self.peek(name) for name in self})
