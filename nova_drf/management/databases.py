"""The base of commands that ask the project's database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError


class DatabaseCommand(BaseCommand):
    """A command that says in one sentence that the database cannot be used.

    ``--traceback`` shows where it was asked, as in every command of Django's.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        Raises:
            CommandError: The database cannot be reached, or has not the tables of the project.
        """
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"The database cannot be used: {error}. Check DATABASES, start the database, and "
                "run manage.py migrate.",
                returncode=2,
            ) from error
