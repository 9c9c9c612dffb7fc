"""Instances of schemas and models in a response."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field
from rest_framework.renderers import JSONRenderer as ClassicRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from nova_drf import Schema, WriteOnly, serializer_from_schema
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.renderers import JSONRenderer


class Money(Schema):
    amount: Annotated[Decimal, Field(max_digits=5, decimal_places=2)]
    at: datetime
    pin: WriteOnly[str] = ""


class PlainMoney(BaseModel):
    amount: Decimal
    at: datetime


VALUES = {"amount": Decimal("1.5"), "at": datetime(2024, 1, 2, tzinfo=UTC)}


@pytest.mark.parametrize("base", [APIView, AsyncAPIView])
@pytest.mark.parametrize("schema", [Money, PlainMoney])
def test_a_view_may_return_instances(base: Any, schema: type[BaseModel]) -> None:
    made = schema(**VALUES)

    class View(base):
        renderer_classes = [JSONRenderer]

        def get(self, request: Any) -> Response:
            return Response({"one": made, "all": [made], "none": None})

    view: Callable[..., Any] = View.as_view()
    printed = serializer_from_schema(schema)(made).data
    body = json.loads(view(APIRequestFactory().get("/")).render().content)
    assert body == {"one": printed, "all": [printed], "none": None}


@pytest.mark.parametrize("data", [None, {}, [], {"a": Decimal("1.50"), "b": {1, 2}}, "é"])
def test_all_else_is_printed_as_by_drf(data: Any) -> None:
    assert JSONRenderer().render(data) == ClassicRenderer().render(data)
