"""The objects that a view asks: permissions, authenticators, throttles, filters, paginators, ...

DRF's code takes what they answer for the answer. Here an answer that has to be awaited is awaited
first, whatever the method looks like that gave it: a coroutine is true, and as a permission it
would let everybody in. Only objects of DRF's own classes, which answer at once, stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from inspect import getattr_static
from typing import Any

from django.views import View
from rest_framework import permissions
from rest_framework.permissions import OperandHolder, SingleOperandHolder

from nova_drf.core.class_caches import kept_with_class
from nova_drf.core.concurrency import Settling, settled
from nova_drf.core.ownership import definer_in
from nova_drf.views.policy_classes import ASKED, DRFS, answers_at_once
from nova_drf.views.policy_subclasses import (
    SUBCLASSES,
    possible_names,
    settling_method,
    subclass_of,
    subclass_with_settling_parents,
    with_settling_parents,
)

_COMPOSED = (
    *("has_permission", "has_object_permission", "allow_request"),
    *("authenticate", "filter_queryset"),
)
"""Which of them tell that an attribute of such an object is one as well."""

_OPERATORS = (permissions.AND, permissions.OR, permissions.NOT)
_OPERANDS = ("op1", "op2")
_GROUPS = (list, tuple, set, frozenset)


def settling_members(members: Iterable[object]) -> list[Any]:
    """Let the methods of all objects that a view asks wait for what they answer.

    Args:
        members: The objects, as ``get_permissions()`` returns them.
    """
    return [settling(member) for member in members]


def settling(member: object) -> Any:
    """Let the methods of an object that a view asks wait for what they answer.

    Args:
        member: A permission, authenticator, ...; what it is composed of is settled as well.

    Returns:
        The object itself; one that stands for it where it takes no attributes.
    """
    cls: type = type(member)
    if cls in DRFS and not vars(member) and answers_at_once(cls):
        return member
    return _settling(settled(member), frozenset())


def _settling(member: object, around: frozenset[int]) -> object:
    """Settle an object that is part of others, which are known by their identity."""
    cls: type = type(member)
    if cls is _SettlingProxy:
        return member
    attributes = getattr(member, "__dict__", None)
    if type(attributes) is not dict or _answers_by_name(cls):
        return _SettlingProxy(with_settling_parents(member))
    if answers_at_once(cls) and possible_names(cls).isdisjoint(attributes):
        if cls in _OPERATORS:
            for name in _OPERANDS:
                if name in attributes:
                    attributes[name] = _settling(settled(attributes[name]), around)
        return member
    if id(attributes) in around:
        return member
    policy = with_settling_parents(member)
    _settle_methods(policy, attributes)
    _settle_operands(policy, around | {id(attributes)})
    return policy


def _answers_by_name(cls: type) -> bool:
    """Whether objects of a class find out what they have when they are asked."""
    return hasattr(cls, "__getattr__")


def _settle_methods(member: object, attributes: dict[str, object]) -> None:
    cls: type = type(member)
    for name in {*_own_names(cls), *possible_names(cls).intersection(attributes)}:
        method = getattr(member, name)
        if callable(method) and not isinstance(method, Settling):
            attributes[name] = settling_method(name, method)


class _SettlingProxy:
    """Stands for an object that takes no attributes, such as a class or one with slots.

    To ``isinstance()`` it is of the class of that object, as code of a project may ask.
    """

    def __init__(self, member: object) -> None:
        vars(self)["_member"] = member

    def _class_of_member(self) -> Any:
        member = vars(self)["_member"]
        return _SettlingProxy if isinstance(member, type) else member.__class__

    __class__: Any = property(_class_of_member)

    def __getattr__(self, name: str) -> object:
        value = getattr(vars(self)["_member"], name)
        return settling_method(name, value) if name in ASKED and callable(value) else value

    def __setattr__(self, name: str, value: object) -> None:
        setattr(vars(self)["_member"], name, value)


# Which methods are asked


@kept_with_class
def _own_names(cls: type) -> tuple[str, ...]:
    """Return those of them that a class which is not DRF's may answer in its own way."""
    return tuple(
        name
        for name in possible_names(cls)
        if hasattr(cls, name) and (name in ASKED or not _is_drfs(cls, name))
    )


