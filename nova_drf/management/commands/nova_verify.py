"""``manage.py nova_verify``: the new code answers as the old code does."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.module_loading import import_string
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from nova_drf.core.exceptions import NovaError
from nova_drf.management.arguments import http_method, language, time_zone, whole_number
from nova_drf.management.databases import DatabaseCommand
from nova_drf.management.tables import counted, progress_bar
from nova_drf.management.users import NOBODY, users_named
from nova_drf.migration.progress.evidence import VERIFIED, recorded
from nova_drf.migration.progress.history import HistoryError, record

_DIFFERENT, _CANNOT = 1, 2

_NARROWING = ("user", "language", "time-zone", "fail-fast")
"""The options with which less is compared than usual."""


class Command(DatabaseCommand):
    """Compares two serializers, or two views as endpoints, and prints in what they differ.

    The exit code is 0 if nobody can tell them apart, 1 if somebody can or if an approved difference
    no longer occurs, and 2 if they cannot be compared.
    """

    help = "Compare an old serializer or view with the new one that is to replace it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", help="the old class, by its dotted name")
        parser.add_argument("new", help="the new class")
        parser.add_argument(
            "--user",
            action="append",
            help=f"the user who asks, by the name to log in with, or {NOBODY!r}; may be given "
            "several times; by default nobody, and one user of each kind",
        )
        parser.add_argument(
            "--method",
            action="append",
            type=http_method,
            default=[],
            help="an HTTP method to send; by default all",
        )
        parser.add_argument(
            "--language",
            action="append",
            type=language,
            help="a language; by default those of the project",
        )
        parser.add_argument(
            "--time-zone",
            action="append",
            type=time_zone,
            help="a time zone; by default the project's and UTC",
        )
        parser.add_argument(
            "--examples",
            type=whole_number(0),
            help="how many requests to generate besides those always sent",
        )
        parser.add_argument("--seed", type=int, help="generate another series of requests")
        parser.add_argument("--approved", type=Path, help="the file of approved differences")
        parser.add_argument("--fail-fast", action="store_true", help="stop at the first difference")
        parser.add_argument(
            "--format", choices=("text", "json"), default="text", help="what to print"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if find_spec("hypothesis") is None:
            raise CommandError(
                "nova_verify needs the package hypothesis. Install it: pip install "
                "'nova_drf[verify]'.",
                returncode=_CANNOT,
            )
        began = monotonic()
        try:
            report = self._verify(options)
        except NovaError as error:
            raise CommandError(str(error), returncode=_CANNOT) from error
        seconds = monotonic() - began
        self._print(report, options["format"], seconds)
        self._record(report, options, seconds)
        if not report.ok:
            raise CommandError(_complaint(report), returncode=_DIFFERENT)

    def _verify(self, options: dict[str, Any]) -> Any:
        from nova_drf.migration.proof.endpoint_verification import verify_endpoints
        from nova_drf.migration.proof.serializer_verification import verify_serializers
        from nova_drf.migration.proof.verification import project_approvals

        old, new = _imported(options["old"]), _imported(options["new"])
        common: dict[str, Any] = {
            "locales": _locales(options["language"], options["time_zone"]),
            "approved": project_approvals(options["approved"]),
            "repeat": options["seed"],
            "first_only": options["fail_fast"],
        }
        if options["examples"] is not None:
            common["examples"] = options["examples"]
        with progress_bar(self.stderr) as progress:
            if _are(BaseSerializer, old, new):
                return verify_serializers(old, new, progress=progress, **common)
            if _are(APIView, old, new):
                users = users_named(options["user"])
                methods = [method.lower() for method in options["method"]]
                return verify_endpoints(
                    old, new, users=users, methods=methods, progress=progress, **common
                )
        raise CommandError(
            f"{options['old']} and {options['new']} are neither two serializers nor two views. "
            "Name two classes of one kind.",
            returncode=_CANNOT,
        )

    def _record(self, report: Any, options: dict[str, Any], seconds: float) -> None:
        """Tell the project's history, if it has one; what was compared stands in any case."""
        data = {
            "old": options["old"],
            "new": options["new"],
            "narrowed": [f"--{name}" for name in _NARROWING if options[name.replace("-", "_")]],
            "seconds": round(seconds, 1),
            **recorded(report, first_only=options["fail_fast"]),
        }
        try:
            record(VERIFIED, data)
        except HistoryError as error:
            self.stderr.write(f"Note: {error}")

    def _print(self, report: Any, kind: str, seconds: float) -> None:
        if kind == "json":
            self.stdout.write(json.dumps(_as_json(report), indent=2, default=repr))
            return
        for finding in report.findings:
            self.stdout.write(f"{finding}\n")
        for entry in report.stale:
            self.stdout.write(f"Approved, but it no longer occurs: {entry}")
        for note in report.notes:
            self.stdout.write(f"Note: {note}")
        sent = f", {counted(report.cases, 'request')}" if report.cases else ""
        self.stdout.write(
            f"{counted(len(report.findings), 'difference')}, {report.approved} approved "
            f"({seconds:.1f} s{sent})"
        )


def _imported(name: str) -> Any:
    try:
        imported = import_string(name)
    except ImportError as error:
        raise CommandError(
            f"{name} was not found ({error}). Name a class by its dotted path, such as "
            "shop.serializers.BookSerializer.",
            returncode=_CANNOT,
        ) from error
    # A function with ``@api_view`` carries its class.
    return getattr(imported, "cls", imported)


def _are(base: type, *classes: object) -> bool:
    return all(isinstance(cls, type) and issubclass(cls, base) for cls in classes)


def _locales(languages: list[str] | None, zones: list[str] | None) -> Any:
    from nova_drf.migration.proof.verification import Locale, project_locales

    usual = project_locales()
    if not languages and not zones:
        return usual
    spoken = languages or list(dict.fromkeys(locale.language for locale in usual))
    told = zones or list(dict.fromkeys(locale.zone for locale in usual))
    return [Locale(language, zone) for language in spoken for zone in told]


def _complaint(report: Any) -> str:
    said = []
    if report.findings:
        said.append(f"{counted(len(report.findings), 'difference')} that nobody approved")
    if report.stale:
        said.append(f"{counted(len(report.stale), 'approved difference')} that no longer occur")
    return " and ".join(said) + "."


def _as_json(report: Any) -> dict[str, Any]:
    return {
        "cases": report.cases,
        "approved": report.approved,
        "findings": [finding.as_json() for finding in report.findings],
        "stale": [str(entry) for entry in report.stale],
        "notes": list(report.notes),
    }
