"""``manage.py nova_migrate``: the next endpoint, from its serializer to a switch, in one step."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from nova_drf.core.exceptions import NovaError
from nova_drf.management.arguments import directory, whole_number
from nova_drf.management.databases import DatabaseCommand
from nova_drf.management.tables import counted, print_table, progress_bar
from nova_drf.management.users import NOBODY, users_named

_DIFFERENT, _CANNOT, _INTERRUPTED = 1, 2, 130

_NEEDED = {"libcst": "nova_drf[convert]", "hypothesis": "nova_drf[verify]"}
_COLUMNS = ("view", "endpoints", "converts", "tested", "tried")


class Command(DatabaseCommand):
    """Converts the serializers of one view, compares both views, and puts a switch in.

    Nothing is written unless nothing differs but what is approved. The exit code is 0, or 1 if
    something differs, 2 if the view cannot be moved by a program, and 130 after an interruption.
    """

    help = "Convert the next endpoint, prove it, put a switch in, and say what is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "target", nargs="?", help="a path or a view class; by default the next one"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="show the diff, and write nothing"
        )
        parser.add_argument(
            "--list", action="store_true", help="list what can be moved, the next one first"
        )
        parser.add_argument(
            "--examples",
            type=whole_number(0),
            default=60,
            help="how many requests to generate for each method",
        )
        parser.add_argument("--seed", type=int, help="generate another series of requests")
        parser.add_argument(
            "--user",
            action="append",
            help=f"the user who asks, by the name to log in with, or {NOBODY!r}; may be given "
            "several times; by default nobody, and one user of each kind",
        )
        parser.add_argument("--approved", type=Path, help="the file of approved differences")
        parser.add_argument(
            "--tests",
            type=directory,
            help="the directory with the tests; by default settings.BASE_DIR",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for module, package in _NEEDED.items():
            if not options["list"] and find_spec(module) is None:
                raise CommandError(
                    f"nova_migrate needs {module}. Install it: pip install '{package}'.",
                    returncode=_CANNOT,
                )
        try:
            self._run(options)
        except NovaError as error:
            raise CommandError(str(error), returncode=_CANNOT) from error

    def _run(self, options: dict[str, Any]) -> None:
        from nova_drf.migration.moves.candidates import MoveError, candidates, named
        from nova_drf.migration.progress.history import project_history
        from nova_drf.migration.progress.stages import standings

        history = project_history()
        with progress_bar(self.stderr) as progress:
            standing = standings(progress=progress, tests=options["tests"])
        if options["target"] is not None:
            self._move(named(standing, options["target"]), options)
            return
        movable = candidates(standing, history.events())
        if options["list"]:
            self._list(movable)
        elif not movable:
            raise MoveError(
                "There is nothing left that a program can move. manage.py nova_report says what a "
                "person can do."
            )
        else:
            self._move(movable[0], options)

    def _list(self, movable: list[Any]) -> None:
        rows = [
            {
                "view": candidate.name,
                "endpoints": str(len(candidate.standings)),
                "converts": str(candidate.extent),
                "tested": "yes" if candidate.is_tested else "no",
                "tried": "yes" if candidate.was_tried else "",
            }
            for candidate in movable
        ]
        print_table(self.stdout, _COLUMNS, rows)

    def _move(self, candidate: Any, options: dict[str, Any]) -> None:
        from nova_drf.migration.moves.files import write_together
        from nova_drf.migration.moves.move import prepare
        from nova_drf.migration.proof.verification import project_approvals

        self.stdout.write(f"{candidate.name}: {counted(len(candidate.standings), 'action')}")
        try:
            with progress_bar(self.stderr) as progress:
                move = prepare(
                    candidate,
                    approved=project_approvals(options["approved"]),
                    examples=options["examples"],
                    repeat=options["seed"],
                    users=users_named(options["user"]),
                    progress=progress,
                )
            if options["dry_run"]:
                for change in move.changes:
                    self.stdout.write(change.diff(), ending="")
                written = []
            else:
                written = write_together(move.changes)
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted; nothing was written. Run the command again.",
                returncode=_INTERRUPTED,
            ) from None
        if not options["dry_run"]:
            self._record(move)
        self._tell(move, written)

    def _tell(self, move: Any, written: list[Path]) -> None:
        report = move.report
        if not move.is_proved:
            for finding in report.findings:
                self.stdout.write(f"{finding}\n")
            for entry in report.stale:
                self.stdout.write(f"Approved, but it no longer occurs: {entry}")
            raise CommandError(
                f"Nothing was written: {counted(len(report.findings), 'difference')}, and "
                f"{len(report.stale)} approved that no longer occur. Correct the code, or change "
                "the file of approved differences.",
                returncode=_DIFFERENT,
            )
        self.stdout.write(
            f"Proved: {counted(report.cases, 'request')}, no difference, {report.approved} approved"
        )
        here = Path.cwd()
        for path in written:
            shown = path.relative_to(here) if path.is_relative_to(here) else path
            self.stdout.write(f"Written: {shown}")
        if move.by_hand:
            self.stdout.write(f"\nThe switch is for you to write. {move.by_hand}")
        for line in move.left:
            self.stdout.write(f"Left for you: {line}")

    def _record(self, move: Any) -> None:
        from nova_drf.migration.moves.candidates import FAILED, MIGRATED, SWITCHED, WRITTEN
        from nova_drf.migration.progress.evidence import VERIFIED, recorded
        from nova_drf.migration.progress.history import HistoryError, project_history

        pair = {"old": move.candidate.name, "new": move.new_view}
        step = SWITCHED if move.is_switched else WRITTEN if move.is_proved else FAILED
        endpoints = [standing.endpoint for standing in move.candidate.standings]
        told = {"view": move.candidate.name, "step": step, "endpoints": endpoints}
        history = project_history()
        try:
            history.append(VERIFIED, {**pair, **recorded(move.report)})
            history.append(MIGRATED, told)
        except HistoryError as error:
            self.stderr.write(f"Note: {error}")
