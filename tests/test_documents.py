"""What the documents name is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import load_command_class

from nova_drf.core import settings as settings_module
from nova_drf.core.ownership import Owner, owner_of
from tests.documents.prose import complaints, pages

ROOT = Path(__file__).resolve().parents[1]
METRICS_AND_LOGGERS = ("nova_drf.switch", "nova_drf.replay", "nova_drf.shadow")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()


def _rows(heading: str) -> list[str]:
    section = ARCHITECTURE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


PLACES = re.findall(r"`([\w/]+(?:\.py|/))`", "\n".join(_rows("Where to look")))


@pytest.mark.parametrize("place", PLACES)
def test_where_to_look_names_files_that_are_there(place: str) -> None:
    assert (ROOT / "nova_drf" / place).exists()


CODE = re.compile(r"`([A-Za-z_]\w+)(?:\(\))?`")


def test_the_architecture_names_what_the_code_has() -> None:
    sources = "\n".join(file.read_text() for file in (ROOT / "nova_drf").rglob("*.py"))
    words = {*re.findall(r"\w+", sources)}
    assert {*CODE.findall(ARCHITECTURE)} - words == set()


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
    described = [re.findall(r"`(\w+)/?`", row.split("|")[1]) for row in _rows("Packages")]
    assert {room for rooms in described for room in rooms} == of_linter.keys()
    ranks = [max(of_linter[room] for room in rooms) for rooms in described if rooms != ["outbox"]]
    assert ranks == sorted(ranks)


def test_no_import_is_an_exception() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text()


# The guide's order, and the reference

GUIDE = ROOT / "migration_guide"
PAGE = re.compile(r"\]\(([\w/-]+)\.md\)")


def _named_in_code(pattern: str) -> set[str]:
    sources = (ROOT / "nova_drf").rglob("*.py")
    return {name for source in sources for name in re.findall(pattern, source.read_text())}


def test_the_guide_lists_every_page_once() -> None:
    listed = PAGE.findall((GUIDE / "README.md").read_text().split("## Begin")[1])
    pages = {page.stem for page in GUIDE.glob("*.md")} - {"README", "index"}
    assert sorted(name for name in listed if "/" not in name) == sorted(pages)


def test_the_site_has_the_pages_in_the_order_of_the_guide() -> None:
    guide = (GUIDE / "README.md").read_text().split("## Begin")[1].split("## Reference")[0]
    site = re.findall(r"^([\w-]+)$", (GUIDE / "index.md").read_text(), re.MULTILINE)
    assert site == PAGE.findall(guide)


def test_every_setting_is_described() -> None:
    described = re.findall(r"^``(\w+)``", settings_module.__doc__ or "", re.MULTILINE)
    assert described == sorted(settings_module.DEFAULTS)


def test_every_check_is_described() -> None:
    described = re.findall(r"^\| `([\w.]+)`", (GUIDE / "reference/checks.md").read_text(), re.M)
    assert set(described) == _named_in_code(r"\"(nova_drf\.[EWI]\d{3})\"")


def test_every_command_is_described() -> None:
    commands = {file.stem for file in (ROOT / "nova_drf").rglob("management/commands/nova_*.py")}
    described = re.findall(r"command-help\} (\w+)", (GUIDE / "reference/commands.md").read_text())
    assert set(described) == commands


def test_every_option_of_a_command_is_explained() -> None:
    apps = {"nova_relay": "nova_drf.outbox"}
    for file in (ROOT / "nova_drf").rglob("management/commands/nova_*.py"):
        command = load_command_class(apps.get(file.stem, "nova_drf"), file.stem)
        parser = command.create_parser("manage.py", file.stem)
        silent = [action.dest for action in parser._actions if not action.help]
        assert silent == [], file.stem


def test_every_extra_is_described() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = (GUIDE / "install.md").read_text().split("## Extras")[1].split("\n## ")[0]
    described = re.findall(r"^\| `(\w+)`", extras, re.MULTILINE)
    assert described == sorted(project["optional-dependencies"])


def test_every_public_exception_is_described() -> None:
    page = (GUIDE / "reference/exceptions.md").read_text()
    whole = set(re.findall(r"automodule:: ([\w.]+)", page))
    described = set(re.findall(r"autoexception:: [\w.]+\.(\w+)", page))
    raised = {
        cls
        for door in ("services", "testing", "models", "migration", "core.exceptions")
        for cls in vars(import_module(f"nova_drf.{door}")).values()
        if isinstance(cls, type) and issubclass(cls, Exception) and owner_of(cls) is Owner.NOVA
    }
    left = {cls.__name__ for cls in raised if cls.__module__ not in whole} - described
    assert not left


def test_the_example_in_one_file_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```py\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len([line for line in code.splitlines() if line]) <= 25
    client = """
import django
from django.test import Client
django.setup()
for data in ({"product": " Tea ", "quantity": "2"}, {"product": "Tea", "quantity": 0}):
    response = Client().post("/orders/", data, content_type="application/json")
    print(response.status_code, response.content.decode())
"""
    program = code.replace("execute_from_command_line(sys.argv)\n", client)
    assert program.endswith(client)
    (tmp_path / "shop.py").write_text(program)
    answers = subprocess.run(
        [sys.executable, "shop.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    created, refused = answers.stdout.splitlines()
    assert created == '201 {"product":"Tea","quantity":2}'
    assert refused.startswith('400 {"quantity":[')


# Words


def test_the_words_are_those_of_the_field() -> None:
    assert [str(complaint) for complaint in complaints(spelling=False)] == []


DOTTED = re.compile(r"`(nova_drf(?:\.\w+)+)`")


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path) -> None:
    for name in set(DOTTED.findall(page.read_text())):
        assert _is_there(name), name


def _is_there(name: str) -> bool:
    if re.fullmatch(r"nova_drf\.[EWI]\d{3}", name) or name.startswith(METRICS_AND_LOGGERS):
        return True
    with suppress(ImportError):
        return import_module(name) is not None
    parent, _, attribute = name.rpartition(".")
    return hasattr(import_module(parent), attribute)
