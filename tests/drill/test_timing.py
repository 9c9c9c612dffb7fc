"""Both clinics are measured in turns, and the least time of each counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.drill.__main__ import Drill


class Sender:
    """Stands for a clinic that takes other times in each turn."""

    def __init__(self, name: str, seconds: list[float], log: list[str]) -> None:
        self.name, self.seconds, self.log = name, iter(seconds), log

    def send(self, answers: Path, *options: str) -> dict[str, Any]:
        self.log.append(f"{self.name} {' '.join(options)}")
        return {"seconds": next(self.seconds)}


def test_the_least_times_of_turns_are_compared(tmp_path: Path) -> None:
    log: list[str] = []
    drill = Drill.__new__(Drill)
    drill.folder = tmp_path
    clinics: Any = (Sender("old", [4.0, 9.0, 2.0], log), Sender("new", [9.0, 3.0, 5.0], log))
    drill.classic, drill.clinic = clinics
    assert drill._time("--flip") == pytest.approx(1.5)
    assert log == ["old --rounds 2", "new --rounds 2 --flip"] * 3
