"""``python -m tests.benchmarks.starting``: what nova_drf costs before the first request.

Each figure is measured in a process of its own, from compiled files, in processor time; the
processes of all sides take turns, and the median of the rounds is printed. ``--against PATH``
measures a second checkout of nova_drf in the same run.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = Path(__file__).resolve().parents[2]
Figures = dict[str, float]


def main() -> int:
    """Measure in processes of their own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="a second checkout of nova_drf")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--here", choices=sorted(MEASUREMENTS), help="measure one, and print JSON")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(MEASUREMENTS[options.here]()))
        return 0
    trees = {"nova_drf": HERE} | ({"the other": options.against} if options.against else {})
    with tempfile.TemporaryDirectory() as compiled:
        for name, source in PROJECTS.items():
            lines = (source.format(number=number) for number in range(500))
            Path(compiled, f"{name}.py").write_text(_HEAD + "".join(lines))
        table = _measured(trees, options.rounds, Path(compiled))
    print("\n".join(_lines(table)))
    return 0


def _measured(
    trees: Mapping[str, Path], rounds: int, compiled: Path
) -> dict[str, dict[str, Figures]]:
    """Return the medians of all figures of each measurement, for each tree."""
    runs: dict[tuple[str, str], list[Figures]] = {}
    for number in range(rounds + 1):
        for measurement in MEASUREMENTS:
            for name, tree in trees.items():
                figures = _elsewhere(measurement, tree, compiled)
                if number:  # the first one compiles
                    runs.setdefault((measurement, name), []).append(figures)
    table: dict[str, dict[str, Figures]] = {}
    for (measurement, name), all_figures in runs.items():
        medians = {
            key: statistics.median(figures[key] for figures in all_figures)
            for key in all_figures[0]
        }
        table.setdefault(measurement, {})[name] = medians
    return table


def _elsewhere(measurement: str, tree: Path, compiled: Path) -> Figures:
    environment = os.environ | {
        "PYTHONPATH": str(tree),
        "PYTHONPYCACHEPREFIX": str(compiled),
        "PYTHONHASHSEED": "0",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-P", __file__, "--here", measurement]
    output = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=compiled
    ).stdout
    figures: Figures = json.loads(output)
    return figures


def _lines(table: Mapping[str, Mapping[str, Figures]]) -> Iterator[str]:
    for by_tree in table.values():
        for figure in next(iter(by_tree.values())):
            values = [figures[figure] for figures in by_tree.values()]
            cells = "".join(f"{name:>12} {by_tree[name][figure]:8.1f}" for name in by_tree)
            ratio = f"{values[0] / values[1]:12.2f}" if len(values) > 1 and values[1] else ""
            yield f"{figure:<44}{cells}{ratio}"


# -- what is measured, in a process of its own -----------------------------------------------------


def _set_up() -> None:
    """Import what a project has without nova_drf, and set it up."""
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=[
            *("django.contrib.contenttypes", "django.contrib.auth"),
            *("rest_framework", "drf_spectacular"),
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        REST_FRAMEWORK={"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"},
        TIME_ZONE="UTC",
        USE_TZ=True,
    )
    import django

    django.setup()
    for name in (
        *("pydantic.fields", "pydantic.json_schema", "pydantic.networks", "pydantic.type_adapter"),
        *("rest_framework.viewsets", "rest_framework.filters", "rest_framework.routers"),
        *("rest_framework.pagination", "rest_framework.throttling", "rest_framework.test"),
        *("drf_spectacular.hooks", "drf_spectacular.extensions", "drf_spectacular.views"),
    ):
        importlib.import_module(name)
    from pydantic import BaseModel

    type("First", (BaseModel,), {})  # Pydantic looks for its plugins when the first is made


def _importing() -> Figures:
    """Import nova_drf: its app, as Django does, and the names that a project has in its modules."""
    _set_up()
    modules, memory = len(sys.modules), _memory()
    with _timed() as timed:
        from nova_drf.apps import NovaConfig

        NovaConfig.create("nova_drf").ready()
        of_app, modules_of_app = timed.so_far(), len(sys.modules)
        import nova_drf

        _ = (nova_drf.Schema, nova_drf.SchemaSerializer, nova_drf.SchemaBackedMixin)
        for door in ("views", "generics", "viewsets", "services"):
            importlib.import_module(f"nova_drf.{door}")
    ours = [name for name in sys.modules if name.partition(".")[0] == "nova_drf"]
    return {
        "import of the app, ms": of_app,
        "import of all that a project names, ms": timed.milliseconds,
        "modules of the app": modules_of_app - modules,
        "modules": len(sys.modules) - modules,
        "modules of ours": len(ours),
        "memory, MB": _memory() - memory,
    }


