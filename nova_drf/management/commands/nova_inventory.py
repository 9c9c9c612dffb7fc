"""``manage.py nova_inventory``: what there is to move, endpoint by endpoint."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from nova_drf.management.tables import counted, print_table, progress_bar
from nova_drf.management.urlconfs import patterns_of
from nova_drf.migration.convert.report import Extent
from nova_drf.migration.inventory import Entry, inventory

_COLUMNS = (
    *("path", "method", "action", "view", "serializer", "converts", "kept", "async_ready"),
    "tested",
)

_COUNTED = {
    "not": lambda entry: entry.converts == Extent.NOT,
    "partly": lambda entry: entry.converts in (Extent.NOT, Extent.PARTLY),
    "blocking": lambda entry: bool(entry.blocks),
    "untested": lambda entry: not entry.tested,
}

_SAID = {
    "not": "have a serializer that does not convert",
    "partly": "have a serializer that does not convert wholly",
    "blocking": "have methods that would run in a thread",
    "untested": "are mentioned in no test",
}


class Command(BaseCommand):
    """Prints one line for each action of each endpoint.

    The exit code is 0, or 1 if ``--fail-on`` found something, or 2 if there was nothing to look at:
    the URL configuration or the directory of tests is not there.
    """

    help = "List every endpoint and action, its serializer, and how far that converts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--format", choices=("table", "json", "csv"), default="table", help="what to print"
        )
        parser.add_argument("--urlconf", help="another URL configuration, by its dotted name")
        parser.add_argument(
            "--tests", help="the directory with the tests; by default settings.BASE_DIR"
        )
        parser.add_argument(
            "--fail-on",
            choices=tuple(_COUNTED),
            action="append",
            default=[],
            help="exit with code 1 if a serializer converts partly or not, if an action would "
            "block the event loop, or if no test mentions one; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tests = None if options["tests"] is None else Path(options["tests"])
        if tests is not None and not tests.is_dir():
            raise CommandError(
                f"There is no directory {tests}. Name the one with your tests.", returncode=2
            )
        with progress_bar(self.stderr) as progress:
            entries = inventory(patterns_of(options["urlconf"]), progress, tests)
        getattr(self, f"_print_{options['format']}")(entries)
        complaints = list(_complaints(entries, options["fail_on"]))
        if complaints:
            raise CommandError("\n".join(complaints), returncode=1)

    def _print_json(self, entries: list[Entry]) -> None:
        self.stdout.write(json.dumps([asdict(entry) for entry in entries], indent=2))

    def _print_csv(self, entries: list[Entry]) -> None:
        writer = csv.DictWriter(self.stdout, fieldnames=list(Entry.__dataclass_fields__))
        writer.writeheader()
        writer.writerows(entry.as_row() for entry in entries)

    def _print_table(self, entries: list[Entry]) -> None:
        print_table(self.stdout, _COLUMNS, [_short(entry) for entry in entries])
        converts = [entry.converts for entry in entries]
        said = ", ".join(f"{converts.count(extent)} {extent}" for extent in Extent)
        actions = sum(bool(entry.path) for entry in entries)
        others = len(entries) - actions
        of_both = f"{counted(actions, 'action')} and {counted(others, 'other serializer')}"
        self.stdout.write(f"{of_both}; serializers convert: {said}")


def _short(entry: Entry) -> dict[str, str]:
    more = len(entry.tested) - 1
    tested = f"{entry.tested[0]} and {more} more" if more > 0 else ", ".join(entry.tested)
    return {**entry.as_row(), "tested": tested or "not"}


def _complaints(entries: list[Entry], kinds: list[str]) -> Any:
    for kind in kinds:
        count = sum(map(_COUNTED[kind], entries))
        if count:
            yield f"{count} entries {_SAID[kind]}."
