"""DRF's own tables of field values, run through a schema.

DRF's source distribution holds its tests; ``FieldValues`` in ``tests/test_fields.py`` tables what
each field takes, refuses and prints. Point ``DRF_SDIST`` to the unpacked source distribution of
the installed version (``tox -e conformance`` does), and each table runs once more with its field
replaced by a serializer of a ``Schema``: by a plain annotation where there is one that means the
same, else by ``UseField``.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import rest_framework
from django.test import SimpleTestCase, override_settings
from pydantic import create_model
from rest_framework.exceptions import ValidationError

from nova_drf import Schema, UseField
from nova_drf.mapping.from_drf import describe
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.testapp.models import Author

SDIST = os.environ.get("DRF_SDIST")

pytestmark = [
    pytest.mark.skipif(
        SDIST is None,
        reason="DRF_SDIST does not name DRF's unpacked source distribution; run tox -e conformance",
    ),
    pytest.mark.filterwarnings("ignore:m(ax|in)_value should be an integer or Decimal"),
    pytest.mark.django_db,
]


class _AnyModel(types.ModuleType):
    """Stands for DRF's ``tests.models``, whose models no installed app of ours has."""

    def __getattr__(self, name: str) -> Any:
        return Author


def drf_tests() -> types.ModuleType | None:
    """Import DRF's ``tests/test_fields.py`` beside our own package of tests."""
    if SDIST is None:
        return None
    path = Path(SDIST, "tests", "test_fields.py")
    version = f"__version__ = '{rest_framework.__version__}'"
    text = Path(SDIST, "rest_framework", "__init__.py").read_text().replace('"', "'")
    assert version in text, f"{SDIST} is not the source of DRF {rest_framework.__version__}"
    spec = importlib.util.spec_from_file_location("drf_test_fields", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    hidden = sys.modules.get("tests.models")
    sys.modules["tests.models"] = _AnyModel("tests.models")
    try:
        with warnings.catch_warnings():
            # Some of the tables are about arguments that DRF warns of.
            warnings.simplefilter("ignore")
            spec.loader.exec_module(module)
    finally:
        if hidden is None:
            del sys.modules["tests.models"]
        else:
            sys.modules["tests.models"] = hidden
    return module


DRF_TESTS = drf_tests()


NEEDS_A_TABLE = "TestListFieldWithDjangoValidationErrors"
"""Its field looks objects up that only the database of DRF's own tests has."""


def _is_skipped(table: type) -> bool:
    """Whether DRF itself skips a table here (for lack of pytz, say)."""
    marks = getattr(table, "pytestmark", [])
    skips = [mark for mark in marks if mark.name == "skipif"]
    return any(mark.args[0] if mark.args else mark.kwargs["condition"] for mark in skips)


def tables() -> list[type]:
    """Return DRF's classes of field values."""
    if DRF_TESTS is None:
        return []
    base = DRF_TESTS.FieldValues
    return [
        value
        for value in vars(DRF_TESTS).values()
        if isinstance(value, type) and issubclass(value, base) and value is not base
        if value.__name__ != NEEDS_A_TABLE
        if not _is_skipped(value)
    ]


def annotation_of(field: Any) -> Any:
    """Return the annotation that says all that a field says, or ``None`` if there is none."""
    described = describe(field)
    if described is None or described.left:
        return None
    annotation = described.annotation
    return annotation | None if field.allow_null else annotation


class Replaced:
    """Stands in the place of a field in DRF's tests and asks a serializer of a schema.

    Args:
        field: DRF's field.
    """

    def __init__(self, field: Any) -> None:
        annotation = annotation_of(field)
        kept: Any = Annotated[Any, UseField(field)]
        described: Any = kept if annotation is None else annotation
        schema = create_model("Tabled", __base__=Schema, v=(described, ...))
        self.field = field
        self.serializer_class = serializer_from_schema(schema)

    def run_validation(self, data: Any) -> Any:
        """Validate as the only value of a request."""
        serializer = self.serializer_class(data={"v": data})
        if not serializer.is_valid():
            raise ValidationError(serializer.errors["v"])
        return serializer.validated_data["v"]

    def to_representation(self, value: Any) -> Any:
        """Print as the only value of a response, where ``None`` never reaches a field."""
        if value is None:
            return self.field.to_representation(value)
        return self.serializer_class({"v": value}).data["v"]


@pytest.fixture(params=tables(), ids=lambda table: table.__name__)
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """One of DRF's tables with its field replaced, under the settings that it wants."""
    cls = request.param
    getattr(cls, "setup_class", _nothing)()
    monkeypatch.setattr(cls, "field", Replaced(cls.field))
    case = cls("test_outputs") if issubclass(cls, SimpleTestCase) else cls()
    with override_settings(**(getattr(cls, "_overridden_settings", None) or {})):
        getattr(case, "setup_method", _nothing)()
        try:
            yield case
        finally:
            getattr(case, "teardown_method", _nothing)()
            getattr(cls, "teardown_class", _nothing)()


def _nothing() -> None:
    """Stand for what a table does not do before or after its tests."""


@pytest.mark.parametrize("method", ["test_valid_inputs", "test_invalid_inputs", "test_outputs"])
def test_a_schema_passes_drfs_own_table(table: Any, method: str) -> None:
    getattr(table, method)()


def test_half_of_the_tables_are_run_by_plain_annotations() -> None:
    for cls in tables():
        getattr(cls, "setup_class", _nothing)()
    fields = [cls.field for cls in tables()]
    assert sum(annotation_of(field) is not None for field in fields) * 2 > len(fields)
