"""The table of all sides still runs, and all sides still say the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.table import readme
from tests.benchmarks.table.__main__ import DATA, PICTURE, _lines

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = {
    "machine": "x86_64, 8 processors, Python 3.13.1",
    "versions": {"django": "6.0", "djangorestframework": "3.18.1"},
    "tables": {
        "sqlite": [
            {
                "cell": "WSGI detail, foreign key",
                "seconds": {"by hand": 0.0005, "DRF": 0.002, "nova_drf": 0.001},
            },
            {"cell": "WSGI create, foreign key", "seconds": {"DRF": 0.004, "nova_drf": 0.002}},
        ],
        "mysql": [
            {"cell": "WSGI create, foreign key", "seconds": {"DRF": 0.006, "nova_drf": 0.004}},
        ],
    },
}


def test_the_table_of_a_few_rows_on_sqlite(tmp_path: Path) -> None:
    output = tmp_path / "table.json"
    command = [sys.executable, "-m", "tests.benchmarks.table.one_database", "--without-peers"]
    command += ["--rounds", "1", "--rows", "1", "2", "3"]
    command += ["--folder", str(tmp_path), "--output", str(output)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    table = json.loads(output.read_text())
    sides = {side for row in table for side in row["seconds"]}
    assert {"DRF", "nova_drf", "nova_drf, async def", "by hand"} <= sides
    assert {row["cell"].split()[0] for row in table} == {"WSGI", "ASGI"}
    printed = "\n".join(_lines("sqlite", table))
    assert all(row["cell"] in printed for row in table)


def test_figures_are_ratios_with_the_machine_and_the_versions() -> None:
    text = readme.figures(EXAMPLE)
    assert "| request | DRF | nova_drf | by hand |" in text
    assert "| WSGI detail, foreign key | 2.00 ms | 2.0 | 4.0 |" in text
    assert "| WSGI create, foreign key | 4.00 ms | 2.0 | - |" in text
    assert "| WSGI create, foreign key | 6.00 ms | 1.5 |" in text.partition("on MariaDB")[2]
    assert text.count("8 processors") == 1
    assert "djangorestframework 3.18.1" in text


def test_figures_go_between_the_markers() -> None:
    before = f"# A\n{readme.BEGIN}old\n{readme.END}the rest\n"
    after = readme.with_figures(before, EXAMPLE)
    assert after.startswith(f"# A\n{readme.BEGIN}")
    assert after.endswith(f"{readme.END}the rest\n")
    assert readme.with_figures(after, EXAMPLE) == after


def test_the_readme_has_the_figures_that_were_committed() -> None:
    shown = readme.figures_in((ROOT / "README.md").read_text())
    if not (ROOT / DATA).exists():
        assert "|" not in shown
        return
    assert shown.strip() == readme.figures(json.loads((ROOT / DATA).read_text())).strip()
    assert (ROOT / PICTURE).exists()
