"""``python -m tests.benchmarks.growth``: how time and memory grow with rows, and with levels.

A list of places is asked of DRF and of ours, through the WSGI handler, on SQLite: with ever more
rows of one level, and with ever more levels of a thousand rows. Each answer is made in a process of
its own, so that its peak of memory is its own, too; both sides must answer the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

SIDES = ("DRF", "nova_drf")
ROWS = (1_000, 10_000, 100_000)
LEVELS = (1, 2, 3, 4, 5)
FEW = 20
"""Of how many rows a list is asked first, so that nothing is made for the first time later."""

TIMES = 3
"""How often it is asked then."""


@dataclass(frozen=True)
class Measurement:
    """What one list cost.

    Attributes:
        seconds: Processor time of the quickest request.
        megabytes: How far the peak of resident memory rose.
        answer: A digest of the bytes.
    """

    seconds: float
    megabytes: float
    answer: str


def main() -> int:
    """Measure in processes of their own, print both tables, and draw them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="a PNG file to draw to")
    parser.add_argument("--side", choices=SIDES, help="measure one answer here, and print JSON")
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--levels", type=int, nargs="+", default=list(LEVELS))
    options = parser.parse_args()
    if options.side:
        print(json.dumps(asdict(_here(options.side, options.rows[0], options.levels[0]))))
        return 0
    by_rows = {rows: _both(rows, 1) for rows in options.rows}
    by_levels = {levels: _both(1_000, levels) for levels in options.levels}
    for of_what, table in (("rows", by_rows), ("levels of 1,000 rows", by_levels)):
        print("\n".join(_lines(of_what, table)))
    if options.picture:
        _draw(options.picture, {"rows": by_rows, "levels": by_levels})
    return 0


Table = dict[int, dict[str, Measurement]]


def _both(rows: int, levels: int) -> dict[str, Measurement]:
    """Measure both sides; they have to say the same."""
    measured = {side: _elsewhere(side, rows, levels) for side in SIDES}
    answers = {one.answer for one in measured.values()}
    assert len(answers) == 1, f"{rows} rows of {levels} levels are answered in different ways"
    return measured


def _elsewhere(side: str, rows: int, levels: int) -> Measurement:
    command = [sys.executable, "-m", "tests.benchmarks.growth", "--side", side]
    command += ["--rows", str(rows), "--levels", str(levels)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Measurement(**json.loads(output))


def _here(side: str, rows: int, levels: int) -> Measurement:
    from tests.benchmarks.table.one_database import set_up

    with tempfile.TemporaryDirectory() as folder:
        set_up("", Path(folder), urls=__name__)
        from django.db import connection

        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        _fill(rows, levels)
        urlpatterns[:] = _routes(side, levels)
        from tests.benchmarks.table.measuring import wsgi

        send = wsgi()
        send("GET", f"/{FEW}/", b"")
        peak, times = _peak(), []
        for _ in range(TIMES):
            start = time.process_time()
            status, content = send("GET", f"/{rows}/", b"")
            times.append(time.process_time() - start)
            assert status == 200, content[:300]
        connection.close()
        return Measurement(min(times), _peak() - peak, hashlib.sha256(content).hexdigest())


def _peak() -> float:
    """Return the most resident memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


urlpatterns: list[Any] = []


def _fill(rows: int, levels: int) -> None:
    """Let the database itself write the places: those made here would raise the peak of memory."""
    from django.db import connection

    from tests.benchmarks.table.models import Place

    with connection.cursor() as cursor:
        for level in reversed(range(levels)):
            first = level * rows + 1
            within = "n + %s" if level < levels - 1 else "nullif(%s, %s)"
            cursor.execute(
                f"""
                WITH RECURSIVE numbers(n) AS (
                    SELECT %s UNION ALL SELECT n + 1 FROM numbers WHERE n < %s
                )
                INSERT INTO {Place._meta.db_table} (id, name, code, within_id)
                SELECT n, 'place ' || n, n %% 1000, {within} FROM numbers
                """,  # the name of a table of ours
                [first, first + rows - 1, *([rows] if level < levels - 1 else [0, 0])],
            )


def _routes(side: str, levels: int) -> list[Any]:
    """Return the pattern of a list of places with all that they lie within."""
    from django.urls import path
    from rest_framework.viewsets import ModelViewSet

    from nova_drf.viewsets import AsyncModelViewSet
    from tests.benchmarks.table.models import Place

    base: Any = ModelViewSet if side == "DRF" else AsyncModelViewSet
    related = "__".join(["within"] * (levels - 1))
    places: Any = Place._default_manager.order_by("id")

    class Places(base):
        queryset = places.select_related(related) if related else places
        serializer_class = _classic(levels) if side == "DRF" else _ours(levels)

        def get_queryset(self) -> Any:
            return super().get_queryset().filter(id__lte=self.kwargs["rows"])

    return [path("<int:rows>/", Places.as_view({"get": "list"}))]


def _classic(levels: int) -> Any:
    from rest_framework import serializers

    from tests.benchmarks.table.models import Place

    fields = ["id", "name", "code", *(["within"] if levels > 1 else [])]
    body: dict[str, Any] = {"Meta": type("Meta", (), {"model": Place, "fields": fields})}
    if levels > 1:
        body["within"] = _classic(levels - 1)(read_only=True)
    return cast(Any, type)(f"Place{levels}", (serializers.ModelSerializer,), body)


def _ours(levels: int) -> Any:
    from nova_drf import serializer_from_schema
    from tests.benchmarks.table.models import Place

    return serializer_from_schema(_schema(levels), model=Place)


def _schema(levels: int) -> Any:
    from nova_drf import ReadOnly, Schema

    fields: dict[str, Any] = {"id": ReadOnly[int], "name": str, "code": str}
    if levels > 1:
        fields["within"] = ReadOnly[_schema(levels - 1)]
    body = {"__annotations__": fields, "__module__": __name__}
    return cast(Any, type(Schema))(f"Place{levels}", (Schema,), body)


def _lines(of_what: str, table: Table) -> Sequence[str]:
    lines = [f"\n{of_what:>20}  {'':8}  seconds  microseconds/row  megabytes"]
    for size, measured in table.items():
        rows = size if of_what == "rows" else 1_000
        drf, ours = (measured[side] for side in SIDES)
        for side, one in measured.items():
            lines.append(
                f"{size:20,}  {side:8}  {one.seconds:7.3f}  {one.seconds / rows * 1e6:16.1f}"
                f"  {one.megabytes:9.1f}"
            )
        less = f"{ours.megabytes / drf.megabytes:.2f} of its memory" if drf.megabytes else ""
        lines.append(f"{'':20}  {drf.seconds / ours.seconds:.1f} times as fast as DRF; {less}")
    return lines


def _draw(picture: Path, tables: dict[str, Table]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(8, 6))
    for column, (of_what, table) in enumerate(tables.items()):
        for row, attribute in enumerate(("seconds", "megabytes")):
            axis = axes[row][column]
            for side in SIDES:
                values = [getattr(measured[side], attribute) for measured in table.values()]
                axis.plot(list(table), values, marker="o", label=side)
            axis.set(xlabel=of_what, ylabel=attribute, xlim=(0, None), ylim=(0, None))
            axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(picture, dpi=130)


if __name__ == "__main__":
    sys.exit(main())
