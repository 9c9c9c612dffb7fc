"""Which component a serializer is: its name, its identity, and whether one is enough."""

from __future__ import annotations

import copy
from collections.abc import Hashable
from functools import partial
from itertools import takewhile
from typing import Any
from weakref import WeakKeyDictionary

from drf_spectacular.drainage import get_override, has_override, set_override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import (
    ComponentIdentity,
    ComponentRegistry,
    ResolvedComponent,
    is_serializer,
)
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import Direction

from nova_drf.openapi.dialect import JSONSchema
from nova_drf.openapi.drafts import Describe, describe_alike, is_draft, parts_alike, without_text
from nova_drf.openapi.naming import Affixes, Claim, claimed_name, is_named
from nova_drf.serializers.schema_serializer import SchemaSerializer, nested_serializer_class

DIRECTIONS: tuple[Direction, ...] = ("request", "response")

_DECORATIONS = (
    "component_name",
    "deprecate_fields",
    "examples",
    "exclude_fields",
    "extensions",
    "many",
)
"""What ``@extend_schema_serializer`` says of a class."""

_answers: WeakKeyDictionary[ComponentRegistry, dict[Hashable, bool]] = WeakKeyDictionary()
"""What was compared already while a document is being made."""


def component_name(auto_schema: AutoSchema, serializer: object, direction: Direction) -> str:
    """Return a serializer's component name, without what drf-spectacular puts around it.

    Args:
        auto_schema: drf-spectacular's inspector.
        serializer: An instance of a :class:`~nova_drf.SchemaSerializer`.
        direction: ``"request"`` or ``"response"``.
    """
    _take_decorations(type(serializer))
    affixes = Affixes.of(serializer, direction)
    wanted = affixes.without(
        auto_schema._get_serializer_name(serializer, direction, bypass_extensions=True)
    )
    described = owner_of(serializer)
    if direction == "request" and needs_two(auto_schema, serializer):
        wanted = f"{wanted}Request"
    claim = Claim(
        owner=_owner_in(auto_schema, serializer, direction),
        wanted=wanted,
        path=f"{described.__module__}.{described.__qualname__}",
        holder=serializer,
        shares=partial(same_document, auto_schema, serializer),
        affixes=affixes,
    )
    return claimed_name(auto_schema, claim)


def is_of_query(auto_schema: AutoSchema, serializer: object, direction: Direction) -> bool:
    """Whether drf-spectacular asks for a schema to take a query string's parameters from it.

    Args:
        auto_schema: drf-spectacular's inspector.
        serializer: An instance of a :class:`~nova_drf.SchemaSerializer`.
        direction: ``"request"`` or ``"response"``.
    """
    is_parameters = direction == "request" and not is_draft(auto_schema)
    return is_parameters and not is_being_made(auto_schema, serializer, direction)


def is_being_made(auto_schema: AutoSchema, serializer: object, direction: Direction) -> bool:
    """Whether drf-spectacular asks for a schema to make a component of it.

    It asks for one without a component as well, to take a query string's parameters from it.

    Args:
        auto_schema: drf-spectacular's inspector.
        serializer: An instance of a :class:`~nova_drf.SchemaSerializer`.
        direction: ``"request"`` or ``"response"``.
    """
    if is_draft(auto_schema) or not is_named(
        auto_schema, _owner_in(auto_schema, serializer, direction)
    ):
        return False
    name = component_name(auto_schema, serializer, direction)
    whole_name = Affixes.of(serializer, direction).around(name)
    try:
        component = auto_schema.registry[(whole_name, ResolvedComponent.SCHEMA)]
    except KeyError:
        return False
    return component.schema is None


def _owner_in(auto_schema: AutoSchema, serializer: object, direction: Direction) -> Hashable:
    """Return what has a component of its own in one direction."""
    owner = owner_of(serializer)
    if direction == "request" and needs_two(auto_schema, serializer):
        return owner, direction
    return owner


