"""What is written for files of many styles, word for word; it is clean, and stays as it is."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_drf import SchemaBackedMixin
from nova_drf.migration.codegen.discovery import named
from nova_drf.migration.codegen.in_place import changed_files, serializers_of
from nova_drf.migration.codegen.module import module_source
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.testing import assert_parity
from tests.migration import legacy
from tests.migration.codegen.conftest import HERE, differences, executed
from tests.migration.styles import guards, houses, links, places, writable

Golden = Callable[[str, str], None]

ABSTRACT = (legacy.AnyColumnSerializer, houses.HouseSerializer, places.ModelSerializer)
NAMES = [cls.__name__ for cls in serializers_of(legacy) if cls not in ABSTRACT]
STYLES = (legacy, guards, houses, links, places, writable)


@pytest.fixture(scope="module")
def module_text() -> str:
    return module_source(serializers_of(legacy), HERE).after


@pytest.fixture(scope="module")
def legacy_diff() -> str:
    return changed_files(serializers_of(legacy))[0].diff()


@pytest.fixture(scope="module")
def in_place(legacy_diff: str) -> dict[str, str]:
    """The files of all styles, with their classes converted."""
    return {style.__name__: changed_files(named(style.__name__))[0].after for style in STYLES}


def loaded(text: str, name: str) -> Any:
    """Import a text as a file next to the original."""
    path = HERE.with_name(f"{name}.py")
    path.write_text(text)
    try:
        spec = importlib.util.spec_from_file_location(f"tests.migration.codegen.{name}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    finally:
        path.unlink()


def ruff(text: str) -> str:
    """Return what Ruff has to say about a text, with this project's settings."""
    program = Path(sys.executable).with_name("ruff")
    if not program.exists():
        pytest.skip("Ruff is not there")
    said = ""
    for arguments in (("check",), ("format", "--check")):
        command = [program, *arguments, "--no-cache", "--stdin-filename", str(HERE), "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        said += done.stdout if done.returncode else ""
    return said


def test_the_module(module_text: str, golden: Golden) -> None:
    golden("legacy_module.py", module_text)
    assert ruff(module_text) == ""


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__.rpartition(".")[2])
def test_the_file_itself(style: Any, in_place: dict[str, str], golden: Golden) -> None:
    text = in_place[style.__name__]
    golden(f"{style.__name__.rpartition('.')[2]}_in_place.py", text)
    assert ruff(text) == ""


def test_the_diff(legacy_diff: str, golden: Golden) -> None:
    golden("legacy.diff", legacy_diff)


@pytest.fixture(scope="module")
def new_module(module_text: str, in_place: dict[str, str]) -> Iterator[Any]:
    # What is loaded derives from the originals, which may not be changed from then on.
    yield executed(module_text, "generated_legacy")
    del sys.modules["generated_legacy"]


@pytest.fixture(scope="module")
def new_files(in_place: dict[str, str]) -> Iterator[dict[str, Any]]:
    names = {name: f"generated_{name.rpartition('.')[2]}" for name in in_place}
    yield {name: loaded(in_place[name], names[name]) for name in in_place}
    for name in names.values():
        del sys.modules[f"tests.migration.codegen.{name}"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", NAMES)
def test_the_module_answers_the_same(name: str, new_module: Any) -> None:
    new = getattr(new_module, name)
    assert issubclass(new, SchemaSerializer)
    assert_parity(getattr(legacy, name), new, examples=8)
    assert differences(getattr(legacy, name), new) == []


CLASSES = [
    pytest.param(style, cls, id=cls.__qualname__)
    for style in STYLES
    for cls in named(style.__name__)
    if cls not in ABSTRACT and "<locals>" not in cls.__qualname__
]


@pytest.mark.usefixtures("world")
@pytest.mark.urls("tests.convertapp.urls")
@pytest.mark.parametrize(("style", "old"), CLASSES)
def test_the_file_answers_the_same(style: Any, old: Any, new_files: dict[str, Any]) -> None:
    new = new_files[style.__name__]
    for step in old.__qualname__.split("."):
        new = getattr(new, step)
    assert new is not old
    assert issubclass(new, SchemaSerializer | SchemaBackedMixin)
    assert_parity(old, new, examples=5)
    assert differences(old, new) == []


def test_a_class_that_a_function_makes(new_files: dict[str, Any]) -> None:
    new = new_files[places.__name__].made_for(4)
    assert issubclass(new, SchemaSerializer)
    assert_parity(places.made_for(4), new, examples=10)


def test_a_second_run_changes_nothing(new_files: dict[str, Any], in_place: dict[str, str]) -> None:
    for name, module in new_files.items():
        path = Path(str(module.__file__))
        path.write_text(in_place[name])
        try:
            assert {one.diff() for one in changed_files(serializers_of(module))} <= {""}
        finally:
            path.unlink()


def test_the_same_input_gives_the_same_text(module_text: str) -> None:
    assert module_source(serializers_of(legacy), HERE).after == module_text
