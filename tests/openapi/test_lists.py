"""An extension for a list serializer of the project's documents it with ours, too."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent, build_array_type, build_object_type
from rest_framework import serializers

from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer
from tests.openapi.documents import Dialect, document


class Counted(serializers.ListSerializer[Any]):
    def to_representation(self, data: Any) -> Any:
        rows = super().to_representation(data)
        return {"count": len(rows), "rows": rows}


class CountedElsewhere(Counted):
    """No extension is for this one."""


class Town(serializers.Serializer[Any]):
    name = serializers.CharField()

    class Meta:
        list_serializer_class: Any = Counted


class TownSchema(Schema):
    name: str


@pytest.fixture(autouse=True)
def extension(monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's extension."""
    monkeypatch.setattr(
        OpenApiSerializerExtension, "_registry", [*OpenApiSerializerExtension._registry]
    )

    class CountedExtension(OpenApiSerializerExtension):
        target_class = Counted

        def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
            item = auto_schema.resolve_serializer(self.target.child, direction)
            listed = ResolvedComponent(
                name=f"Counted{item.name}",
                type=ResolvedComponent.SCHEMA,
                object=self.target.child,
                schema=build_object_type({"rows": build_array_type(item.ref)}),
            )
            auto_schema.registry.register_on_missing(listed)
            return listed.ref


def listed(list_class: Any) -> list[Any]:
    """Return the documents of a classic serializer, of a backed one, and of one with a schema."""

    class Lists:
        list_serializer_class = list_class

    classic = type("Town", (Town,), {"Meta": Lists})

    class Backed(SchemaBackedMixin, Town):
        Meta = Lists

    class OfSchema(SchemaSerializer[TownSchema]):
        Meta = Lists

    Backed.__name__ = OfSchema.__name__ = "Town"
    return [document(towns=cls) for cls in (classic, Backed, OfSchema)]


@pytest.mark.parametrize("list_class", [Counted, CountedElsewhere, serializers.ListSerializer])
def test_lists_are_documented_as_the_project_says(list_class: type, dialect: Dialect) -> None:
    classic, *ours = listed(list_class)
    has_component = "CountedTown" in classic["components"]["schemas"]
    assert has_component == (list_class is Counted)
    for found in ours:
        assert found["paths"] == classic["paths"]
        assert found["components"]["schemas"].keys() == classic["components"]["schemas"].keys()
