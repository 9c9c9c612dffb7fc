"""The objects that a view asks: permissions, authenticators, throttles, filters, paginators, ...

DRF's code takes what they answer for the answer. Here an answer that has to be awaited is awaited
first, whatever the method looks like that gave it: a coroutine is true, and as a permission it
would let everybody in. Only objects of DRF's own classes, which answer at once, stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from inspect import getattr_static, isfunction
from typing import Any

from django.views import View
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
from rest_framework.permissions import OperandHolder, SingleOperandHolder

from nova_drf.loops import Settling, settled
from nova_drf.parsers import JSONParser

_ASKED = (
    *("has_permission", "has_object_permission", "allow_request", "wait"),
    *("authenticate", "authenticate_header", "filter_queryset", "parse"),
    *("paginate_queryset", "get_paginated_response", "select_parser", "select_renderer"),
    *("determine_version", "is_allowed_version"),
)
"""What a view, or a class of DRF's, asks such objects."""

_COMPOSED = (
    *("has_permission", "has_object_permission", "allow_request"),
    *("authenticate", "filter_queryset"),
)
"""Which of them tell that an attribute of such an object is one as well."""

_MODULES: tuple[Any, ...] = (
    *(authentication, filters, negotiation, pagination, parsers),
    *(permissions, throttling, versioning),
)
_OPERATORS = (permissions.AND, permissions.OR, permissions.NOT)
_OPERANDS = ("op1", "op2")
_GROUPS = (list, tuple, set, frozenset)


def _answers_of(cls: type) -> dict[str, Any]:
    """Return the functions with which objects of a class answer."""
    return {name: getattr(cls, name) for name in _ASKED if hasattr(cls, name)}


_OF_DRF = {
    cls: _answers_of(cls)
    for module in _MODULES
    for cls in vars(module).values()
    if isinstance(cls, type) and cls.__module__ == module.__name__
} | {JSONParser: _answers_of(JSONParser)}
"""DRF's own classes and what they answer with: a test may have put something else in its place."""


def answers_at_once(cls: Any) -> bool:
    """Whether a class is DRF's own, so that no answer of its objects has to be awaited.

    Args:
        cls: What a view names: a class, or anything that makes an object.
    """
    known = _OF_DRF.get(cls) if isinstance(cls, type) else None
    return known is not None and all(getattr(cls, name) is known[name] for name in known)


def settling_members(members: Any) -> list[Any]:
    """Let the methods of all objects that a view asks wait for what they answer.

    Args:
        members: The objects, as ``get_permissions()`` returns them.
    """
    return [settling(member) for member in members]


def settling(member: Any) -> Any:
    """Let the methods of an object that a view asks wait for what they answer.

    Args:
        member: A permission, authenticator, ...; parts that it is composed of are changed as well.

    Returns:
        The object itself; one that stands for it where it takes no attributes.
    """
    member = settled(member)
    kind: Any = type(member)
    attributes = getattr(member, "__dict__", None)
    if type(attributes) is not dict or _answers_by_name(kind):
        return _Standing(member)
    if answers_at_once(kind) and _possible_names(kind).isdisjoint(attributes):
        if kind in _OPERATORS:
            attributes.update(
                {name: settling(attributes[name]) for name in _OPERANDS if name in attributes}
            )
        return member
    return _settling_object(member, kind, attributes)


def _answers_by_name(kind: type) -> bool:
    """Whether objects of a class find out what they have when they are asked."""
    return kind is not _Standing and hasattr(kind, "__getattr__")


def _settling_object(member: Any, kind: Any, attributes: dict[str, Any]) -> Any:
    names = {*_own_names(kind), *_possible_names(kind).intersection(attributes)}
    member = _with_settling_bases(member, attributes)
    for name in names:
        answer = getattr(member, name)
        if isinstance(answer, Settling) or not callable(answer):
            continue
        attributes[name] = _settling_method(name, answer)
    _settle_parts(attributes)
    return member


def _settling_method(name: str, method: Callable[..., Any]) -> Settling:
    return Settling(method, _settled_parts) if name == "authenticate" else Settling(method)


def _settled_parts(answer: Any) -> Any:
    """Return the user and the credentials that an authenticator found."""
    return tuple(map(settled, answer)) if type(answer) is tuple else settled(answer)