def _is_drfs(cls: type, name: str) -> bool:
    return definer_in(cls.__mro__, name) in DRFS


# What another library composes


def _settle_operands(member: object, around: frozenset[int]) -> None:
    """Settle what an object keeps to ask it: other objects, or classes to make them of."""
    cls: type = type(member)
    attributes = vars(member)
    for name in (*attributes, *_operands_of(cls)):
        value = getattr(member, name)
        settling_value = _operand(value, around)
        if settling_value is not value:
            attributes[name] = settling_value


@kept_with_class
def _operands_of(cls: type) -> tuple[str, ...]:
    """Return the attributes of a class that hold what is asked."""
    return tuple(
        name
        for name in dir(cls)
        if not name.startswith("__") and _holds_asked(getattr_static(cls, name))
    )


def _holds_asked(value: object) -> bool:
    if isinstance(value, _GROUPS) and type(value) in _GROUPS:
        return any(map(_holds_asked, value))
    if type(value) is dict:
        return any(map(_holds_asked, value.values()))
    return isinstance(value, (OperandHolder, SingleOperandHolder)) or _is_asked(value)


def _operand(value: Any, around: frozenset[int]) -> Any:
    cls: type = type(value)
    if cls in _GROUPS:
        operands = [_operand(item, around) for item in value]
        return value if _same(operands, value) else cls(operands)
    if cls is dict:
        operands = [_operand(item, around) for item in value.values()]
        is_same = _same(operands, value.values())
        return value if is_same else dict(zip(value, operands, strict=True))
    if isinstance(value, (OperandHolder, SingleOperandHolder)):
        return _holder(value, around)
    if not _is_asked(value):
        return value
    return _settling_class(value) if isinstance(value, type) else _settling(value, around)


def _same(after: Iterable[object], before: Iterable[object]) -> bool:
    return all(new is old for new, old in zip(after, before, strict=True))


def _holder(holder: object, around: frozenset[int]) -> object:
    """Return what DRF's ``&``, ``|`` and ``~`` made of classes, with classes that settle."""
    cls: type = type(holder)
    names = ("operator_class", "op1_class", "op2_class")
    before = [vars(holder)[name] for name in names if name in vars(holder)]
    after = [_operand(value, around) for value in before]
    return holder if _same(after, before) else cls(*after)


def _is_asked(value: object) -> bool:
    cls: type = value if isinstance(value, type) else type(value)
    if cls in DRFS:
        return value is not cls and cls in _OPERATORS
    if cls is _SettlingFactory or issubclass(cls, View):
        return False
    return any(hasattr(cls, name) for name in _COMPOSED)


@lru_cache(maxsize=1024)
def _settling_class(cls: type) -> Callable[..., object]:
    """Return a class, or what stands for one, whose objects settle what they answer."""
    if cls in SUBCLASSES:
        return cls
    if _answers_by_name(cls) or not cls.__dictoffset__:
        return _SettlingFactory(cls)

    def __init__(self: object, *args: object, **kwargs: object) -> None:
        super(subclass, self).__init__(*args, **kwargs)
        settling(self)

    subclass: type[Any] = subclass_of(
        (subclass_with_settling_parents(cls) or cls,), {"__init__": __init__}
    )
    return subclass


class _SettlingFactory:
    """Stands for a class whose objects take no attributes: makes objects of it that settle."""

    def __init__(self, cls: Callable[..., object]) -> None:
        self._cls = cls

    def __call__(self, *args: object, **kwargs: object) -> object:
        return settling(self._cls(*args, **kwargs))

    def __getattr__(self, name: str) -> object:
        return getattr(self._cls, name)
