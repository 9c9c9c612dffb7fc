"""``--output`` into a file that is there: what others wrote stays, what it wrote is replaced."""

from __future__ import annotations

import cProfile
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_drf.migration.codegen.in_place import serializers_of
from nova_drf.migration.codegen.module import module_source
from nova_drf.migration.codegen.outcomes import Change, Outcome
from nova_drf.migration.codegen.sources import forget_sources
from nova_drf.serializers.schema_serializer import SchemaSerializer

SOURCE = """from rest_framework import serializers


class LineSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=3)


class OrderSerializer(serializers.Serializer):
    lines = LineSerializer(many=True)
"""
THERE = '''"""Schemas of ours."""

from __future__ import annotations

from nova_drf import Schema

LIMIT = 3


class OwnSchema(Schema):
    """Written by hand."""

    name: str
'''


DOCUMENTED = SOURCE.replace("    lines =", '    """Says what serializers say."""\n\n    lines =')


class Files:
    """A module with serializers, and the one into which they are written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "added_new.py"

    def classes(self, text: str) -> list[Any]:
        (self.folder / "added_old.py").write_text(text)
        sys.modules.pop("added_old", None)
        importlib.invalidate_caches()
        forget_sources()
        return serializers_of(importlib.import_module("added_old"))

    def write(self, text: str, *names: str) -> Change:
        classes = [cls for cls in self.classes(text) if not names or cls.__name__ in names]
        change = module_source(classes, self.output)
        change.apply()
        return change

    def imported(self) -> Any:
        sys.modules.pop("added_new", None)
        importlib.invalidate_caches()
        return importlib.import_module("added_new")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Files(tmp_path)
    for name in ("added_old", "added_new"):
        sys.modules.pop(name, None)
    forget_sources()


def test_what_is_there_stays(files: Files) -> None:
    files.output.write_text(THERE)
    files.write(SOURCE)
    text = files.output.read_text()
    assert text.startswith('"""Schemas of ours."""')
    assert "class OwnSchema(Schema):" in text
    assert "from nova_drf import Schema, SchemaSerializer\n" in text
    assert issubclass(files.imported().OrderSerializer, SchemaSerializer)


def test_a_second_run_changes_nothing(files: Files) -> None:
    files.output.write_text(THERE)
    files.write(SOURCE)
    first = files.output.read_text()
    assert files.write(SOURCE).diff() == ""
    assert files.output.read_text() == first


def test_one_class_after_the_other(files: Files) -> None:
    files.write(SOURCE, "LineSerializer")
    files.write(SOURCE, "OrderSerializer")
    text = files.output.read_text()
    assert text.count("class LineSchema(") == text.count("class OrderSchema(") == 1
    assert files.imported().OrderSerializer().fields["lines"].child.fields["text"].max_length == 3


def test_what_it_wrote_is_replaced_where_it_is(files: Files) -> None:
    files.write(SOURCE)
    files.output.write_text(f"{files.output.read_text()}\n\nLAST = 1\n")
    files.write(SOURCE.replace("max_length=3", "max_length=4"))
    text = files.output.read_text()
    assert "max_length=4" in text
    assert "max_length=3" not in text
    assert text.index("class LineSchema") < text.index("class OrderSchema") < text.index("LAST")
    assert files.imported().LAST == 1


def test_a_class_of_another_is_not_replaced(files: Files) -> None:
    files.output.write_text(THERE.replace("OwnSchema", "LineSerializer"))
    change = files.write(SOURCE)
    outcomes = {one.cls.__name__: one for one in change.written}
    assert outcomes["LineSerializer"].outcome is Outcome.KEPT
    assert "LineSerializer is there already" in outcomes["LineSerializer"].reason
    assert outcomes["LineSerializer"].remedy
    assert "Written by hand." in files.output.read_text()
    assert issubclass(files.imported().OrderSerializer, SchemaSerializer)


def test_a_docstring_needs_no_import(files: Files) -> None:
    files.write(DOCUMENTED)
    text = files.output.read_text()
    assert "Says what serializers say." in text
    assert "import serializers" not in text


def test_a_file_that_is_no_python(files: Files) -> None:
    files.output.write_text("class (:\n")
    with pytest.raises(SyntaxError):
        files.write(SOURCE)
    assert files.output.read_text() == "class (:\n"


def test_one_class_that_fails_does_not_end_the_run(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = """

class BrokenSerializer(serializers.Serializer):
    @property
    def validators(self):
        raise RuntimeError("Not now.")

    text = serializers.CharField()
"""
    change = files.write(SOURCE + broken)
    assert [one.outcome for one in change.written][:2] == [Outcome.WRITTEN] * 2
    assert change.written[2].outcome is not Outcome.WRITTEN
    assert "Not now." in change.written[2].reason


def test_the_work_grows_no_faster_than_the_choices(files: Files) -> None:
    few = _calls_to_write(files, 50)
    assert _calls_to_write(files, 400) < 8 * few


def _calls_to_write(files: Files, choices: int) -> int:
    """Return how many functions are called to write a class with so many choices."""
    pairs = "".join(f'            ("{at}", "Number {at}"),\n' for at in range(choices))
    source = f"""from rest_framework import serializers


class ManySerializer(serializers.Serializer):
    one = serializers.ChoiceField(
        choices=[
{pairs}        ]
    )
"""
    classes = files.classes(source)
    with cProfile.Profile() as profile:
        change = module_source(classes, files.output)
    assert change.written[0].outcome is Outcome.WRITTEN
    assert change.after.count("Number ") == choices
    return sum(entry.callcount for entry in profile.getstats())


def test_what_another_run_wrote_stays(files: Files) -> None:
    both = files.classes(
        SOURCE
        + "\n\nclass OtherSerializer(serializers.Serializer):\n    a = serializers.CharField()\n"
    )
    for cls in (both[2], both[1], both[0]):
        module_source([cls], files.output).apply()
    text = files.output.read_text()
    assert text.index("class OtherSerializer(") < text.index("class LineSerializer(")
    assert text.index("class LineSerializer(") < text.index("class OrderSerializer(")
    assert text.count("class LineSerializer(") == 1
