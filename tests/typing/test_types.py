"""What type checkers see; ``make types`` runs mypy and pyright over this file too."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, assert_type

import pytest

from nova_drf import ReadOnly, Schema, SchemaSerializer, serializer_from_schema

MUST_FAIL = Path(__file__).with_name("must_fail.py")


class PointSchema(Schema):
    id: ReadOnly[int]
    x: int


class PointSerializer(SchemaSerializer[PointSchema]):
    pass


def test_the_validated_schema_has_the_schemas_type() -> None:
    serializer = PointSerializer(data={"x": "1"})
    assert serializer.is_valid()
    assert_type(serializer.validated_schema, PointSchema)
    assert_type(serializer.validated_schema.x, int)
    assert serializer.validated_schema.x == 1
    made: type[SchemaSerializer[Any]] = serializer_from_schema(PointSchema)
    assert made({"id": 1, "x": 2}).data == {"id": 1, "x": 2}


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_deliberate_mistakes_are_found(checker: str) -> None:
    """Each line marked ``# error`` must be refused, and no other."""
    pytest.importorskip(checker)
    environment = {"mypy": "--python-executable", "pyright": "--pythonpath"}[checker]
    done = subprocess.run(
        [sys.executable, "-m", checker, environment, sys.executable, str(MUST_FAIL)],
        capture_output=True,
        text=True,
        check=False,
        cwd=MUST_FAIL.parents[2],
    )
    lines = MUST_FAIL.read_text().splitlines()
    expected = {number for number, line in enumerate(lines, 1) if line.endswith("# error")}
    found = {int(at) for at in re.findall(r"must_fail\.py:(\d+).*error", done.stdout)}
    assert found == expected, done.stdout + done.stderr
