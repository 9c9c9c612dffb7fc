"""Names that are imported on first use: which there are, and what is not imported before."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import nova_drf

ROOM = Path(nova_drf.__file__).parent
LAZY = sorted(
    path.relative_to(ROOM.parent).with_suffix("")
    for path in ROOM.rglob("*.py")
    if "__getattr__ = on_first_use(" in path.read_text()
)


def module_of(path: Path) -> str:
    return ".".join(path.parts).removesuffix(".__init__")


def for_checkers(source: str) -> dict[str, str]:
    """Return what is imported for type checkers only: the names, and the modules they are of."""
    return {
        alias.name: statement.module or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }


@pytest.mark.parametrize("path", LAZY, ids=module_of)
def test_type_checkers_see_the_names_that_load(path: Path) -> None:
    module = import_module(module_of(path))
    seen = for_checkers((ROOM.parent / path).with_suffix(".py").read_text())
    ours = {name: home for name, home in seen.items() if not home.endswith(".stubs")}
    assert ours
    assert seen.keys() <= set(module.__all__)
    # Editors and the documentation list what there is by it.
    assert set(module.__all__) <= set(module.__dir__())
    for name, home in ours.items():
        assert getattr(module, name) is getattr(import_module(home), name)


def test_there_are_several_such_packages() -> None:
    assert {"nova_drf", "nova_drf.services", "nova_drf.views"} <= set(map(module_of, LAZY))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'nova_drf\.views' has no attribute 'nothing'"):
        import_module("nova_drf.views").nothing


STARTED = """
import sys, django
from django.conf import settings
settings.configure(INSTALLED_APPS=["rest_framework", "drf_spectacular", "nova_drf"])
django.setup()
print(sum(name.startswith("nova_drf") for name in sys.modules))
from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
from nova_drf import generics, services, views, viewsets
generics.AsyncListAPIView, views.AsyncAPIView, viewsets.AsyncModelViewSet
print(*(name for name in sys.modules if name.startswith("nova_drf")))
"""


def test_a_server_does_not_import_what_it_has_no_use_for() -> None:
    started = subprocess.run(
        [sys.executable, "-c", STARTED], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert int(started[0]) < 40
    modules = set(started[1].split())
    assert "nova_drf.serializers.schema_serializer" in modules
    rooms = ("checks", "forms", "management", "migration", "testing", "outbox", "views.services")
    assert not {m for m in modules if m.startswith(tuple(f"nova_drf.{room}" for room in rooms))}
    assert not modules & {
        *("nova_drf.services.base", "nova_drf.services.tasks", "nova_drf.openapi.documents"),
        *("nova_drf.views.explanation", "nova_drf.views.preparation"),
    }
