"""The history: what is appended is read again, and what is no event is counted."""

from __future__ import annotations

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nova_drf.migration.progress import history as module
from nova_drf.migration.progress.history import History, HistoryError, project_history, record


def git(directory: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    program = shutil.which("git") or "git"
    subprocess.run([program, *identity, *arguments], cwd=directory, check=True, capture_output=True)


def test_what_is_appended_is_read_again(project: Path) -> None:
    history = project_history()
    assert history.file == project / "nova_history.jsonl"
    assert history.events() == []
    event = history.append("counted", {"total": 1})
    history.append("verified", {"old": "é", "path": project})
    first, second = history.events()
    assert (first.kind, first.data) == ("counted", {"total": 1})
    assert first.at == event.at.replace(microsecond=0)
    assert second.data == {"old": "é", "path": str(project)}
    assert history.unreadable == 0


def test_the_setting_names_the_file(project: Path, settings: object) -> None:
    settings.NOVA_DRF = {"HISTORY": "docs/moves.jsonl"}
    assert project_history().file == project / "docs" / "moves.jsonl"


def test_nothing_is_recorded_where_no_history_is_kept(project: Path) -> None:
    assert not record("verified", {})
    assert list(project.iterdir()) == []
    project_history().file.touch()
    assert record("verified", {})
    assert [event.kind for event in project_history().events()] == ["verified"]


def test_lines_that_are_no_events_are_counted(project: Path) -> None:
    history = project_history()
    history.append("counted", {})
    good = history.file.read_text()
    bad = ["<<<<<<< main", "[]", "{}", '{"at": 1, "event": "x"}', '{"at": "x", "event": "x"}', "1"]
    history.file.write_text("\n".join([*bad, "", good]))
    assert len(history.events()) == 1
    assert history.unreadable == len(bad)


def test_events_are_sorted_by_time(project: Path) -> None:
    history = project_history()
    lines = [
        {"at": f"2026-01-0{day}T00:00:00+00:00", "event": str(day), "revision": ""}
        for day in (3, 1, 2)
    ]
    history.file.write_text("\n".join(map(json.dumps, lines)))
    assert [event.kind for event in history.events()] == ["1", "2", "3"]


def test_many_may_append_at_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "revision", lambda file: "")
    history = project_history()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: history.append("x", {"n": number}), range(200)))
    assert sorted(event.data["n"] for event in history.events()) == list(range(200))
    assert history.unreadable == 0


def test_a_file_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    history = History(tmp_path / "nowhere" / "history.jsonl")
    with pytest.raises(HistoryError, match="cannot be written"):
        history.append("x", {})
    with pytest.raises(HistoryError, match="cannot be read"):
        History(tmp_path).events()


def test_the_revision_is_that_of_git(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = project_history()
    assert history.append("x", {}).revision == ""
    git(project, "init", "-q")
    (project / "code.py").write_text("a = 1\n")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    clean = history.append("x", {}).revision
    assert len(clean) == 12
    # The history itself changed, and does not count.
    assert history.append("x", {}).revision == clean
    (project / "code.py").write_text("a = 2\n")
    assert history.append("x", {}).revision == f"{clean}+"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert history.append("x", {}).revision == ""
