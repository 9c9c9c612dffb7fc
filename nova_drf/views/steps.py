"""The steps of a view: its handlers, and the hooks that DRF's code calls.

Each can be called from both sides of a worker thread (see ``nova_drf.core.steps``). So DRF's code,
which runs in a thread as a whole, may call an ``async def perform_create``, and an
``async def create`` may ``await super().create(request)``.

A step of the project's own may return something awaitable, whatever it looks like: behind a
decorator, as a partial, a lambda, an object that can be called, an attribute of one view. So what
each returns is settled before DRF's code takes it for the answer. On the event loop it is returned,
to be awaited by who called it; of a step that guards, it is noted until somebody does.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from functools import partial, partialmethod
from inspect import isasyncgenfunction, iscoroutinefunction, isfunction
from types import AsyncGeneratorType
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import exception_handler, set_rollback
from rest_framework.viewsets import ModelViewSet

from nova_drf.core import steps
from nova_drf.core.concurrency import (
    Settling,
    has_to_wait,
    is_awaited,
    noted,
    refuse_async_generator,
    refuse_unawaited,
    runs_on_loop,
    settled,
    waited_for,
    within,
)
from nova_drf.serializers.async_hooks import settle_instance
from nova_drf.views.hops import in_thread, shared_by
from nova_drf.views.ownership import is_of_drf
from nova_drf.views.policies import settling, settling_members

HTTP_METHODS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "trace"))
ACTIONS = frozenset(("list", "create", "retrieve", "update", "partial_update", "destroy"))

GUARDS = frozenset(
    (
        *("initial", "perform_authentication", "check_permissions", "check_object_permissions"),
        *("check_throttles", "get_object", "permission_denied", "throttled"),
    )
)
"""The steps that keep somebody out, which is lost where nobody awaits them."""

WRITING = frozenset(("perform_create", "perform_update", "perform_destroy"))
"""The hooks that write, of which nothing is written where nobody awaits them."""

_NOTED = GUARDS | WRITING

BLOCKING = frozenset(
    (
        *("dispatch", "initial", "handle_exception", "finalize_response"),
        *("perform_authentication", "check_permissions", "check_throttles"),
        *("get_object", "check_object_permissions", "filter_queryset", "paginate_queryset"),
        *("perform_create", "perform_update", "perform_destroy"),
    )
)
"""The hooks that may ask the database; an ``async def`` awaits them, also where they are ``def``.

The others (``get_queryset``, ``get_serializer``, ``get_paginated_response``, ...) only make
something, and are awaited only where they are ``async def`` themselves.
"""

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


def is_async(function: object) -> bool:
    """Whether a function must be awaited or iterated with ``async for``."""
    return is_awaited(function) or isasyncgenfunction(within(function))


def is_stream(result: object) -> bool:
    """Whether a handler returned an async iterator to be streamed."""
    return isinstance(result, AsyncIterable) and not isinstance(result, HttpResponseBase)


def is_handler(name: str, value: object) -> bool:
    """Whether a step answers requests; the other steps are hooks."""
    return name in HTTP_METHODS or name in ACTIONS or hasattr(value, "mapping")


def may_be_step(name: str, value: object) -> bool:
    """Whether what a class has by a name is called by DRF, rather than being data of that name."""
    if value is None or isinstance(value, type) or not (name in HOOKS or is_handler(name, value)):
        return False
    return is_called(name, value)


def is_called(name: str, value: object) -> bool:
    """Whether what a class has by the name of a step can be called."""
    if callable(value) or isinstance(value, (partialmethod, classmethod)):
        return True
    return name in HOOKS and hasattr(type(value), "__get__")


# Steps of a class


class _Rules:
    """What is done with the answers of a step of a view.

    Args:
        name: The name of the step.
        may_block: Whether it runs in a worker thread where it is called on the event loop.
        finish: Settles what is in the answer; nothing is where ours has done so already.
    """

    def __init__(
        self,
        name: str,
        *,
        may_block: bool,
        finish: Callable[[object, object], object] | None = None,
    ) -> None:
        self._name = name
        self._may_block = may_block
        self.finish = finish
        self.finishes_all = finish is not None and name in _FINISH

    flag = "has_async_steps"
    """Not there where a step was copied to: to anywhere, and so was not made a view's."""

    def blocks(self, owner: Any) -> bool:
        return self._may_block and not owner.runs_inline

    def in_thread(self, owner: object, function: Callable[..., Any]) -> Callable[..., Any]:
        return in_thread(owner, function)

    def wait(self, owner: object, awaitable: object) -> object:
        answer = waited_for(awaitable)
        refuse_unawaited(owner)
        return answer

    def later(self, owner: object, awaitable: object) -> object:
        return noted_guard(owner, self._name, awaitable)


