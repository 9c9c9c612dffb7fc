"""Bodies of ten fields, one of them nested, from bytes to validated data: DRF, ours, Pydantic.

Equal results are asserted before anything is timed. What is timed is the processor, in rounds in
which all sides take turns; the median of the rounds counts.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel
from rest_framework.parsers import JSONParser

from nova_drf import Schema
from nova_drf.parsers import SchemaJSONParser
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.benchmarks.test_peers import order_model
from tests.benchmarks.test_requests import times
from tests.benchmarks.test_serializers import ORDER, ClassicOrder

pytestmark = pytest.mark.bench

TEN = {name: value for name, value in ORDER.items() if name != "created"}
"""Ten fields. Of a date-time, a third of the time would be Django's to say which zone is active."""


class ClassicTen(ClassicOrder):
    created = None


def model_of(base: Any) -> Any:
    """Return the contract of ten fields on any base."""
    fields = {
        name: info for name, info in order_model(base).model_fields.items() if name != "created"
    }
    annotations = {name: info.annotation for name, info in fields.items()}
    body = {"__annotations__": annotations, "__module__": __name__, **fields}
    return type("Ten", (base,), body)


OURS, BARE = serializer_from_schema(model_of(Schema)), model_of(BaseModel)
VALID = json.dumps(TEN).encode()
WRONG = json.dumps({name: [] for name in TEN}).encode()
LISTS = (json.dumps([TEN] * 20).encode(), json.dumps([{name: [] for name in TEN}] * 20).encode())


def classic(content: bytes, **arguments: Any) -> Any:
    serializer = ClassicTen(data=JSONParser().parse(io.BytesIO(content)), **arguments)
    serializer.is_valid()
    return serializer


def ours(content: bytes, **arguments: Any) -> Any:
    body = SchemaJSONParser().unparsed(io.BytesIO(content))
    serializer = OURS(data=body, **arguments)
    serializer.is_valid()
    return serializer


def compare(
    capsys: pytest.CaptureFixture[str], title: str, sides: dict[str, Callable[[], Any]]
) -> dict[str, float]:
    measured = times(sides, 30)
    with capsys.disabled():
        print(f"\n{title}")
        for name, seconds in measured.items():
            print(f"  {name:10}{seconds * 1e6:9.1f} µs {measured['DRF'] / seconds:6.2f} times")
    return {name: measured["DRF"] / seconds for name, seconds in measured.items()}


def test_a_valid_body(capsys: pytest.CaptureFixture[str]) -> None:
    assert ours(VALID).validated_data == classic(VALID).validated_data
    sides = {
        "DRF": lambda: classic(VALID).validated_data,
        "ours": lambda: ours(VALID).validated_data,
        "Pydantic": lambda: BARE.model_validate_json(VALID),
    }
    ratios = compare(capsys, "ten fields", sides)
    assert ratios["ours"] >= 15
    assert ratios["Pydantic"] / ratios["ours"] <= 3.2


def test_a_body_with_every_field_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert ours(WRONG).errors == classic(WRONG).errors
    sides = {"DRF": lambda: classic(WRONG).errors, "ours": lambda: ours(WRONG).errors}
    assert compare(capsys, "every field wrong", sides)["ours"] >= 0.9


@pytest.mark.parametrize("content", LISTS, ids=["valid", "wrong"])
def test_twenty_of_them(content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    assert ours(content, many=True).errors == classic(content, many=True).errors
    sides = {
        "DRF": lambda: classic(content, many=True).errors,
        "ours": lambda: ours(content, many=True).errors,
    }
    assert compare(capsys, "twenty", sides)["ours"] >= 0.9