def _one_class() -> Figures:
    """Define a class of ten fields after others were defined and used, and use it."""
    _set_up_with_nova()
    source = compile(
        f"{_HEAD}{_SCHEMAS.format(number=0)}", "ten_fields.py", "exec", dont_inherit=True
    )
    times = []
    for _ in range(25):
        namespace: dict[str, Any] = {"__name__": "ten_fields"}
        with _timed() as made:
            exec(source, namespace)
        steps = [made]
        for _ in range(2):
            with _timed() as used:
                _use(namespace["Serializer0"])
            steps.append(used)
        times.append([step.milliseconds for step in steps])
    made_in, used_in, again_in = (
        statistics.median(column) for column in zip(*times[5:], strict=True)
    )
    return {
        "a class of ten fields, made, ms": made_in,
        "its first use, ms": used_in,
        "its second use, ms": again_in,
    }


def _project(of_what: str) -> Figures:
    """Import a compiled module of five hundred serializers, and use one."""
    _set_up_with_nova()
    sys.path.insert(0, os.getcwd())
    with _timed() as imported:
        project = importlib.import_module(of_what)
    with _timed() as used:
        _use(project.Serializer0)
    return {
        f"{of_what}: imported, ms": imported.milliseconds,
        f"{of_what}: the first use of one, ms": used.milliseconds,
    }


def _set_up_with_nova() -> None:
    _set_up()
    from nova_drf.apps import NovaConfig

    NovaConfig.create("nova_drf").ready()
    for door in ("views", "generics", "viewsets", "services"):
        importlib.import_module(f"nova_drf.{door}")
    from nova_drf import SchemaBackedMixin, SchemaSerializer

    _ = (SchemaBackedMixin, SchemaSerializer)  # they are imported when they are named


def _use(serializer_class: Any) -> None:
    """Validate a payload, and print an object."""
    serializer = serializer_class(data=PAYLOAD)
    assert serializer.is_valid(), serializer.errors
    printed = serializer_class(SimpleNamespace(**serializer.validated_data)).data
    assert printed == PAYLOAD, printed


class _timed:
    """Time a block, in processor time, without the collector: its full runs fall anywhere."""

    milliseconds = 0.0

    def __enter__(self) -> _timed:
        gc.collect()
        gc.disable()
        self.start = time.process_time()
        return self

    def so_far(self) -> float:
        return (time.process_time() - self.start) * 1000

    def __exit__(self, *exc: object) -> None:
        self.milliseconds = self.so_far()
        gc.enable()


def _memory() -> float:
    """Return the most resident memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_HEAD = """
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from rest_framework import serializers
from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
"""

_FIELDS = """
    name: str
    email: str
    age: int
    score: float
    price: Decimal
    born: date
    seen: datetime
    key: UUID
    active: bool
    tags: list[str]
"""

_DRF_FIELDS = """
    name = serializers.CharField()
    email = serializers.CharField()
    age = serializers.IntegerField()
    score = serializers.FloatField()
    price = serializers.DecimalField(max_digits=8, decimal_places=2)
    born = serializers.DateField()
    seen = serializers.DateTimeField()
    key = serializers.UUIDField()
    active = serializers.BooleanField()
    tags = serializers.ListField(child=serializers.CharField())
"""

_SCHEMAS = f"""
class Schema{{number}}(Schema):{_FIELDS}
class Serializer{{number}}(SchemaSerializer[Schema{{number}}]):
    pass
"""
_BACKED = f"""
class Serializer{{number}}(SchemaBackedMixin, serializers.Serializer):{_DRF_FIELDS}
"""
_CLASSIC = f"""
class Serializer{{number}}(serializers.Serializer):{_DRF_FIELDS}
"""

PROJECTS = {
    "schemas_500": _SCHEMAS,
    "backed_500": _BACKED,
    "classic_500": _CLASSIC,
}
"""Modules of five hundred serializers each: the source of one."""

PAYLOAD = {
    "name": "Ada",
    "email": "ada@example.com",
    "age": 36,
    "score": 1.5,
    "price": "12.50",
    "born": "1815-12-10",
    "seen": "2026-01-01T12:00:00Z",
    "key": "12345678-1234-5678-1234-567812345678",
    "active": True,
    "tags": ["a", "b"],
}

MEASUREMENTS: Mapping[str, Callable[[], Figures]] = {
    "importing": _importing,
    "one_class": _one_class,
    **{name: partial(_project, name) for name in PROJECTS},
}

if __name__ == "__main__":
    sys.exit(main())