class _Standing:
    """Stands for an object that takes no attributes, such as a class or one with slots."""

    def __init__(self, member: Any) -> None:
        vars(self)["_member"] = member

    def __getattr__(self, name: str) -> Any:
        value = getattr(vars(self)["_member"], name)
        return _settling_method(name, value) if name in _ASKED and callable(value) else value

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(vars(self)["_member"], name, value)


# What a method finds as super()


def _with_settling_bases(member: Any, attributes: dict[str, Any]) -> Any:
    """Return an object whose methods get settled answers from ``super()``, with the same state."""
    kind: Any = type(member)
    cls = _with_shims(kind)
    if cls is None:
        return member
    made = object.__new__(cls)
    made.__dict__ = attributes
    return made


@cache
def _with_shims(cls: Any) -> Any:
    """Return a subclass in which ``super()`` finds settled answers.

    Args:
        cls: The class of a permission, a throttle, ...; it stays as it is.

    Returns:
        ``None`` where no method of the class may call one of another class that is not DRF's.
    """
    possible = _possible_names(cls)
    above = possible.intersection(vars(cls))
    shims = []
    for base in cls.__mro__[1:]:
        names = possible.intersection(vars(base))
        if base not in _OF_DRF and names & above:
            shims.append(_subclass((base,), names & above))
        above |= names
    # In front of a property, an attribute of the object is not found.
    found = {name: getattr_static(cls, name, None) for name in possible}
    properties = [name for name, value in found.items() if isinstance(value, property)]
    return _subclass((cls, *shims), properties) if shims or properties else None


def _subclass(bases: tuple[Any, ...], names: Iterable[str]) -> Any:
    """Return a class that is called like its first base, some methods of which settle answers."""
    cls = bases[0]

    def step(name: str) -> Callable[..., Any]:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return Settling(getattr(super(made, self), name))(*args, **kwargs)

        return method

    body = {name: step(name) for name in names}
    made: Any = type(cls)(cls.__name__, bases, {"__module__": cls.__module__, **body})
    return made


# Which methods are asked


@cache
def _possible_names(cls: type) -> frozenset[str]:
    """Return the names of the methods that DRF calls of objects of a class."""
    of_drf = (vars(base).items() for base in cls.__mro__ if base in _OF_DRF)
    hooks = {name for found in of_drf for name, value in found if isfunction(value)}
    return frozenset(name for name in {*_ASKED, *hooks} if not name.startswith("__"))


@cache
def _own_names(cls: type) -> tuple[str, ...]:
    """Return those of them that a class which is not DRF's may answer in its own way."""
    return tuple(
        name
        for name in _possible_names(cls)
        if hasattr(cls, name) and (name in _ASKED or not _is_drfs(cls, name))
    )


def _is_drfs(cls: type, name: str) -> bool:
    definer = next((base for base in cls.__mro__ if name in vars(base)), None)
    return definer in _OF_DRF


# What another library composes


def _settle_parts(attributes: dict[str, Any]) -> None:
    """Settle what an object keeps to ask it: other objects, or classes to make them of."""
    for name, value in list(attributes.items()):
        made = _part(value)
        if made is not value:
            attributes[name] = made


def _part(value: Any) -> Any:
    kind: Any = type(value)
    if kind in _GROUPS:
        made = [_part(one) for one in value]
        same = all(new is old for new, old in zip(made, value, strict=True))
        return value if same else kind(made)
    if isinstance(value, (OperandHolder, SingleOperandHolder)):
        return _holder(value)
    if not _is_asked(value):
        return value
    return _settling_class(value) if isinstance(value, type) else settling(value)


def _holder(holder: Any) -> Any:
    """Return what DRF's ``&``, ``|`` and ``~`` made of classes, with classes that settle."""
    kind: Any = type(holder)
    names = ("operator_class", "op1_class", "op2_class")
    return kind(*(_part(vars(holder)[name]) for name in names if name in vars(holder)))


def _is_asked(value: Any) -> bool:
    kind: Any = value if isinstance(value, type) else type(value)
    if kind in _OF_DRF:
        return value is not kind and kind in _OPERATORS
    return not issubclass(kind, View) and any(hasattr(kind, name) for name in _COMPOSED)


@cache
def _settling_class(cls: Any) -> Any:
    """Return a subclass whose objects settle what they answer."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        super(made, self).__init__(*args, **kwargs)
        settling(self)

    made: Any = _subclass((cls,), ())
    made.__init__ = __init__
    return made
