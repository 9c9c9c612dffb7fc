"""Fields: what DRF works out for each serializer is that of the language, tenant and time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from django.core.validators import MaxLengthValidator
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from pydantic import EmailStr, Field, HttpUrl
from rest_framework import serializers

from nova_drf import (
    NotRequired,
    Schema,
    UseField,
    serializer_from_schema,
)
from tests.oracle import outcome
from tests.tenantapp.models import clock, tenant
from tests.tenantapp.situations import (
    SITUATIONS,
    WAYS,
    Choices,
    answers,
    at_most,
    backed,
    converted,
    now,
    situation,
)

# Every kind of field


class ClockText(serializers.CharField):
    """How long it may be depends on the time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=3 + clock.get(), **kwargs)


OWN_WORDS = {"max_length": _("Monday"), "invalid": _("Tuesday"), "required": _("January")}

FIELDS: dict[str, Callable[[], Any]] = {
    "boolean": lambda: serializers.BooleanField(label=_("Monday"), help_text=_("January")),
    "text": lambda: serializers.CharField(max_length=4, min_length=2, help_text=_("January")),
    "own_words": lambda: serializers.CharField(max_length=2, error_messages=OWN_WORDS),
    "tenants_words": lambda: serializers.CharField(
        max_length=2, error_messages={"max_length": TenantsWords()}
    ),
    "moving_limit": lambda: serializers.CharField(validators=[MaxLengthValidator(at_most)]),
    "moving_length": lambda: serializers.CharField(max_length=at_most),
    "moving_init": ClockText,
    "email": lambda: serializers.EmailField(max_length=9),
    "regex": lambda: serializers.RegexField("^a", max_length=3),
    "slug": lambda: serializers.SlugField(max_length=3),
    "url": lambda: serializers.URLField(max_length=12),
    "uuid": lambda: serializers.UUIDField(),
    "ip": lambda: serializers.IPAddressField(),
    "integer": lambda: serializers.IntegerField(min_value=3, max_value=5),
    "moving_integer": lambda: serializers.IntegerField(max_value=at_most),
    "float": lambda: serializers.FloatField(min_value=3, max_value=5),
    "decimal": lambda: serializers.DecimalField(
        max_digits=4, decimal_places=2, min_value=Decimal(3), max_value=Decimal(5)
    ),
    "datetime": lambda: serializers.DateTimeField(default=now),
    "date": lambda: serializers.DateField(),
    "time": lambda: serializers.TimeField(),
    "duration": lambda: serializers.DurationField(
        min_value=timedelta(days=1), max_value=timedelta(days=2)
    ),
    "choice": lambda: serializers.ChoiceField([("a", _("Monday")), ("b", _("Tuesday"))]),
    "moving_choice": lambda: serializers.ChoiceField(Choices()),
    "moving_choices": lambda: serializers.MultipleChoiceField(choices=Choices()),
    "choices": lambda: serializers.MultipleChoiceField(choices=["a"], allow_empty=False),
    "file": lambda: serializers.FileField(max_length=3),
    "list": lambda: serializers.ListField(
        child=serializers.IntegerField(max_value=5), min_length=1, max_length=2
    ),
    "nested_list": lambda: serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(max_length=2), max_length=1)
    ),
    "moving_list": lambda: serializers.ListField(
        child=serializers.ChoiceField(Choices()),
        max_length=at_most,
    ),
    "dict": lambda: serializers.DictField(
        child=serializers.CharField(max_length=2), allow_empty=False
    ),
    "hstore": lambda: serializers.HStoreField(),
    "json": lambda: serializers.JSONField(),
    "default": lambda: serializers.IntegerField(default=at_most),
    "container": lambda: serializers.ListField(default=[1]),
    "nested": lambda: Inner(),
    "nested_many": lambda: Inner(many=True, max_length=1, min_length=1),
    "read_only": lambda: serializers.ReadOnlyField(default=at_most),
    "hidden": lambda: serializers.HiddenField(default=at_most),
}


class TenantsWords:
    """A message that is another one for each tenant."""

    def format(self, **arguments: Any) -> str:
        return f"{tenant.get()} {translation.gettext('Monday')} {arguments}"

    __str__ = format

    def __deepcopy__(self, memo: object) -> TenantsWords:
        return self


class Inner(serializers.Serializer[Any]):
    """Inside another one."""

    text = serializers.CharField(max_length=2)
    number = serializers.IntegerField(min_value=5)


