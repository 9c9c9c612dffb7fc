"""``manage.py nova_switch``: what every switch chooses, and how to change that at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from nova_drf.management.tables import print_table
from nova_drf.migration.proof.choices import Choice, SwitchError
from nova_drf.migration.proof.switchboard import change, switchboard

_COLUMNS = ("switch", "action", "defined", "override")


class Command(BaseCommand):
    """Prints every action of every switch, or changes what one chooses.

    The exit code is 0, or 2 if there is no such switch, action or table.
    """

    help = "Show what the switches between old and new code choose, or change it at run time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("switch", nargs="?", help="the name of a switch, or 'all'")
        parser.add_argument(
            "choice",
            nargs="?",
            choices=[*(choice.value for choice in Choice), "defined"],
            help="what it chooses from now on; 'defined' goes back to the definition in the code",
        )
        parser.add_argument("--action", default="", help="one action; by default all")
        parser.add_argument("--reason", default="", help="the reason, which the table keeps")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except DatabaseError as error:
            raise CommandError(
                f"The choices cannot be read from the database: {error}. Run manage.py migrate if "
                "'nova_drf.migration.proof' is new in INSTALLED_APPS.",
                returncode=2,
            ) from error

    def _handle(self, options: dict[str, Any]) -> None:
        if options["switch"] and not options["choice"]:
            raise CommandError("Write what it chooses: old, new, shadow or defined.", returncode=2)
        if options["choice"]:
            name = "" if options["switch"] == "all" else options["switch"]
            choice = "" if options["choice"] == "defined" else options["choice"]
            try:
                change(name, options["action"], choice, options["reason"])
            except SwitchError as error:
                raise CommandError(str(error), returncode=2) from error
        print_table(self.stdout, _COLUMNS, [asdict(place) for place in switchboard()])