def owner_of(serializer: Any) -> type:
    """Return what a serializer's component describes: the schema, if the class adds nothing.

    Args:
        serializer: An instance of a :class:`~nova_drf.SchemaSerializer`.
    """
    cls = type(serializer)
    definition = cls.get_definition()
    schema: type = definition.request.schema
    if definition.is_schema_alone and not _makes_its_own_fields(cls):
        return schema if cls.__name__ == nested_serializer_class(schema).__name__ else cls
    return cls


def _makes_its_own_fields(cls: type) -> bool:
    own = takewhile(lambda base: base is not SchemaSerializer, cls.__mro__)
    return any("get_fields" in vars(base) or "__init__" in vars(base) for base in own)


def _take_decorations(cls: Any) -> None:
    """Give a nested schema's serializer what ``@extend_schema_serializer`` says of the schema."""
    schema = cls.get_definition().request.schema
    if cls is not nested_serializer_class(schema):
        return
    for decoration in _DECORATIONS:
        if has_override(schema, decoration):
            set_override(cls, decoration, get_override(schema, decoration))


def needs_two(auto_schema: AutoSchema, serializer: Any) -> bool:
    """Whether a serializer needs a component for each direction though no setting asks for two.

    Args:
        auto_schema: drf-spectacular's inspector.
        serializer: An instance of a :class:`~nova_drf.SchemaSerializer`.
    """
    if spectacular_settings.COMPONENT_SPLIT_REQUEST:
        return False
    definition = type(serializer).get_definition()
    if definition.request is not definition.response:
        return True
    request, response = (_description(auto_schema, serializer, each) for each in DIRECTIONS)
    return directions_differ(auto_schema, owner_of(serializer), request, response)


def directions_differ(
    auto_schema: AutoSchema, owner: Hashable, request: Describe, response: Describe
) -> bool:
    """Whether a request needs another schema than a response; asked once for each document.

    Args:
        auto_schema: drf-spectacular's inspector.
        owner: What is described.
        request: Describes what is accepted.
        response: Describes what is sent.
    """
    if is_draft(auto_schema):
        return False
    answers = _answers.setdefault(auto_schema.registry, {})
    if owner not in answers:
        parts = parts_alike(auto_schema, request, response)
        answers[owner] = parts is None
        for part in parts or ():
            if isinstance(part.object, DocumentIdentity):
                answers.setdefault(part.object.obj, False)
    return answers[owner]


def same_document(auto_schema: AutoSchema, ours: object, other: object) -> bool:
    """Whether two serializers have the same component, in both directions.

    Args:
        auto_schema: drf-spectacular's inspector.
        ours: An instance of a serializer.
        other: Another one, or its class, or something else, which has no document.
    """
    if isinstance(other, DocumentIdentity):
        other = other.serializer
    if is_draft(auto_schema) or not is_serializer(other, strict=True):
        return False
    second = other() if isinstance(other, type) else other
    answers = _answers.setdefault(auto_schema.registry, {})
    key = (type(ours), type(second))
    if key not in answers:
        answers[key] = all(
            describe_alike(
                auto_schema,
                _description(auto_schema, ours, direction),
                _description(auto_schema, second, direction),
            )
            for direction in DIRECTIONS
        )
    return answers[key]


def _description(auto_schema: AutoSchema, serializer: Any, direction: Direction) -> Describe:
    """Return what describes a serializer, and not a partial update with it."""
    whole = copy.copy(serializer)
    whole.partial = False

    def describe() -> JSONSchema:
        component = auto_schema.resolve_serializer(whole, direction)
        return dict(without_text(component.schema))

    return describe


class DocumentIdentity(ComponentIdentity):
    """A serializer as a component: the same as whatever has the same document.

    Args:
        auto_schema: drf-spectacular's inspector.
        serializer: An instance of a :class:`~nova_drf.SchemaSerializer`.
    """

    def __init__(self, auto_schema: AutoSchema, serializer: object) -> None:
        self.obj = owner_of(serializer)
        self.serializer = serializer
        self._auto_schema = auto_schema

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DocumentIdentity) and self.obj is other.obj:
            return True
        return same_document(self._auto_schema, self.serializer, other)

    # Documents are compared, and what is equal without being the same cannot be hashed.
    __hash__ = None  # type: ignore[assignment]  # Python's own word for it
