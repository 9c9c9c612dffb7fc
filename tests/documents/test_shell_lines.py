"""Every shell line of the README and the guide runs, or the reason why it cannot is given here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRILL = ROOT / "migration_guide" / "drill.md"
"""Its lines are for another project, the clinic, in which ``make drill`` runs them."""
PAGES = [ROOT / "README.md", *sorted({*(ROOT / "migration_guide").rglob("*.md")} - {DRILL})]
BLOCK = re.compile(r"^```console\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?", re.M | re.S)
INLINE = re.compile(r"`((?:python )?(?:manage\.py|-m) [^`]+)`")
UNNAMED = re.compile(r"^```$\n(?!\n)(.*?)^```$", re.M | re.S)

NOT_RUN = {
    r"make .*": "CI runs the targets themselves",
    r"python -m pip .*": "it installs packages; `make release` installs the wheel",
    r"curl .*": "it needs a server; test_documents.py sends the same request",
    r"python -m tests\.benchmarks\.\w+": "a benchmark; `make bench-more` runs it",
    r"python -m pytest .* -m bench": "a benchmark; `make bench-more` runs it",
    r"python manage\.py nova_replay .* --old http.*": "it needs two servers",
    r"python manage\.py nova_relay": "it does not end; tests/outbox runs it",
    r"python manage\.py help NAME": "NAME stands for any command",
    r"python manage\.py \w+ OLD NEW": "OLD and NEW stand for two names",
    r"python manage\.py nova_switch NAME old": "NAME stands for any switch",
    r"python manage\.py nova_\w+": "named in the text without its arguments",
}
FOUND = {
    # They are meant to fail where there is something to do.
    "python manage.py nova_inventory --format json --fail-on not --fail-on untested": {1},
    # Nothing was converted in the example project.
    "python manage.py nova_convert --verify main catalogue.serializers.ClassicBookSerializer": {2},
    # One of its routes has a switch, which reads a table once a second.
    "python manage.py nova_replay nova_traffic.jsonl --old bookshop.urls --new bookshop.new_urls": {
        *(0, 1)
    },
}
FEWER = re.compile(r"nova_(verify|migrate)(?!.*--(examples|list))")
"""Lines that draw many requests: a few are enough to see that they run."""


def lines_of(page: Path) -> list[str]:
    """Return the shell lines of a page, as a person would type them, without their comments."""
    text = page.read_text()
    lines = [line for block, _ in BLOCK.findall(text) for line in block.splitlines()]
    inline = [" ".join(line.split()) for line in INLINE.findall(text)]
    return [without_comment(line) for line in [*lines, *inline] if line.strip()]


def without_comment(line: str) -> str:
    line = re.sub(r"\s+# .*", "", line).strip()
    return re.sub(r"^manage\.py", "python manage.py", line)


def reason_not_to_run(line: str, *, shown: bool) -> str | None:
    for pattern, reason in NOT_RUN.items():
        if re.fullmatch(pattern, line) and not (shown and "in the text" in reason):
            return reason
    return None


def runnable() -> dict[str, list[str]]:
    """Return what can be run of each page."""
    pages = {}
    for page in PAGES:
        shown = {
            without_comment(line)
            for b, _ in BLOCK.findall(page.read_text())
            for line in b.splitlines()
        }
        pages[str(page.relative_to(ROOT))] = [
            line
            for line in dict.fromkeys(lines_of(page))
            if reason_not_to_run(line, shown=line in shown) is None
        ]
    return {page: lines for page, lines in pages.items() if lines}


def command(line: str) -> str:
    if "nova_verify" in line and ".views.Classic" in line:
        return f"{line} --method delete --examples 1"
    return f"{line} --examples 1" if FEWER.search(line) else line


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("shell")
    project, original = folder / "project", folder / "original"
    shutil.copytree(
        ROOT / "examples/bookshop", original, ignore=shutil.ignore_patterns("*.sqlite3")
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "bookshop.quick",
        "COLUMNS": "100",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    (original / "bookshop/new_urls.py").write_text("from bookshop.urls import *\n")
    # What is compared in all hundred languages of Django elsewhere, is compared in one here.
    quick = "LANGUAGES = [('en', 'English')]\nTIME_ZONE = 'UTC'\n"
    (original / "bookshop/quick.py").write_text(f"from bookshop.settings import *\n{quick}")
    prepare = """
import json
from django.core.management import call_command
import django
django.setup()
from catalogue.sample_data import load_sample_data
call_command("migrate", verbosity=0)
load_sample_data()
call_command("spectacular", file="openapi.yml")
with open("nova_traffic.jsonl", "w") as file:
    for path in ("/api/books-switched/", "/api/books/", "/api/books/1/"):
        print(json.dumps({"method": "GET", "path": path}), file=file)
"""
    git = ["git", "-c", "user.name=guide", "-c", "user.email=guide@example.com"]

    def run(*command: str) -> None:
        subprocess.run(command, cwd=original, env=environment, check=True, capture_output=True)

    run(sys.executable, "-c", prepare)
    run("git", "init", "--quiet", "--initial-branch", "main")
    run("git", "add", ".")
    run(*git, "commit", "--quiet", "--message", "The project as it is.")
    project.mkdir()
    lines = {page: [command(line) for line in lines] for page, lines in runnable().items()}
    (folder / "lines.json").write_text(json.dumps(lines))
    paths = [str(project), str(folder / "lines.json"), str(folder / "results.json")]
    subprocess.run(
        [sys.executable, "-m", "tests.documents.shell", *paths],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    found: dict[str, dict[str, Any]] = json.loads((folder / "results.json").read_text())
    return found


def test_every_line_of_a_block_runs_or_has_a_reason() -> None:
    known = {line for lines in runnable().values() for line in lines}
    for page in PAGES:
        for block, _ in BLOCK.findall(page.read_text()):
            for line in filter(None, map(without_comment, block.splitlines())):
                assert line in known or reason_not_to_run(line, shown=True), f"{page.name}: {line}"


def test_no_block_of_commands_hides_from_these_tests() -> None:
    for page in PAGES:
        for block in UNNAMED.findall(page.read_text()):
            assert "manage.py" not in block, f"{page.name}: name the language: ```console"


@pytest.mark.thorough
def test_the_lines_run(results: dict[str, dict[str, Any]]) -> None:
    wrong = {
        line: result
        for line, result in results.items()
        if result["code"] not in FOUND.get(line, {0})
    }
    assert wrong == {}
    assert len(results) > 30


@pytest.mark.thorough
def test_the_outputs_shown_are_what_the_lines_print(results: dict[str, dict[str, Any]]) -> None:
    for page in PAGES:
        for block, shown in BLOCK.findall(page.read_text()):
            if shown:
                line = command(without_comment(block.splitlines()[-1]))
                assert results[line]["output"].strip() == shown.strip(), page.name
