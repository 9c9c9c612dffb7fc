"""``manage.py nova_openapi_diff``: what a new contract changes for the clients of the old one."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string
from rest_framework.views import APIView

from nova_drf.core.exceptions import NovaError
from nova_drf.migration.proof.approvals import Approval
from nova_drf.migration.proof.contract_checks import CHECKS, Severity
from nova_drf.migration.proof.contract_sources import is_document, load_document
from nova_drf.migration.proof.contracts import Change, contract_changes
from nova_drf.migration.proof.verification import project_approvals

_WORSE, _CANNOT = 1, 2
_NEVER = "never"


class Command(BaseCommand):
    """Compares two OpenAPI documents, each a file, a file of a git revision, or a view.

    The exit code is 0; 1 if there is a change as grave as ``--fail-on`` says that is not approved,
    or an approved one that no longer occurs; 2 if there is no document.
    """

    help = "Compare two OpenAPI documents: breaking, risky and harmless changes."

    def add_arguments(self, parser: CommandParser) -> None:
        where = "a file, <revision>:<file>, or a view by its dotted name"
        parser.add_argument("old", help=f"the document that clients know: {where}")
        parser.add_argument("new", help="the new document, in the same way")
        parser.add_argument(
            "--format", choices=("text", "json", "markdown"), default="text", help="what to print"
        )
        names = [severity.name.lower() for severity in Severity]
        parser.add_argument(
            "--fail-on",
            choices=(*names, _NEVER),
            default="breaking",
            help="exit with code 1 if a change is as grave as that",
        )
        parser.add_argument("--approved", type=Path, help="the file of approved differences")
        parser.add_argument(
            "--engine",
            choices=("own", "oasdiff"),
            default="own",
            help="'oasdiff' runs the program of that name on two files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["engine"] == "oasdiff":
                self._run_oasdiff(options["old"], options["new"])
                return
            changes = contract_changes(_document(options["old"]), _document(options["new"]))
            approved = project_approvals(options["approved"])
        except NovaError as error:
            raise CommandError(str(error), returncode=_CANNOT) from error
        left = [
            change
            for change in changes
            if not approved.cover(change.operation, change.check, change.where)
        ]
        stale = approved.stale([change.operation for change in changes], list(CHECKS))
        self._print(left, stale, options["format"])
        limit = options["fail_on"]
        worse = limit != _NEVER and [
            change for change in left if change.severity >= Severity[limit.upper()]
        ]
        if worse or stale:
            raise CommandError(
                f"{len(worse or ())} changes are {limit} or worse, and {len(stale)} approved ones "
                "no longer occur. Correct the code, or change the file of approved differences.",
                returncode=_WORSE,
            )

    def _print(self, changes: list[Change], stale: list[Approval], kind: str) -> None:
        if kind == "json":
            rows = [
                {**asdict(change), "severity": change.severity.name.lower()} for change in changes
            ]
            told = {"changes": rows, "stale": [str(entry) for entry in stale]}
            self.stdout.write(json.dumps(told, indent=2))
            return
        lines = _markdown(changes) if kind == "markdown" else map(str, changes)
        for line in lines:
            self.stdout.write(line)
        for entry in stale:
            self.stdout.write(f"Approved, but it no longer occurs: {entry}")
        counts = (
            f"{sum(change.severity is severity for change in changes)} {severity.name.lower()}"
            for severity in reversed(Severity)
        )
        self.stdout.write(f"{'' if kind == 'text' else chr(10)}{', '.join(counts)}")

    def _run_oasdiff(self, old: str, new: str) -> None:
        program = shutil.which("oasdiff")
        if program is None:
            raise CommandError(
                "There is no oasdiff on PATH. Install it, or leave --engine out.",
                returncode=_CANNOT,
            )
        call = [program, "changelog", "--fail-on", "ERR", "--", old, new]
        ran = subprocess.run(call, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
        self.stdout.write(ran.stdout)
        if ran.returncode:
            raise CommandError(ran.stderr or "There are breaking changes.", returncode=_WORSE)


def _document(source: str) -> dict[str, Any]:
    if is_document(source):
        return load_document(source)
    try:
        view = import_string(source)
    except ImportError as error:
        raise CommandError(
            f"{source} is no file, no <revision>:<file> and no view: {error}", returncode=_CANNOT
        ) from error
    view = getattr(view, "cls", view)
    if not (isinstance(view, type) and issubclass(view, APIView)):
        raise CommandError(
            f"{source} is no view of DRF's. Name a class derived from APIView.",
            returncode=_CANNOT,
        )
    from nova_drf.openapi.views import view_document

    return view_document(view)


def _markdown(changes: list[Change]) -> list[str]:
    lines = ["| severity | operation | where | change |", "|---|---|---|---|"]
    for change in changes:
        text = f"`{change.check}` {change.text}".strip().replace("|", "\\|")
        cells = (change.severity.name.lower(), f"`{change.operation}`", change.where, text)
        lines.append(f"| {' | '.join(cells)} |")
    return lines
