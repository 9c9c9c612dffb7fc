"""The generated module for all serializers of ``tests.convertapp``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nova_drf.migration.codegen.module import module_source
from nova_drf.migration.codegen.outcomes import Change
from nova_drf.migration.codegen.verification import DESCRIPTIONS, described_otherwise
from nova_drf.openapi.contracts import contract_of
from tests.convertapp import serializers
from tests.migration.convert.conftest import world  # noqa: F401  (rows for the serializers)

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).with_name("generated.py")
"""Where generated code would be; it has the settings of this project."""


def executed(text: str, name: str) -> ModuleType:
    """Return a module with the given source code."""
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, name, "exec"), module.__dict__)
    return module


def differences(old: Any, new: Any) -> list[str]:
    """Return in what forms, metadata and OpenAPI components of two classes differ.

    That a list of nested objects has limits, drf-spectacular knows of schemas only; "items" then
    has another place.
    """
    found = described_otherwise(old, new, {**DESCRIPTIONS, "OpenAPI": contract_of})
    known = ("minItems", "maxItems", "['type', 'items']")
    return [one for one in found if not any(text in one for text in known)]


@pytest.fixture(scope="session")
def everything() -> Change:
    """All of them in one module."""
    return module_source([*serializers.ALL, serializers.Anything], ROOT / "generated.py")


@pytest.fixture(scope="session")
def generated(everything: Change) -> Iterator[Any]:
    """That module, imported."""
    yield executed(everything.after, "generated_everything")
    del sys.modules["generated_everything"]
