"""``manage.py demo``: old and new side by side, then the running project."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.test import Client
from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalogue.comparison import ASYNC, NEW, SHADOWED, SWITCHED, Answer, compare
from catalogue.sample_data import load_sample_data
from nova_drf.migration.proof.models import ShadowCount, ShadowDifference
from nova_drf.migration.proof.shadow.runner import RUNNER


class Command(BaseCommand):
    """Show that clients cannot tell the endpoints apart."""

    help = "Send the same requests to the classic and the new endpoints, then serve the project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do not serve afterwards")
        parser.add_argument("--port", type=int, default=8000, help="the port to serve on")

    def handle(self, *args: Any, once: bool, port: int, **options: Any) -> None:
        if not once:
            refuse_taken_port(port)
        call_command("migrate", verbosity=0)
        load_sample_data()
        console = Console(width=None if self.stdout.isatty() else 118)
        different = show(console, "schema", NEW) + show(console, "async viewset, ASGI", ASYNC)
        different += show(console, "switch, ASGI", SWITCHED)
        call_command("nova_switch", stdout=self.stdout)
        if different:
            raise CommandError(f"{different} answers differ.")
        console.print("All answers are byte-identical.", style="bold green")
        show_shadow(console)
        if not once:
            add_user()
            console.print(
                f"\nOpen http://127.0.0.1:{port}/ for all that there is to see.\n"
                "The admin pages let the user demo in, with the password demo.\n"
            )
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)


def refuse_taken_port(port: int) -> None:
    """Tell the remedy before anything is compared.

    Raises:
        CommandError: Something else listens on the port.
    """
    with socket() as listener:
        # Connections that have just been closed are no obstacle, for the server neither.
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken. Say another one: make demo ARGS='--port {port + 1}'"
            ) from error


def add_user() -> None:
    """Add a user for the admin pages; only this machine reaches them."""
    users = get_user_model()._default_manager
    if not users.filter(username="demo").exists():
        users.create_superuser("demo", password="demo")  # noqa: S106  (shown to everybody)


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


def show_shadow(console: Console) -> None:
    """Send requests to the old code, and print what the new code would have got wrong."""
    ShadowDifference.objects.all().delete()
    ShadowCount.objects.all().delete()
    client = Client()
    for address in ("", "1/", "99/", "?ordering=-price"):
        client.get(f"{SHADOWED}{address}")
    client.post(SHADOWED, {"title": ""}, "application/json")
    if not RUNNER.wait():
        raise CommandError("The shadow does not come to its end.")
    table = Table("endpoint", "kind", "path", "old", "new", "times", title="seen by the shadow")
    for seen in ShadowDifference.objects.order_by("endpoint", "where"):
        table.add_row(seen.endpoint, seen.kind, seen.where, seen.old, seen.new, str(seen.times))
    console.print(table)
    counts = Counter[str]()
    for row in ShadowCount.objects.all():
        counts[row.outcome] += row.times
    told = ", ".join(f"{times} {outcome}" for outcome, times in counts.items())
    console.print(f"Clients got the old code's answers. Compared with them: {told}.")
    if not table.rows or not counts["equal"]:
        raise CommandError("The shadow did not see what it should.")


def _shown(answer: Answer) -> Text:
    text = answer.body.decode("utf-8", "replace")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        text = f"<html> of {len(answer.body)} bytes"
    return Text(text if len(text) <= 180 else f"{text[:177]}...")
