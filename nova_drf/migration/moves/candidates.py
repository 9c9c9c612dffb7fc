"""Which views can be moved, and which of them is next."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string
from rest_framework.serializers import BaseSerializer

from nova_drf.core.exceptions import NovaError
from nova_drf.core.overrides import is_users
from nova_drf.migration.convert.report import Extent
from nova_drf.migration.progress.history import Event
from nova_drf.migration.progress.stages import Stage, Standing

MIGRATED = "migrated"
SWITCHED, WRITTEN, FAILED = "switched", "written", "failed"
"""How far a move came: what the history keeps."""


_LEFT = (Stage.CLASSIC, Stage.BACKED)
"""The stages in which a serializer has no schema."""


class MoveError(NovaError):
    """An endpoint cannot be moved by a program."""


@dataclass(frozen=True)
class Candidate:
    """A view and its endpoints.

    Attributes:
        view: The view class.
        standings: How far each of its actions is.
        serializers: The serializer classes that are to be converted.
        was_tried: Whether it was tried before, and a person has something to do.
    """

    view: Any
    standings: Sequence[Standing]
    serializers: Sequence[Any]
    was_tried: bool = False

    @property
    def name(self) -> str:
        """The view class's dotted name."""
        return self.standings[0].entry.view

    @property
    def extent(self) -> Extent:
        """How far its serializers convert."""
        said = {standing.entry.converts for standing in self.standings}
        return Extent.PARTLY if Extent.PARTLY in said else Extent.WHOLLY

    @property
    def is_tested(self) -> bool:
        """Whether tests reach all of it."""
        return all(standing.entry.tested for standing in self.standings)


def candidates(standings: Iterable[Standing], events: Iterable[Event]) -> list[Candidate]:
    """List the views that can be moved, in the order in which to move them.

    Those come first that convert wholly, that tests reach, and that override least.

    Args:
        standings: How far each endpoint is.
        events: The history; what a person has to look at first comes last.
    """
    tried: dict[str, bool] = {}
    for event in events:
        if event.kind == MIGRATED:
            tried[str(event.data.get("view"))] = event.data.get("step") in (FAILED, WRITTEN)
    movable = []
    for name, some in _by_view(standings).items():
        try:
            movable.append(candidate(some, was_tried=tried.get(name, False)))
        except MoveError:
            # The report says why, and so does whoever names it.
            continue
    return sorted(movable, key=_order)


def _order(movable: Candidate) -> tuple[bool, bool, bool, int, str]:
    blocks = sum(len(each.entry.blocks) for each in movable.standings)
    is_partly = movable.extent is Extent.PARTLY
    return (
        movable.was_tried,
        is_partly,
        not movable.is_tested,
        blocks,
        movable.standings[0].entry.path,
    )


def named(standings: Iterable[Standing], target: str) -> Candidate:
    """Return the view that a name stands for.

    Args:
        standings: How far each endpoint is.
        target: A path, or the name of a view class, dotted or not.

    Raises:
        MoveError: There is none, there are several, or it cannot be moved.
    """
    by_view = _by_view(standings)
    names = [
        name
        for name, some in by_view.items()
        if target in (name, name.rpartition(".")[2])
        or any(target in (standing.entry.path, standing.endpoint) for standing in some)
    ]
    if not names:
        raise MoveError(f"There is no endpoint {target!r}. Name a path or a view class.")
    if len(names) > 1:
        raise MoveError(f"{target} may be {' or '.join(names)}. Name one.")
    return candidate(by_view[names[0]])


def _by_view(standings: Iterable[Standing]) -> dict[str, list[Standing]]:
    by_view: dict[str, list[Standing]] = {}
    for standing in standings:
        by_view.setdefault(standing.entry.view, []).append(standing)
    return by_view


def candidate(standings: Sequence[Standing], *, was_tried: bool = False) -> Candidate:
    """Return a view with what there is to convert for it.

    Args:
        standings: How far each of its actions is.
        was_tried: Whether it was tried before, and a person has something to do.

    Raises:
        MoveError: It cannot be moved, or has been.
    """
    name = standings[0].entry.view
    standings = [standing for standing in standings if not standing.switch]
    if not standings:
        raise MoveError(f"{name} has a switch already. manage.py nova_report says what is next.")
    view = _imported(name)
    if not isinstance(view, type):
        raise MoveError(f"{name} is no class that could be imported. Move it by hand.")
    if _is_installed(view):
        raise MoveError(f"{name} is of an installed package. Derive a view of your own from it.")
    left = [
        standing for standing in standings if standing.stage in _LEFT and standing.entry.serializer
    ]
    serializers = [_imported(text) for text in dict.fromkeys(_names(left))]
    usable = [serializer for serializer in serializers if _is_serializer(serializer)]
    if not usable:
        reasons = dict.fromkeys(
            standing.entry.reason for standing in standings if standing.entry.reason
        )
        because = "; ".join(reasons) or "it has no serializer that is the project's and converts"
        raise MoveError(f"{name}: there is nothing to convert: {because}.")
    return Candidate(view, standings, usable, was_tried)


def _names(standings: Iterable[Standing]) -> list[str]:
    return [
        standing.entry.serializer for standing in standings if standing.entry.converts != Extent.NOT
    ]


def _imported(name: str) -> Any:
    try:
        return import_string(name)
    except ImportError:
        return None


def _is_serializer(named: object) -> bool:
    return isinstance(named, type) and issubclass(named, BaseSerializer) and is_users(named)


def _is_installed(view: type) -> bool:
    file = getattr(sys.modules.get(view.__module__), "__file__", None)
    if file is None:
        return True
    places = (sysconfig.get_path(name) for name in ("purelib", "platlib"))
    return any(Path(file).is_relative_to(place) for place in places)
