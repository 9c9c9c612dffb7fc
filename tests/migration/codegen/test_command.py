"""``manage.py nova_convert``: what it prints, writes and refuses."""

from __future__ import annotations

import ast
import importlib
import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from nova_drf.migration.codegen import discovery
from nova_drf.migration.codegen.sources import forget_sources
from nova_drf.migration.codegen.views import module_name
from nova_drf.serializers.schema_serializer import SchemaSerializer
from tests.migration import legacy
from tests.migration.codegen.conftest import ROOT

LEGACY = "tests.migration.legacy"
PART = f"{LEGACY}.PartSerializer"

VIEWS = '''"""Views of a shop."""

from __future__ import annotations

from rest_framework import generics
from rest_framework.decorators import action
from rest_framework.viewsets import ViewSet

from shop.serializers import CategorySerializer, PartSerializer, ThingSerializer


class PartList(generics.ListAPIView):
    """Parts."""

    serializer_class = PartSerializer


class Things(ViewSet):
    """Things."""

    @action(detail=False, serializer_class=ThingSerializer)
    def some(self, request):
        return CategorySerializer
'''


def run(*arguments: str) -> tuple[str, str]:
    """Return what the command prints, and what it reports."""
    printed, reported = io.StringIO(), io.StringIO()
    call_command("nova_convert", *arguments, stdout=printed, stderr=reported)
    return printed.getvalue(), reported.getvalue()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with serializers, and views that use them."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(ROOT / "tests" / "migration" / "legacy.py", folder / "serializers.py")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (folder / "views.py").write_text(VIEWS)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("shop.views")
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]
    forget_sources()


def again(name: str) -> Any:
    """Import a module anew."""
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def test_it_prints_a_module() -> None:
    printed, reported = run(PART)
    assert "class PartSchema(Schema):" in printed
    assert "class CategorySchema" not in printed
    assert "PartSerializer  written" in reported
    assert "1 serializers: 1 written" in reported


def test_what_one_needs_is_written_before_it() -> None:
    printed, _reported = run(f"{LEGACY}.LoudThingSerializer")
    order = [printed.index(f"class {name}Schema(") for name in ("Part", "Thing", "LoudThing")]
    assert order == sorted(order)
    assert printed.count("class PartSchema(") == 1


def test_what_goes_on_running_is_reported() -> None:
    _printed, reported = run(f"{LEGACY}.PickySerializer")
    assert "backed" in reported
    assert "tests/migration/legacy.py:181" in reported
    assert "_readable_fields" in reported


def test_it_writes_a_module(tmp_path: Path) -> None:
    output = tmp_path / "deep" / "schemas.py"
    printed, _reported = run(LEGACY, "--output", str(output))
    assert printed == ""
    first = output.read_text()
    run(LEGACY, "--output", str(output))
    assert output.read_text() == first


def test_it_shows_what_it_would_change(shop: Path) -> None:
    before = (shop / "serializers.py").read_text()
    printed, _reported = run("shop.serializers", "--diff")
    assert printed.startswith("--- a/")
    assert "+class PartSchema(Schema):" in printed
    assert (shop / "serializers.py").read_text() == before


def test_it_changes_the_file_once(shop: Path) -> None:
    run("shop.serializers", "--in-place")
    changed = (shop / "serializers.py").read_text()
    module = again("shop.serializers")
    forget_sources()
    assert issubclass(module.ThingSerializer, SchemaSerializer)
    assert run("shop.serializers", "--diff")[0] == ""
    run("shop.serializers", "--in-place")
    assert (shop / "serializers.py").read_text() == changed


def test_one_class_takes_along_what_it_needs_and_what_needs_it(shop: Path) -> None:
    run("shop.serializers.PartSerializer", "--in-place")
    text = (shop / "serializers.py").read_text()
    assert "class PartSerializer(SchemaSerializer[PartSchema]):" in text
    assert "class ThingSerializer(serializers.Serializer[Any]):" in text
    module = again("shop.serializers")
    forget_sources()
    run("shop.serializers.BareThingSerializer", "--in-place")
    text = (shop / "serializers.py").read_text()
    assert "class LoudThingSerializer(ThingSerializer):" in text
    assert "class LoudThingSchema(Schema):" in text
    assert module.ThingSerializer.__name__ == "ThingSerializer"


def test_views_take_the_new_ones(shop: Path) -> None:
    output = shop / "schemas.py"
    _printed, reported = run("shop.serializers", "--output", str(output), "--view")
    assert "takes its serializers from shop.schemas" in reported
    text = (shop / "views.py").read_text()
    line = "from shop.schemas import CategorySerializer, PartSerializer, ThingSerializer\n"
    assert text == VIEWS.replace(line.replace("schemas", "serializers"), line)
    assert issubclass(again("shop.views").PartList.serializer_class, SchemaSerializer)


