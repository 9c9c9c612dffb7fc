"""The OpenAPI document of one view."""

from __future__ import annotations

import json
from typing import Any

from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin


def view_document(view_class: Any) -> dict[str, Any]:
    """Return the document of a view as if it were all that is routed, under ``/api/``.

    Args:
        view_class: A view class of DRF's. If its project describes views in another way, they are
            described here by drf-spectacular all the same.
    """
    if not isinstance(view_class.schema, AutoSchema | None):
        view_class = type(view_class.__name__, (view_class,), {"schema": AutoSchema()})
    if issubclass(view_class, ViewSetMixin):
        router = SimpleRouter()
        router.register("api", view_class, basename="api")
        routes = list(router.urls)
    else:
        routes = [path("api/", view_class.as_view())]
    document = SchemaGenerator(patterns=routes).get_schema(request=None, public=True)
    plain: dict[str, Any] = json.loads(json.dumps(document, default=str))
    return plain
