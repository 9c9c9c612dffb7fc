"""OpenAPI documents of small projects, held to what every document must fulfil."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.urls import path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from openapi_spec_validator import validate
from rest_framework import generics
from rest_framework.views import APIView

from tests.testapp.models import Book

Document = dict[str, Any]

LEGAL_NAME = re.compile(r"[A-Za-z0-9._-]+")
"""What OpenAPI takes for the name of a component."""


@dataclass(frozen=True)
class Dialect:
    """What a project chose for its documents: ``SPECTACULAR_SETTINGS``, as far as they matter."""

    version: str
    split: bool

    @property
    def is_30(self) -> bool:
        return self.version.startswith("3.0")

    def request(self, name: str) -> str:
        """Return what a component is called in a request."""
        return f"{name}Request" if self.split else name

    def null(self, schema: Document) -> Document:
        """Return the schema of a value that may be null as well, if it is a plain type."""
        if self.is_30:
            return {**schema, "nullable": True}
        return {**schema, "type": [schema["type"], "null"]}

    @contextmanager
    def chosen(self, **settings: Any) -> Iterator[None]:
        """Let drf-spectacular use it, with other settings; not inside of another choice."""
        chosen = {"OAS_VERSION": self.version, "COMPONENT_SPLIT_REQUEST": self.split}
        with patched_settings({**chosen, **settings}):
            yield


DIALECTS = [Dialect(version, split) for version in ("3.0.3", "3.1.0") for split in (False, True)]


def dialect_name(dialect: Dialect) -> str:
    return f"{dialect.version}-{'split' if dialect.split else 'one'}"


def endpoints(**serializer_classes: Any) -> list[Any]:
    """Return the routes of one list and one detail endpoint for each serializer class."""
    routes = []
    for name, serializer_class in serializer_classes.items():
        attributes = {"queryset": Book.objects.all(), "serializer_class": serializer_class}
        listed = type("Listed", (generics.ListCreateAPIView,), attributes)
        detail = type("Detail", (generics.RetrieveUpdateAPIView,), attributes)
        routes += [path(f"{name}/", listed.as_view()), path(f"{name}/<int:pk>/", detail.as_view())]
    return routes


def drafted(routes: list[Any]) -> Document:
    """Return the document of some routes, whatever it is worth."""
    GENERATOR_STATS.reset()
    made: Document = SchemaGenerator(patterns=routes).get_schema(request=None, public=True)
    return made


def generated(routes: list[Any]) -> Document:
    """Return the document of some routes, as JSON would carry it, and check that it is valid.

    The validator knows OpenAPI's own grammar. That references lead somewhere, that names are
    legal and that nothing of ours is left over is checked as well.
    """
    document: Document = json.loads(json.dumps(drafted(routes)))
    validate(document)
    text = json.dumps(document)
    assert "$defs" not in text
    assert "x-nova" not in text
    assert "x-spec-enum-id" not in text
    schemas = document.get("components", {}).get("schemas", {})
    assert all(LEGAL_NAME.fullmatch(name) for name in schemas), list(schemas)
    assert {_name_in(one) for one in references(document)} <= schemas.keys()
    return document


def references(part: Any) -> Iterator[str]:
    """Yield all references in a document, those of discriminators included."""
    if isinstance(part, list):
        for item in part:
            yield from references(item)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        if isinstance(part.get("discriminator"), dict):
            yield from part["discriminator"].get("mapping", {}).values()
        for value in part.values():
            yield from references(value)


def takes_null(schema: Document) -> bool:
    """Whether a value may be null, in the words of any version of OpenAPI and drf-spectacular."""
    members = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return bool(schema.get("nullable")) or {"type": "null"} in members


def _name_in(reference: str) -> str:
    assert reference.startswith("#/components/schemas/"), reference
    return reference.removeprefix("#/components/schemas/")


def document(*views: type[APIView], **serializer_classes: Any) -> Document:
    """Return a document; a warning fails.

    Args:
        views: Views of their own, at routes of their name.
        serializer_classes: Serializers by the name of a route.
    """
    routes = [path(f"{view.__name__.lower()}/", view.as_view()) for view in views]
    made = generated([*routes, *endpoints(**serializer_classes)])
    assert not GENERATOR_STATS, (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache)
    return made


def components(*views: type[APIView], **serializer_classes: Any) -> dict[str, Document]:
    """Return the components of a document by name."""
    schemas: dict[str, Document] = document(*views, **serializer_classes)["components"]["schemas"]
    return schemas


def warnings_of(routes: list[Any]) -> tuple[dict[str, Document], list[str]]:
    """Return the components of a document and what drf-spectacular warns of."""
    schemas = generated(routes)["components"]["schemas"]
    return schemas, warned()


def warned() -> list[str]:
    """Return what drf-spectacular warned of while it made the last document."""
    return [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]


def documented(serializer_class: Any) -> tuple[Document, list[str]]:
    """Return the document of a serializer and the warnings, whatever they are worth."""
    with GENERATOR_STATS.silence():
        return drafted(endpoints(thing=serializer_class)), warned()
