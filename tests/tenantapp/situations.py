"""Who asks, where and when; and what a serializer class then answers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from rest_framework.metadata import SimpleMetadata

from nova_drf import (
    SchemaBackedMixin,
    schema_from_serializer,
    serializer_from_schema,
)
from tests.oracle import outcome, printed
from tests.tenantapp.models import clock, colours, tenant

SITUATIONS = [("en", "a", 0), ("de", "b", 1), ("fr", "a", 1), ("de", "b", 0), ("en", "b", 1)]
"""Languages, tenants and times; the first is the one in which classes are first used."""


@contextmanager
def situation(language: str, whose: str, now: int) -> Iterator[None]:
    """Be somebody, somewhere, some time."""
    tokens = tenant.set(whose), clock.set(now)
    with translation.override(language):
        yield
    tenant.reset(tokens[0])
    clock.reset(tokens[1])


def backed(classic: Any) -> Any:
    return type(classic.__name__, (SchemaBackedMixin, classic), {"__module__": __name__})


def converted(classic: Any) -> Any:
    return serializer_from_schema(schema_from_serializer(classic))


WAYS: dict[str, Callable[[Any], Any]] = {"backed": backed, "converted": converted}


def answers(serializer_class: Any, payloads: list[Any], instance: Any = None) -> list[Any]:
    """Return all that can be seen of a serializer class."""
    seen: list[Any] = []
    for payload in payloads:
        seen.append(outcome(serializer_class, copy.copy(payload)))
    seen.append(outcome(serializer_class, copy.copy(payloads[-1]), partial=True))
    seen.append(SimpleMetadata().get_serializer_info(serializer_class()))
    if instance is not None:
        seen.append(printed(serializer_class, instance))
        seen.append(printed(serializer_class, [instance] * 8, many=True))
    return seen


def now() -> datetime:
    return datetime(2024, 1, 1 + clock.get(), tzinfo=timezone.get_default_timezone())


def at_most() -> int:
    return 5 + clock.get()


class Choices:
    """Choices that are others each time somebody asks."""

    def __iter__(self) -> Iterator[Any]:
        return iter(colours())

    def __deepcopy__(self, memo: object) -> Choices:
        return self
