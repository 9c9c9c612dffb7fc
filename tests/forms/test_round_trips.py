"""A form that is shown and sent untouched changes nothing, whatever its fields hold."""

from __future__ import annotations

import re
import uuid
from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db.models import TextChoices
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AliasPath,
    AnyUrl,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    Json,
    RootModel,
    SecretBytes,
    SecretStr,
    create_model,
)
from rest_framework import serializers
from typing_extensions import TypedDict

from nova_drf import NotRequired, Schema, UseField
from nova_drf.forms import SchemaForm
from tests.forms.browser import Browser
from tests.testapp.models import Author

BASES = [Schema, BaseModel]


class Shade(Enum):
    RED = "red"
    BLUE = "blue"


class Rank(IntEnum):
    LOW = 1
    HIGH = 10


class State(TextChoices):
    NEW = "new", "New"
    OLD = "old", "Old"


class Inner(Schema):
    name: str
    at: datetime | None = None
    gift: bool = False


class Card(Schema):
    kind: Literal["card"]
    number: str


class Iban(Schema):
    kind: Literal["iban"]
    iban: str


class Point(TypedDict):
    x: int
    y: int


@dataclass
class Size:
    width: int
    height: int


class Named(NamedTuple):
    first: int
    second: str


PARIS = ZoneInfo("Europe/Paris")
INNER = Inner(name='a"<b>\n&', at=datetime(2024, 7, 1, 10, 0, 0, 1, tzinfo=UTC), gift=True)

