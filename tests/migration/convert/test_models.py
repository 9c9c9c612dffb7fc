"""``schema_from_model`` says what DRF infers."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers

from nova_drf import schema_from_model, serializer_from_schema
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.testing import assert_parity
from tests.convertapp.models import City

pytestmark = pytest.mark.usefixtures("world")


@pytest.mark.parametrize(
    ("arguments", "meta"),
    [
        ({}, {"fields": "__all__"}),
        ({"fields": ("id", "name")}, {"fields": ("id", "name")}),
        ({"exclude": ("facts",)}, {"exclude": ("facts",)}),
        (
            {"fields": ("id", "name", "country"), "depth": 1},
            {"fields": ("id", "name", "country"), "depth": 1},
        ),
    ],
    ids=str,
)
def test_it_is_what_a_model_serializer_infers(arguments: Any, meta: Any) -> None:
    classic: Any = type(
        "CitySerializer",
        (serializers.ModelSerializer,),
        {"Meta": type("Meta", (), {"model": City, **meta})},
    )
    schema = schema_from_model(City, **arguments)
    assert schema.__name__ == "CitySchema"
    assert_parity(classic, serializer_from_schema(schema), examples=20)


def test_drf_refuses_what_it_refuses() -> None:
    with pytest.raises(SchemaDefinitionError, match="nothing"):
        schema_from_model(City, fields=("nothing",))
