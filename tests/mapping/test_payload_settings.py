"""What holds for a whole payload is looked up once for it, and anew outside of one."""

from __future__ import annotations

from django.test import override_settings
from django.utils import timezone

from nova_drf.mapping.payload_settings import (
    begin_payload,
    current_time_zone,
    end_payload,
)


def test_within_a_payload_the_zone_stays() -> None:
    mark = begin_payload()
    try:
        with timezone.override("Asia/Tokyo"):
            first = current_time_zone()
        with timezone.override("Europe/Paris"):
            assert current_time_zone() is first
    finally:
        end_payload(mark)
    with timezone.override("Europe/Paris"):
        assert str(current_time_zone()) == "Europe/Paris"


def test_outside_of_a_payload_nothing_is_remembered() -> None:
    for name in ("Asia/Tokyo", "Europe/Paris"):
        with timezone.override(name):
            assert str(current_time_zone()) == name


def test_a_payload_inside_another_one_looks_for_itself() -> None:
    outer = begin_payload()
    with timezone.override("Asia/Tokyo"):
        zone = current_time_zone()
    inner = begin_payload()
    with timezone.override("Europe/Paris"):
        assert str(current_time_zone()) == "Europe/Paris"
    end_payload(inner)
    assert current_time_zone() is zone
    end_payload(outer)


def test_without_time_zones_there_is_none() -> None:
    with override_settings(USE_TZ=False):
        assert current_time_zone() is None
