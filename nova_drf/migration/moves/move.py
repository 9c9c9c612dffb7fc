"""``prepare``: a view is converted and compared in memory, and a switch found its place."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from nova_drf.migration.codegen.module import module_source
from nova_drf.migration.codegen.outcomes import Change, Written
from nova_drf.migration.inventory import project_directory
from nova_drf.migration.moves.candidates import Candidate, MoveError
from nova_drf.migration.moves.leftovers import leftovers
from nova_drf.migration.moves.new_views import new_name, place_beside, view_source
from nova_drf.migration.moves.routes import by_hand, routes_the_same, switched_routes
from nova_drf.migration.moves.trials import Trial, tried
from nova_drf.migration.proof.approvals import ApprovedDifferences
from nova_drf.migration.proof.endpoint_verification import verify_endpoints
from nova_drf.migration.proof.verification import Progress, Report

SERIALIZERS, VIEWS = "nova_serializers", "nova_views"
"""The modules beside that of a view into which its new code goes."""


@dataclass(frozen=True)
class Move:
    """A view that was converted and compared, and nothing of it written yet.

    Attributes:
        candidate: The view.
        new_view: The dotted name of the new class.
        report: What the comparison found.
        changes: The files that are to be written; none if something differs.
        by_hand: What a person has to write, because the routes were not recognised; else empty.
        left: What is left for a person besides.
    """

    candidate: Candidate
    new_view: str
    report: Report
    changes: Sequence[Change] = ()
    by_hand: str = ""
    left: Sequence[str] = ()

    @property
    def is_proved(self) -> bool:
        """Whether nothing differs but what is approved."""
        return self.report.ok

    @property
    def is_switched(self) -> bool:
        """Whether the changes put a switch in."""
        return self.is_proved and not self.by_hand


@dataclass
class _Converted:
    """The new code of a view, in memory."""

    view: Any
    module: str
    changes: list[Change] = field(default_factory=list)
    written: Sequence[Written] = ()


def prepare(
    candidate: Candidate,
    *,
    root: Path | None = None,
    approved: ApprovedDifferences | None = None,
    examples: int = 60,
    repeat: int | None = None,
    users: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Move:
    """Convert a view's serializers, compare both views, and put a switch at its routes, in memory.

    Args:
        candidate: The view.
        root: The directory of the project; ``settings.BASE_DIR`` when left out.
        approved: The differences that are approved.
        examples: How many requests are drawn for each method at each route.
        repeat: A number that stands for one series of draws.
        users: Who asks, by name; see :func:`verify_endpoints`.
        progress: Is told how far the comparison is.

    Raises:
        MoveError: It cannot be converted.
        NovaError: The views cannot be compared.
    """
    with tried() as trial:
        new = _converted(candidate, trial)
        name = f"{new.module}.{new.view.__name__}"
        report = verify_endpoints(
            candidate.view,
            new.view,
            approved=approved,
            examples=examples,
            repeat=repeat,
            users=users,
            progress=progress,
        )
        if not report.ok:
            return Move(candidate, name, report)
        routes, problem = _routes(candidate, new, root or project_directory(), trial)
    note = ""
    if problem:
        told = by_hand(candidate.view, new.module, new.view.__name__)
        note = f"{problem}. Write:\n\n{told}\n"
    left = leftovers(candidate, new.written, report, is_switched=not problem)
    return Move(candidate, name, report, [*new.changes, *routes], note, left)


def _converted(candidate: Candidate, trial: Trial) -> _Converted:
    view = candidate.view
    module, path = place_beside(view, VIEWS)
    there = _module(module, path)
    converted = getattr(there, new_name(view), None)
    if isinstance(converted, type) and issubclass(converted, view):
        # An earlier run wrote it, and a person has to put the switch in, or has changed it since.
        return _Converted(converted, module)
    of_serializers, file = place_beside(view, SERIALIZERS)
    _module(of_serializers, file)
    serializers = module_source(candidate.serializers, file)
    replaced = _replaced(candidate, serializers.written, of_serializers)
    try:
        trial.module(of_serializers, serializers.after)
        of_view = view_source(view, replaced, module, path, there)
        converted = getattr(trial.module(module, of_view.after), new_name(view))
    except MoveError:
        raise
    except Exception as error:
        # An import runs any code of the project; the message passes on what it raised.
        raise MoveError(
            f"{candidate.name}: what was written cannot be imported "
            f"({type(error).__name__}: {error}). Convert its serializers by hand."
        ) from error
    return _Converted(converted, module, [serializers, of_view], serializers.written)


def _module(name: str, path: Path) -> Any:
    """Return a module as it is; ``None`` if it is not there."""
    if not path.exists():
        return None
    with suppress(ModuleNotFoundError):
        return import_module(name)
    raise MoveError(
        f"{path} is there, and cannot be imported as {name}. Put it into a package, or move it "
        "away."
    )


def _replaced(
    candidate: Candidate, written: Sequence[Written], module: str
) -> dict[Any, tuple[str, str]]:
    by_class = {serializer.cls: serializer for serializer in written if serializer.statements}
    missing = [serializer for serializer in candidate.serializers if serializer not in by_class]
    if missing:
        reasons = {serializer.cls: serializer.reason for serializer in written}
        said = "; ".join(
            f"{serializer.__name__}: {reasons.get(serializer, 'unknown')}" for serializer in missing
        )
        raise MoveError(f"{candidate.name}: not converted: {said}. Convert them by hand.")
    return {serializer: (module, by_class[serializer].name) for serializer in candidate.serializers}


def _routes(
    candidate: Candidate, new: _Converted, root: Path, trial: Trial
) -> tuple[list[Change], str]:
    """Return the files with the routes, and why a person has to write them, if so."""
    view = candidate.view
    changes = switched_routes(view, new.module, new.view.__name__, root)
    if not changes:
        return [], f"No route of {view.__name__} was recognised"
    by_file = {str(getattr(module, "__file__", "")): module for module in [*sys.modules.values()]}
    for change in changes:
        problem = routes_the_same(change, by_file[str(change.path)], view, trial)
        if problem:
            return [], problem
    return changes, ""
