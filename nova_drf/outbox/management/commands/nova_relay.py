"""``manage.py nova_relay``: send the jobs that wait in the outbox."""

from __future__ import annotations

import logging
import signal
from argparse import ArgumentParser
from datetime import timedelta
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, Error, close_old_connections
from django.utils import timezone

from nova_drf.outbox.models import jobs_in
from nova_drf.outbox.relay import RESEND_AFTER, Round, send_due
from nova_drf.services.declarations import discover

_PRUNE_EVERY = timedelta(hours=1)
_LONGEST_PAUSE = 30.0
_log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Run it beside the workers, once or several times; each job is sent by one of them."""

    help = "Send the background jobs in the outbox, and delete those that finished long ago."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        resend = int(RESEND_AFTER.total_seconds())
        parser.add_argument(
            "--once", action="store_true", help="Send the jobs that are due, and stop."
        )
        parser.add_argument(
            "--interval", type=float, default=1.0, help="Seconds between two queries (1)."
        )
        parser.add_argument("--batch", type=int, default=100, help="Jobs at a time (100).")
        parser.add_argument(
            "--resend-after",
            type=float,
            default=resend,
            help=f"Seconds after which an unfinished job is sent again ({resend}).",
        )
        parser.add_argument(
            "--remember",
            type=float,
            default=7.0,
            help="Days after which finished jobs are deleted (7).",
        )
        parser.add_argument(
            "--database", default=DEFAULT_DB_ALIAS, help="The alias of the outbox's database."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Send until told to stop, or once."""
        discover()
        self.options = options
        if options["once"]:
            try:
                self._send_all()
                self._prune()
            except Error as error:
                raise CommandError(
                    f"The outbox cannot be read: {error}. Run manage.py migrate if "
                    "'nova_drf.outbox' is new in INSTALLED_APPS.",
                    returncode=2,
                ) from error
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self._loop(stop)

    def _loop(self, stop: Event) -> None:
        pause, pruned = self.options["interval"], None
        while not stop.is_set():
            close_old_connections()
            try:
                if pruned is None or timezone.now() - pruned > _PRUNE_EVERY:
                    self._prune()
                    pruned = timezone.now()
                done = self._send_batch()
            except Error as error:
                _log.warning("The outbox cannot be read: %s", error)
                done = Round(0, failed=True)
            pause = min(pause * 2, _LONGEST_PAUSE) if done.failed else self.options["interval"]
            if done.failed or done.sent < self.options["batch"]:
                stop.wait(pause)

    def _send_all(self) -> None:
        sent, done = 0, self._send_batch()
        while done.sent and not done.failed:
            sent, done = sent + done.sent, self._send_batch()
        self.stdout.write(f"{sent + done.sent} sent.")
        if done.failed:
            raise SystemExit(1)

    def _send_batch(self) -> Round:
        return send_due(
            database=self.options["database"],
            batch=self.options["batch"],
            resend_after=timedelta(seconds=self.options["resend_after"]),
        )

    def _prune(self) -> None:
        older = timedelta(days=self.options["remember"])
        jobs_in(self.options["database"]).prune(older)
