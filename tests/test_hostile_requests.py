"""Hostile bodies over HTTP: DRF's answer where it gives one, a clear 400 where it would crash."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import path
from pydantic import BaseModel, Field, SecretStr, field_validator
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from nova_drf import NotRequired, Schema, SchemaSerializer, WriteOnly
from nova_drf.serializers import serializer_from_schema


class ClassicInner(serializers.Serializer[Any]):
    n = serializers.IntegerField()


class ClassicBody(serializers.Serializer[Any]):
    text = serializers.CharField(required=False)
    number = serializers.IntegerField(required=False)
    ratio = serializers.FloatField(required=False)
    price = serializers.DecimalField(max_digits=None, decimal_places=2, required=False)
    blob = serializers.JSONField(required=False)
    key = serializers.UUIDField(required=False)
    moment = serializers.DateTimeField(required=False)
    inner = ClassicInner(required=False)
    inners = ClassicInner(many=True, required=False)


class Inner(Schema):
    n: int


class Body(Schema):
    text: NotRequired[str]
    number: NotRequired[int]
    ratio: NotRequired[float]
    price: NotRequired[Annotated[Decimal, Field(decimal_places=2)]]
    blob: NotRequired[Any]
    key: NotRequired[UUID]
    moment: NotRequired[datetime]
    inner: NotRequired[Inner]
    inners: NotRequired[list[Inner]]


class BodySerializer(SchemaSerializer[Body]):
    pass


class Echo(APIView):
    """Validates what is posted and answers with what was understood."""

    serializer_class: Any = None

    def post(self, request: Request) -> Response:
        serializer = self.serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(sorted(serializer.validated_data))


urlpatterns = [
    path("classic/", Echo.as_view(serializer_class=ClassicBody)),
    path("ours/", Echo.as_view(serializer_class=BodySerializer)),
]

pytestmark = pytest.mark.urls(__name__)

JSON = "application/json"

BODIES: list[tuple[str, bytes]] = [
    (JSON, b""),
    (JSON, b"null"),
    (JSON, b"[]"),
    (JSON, b'"text"'),
    (JSON, b"{"),
    (JSON, b'{"text": "a"} trailing'),
    (JSON, b'{"text": "a", "text": 5, "text": []}'),
    (JSON, b'{"ratio": NaN}'),
    (JSON, b'{"other": Infinity}'),
    (JSON, b'{"ratio": 1e999}'),
    (JSON, b'{"ratio": "nan"}'),
    (JSON, b'{"number": ' + b"9" * 4000 + b"}"),
    (JSON, b'{"number": "' + b"9" * 2000 + b'"}'),
    (JSON, b'{"number": 1.5, "price": 1e400}'),
    (JSON, b'{"price": "1e-999999999"}'),
    (JSON, b'{"price": "1e999999"}'),
    (JSON, b'{"text": "\\ud800"}'),
    (JSON, b'{"\\ud800": 1}'),
    (JSON, b'{"text": "a\\u0000b"}'),
    (JSON, b'\xef\xbb\xbf{"text": "a"}'),
    (JSON, b'{"text": "\xff"}'),
    (JSON, b"[" * 500 + b"]" * 500),
    (JSON, b'{"blob": ' + b"[" * 900 + b"]" * 900 + b"}"),
    (JSON, b'{"inner": ' + b'{"n": ' * 50 + b"1" + b"}" * 50 + b"}"),
    (JSON, b'{"inner": [], "inners": {}, "key": {}, "moment": 1700000000, "text": {}}'),
    (JSON, b'{"inner": null, "inners": [null, 1, "x", {}], "key": true, "moment": []}'),
    (JSON, b'{"moment": "0001-01-01T00:00:00+23:59", "key": 5}'),
    (JSON, b'{"moment": "9999-12-31T23:59:59-23:59"}'),
    ("application/json; charset=utf-16", '{"text": "ü"}'.encode("utf-16")),
    ("application/json; charset=latin-1", '{"text": "ü"}'.encode("latin-1")),
    ("application/json; charset=nonsense", b'{"text": "a"}'),
    ("text/plain", b"text"),
    ("application/x-www-form-urlencoded", b"text=%ff%fe&number=&inner.n=x&inners[99999]n=1"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\ntruncated"),
]


@pytest.mark.parametrize(("content_type", "body"), BODIES)
def test_hostile_bodies_get_drfs_answer(content_type: str, body: bytes) -> None:
    client = Client(raise_request_exception=False)
    classic = client.generic("POST", "/classic/", body, content_type=content_type)
    ours = client.generic("POST", "/ours/", body, content_type=content_type)
    if classic.status_code == 500 and ours.status_code != 500:
        assert ours.status_code == 400
        assert isinstance(json.loads(ours.content), dict)
    else:
        assert (ours.status_code, ours.content) == (classic.status_code, classic.content)


class Account(BaseModel):
    name: str
    password: WriteOnly[SecretStr]
    level: int

    @field_validator("password")
    @classmethod
    def strong(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 9:
            raise ValueError("Too short.")
        return value


@pytest.mark.parametrize(
    "body",
    [
        {"name": 5, "password": "hunter2", "level": "hunter2"},
        {"name": "a", "password": {"hunter2": "hunter2"}, "level": []},
        {"name": "a", "password": ["hunter2"], "level": {"a": "hunter2"}},
        "hunter2",
        ["hunter2"],
    ],
)
def test_no_answer_echoes_a_secret_or_names_python(body: Any) -> None:
    serializer = serializer_from_schema(Account)(data=body)
    assert not serializer.is_valid()
    answer = json.dumps(serializer.errors)
    for leak in ("hunter2", "Traceback", "pydantic", "SecretStr", "Account", "errors.pydantic.dev"):
        assert leak not in answer
