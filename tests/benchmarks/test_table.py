"""The table of all sides still runs, and all sides still say the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.table.__main__ import _lines


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
