"""``manage.py nova_report``: how far the migration is, and what to do next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from nova_drf.management.arguments import directory
from nova_drf.management.databases import DatabaseCommand
from nova_drf.management.tables import print_table, progress_bar
from nova_drf.management.urlconfs import patterns_of
from nova_drf.migration.progress.history import HistoryError
from nova_drf.migration.progress.pages import as_html
from nova_drf.migration.progress.report import Line, ProgressReport, progress_report

_CANNOT = 2

_COLUMNS = ("endpoint", "stage", "answers", "proof", "next")
_OF_APPS = ("app", "actions", "moved", "proved", "stages")
_STEPS_SHOWN = 5


class Command(DatabaseCommand):
    """Prints the report for a terminal, as a page, or as JSON.

    The exit code is 0, or 2 if there is no URL configuration or the history cannot be used.
    """

    help = "Report how far the migration is: stages, proofs, open differences, next steps, speed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--format", choices=("text", "html", "json"), default="text", help="what to print"
        )
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="write the report into a file"
        )
        parser.add_argument("--title", default="", help="the name of the project")
        parser.add_argument("--urlconf", help="another URL configuration, by its dotted name")
        parser.add_argument(
            "--tests",
            type=directory,
            help="the directory with the tests; by default settings.BASE_DIR",
        )
        parser.add_argument("--no-record", action="store_true", help="do not write the history")

    def handle(self, *args: Any, **options: Any) -> None:
        patterns = patterns_of(options["urlconf"])
        try:
            with progress_bar(self.stderr) as progress:
                report = progress_report(
                    patterns,
                    record=not options["no_record"],
                    progress=progress,
                    tests=options["tests"],
                )
        except HistoryError as error:
            raise CommandError(str(error), returncode=_CANNOT) from error
        output: Path | None = options["output"]
        if options["format"] == "text" and output is None:
            self._print(report)
            return
        text = self._text(report, options["format"], options["title"] or _project_name())
        if output is None:
            self.stdout.write(text)
            return
        try:
            output.write_text(text, "utf-8")
        except OSError as error:
            raise CommandError(
                f"{output} cannot be written ({error}). Name another file.", returncode=_CANNOT
            ) from error
        self.stdout.write(f"Written to {output}.")

    def _text(self, report: ProgressReport, kind: str, title: str) -> str:
        if kind == "json":
            return json.dumps(report.as_json(), indent=2, cls=DjangoJSONEncoder)
        if kind == "html":
            return as_html(report, title)
        raise CommandError("--output: write --format html or --format json.", returncode=_CANNOT)

    def _print(self, report: ProgressReport) -> None:
        print_table(self.stdout, _COLUMNS, [_row(line) for line in report.lines])
        self.stdout.write("")
        apps = [
            {
                "app": app.name,
                "actions": str(app.total),
                "moved": str(app.moved),
                "proved": str(app.proved),
                "stages": _counted(app.stages),
            }
            for app in report.apps
        ]
        print_table(self.stdout, _OF_APPS, apps)
        for note in report.notes:
            self.stdout.write(f"Note: {note}")
        for speed in report.speeds:
            self.stdout.write(
                f"{speed.endpoint}: {speed.old:.1f} ms became {speed.new:.1f} ms "
                f"({speed.ratio:.2f} times as fast)"
            )
        whole = report.whole
        self.stdout.write(
            f"{whole.moved} of {whole.total} actions moved, {whole.proved} proved, "
            f"{len(report.differences)} open differences"
        )
        for step, lines in report.steps[:_STEPS_SHOWN]:
            if step.command:
                self.stdout.write(f"{step.text} ({len(lines)}): {step.command}")


def _project_name() -> str:
    return str(settings.ROOT_URLCONF).partition(".")[0]


def _row(line: Line) -> dict[str, str]:
    proof = line.proof
    said = "" if proof is None else f"{'same' if proof.ok else 'differs'} by {proof.how}"
    return {
        "endpoint": line.standing.endpoint,
        "stage": line.standing.stage.value,
        "answers": line.standing.side.value,
        "proof": said,
        "next": line.step.text,
    }


def _counted(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in numbers.items() if number)
