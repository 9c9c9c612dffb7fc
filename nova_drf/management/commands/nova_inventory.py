"""``manage.py nova_inventory``: what there is to move, endpoint by endpoint."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from nova_drf.convert.report import Extent
from nova_drf.migration.inventory import Entry, inventory

_COLUMNS = ("path", "method", "action", "view", "serializer", "converts", "kept", "async_ready")


class Command(BaseCommand):
    """Prints one line for each action of each endpoint."""

    help = "List every endpoint and action, its serializer, and how far that converts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
        parser.add_argument("--urlconf", help="another URL configuration, by its dotted name")
        parser.add_argument(
            "--fail-on",
            choices=("not", "partly"),
            help="exit with code 1 if a serializer converts no better than that",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        patterns = None
        if options["urlconf"]:
            patterns = import_string(f"{options['urlconf']}.urlpatterns")
        entries = inventory(patterns, self._progress())
        getattr(self, f"_print_{options['format']}")(entries)
        bad = {"not": {Extent.NOT}, "partly": {Extent.NOT, Extent.PARTLY}}.get(options["fail_on"])
        count = sum(entry.converts in bad for entry in entries) if bad else 0
        if count:
            raise CommandError(f"{count} actions have a serializer that does not convert wholly.")

    def _progress(self) -> Any:
        if not sys.stderr.isatty():
            return None
        return lambda name: self.stderr.write(f"\r\x1b[K{name}", ending="")

    def _print_json(self, entries: list[Entry]) -> None:
        self.stdout.write(json.dumps([asdict(entry) for entry in entries], indent=2))

    def _print_csv(self, entries: list[Entry]) -> None:
        writer = csv.DictWriter(self.stdout, fieldnames=list(Entry.__dataclass_fields__))
        writer.writeheader()
        writer.writerows(entry.as_row() for entry in entries)

    def _print_table(self, entries: list[Entry]) -> None:
        rows = [entry.as_row() for entry in entries]
        widths = {
            column: max([len(column), *(len(row[column]) for row in rows)]) for column in _COLUMNS
        }
        self._print_row({column: column for column in _COLUMNS}, widths)
        for row in rows:
            self._print_row(row, widths)
        converts = [entry.converts for entry in entries]
        said = ", ".join(f"{converts.count(extent)} {extent}" for extent in Extent)
        self.stdout.write(f"{len(entries)} actions; serializers convert: {said}")

    def _print_row(self, row: dict[str, str], widths: dict[str, int]) -> None:
        cells = (row[column].ljust(width) for column, width in widths.items())
        self.stdout.write("  ".join(cells).rstrip())
