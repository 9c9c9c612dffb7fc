"""JSON Schema in the words of OpenAPI 3.0, which lacks some, and of 3.1, which has them all."""

from __future__ import annotations

from typing import Any

import pytest

from nova_drf.openapi.dialect import any_of, for_version, nullable, ready_for_null, without_null
from tests.openapi.documents import Dialect, takes_null

REF = {"$ref": "#/components/schemas/Cat"}
NULL = {"type": "null"}

TRANSLATIONS: list[tuple[Any, Any]] = [
    (True, {}),
    (False, {"not": {}}),
    ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
    ({"exclusiveMaximum": 3}, {"maximum": 3, "exclusiveMaximum": True}),
    ({"exclusiveMinimum": 3, "minimum": 5}, {"minimum": 5, "exclusiveMinimum": False}),
    ({"exclusiveMaximum": 3, "maximum": 5}, {"maximum": 3, "exclusiveMaximum": True}),
    ({"minimum": 3, "exclusiveMinimum": True}, {"minimum": 3, "exclusiveMinimum": True}),
    ({"const": "x"}, {"enum": ["x"]}),
    ({"const": None}, {"enum": [None], "nullable": True}),
    (
        {"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
        {"items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "maxItems": 2},
    ),
    (
        {"prefixItems": [{"type": "integer"}], "items": {"type": "string"}},
        {"items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}},
    ),
    ({"prefixItems": []}, {"items": {}, "maxItems": 0}),
    (
        {"prefixItems": [{"type": "integer"}, {"type": "integer"}], "maxItems": 1},
        {"items": {"type": "integer"}, "maxItems": 1},
    ),
    ({"propertyNames": {"format": "date"}, "type": "object"}, {"type": "object"}),
    (
        {"patternProperties": {"^x": {"const": 1}, "^y": {"type": "string"}}},
        {"additionalProperties": {"anyOf": [{"enum": [1]}, {"type": "string"}]}},
    ),
    ({"additionalProperties": False}, {"additionalProperties": False}),
    ({"additionalProperties": {"const": 1}}, {"additionalProperties": {"enum": [1]}}),
    ({"items": True}, {"items": {}}),
    (
        {"type": "string", "contentMediaType": "application/json", "contentSchema": {"const": 1}},
        {"type": "string"},
    ),
    ({"contentEncoding": "base64"}, {}),
    ({"examples": ["a", "b"]}, {"example": "a"}),
    ({"examples": ["a"], "example": "z"}, {"example": "z"}),
    ({"examples": []}, {}),
    ({"type": ["string"]}, {"type": "string"}),
    ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    (
        {"type": ["string", "null"], "maxLength": 3},
        {"maxLength": 3, "type": "string", "nullable": True},
    ),
    (
        {"type": ["string", "integer", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
    ),
    ({"type": "null"}, {"nullable": True, "enum": [None]}),
    ({"enum": ["a", None]}, {"enum": ["a", None], "nullable": True}),
    (
        {"anyOf": [{"type": "integer"}, NULL], "title": "Count"},
        {"type": "integer", "title": "Count", "nullable": True},
    ),
    ({"anyOf": [REF, NULL]}, {"allOf": [REF], "nullable": True}),
    (
        {"oneOf": [REF, {"type": "string"}, NULL]},
        {"oneOf": [REF, {"type": "string"}], "nullable": True},
    ),
    ({"anyOf": [REF, {"type": "string"}]}, {"anyOf": [REF, {"type": "string"}]}),
    (
        {"properties": {"examples": {"const": 1}, "const": {"type": ["string", "null"]}}},
        {"properties": {"examples": {"enum": [1]}, "const": {"type": "string", "nullable": True}}},
    ),
    # What is data stays as it is.
    (
        {"default": {"const": 1}, "enum": [{"const": 1}]},
        {"default": {"const": 1}, "enum": [{"const": 1}]},
    ),
]


@pytest.mark.parametrize(("schema", "in_words_of_30"), TRANSLATIONS)
def test_translations(dialect: Dialect, schema: Any, in_words_of_30: Any) -> None:
    before = repr(schema)
    assert for_version(schema) == (in_words_of_30 if dialect.is_30 else schema)
    assert repr(schema) == before


@pytest.mark.parametrize(
    ("schema", "in_30", "in_31"),
    [
        ({"type": "string"}, {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        (REF, {"allOf": [REF], "nullable": True}, {"oneOf": [REF, NULL]}),
        ({"oneOf": [REF]}, {"oneOf": [REF], "nullable": True}, {"oneOf": [REF, NULL]}),
        ({"enum": [1]}, {"enum": [1], "nullable": True}, {"oneOf": [{"enum": [1]}, NULL]}),
        ({}, {"nullable": True}, {"oneOf": [{}, NULL]}),
    ],
)
def test_values_that_may_be_null(dialect: Dialect, schema: Any, in_30: Any, in_31: Any) -> None:
    before = repr(schema)
    assert nullable(schema) == (in_30 if dialect.is_30 else in_31)
    assert repr(schema) == before


def test_alternatives_that_may_be_null(dialect: Dialect) -> None:
    schema: Any = {"anyOf": [REF, {"type": "string"}]}
    assert takes_null(nullable(schema))
    assert schema == {"anyOf": [REF, {"type": "string"}]}


def test_what_drf_spectacular_cannot_make_nullable_is_wrapped(dialect: Dialect) -> None:
    schema = {"enum": [1]}
    assert ready_for_null(schema) == (schema if dialect.is_30 else {"oneOf": [schema]})


def test_alternatives_without_null() -> None:
    assert without_null({"anyOf": [REF]}) == {"anyOf": [REF]}
    assert without_null({"anyOf": [REF, NULL]}) == {"allOf": [REF]}
    assert without_null({"anyOf": [{"type": "string"}, NULL]}) == {"type": "string"}
    both = [{"type": "string"}, REF]
    assert without_null({"anyOf": [*both, NULL]}) == {"anyOf": both}


def test_alternatives_are_named_once() -> None:
    assert any_of([]) == {}
    assert any_of([REF, REF]) == REF
    assert any_of([REF, {}, REF]) == {"anyOf": [REF, {}]}