VALUES: list[tuple[Any, list[Any]]] = [
    (str, ["a", "q\"<&>'", "é\u2028é", "two\nlines", "{}", "[1]", "null", "5", "true"]),
    (str | None, ["a", None, "null"]),
    (Annotated[str, Field(min_length=0)], ["", "a"]),
    (int, [0, -5, 10**30]),
    (int | None, [7, None]),
    (float, [0.1, 1e22, -1e-07, 3.0]),
    (Decimal, [Decimal("1.50"), Decimal("-0.001")]),
    (Annotated[Decimal, Field(max_digits=6, decimal_places=2)], [Decimal("1.50")]),
    (bool, [True, False]),
    (bool | None, [True, False, None]),
    (date, [date(2024, 2, 29), date(1, 1, 1)]),
    (date | None, [None, date(2024, 1, 2)]),
    (time, [time(10), time(10, 11, 12), time(10, 11, 12, 500_000), time(10, 11, 12, 1)]),
    (
        datetime,
        [
            datetime(2024, 7, 1, 10, tzinfo=UTC),
            datetime(2024, 7, 1, 10, 0, 0, 1, tzinfo=UTC),
            datetime(2024, 1, 1, 10, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=5))),
            datetime(2024, 10, 27, 2, 30, tzinfo=PARIS),
            datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=PARIS),
        ],
    ),
    (datetime | None, [None, datetime(2024, 7, 1, 10, tzinfo=UTC)]),
    (timedelta, [timedelta(1, 2, 3), timedelta(-1, 1), timedelta(0), timedelta(hours=5)]),
    (uuid.UUID, [uuid.UUID(int=7)]),
    (EmailStr, ["a@b.co"]),
    (IPv4Address, [IPv4Address("1.2.3.4")]),
    (IPv4Address | IPv6Address, [IPv6Address("::1")]),
    (Shade, list(Shade)),
    (Shade | None, [Shade.BLUE, None]),
    (Rank, list(Rank)),
    (State, list(State)),
    (Literal["a", "b"], ["a", "b"]),
    (Literal["a", 1, True], ["a", 1]),
    (Literal["a", "b"] | None, ["b", None]),
    (list[int], [[3, 4], [], [5]]),
    (list[str], [["a", "b,c", '"'], ["[1]"]]),
    (list[str] | None, [None, [], ["a"]]),
    (list[Shade], [[Shade.RED, Shade.BLUE], []]),
    (list[Decimal], [[Decimal("1.5")]]),
    (list[datetime], [[datetime(2024, 7, 1, 10, 0, 0, 1, tzinfo=UTC)]]),
    (list[list[int]], [[[1], [2, 3]], [[]]]),
    (list[Inner], [[INNER, Inner(name="b")], []]),
    (set[int], [{1, 2}, set()]),
    (frozenset[str], [frozenset("ab")]),
    (deque[int], [deque([1, 2])]),
    (tuple[int, str], [(1, "b")]),
    (tuple[int, ...], [(1, 2), ()]),
    (tuple[int, str] | None, [None, (1, "b")]),
    (dict[str, int], [{"a": 1, "b.c": 2}, {}]),
    (dict[str, list[int]], [{"a": [1, 2]}, {"a": []}]),
    (dict[str, Inner], [{"a": INNER}]),
    (dict[int, str], [{1: "a"}]),
    (dict[str, Any], [{"a": [1, None, {"b": "c"}]}]),
    (Inner, [INNER]),
    (Inner | None, [None, INNER]),
    (Annotated[Card | Iban, Field(discriminator="kind")], [Iban(kind="iban", iban="q")]),
    (
        list[Annotated[Card | Iban, Field(discriminator="kind")]],
        [[Iban(kind="iban", iban="q"), Card(kind="card", number="1")], []],
    ),
    (int | str, [5, "5", "a", "null"]),
    (int | str | None, [None, 5, "x"]),
    (int | list[int], [5, [5]]),
    (Inner | int, [INNER, 5]),
    (Point, [{"x": 1, "y": 2}]),
    (Size, [Size(1, 2)]),
    (Named, [Named(1, "b")]),
    (RootModel[list[int]], [RootModel[list[int]]([1, 2])]),
    (bytes, [b"abc"]),
    (Path, [Path("a/b")]),
    (time | None, [time(1, 2), None]),
    (date | datetime, [date(2024, 1, 2), datetime(2024, 7, 1, 10, tzinfo=UTC)]),
    (date | int, [date(2024, 1, 2), 5]),
    (Decimal | None, [Decimal("0.10"), None]),
    (timedelta | None, [timedelta(-2, 5), None]),
    (set[Shade], [{Shade.RED}, set()]),
    (set[tuple[int, int]], [{(1, 2)}]),
    (dict[str, datetime], [{"a": datetime(2024, 7, 1, 10, 0, 0, 1, tzinfo=UTC)}]),
    (dict[str, Decimal | None], [{"a": Decimal("1.5"), "b": None}]),
    (list[tuple[int, Shade]], [[(1, Shade.RED)]]),
    (list[Inner | None], [[INNER, None]]),
    (tuple[Inner, ...], [(INNER,)]),
    (list[bool], [[True, False]]),
    (list[float], [[0.1, 1e22]]),
    (HttpUrl, [HttpUrl("http://a.io/b?c=d&e=f")]),
    (AnyUrl, [AnyUrl("ftp://a.io/b")]),
    (IPv4Network, [IPv4Network("10.0.0.0/8")]),
    (re.Pattern[str], [re.compile("a+")]),
    (uuid.UUID | None, [uuid.UUID(int=7), None]),
    (Shade | int, [Shade.RED, 7]),
    (Annotated[str, Field(pattern="^a")], ["abc"]),
    (Json[list[int]], [[1, 2]]),
    (Any, [5, "5", "a", [1], {"a": "b"}, True]),
]


def sent_by_browser(form: SchemaForm[Any]) -> Any:
    return Browser(str(form)).sent


def form_of(schema: Any) -> Any:
    class TheForm(SchemaForm[schema]):
        pass

    return TheForm


def moment(value: Any) -> Any:
    aware = isinstance(value, datetime) and value.tzinfo is not None
    return value.astimezone(UTC) if aware else value


