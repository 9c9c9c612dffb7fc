"""The objects that a view asks (permissions, authenticators, throttles, filters, paginators, ...).

Any of their methods may be ``async def``. DRF's code, which calls them, runs in a worker thread; so
it gets them with sync methods, which wait for the async ones on the event loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from rest_framework.authentication import (
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.permissions import (
    AND,
    NOT,
    OR,
    AllowAny,
    IsAdminUser,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
    OperandHolder,
    SingleOperandHolder,
)

from nova_drf.loops import in_sync

MEMBERS = (
    "authentication_classes",
    "permission_classes",
    "throttle_classes",
    "filter_backends",
    "pagination_class",
)
"""The attributes of a view class that name classes of such objects."""


_COMPOSED: tuple[type[Any], ...] = (AND, OR, NOT)
_OPERANDS = ("op1", "op2")


class InSync:
    """An object with async methods, all of which can be called from a worker thread.

    Args:
        member: The object. All its attributes are there; only calling an async method differs.
    """

    def __init__(self, member: Any) -> None:
        self.__member = member

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.__member, name)
        return in_sync(value) if iscoroutinefunction(value) else value


def synchronous(member: Any) -> Any:
    """Return a permission, authenticator, ... that a worker thread can ask.

    Args:
        member: The object; it comes back as it is if it has nothing async. The parts of a composed
            permission (``&``, ``|``, ``~``) are looked at one by one.
    """
    kind: Any = type(member)
    if has_async_methods(kind):
        return InSync(member)
    if isinstance(member, _COMPOSED):
        parts = [vars(member)[name] for name in _OPERANDS if name in vars(member)]
        made = [synchronous(part) for part in parts]
        same = all(one is part for one, part in zip(made, parts, strict=True))
        return member if same else kind(*made)
    return member


class Replaced:
    """Gives one view object another attribute, while a block runs.

    Args:
        view: The view of one request.
        name: The attribute.
        value: What it is in the block.
    """

    def __init__(self, view: Any, name: str, value: Any) -> None:
        self._attributes = vars(view)
        self._name = name
        self._before = self._attributes.get(name, _MISSING)
        self._attributes[name] = value

    def __enter__(self) -> None:
        """Nothing is left to do."""

    def __exit__(self, *exception: object) -> None:
        if self._before is _MISSING:
            del self._attributes[self._name]
        else:
            self._attributes[self._name] = self._before


def synchronous_members(view: Any, name: str) -> AbstractContextManager[None]:
    """Let a method of a view return objects that a worker thread can ask, while a block runs.

    Args:
        view: The view of one request.
        name: ``"get_permissions"`` or ``"get_throttles"``: it is called once.
    """
    if asks_sync_members(view, name):
        return _AS_IT_IS
    made = [synchronous(member) for member in getattr(view, name)()]
    return Replaced(view, name, lambda: made)


_MISSING = object()
_AS_IT_IS = nullcontext()

_NAMED_BY = {
    "get_authenticators": "authentication_classes",
    "get_permissions": "permission_classes",
    "get_throttles": "throttle_classes",
}


def asks_sync_members(view: Any, name: str) -> bool:
    """Whether a method of a view is DRF's own and returns objects without async methods.

    Args:
        view: The view of one request.
        name: ``"get_permissions"``, ``"get_throttles"`` or ``"get_authenticators"``.
    """
    kind: Any = type(view)
    return steps_are_drfs(kind, (name,)) and all(
        map(_makes_sync_objects, getattr(view, _NAMED_BY[name]))
    )


def _makes_sync_objects(member: Any) -> bool:
    """Whether what a view names is known to make objects without async methods."""
    if isinstance(member, OperandHolder):
        parts = (member.operator_class, member.op1_class, member.op2_class)
        return all(map(_makes_sync_objects, parts))
    if isinstance(member, SingleOperandHolder):
        return all(map(_makes_sync_objects, (member.operator_class, member.op1_class)))
    # Anything else that can be called may make what it likes.
    return isinstance(member, type) and is_plain(member) and not has_async_methods(member)


def is_plain(cls: Any) -> bool:
    """Whether calling a class makes an object of that very class."""
    return cls.__new__ is object.__new__


def has_async_members(cls: type) -> bool:
    """Whether a view class names a permission, authentication, ... class with async methods."""
    return any(
        has_async_methods(one)
        for name in MEMBERS
        for member in _listed(getattr(cls, name, None))
        for one in _leaves(member)
    )


def _listed(members: Any) -> Iterable[Any]:
    return members if isinstance(members, (list, tuple, set, frozenset)) else [members]


def _leaves(member: Any) -> Iterator[type]:
    """Yield the classes that a composed permission is made of."""
    if isinstance(member, (OperandHolder, SingleOperandHolder)):
        yield from _leaves(member.operator_class)
    if isinstance(member, OperandHolder):
        yield from _leaves(member.op1_class)
        yield from _leaves(member.op2_class)
    elif isinstance(member, SingleOperandHolder):
        yield from _leaves(member.op1_class)
    elif isinstance(member, type):
        yield member


@cache
def has_async_methods(cls: Any) -> bool:
    """Whether objects of a class (a permission, a filter backend, ...) have an async method."""
    return any(
        iscoroutinefunction(getattr(cls, name, None))
        for name in dir(cls)
        if not name.startswith("__")
    )


# What asks no database

_OPENING = (
    *("default_response_headers", "determine_version", "get_authenticators", "get_parsers"),
    *("get_content_negotiator", "get_format_suffix", "get_parser_context", "get_permissions"),
    *("get_renderers", "get_throttles", "initial", "initialize_request", "check_permissions"),
    *("check_throttles", "perform_authentication", "perform_content_negotiation"),
)
"""What DRF calls before a handler."""

_OURS = ("nova_drf.views", "nova_drf.generics")
_BY_USER = frozenset((AllowAny, IsAuthenticated, IsAdminUser, IsAuthenticatedOrReadOnly))


def opens_without_queries(view: Any, request: HttpRequest) -> bool:
    """Whether all that comes before the handler asks no database, so that no thread is needed.

    That is so for what DRF itself brings, and for a request that carries no credentials.

    Args:
        view: The view of this request.
        request: Django's request.
    """
    kind: Any = type(view)
    return (
        not view.throttle_classes
        and _opens_as_drf(kind)
        and _BY_USER.issuperset(view.permission_classes)
        and all(_finds_nobody(one, request) for one in view.authentication_classes)
    )


def _finds_nobody(authentication: Any, request: HttpRequest) -> bool:
    if authentication is SessionAuthentication:
        return settings.SESSION_COOKIE_NAME not in request.COOKIES
    by_header = authentication in (BasicAuthentication, TokenAuthentication)
    return by_header and "HTTP_AUTHORIZATION" not in request.META


@cache
def _opens_as_drf(cls: Any) -> bool:
    classes = [cls.content_negotiation_class, cls.versioning_class]
    return steps_are_drfs(cls, _OPENING) and all(one is None or is_of_drf(one) for one in classes)


HOLDS_STEPS = "_nova_drf_holds_steps"
"""Marks a class that only holds what other classes define, callable from both sides."""


@cache
def steps_are_drfs(cls: type, names: tuple[str, ...]) -> bool:
    """Whether DRF, or our views, define steps of a view class, rather than the project.

    What counts is where a step is found: a decorator copies the name and module of what it
    decorates, also of what it adds to a class from outside.

    Args:
        cls: The view class.
        names: The steps; those that the class does not have count as DRF's.
    """
    order = [base for base in cls.__mro__ if HOLDS_STEPS not in vars(base)]
    for name in names:
        definer = next((base for base in order if name in vars(base)), None)
        if definer is not None:
            step = vars(definer)[name]
            # Somebody may have put another function in the place of DRF's.
            written = step.fget if isinstance(step, property) else step
            if not (_is_drfs_or_ours(definer) and _is_drfs_or_ours(written)):
                return False
    return True


def _is_drfs_or_ours(thing: Any) -> bool:
    return is_of_drf(thing) or getattr(thing, "__module__", None) in _OURS


def is_of_drf(thing: Any) -> bool:
    """Whether a class or function is DRF's own."""
    module: str = getattr(thing, "__module__", None) or ""
    return module.startswith("rest_framework.")
