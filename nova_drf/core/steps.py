"""Steps: methods that sync code calls in a worker thread, and async code awaits on the event loop.

The hooks and handlers of a view and the hooks of a serializer are steps, each ``def`` or
``async def``. Called in a thread, a step returns its answer; what is awaitable runs on the event
loop meanwhile. Called on the event loop, it returns something awaitable where it has to be awaited.

Steps of classes that are not ours stay as they are. In the method resolution order of a class of
ours an adapter stands in front of each of them: a class that has the same methods as steps, which
pass on with ``super()``. So ``super()`` of a project's mixin finds the step of the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial, partialmethod, wraps
from typing import Any, Protocol, TypeVar

from asgiref.sync import markcoroutinefunction

from nova_drf.core.concurrency import (
    PLAIN_VALUES,
    has_to_wait,
    is_awaited,
    may_have_to_wait,
    runs_on_loop,
    within,
)

T = TypeVar("T")

_STEP = "_nova_drf_step"


class Rules(Protocol):
    """What is done with the calls and the answers of one step.

    Each method is given the object whose step it is: a view, or a serializer.
    """

    @property
    def flag(self) -> str:
        """An attribute that is false, or not there, where no step of an object ever blocks."""
        ...

    def blocks(self, owner: object) -> bool:
        """Whether the step runs in a worker thread when it is called on the event loop."""
        ...

    def in_thread(self, owner: object, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a sync function as one to await, which runs in a worker thread."""
        ...

    def wait(self, owner: object, awaitable: object) -> object:
        """Return an answer that has to be awaited, in a thread."""
        ...

    def later(self, owner: object, awaitable: object) -> object:
        """Return what is given to the caller to await, on the event loop."""
        ...

    @property
    def finish(self) -> Callable[[Any, object], object] | None:
        """What is done with an answer that is there; ``None`` where it is returned as it is."""
        ...

    @property
    def finishes_all(self) -> bool:
        """Whether that is done with answers of the commonest classes, too."""
        ...


def step(function: Callable[..., object], rules: Rules) -> Any:
    """Return a method as a step.

    Args:
        function: The method, ``def`` or ``async def``.
        rules: What is done with its answers.
    """
    flag, blocks, in_thread = rules.flag, rules.blocks, rules.in_thread
    wait, later, finish = rules.wait, rules.later, rules.finish
    finishes_all = rules.finishes_all

    def call(self: object, *args: object, **kwargs: object) -> object:
        if getattr(self, flag, False) and blocks(self) and runs_on_loop():
            return later(self, in_thread(self, call)(self, *args, **kwargs))
        answer = function(self, *args, **kwargs)
        cls: Any = type(answer)
        if cls in PLAIN_VALUES and not finishes_all:
            return answer
        if may_have_to_wait(cls) and has_to_wait(answer):
            if runs_on_loop():
                return later(self, answer)
            answer = wait(self, answer)
        return answer if finish is None else finish(self, answer)

    return marked(named_like(call, function))


def is_step(value: object) -> bool:
    """Whether a method is a step already; a decorator copies the mark, which names the step."""
    return getattr(value, _STEP, None) is value


def marked(method: T) -> T:
    """Mark a method as a step."""
    setattr(method, _STEP, method)
    return method


def named_like(call: Callable[..., object], value: Any) -> Callable[..., object]:
    """Give a function the name and attributes of what it stands for, and whether it is awaited."""
    named: Callable[..., object] = wraps(value)(call) if callable(within(value)) else call
    return markcoroutinefunction(named) if is_awaited(value) else named


def passing_to(value: Any) -> Callable[..., object]:
    """Return a function that calls what a class has as a method: a partial, any callable object."""

    def call(self: object, *args: object, **kwargs: object) -> object:
        is_bound = hasattr(type(value), "__get__")
        method = value.__get__(self, type(self)) if is_bound else value
        return method(*args, **kwargs)

    named = named_like(call, value)
    if isinstance(value, partialmethod):
        # As a method, it is a partial, and has its docstring.
        named.__doc__ = partial.__doc__
    return named


def passing_to_next(cls: type, name: str, value: object) -> Callable[..., object]:
    """Return a method that passes on to the next class in the order of an object's class.

    Args:
        cls: The class that is to have the method.
        name: Its name.
        value: What the next class has by this name.
    """

    def call(self: object, *args: object, **kwargs: object) -> object:
        return getattr(super(cls, self), name)(*args, **kwargs)

    return named_like(call, value)


class Adapter:
    """What stands in front of a class that is not ours, in the order of a class that is.

    It has no slots: it is a base of a mixin of ours, but not in the order of a view, of which
    ``dir()`` would so name slots that it has not.
    """


def is_adapter(cls: type) -> bool:
    """Whether a class in a method resolution order only makes steps of what others define."""
    return issubclass(cls, Adapter)


def with_adapters(order: Iterable[type], adapter_of: Callable[[type], type | None]) -> list[type]:
    """Return a method resolution order with an adapter in front of each class that needs one.

    Args:
        order: The order as Python has it. Adapters in it, which bases brought, are left out.
        adapter_of: Returns the adapter of a class, or ``None``.
    """
    cls, *rest = order
    adapted = [cls]
    for base in rest:
        if is_adapter(base):
            continue
        adapter = adapter_of(base)
        adapted += [base] if adapter is None else [adapter, base]
    return adapted


def adapter(
    name: str, methods: Mapping[str, object], step_of: Callable[[object, str], object]
) -> type[Adapter]:
    """Return an adapter.

    Args:
        name: The name of the class in front of which it is to stand.
        methods: What that class, or one behind it, has by the names of the steps.
        step_of: Makes a step of a method, given its name.
    """
    cls: type[Adapter] = type(f"{name}Steps", (Adapter,), {"__module__": __name__})
    for method_name, value in methods.items():
        setattr(cls, method_name, step_of(passing_to_next(cls, method_name, value), method_name))
    return cls
