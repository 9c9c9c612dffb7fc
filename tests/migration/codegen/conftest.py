"""The generated module for all serializers of ``tests.convertapp``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nova_drf.migration.codegen.changes import Change
from nova_drf.migration.codegen.module import module_source
from tests.convertapp import serializers
from tests.migration.convert.conftest import world  # noqa: F401  (rows for the serializers)

ROOT = Path(__file__).resolve().parents[3]


def executed(text: str, name: str) -> ModuleType:
    """Return a module with the given source code."""
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, name, "exec"), module.__dict__)
    return module


@pytest.fixture(scope="session")
def everything() -> Change:
    """All of them in one module."""
    return module_source([*serializers.ALL, serializers.Anything], ROOT / "generated.py")


@pytest.fixture(scope="session")
def generated(everything: Change) -> Iterator[Any]:
    """That module, imported."""
    yield executed(everything.after, "generated_everything")
    del sys.modules["generated_everything"]
