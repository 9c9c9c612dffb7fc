"""``SchemaValidated``: what is written keeps the rules; what bypasses them has a checked twin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F

from nova_drf.models import InvalidRow, schema_of
from tests.servicesapp.models import Shelf, Ticket
from tests.servicesapp.schemas import TicketSchema

pytestmark = pytest.mark.django_db


def ticket(**changes: Any) -> Ticket:
    return Ticket(**{"title": "Hamlet", "price": Decimal("9.50"), **changes})


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"title": "A"}, {"title": ["min_length"]}),
        ({"title": "A name that is too long"}, {"title": ["max_length"]}),
        ({"title": "LOUD"}, {"title": ["invalid"]}),
        ({"seats": 5}, {"seats": ["max_value"]}),
        ({"seats": None}, {"seats": ["null"]}),
        ({"price": Decimal("12345.50")}, {"price": ["max_digits"]}),
        ({"seats": 4, "price": Decimal(51)}, {"__all__": ["invalid"]}),
        ({"extra": {"a": "x"}}, {"extra": ["invalid"]}),
        ({"seats": 5, "title": "A"}, {"seats": ["max_value"], "title": ["min_length"]}),
    ],
)
def test_what_the_schema_refuses_is_not_saved(changes: Any, codes: Any) -> None:
    for check in (Ticket.save, Ticket.full_clean):
        with pytest.raises(ValidationError) as caught:
            check(ticket(**changes))
        found = {
            name: [one.code for one in errors] for name, errors in caught.value.error_dict.items()
        }
        assert found == codes or (check is Ticket.full_clean and found.keys() == codes.keys())
    assert not Ticket.objects.exists()


def test_what_it_accepts_is() -> None:
    shelf = Shelf.objects.create(name="s")
    made = ticket(shelf=shelf)
    made.full_clean()
    made.save()
    assert Ticket.objects.get().shelf == shelf
    assert schema_of(Ticket) is TicketSchema


def test_only_what_is_updated_is_checked() -> None:
    made = ticket()
    made.save()
    made.title, made.seats = "A", 2
    made.save(update_fields=["seats"])
    with pytest.raises(ValidationError) as caught:
        made.save(update_fields=["title"])
    assert set(caught.value.error_dict) == {"title"}
    made.full_clean(exclude=["title"])


def test_what_is_stored_is_never_checked() -> None:
    Ticket.objects.bulk_create([ticket(title="A")])
    assert Ticket.objects.get().title == "A"


def test_a_value_of_the_database() -> None:
    made = ticket()
    made.save()
    made.seats = F("seats") + 1
    made.save()
    made.refresh_from_db()
    assert made.seats == 2


def test_bulk_twins() -> None:
    with pytest.raises(InvalidRow) as caught:
        Ticket.objects.checked_bulk_create([ticket(), ticket(seats=9)])
    assert caught.value.index == 1
    assert not Ticket.objects.exists()
    Ticket.objects.checked_bulk_create(iter([ticket()]))
    made = Ticket.objects.get()  # MySQL does not say which keys it gave.
    made.seats, made.title = 9, "A"
    with pytest.raises(InvalidRow):
        Ticket.objects.checked_bulk_update([made], ["seats"])
    made.seats = 3
    assert Ticket.objects.checked_bulk_update([made], ["seats"]) == 1
    with pytest.raises(ValidationError) as caught_update:
        Ticket.objects.checked_update(seats=9)
    assert set(caught_update.value.error_dict) == {"seats"}
    with pytest.raises(ValidationError, match="cannot be checked"):
        Ticket.objects.checked_update(seats=F("seats"))
    assert Ticket.objects.checked_update(seats=4) == 1


@pytest.mark.django_db(transaction=True)
async def test_bulk_twins_awaited() -> None:
    (created,) = await Ticket.objects.achecked_bulk_create([ticket()])
    made = await Ticket.objects.aget(title=created.title)  # MySQL does not say its key.
    made.seats = 2
    assert await Ticket.objects.achecked_bulk_update([made], ["seats"]) == 1
    assert await Ticket.objects.achecked_update(seats=3) == 1
    with pytest.raises(InvalidRow):
        await Ticket.objects.achecked_bulk_create([ticket(seats=9)])
