"""What DRF works out for each serializer is that of the language, the tenant and the time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from pathlib import Path
from threading import Barrier
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from django.core.validators import MaxLengthValidator
from django.db import connection, connections, models
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from pydantic import EmailStr, Field, HttpUrl
from rest_framework import serializers
from rest_framework.metadata import SimpleMetadata

from nova_drf import (
    NotRequired,
    Schema,
    SchemaBackedMixin,
    SchemaSerializer,
    UseField,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.checks import backed as checks_of_backed
from nova_drf.checks import check_backed_serializers, check_serializers, definitions
from nova_drf.serializers.dynamic_fields import UNCHANGED
from tests.oracle import outcome, printed
from tests.tenantapp.models import Booking, Room, clock, colours, tenant

SITUATIONS = [("en", "a", 0), ("de", "b", 1), ("fr", "a", 1), ("de", "b", 0), ("en", "b", 1)]
"""Languages, tenants and times; the first is the one in which classes are first used."""


@contextmanager
def situation(language: str, whose: str, now: int) -> Iterator[None]:
    """Be somebody, somewhere, some time."""
    tokens = tenant.set(whose), clock.set(now)
    with translation.override(language):
        yield
    tenant.reset(tokens[0])
    clock.reset(tokens[1])


def backed(classic: Any) -> Any:
    return type(classic.__name__, (SchemaBackedMixin, classic), {"__module__": __name__})


def converted(classic: Any) -> Any:
    return serializer_from_schema(schema_from_serializer(classic))


WAYS: dict[str, Callable[[Any], Any]] = {"backed": backed, "converted": converted}


def answers(serializer_class: Any, payloads: list[Any], instance: Any = None) -> list[Any]:
    """Return all that can be seen of a serializer class."""
    seen: list[Any] = []
    for payload in payloads:
        seen.append(outcome(serializer_class, copy.copy(payload)))
    seen.append(outcome(serializer_class, copy.copy(payloads[-1]), partial=True))
    seen.append(SimpleMetadata().get_serializer_info(serializer_class()))
    if instance is not None:
        seen.append(printed(serializer_class, instance))
        seen.append(printed(serializer_class, [instance] * 8, many=True))
    return seen


# Every kind of field


class ClockText(serializers.CharField):
    """How long it may be depends on the time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=3 + clock.get(), **kwargs)


def now() -> datetime:
    return datetime(2024, 1, 1 + clock.get(), tzinfo=timezone.get_default_timezone())


def at_most() -> int:
    return 5 + clock.get()


class Choices:
    """Choices that are others each time somebody asks."""

    def __iter__(self) -> Iterator[Any]:
        return iter(colours())

    def __deepcopy__(self, memo: object) -> Choices:
        return self


OWN_WORDS = {"max_length": _("Monday"), "invalid": _("Tuesday"), "required": _("January")}

