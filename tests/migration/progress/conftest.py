"""A history in a directory of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nova_drf.migration.progress.history import History

Write = Callable[..., History]

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path, settings: Any) -> Path:
    """The directory of the project."""
    settings.BASE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def write(project: Path) -> Write:
    """Write events into the history, a day apart."""

    def write_events(*events: dict[str, Any]) -> History:
        history = History(project / "nova_history.jsonl")
        lines = [
            json.dumps({"at": (BEGAN + timedelta(days=day)).isoformat(), "revision": "", **event})
            for day, event in enumerate(events)
        ]
        history.file.write_text("".join(f"{line}\n" for line in lines))
        return history

    return write_events