@pytest.mark.parametrize(
    ("imported", "called"),
    [
        ("from shop import serializers", "serializers"),
        ("from . import serializers as all_of_them", "all_of_them"),
        ("import shop.serializers", "shop.serializers"),
    ],
)
def test_views_that_name_the_module_take_the_new_one(
    shop: Path, imported: str, called: str
) -> None:
    line = VIEWS[VIEWS.index("from shop.") :].partition("\n")[0]
    text = VIEWS.replace(line, imported)
    for name in ("CategorySerializer", "PartSerializer", "ThingSerializer"):
        text = text.replace(name, f"{called}.{name}")
    (shop / "views.py").write_text(text)
    again("shop.views")
    _printed, reported = run("shop.serializers", "--output", str(shop / "schemas.py"), "--view")
    assert "takes its serializers from shop.schemas" in reported
    new = text.replace(imported, "from shop import schemas")
    assert (shop / "views.py").read_text() == new.replace(f"{called}.", "schemas.")
    assert issubclass(again("shop.views").PartList.serializer_class, SchemaSerializer)


def test_a_package_is_called_as_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository with an app, beside a project of the repository's name."""
    root = tmp_path / "given_project"
    for folder in (root / "given_project", root / "given_app"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(root), *sys.path])
    importlib.invalidate_caches()
    assert module_name(root / "given_app" / "a.py") == "given_app.a"
    assert module_name(tmp_path / "given_other" / "a.py") == "given_other.a"
    del sys.modules["given_project"]


def test_every_serializer_of_the_project(tmp_path: Path) -> None:
    run("--all", "--output", str(tmp_path / "all"))
    files = {file.stem: file.read_text() for file in (tmp_path / "all").iterdir()}
    assert {"catalogue", "convertapp"} <= files.keys()
    assert "class ClassicBookSchema(Schema):" in files["catalogue"]
    for name, text in files.items():
        exec(compile(text, name, "exec"), {"__name__": f"generated_all_{name}"})


@pytest.mark.parametrize(
    "path",
    [
        "tests.migration.convert.test_conversion.Twice",
        "tests.serializers.backed.test_plans.ChosenFields",
    ],
)
def test_a_class_whose_validators_cannot_be_made_goes_on_as_it_is(path: str) -> None:
    """DRF itself cannot use the first; the second needs what its ``__init__`` prepares."""
    printed, _reported = run(path)
    assert "# Backed: DRF cannot make its validators" in printed
    assert "schema_from_serializer(" in printed


def test_an_app_by_its_label() -> None:
    printed, _reported = run("catalogue")
    assert "class ClassicReviewSchema(Schema):" in printed


def test_a_module_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    there = discovery._modules_of
    monkeypatch.setattr(
        discovery, "_modules_of", lambda config: ["tests.serializers.nowhere", *there(config)]
    )
    printed, reported = run("catalogue")
    assert "class ClassicReviewSchema(Schema):" in printed
    assert "tests.serializers.nowhere is left out: ModuleNotFoundError" in reported


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "No serializer is named. Name one or more, or pass --all."),
        ((PART, "--all"), "No serializer is named. Name one or more, or pass --all."),
        (("nowhere.at.All",), "nowhere.at.All was not found"),
        ((f"{LEGACY}.Missing",), "was not found"),
        ((f"{LEGACY}.Colour",), "is no serializer class"),
        (("tests.migration.codegen.conftest",), "defines no serializers"),
        ((PART, "--view"), "Write --output FILE"),
    ],
)
def test_what_it_refuses(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said.replace(".", r"\.")):
        run(*arguments)


def test_views_need_an_importable_module(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be imported"):
        run(PART, "--output", str(tmp_path / "no-name.py"), "--view")


def test_views_need_the_urls(shop: Path, settings: Any) -> None:
    settings.ROOT_URLCONF = "shop.nowhere"
    with pytest.raises(CommandError, match=r"shop\.nowhere cannot be imported"):
        run("shop.serializers", "--output", str(shop / "schemas.py"), "--view")


def test_without_libcst_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libcst", None)
    with pytest.raises(CommandError, match=r"nova_drf\[convert\]"):
        run(PART)


def test_without_ruff_the_layout_is_our_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_ruff, reported = run(PART)
    assert "Ruff" not in reported
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    printed, reported = run(PART)
    assert ast.dump(ast.parse(printed)).count("ClassDef") == with_ruff.count("class ")
    assert "\n\n\nclass PartSerializer(SchemaSerializer[PartSchema]):" in printed
    assert "Ruff is not installed" in reported
    assert "nova_drf[convert]" in reported


def test_the_projects_rules_of_ruff_are_kept(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text(
        'line-length = 72\n[lint]\nselect = ["I", "Q", "TC", "UP"]\n'
        '[lint.flake8-quotes]\ninline-quotes = "single"\n'
        "[lint.isort]\nforce-single-line = true\n"
        '[format]\nquote-style = "single"\n'
    )
    path = tmp_path / "written.py"
    run(PART, "--output", str(path))
    text = path.read_text()
    assert "\nfrom nova_drf import Schema\nfrom nova_drf import SchemaSerializer\n" in text
    assert "Literal['a', 'b']" in text
    assert "TYPE_CHECKING" not in text
    assert max(map(len, text.splitlines())) <= 72


def test_files_that_are_not_there() -> None:
    made = type("Made", (legacy.PartSerializer,), {"__module__": "made_nowhere"})
    module = type(sys)("made_nowhere")
    module.Made = made
    sys.modules["made_nowhere"] = module
    try:
        _printed, reported = run("made_nowhere.Made", "--in-place")
        assert "the source code of made_nowhere is not there" in reported
    finally:
        del sys.modules["made_nowhere"]
