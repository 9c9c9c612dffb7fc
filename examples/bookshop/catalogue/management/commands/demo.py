"""``manage.py demo``: old and new side by side, then the running project."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalogue.comparison import ASYNC, NEW, SWITCHED, Answer, compare
from catalogue.sample_data import load_sample_data


class Command(BaseCommand):
    """Show that clients cannot tell the endpoints apart."""

    help = "Send the same requests to the classic and the new endpoints, then serve the project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do not serve afterwards")
        parser.add_argument("--port", default="8000", help="the port to serve on")

    def handle(self, *args: Any, once: bool, port: str, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        load_sample_data()
        console = Console(width=None if self.stdout.isatty() else 118)
        different = show(console, "schema", NEW) + show(console, "async viewset, ASGI", ASYNC)
        different += show(console, "switch, ASGI", SWITCHED)
        call_command("nova_switch", stdout=self.stdout)
        if different:
            raise CommandError(f"{different} answers differ.")
        console.print("All answers are byte-identical.", style="bold green")
        if not once:
            console.print(
                f"\nhttp://127.0.0.1:{port}/api/    the browsable API\n"
                f"http://127.0.0.1:{port}/docs/   Swagger UI\n"
                f"http://127.0.0.1:{port}/admin/  the admin site (createsuperuser makes a user)\n"
            )
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)


def show(console: Console, title: str, address: str) -> int:
    """Print both answers to every request; return how many differ."""
    table = Table("request", "status", "classic viewset", title, "identical", show_lines=True)
    different = 0
    for exchange, old, new in compare(address):
        same = old == new
        different += not same
        table.add_row(
            exchange.title,
            str(old.status) if old.status == new.status else f"{old.status} / {new.status}",
            _shown(old),
            _shown(new),
            Text("yes", "green") if same else Text("NO", "bold red"),
        )
    console.print(table)
    return different


def _shown(answer: Answer) -> Text:
    text = answer.body.decode("utf-8", "replace")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        text = f"<html> of {len(answer.body)} bytes"
    return Text(text if len(text) <= 180 else f"{text[:177]}...")
