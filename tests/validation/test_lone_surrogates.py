"""Half of a surrogate pair: DRF takes it where nothing is said of a value, and cannot answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import BaseModel, JsonValue, create_model
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from nova_drf import Schema, serializer_from_schema

TYPES: dict[str, tuple[Any, Any]] = {
    "Any": (Any, serializers.JSONField),
    "JsonValue": (JsonValue, serializers.JSONField),
    "list": (list, serializers.ListField),
    "list[Any]": (list[Any], serializers.ListField),
    "list[list[Any]]": (
        list[list[Any]],
        lambda: serializers.ListField(child=serializers.ListField()),
    ),
    "tuple": (tuple[Any, ...], serializers.ListField),
    "Sequence": (Sequence[Any], serializers.ListField),
    "dict": (dict, serializers.DictField),
    "dict[str, Any]": (dict[str, Any], serializers.DictField),
    "dict[str, list[Any]]": (
        dict[str, list[Any]],
        lambda: serializers.DictField(child=serializers.ListField()),
    ),
    "dict[str, str]": (
        dict[str, str],
        lambda: serializers.DictField(child=serializers.CharField()),
    ),
    "dict[str, int]": (
        dict[str, int],
        lambda: serializers.DictField(child=serializers.IntegerField()),
    ),
    "str": (str, serializers.CharField),
    "list[str]": (list[str], lambda: serializers.ListField(child=serializers.CharField())),
}
BODIES = [
    '"%s"',
    '["%s"]',
    '[["%s"]]',
    '{"k": "%s"}',
    '{"%s": 1}',
    '{"k": ["%s"]}',
    '[{"%s": "x"}]',
]


def status_of(serializer_class: Any, value: str) -> int:
    """Return with what a view answers that sends back what it was sent; 500 if it cannot."""

    class View(APIView):
        def post(self, request: Any) -> Response:
            serializer = serializer_class(data=request.data)
            serializer.is_valid(raise_exception=True)
            return Response(serializer.data)

    body = f'{{"v": {value}}}'.encode()
    request = APIRequestFactory().generic("POST", "/", body, content_type="application/json")
    response = View.as_view()(request)
    try:
        response.render()
    except UnicodeEncodeError:
        return 500
    return int(response.status_code)


@pytest.mark.parametrize("base", [Schema, BaseModel])
@pytest.mark.parametrize("type_", TYPES)
def test_nobody_gets_a_500(type_: str, base: Any) -> None:
    annotation, field = TYPES[type_]
    classic = type("Classic", (serializers.Serializer,), {"v": field()})
    ours = serializer_from_schema(create_model("Ours", __base__=base, v=(annotation, ...)))
    answers = set()
    for body in BODIES:
        answer, expected = status_of(ours, body % "\\ud800"), status_of(classic, body % "\\ud800")
        answers.add(answer)
        assert answer == 400, body
        # A whole pair is text like any other.
        whole = body % "\\ud83d\\ude00"
        assert expected in (400, 500)
        if base is Schema:
            assert status_of(ours, whole) == status_of(classic, whole), body
    assert answers == {400}


def test_values_that_a_program_gives_need_not_be_json() -> None:
    schema: Any = create_model("Held", __base__=Schema, v=(list[Any], ...), d=(dict[str, Any], ...))
    value = {1, 2}
    held = schema(v=[value, b"x"], d={"k": value})
    assert held.v == [value, b"x"]
    assert held.d == {"k": value}


@pytest.mark.parametrize("base", [Schema, BaseModel])
def test_a_text_is_no_sequence_of_anything(base: Any) -> None:
    ours = serializer_from_schema(create_model("Ours", __base__=base, v=(Sequence[Any], ...)))
    assert status_of(ours, '"text"') == 400
    assert status_of(ours, '["text", 1]') == 200