def assert_unchanged(schema: Any, **initial: Any) -> None:
    form_class = form_of(schema)
    sent = sent_by_browser(form_class(initial=initial))
    form = form_class(sent, initial=initial)
    assert form.is_valid(), (form.errors.get_json_data(), sent)
    for name, value in initial.items():
        found = getattr(form.validated_schema, name)
        assert (moment(found), type(found)) == (moment(value), type(value)), sent
    assert form.changed_data == []


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("type_", "values"), VALUES, ids=[str(type_) for type_, _ in VALUES])
def test_what_is_shown_is_read_back(base: Any, type_: Any, values: list[Any]) -> None:
    schema = create_model("Shown", __base__=base, v=(type_, ...))
    for value in values:
        assert_unchanged(schema, v=value)


@pytest.mark.parametrize("base", BASES)
def test_defaults_are_shown_and_read_back(base: Any) -> None:
    class Defaults(base):
        yes: bool = True
        no: bool = False
        maybe: bool | None = None
        shade: Shade | None = Shade.RED
        words: list[str] = ["a"]
        at: datetime = datetime(2024, 7, 1, 10, 0, 0, 1, tzinfo=UTC)

    form = form_of(Defaults)(sent_by_browser(form_of(Defaults)()))
    assert form.is_valid(), form.errors
    assert form.validated_schema == Defaults()
    for yes in (True, False):
        for maybe in (True, False, None):
            assert_unchanged(Defaults, yes=yes, no=not yes, maybe=maybe, shade=None, words=[])


def test_what_was_not_sent_stays_so() -> None:
    class Partly(Schema):
        name: NotRequired[str]
        flag: NotRequired[bool]
        tri: NotRequired[bool | None]
        number: NotRequired[int]
        shade: NotRequired[Shade]
        day: NotRequired[date]
        words: NotRequired[list[str]]
        texts: NotRequired[dict[str, int]]
        inner: NotRequired[Inner]
        pair: NotRequired[tuple[int, int]]
        either: NotRequired[int | list[int]]
        anything: NotRequired[Any]

    form = form_of(Partly)(sent_by_browser(form_of(Partly)()))
    assert form.is_valid(), form.errors
    # Nothing is None where that is a value.
    assert form.validated_schema.model_fields_set <= {"tri"}


@pytest.mark.parametrize("base", BASES)
def test_secrets_are_not_shown_and_stay(base: Any) -> None:
    class Secret(base):
        text: SecretStr
        maybe: SecretStr | None = None
        data: SecretBytes = SecretBytes(b"")

    initial = {"text": SecretStr("abc"), "maybe": SecretStr("def"), "data": SecretBytes(b"ghi")}
    form_class = form_of(Secret)
    page = str(form_class(initial=initial))
    assert not any(part in page for part in ("abc", "def", "ghi", "***"))
    form = form_class(Browser(page).sent, initial=initial)
    assert form.is_valid(), form.errors
    assert form.validated_schema == Secret(**initial)
    assert form.changed_data == []
    sent = Browser(page).sent
    sent["text"] = "new"
    changed = form_class(sent, initial=initial)
    assert changed.is_valid()
    assert changed.changed_data == ["text"]
    assert changed.validated_schema.text.get_secret_value() == "new"


def test_the_names_are_those_of_the_input() -> None:
    class Aliased(Schema):
        model_config = ConfigDict(validate_by_name=True)
        x: int = Field(validation_alias=AliasPath("pos", "x"))
        first: list[int] = Field(validation_alias="theFirst", serialization_alias="shown")
        last: str = Field(validation_alias=AliasPath("all", 1))

    form_class = form_of(Aliased)
    sent = sent_by_browser(form_class(initial={"x": 1, "shown": [2], "last": "c"}))
    assert dict(sent) == {"pos.x": ["1"], "theFirst": ["[2]"], "all[1]": ["c"]}
    form = form_class({"pos.x": "q", "theFirst": ["1", "z"], "all[1]": "c"})
    assert {name: len(errors) for name, errors in form.errors.items()} == {"x": 1, "shown": 1}
    assert "q" in str(form["x"])
    prefixed = form_class(initial={"x": 1, "shown": [2]}, prefix="p")
    assert sent_by_browser(prefixed)["p-pos.x"] == "1"


