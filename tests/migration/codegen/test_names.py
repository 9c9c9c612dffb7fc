"""Names: what a file calls things, and where it imports them from."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from pydantic import EmailStr, Field
from rest_framework import serializers

from nova_drf.migration.codegen.formatting import line_length
from nova_drf.migration.codegen.names import CannotWriteError, Import, Names
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
