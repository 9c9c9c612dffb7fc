"""What mypy and pyright say: of mistakes, the guide, the example project, and generated code.

Each checker runs once, over all of it, with the plugins that a Django project has.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.test_guide import BLOCK, PAGES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLES = ROOT / "examples" / "bookshop"
MISTAKES = sorted(HERE.glob("must_fail*.py"))
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.py"))
ORIGINALS = [
    ROOT / "tests" / "migration" / "legacy.py",
    *sorted((ROOT / "tests" / "migration" / "styles").glob("*.py")),
]
ACCEPTED = (
    # To django-stubs a lazy text is no text, and to Pydantic a title is nothing else.
    'error: Argument of type "_StrPromise" cannot be assigned to parameter',
    # It derives from two serializers, each of which has a schema.
    "error: Base classes of TwoBasesSerializer are mutually incompatible",
)
"""What pyright alone says of generated code."""
CLEAN = [HERE / "test_types.py", HERE / "test_services.py"]

Found = Mapping[str, Mapping[int, str]]
"""Errors by file name and line."""


def write_pages(directory: Path) -> list[Path]:
    """Write the Python blocks of each page as a module, each line where it is in the page."""
    modules: list[Path] = []
    for page in PAGES:
        text = page.read_text()
        lines = [""] * text.count("\n")
        for block in BLOCK.finditer(text):
            if block[1] == "python":
                start = text.count("\n", 0, block.start(2))
                code = block[2].splitlines()
                lines[start : start + len(code)] = code
        module = directory / f"page_{len(modules)}_{re.sub(r'[^a-z]', '_', page.stem.lower())}.py"
        module.write_text("\n".join(lines).rstrip() + "\n")
        modules.append(module)
    return modules


def copied_golden(directory: Path) -> list[Path]:
    """Copy the golden files to names that no other file has."""
    copies = [directory / f"golden_{path.name}" for path in GOLDEN]
    for path, copy in zip(GOLDEN, copies, strict=True):
        copy.write_text(path.read_text())
    return copies


def run(*command: object) -> str:
    """Run a checker, for which this tree comes before any installed one."""
    path = os.pathsep.join(map(str, (ROOT, EXAMPLES)))
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


COMMANDS: dict[str, list[str]] = {
    "mypy": ["mypy", "--python-executable", sys.executable],
    "pyright": ["pyright", "--pythonpath", sys.executable],
}


def errors_in(output: str, paths: list[Path]) -> Found:
    """Return what a checker said of these files, and not of others that they import."""
    found: dict[str, dict[int, str]] = {}
    names = {path.name for path in paths}
    for path, line, message in re.findall(r"^\s*(\S+?):(\d+)(?::\d+)?[: -]+(.*)$", output, re.M):
        name = Path(path).name
        if name in names and "error" in message:
            found.setdefault(name, {})[int(line)] = message
    return found


@pytest.mark.parametrize("checker", COMMANDS)
def test_mistakes_are_found_and_nothing_else(checker: str, tmp_path: Path) -> None:
    """Each line marked ``# error`` must be refused, and no other.

    Of what ``nova_convert`` writes, nothing may be refused that is not in the original as well.
    """
    pytest.importorskip(checker)
    examples = [path for path in EXAMPLES.rglob("*.py") if "migrations" not in path.parts]
    golden = copied_golden(tmp_path)
    others = [*write_pages(tmp_path), *examples, *golden, *ORIGINALS]
    paths = [*MISTAKES, *CLEAN, *others]
    found = errors_in(run(*COMMANDS[checker], *paths), paths)
    for path in MISTAKES:
        lines = path.read_text().splitlines()
        expected = {number for number, line in enumerate(lines, 1) if line.endswith("# error")}
        assert expected
        assert {*found.get(path.name, ())} == expected, f"{path.name}: {found.get(path.name)}"
    of_originals = {said for path in ORIGINALS for said in found.get(path.name, {}).values()}
    written = {said for path in golden for said in found.get(path.name, {}).values()}
    assert {one for one in written - of_originals if not one.startswith(ACCEPTED)} == set()
    names = {path.name for path in (*MISTAKES, *golden, *ORIGINALS)}
    assert {name: said for name, said in found.items() if name not in names} == {}
