"""Names and imports: what a file calls things, and in which order it imports them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import EmailStr, Field
from rest_framework import serializers

from nova_drf.migration.codegen.formatting import line_length, source_roots
from nova_drf.migration.codegen.layout import fitted
from nova_drf.migration.codegen.names import CannotWriteError, Import, Names, import_lines, section
from tests.convertapp.models import Country


def test_a_name_that_is_taken_gets_a_prefix() -> None:
    names = Names({"Field": serializers.Field})
    assert names.use("pydantic", "Field") == "PydanticField"
    assert names.use("rest_framework.serializers", "Field") == "Field"
    assert names.imports == {"PydanticField": Import("pydantic", "Field")}
    assert names.namespace()["PydanticField"] is Field


def test_names_go_on_as_long_as_they_must() -> None:
    names = Names({"Field": 1, "PydanticField": 2, "choice": 1})
    assert names.use("pydantic", "Field") == "PydanticField_"
    assert names.use("random", "choice") == "random_choice"
    assert names.reserve("choice") == "choice_"


def test_modules() -> None:
    names = Names()
    assert names.use("xml.dom", None) == "xml.dom"
    assert names.use("datetime", None, "dt") == "dt"
    assert names.namespace()["dt"] is datetime
    assert import_lines(names.imports, 88) == ["import datetime as dt", "import xml.dom"]
    assert names.namespace()["xml"].dom


def test_objects_are_named_where_they_are_documented() -> None:
    names = Names()
    assert names.use_object(EmailStr) == "EmailStr"
    assert names.imports["EmailStr"] == Import("pydantic", "EmailStr")
    assert names.use_object(Country.Size) == "Country.Size"
    assert names.use_object(int) == "int"


def test_what_is_there_needs_no_import() -> None:
    names = Names({"Country": Country}, Country.__module__)
    assert names.use_object(Country.Size) == "Country.Size"
    assert names.imports == {}


def test_what_has_no_name_cannot_be_written() -> None:
    def local() -> None: ...

    with pytest.raises(CannotWriteError, match="has no name"):
        Names().use_object(local)
    hidden = type("Country", (), {"__module__": Country.__module__})
    with pytest.raises(CannotWriteError, match="is not what"):
        Names().use_object(hidden)


def test_imports_are_sorted() -> None:
    imports = {
        "Decimal": Import("decimal", "Decimal"),
        "annotations": Import("__future__", "annotations"),
        "serializers": Import("rest_framework", "serializers"),
        "Ours": Import("tests.convertapp.models", "Country"),
        "City": Import("tests.convertapp.models", "City"),
        "LIMIT": Import("tests.migration.legacy", "LIMIT"),
        "is_known": Import("tests.migration.legacy", "is_known"),
        "Colour": Import("tests.migration.legacy", "Colour"),
    }
    assert import_lines(imports, 60) == [
        "from __future__ import annotations",
        "",
        "from decimal import Decimal",
        "",
        "from rest_framework import serializers",
        "",
        "from tests.convertapp.models import City",
        "from tests.convertapp.models import Country as Ours",
        "from tests.migration.legacy import LIMIT, Colour, is_known",
    ]
    assert import_lines({name: imports[name] for name in ("LIMIT", "is_known", "Colour")}, 40) == [
        "from tests.migration.legacy import (",
        "    LIMIT,",
        "    Colour,",
        "    is_known,",
        ")",
    ]


def test_the_project_decides_what_is_its_own(tmp_path: Path) -> None:
    here = source_roots(Path(__file__))
    assert section("tests", here) == 3
    assert section("tests", source_roots(tmp_path / "a.py")) == 2
    assert section("tests") == 3
    assert section("pydantic") == section("pydantic", here) == 2
    assert section("decimal", here) == 1
    assert Decimal.__module__ == "decimal"


def test_the_length_of_a_line_is_the_projects(tmp_path: Path) -> None:
    file = tmp_path / "app" / "new.py"
    assert line_length(Path(__file__)) == 100
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nline-length = 77\n")
    assert line_length(file) == 77
    file.parent.mkdir()
    (file.parent / "ruff.toml").write_text("target-version = 'py311'\n")
    assert line_length(file) == 77
    (file.parent / ".ruff.toml").write_text("line-length = 66\n")
    assert line_length(file) == 66


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A[b]", "name: A[b]"),
        ("Annotated[Literal['],'], Field(a=1)]", None),
        ("a_name_without_any_brackets_that_is_too_long", None),
    ],
)
def test_what_fits_stays(text: str, expected: str | None) -> None:
    assert fitted(text, 44 if expected is None else 88, prefix="name: ") in (
        expected,
        f"name: {text}",
    )


def test_long_lines_are_broken_from_the_outside() -> None:
    text = 'Annotated[Literal["a, b", "]"], Field(max_length=3, title="A title")]'
    assert fitted(text, 66, "    ", "name: ", " = 1").split("\n") == [
        "    name: Annotated[",
        '        Literal["a, b", "]"], Field(max_length=3, title="A title")',
        "    ] = 1",
    ]
    assert fitted(text, 40, "", "name: ").split("\n") == [
        "name: Annotated[",
        '    Literal["a, b", "]"],',
        "    Field(",
        '        max_length=3, title="A title"',
        "    ),",
        "]",
    ]
