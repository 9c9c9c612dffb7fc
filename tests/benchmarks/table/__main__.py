"""``python -m tests.benchmarks.table``: one table of all sides, a picture of it, and its JSON.

Equal answers are asserted before anything is timed. What is timed is the processor, in rounds in
which all sides take turns; the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.benchmarks.table import readme

PACKAGES = (
    *("django", "djangorestframework", "pydantic", "adrf", "drf-fastserializers", "drf-pydantic"),
    *("django-ninja", "django-modern-rest"),
)
PICTURE = Path("tests/benchmarks/table.png")
DATA = Path("tests/benchmarks/table.json")


def main() -> int:
    """Measure each database in a process of its own, and show what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", nargs="*", default=[""], help="URLs; SQLite is an empty one")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rows", type=int, nargs="+", default=[20, 100, 1000])
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument(
        "--write", action="store_true", help=f"write {PICTURE}, {DATA} and {readme.README}"
    )
    options = parser.parse_args()
    tables = {_name(url): _measured(url, options) for url in options.databases}
    for database, table in tables.items():
        print("\n".join(_lines(database, table)))
    if options.write:
        data = {"machine": _machine(), "versions": _versions(), "tables": tables}
        DATA.write_text(json.dumps(data, indent=1) + "\n")
        _draw(data, next(iter(tables.values())))
        readme.write(data)
    return 0


def _name(url: str) -> str:
    return url.partition(":")[0] or "sqlite"


def _measured(url: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "table.json"
        command = [sys.executable, "-m", "tests.benchmarks.table.one_database"]
        command += ["--database", url, "--folder", folder, "--output", str(output)]
        command += ["--rounds", str(options.rounds), "--rows", *map(str, options.rows)]
        command += ["--without-peers"] if options.without_peers else []
        subprocess.run(command, check=True)
        table: list[dict[str, Any]] = json.loads(output.read_text())
    return table


def _lines(database: str, table: list[dict[str, Any]]) -> Iterator[str]:
    yield f"\n{database}: milliseconds of the processor for a request, and times as fast as DRF"
    for row in table:
        yield f"\n{row['cell']}"
        drf = row["seconds"]["DRF"]
        for side, seconds in sorted(row["seconds"].items(), key=lambda pair: pair[1]):
            yield f"  {side:22}{seconds * 1e3:9.3f} ms {drf / seconds:7.2f}"


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _draw(data: dict[str, Any], table: list[dict[str, Any]]) -> None:
    """Draw how many times as fast as DRF the sides are."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [row for row in table if row["cell"] in readme.PICTURED]
    figure, axes = pyplot.subplots(len(rows), 1, figsize=(8, 2.1 * len(rows)))
    for row, axis in zip(rows, axes, strict=True):
        drf = row["seconds"]["DRF"]
        ratios = {side: drf / seconds for side, seconds in row["seconds"].items()}
        sides = sorted(ratios, key=lambda side: ratios[side])
        colours = ["#2a6f4e" if side.startswith("nova_drf") else "#9aa5b1" for side in sides]
        bars = axis.barh(sides, [ratios[side] for side in sides], color=colours)
        axis.bar_label(bars, fmt="%.1f", padding=3, fontsize=7)
        axis.set_title(f"{row['cell']}: times as fast as DRF", fontsize=9, loc="left")
        axis.tick_params(labelsize=7)
        axis.spines[["top", "right"]].set_visible(False)
    versions = ", ".join(f"{name} {number}" for name, number in data["versions"].items())
    figure.text(0.01, 0.005, f"{data['machine']}; {versions}", fontsize=5)
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    figure.savefig(PICTURE, dpi=130)


if __name__ == "__main__":
    sys.exit(main())
