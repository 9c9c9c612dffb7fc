"""The answers of a view's steps: its handlers, and the hooks that DRF's code calls.

A step of the project's own may return something awaitable, whatever it looks like: behind a
decorator, as a partial, a lambda, an object that can be called, an attribute of one view. So all of
them are wrapped, and what they return is settled before DRF's code takes it for the answer. On the
event loop it is returned, to be awaited by who called it; of a step that guards, it is noted until
somebody does.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from functools import partial, partialmethod, wraps
from inspect import isfunction
from types import FunctionType, NoneType
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.views import exception_handler, set_rollback
from rest_framework.viewsets import ModelViewSet

from nova_drf.core.concurrency import (
    Settling,
    has_to_wait,
    noted,
    refuse_async_generator,
    runs_on_loop,
    settled,
    waited_for,
    within,
)
from nova_drf.serializers.async_hooks import settle_instance
from nova_drf.views.members import settling, settling_members
from nova_drf.views.policies import is_of_drf, is_written_here

HTTP_METHODS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "trace"))
ACTIONS = frozenset(("list", "create", "retrieve", "update", "partial_update", "destroy"))

GUARDS = frozenset(
    (
        *("initial", "perform_authentication", "check_permissions", "check_object_permissions"),
        *("check_throttles", "get_object", "permission_denied", "throttled"),
    )
)
"""The steps that keep somebody out, which is lost where nobody awaits them."""

_OF_SERVICES = ("get_service", "get_service_context")

HOOKS = frozenset(
    (
        *_OF_SERVICES,
        *(
            name
            for base in ModelViewSet.__mro__
            if is_of_drf(base)
            for name, value in vars(base).items()
            if isfunction(value) and not name.startswith("__")
        ),
    )
) - {*HTTP_METHODS, *ACTIONS}
"""The hooks that DRF's code, or ours, calls of a view."""

_MAY_BE_ATTRIBUTES = HOOKS | HTTP_METHODS

_SETTLES = "_nova_drf_settles"
_FORWARDER = "_nova_drf_forwards"


def is_stream(result: Any) -> bool:
    """Whether a handler returned an async iterator to be streamed."""
    return isinstance(result, AsyncIterable) and not isinstance(result, HttpResponseBase)


# What is done with an answer


def finished(view: Any, name: str, answer: Any) -> Any:
    """Return the answer of a step, with all that is in it settled as well.

    Args:
        view: The view of one request.
        name: The name of the step.
        answer: What it returned, and was waited for.

    Raises:
        TypeError: It is an async generator, and no handler's.
    """
    if name in HOOKS:
        refuse_async_generator(answer)
    finish = _FINISH.get(name)
    return answer if finish is None else finish(view, answer)


def _members(_view: Any, members: Any) -> Any:
    return None if members is None else settling_members(members)


def _member(_view: Any, member: Any) -> Any:
    return settling(member)


def _request(view: Any, request: Any) -> Any:
    settle_attributes(view)
    return settling_request(request)


def settling_request(request: Any) -> Any:
    """Let the authenticators of a request wait for what they answer.

    Args:
        request: DRF's request.
    """
    request.authenticators = settling_members(request.authenticators or ())
    return request


def _serializer(_view: Any, serializer: Any) -> Any:
    return settle_instance(serializer)


def _version(_view: Any, answer: Any) -> Any:
    return tuple(map(settled, answer)) if type(answer) is tuple else answer


def _attributes(view: Any, answer: Any) -> Any:
    settle_attributes(view)
    return answer


def _handler(_view: Any, handler: Any) -> Any:
    return settling_handler(handler)


_FINISH: dict[str, Callable[[Any, Any], Any]] = {
    "get_permissions": _members,
    "get_throttles": _members,
    "get_parsers": _members,
    "get_content_negotiator": _member,
    "get_exception_handler": _handler,
    "get_serializer": _serializer,
    "initialize_request": _request,
    "determine_version": _version,
    "initial": _attributes,
}


class _SettlingHandler(Settling):
    """An exception handler that may be async.

    What an async one answers rolls the transaction of the request back. It cannot do so by
    itself: DRF's ``exception_handler`` and ``set_rollback`` know the connections of the thread in
    which they run, and the event loop has none.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the handler, and wait for its answer."""
        answer = self._function(*args, **kwargs)
        if not has_to_wait(answer) or runs_on_loop():
            return answer
        answer = settled(answer)
        set_rollback()
        return answer


def settling_handler(handler: Any) -> Any:
    """Return an exception handler whose answer is awaited where that has to be.

    Args:
        handler: What ``get_exception_handler()`` returned.
    """
    if handler is exception_handler or isinstance(handler, Settling):
        return handler
    return _SettlingHandler(handler)


