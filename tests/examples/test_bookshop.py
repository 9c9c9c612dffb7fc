"""The example project: both endpoints answer alike, and its documents are valid."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

BOOKSHOP = Path(__file__).resolve().parents[2] / "examples" / "bookshop"


def manage(*arguments: str, database: Path) -> subprocess.CompletedProcess[str]:
    """Run a management command of the example, on a database of its own."""
    root = BOOKSHOP.parents[1]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DJANGO_SETTINGS_MODULE": "bookshop.settings",
        "BOOKSHOP_DATABASE": str(database),
        "PYTHONPATH": str(root),
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BOOKSHOP,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_demo_finds_no_difference(tmp_path: Path) -> None:
    done = manage("demo", "--once", database=tmp_path / "db.sqlite3")
    assert done.returncode == 0, done.stderr
    assert "All answers are byte-identical." in done.stdout
    assert "NO" not in done.stdout.split()


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("split", ["", "split"])
def test_the_documents_are_valid_and_alike(tmp_path: Path, version: str, split: str) -> None:
    code = (
        "from django.conf import settings;"
        f"settings.SPECTACULAR_SETTINGS.update(OAS_VERSION={version!r},"
        f" COMPONENT_SPLIT_REQUEST={bool(split)});"
        "from django.core.management import call_command;"
        "call_command('spectacular', fail_on_warn=True, file='schema.yml')"
    )
    done = manage(
        "shell",
        "-c",
        code.replace("schema.yml", str(tmp_path / "schema.yml")),
        database=tmp_path / "db.sqlite3",
    )
    assert done.returncode == 0, done.stderr
    document = yaml.safe_load((tmp_path / "schema.yml").read_text())
    validate(document)
    schemas = document["components"]["schemas"]
    compared = [name for name in schemas if "Classic" in name]
    assert "ClassicBook" in compared
    for name in compared:
        text = yaml.safe_dump(schemas[name]).replace("Classic", "").replace("classic-", "")
        assert text == yaml.safe_dump(schemas[name.replace("Classic", "")])


def test_the_system_checks_pass(tmp_path: Path) -> None:
    done = manage("check", "--fail-level", "WARNING", database=tmp_path / "db.sqlite3")
    assert done.returncode == 0, done.stderr
