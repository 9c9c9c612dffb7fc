"""``manage.py nova_replay``: recorded traffic, answered by the old code and by the new."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError, CommandParser
from django.urls import get_resolver

from nova_drf.core.exceptions import NovaError
from nova_drf.management.arguments import seconds, whole_number
from nova_drf.management.databases import DatabaseCommand
from nova_drf.management.tables import counted, print_table, progress_bar
from nova_drf.management.urlconfs import patterns_of
from nova_drf.migration.progress.evidence import REPLAYED
from nova_drf.migration.progress.history import HistoryError, record
from nova_drf.migration.proof.sending import Side
from nova_drf.migration.proof.verification import project_approvals
from nova_drf.migration.replay.addresses import RemoteSide, address_of
from nova_drf.migration.replay.processes import replay_in_processes, why_not_at_once
from nova_drf.migration.replay.replaying import (
    EndpointReplay,
    ReplayReport,
    Routes,
    cases,
    replay,
    replay_in_process,
    users_of,
)
from nova_drf.migration.replay.switched import without_switches
from nova_drf.migration.replay.traffic import RecordedRequest, load_traffic

_DIFFERENT, _CANNOT = 1, 2
_AT_ONCE = 4
_COLUMNS = ("endpoint", "requests", "differences", "old ms", "new ms")
_OF_SWITCHES = "all switches: "


class Command(DatabaseCommand):
    """Sends recorded requests to two sides, and prints in what their answers differ.

    The exit code is 0 if nothing differs but what is approved, 1 if something does, and 2 if
    nothing could be compared.
    """

    help = "Replay recorded requests against old and new code, and compare the answers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("traffic", type=Path, help="JSON lines of the middleware, or a HAR")
        side = "a URL configuration by its dotted name, or a base URL"
        parser.add_argument("--old", help=f"{side}; by default the old code of all switches")
        parser.add_argument("--new", help=f"{side}; by default the new code of all switches")
        parser.add_argument("--user", help="the user who asks, by the name to log in with")
        parser.add_argument("--limit", type=whole_number(1), help="send at most so many requests")
        parser.add_argument("--approved", type=Path, help="the file of approved differences")
        parser.add_argument(
            "--format", choices=("text", "json"), default="text", help="what to print"
        )
        parser.add_argument(
            "--concurrency",
            type=int,
            metavar="N",
            help=f"how many requests to send at a time; by default {_AT_ONCE} to base URLs, and 1 "
            "in this project, where each has a process",
        )
        remote = parser.add_argument_group("if both sides are base URLs")
        remote.add_argument(
            "--header", action="append", default=[], metavar="'NAME: VALUE'", help="a header to add"
        )
        remote.add_argument(
            "--allow-host",
            action="append",
            default=[],
            help="another machine that requests may be sent to",
        )
        remote.add_argument(
            "--timeout", type=seconds, default=30.0, help="seconds to wait for an answer"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        old, new = options["old"], options["new"]
        if bool(old) != bool(new):
            raise CommandError("Write both sides, --old and --new, or neither.", returncode=_CANNOT)
        if options["concurrency"] is not None and options["concurrency"] < 1:
            raise CommandError("--concurrency is less than 1. Write 1 or more.", returncode=_CANNOT)
        try:
            traffic = load_traffic(options["traffic"])
            report = ReplayReport()
            if traffic.unreadable:
                report.skipped["they cannot be read"] = traffic.unreadable
            requests = traffic.requests[: options["limit"]]
            if old and all("://" in side for side in (old, new)):
                self._remote(requests, report, options)
            else:
                self._in_process(requests, report, options)
        except NovaError as error:
            raise CommandError(str(error), returncode=_CANNOT) from error
        self._print(report, options["format"])
        self._record(report, options)
        if not report.requests:
            raise CommandError(
                "Nothing could be compared. The lines above say why, request by request.",
                returncode=_CANNOT,
            )
        if not report.ok:
            differences = counted(len(report.findings), "difference")
            raise CommandError(
                f"{differences} that nobody approved. Correct the code, or add "
                "them to the file of approved differences.",
                returncode=_DIFFERENT,
            )

    def _in_process(
        self, requests: Sequence[RecordedRequest], report: ReplayReport, options: dict[str, Any]
    ) -> None:
        urlconfs, patterns = _urlconfs(options["old"], options["new"])
        asks = options["user"]
        users = users_of(requests) if asks is None else _user(asks)
        sides = Side(urlconfs[0], users), Side(urlconfs[1], users)
        sent = list(cases(requests, Routes(patterns), report, users=users, name=asks))
        approved = project_approvals(options["approved"])
        processes = options["concurrency"] or 1
        reason = why_not_at_once() if processes > 1 else ""
        if reason:
            report.notes[f"The requests were sent one after the other: {reason}."] = None
        with progress_bar(self.stderr) as progress:
            if processes == 1 or reason:
                replay_in_process(sides, sent, report, approved=approved, progress=progress)
            else:
                replay_in_processes(
                    sides, sent, report, processes=processes, approved=approved, progress=progress
                )

    def _remote(
        self, requests: Sequence[RecordedRequest], report: ReplayReport, options: dict[str, Any]
    ) -> None:
        if options["user"] is not None:
            raise CommandError(
                "--user is for URL configurations. For a base URL, write --header "
                "'Authorization: …'.",
                returncode=_CANNOT,
            )
        allowed = options["allow_host"]
        addresses = [address_of(options[side], allowed) for side in ("old", "new")]
        host, headers = addresses[0].netloc, dict(map(_header, options["header"]))
        old, new = (RemoteSide(address, host, headers, options["timeout"]) for address in addresses)
        routes = Routes(get_resolver().url_patterns)
        sent = list(cases(requests, routes, report, name="", unsafe=False))
        with old, new, progress_bar(self.stderr) as progress:
            replay(
                (old, new),
                sent,
                report,
                approved=project_approvals(options["approved"]),
                workers=options["concurrency"] or _AT_ONCE,
                progress=progress,
            )

    def _print(self, report: ReplayReport, kind: str) -> None:
        if kind == "json":
            self.stdout.write(json.dumps(_as_json(report), indent=2, default=repr))
            return
        for finding in report.findings:
            self.stdout.write(f"{finding}\n")
        rows = [_row(name, endpoint) for name, endpoint in sorted(report.endpoints.items())]
        if rows:
            print_table(self.stdout, _COLUMNS, rows)
        for reason, number in report.skipped.items():
            self.stdout.write(f"Not compared: {counted(number, 'request')}, because {reason}.")
        for note in report.notes:
            self.stdout.write(f"Note: {note}")
        self.stdout.write(
            f"{counted(report.requests, 'request')}, "
            f"{counted(len(report.findings), 'difference')}, {report.approved} approved"
        )

    def _record(self, report: ReplayReport, options: dict[str, Any]) -> None:
        """Tell the project's history, if it has one; what was compared stands in any case."""
        old, new = options["old"], options["new"]
        words = ["manage.py nova_replay", quote(str(options["traffic"]))]
        words += [f"--old {quote(old)} --new {quote(new)}"] if old else []
        data = {
            "old": old or f"{_OF_SWITCHES}old",
            "new": new or f"{_OF_SWITCHES}new",
            "command": " ".join(words),
            **report.recorded(),
        }
        try:
            if report.requests:
                record(REPLAYED, data)
        except HistoryError as error:
            self.stderr.write(f"Note: {error}")


