"""Field libraries that projects use: typed, running as themselves, with the answers they had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import (
    SchemaBackedMixin,
    conversion_report,
    schema_from_serializer,
    serializer_from_schema,
)
from nova_drf.testing import assert_parity


def phone() -> Any:
    module = pytest.importorskip("phonenumber_field.serializerfields")
    return module.PhoneNumberField(region="FR")


def money() -> Any:
    module = pytest.importorskip("djmoney.contrib.django_rest_framework")
    return module.MoneyField(max_digits=6, decimal_places=2)


def time_zone() -> Any:
    module = pytest.importorskip("timezone_field.rest_framework")
    return module.TimeZoneSerializerField()


def tags() -> Any:
    module = pytest.importorskip("taggit.serializers")
    return module.TagListSerializerField(required=False)


def image() -> Any:
    module = pytest.importorskip("drf_extra_fields.fields")
    return module.Base64ImageField()


LIBRARIES: list[tuple[Callable[[], Any], str]] = [
    (phone, "PhoneNumber"),
    (money, "Money"),
    (time_zone, "ZoneInfo"),
    (tags, "list[str]"),
    (image, "File"),
]


@pytest.mark.parametrize(("make", "type_"), LIBRARIES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_library_is_typed_and_runs_itself(make: Callable[[], Any], type_: str) -> None:
    classic: Any = type(
        "Libraries",
        (serializers.Serializer,),
        {"__module__": __name__, "value": make(), "name": serializers.CharField()},
    )
    line = conversion_report(classic).fields[0]
    assert line.type == type_
    assert line.reasons
    converted = serializer_from_schema(schema_from_serializer(classic))
    backed = type("Libraries", (SchemaBackedMixin, classic), {"__module__": __name__})
    for ours in (converted, backed):
        assert_parity(classic, ours, examples=40)
