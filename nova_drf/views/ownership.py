"""Which steps of a view class are DRF's or ours, and which are the project's."""

from __future__ import annotations

from django.views import View

from nova_drf.core.class_caches import kept_with_class
from nova_drf.core.ownership import Owner, home_of, owner_of
from nova_drf.core.steps import is_adapter


def steps_are_drfs(cls: type, names: tuple[str, ...]) -> bool:
    """Whether DRF, or our views, define steps of a view class, rather than the project.

    What counts is where a step is found: a decorator copies the name and module of what it
    decorates, also of what it adds to a class from outside. A class of the project counts wherever
    it stands in the order, also behind ours, whose steps pass on to it. It is asked each time, for
    a test may put something else in the place of a step.

    Args:
        cls: The view class.
        names: The steps; those that the class does not have count as DRF's.
    """
    steps = _steps_of(cls, names)
    if steps.have_changed():
        steps.look()
    return steps.are_drfs and (steps.has_its_own or steps.names.isdisjoint(vars(cls)))


class _Steps:
    """Some steps of the bases of a view class, as they are when this looks.

    The class itself is not kept: only if it is DRF's or ours, its body counts as well.

    Args:
        cls: The view class.
        names: The steps.

    Attributes:
        names: The steps.
        has_its_own: Whether the class itself is one of those that this looks at.
        are_drfs: Whether no class that this looks at has one of the project's.
    """

    def __init__(self, cls: type, names: tuple[str, ...]) -> None:
        # DRF's views do not pass on to the steps of Django's.
        self.has_its_own = is_written_here(cls)
        bases = cls.__mro__ if self.has_its_own else cls.__mro__[1:]
        order = [base for base in bases if base is not View and not is_adapter(base)]
        self.names = frozenset(names)
        self._ours = [vars(base) for base in order if is_written_here(base)]
        self._others = [vars(base) for base in order if not is_written_here(base)]
        self.look()

    def look(self) -> None:
        """Find out whose the steps are."""
        self._written_here = [
            (body, name, body[name]) for body in self._ours for name in self.names & body.keys()
        ]
        self._sizes = [*map(len, self._ours)]
        self._others_have_none = self._have_others_none()
        self.are_drfs = self._others_have_none and all(
            # Somebody may have put another function in the place of DRF's.
            is_written_here(step.fget if isinstance(step, property) else step)
            for _, _, step in self._written_here
        )

    def _have_others_none(self) -> bool:
        for body in self._others:  # noqa: SIM110  # quicker so
            if not self.names.isdisjoint(body):
                return False
        return True

    def have_changed(self) -> bool:
        """Whether a class has, or has not, a step now that it had not, or had, before."""
        for body, name, step in self._written_here:
            if body.get(name) is not step:
                return True
        if [*map(len, self._ours)] != self._sizes:
            return True
        return self._have_others_none() is not self._others_have_none


_steps_of = kept_with_class(_Steps)


def is_of_drf(thing: object) -> bool:
    """Whether a view class, or a function, is DRF's own."""
    return _owner_of(thing) is Owner.DRF


def is_written_here(thing: object) -> bool:
    """Whether a view class, or a function, is DRF's or ours."""
    return _owner_of(thing) in (Owner.DRF, Owner.NOVA)


def _owner_of(thing: object) -> Owner:
    # A view class is asked about while it is being made, and its metaclass is Python's.
    return home_of(thing) if isinstance(thing, type) else owner_of(thing)