def step(function: Callable[..., object]) -> Any:
    """Make a step of a method of ours; on the event loop it runs in a worker thread.

    Args:
        function: The method, which calls DRF's. Somebody may have put another in its place, so what
            it answers is settled, too.
    """
    return steps.step(function, _Rules(function.__name__, may_block=True))


def step_of(value: object, name: str) -> object:
    """Return what a class of the project's has as a step, with its answers settled.

    Args:
        value: A function, a partial, a static method, ...
        name: The name of the step.
    """
    if isinstance(value, (staticmethod, classmethod)):
        return steps.marked(type(value)(Settling(value.__func__, partial(_finishing(name), None))))
    function = value if isfunction(value) else steps.passing_to(value)
    may_block = not is_async(value) and (name in BLOCKING or is_handler(name, value))
    return steps.step(
        _sharing(function), _Rules(name, may_block=may_block, finish=_finishing(name))
    )


def _sharing(function: Callable[..., object]) -> Callable[..., object]:
    """Return a method as one that runs in the context of its request, where steps are async."""

    def call(self: object, *args: object, **kwargs: object) -> object:
        if not getattr(self, "has_async_steps", False):
            return function(self, *args, **kwargs)
        shared = shared_by(self)
        if iscoroutinefunction(function):
            return shared.awaited(function(self, *args, **kwargs))
        return shared.awaited(shared.run(function, self, *args, **kwargs))

    return steps.named_like(call, function)


# What is done with an answer


def _finishing(name: str) -> Callable[[object, object], object]:
    """Return what settles all that is in an answer of a step, given the view, if there is one.

    The answer was waited for. An async generator is refused, unless it is a handler's stream.

    Args:
        name: The name of the step.
    """
    finish = _FINISH.get(name)
    if name not in HOOKS:
        return finish or _as_it_is
    if finish is None:
        return _no_stream
    return lambda view, answer: finish(view, refuse_async_generator(answer))


def _as_it_is(_view: object, answer: object) -> object:
    return answer


def _no_stream(_view: object, answer: object) -> object:
    return refuse_async_generator(answer) if type(answer) is AsyncGeneratorType else answer


def _members(_view: object, members: Iterable[object] | None) -> object:
    return None if members is None else settling_members(members)


def _member(_view: object, member: object) -> object:
    return settling(member)


def _request(view: object, request: Request) -> Request:
    settle_attributes(view)
    return settling_request(request)


def settling_request(request: Request) -> Request:
    """Let the authenticators of a request wait for what they answer.

    Args:
        request: DRF's request.
    """
    request.authenticators = settling_members(request.authenticators or ())
    return request


def _serializer(_view: object, serializer: object) -> object:
    return settle_instance(serializer)


def _version(_view: object, answer: object) -> object:
    return tuple(map(settled, answer)) if type(answer) is tuple else answer


def _attributes(view: object, answer: object) -> object:
    settle_attributes(view)
    return answer


def _handler(view: object, handler: Callable[..., object]) -> object:
    return settling_handler(view, handler)


_FINISH: dict[str, Callable[[object, Any], object]] = {
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

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call the handler, and wait for its answer."""
        answer = self._function(*args, **kwargs)
        if not has_to_wait(answer) or runs_on_loop():
            return answer
        response = settled(answer)
        set_rollback()
        return response


def settling_handler(view: object, handler: Callable[..., object]) -> Callable[..., object]:
    """Return an exception handler whose answer is awaited where that has to be.

    Args:
        view: The view; ``None`` where a method knows of none.
        handler: What ``get_exception_handler()`` returned.
    """
    is_asked = getattr(view, "_is_answering", True)
    if not is_asked or handler is exception_handler or isinstance(handler, Settling):
        return handler
    return _SettlingHandler(handler)


# Steps of one view


def settle_attributes(view: object) -> None:
    """Settle the answers of steps that are attributes of one view.

    Args:
        view: The view of one request; ``None`` where a method knows of none.
    """
    attributes = {} if view is None else vars(view)
    for name in _MAY_BE_ATTRIBUTES.intersection(attributes):
        method = attributes[name]
        if not callable(method) or isinstance(method, Settling):
            continue
        # A viewset gives each view the actions of its class by the names of HTTP methods.
        if getattr(method, "__self__", None) is not view:
            attributes[name] = Settling(method, partial(_finishing(name), view))


def noted_guard(view: object, name: str, answer: object) -> object:
    """Note the answer of a guard, or of what writes, until somebody awaits it on the event loop.

    Args:
        view: The view of one request; ``None`` where a method knows of none.
        name: The name of the step.
        answer: What it returned.
    """
    if view is None or name not in _NOTED or not has_to_wait(answer):
        return answer
    return noted(view, name, answer)
