"""Which steps of a view class are DRF's or ours, and which are the project's."""

from __future__ import annotations

from functools import cache

from nova_drf.core.ownership import Owner, definer_in, home_of, owner_of
from nova_drf.core.steps import is_adapter


@cache
def steps_are_drfs(cls: type, names: tuple[str, ...]) -> bool:
    """Whether DRF, or our views, define steps of a view class, rather than the project.

    What counts is where a step is found: a decorator copies the name and module of what it
    decorates, also of what it adds to a class from outside.

    Args:
        cls: The view class.
        names: The steps; those that the class does not have count as DRF's.
    """
    order = [base for base in cls.__mro__ if not is_adapter(base)]
    for name in names:
        definer = definer_in(order, name)
        if definer is not None:
            step = vars(definer)[name]
            # Somebody may have put another function in the place of DRF's.
            written = step.fget if isinstance(step, property) else step
            if not (is_written_here(definer) and is_written_here(written)):
                return False
    return True


def is_of_drf(thing: object) -> bool:
    """Whether a view class, or a function, is DRF's own."""
    return _owner_of(thing) is Owner.DRF


def is_written_here(thing: object) -> bool:
    """Whether a view class, or a function, is DRF's or ours."""
    return _owner_of(thing) in (Owner.DRF, Owner.NOVA)


def _owner_of(thing: object) -> Owner:
    # A view class is asked about while it is being made, and its metaclass is Python's.
    return home_of(thing) if isinstance(thing, type) else owner_of(thing)
