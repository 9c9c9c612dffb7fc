"""What ``nova_convert`` takes: a project of two hundred serializers, and one with many choices."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nova_drf.migration.codegen.in_place import changed_files, serializers_of
from nova_drf.migration.codegen.outcomes import Outcome
from nova_drf.migration.codegen.sources import forget_sources


def processor() -> float:
    """Return the processor's time in seconds, that of Ruff included."""
    return sum(os.times()[:4])


pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db,
    pytest.mark.benchmark(timer=processor),
]

PROJECT_LIMIT = 60.0
"""How many seconds of the processor's time a project may take."""
CLASS_LIMIT = 0.7
"""How many a class with many choices may take."""

FILES, CLASSES, CHOICES = 20, 10, 600

HEAD = """from rest_framework import serializers
from tests.convertapp.models import City, Country


class CountrySerializer(serializers.ModelSerializer):
    class Meta:
        model = Country
        fields = "__all__"
"""

CLASS = """

class City{number}Serializer(serializers.ModelSerializer):
    # What it is called.
    name = serializers.CharField(max_length=30, help_text="The name {number}.")
    country_data = CountrySerializer(source="country", read_only=True)
    kind = serializers.ChoiceField(choices=[("a", "A"), ("b", "B")], required=False)
    rank = serializers.SerializerMethodField()

    class Meta:
        model = City
        fields = "__all__"

    def get_rank(self, city) -> int:
        return {number}

    def validate_name(self, value):
        return value.strip()
"""


def module(folder: Path, name: str, text: str) -> ModuleType:
    """Write a module, and import it."""
    (folder / f"{name}.py").write_text(text)
    importlib.invalidate_caches()
    return importlib.import_module(name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("bench_")]:
        del sys.modules[name]
    forget_sources()


def test_a_project(folder: Path, benchmark: Any) -> None:
    classes: list[Any] = []
    for file in range(FILES):
        body = "".join(CLASS.format(number=number) for number in range(CLASSES - 1))
        classes += serializers_of(module(folder, f"bench_file{file}", HEAD + body))
    assert len(classes) == FILES * CLASSES
    changes = benchmark.pedantic(changed_files, (classes,), rounds=1)
    outcomes = {written.outcome for change in changes for written in change.written}
    assert outcomes == {Outcome.WRITTEN}
    assert benchmark.stats.stats.min < PROJECT_LIMIT


def test_many_choices(folder: Path, benchmark: Any) -> None:
    pairs = "".join(f'    ("v{number}", "Label {number}"),\n' for number in range(CHOICES))
    text = (
        "from rest_framework import serializers\n\n\n"
        "class PickSerializer(serializers.Serializer):\n"
        f"    pick = serializers.ChoiceField(choices=[\n{pairs}    ])\n"
    )
    (cls,) = serializers_of(module(folder, "bench_choices", text))
    (change,) = benchmark.pedantic(changed_files, ([cls],), rounds=3, warmup_rounds=1)
    assert change.after.count("Label ") == CHOICES
    assert benchmark.stats.stats.min < CLASS_LIMIT
