"""Where differences go: to the log, into a table, or to a function of the project."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from django.apps import apps
from django.conf import settings
from django.db import router, transaction
from django.db.models import F
from django.utils.module_loading import import_string
from django.utils.timezone import make_naive

from nova_drf.migration.proof.shadow.causes import Outcome, Seen
from nova_drf.migration.proof.shadow.options import ShadowError

logger = logging.getLogger("nova_drf.shadow")

Counts = Mapping[tuple[str, str, Outcome], int]
"""How often something came of a request, by switch and action."""

APP = "nova_proof"
"""The label of the app that has the tables."""


class Store(Protocol):
    """Takes what was seen since the last time."""

    def store(self, seen: Sequence[Seen], counts: Counts) -> None:
        """Keep differences and counts.

        Args:
            seen: The differences; ``pending`` says how often each was seen.
            counts: What came of the requests.
        """
        ...


class Log:
    """Writes a cause when it is first seen, and when it is seen ten, a hundred, ... times."""

    def store(self, seen: Sequence[Seen], counts: Counts) -> None:
        """Write differences."""
        for each in seen:
            before = each.total - each.pending
            if not before or len(str(each.total)) > len(str(before)):
                logger.warning(
                    "%s.%s differs (%s times): %s",
                    each.finding.switch,
                    each.finding.action,
                    each.total,
                    each.finding,
                )


class Table:
    """Writes to ``ShadowDifference`` and ``ShadowCount``."""

    def store(self, seen: Sequence[Seen], counts: Counts) -> None:
        """Write differences and counts."""
        from nova_drf.migration.proof.models import ShadowCount, ShadowDifference

        with transaction.atomic(using=router.db_for_write(ShadowDifference)):
            for each in seen:
                _write(ShadowDifference, each)
            for (switch, action, outcome), times in counts.items():
                row, _ = ShadowCount._default_manager.get_or_create(
                    switch=switch, action=action, outcome=str(outcome)
                )
                type(row)._default_manager.filter(pk=row.pk).update(times=F("times") + times)


def _write(model: Any, seen: Seen) -> None:
    finding = seen.finding
    texts = finding.as_dict()
    for name in ("switch", "action", "endpoint", "kind", "where", "detail"):
        texts[name] = texts[name][: model._meta.get_field(name).max_length]
    row, _ = model._default_manager.get_or_create(
        cause=finding.cause,
        defaults={**texts, "first_seen": _time(seen.first), "last_seen": _time(seen.last)},
    )
    rows = model._default_manager.filter(pk=row.pk)
    rows.update(times=F("times") + seen.pending, last_seen=_time(seen.last))


def _time(seconds: float) -> datetime:
    aware = datetime.fromtimestamp(seconds, UTC)
    return aware if settings.USE_TZ else make_naive(aware)


class Function:
    """Calls a function of the project with each difference that was seen.

    Args:
        function: Takes the difference, and how often it was seen since the last time.
    """

    def __init__(self, function: Callable[[Any, int], object]) -> None:
        self._function = function

    def store(self, seen: Sequence[Seen], counts: Counts) -> None:
        """Call the function."""
        for each in seen:
            self._function(each.finding, each.pending)


def stores(names: Iterable[str]) -> list[Store]:
    """Return the stores that a project names.

    Args:
        names: ``log``, ``table``, or the dotted name of a function.

    Raises:
        ShadowError: There is no such function, or no table.
    """
    return [_store(name) for name in names]


def _store(name: str) -> Store:
    if name == "log":
        return Log()
    if name == "table":
        if APP not in apps.app_configs:
            raise ShadowError(
                "There is no table of differences. Add 'nova_drf.migration.proof' to "
                "INSTALLED_APPS and run manage.py migrate."
            )
        return Table()
    try:
        function = import_string(name)
    except ImportError as error:
        raise ShadowError(
            f"{name!r} is no store. Write 'log', 'table', or the dotted name of a function: {error}"
        ) from error
    if not callable(function):
        raise ShadowError(f"{name!r} is no function.")
    return Function(function)
