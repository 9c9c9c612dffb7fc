"""What is written for a file of serializers, word for word; it is clean, and stays as it is."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_drf.migration.codegen.formatting import polished
from nova_drf.migration.codegen.in_place import changed_file, serializers_of
from nova_drf.migration.codegen.module import module_source
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.testing import assert_parity
from tests.migration import legacy
from tests.migration.codegen.conftest import ROOT, executed

Golden = Callable[[str, str], None]

HERE = ROOT / "tests" / "migration" / "codegen" / "generated.py"
NAMES = [cls.__name__ for cls in serializers_of(legacy) if cls is not legacy.AnyColumnSerializer]


@pytest.fixture(scope="module")
def module_text() -> str:
    return module_source(serializers_of(legacy), HERE).text


@pytest.fixture(scope="module")
def in_place_text() -> str:
    return changed_file(serializers_of(legacy)).after


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


def test_the_file_itself(in_place_text: str, golden: Golden) -> None:
    golden("legacy_in_place.py", in_place_text)
    assert ruff(in_place_text) == ""


def test_the_diff(golden: Golden) -> None:
    golden("legacy.diff", changed_file(serializers_of(legacy)).diff())


def test_without_ruff_the_code_is_as_good(
    module_text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert module_source(serializers_of(legacy), HERE).text == module_text
    assert polished("a  =  1\n", HERE) == "a  =  1\n"


@pytest.fixture(scope="module")
def new_module(module_text: str) -> Iterator[Any]:
    yield executed(module_text, "generated_legacy")
    del sys.modules["generated_legacy"]


@pytest.fixture(scope="module")
def new_file(in_place_text: str) -> Iterator[Any]:
    module = loaded(in_place_text, "generated_in_place")
    yield module
    del sys.modules[module.__name__]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", NAMES)
def test_the_module_answers_the_same(name: str, new_module: Any) -> None:
    new = getattr(new_module, name)
    assert issubclass(new, SchemaSerializer)
    assert_parity(getattr(legacy, name), new, examples=8)


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("name", NAMES)
def test_the_file_answers_the_same(name: str, new_file: Any) -> None:
    assert_parity(getattr(legacy, name), getattr(new_file, name), examples=5)


def test_a_second_run_changes_nothing(in_place_text: str) -> None:
    path = HERE.with_name("generated_twice.py")
    path.write_text(in_place_text)
    try:
        spec = importlib.util.spec_from_file_location(
            "tests.migration.codegen.generated_twice", path
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        assert changed_file(serializers_of(module)).after == in_place_text
    finally:
        path.unlink()
        del sys.modules["tests.migration.codegen.generated_twice"]


def test_the_same_input_gives_the_same_text(module_text: str) -> None:
    assert module_source(serializers_of(legacy), HERE).text == module_text
