"""Which serializer an action of a view uses, as far as the view tells without a client."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr
from typing import Any

from pydantic import BaseModel
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.overrides import SerializerClass, overrides
from nova_drf.migration.endpoints import Endpoint
from nova_drf.migration.fake_views import fake_view
from nova_drf.serializers.schema_serializer import nested_serializer_class

_EXTENDED = "ExtendedSchema"
"""What drf-spectacular calls the classes that hold what ``@extend_schema`` was told."""


def serializer_of(endpoint: Endpoint, method: str, action: str) -> SerializerClass | None:
    """Return the serializer class that an action of a view uses, as far as it can be known.

    What ``@extend_schema`` says of an action counts more than what the view says of all.

    Args:
        endpoint: The endpoint.
        method: The HTTP method, in small letters.
        action: The view's method that answers.

    Raises:
        Exception: Whatever the view's own code raises, where only a client could tell it.
    """
    view = fake_view(endpoint, method, action)
    said = next(_serializer_classes(_said_by_extend_schema(view, method, action)), None)
    if said is not None:
        return said
    chosen: object = getattr(view, "serializer_class", None)
    if hasattr(view, "get_serializer_class"):
        if chosen is None and not any(overrides(endpoint.view, ("get_serializer_class",))):
            return None
        chosen = view.get_serializer_class()
    return next(_serializer_classes(chosen), None)


def _said_by_extend_schema(view: Any, method: str, action: str) -> object:
    """Return what a decorator of drf-spectacular's says that a client sends, or gets."""
    said_of_action = getattr(getattr(view, action, None), "kwargs", {}).get("schema")
    schema = said_of_action() if isinstance(said_of_action, type) else view.schema
    if not any(cls.__name__ == _EXTENDED for cls in type(schema).__mro__):
        return None
    schema.view, schema.method, schema.path = view, method.upper(), "/"
    asked = "get_response_serializers" if method == "get" else "get_request_serializer"
    # Where the decorator says something else, drf-spectacular guesses, and complains on stderr.
    with redirect_stderr(io.StringIO()):
        said: object = getattr(schema, asked)()
    return said


def _serializer_classes(said: object) -> Iterator[SerializerClass]:
    """Yield the classes in what somebody says; media types and statuses are in front of some."""
    if isinstance(said, Mapping):
        for value in said.values():
            yield from _serializer_classes(value)
        return
    said = getattr(said, "response", said)  # of an OpenApiResponse
    said = getattr(said, "request", said)  # of an OpenApiRequest
    if isinstance(said, ListSerializer):
        said = said.child
    cls = said if isinstance(said, type) else type(said)
    if issubclass(cls, BaseSerializer):
        yield cls
    elif issubclass(cls, BaseModel):
        yield nested_serializer_class(cls)