@pytest.mark.parametrize(
    "chosen",
    [
        {"DATETIME_FORMAT": "%d.%m.%Y %H:%M", "DATETIME_INPUT_FORMATS": ["%d.%m.%Y %H:%M:%S.%f%z"]},
        {"DATETIME_FORMAT": None},
        {"DATETIME_INPUT_FORMATS": ["%Y/%m/%d %H:%M:%S.%f %z", "iso-8601"]},
        {"COERCE_DECIMAL_TO_STRING": False},
        {"DATE_FORMAT": "%d.%m.%Y", "DATE_INPUT_FORMATS": ["%d.%m.%Y"]},
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Paris", "UTC"])
def test_formats_of_the_project(chosen: dict[str, Any], zone: str) -> None:
    class Moments(Schema):
        at: datetime
        day: date
        price: Decimal

    with override_settings(REST_FRAMEWORK=chosen, TIME_ZONE=zone):
        for second in (0, 1):
            at = datetime(2024, 7, 1, 10, 0, second, second, tzinfo=UTC)
            assert_unchanged(Moments, at=at, day=date(2024, 1, 2), price=Decimal("1.5"))


@given(st.text(), st.lists(st.text()), st.dictionaries(st.text(min_size=1), st.integers()))
def test_any_text(text: str, words: list[str], numbers: dict[str, int]) -> None:
    class Texts(BaseModel):
        text: str
        words: list[str]
        numbers: dict[str, int]

    form_class = form_of(Texts)
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    sent = sent_by_browser(form_class(initial={"text": text, "words": words, "numbers": numbers}))
    form = form_class(sent)
    valid = form.is_valid()
    assert "words" not in form.errors
    assert "numbers" not in form.errors
    if valid:
        assert form.validated_schema.words == words
        assert form.validated_schema.numbers == numbers
        assert form.validated_schema.text == text.replace("\r\n", "\n").replace("\r", "\n")


def test_what_was_sent_is_shown_again() -> None:
    class Shown(Schema):
        numbers: list[int]
        at: datetime
        count: int | str

    form = form_of(Shown)({"numbers": "1, x", "at": "yesterday", "count": "7"})
    assert not form.is_valid()
    page = str(form)
    assert "1, x" in page
    assert 'value="yesterday"' in page
    assert Browser(page).sent["at"] == "yesterday"


@pytest.mark.django_db
def test_kept_fields() -> None:
    authors = [Author.objects.create(name=name, email=f"{name}@b.co") for name in "ab"]

    class Kept(Schema):
        author: Annotated[
            Any, UseField(serializers.PrimaryKeyRelatedField(queryset=Author.objects.all()))
        ]
        authors: Annotated[
            list[Any],
            UseField(serializers.PrimaryKeyRelatedField(queryset=Author.objects.all(), many=True)),
        ]
        numbers: Annotated[
            list[int], UseField(serializers.ListField(child=serializers.IntegerField()))
        ]
        choice: Annotated[str, UseField(serializers.ChoiceField(choices=["a", "b"]))]
        several: Annotated[list[str], UseField(serializers.MultipleChoiceField(choices=["a", "b"]))]

    several = serializers.MultipleChoiceField(choices=["a", "b"]).to_internal_value(["b"])
    values = {"numbers": [1, 2], "choice": "b", "several": several}
    form_class = form_of(Kept)
    for initial in (
        {"author": authors[1], "authors": authors, **values},
        {"author": authors[1].pk, "authors": [author.pk for author in authors], **values},
    ):
        form = form_class(sent_by_browser(form_class(initial=initial)))
        assert form.is_valid(), form.errors
        assert form.cleaned_data["author"] == authors[1]
        assert form.cleaned_data["authors"] == authors
        assert {name: form.cleaned_data[name] for name in values} == values