FIELDS: dict[str, Callable[[], Any]] = {
    "boolean": lambda: serializers.BooleanField(label=_("Monday"), help_text=_("January")),
    "text": lambda: serializers.CharField(max_length=4, min_length=2, help_text=_("January")),
    "own_words": lambda: serializers.CharField(max_length=2, error_messages=OWN_WORDS),
    "tenants_words": lambda: serializers.CharField(
        max_length=2, error_messages={"max_length": TenantsWords()}
    ),
    "moving_limit": lambda: serializers.CharField(validators=[MaxLengthValidator(at_most)]),
    "moving_length": lambda: serializers.CharField(max_length=at_most),  # type: ignore[arg-type]
    "moving_init": ClockText,
    "email": lambda: serializers.EmailField(max_length=9),
    "regex": lambda: serializers.RegexField("^a", max_length=3),
    "slug": lambda: serializers.SlugField(max_length=3),
    "url": lambda: serializers.URLField(max_length=12),
    "uuid": lambda: serializers.UUIDField(),
    "ip": lambda: serializers.IPAddressField(),
    "integer": lambda: serializers.IntegerField(min_value=3, max_value=5),
    "moving_integer": lambda: serializers.IntegerField(max_value=at_most),  # type: ignore[arg-type]
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
        max_length=at_most,  # type: ignore[arg-type]
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


# What ModelSerializer infers


class BookingSerializer(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields = ("name", "colour", "count", "room", "desk", "late", "only")


class RoomSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ("code", "floor")


class TenantSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ("tenant", "floor")


class DeepSerializer(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields = ("room", "late", "colour")
        depth = 1


class ExtraSerializer(serializers.ModelSerializer[Booking]):
    class Meta:
        model = Booking
        fields = ("name", "where", "desk")
        read_only_fields = ("desk",)
        extra_kwargs = {
            "where": {"source": "room", "label": _("March")},
            "name": {"help_text": _("April"), "error_messages": {"max_length": _("May")}},
        }


class NestingSerializer(serializers.ModelSerializer[Booking]):
    room = RoomSerializer()
    late = serializers.PrimaryKeyRelatedField(many=True, queryset=Room.objects.none())

    class Meta:
        model = Booking
        fields = ("room", "late", "desk")


class BookingSchema(Schema):
    name: Annotated[str, Field(max_length=6)]
    colour: Annotated[str, UseField(serializers.ChoiceField(Choices(), required=False))]
    count: Annotated[int, UseField(serializers.IntegerField(max_value=at_most))]  # type: ignore[arg-type]
    room: int
    desk: NotRequired[int | None]
    late: NotRequired[list[int]]
    only: NotRequired[int | None]


class BookingWithoutFields(SchemaSerializer[BookingSchema]):
    class Meta:
        model = Booking


class BookingAsBefore(BookingSerializer):
    """The same with the fields that the schema keeps."""

    colour = serializers.ChoiceField(Choices(), required=False)
    count = serializers.IntegerField(max_value=at_most)  # type: ignore[arg-type]


class RoomSchema(Schema):
    code: NotRequired[Annotated[str, Field(max_length=5, min_length=0)]]


class RoomByHand(SchemaSerializer[RoomSchema]):
    class Meta:
        model = Room


class CodeSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ("code",)


class TenantSchema(Schema):
    tenant: Annotated[str, Field(max_length=3)]
    floor: NotRequired[Annotated[int, Field(ge=-9223372036854775808, le=9223372036854775807)]]


class TenantByHand(SchemaSerializer[TenantSchema]):
    class Meta:
        model = Room


CLASSES: list[tuple[Any, Any]] = [
    *(
        (classic, way(classic))
        for classic in (
            BookingSerializer,
            RoomSerializer,
            TenantSerializer,
            DeepSerializer,
            ExtraSerializer,
            NestingSerializer,
        )
        for way in WAYS.values()
    ),
    (BookingAsBefore, BookingWithoutFields),
    (CodeSerializer, RoomByHand),
    (TenantSerializer, TenantByHand),
]


@pytest.fixture
def rooms(db: None) -> Booking:
    """Rooms of two tenants, and a booking."""
    everybodys = Room._base_manager
    for key, (whose, code, floor) in enumerate(product("ab", "xy", (0, 1)), 1):
        everybodys.create(pk=key, tenant=whose, code=f"{code}{whose}{floor}", floor=key - 1)
    booking = Booking.objects.create(pk=1, name="n", room_id=1, desk_id=1, only_id=1)
    booking.late.set([1])
    return booking


KEYS = (1, 2, 3, 5, 6, 7, 99)

PAYLOADS: list[Any] = [
    {},
    *(
        {
            "name": name,
            "colour": colour,
            "count": count,
            **dict.fromkeys(("room", "desk", "only", "where"), key),
            "late": [key],
            "code": code,
            "tenant": whose,
            "floor": key - 1,
        }
        for key, name, colour, count, code, whose in zip(
            KEYS,
            ("n", "m", "abcdefgh", "n", "", "o", "p"),
            ("a0", "a1", "b0", "b1", "red", "zz", None),
            (10, 11, 12, 9, "x", 5, 7),
            ("xa0", "xb0", "ya1", "yb1", "", "z", "abcdefgh"),
            "ababcab",
            strict=True,
        )
    ),
]


@pytest.mark.parametrize(("classic", "ours"), CLASSES)
def test_every_construct_of_a_model_serializer(classic: Any, ours: Any, rooms: Booking) -> None:
    instance: Any = rooms
    if classic.Meta.model is Room:
        instance = Room._base_manager.get(pk=1)

    def compared(where: tuple[str, str, int]) -> None:
        with situation(*where):
            expected = answers(classic, PAYLOADS, instance)
            assert answers(ours, PAYLOADS, instance) == expected, where

    for where in SITUATIONS:
        compared(where)
    # Another thread is another one of Django's languages and connections.
    shared = connections["default"]
    shared.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1, initializer=partial(share, shared)) as thread:
            for where in SITUATIONS[1:4:2]:
                thread.submit(copy_context().run, compared, where).result()
    finally:
        shared.dec_thread_sharing()


def share(of_another_thread: Any) -> None:
    connections["default"] = of_another_thread


@pytest.mark.django_db
def test_no_query_while_a_class_is_made_or_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def evaluated(queryset: Any) -> None:
        raise AssertionError(f"{queryset.model.__name__} is asked for its rows.")

    class KeptSchema(Schema):
        room: Annotated[
            Any, UseField(serializers.PrimaryKeyRelatedField(queryset=Room.objects.filter(pk=1)))
        ]

    with CaptureQueriesContext(connection) as queries, monkeypatch.context() as patched:
        patched.setattr(QuerySet, "_fetch_all", evaluated)
        made = [backed(classic) for classic, _ours in CLASSES]
        for cls in made:
            assert cls.backed_class().definition()
        checked: list[Any] = []
        for schema, model in (
            (BookingSchema, Booking),
            (RoomSchema, Room),
            (TenantSchema, Room),
            (KeptSchema, None),
        ):
            cls = serializer_from_schema(schema, model=model)
            definition = cls.get_definition()
            assert definition.input(UNCHANGED, False)
            assert definition.reader(UNCHANGED, False)
            assert definition.has_validators in (True, False)
            assert dict(cls().fields)
            checked.append(cls)
        check(patched, checked, made)
    assert not queries.captured_queries


class Asking(models.Model):
    """Its functions ask the database."""

    room = models.ForeignKey(Room, models.CASCADE, limit_choices_to=lambda: _refuse())
    rooms = models.ManyToManyField(Room, limit_choices_to=lambda: _refuse(), related_name="+")
    colour = models.CharField(max_length=3, choices=lambda: _refuse(), default=lambda: _refuse())

    class Meta:
        app_label = "tenantapp"
        managed = False
        constraints = (models.UniqueConstraint(fields=["room", "colour"], name="asking"),)


def _refuse() -> Any:
    raise AssertionError("The database is asked.")


def check(monkeypatch: pytest.MonkeyPatch, schemas: list[Any], classic: list[Any]) -> None:
    """Run ``manage.py check`` for some classes."""
    monkeypatch.setattr(definitions, "serializer_classes", lambda: schemas)
    monkeypatch.setattr(checks_of_backed, "backed_classes", lambda: classic)
    assert check_serializers() == []
    assert {one.id for one in check_backed_serializers()} == {"nova_drf.I001"}


def test_no_function_of_a_model_is_called_while_a_class_is_made_or_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Classic(serializers.ModelSerializer[Asking]):
        class Meta:
            model = Asking
            fields = ("room", "rooms", "colour")

    class AskingSchema(Schema):
        room: int
        rooms: list[int]
        colour: NotRequired[Literal["a"]]

    ours = serializer_from_schema(AskingSchema, model=Asking)
    assert ours.get_definition().has_validators
    assert ours.get_definition().input(UNCHANGED, False)
    assert ours.get_definition().reader(UNCHANGED, False)
    assert list(backed(Classic).backed_class().definition().fields) == ["room", "rooms", "colour"]
    check(monkeypatch, [ours], [backed(Classic)])
    with pytest.raises(AssertionError, match="The database is asked"):
        ours().fields["room"]


class Connection:
    """What cannot be copied."""

    def __deepcopy__(self, memo: object) -> Connection:
        raise RuntimeError("A connection cannot be copied.")


@pytest.mark.django_db
@pytest.mark.parametrize(("classic", "ours"), CLASSES)
def test_managers_are_not_copied(classic: Any, ours: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Room.objects, "connection", Connection(), raising=False)
    monkeypatch.setattr(Booking.objects, "connection", Connection(), raising=False)
    remade = converted(classic) if issubclass(ours, SchemaBackedMixin) else ours
    for cls in (ours, remade):
        with situation("en", "a", 0):
            assert outcome(cls, {"name": "x"}) == outcome(classic, {"name": "x"})
            assert dict(cls().fields).keys() == dict(classic().fields).keys()
