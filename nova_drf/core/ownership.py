"""Whose code a class or a function is: DRF's, ours, Pydantic's, Django's, Python's, the project's.

This is the only place that reads names of modules to find out, because they mislead. A decorator
copies ``__module__`` from what it decorates. A serializer class that a project makes with
``type()`` says that it is of DRF's module, where the metaclass is. Somebody may put a class of
their own in the place of DRF's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import cached_property, partial, partialmethod
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FrameType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any


class Owner(Enum):
    """Who wrote a class or a function."""

    DRF = "Django REST Framework"
    NOVA = "nova_drf"
    PYDANTIC = "Pydantic"
    DJANGO = "Django"
    PYTHON = "Python and its standard library"
    PROJECT = "the project, or a package that it uses"


_OURS = __name__.partition(".")[0]
_PACKAGES = {
    "rest_framework": Owner.DRF,
    _OURS: Owner.NOVA,
    "pydantic": Owner.PYDANTIC,
    "pydantic_core": Owner.PYDANTIC,
    "django": Owner.DJANGO,
}


def owner_of(thing: object) -> Owner:
    """Return who wrote a class, a function, or the class of an object.

    What is wrapped counts too: a function of the project's is the project's, whoever's decorator is
    around it, and so is a library's function in a decorator of the project's.

    Args:
        thing: A class; a function, method, property or ``partial`` (whose arguments do not count);
            or any other object, which is whose class it is of.

    Returns:
        The owner; :attr:`Owner.PROJECT` where that is not certain. A class is the project's as long
        as its module does not hold it under its name, which is also so while it is being made.
    """
    if isinstance(thing, type):
        return _owner_of_name(_module_of_class(thing))
    owners = [_owner_of_name(_module_of(layer)) for layer in _layers(thing)]
    return Owner.PROJECT if Owner.PROJECT in owners else owners[0]


def home_of(cls: type) -> Owner:
    """Return whose module a class says that it is of.

    It is true of a class that is being made, and of one that a library makes in passing, which
    :func:`owner_of` takes for the project's. It is not true of a serializer class that a project
    makes with ``type()``.
    """
    return _owner_of_name(_named_module(cls))


def owner_of_frame(frame: FrameType) -> Owner:
    """Return whose code a frame of the stack runs."""
    return _owner_of_name(_text(frame.f_globals.get("__name__")))


def is_written_in(thing: object, *modules: ModuleType) -> bool:
    """Whether a class or a function was written in one of some modules or packages.

    Args:
        thing: What :func:`owner_of` takes.
        modules: The modules; a package stands for all modules in it.
    """
    names = tuple(module.__name__ for module in modules)
    return all(_is_within(_module_of(layer), names) for layer in _layers(thing))


def definer_in(order: Iterable[type], name: str) -> type | None:
    """Return the first class of an order whose own body defines a name; ``None`` if none does.

    Args:
        order: Classes, in the order in which Python looks a name up.
        name: The name of an attribute.
    """
    return next((cls for cls in order if name in vars(cls)), None)


def our_modules() -> Iterator[str]:
    """Yield the names of those of our modules that are loaded."""
    return (name for name in list(sys.modules) if name.partition(".")[0] == _OURS)


def classes_of(module: ModuleType) -> Iterator[type]:
    """Yield the classes that a module defines, but not those that it imports."""
    for value in list(vars(module).values()):
        # Django's lazy settings, asked for their class, would want to be configured.
        if issubclass(type(value), type) and _named_module(value) == module.__name__:
            yield value


def remember(*modules: ModuleType) -> None:
    """Remember which classes some modules define.

    They stay their owner's, should somebody put others in their places.

    Args:
        modules: Modules of a library that projects are known to change.
    """
    for module in modules:
        _remembered_modules.add(module.__name__)
        _remembered.update({id(cls): cls for cls in classes_of(module)})


_remembered: dict[int, type] = {}
_remembered_modules: set[str] = set()

_UNKNOWN = ""
"""The module of what might be anybody's."""


def _owner_of_name(name: str) -> Owner:
    package = name.partition(".")[0]
    if package in sys.stdlib_module_names:
        return Owner.PYTHON
    return _PACKAGES.get(package, Owner.PROJECT)


def _is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


# What is wrapped

_WRAPPERS = (
    *(MethodType, staticmethod, classmethod, property),
    *(partial, partialmethod, cached_property),
)
_OF_WRAPPERS = (partial.__module__, contextmanager.__module__)


def _layers(thing: object) -> Iterator[object]:
    """Yield a thing and what it wraps, from outside; what Python itself puts around is left out."""
    seen: set[int] = set()
    while id(thing) not in seen:
        seen.add(id(thing))
        inner = _inner(thing)
        if inner is thing:
            break
        if not _is_pythons(thing):
            yield thing
        thing = inner
    yield thing


def _inner(thing: object) -> object:
    """Return what a thing wraps, or itself."""
    if isinstance(thing, (MethodType, staticmethod, classmethod)):
        return thing.__func__
    if isinstance(thing, (partial, partialmethod, cached_property)):
        return thing.func
    if isinstance(thing, property):
        return thing if thing.fget is None else thing.fget
    if isinstance(thing, type):
        return thing
    attributes = getattr(thing, "__dict__", None)
    return attributes.get("__wrapped__", thing) if isinstance(attributes, dict) else thing


def _is_pythons(thing: object) -> bool:
    """Whether it is a wrapper such as ``functools.lru_cache`` makes."""
    return isinstance(thing, _WRAPPERS) or _module_of(thing) in _OF_WRAPPERS


# Where something was written


def _module_of(thing: object) -> str:
    """Return the name of the module in which a thing was written, whatever it wraps."""
    if isinstance(thing, type):
        return _module_of_class(thing)
    if isinstance(thing, FunctionType):
        # A decorator copies `__module__`; where the function looks names up tells who wrote it.
        return _text(thing.__globals__.get("__name__", thing.__module__))
    if isinstance(thing, BuiltinFunctionType) and isinstance(thing.__module__, str):
        return thing.__module__
    if isinstance(thing, BuiltinFunctionType):
        bound = thing.__self__
        return _module_of_class(bound if isinstance(bound, type) else type(bound))
    if isinstance(thing, (ClassMethodDescriptorType, MethodDescriptorType, WrapperDescriptorType)):
        return _module_of_class(thing.__objclass__)
    return _module_of_class(type(thing))


def _module_of_class(cls: type) -> str:
    name = _named_module(cls)
    if id(cls) in _remembered or not cls.__flags__ & _MADE_AT_RUN_TIME:
        return name
    module = sys.modules.get(name)
    if module is None or name in _remembered_modules:
        return _UNKNOWN
    return name if vars(module).get(cls.__name__) is cls else _UNKNOWN


_MADE_AT_RUN_TIME = 1 << 9
"""``Py_TPFLAGS_HEAPTYPE``: all classes but those that are compiled into Python."""


def _named_module(cls: type) -> str:
    return _text(type.__getattribute__(cls, "__module__"))


def _text(name: object) -> str:
    return name if isinstance(name, str) else _UNKNOWN


def subclasses(cls: Any) -> Iterator[Any]:
    """Yield all classes that derive from a class, each once, those of each class after it."""
    seen: set[Any] = set()
    waiting = list(reversed(cls.__subclasses__()))
    while waiting:
        subclass = waiting.pop()
        if subclass not in seen:
            seen.add(subclass)
            yield subclass
            waiting.extend(reversed(subclass.__subclasses__()))
