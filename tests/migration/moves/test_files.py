"""Several files are written, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_drf.migration.codegen.outcomes import Change
from nova_drf.migration.moves.candidates import MoveError
from nova_drf.migration.moves.files import write_together


def test_files_are_written_with_their_modes_and_encodings(tmp_path: Path) -> None:
    old, new, same = (tmp_path / name for name in ("old.py", "new.py", "same.py"))
    text = "# coding: latin-1\nname = 'é'\n"
    old.write_bytes(text.encode("latin-1"))
    old.chmod(0o640)
    same.write_text("a = 1\n")
    changes = [
        Change(old, text, text.replace("é", "ü")),
        Change(new, "", "b = 'ü'\n"),
        Change(same, "a = 1\n", "a = 1\n"),
    ]
    assert write_together(changes) == [old, new]
    assert old.read_text("latin-1").endswith("'ü'\n")
    assert old.stat().st_mode & 0o777 == 0o640
    assert new.read_text("utf-8") == "b = 'ü'\n"
    assert new.stat().st_mode & 0o600 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.py", "old.py", "same.py"]


def test_a_file_that_was_changed_meanwhile_stops_all(tmp_path: Path) -> None:
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    second.write_text("b = 2\n")
    changes = [Change(first, "", "a = 1\n"), Change(second, "b = 1\n", "b = 3\n")]
    with pytest.raises(MoveError, match=r"second\.py was changed meanwhile"):
        write_together(changes)
    assert not first.exists()
    first.write_text("theirs = 1\n")
    with pytest.raises(MoveError, match=r"first\.py was changed meanwhile"):
        write_together(changes[:1])
    assert first.read_text() == "theirs = 1\n"


def test_a_file_that_cannot_be_written_takes_the_others_back(tmp_path: Path) -> None:
    first = tmp_path / "first.py"
    first.write_text("a = 1\n")
    changes = [
        Change(first, "a = 1\n", "a = 2\n"),
        Change(tmp_path / "nowhere" / "x.py", "", "b = 1\n"),
    ]
    with pytest.raises(FileNotFoundError):
        write_together(changes)
    assert first.read_text() == "a = 1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["first.py"]


def test_nothing_is_left_of_what_could_not_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError("no space")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_together([Change(tmp_path / "first.py", "", "a = 1\n")])
    assert list(tmp_path.iterdir()) == []
