"""How view classes are made: which of their steps are async, and where ``super()`` finds them."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol

from django.views import View as DjangoView
from rest_framework import generics, mixins

from nova_drf.core.class_caches import kept_with_class
from nova_drf.core.concurrency import within
from nova_drf.core.ownership import Owner, definer_in, home_of
from nova_drf.core.steps import adapter, is_adapter, is_step, passing_to_next, with_adapters
from nova_drf.views.mixins import ADAPTERS
from nova_drf.views.ownership import is_of_drf, is_written_here
from nova_drf.views.policy_classes import has_async_policies
from nova_drf.views.steps import (
    HOOKS,
    is_async,
    is_called,
    is_handler,
    may_be_step,
    step_of,
)

_NOBODYS: tuple[object, ...] = (object, Generic, Protocol, DjangoView)
"""Classes that have no steps of a project's own."""

if TYPE_CHECKING:
    _Metaclass = ABCMeta
else:
    # So that a mixin may be an abstract class, or a protocol.
    _Metaclass = type(Protocol)


class AsyncViewMetaclass(_Metaclass):
    """Puts an adapter in front of each class in the order of a view that is not ours.

    Only the order of the new class has them: the project's classes, and DRF's, stay as they are.
    A mixin with a metaclass of its own needs one that derives from both:

    >>> class Registered(RegistryType, type(AsyncAPIView)): ...
    >>> class BookViewSet(RegistryMixin, AsyncModelViewSet, metaclass=Registered): ...
    """

    def mro(cls) -> list[type]:
        return with_adapters(super().mro(), _adapter_of)

    def __instancecheck__(cls, instance: object) -> bool:
        # A view is no protocol, and the metaclass of protocols may ask it whether it is.
        return ABCMeta.__instancecheck__(cls, instance)


def _adapter_of(cls: type) -> type | None:
    """Return what stands in front of a class; nothing does where it is ours."""
    if cls in ADAPTERS:
        return ADAPTERS[cls]
    if cls in _NOBODYS or isinstance(cls, AsyncViewMetaclass) or is_written_here(cls):
        return None
    methods = {name: value for name, value in vars(cls).items() if may_be_step(name, value)}
    return adapter(cls.__name__, methods, step_of) if methods else None


def arrange(cls: Any) -> None:
    """Make steps of the methods that a class has by itself.

    Args:
        cls: A view class that was just made.
    """
    for name, value in list(vars(cls).items()):
        if may_be_step(name, value) and not (is_step(value) or is_written_here(cls)):
            setattr(cls, name, step_of(value, name))
    cls.has_async_steps = any(
        is_async(value)
        for base in cls.__mro__
        if not is_of_drf(base)
        for name, value in vars(base).items()
        if name in HOOKS or is_handler(name, value)
    )


def settle_routes(cls: type, handlers: Iterable[str]) -> None:
    """Make steps of what was put on a class after it was made, and of what only a route names.

    What belongs to a base stays as it is: the class gets a method that passes on to it.

    Args:
        cls: A view class.
        handlers: The names of the handlers of a route.
    """
    for name in {*handlers, *step_names(cls)}:
        owner = definer_in(cls.__mro__, name)
        if owner is None or is_step(value := vars(owner)[name]) or isinstance(value, type):
            continue
        is_ours = is_written_here(owner) and is_written_here(value)
        if value is None or is_ours or not is_called(name, value):
            continue
        method = value if owner is cls else passing_to_next(cls, name, value)
        setattr(cls, name, step_of(method, name))


# Which steps of a class are async


def step_names(cls: type) -> Iterator[str]:
    """Yield the names of all methods of a view class that DRF, or its routers, may call."""
    for name in dir(cls):
        if not name.startswith("__") and (
            name in HOOKS or is_handler(name, _definition(cls, name))
        ):
            yield name


def _definition(cls: type, name: str) -> object:
    """Return a step as DRF or the project wrote it; ours only pass on to it."""
    order = (b for b in cls.__mro__ if not is_adapter(b) and home_of(b) is not Owner.NOVA)
    definer = definer_in(order, name)
    return None if definer is None else vars(definer)[name]


_PASSED_ON: dict[Callable[..., object], str] = {
    generics.CreateAPIView.post: "create",
    generics.ListAPIView.get: "list",
    generics.RetrieveAPIView.get: "retrieve",
    generics.DestroyAPIView.delete: "destroy",
    generics.UpdateAPIView.put: "update",
    generics.UpdateAPIView.patch: "partial_update",
    generics.ListCreateAPIView.get: "list",
    generics.ListCreateAPIView.post: "create",
    generics.RetrieveUpdateAPIView.get: "retrieve",
    generics.RetrieveUpdateAPIView.put: "update",
    generics.RetrieveUpdateAPIView.patch: "partial_update",
    generics.RetrieveDestroyAPIView.get: "retrieve",
    generics.RetrieveDestroyAPIView.delete: "destroy",
    generics.RetrieveUpdateDestroyAPIView.get: "retrieve",
    generics.RetrieveUpdateDestroyAPIView.put: "update",
    generics.RetrieveUpdateDestroyAPIView.patch: "partial_update",
    generics.RetrieveUpdateDestroyAPIView.delete: "destroy",
    mixins.UpdateModelMixin.partial_update: "update",
}
"""DRF's handlers that only return what another one returns, which is awaited if that one is."""


def awaits(cls: type, name: str) -> bool:
    """Whether a step of a view class must be awaited.

    Args:
        cls: The view class.
        name: The name of a hook, an HTTP method or an action.
    """
    function = _definition(cls, name)
    if is_async(function):
        return True
    inner = within(function)
    passed_on = _PASSED_ON.get(inner) if callable(inner) else None
    return passed_on is not None and awaits(cls, passed_on)


class AsyncSteps(NamedTuple):
    """Which steps of a view class are async: read once, when a first route needs it.

    Attributes:
        handlers: The handlers that must be awaited.
        hooks: Whether any hook, or any permission, authentication, ... of the class must be.
    """

    handlers: frozenset[str]
    hooks: bool

    def awaits_any(self, names: Iterable[str]) -> bool:
        """Whether a route to these handlers must be awaited."""
        return self.hooks or not self.handlers.isdisjoint(names)


def _async_steps(cls: type) -> AsyncSteps:
    awaited = {name for name in dir(cls) if not name.startswith("__") and awaits(cls, name)}
    hooks = {name for name in awaited & HOOKS if not hasattr(_definition(cls, name), "mapping")}
    return AsyncSteps(
        handlers=frozenset(awaited - hooks),
        hooks=bool(hooks) or has_async_policies(cls),
    )


async_steps_of: Callable[[type], AsyncSteps] = kept_with_class(_async_steps)
"""Return which steps of a view class are async; it is read from the class once."""