def _urlconfs(old: str | None, new: str | None) -> tuple[Sequence[Any], Any]:
    """Return both URL configurations, and the patterns of the old one."""
    for side in (old, new):
        if side is not None and "://" in side:
            raise CommandError(
                "Write two URL configurations or two base URLs, not one of each.",
                returncode=_CANNOT,
            )
    if old is not None:
        patterns = patterns_of(old)
        patterns_of(new)
        return (old, new), patterns
    patterns = get_resolver().url_patterns
    sides = without_switches(patterns)
    if sides is None:
        raise CommandError(
            "There is no switch in the URL configuration. Write --old and --new.",
            returncode=_CANNOT,
        )
    return sides, patterns


def _user(name: str) -> dict[str, Any]:
    manager: Any = get_user_model()._default_manager
    try:
        return {name: manager.get_by_natural_key(name)}
    except ObjectDoesNotExist as error:
        raise CommandError(
            f"There is no user {name!r}. Name one of this database.", returncode=_CANNOT
        ) from error


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise CommandError(
            f"--header {text!r} has no name. Write 'NAME: VALUE'.", returncode=_CANNOT
        )
    return name.strip(), value.strip()


def _row(name: str, endpoint: EndpointReplay) -> dict[str, str]:
    old, new = (
        ("", "") if endpoint.medians is None else (f"{each:.1f}" for each in endpoint.medians)
    )
    differing = len(endpoint.findings)
    numbers = {"requests": str(endpoint.requests), "differences": str(differing or "")}
    return {"endpoint": name, **numbers, "old ms": old, "new ms": new}


def _as_json(report: ReplayReport) -> dict[str, Any]:
    return {
        "requests": report.requests,
        "approved": report.approved,
        **report.recorded(),
        "findings": [finding.as_json() for finding in report.findings],
        "skipped": dict(report.skipped),
        "notes": list(report.notes),
    }
