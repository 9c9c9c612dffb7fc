"""The figures in the README: made of ``tests/benchmarks/table.json`` by ``make bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

README = Path("README.md")
BEGIN, END = "<!-- figures: `make bench` writes them -->\n", "<!-- end of figures -->\n"
PICTURED = (
    "WSGI list of 100, foreign key",
    "WSGI list of 1000, foreign key",
    "WSGI list of 100, to many",
    "WSGI detail, foreign key",
    "WSGI create, foreign key",
)


def figures(data: dict[str, Any]) -> str:
    """Return the part of the README that tells what was measured.

    Args:
        data: What ``python -m tests.benchmarks.table --write`` writes: the machine, the versions
            and a table for each database.
    """
    lines = ["![How many times as fast as DRF each side is](tests/benchmarks/table.png)", ""]
    for database, table in data["tables"].items():
        lines += _of_database(database, table)
    lines += [f"Machine: {data['machine']}. Versions: {_versions(data['versions'])}.", ""]
    return "\n".join(lines)


def _of_database(name: str, table: list[dict[str, Any]]) -> list[str]:
    rows = [row for row in table if row["cell"] in PICTURED]
    sides = sorted({side for row in rows for side in row["seconds"]} - {"DRF"}, key=_order)
    return [
        f"How many times as fast as DRF, on {_database(name)}. A dash: a library does not",
        "offer that endpoint.",
        "",
        f"| request | DRF | {' | '.join(sides)} |",
        f"|---|{'---:|' * (len(sides) + 1)}",
        *(_row(row, sides) for row in rows),
        "",
    ]


def _order(side: str) -> tuple[bool, str]:
    return not side.startswith("nova_drf"), side.lower()


def _database(name: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}.get(name, name)


def _row(row: dict[str, Any], sides: list[str]) -> str:
    seconds = row["seconds"]
    ratios = (_times(seconds["DRF"] / seconds[side]) if side in seconds else "-" for side in sides)
    return f"| {row['cell']} | {seconds['DRF'] * 1e3:.2f} ms | {' | '.join(ratios)} |"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio >= 0.1 else f"{ratio:.2f}"


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def figures_in(readme: str) -> str:
    """Return the part of a README that stands between the markers."""
    return readme.partition(BEGIN)[2].partition(END)[0]


def with_figures(readme: str, data: dict[str, Any]) -> str:
    """Return a README with other figures between its markers."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{figures(data)}\n{END}{rest.partition(END)[2]}"


def write(data: dict[str, Any]) -> None:
    """Put the figures into the README."""
    README.write_text(with_figures(README.read_text(), data))
