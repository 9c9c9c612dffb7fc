"""The classes of the objects that a view asks: permissions, authenticators, throttles, ...

Which of them are DRF's own, which have async methods, and which ask no database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from operator import attrgetter
from types import ModuleType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework import (
    authentication,
    filters,
    negotiation,
    pagination,
    parsers,
    permissions,
    throttling,
    versioning,
)
from rest_framework.authentication import (
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.permissions import (
    AllowAny,
    IsAdminUser,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
    OperandHolder,
    SingleOperandHolder,
)
from rest_framework.views import APIView

from nova_drf.core.concurrency import is_awaited
from nova_drf.core.ownership import classes_of
from nova_drf.views.negotiation import RememberingNegotiation
from nova_drf.views.ownership import steps_are_drfs
from nova_drf.views.parsers import JSONParser, SchemaJSONParser

ASKED = (
    *("has_permission", "has_object_permission", "allow_request", "wait"),
    *("authenticate", "authenticate_header", "filter_queryset", "parse"),
    *("paginate_queryset", "get_paginated_response", "select_parser", "select_renderer"),
    *("determine_version", "is_allowed_version"),
)
"""What a view, or a class of DRF's, asks such objects."""

_MODULES: tuple[ModuleType, ...] = (
    *(authentication, filters, negotiation, pagination, parsers),
    *(permissions, throttling, versioning),
)


class _Answers:
    """The functions with which objects of one of DRF's classes answer.

    Args:
        cls: The class, as it is when this is imported.
    """

    def __init__(self, cls: type) -> None:
        names = [name for name in ASKED if hasattr(cls, name)]
        # Two at least: of one, it returns no tuple. Compared by `==`, a function is only itself.
        self.read: Callable[[Any], object] = attrgetter("__class__", *names)
        self.known = self.read(cls)


DRFS = {cls: _Answers(cls) for module in _MODULES for cls in classes_of(module)} | {
    cls: _Answers(cls) for cls in (JSONParser, SchemaJSONParser, RememberingNegotiation)
}
"""DRF's own classes and what they answer with: a test may have put something else in its place."""


def answers_at_once(cls: object) -> bool:
    """Whether a class is DRF's own, so that no answer of its objects has to be awaited.

    Args:
        cls: What a view names: a class, or anything that makes an object.
    """
    answers = DRFS.get(cls) if isinstance(cls, type) else None
    return answers is not None and answers.read(cls) == answers.known


MEMBERS = (
    "authentication_classes",
    "permission_classes",
    "throttle_classes",
    "filter_backends",
    "pagination_class",
)
"""The attributes of a view class that name classes of such objects."""


@contextmanager
def with_attribute(view: APIView, name: str, value: object) -> Iterator[None]:
    """Give one view another attribute while a block runs.

    Args:
        view: The view of one request.
        name: The attribute.
        value: What it is in the block.
    """
    attributes = vars(view)
    own = {name: attributes[name]} if name in attributes else {}
    attributes[name] = value
    try:
        yield
    finally:
        del attributes[name]
        attributes.update(own)


def has_async_policies(cls: type) -> bool:
    """Whether a view class names a permission, authentication, ... class with async methods."""
    return any(
        has_async_methods(policy)
        for name in MEMBERS
        for member in listed(getattr(cls, name, None))
        for policy in leaves_of(member)
    )


def listed(members: object) -> Iterable[object]:
    """Return what an attribute such as ``permission_classes`` names, be it one class or several."""
    return members if isinstance(members, (list, tuple, set, frozenset)) else [members]


def leaves_of(member: object) -> Iterator[type]:
    """Yield the classes that a composed permission is made of."""
    if isinstance(member, (OperandHolder, SingleOperandHolder)):
        yield from leaves_of(member.operator_class)
    if isinstance(member, OperandHolder):
        yield from leaves_of(member.op1_class)
        yield from leaves_of(member.op2_class)
    elif isinstance(member, SingleOperandHolder):
        yield from leaves_of(member.op1_class)
    elif isinstance(member, type):
        yield member


@lru_cache(maxsize=1024)
def has_async_methods(cls: object) -> bool:
    """Whether objects of a class (a permission, a filter backend, ...) have an async method."""
    return any(
        is_awaited(getattr(cls, name, None)) for name in dir(cls) if not name.startswith("__")
    )


# What asks no database

_OPENING = (
    *("default_response_headers", "determine_version", "get_authenticators", "get_parsers"),
    *("get_content_negotiator", "get_format_suffix", "get_parser_context", "get_permissions"),
    *("get_renderers", "get_throttles", "initial", "initialize_request", "check_permissions"),
    *("check_throttles", "perform_authentication", "perform_content_negotiation"),
)
"""What DRF calls before a handler."""

_POLICIES = (
    *("throttle_classes", "content_negotiation_class", "versioning_class"),
    *("permission_classes", "authentication_classes"),
)
_LISTS = frozenset((list, tuple))

BY_USER = frozenset((AllowAny, IsAuthenticated, IsAdminUser, IsAuthenticatedOrReadOnly))


def opens_without_queries(view: APIView, request: HttpRequest) -> bool:
    """Whether all that comes before the handler asks no database, so that no thread is needed.

    That is so for what DRF itself brings, and for a request that carries no credentials.

    Args:
        view: The view of this request.
        request: Django's request.
    """
    cls: type = type(view)
    throttles, negotiation, versioning, *lists = [
        # A property would ask after a request that the view does not have yet.
        vars(view).get(name, getattr(cls, name))
        for name in _POLICIES
    ]
    permissions, authentications = lists
    return (
        _LISTS.issuperset(map(type, (throttles, *lists)))
        and not throttles
        and steps_are_drfs(cls, _OPENING)
        and vars(view).keys().isdisjoint(_OPENING)
        # The renderer and the version are chosen by DRF's own code.
        and answers_at_once(negotiation)
        and (versioning is None or answers_at_once(versioning))
        and all(answers_at_once(cls) and cls in BY_USER for cls in permissions)
        and all(_finds_nobody(cls, request) for cls in authentications)
    )


def _finds_nobody(authentication: object, request: HttpRequest) -> bool:
    if not answers_at_once(authentication):
        return False
    if authentication is SessionAuthentication:
        return settings.SESSION_COOKIE_NAME not in request.COOKIES
    by_header = authentication in (BasicAuthentication, TokenAuthentication)
    return by_header and "HTTP_AUTHORIZATION" not in request.META
