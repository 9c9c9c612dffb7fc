"""Drafts: documents that are only made to be compared.

Two serializers may share a component if their documents are the same, and a request and a response
may share one if theirs are. Nobody gets to see the drafts that tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeGuard

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from nova_drf.openapi.dialect import JSONSchema

Describe = Callable[[], JSONSchema]
"""Returns a schema, and registers the components that it needs."""

_REFERENCE = "#/components/schemas/"


class Draft(ComponentRegistry):
    """The components of a draft."""

    def __init__(self) -> None:
        super().__init__()
        self.registered: list[ResolvedComponent] = []

    def register(self, component: ResolvedComponent) -> None:
        """Take a component, and remember whose it is."""
        self.registered.append(component)
        super().register(component)


def is_draft(auto_schema: AutoSchema) -> bool:
    """Whether drf-spectacular's inspector is at work on a draft."""
    return isinstance(auto_schema.registry, Draft)


def describe_alike(auto_schema: AutoSchema, first: Describe, second: Describe) -> bool:
    """Whether two things are documented in the same way, whatever their components are called.

    Args:
        auto_schema: drf-spectacular's inspector, with which both are described.
        first: Describes one of them.
        second: Describes the other.
    """
    return parts_alike(auto_schema, first, second) is not None


def parts_alike(
    auto_schema: AutoSchema, first: Describe, second: Describe
) -> list[ResolvedComponent] | None:
    """Return the components of two things that are documented alike; ``None`` if they are not.

    The parts of what is alike are alike as well, so that nobody needs to ask again about them.

    Args:
        auto_schema: drf-spectacular's inspector, with which both are described.
        first: Describes one of them.
        second: Describes the other.
    """
    with _drafting(auto_schema) as its:
        its_schema = first()
    with _drafting(auto_schema) as others:
        others_schema = second()
    alike = _Comparison(its, others).alike(its_schema, others_schema)
    return its.registered if alike else None


@contextmanager
def _drafting(auto_schema: AutoSchema) -> Iterator[Draft]:
    registry, draft = auto_schema.registry, Draft()
    warnings, errors = dict(GENERATOR_STATS._warn_cache), dict(GENERATOR_STATS._error_cache)
    auto_schema.registry = draft
    try:
        with GENERATOR_STATS.silence():
            yield draft
    finally:
        auto_schema.registry = registry
        # What a draft warns of, the document warns of too, and then it has to be printed.
        GENERATOR_STATS.reset()
        GENERATOR_STATS._warn_cache.update(warnings)
        GENERATOR_STATS._error_cache.update(errors)


class _Comparison:
    """Compares two schemas; references are equal if what they refer to is.

    Args:
        its: The components of the first schema.
        others: Those of the second.
    """

    def __init__(self, its: Draft, others: Draft) -> None:
        self._its = its
        self._others = others
        self._assumed: set[tuple[str, str]] = set()

    def alike(self, its: object, others: object) -> bool:
        """Whether two parts of the schemas mean the same."""
        if isinstance(its, dict) and isinstance(others, dict):
            return its.keys() == others.keys() and all(
                self.alike(its[key], others[key]) for key in its
            )
        if isinstance(its, list) and isinstance(others, list):
            return len(its) == len(others) and all(map(self.alike, its, others))
        if _is_reference(its) and _is_reference(others):
            return self._components_alike(its, others)
        return type(its) is type(others) and bool(its == others)

    def _components_alike(self, its: str, others: str) -> bool:
        if (its, others) in self._assumed:
            return True
        self._assumed.add((its, others))
        return self.alike(
            without_text(_referred(self._its, its)), without_text(_referred(self._others, others))
        )


def without_text(schema: Any) -> Any:
    """Take away the text about a component, which says nothing about what it accepts and sends."""
    return {key: value for key, value in (schema or {}).items() if key != "description"}


def _is_reference(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith(_REFERENCE)


def _referred(draft: Draft, reference: str) -> object:
    name = reference.removeprefix(_REFERENCE)
    return draft[(name, ResolvedComponent.SCHEMA)].schema