VALUES: list[Any] = [
    *(None, "", "abcdefghijklmn", "abcde", "ab", "x", "red", "a0", "a1", "b0", "b1", "yes"),
    *(0, 4, 5, 6, 7, 99, 1.5, True, ["a0"], ["red", "x"], [4, 99], [], [1] * 6, [["abc"], []]),
    *({}, {"a": "abc"}, {"text": "abc", "number": 1}, [{"text": "abc", "number": 1}] * 2),
    *("2024-01-01", "3.4567", "3 00:00:00", "http://a.io/very/long", "b@c.de"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", FIELDS)
def test_every_kind_of_field(kind: str, way: str) -> None:
    class Classic(serializers.Serializer[Any]):
        field = FIELDS[kind]()

    ours = WAYS[way](Classic)
    payloads = [{}, *({"field": value} for value in VALUES)]
    for where in SITUATIONS:
        with situation(*where):
            assert answers(ours, payloads) == answers(Classic, payloads), where


def test_the_paths_are_those_that_are_there(tmp_path: Path) -> None:
    class Classic(serializers.Serializer[Any]):
        field = serializers.FilePathField(str(tmp_path))

    payloads = [{"field": str(tmp_path / name)} for name in ("one", "two")]
    for way in WAYS.values():
        ours = way(Classic)
        for name in ("one", "two"):
            (tmp_path / name).touch()
            assert answers(ours, payloads) == answers(Classic, payloads)
            (tmp_path / name).unlink()


class Kinds(serializers.Serializer[Any]):
    """What :class:`KindsSchema` says."""

    text = serializers.CharField(max_length=4, min_length=2, label=_("Monday"))
    email = serializers.EmailField(max_length=9)
    regex = serializers.RegexField("^a", max_length=3)
    url = serializers.URLField(max_length=12)
    uuid = serializers.UUIDField()
    integer = serializers.IntegerField(min_value=3, max_value=5, help_text=_("January"))
    float = serializers.FloatField(min_value=3, max_value=5)
    decimal = serializers.DecimalField(
        max_digits=4, decimal_places=2, min_value=Decimal(3), max_value=Decimal(5)
    )
    day = serializers.DateField()
    moment = serializers.DateTimeField(default=now)
    hour = serializers.TimeField(required=False)
    choice = serializers.ChoiceField(["a", "b"])
    items = serializers.ListField(
        child=serializers.IntegerField(max_value=5), min_length=1, max_length=2
    )
    lists = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(max_length=2), max_length=1)
    )
    words = serializers.DictField(child=serializers.CharField(max_length=2), allow_empty=False)
    kept = serializers.ChoiceField(Choices())
    container = serializers.ListField(child=serializers.IntegerField(), default=[1])
    inner = Inner()


class InnerSchema(Schema):
    text: Annotated[str, Field(max_length=2)]
    number: Annotated[int, Field(ge=5)]


class KindsSchema(Schema):
    text: Annotated[str, Field(max_length=4, min_length=2, title=_("Monday"))]
    email: Annotated[EmailStr, Field(max_length=9)]
    regex: Annotated[str, Field(max_length=3, pattern="^a")]
    url: Annotated[HttpUrl, Field(max_length=12)]
    uuid: UUID
    integer: Annotated[int, Field(ge=3, le=5, description=_("January"))]
    float: Annotated[float, Field(ge=3, le=5)]
    decimal: Annotated[Decimal, Field(max_digits=4, decimal_places=2, ge=3, le=5)]
    day: date
    moment: datetime = Field(default_factory=now)
    hour: NotRequired[time]
    choice: Literal["a", "b"]
    items: Annotated[list[Annotated[int, Field(le=5)]], Field(min_length=1, max_length=2)]
    lists: list[Annotated[list[Annotated[str, Field(max_length=2)]], Field(max_length=1)]]
    words: Annotated[dict[str, Annotated[str, Field(max_length=2)]], Field(min_length=1)]
    kept: Annotated[str, UseField(serializers.ChoiceField(Choices()))]
    container: list[int] = [1]
    inner: InnerSchema


def test_a_schema_by_hand() -> None:
    ours = serializer_from_schema(KindsSchema)
    payloads: list[Any] = [{}]
    payloads += [dict.fromkeys(KindsSchema.model_fields, value) for value in VALUES]
    for where in SITUATIONS:
        with situation(*where):
            assert answers(ours, payloads) == answers(Kinds, payloads), where


def test_threads_that_are_the_first_to_read_a_message() -> None:
    class Classic(serializers.Serializer[Any]):
        text = serializers.CharField(max_length=2)
        items = serializers.ListField(child=serializers.IntegerField(max_value=5), max_length=2)

    class Contract(Schema):
        text: Annotated[str, Field(max_length=2)]
        items: Annotated[list[Annotated[int, Field(le=5)]], Field(max_length=2)]

    payload = {"text": "abc", "items": [1, 2, 3]}
    languages = ["en", "de", "fr", "es"]

    def told(serializer_class: Any, language: str, barrier: Barrier) -> Any:
        with translation.override(language):
            barrier.wait()
            return outcome(serializer_class, payload)

    with ThreadPoolExecutor(len(languages)) as threads:
        for make in (backed, converted, lambda _cls: serializer_from_schema(Contract)):
            ours, barrier = make(Classic), Barrier(len(languages))
            told_ = [threads.submit(told, ours, language, barrier) for language in languages]
            for language, answer in zip(languages, told_, strict=True):
                with translation.override(language):
                    assert answer.result() == outcome(Classic, payload)
