"""What the bodies of classes define, and whether it is still what something was worked out from.

DRF looks a method up whenever it is called, so one that somebody puts in the place of another, a
test for the length of a ``with`` block or an app when it is ready, counts from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import call, itemgetter
from typing import Any

from nova_drf.core.ownership import Owner, owner_of

_LOOKED_UP = frozenset(
    (
        *("__class_getitem__", "__deepcopy__", "__dict__", "__getitem__", "__iter__", "__repr__"),
        *("__str__", "__weakref__", "choices", "context", "create", "data", "display_value"),
        *("errors", "fail", "get_choices", "grouped_choices", "is_valid", "iter_options", "root"),
        *("save", "update", "validated_data"),
    )
)
"""What nothing of ours does in the place of a class: whatever a class has by now is called."""

# Called with a function and what to call it with, which type checkers do not see through.
_CALL: Any = call


class ClassBodies:
    """What some classes define, as it is when this is made: methods, properties, inner classes.

    Args:
        classes: The classes.
    """

    def __init__(self, classes: Iterable[type]) -> None:
        self.classes = tuple(dict.fromkeys(classes))
        self._bodies = [vars(cls) for cls in self.classes]
        self._names = [tuple(_defined(cls)) for cls in self.classes]
        self._getters: list[Any] = [
            itemgetter(*names) if names else _nothing_of for names in self._names
        ]
        self._values = tuple(map(_CALL, self._getters, self._bodies))
        self._sizes = tuple(map(len, self._bodies))

    def have_changed(self) -> bool:
        """Whether one of the classes has another method, one more or one less.

        It is asked for each serializer, so it runs in C as long as nothing has changed.
        """
        try:
            if tuple(map(_CALL, self._getters, self._bodies)) != self._values:
                return True
        except KeyError:
            return True
        if tuple(map(len, self._bodies)) == self._sizes:
            return False
        if [tuple(_defined(cls)) for cls in self.classes] != self._names:
            return True
        # Something else was kept on a class, by us for example.
        self._sizes = tuple(map(len, self._bodies))
        return False


def _nothing_of(_body: object) -> None:
    return None


def _defined(cls: type) -> Iterator[str]:
    for name, value in list(vars(cls).items()):
        if name not in _LOOKED_UP and (callable(value) or hasattr(type(value), "__get__")):
            yield name


_changed: dict[type, tuple[ClassBodies, tuple[str, ...]]] = {}


def changed_methods(cls: type) -> tuple[str, ...]:
    """Name the methods that somebody else has put into the body of one of DRF's classes.

    Classes that a class names, such as those of the fields that it makes, are no methods.

    Args:
        cls: One of DRF's classes.
    """
    known = _changed.get(cls)
    if known is None or known[0].have_changed():
        body = vars(cls)
        names = tuple(
            name
            for name in _defined(cls)
            if not isinstance(body[name], type) and owner_of(body[name]) is Owner.PROJECT
        )
        known = _changed[cls] = ClassBodies((cls,)), names
    return known[1]
