"""``manage.py nova_convert``: serializers as Pydantic source code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from nova_drf.management.arguments import whole_number
from nova_drf.management.databases import DatabaseCommand
from nova_drf.management.tables import print_table, progress_bar
from nova_drf.migration.progress.evidence import VERIFIED, recorded_verdict
from nova_drf.migration.progress.history import HistoryError, record

_DIFFERENT, _CANNOT, _NOT_COMPARED = 1, 2, 3

Progress = Callable[[str, int], None]

_MISSING = (
    "nova_convert reads and writes source code with libcst, which is not installed. "
    "Install it: pip install 'nova_drf[convert]'."
)
_NO_RUFF = "Ruff is not installed, so that long lines stay long. pip install 'nova_drf[convert]'"


class Command(DatabaseCommand):
    """Writes serializers as schemas, and the serializer classes that run them.

    The code, or the diff, goes to the output; what became of each class, and why, to the error
    output. The exit code is 0; 1 if ``--verify`` found a difference; 2 if there is nothing to
    convert, or a file cannot be read or written; 3 if ``--verify`` found no difference, but could
    not compare all of them.
    """

    help = "Write serializers as Pydantic schemas, and serializer classes that run them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "targets",
            nargs="*",
            metavar="app.serializers.BookSerializer",
            help="a serializer class, a module, or an app",
        )
        parser.add_argument(
            "--all", action="store_true", help="every serializer of the project's apps"
        )
        where = parser.add_mutually_exclusive_group()
        where.add_argument(
            "--output",
            metavar="FILE",
            type=Path,
            help="write a module or add to it; a folder gets one for each app. The default is to "
            "print",
        )
        where.add_argument(
            "--diff", action="store_true", help="show what --in-place would change, as a diff"
        )
        where.add_argument(
            "--in-place", action="store_true", help="replace the classes in their own files"
        )
        where.add_argument(
            "--verify",
            nargs="?",
            const="HEAD",
            metavar="REVISION",
            help="compare classes that were converted in place with their files in a revision of "
            "Git; by default the last one",
        )
        parser.add_argument(
            "--examples",
            type=whole_number(1),
            default=50,
            help="with --verify: how many inputs, and objects, are drawn for each class",
        )
        parser.add_argument(
            "--view",
            action="store_true",
            help="with --output: change the views that use the serializers",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            import libcst  # noqa: F401  # whether it is there is all that is asked
        except ImportError as error:
            raise CommandError(_MISSING, returncode=_CANNOT) from error
        output = options["output"]
        if options["view"] and output is None:
            raise CommandError(
                "--view: the views need a module to import from. Write --output FILE; with "
                "--in-place the names stay, and no view has to change.",
                returncode=_CANNOT,
            )
        verify = options["verify"]
        classes = self._classes(options["targets"], everything=options["all"], done=bool(verify))
        if verify is not None:
            self._verify(classes, verify, options["examples"])
        elif options["diff"] or options["in_place"]:
            self._change_files(classes, apply=options["in_place"])
        else:
            self._write_modules(classes, output, views=options["view"])

    def _classes(self, targets: Sequence[str], *, everything: bool, done: bool) -> list[Any]:
        from nova_drf.migration.codegen.discovery import named, project_serializers

        if everything == bool(targets):
            raise CommandError(
                "No serializer is named. Name one or more, or pass --all.", returncode=_CANNOT
            )
        try:
            if everything:
                groups = [project_serializers(done=done, tell=self.stderr.write)]
            else:
                tell = self.stderr.write
                groups = [named(target, done=done, tell=tell) for target in targets]
        except LookupError as error:
            raise CommandError(str(error), returncode=_CANNOT) from error
        classes = [cls for group in groups for cls in group]
        if not classes:
            raise CommandError(
                "The project's apps define no serializers. Name a module that does.",
                returncode=_CANNOT,
            )
        return list(dict.fromkeys(classes))

    # In their own files

    def _change_files(self, classes: list[Any], *, apply: bool) -> None:
        from nova_drf.migration.codegen.in_place import changed_files
        from nova_drf.migration.codegen.sources import forget_sources

        with self._progress(len(classes)) as progress:
            changes = changed_files(classes, progress)
        written = [outcome for change in changes for outcome in change.written]
        self._report(written)
        for change in changes:
            if apply:
                change.apply()
            else:
                self.stdout.write(change.diff(), ending="")
        forget_sources()

    # In new modules

    def _write_modules(self, classes: list[Any], output: Path | None, *, views: bool) -> None:
        from nova_drf.migration.codegen.module import module_source

        written: list[Any] = []
        with self._progress(len(classes)) as progress:
            for path, of_path in self._by_path(classes, output).items():
                try:
                    change = module_source(of_path, path, progress)
                except SyntaxError as error:
                    raise CommandError(
                        f"{path} cannot be read as Python ({error}). Correct it, or name another "
                        "file.",
                        returncode=_CANNOT,
                    ) from error
                written += change.written
                if path is None:
                    self.stdout.write(change.after, ending="")
                    continue
                change.apply()
                if views:
                    self._change_views(change.written, path)
        self._report(written)

    def _by_path(self, classes: list[Any], output: Path | None) -> dict[Path | None, list[Any]]:
        from nova_drf.migration.codegen.discovery import app_label

        if output is None or output.suffix == ".py":
            return {output: classes}
        by_path: dict[Path | None, list[Any]] = {}
        for cls in classes:
            by_path.setdefault(output / f"{app_label(cls)}.py", []).append(cls)
        return by_path

    def _change_views(self, written: Sequence[Any], path: Path) -> None:
        from nova_drf.migration.codegen.views import changed_views, module_name

        name = module_name(path)
        if name is None:
            raise CommandError(
                f"--view: {path} cannot be imported. Write it into a package.", returncode=_CANNOT
            )
        try:
            changes = changed_views(written, name)
        except LookupError as error:
            raise CommandError(f"--view: {error}", returncode=_CANNOT) from error
        for change in changes:
            change.apply()
            self.stderr.write(f"{change.path}: takes its serializers from {name}")

    # The proof

    def _verify(self, classes: list[Any], revision: str, examples: int) -> None:
        from nova_drf.migration.codegen.verification import DESCRIPTIONS, Result, verified
        from nova_drf.openapi.contracts import contract_of

        verdicts = []
        compared = {**DESCRIPTIONS, "OpenAPI": contract_of}
        with self._progress(len(classes)) as progress:
            for verdict in verified(classes, revision, examples, compared):
                verdicts.append(verdict)
                if progress is not None:
                    progress(verdict.name, len(verdicts))
        if not verdicts:
            raise CommandError(
                "None of these was converted. Convert them with --in-place first.",
                returncode=_CANNOT,
            )
        rows = [
            {
                "serializer": verdict.name,
                "result": str(verdict.result),
                "why": verdict.said,
            }
            for verdict in verdicts
        ]
        print_table(self.stdout, ("serializer", "result", "why"), rows)
        self._record(verdicts, revision)
        counts = Counter(verdict.result for verdict in verdicts)
        if counts[Result.DIFFERS]:
            raise CommandError(
                f"{counts[Result.DIFFERS]} of {len(verdicts)} serializers differ from {revision}. "
                "The table says how.",
                returncode=_DIFFERENT,
            )
        if counts[Result.NOT_COMPARED]:
            raise CommandError(
                f"{counts[Result.NOT_COMPARED]} of {len(verdicts)} serializers could not be "
                f"compared with {revision}. The table says why; compare them in a test, with "
                "assert_parity().",
                returncode=_NOT_COMPARED,
            )

    def _record(self, verdicts: Sequence[Any], revision: str) -> None:
        """Tell the project's history, if it has one; what was compared stands in any case."""
        try:
            for verdict in verdicts:
                record(VERIFIED, recorded_verdict(verdict.name, revision, verdict.result))
        except HistoryError as error:
            self.stderr.write(f"Note: {error}")

    # What a person sees

    @contextmanager
    def _progress(self, total: int) -> Iterator[Progress | None]:
        with progress_bar(self.stderr) as bar:
            yield bar and (lambda name, done: bar(name, min(done, total), total))

    def _report(self, written: Sequence[Any]) -> None:
        from nova_drf.migration.codegen.formatting import ruff
        from nova_drf.migration.codegen.outcomes import COLUMNS, row, summary

        if written:
            print_table(self.stderr, COLUMNS, [row(outcome) for outcome in written])
        self.stderr.write(summary(written))
        if ruff() is None:
            self.stderr.write(_NO_RUFF)
