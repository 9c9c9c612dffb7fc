"""Models: what DRF infers for each serializer is that of the language, tenant and time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from itertools import product
from typing import Annotated, Any, Literal

import pytest
from django.db import connection, connections, models
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

from nova_drf import (
    NotRequired,
    Schema,
    SchemaBackedMixin,
    UseField,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.checks import backed as checks_of_backed
from nova_drf.checks import check_backed_serializers, check_serializers, definitions
from nova_drf.serializers.dynamic_fields import UNCHANGED
from tests.oracle import outcome
from tests.tenantapp.models import Booking, Room
from tests.tenantapp.serializers import CLASSES, BookingSchema, RoomSchema, TenantSchema
from tests.tenantapp.situations import (
    SITUATIONS,
    answers,
    backed,
    converted,
    situation,
)


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


_REFUSING: list[bool] = []
"""Something in it while a test runs: Django's own checks look at all models, this one included."""


def _refuse() -> Any:
    if _REFUSING:
        raise AssertionError("The database is asked.")
    return {}


@pytest.fixture
def refusing() -> Iterator[None]:
    """Let the functions of the model refuse to be called."""
    _REFUSING.append(True)
    yield
    _REFUSING.clear()


def check(monkeypatch: pytest.MonkeyPatch, schemas: list[Any], classic: list[Any]) -> None:
    """Run ``manage.py check`` for some classes."""
    monkeypatch.setattr(definitions, "serializer_classes", lambda: schemas)
    monkeypatch.setattr(checks_of_backed, "backed_classes", lambda: classic)
    assert check_serializers() == []
    assert {one.id for one in check_backed_serializers()} == {"nova_drf.I001"}


@pytest.mark.usefixtures("refusing")
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
    schema = schema_from_serializer(Classic)
    assert list(schema.model_fields) == ["room", "rooms", "colour"]
    remade = serializer_from_schema(schema)
    check(monkeypatch, [ours, remade], [backed(Classic)])
    with pytest.raises(AssertionError, match="The database is asked"):
        remade().fields["room"]
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
