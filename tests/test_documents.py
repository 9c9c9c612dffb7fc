"""What the documents name is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()


def _rows(heading: str) -> list[str]:
    section = ARCHITECTURE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


PLACES = re.findall(r"`([\w/]+(?:\.py|/))`", "\n".join(_rows("Where to look")))


@pytest.mark.parametrize("place", PLACES)
def test_where_to_look_names_files_that_are_there(place: str) -> None:
    assert (ROOT / "nova_drf" / place).exists()


def test_there_are_places_to_look_at() -> None:
    assert len(PLACES) > 30


def test_the_rooms_are_those_of_the_linter_in_its_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(
        contract["layers"]
        for contract in contracts["contracts"]
        if contract["name"] == "Imports point one way"
    )
    of_linter = {room: at for at, layer in enumerate(layers) for room in layer.split(" | ")}
    described = [re.findall(r"`(\w+)/?`", row.split("|")[1]) for row in _rows("Rooms")]
    assert {room for rooms in described for room in rooms} == of_linter.keys()
    ranks = [max(of_linter[room] for room in rooms) for rooms in described if rooms != ["outbox"]]
    assert ranks == sorted(ranks)


def test_no_import_is_an_exception() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text()
