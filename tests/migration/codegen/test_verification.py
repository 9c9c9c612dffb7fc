"""``--verify``: classes that were converted in place against the revision before."""

from __future__ import annotations

import importlib
import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework import serializers

from nova_drf import SchemaBackedMixin
from nova_drf.migration.codegen.sources import forget_sources
from nova_drf.migration.codegen.verification import verified
from nova_drf.migration.progress.history import project_history

GIT = shutil.which("git") or ""

pytestmark = pytest.mark.skipif(not GIT, reason="Git is not there")

SOURCE = """from rest_framework import serializers


class LineSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=3)


class OrderSerializer(serializers.Serializer):
    lines = LineSerializer(many=True)
"""


def run(*arguments: str) -> str:
    """Return what the command prints."""
    printed = io.StringIO()
    call_command("nova_convert", *arguments, stdout=printed, stderr=io.StringIO())
    return printed.getvalue()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file of a repository, converted in place."""
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "verified.py"
    path.write_text(SOURCE)
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "Before"),
    ):
        subprocess.run([GIT, "-C", str(tmp_path), *command], check=True)
    importlib.invalidate_caches()
    importlib.import_module("verified")
    run("verified", "--in-place")
    yield path
    for name in ("verified", "verified_before"):
        sys.modules.pop(name, None)
    forget_sources()


def again() -> None:
    """Import the file as it is now."""
    sys.modules.pop("verified")
    importlib.invalidate_caches()
    importlib.import_module("verified")


def test_what_is_the_same(file: Path) -> None:
    again()
    lines = run("verified", "--verify").splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["verified.LineSerializer", "same"],
        ["verified.OrderSerializer", "same"],
    ]


def test_a_difference_is_told(file: Path) -> None:
    file.write_text(file.read_text().replace("max_length=3", "max_length=4"))
    again()
    printed = io.StringIO()
    with pytest.raises(CommandError, match="of 2 serializers differ from HEAD"):
        call_command("nova_convert", "verified", "--verify", stdout=printed, stderr=io.StringIO())
    assert "answer differently" in printed.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "max_length=3",
            'max_length=3, description="A note."',
            "metadata: added at text.help_text",
        ),
        (
            "OrderSchema(Schema):",
            'OrderSchema(Schema):\n    """All."""\n',
            "OpenAPI: added at Order.description",
        ),
    ],
)
def test_another_description_is_told(file: Path, old: str, new: str, said: str) -> None:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    again()
    printed = io.StringIO()
    with pytest.raises(CommandError, match="differ from HEAD"):
        call_command("nova_convert", "verified", "--verify", stdout=printed, stderr=io.StringIO())
    assert said in printed.getvalue().replace("\n", "")


def test_a_revision_that_is_not_there(file: Path) -> None:
    again()
    with pytest.raises(CommandError, match="could not be compared with nowhere") as error:
        run("verified", "--verify", "nowhere")
    assert error.value.returncode == 2


def test_nothing_to_compare(file: Path) -> None:
    file.write_text(SOURCE)
    again()
    with pytest.raises(CommandError, match="None of these was converted"):
        run("verified", "--verify")


def test_what_is_there_to_derive_from_is_not_compared() -> None:
    class House(SchemaBackedMixin, serializers.ModelSerializer[Any]):
        pass

    class Empty(SchemaBackedMixin, serializers.Serializer[Any]):
        pass

    heirs = [type("Heir", (base,), {"__module__": __name__}) for base in (House, Empty)]
    assert list(verified([House, Empty], "HEAD")) == []
    assert [one.name.rpartition(".")[2] for one in verified(heirs, "HEAD")] == ["Heir", "Heir"]


def test_the_history_is_told(file: Path, settings: Any) -> None:
    settings.BASE_DIR = file.parent
    history = project_history()
    history.file.touch()
    again()
    run("verified", "--verify")
    events = history.events()
    assert [event.data["new"] for event in events] == [
        "verified.LineSerializer",
        "verified.OrderSerializer",
    ]
    assert (
        events[0].data["endpoints"] == [events[0].data["old"]] == ["HEAD:verified.LineSerializer"]
    )
    assert events[0].data["findings"] == []
    with pytest.raises(CommandError):
        run("verified", "--verify", "nowhere")
    assert len(history.events()[-1].data["findings"]) == 1


def test_a_history_that_cannot_be_written_is_a_note(file: Path, settings: Any) -> None:
    settings.BASE_DIR = file.parent
    project_history().file.mkdir()
    again()
    told = io.StringIO()
    call_command("nova_convert", "verified", "--verify", stdout=io.StringIO(), stderr=told)
    assert "cannot be written" in told.getvalue()


BASE = """from rest_framework import serializers

from tests.convertapp.models import Country


class CountrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = ["code", "name"]
"""
IMPORTS = {
    "from verified_base import CountrySerializer": "CountrySerializer",
    "import verified_base": "verified_base.CountrySerializer",
    "import verified_base as base": "base.CountrySerializer",
}


@pytest.mark.django_db
@pytest.mark.parametrize("imported", IMPORTS)
def test_other_files_are_as_they_were_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, imported: str
) -> None:
    """The heir had its fields from ``Meta``, which the converted base does not ask any more."""
    monkeypatch.syspath_prepend(str(tmp_path))
    heir = f"""HERE = __file__


class HeirSerializer({IMPORTS[imported]}):
    class Meta({IMPORTS[imported]}.Meta):
        fields = [*{IMPORTS[imported]}.Meta.fields, "region"]
"""
    (tmp_path / "verified_base.py").write_text(BASE)
    (tmp_path / "verified_heir.py").write_text(f"{imported}\n\n{heir}")
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "Before"),
    ):
        subprocess.run([GIT, "-C", str(tmp_path), *command], check=True)
    modules = ("verified_base", "verified_heir")
    try:
        importlib.invalidate_caches()
        for name in modules:
            importlib.import_module(name)
        run(*modules, "--in-place")
        for name in modules:
            del sys.modules[name]
        importlib.invalidate_caches()
        for name in modules:
            importlib.import_module(name)
        lines = run(*modules, "--verify").splitlines()
        assert [line.split()[1] for line in lines[1:]] == ["same", "same"]
        assert sys.modules["verified_heir"].HeirSerializer.__bases__ == (
            sys.modules["verified_base"].CountrySerializer,
        )
    finally:
        for name in modules:
            sys.modules.pop(name, None)
            sys.modules.pop(f"{name}_before", None)
        forget_sources()
