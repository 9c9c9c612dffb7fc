"""What was done up to now: a file of JSON lines in the project, which the commands append to.

The file is there to be committed: branches that both append to it merge line by line. It holds
names, counts and times, and no values of requests or rows. Only ``nova_report`` and
``nova_migrate`` make it; the other commands append to it where it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nova_drf.core.exceptions import NovaError
from nova_drf.core.settings import get_setting
from nova_drf.migration.inventory import project_directory


class HistoryError(NovaError):
    """The history cannot be read or written."""


@dataclass(frozen=True)
class Event:
    """One line of the history.

    Attributes:
        kind: What happened: ``verified``, ``replayed``, ``counted``, ``migrated``.
        at: When, in UTC.
        revision: At which revision of the code; a ``+`` behind it says that files were changed.
        data: What else there is to say.
    """

    kind: str
    at: datetime
    revision: str
    data: Mapping[str, Any] = field(default_factory=dict)


class History:
    """The file of a project.

    Args:
        file: The file.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.unreadable = 0
        """How many lines could not be read the last time."""

    @property
    def is_kept(self) -> bool:
        """Whether the project has such a file."""
        return self.file.exists()

    def append(self, kind: str, data: Mapping[str, Any]) -> Event:
        """Add a line.

        Args:
            kind: What happened.
            data: What there is to say of it.

        Raises:
            HistoryError: The file cannot be written.
        """
        event = Event(kind, datetime.now(UTC), revision(self.file), dict(data))
        line = {
            "at": event.at.isoformat(timespec="seconds"),
            "event": kind,
            "revision": event.revision,
            **event.data,
        }
        text = json.dumps(line, default=str) + "\n"
        try:
            # One write: what two processes append at once stays apart.
            with self.file.open("ab", buffering=0) as file:
                file.write(text.encode())
        except OSError as error:
            raise HistoryError(
                f"{self.file} cannot be written ({error}). Name another file in "
                'NOVA_DRF["HISTORY"].'
            ) from error
        return event

    def events(self) -> list[Event]:
        """Return all events, the oldest first; lines that are none are counted.

        Raises:
            HistoryError: The file cannot be read.
        """
        self.unreadable = 0
        if not self.is_kept:
            return []
        try:
            lines = self.file.read_text("utf-8", errors="replace").splitlines()
        except OSError as error:
            raise HistoryError(
                f'{self.file} cannot be read ({error}). Name another file in NOVA_DRF["HISTORY"].'
            ) from error
        events = [event for line in lines if line.strip() and (event := self._event(line))]
        return sorted(events, key=lambda event: event.at)

    def _event(self, line: str) -> Event | None:
        try:
            data = json.loads(line)
            at = datetime.fromisoformat(data.pop("at")).astimezone(UTC)
            return Event(str(data.pop("event")), at, str(data.pop("revision", "")), data)
        except (ValueError, TypeError, KeyError, AttributeError):
            # A conflict that was merged by hand leaves such lines; the page tells how many.
            self.unreadable += 1
            return None


def project_history() -> History:
    """Return the history that ``NOVA_DRF["HISTORY"]`` names, in the project's directory."""
    return History(project_directory() / get_setting("HISTORY"))


def record(kind: str, data: Mapping[str, Any]) -> bool:
    """Append to the project's history, if it has one.

    Args:
        kind: What happened.
        data: What there is to say of it.

    Returns:
        Whether it was written.

    Raises:
        HistoryError: The file is there, and cannot be written.
    """
    history = project_history()
    if history.is_kept:
        history.append(kind, data)
    return history.is_kept


def revision(file: Path) -> str:
    """Return the revision of the code that Git knows; empty where it knows none.

    Args:
        file: The file of the history; changes to it do not count.
    """
    head = _git(file.parent, "rev-parse", "--short=12", "HEAD")
    if not head:
        return ""
    exclude = f":(exclude){file.name}"
    changed = _git(file.parent, "status", "--porcelain", "--untracked-files=no", "--", ".", exclude)
    return f"{head}+" if changed else head


def _git(directory: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if git is None or not directory.is_dir():
        return ""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    ran = subprocess.run(  # noqa: S603  # the person's own Git
        [git, *arguments], cwd=directory, env=environment, capture_output=True, check=False
    )
    return "" if ran.returncode else ran.stdout.decode(errors="replace").strip()
