"""The OpenAPI components of one serializer class, as if one endpoint used it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.generics import RetrieveUpdateAPIView

from nova_drf.openapi.dialect import JSONSchema


def contract_of(serializer_class: object) -> Mapping[str, JSONSchema]:
    """Return the components, by name, of requests, partial requests and responses.

    Args:
        serializer_class: A serializer class, of DRF or of ours.
    """
    attributes = {"serializer_class": serializer_class, "schema": AutoSchema()}
    view: Any = type("ContractView", (RetrieveUpdateAPIView,), attributes)
    with GENERATOR_STATS.silence():
        generator = SchemaGenerator(patterns=[path("contract/", view.as_view())])
        document: Any = generator.get_schema(request=None, public=True)
    components: Mapping[str, JSONSchema] = document.get("components", {}).get("schemas", {})
    return components
