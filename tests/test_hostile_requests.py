"""Hostile bodies over HTTP: DRF's answer where it gives one, a clear 400 where it would crash."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.test import Client, override_settings
from pydantic import (
    BaseModel,
    EmailStr,
    Field,
    HttpUrl,
    IPvAnyAddress,
    SecretStr,
    create_model,
    field_validator,
)
from rest_framework import parsers, serializers
from rest_framework.mixins import CreateModelMixin
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import GenericViewSet

from nova_drf import NotRequired, Schema, SchemaSerializer, WriteOnly
from nova_drf.mapping.oracle import refused_by
from nova_drf.serializers.schema_serializer import serializer_from_schema
from nova_drf.views.parsers import JSONParser
from tests.strategies import form_of


class ClassicInner(serializers.Serializer[Any]):
    n = serializers.IntegerField()


class ClassicBody(serializers.Serializer[Any]):
    text = serializers.CharField(required=False)
    number = serializers.IntegerField(required=False)
    bounded = serializers.IntegerField(required=False, min_value=0, max_value=100)
    ratio = serializers.FloatField(required=False)
    price = serializers.DecimalField(max_digits=None, decimal_places=2, required=False)
    cost = serializers.DecimalField(max_digits=8, decimal_places=2, required=False)
    amount = serializers.DecimalField(max_digits=None, decimal_places=None, required=False)
    blob = serializers.JSONField(required=False)
    key = serializers.UUIDField(required=False)
    moment = serializers.DateTimeField(required=False)
    day = serializers.DateField(required=False)
    hour = serializers.TimeField(required=False)
    length = serializers.DurationField(required=False)
    flag = serializers.BooleanField(required=False)
    email = serializers.EmailField(required=False)
    link = serializers.URLField(required=False)
    address = serializers.IPAddressField(required=False)
    letter = serializers.ChoiceField(["a", "b"], required=False)
    level = serializers.ChoiceField([1, 2], required=False)
    numbers = serializers.ListField(child=serializers.IntegerField(), required=False)
    moments = serializers.ListField(child=serializers.DateTimeField(), required=False)
    counts = serializers.DictField(child=serializers.IntegerField(), required=False)
    inner = ClassicInner(required=False)
    inners = ClassicInner(many=True, required=False)
    file = serializers.FileField(required=False, write_only=True)


class Inner(Schema):
    n: int


class Body(Schema):
    text: NotRequired[str]
    number: NotRequired[int]
    bounded: NotRequired[Annotated[int, Field(ge=0, le=100)]]
    ratio: NotRequired[float]
    price: NotRequired[Annotated[Decimal, Field(decimal_places=2)]]
    cost: NotRequired[Annotated[Decimal, Field(max_digits=8, decimal_places=2)]]
    amount: NotRequired[Decimal]
    blob: NotRequired[Any]
    key: NotRequired[UUID]
    moment: NotRequired[datetime]
    day: NotRequired[date]
    hour: NotRequired[time]
    length: NotRequired[timedelta]
    flag: NotRequired[bool]
    email: NotRequired[EmailStr]
    link: NotRequired[HttpUrl]
    address: NotRequired[IPvAnyAddress]
    letter: NotRequired[Literal["a", "b"]]
    level: NotRequired[Literal[1, 2]]
    numbers: NotRequired[list[int]]
    moments: NotRequired[list[datetime]]
    counts: NotRequired[dict[str, int]]
    inner: NotRequired[Inner]
    inners: NotRequired[list[Inner]]
    file: NotRequired[WriteOnly[UploadedFile]]


class BodySerializer(SchemaSerializer[Body]):
    pass


# Before 3.18.1 DRF took infinity for a float, and could not print it.
TAKES_INFINITY = refused_by(serializers.FloatField(), "inf") is None
FIELDS = [name for name in Body.model_fields if name != "ratio" or not TAKES_INFINITY]
PlainBody = create_model(  # A value of each of the same types, with Pydantic's semantics.
    "PlainBody",
    __config__={"arbitrary_types_allowed": True},
    **{name: (one.annotation | None, None) for name, one in Body.model_fields.items()},
)


class Echo(CreateModelMixin, GenericViewSet[Any]):
    """Answers a creation with what was understood."""

    authentication_classes = ()
    queryset: Any = ()
    parser_classes = (JSONParser, parsers.FormParser, parsers.MultiPartParser)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = serializer.validated_data


def echo(made_with: type[Any], **attributes: Any) -> Any:
    """Return a viewset of a serializer class."""
    return type("EchoOf", (Echo,), {"serializer_class": made_with, **attributes})


router = DefaultRouter()
router.register("classic", echo(ClassicBody, parser_classes=Echo.parser_classes), "classic")
router.register("ours", echo(BodySerializer), "ours")
router.register("plain", echo(serializer_from_schema(PlainBody)), "plain")
urlpatterns = router.urls

pytestmark = pytest.mark.urls(__name__)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


def posted(to: str, content_type: str, body: bytes) -> tuple[int, bytes]:
    """Return the status and the body of an answer."""
    client = Client(raise_request_exception=False)
    answer = client.generic("POST", f"/{to}/", body, content_type=content_type)
    return answer.status_code, answer.content


def agree(content_type: str, body: bytes) -> bool:
    """Check that ours answers as the classic one, or better; return whether that one crashed."""
    expected = posted("classic", content_type, body)
    actual = posted("ours", content_type, body)
    if expected[0] == 500:
        assert actual[0] == 400, (body[:80], actual)
        assert isinstance(json.loads(actual[1]), dict)
    else:
        assert actual == expected, body[:80]
    plain = posted("plain", content_type, body)
    assert plain[0] != 500, body[:80]
    for _status, answer in (actual, plain):
        for leak in (b"Traceback", b"pydantic", b"nova_drf", b"<class", b" object at 0x", b"Body"):
            assert leak not in answer
    return expected[0] == 500


NUMBERS = [
    *("true", "0", "-0", "-0.0", "1.5", "1e5", "1e400", "-1e400", "9" * 4000, "-" + "9" * 400),
    *("1e20", "99999999999999999999", "16909060", "9" * 5000, "1" + "0" * 400 + ".5"),
]
TEXTS = [
    *(
        "",
        " ",
        "a\u0000b",
        "\ud800",
        "\udc00\ud800",
        "\U0001f600",
        "\u2028",
        "\u00e9",
        "x" * 70_000,
    ),
    *("1e400", "1e1000000", "-1e1000000", "1e-1000000", "9" * 999, "9" * 5000, "\u0663", "1_0"),
    *("0x10", "NaN", "sNaN", "-inf", "Infinity", "1.", "1.0", "1.00000", "99999999999999999999"),
    *("0000-01-01", "0000-01-01T00:00:00Z", "0001-01-01", "0001-01-01T00:00:00"),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    *("9999-12-31T23:59:59", "10000-01-01", "2024-02-30", "2024-01-02T03:04:05+99:99"),
    *("2024-01-02T03:04:05+24:00", "24:00:00", "23:59:60", "2024-01-02T24:00:00", "2024-W01-1"),
    *("1 00:00:00", "1000000000 00:00:00", "P1000000000000D", "P1Y", "-P1D", "a@b", "a." * 3000),
    *("http://[", "http://[::1", "http://a.io:999999/", "http://" + "a." * 200 + "io"),
    *("::ffff:1.2.3.4", "1.2.3.4.5", "fe80::1%a", "16909060"),
]
STRUCTURES = [
    *("null", "[]", "{}", "[[]]", "[null]", "[{}]", '{"a": null}', '{"n": "x"}', '{"n": 1}'),
    *('[1, "x", 2.5, null, true]', '[{"n": 1}, null, 5, {"n": "x"}]', "[" * 900 + "]" * 900),
    '{"n": ' * 900 + "1" + "}" * 900,
]
RAW = [*NUMBERS, *map(json.dumps, TEXTS), *STRUCTURES]


def named(value: str) -> str:
    """Return a readable name of a value."""
    return value if len(value) < 40 else f"{value[:20]}... ({len(value)})"


@pytest.mark.parametrize("raw", RAW, ids=named)
def test_values_in_json(raw: str) -> None:
    # DRF takes lone surrogates, and infinity in the JSON of a form, for JSON, and cannot print it.
    names = [name for name in FIELDS if name != "blob" or "\\ud" not in raw]
    whole = ", ".join(f'"{name}": {raw}' for name in names)
    if agree(JSON, f"{{{whole}}}".encode()):
        for name in names:
            agree(JSON, f'{{"{name}": {raw}}}'.encode())


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: named(json.dumps(text)))
def test_values_in_forms(text: str) -> None:
    value = quote(text.encode(errors="surrogatepass"))
    names = [name for name in FIELDS if name != "blob" or "1e" not in text]
    for form in (
        [f"{name}={value}" for name in names],
        [f"{name}[0]={value}&{name}.n={value}&{name}[1]n={value}" for name in names],
    ):
        if agree(FORM, "&".join(form).encode()):
            for part in form:
                agree(FORM, part.encode())


def part(name: str, value: bytes = b"abc", *headers: str, filename: str | None = None) -> bytes:
    """Return one part of a multipart body, and its end."""
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    lines = "\r\n".join(["--x", disposition, *headers, "", ""])
    return lines.encode() + value + b"\r\n--x--\r\n"


def forms() -> Iterator[bytes]:
    """Yield forms that count, nest and repeat as no browser would."""
    digits = "9" * 5000
    yield from (f"{name}[999999999]=1".encode() for name in ("numbers", "unknown"))
    yield from (f"{name}[{digits}]=1".encode() for name in ("numbers", "moments", "file"))
    yield f"inners[{digits}]n=1".encode()
    yield "&".join(f"numbers[{at}]=1" for at in range(900)).encode()
    yield "&".join(f"inners[{at}]n=1" for at in range(900)).encode()
    yield "&".join(f"numbers[{at}]=1" for at in range(5000)).encode()
    yield from (b"inners[0][1][2]n=1", b"inner.n.n.n=1", b"inner.n" + b".n" * 5000 + b"=1")
    yield from (b"inners[-1]n=1", "inners[\u0663]n=1&numbers[\u00b2]=1".encode(), b"inner.=1")
    yield from (b"counts.a=1&counts.a=x&counts=5", b"counts.=1", b"inner.n=1&inner.n=x")
    yield from (b"text=%00", b"text=%ff%fe", b"text=%ud800", b"=&=&&&===", b"[0]text=a")
    yield from (b"moments=&numbers=&inners=", b"file=x", b"flag=maybe", b"numbers[0]=&numbers[1]=x")
    yield from (
        b"blob=%7B%22a%22:1",
        b"blob=NaN",
        b"blob=" + b"[" * 100_000,
        b"blob=" + b"9" * 5000,
    )


def uploads() -> Iterator[bytes]:
    """Yield multipart bodies that end early, or put a file where none belongs."""
    yield from (b"", b"--x", b"--x\r\ntruncated", b"--x--", part("text"), part("text")[:-7])
    yield from (part("file", b"", filename="a.txt"), part("file", filename="a.txt")[:-9])
    yield from (part("file", filename=name) for name in ("../../etc/passwd", "a\x00.txt", "", "."))
    yield from (part(name, filename="a.txt") for name in FIELDS)
    yield from (part("inner.n", filename="a.txt"), part("inners[0]n", filename="a.txt"))
    for filename in (None, "a"):
        yield part("text", b"!!!", "Content-Transfer-Encoding: base64", filename=filename)


OTHERS: list[tuple[str, bytes]] = [
    *((JSON, body) for body in (b"", b" ", b"null", b"true", b"1", b'"x"', b"[]", b"[{}]", b"{")),
    *((JSON, body) for body in (b"}", b"{}x", b'{"text":"a",}', b'{"text" "a"}', b"{'text': 1}")),
    (JSON, b'{"text": "a", "text": 5, "text": []}'),
    (JSON, b'{"inner": {"n": 1, "n": "x"}}'),
    (JSON, b'{"ratio": NaN}'),
    (JSON, b'{"unknown": Infinity}'),
    (JSON, b'{"\\ud800": 1, "": 2}'),
    (JSON, b'\xef\xbb\xbf{"text": "a"}'),
    (JSON, b'\xff\xfe{"text": "a"}'),
    (JSON, b'{"text": "\xff"}'),
    (JSON, b'{"text": "a"}\x00'),
    (JSON, gzip.compress(b'{"text": "a"}', mtime=0)),
    (f"{JSON}; charset=utf-16", '{"text": "ü"}'.encode("utf-16")),
    (f"{JSON}; charset=utf-32", '{"text": "ü"}'.encode("utf-32")),
    (f"{JSON}; charset=latin-1", '{"text": "ü"}'.encode("latin-1")),
    (f"{JSON}; charset=ascii", '{"text": "ü"}'.encode()),
    (f"{JSON}; charset=utf-7", b'{"text": "+AGE-"}'),
    (f"{JSON}; charset=utf-8-sig", b'\xef\xbb\xbf{"text": "a"}'),
    *((f"{JSON}; charset={name}", b'{"text": "a"}') for name in ("nonsense", "", "base64")),
    *((kind, b'{"text": "a"}') for kind in ("", "text/plain", "application/JSON", "a/b+json")),
    *((f"{FORM}; charset={name}", b"text=a") for name in ("utf-16", "nonsense")),
    *((FORM, form) for form in forms()),
    *((MULTIPART, body) for body in uploads()),
    *((f"multipart/form-data{rest}", b"x") for rest in ("", "; boundary=", "; boundary=\xff")),
    ("multipart/form-data; boundary=" + "x" * 300, b"x"),
]


@pytest.mark.parametrize(("content_type", "body"), OTHERS, ids=lambda value: named(ascii(value)))
def test_bodies(content_type: str, body: bytes) -> None:
    agree(content_type, body)


@pytest.mark.parametrize("body", [b"[", b'{"a":', b'{"inner": {"n": ['])
def test_a_body_that_is_nested_too_deep_is_no_json(body: bytes) -> None:
    for to in ("classic", "ours", "plain"):
        status, answer = posted(to, JSON, body * 100_000)
        assert status == 400
        assert json.loads(answer) == {"detail": "JSON parse error - the value is nested too deep"}


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=50)
@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
def test_a_body_that_is_too_large_is_not_read(content_type: str) -> None:
    body = (
        part("text", b"a" * 200) if content_type == MULTIPART else b'{"text": "%s"}' % (b"a" * 200)
    )
    assert not agree(content_type, body)


def test_many_rows_in_a_form_with_an_index_that_is_no_number() -> None:
    serializer = BodySerializer(data=form_of({f"[{'9' * 5000}]text": "a"}), many=True)
    assert not serializer.is_valid()
    assert [error.code for error in serializer.errors["non_field_errors"]] == ["invalid"]


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