# Steps of a class


def settling_step(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a step whose answers are settled, to be called in a thread.

    Args:
        function: The step, a function of the view and more.
        name: Its name.
    """

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _settled_answer(self, name, function(self, *args, **kwargs))

    return call


def _settled_answer(view: Any, name: str, answer: Any) -> Any:
    if has_to_wait(answer):
        if runs_on_loop():
            return noted_guard(view, name, answer)
        answer = waited_for(answer)
    return finished(view, name, answer)


def as_function(cls: type, name: str) -> None:
    """Let a step that a class has as a partial, or as an object, be a function.

    Args:
        cls: A view class.
        name: The name of a step.
    """
    value = vars(cls).get(name)
    kept = (NoneType, type, FunctionType, staticmethod, classmethod)
    if isinstance(value, kept) or not _is_called(name, value):
        return

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        is_bound = hasattr(type(value), "__get__")
        method = value.__get__(self, type(self)) if is_bound else value
        return method(*args, **kwargs)

    setattr(cls, name, _named_like(call, value))


def _named_like(call: Any, value: Any) -> Any:
    """Give a function the name of what it stands for, of which it may know whether it is async."""
    return wraps(value)(call) if callable(within(value)) else call


def _is_called(name: str, value: Any) -> bool:
    """Whether what a class has as a step is called, rather than being data of that name."""
    if callable(value) or isinstance(value, (partialmethod, classmethod)):
        return True
    return name in HOOKS and hasattr(type(value), "__get__")


def settle_steps(cls: type, names: Iterable[str]) -> None:
    """Settle the answers of all steps of a class that are neither DRF's nor ours.

    Steps of a mixin stay as they are: the class gets a method that passes on to them.

    Args:
        cls: A view class.
        names: The names of its steps.
    """
    for name in names:
        owner = next((base for base in cls.__mro__ if name in vars(base)), None)
        if owner is None or not _may_wait(owner, name, vars(owner)[name]):
            continue
        value = vars(owner)[name]
        setattr(cls, name, _own(value, name) if owner is cls else _forwarder(cls, value, name))


def _may_wait(owner: type, name: str, value: Any) -> bool:
    """Whether the answer of a step is not known to be there at once."""
    if not _is_called(name, value) or isinstance(value, type) or settles(value):
        return False
    return not (is_written_here(owner) and is_written_here(value))


def _own(value: Any, name: str) -> Any:
    """Return what a class has as a step, settling its answers."""
    if isinstance(value, (staticmethod, classmethod)):
        inner = value.__func__

        def call(*args: Any, **kwargs: Any) -> Any:
            return _settled_answer(None, name, inner(*args, **kwargs))

        return marked(type(value)(wraps(inner)(call)))
    return marked(wraps(value)(settling_step(value, name)))


def _forwarder(cls: Any, value: Any, name: str) -> Any:
    """Return a step of a class that passes on to what a mixin has."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return _settled_answer(self, name, getattr(super(cls, self), name)(*args, **kwargs))

    made = marked(_named_like(call, value))
    setattr(made, _FORWARDER, made)
    return made


def marked(step: Any) -> Any:
    """Mark a step whose answers are settled; a decorator copies the mark, which names the step."""
    setattr(step, _SETTLES, step)
    return step


def settles(step: Any) -> bool:
    """Whether the answers of a step are settled already."""
    return getattr(step, _SETTLES, None) is step


def is_forwarder(step: Any) -> bool:
    """Whether a step only passes on to the next class in the order of a view."""
    return getattr(step, _FORWARDER, None) is step


# Steps of one view


def settle_attributes(view: Any) -> None:
    """Settle the answers of steps that are attributes of one view.

    Args:
        view: The view of one request; ``None`` where a method knows of none.
    """
    attributes = {} if view is None else vars(view)
    for name in _MAY_BE_ATTRIBUTES.intersection(attributes):
        step = attributes[name]
        if not callable(step) or isinstance(step, Settling):
            continue
        # A viewset gives each view the actions of its class by the names of HTTP methods.
        if getattr(step, "__self__", None) is not view:
            attributes[name] = Settling(step, partial(finished, view, name))


def noted_guard(view: Any, name: str, answer: Any) -> Any:
    """Note the answer of a guard until somebody awaits it, on the event loop.

    Args:
        view: The view of one request; ``None`` where a method knows of none.
        name: The name of the step.
        answer: What it returned.
    """
    if view is None or name not in GUARDS or not has_to_wait(answer):
        return answer
    return noted(view, name, answer)
