"""What the methods of a permission, a throttle, ... find as ``super()``: answers that are settled.

A sync method may ask its parent, whose method is async, and take what it returns for a yes. So the
object gets a class of ours, with the same state, in whose order an adapter stands before each such
parent. The classes of the project stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from inspect import getattr_static, isfunction, ismemberdescriptor
from types import BuiltinFunctionType, MemberDescriptorType
from weakref import WeakSet

from django.core.exceptions import ImproperlyConfigured

from nova_drf.core.class_caches import kept_with_class
from nova_drf.core.concurrency import Settling, settled
from nova_drf.views.policy_classes import ASKED, DRFS


def with_settling_parents(member: object) -> object:
    """Return an object whose methods get settled answers from ``super()``, with the same state."""
    if isinstance(member, type):
        return subclass_with_settling_parents(member) or member
    cls: type = type(member)
    subclass = subclass_with_settling_parents(cls)
    if subclass is None:
        return member
    policy: object = object.__new__(subclass)
    if type(getattr(member, "__dict__", None)) is dict:
        object.__setattr__(policy, "__dict__", vars(member))
    object.__setattr__(policy, _MEMBER, member)
    return policy


@lru_cache(maxsize=1024)
def subclass_with_settling_parents(cls: type) -> type | None:
    """Return a subclass in which ``super()`` finds settled answers.

    Args:
        cls: The class of a permission, a throttle, ...; it stays as it is.

    Returns:
        ``None`` where no method of the class may call one of another class that is not DRF's.

    Raises:
        ImproperlyConfigured: The state of such an object cannot be shared.
    """
    if cls in SUBCLASSES:
        return None
    possible = possible_names(cls)
    above = possible.intersection(vars(cls))
    parents = []
    for base in cls.__mro__[1:]:
        names = possible.intersection(vars(base))
        if base not in DRFS and names & above:
            parents.append((base, names & above))
        above |= names
    # In front of a property, an attribute of the object is not found.
    properties = [
        name for name in possible if isinstance(getattr_static(cls, name, None), property)
    ]
    if not (parents or properties):
        return None
    _refuse_built_in_state(cls)
    shims = [subclass_of((base,), _settled(names)) for base, names in parents]
    return subclass_of((cls, *shims), {**_settled(properties), **_shared_slots(cls)})


def _refuse_built_in_state(cls: type) -> None:
    """Refuse a class whose objects have content that no other object can share."""
    for base in cls.__mro__:
        new = vars(base).get("__new__")
        if base is not object and isinstance(new, BuiltinFunctionType):
            raise ImproperlyConfigured(
                f"{cls.__module__}.{cls.__qualname__}: what its parents answer cannot be awaited, "
                f"because its objects are of the built-in type {base.__name__!r}. Keep a "
                f"{base.__name__} in an attribute instead of deriving from it."
            )


def _shared_slots(cls: type) -> dict[str, object]:
    """Return the body of a subclass whose objects have no slots but those of another object."""
    slots = {
        name: _SharedSlot(value)
        for base in reversed(cls.__mro__)
        for name, value in vars(base).items()
        if ismemberdescriptor(value)
    }
    return {"__slots__": (_MEMBER,), **slots}


_MEMBER = "_settled_member"


class _SharedSlot:
    """A slot of an object whose state is that of another one.

    Args:
        slot: The descriptor that Python made of the slot.
    """

    def __init__(self, slot: MemberDescriptorType) -> None:
        self._slot = slot

    def __get__(self, policy: object, owner: type) -> object:
        return self if policy is None else self._slot.__get__(_member_of(policy))

    def __set__(self, policy: object, value: object) -> None:
        self._slot.__set__(_member_of(policy), value)

    def __delete__(self, policy: object) -> None:
        self._slot.__delete__(_member_of(policy))


def _member_of(policy: object) -> object:
    """Return the object whose state another one has; its own where it was made by calling."""
    try:
        return object.__getattribute__(policy, _MEMBER)
    except AttributeError:
        return policy


def _settled(names: Iterable[str]) -> dict[str, object]:
    """Return the body of a class in which ``super()`` finds settled answers."""
    return {name: _Parents(name) for name in names}


class _Parents:
    """The method that ``super()`` finds, with answers that are settled.

    Args:
        name: Its name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner

    def __get__(self, policy: object, owner: type) -> Settling:
        bound: object = super(self._owner, owner if policy is None else policy)
        return settling_method(self._name, getattr(bound, self._name))


def subclass_of(bases: tuple[type, ...], body: Mapping[str, object]) -> type:
    """Return a class that is called like its first base, and of which no project is told."""
    cls = bases[0]
    unnoticed = type("_Unnoticed", (), {"__slots__": (), "__init_subclass__": _take_no_notice})
    arguments = cls.__name__, (unnoticed, *bases), {"__module__": cls.__module__, **body}
    try:
        subclass: type = type(cls)(*arguments)
    except Exception:
        # A metaclass of the project may want to be told more, or allow no subclass.
        subclass = type.__new__(type(cls), *arguments)
    SUBCLASSES.add(subclass)
    return subclass


@classmethod  # type: ignore[misc]  # of the class in whose body it is put
def _take_no_notice(cls: type) -> None:
    """Keep ``__init_subclass__`` of a project, which may register classes, from being called."""


SUBCLASSES: WeakSet[type] = WeakSet()
"""The classes that were made here."""


@kept_with_class
def possible_names(cls: type) -> frozenset[str]:
    """Return the names of the methods that DRF calls of objects of a class."""
    of_drf = (vars(base).items() for base in cls.__mro__ if base in DRFS)
    hooks = {name for body in of_drf for name, value in body if isfunction(value)}
    return frozenset(name for name in {*ASKED, *hooks} if not name.startswith("__"))


def settling_method(name: str, method: Callable[..., object]) -> Settling:
    """Return a method of a policy, with answers that are settled."""
    return Settling(method, _settled_credentials) if name == "authenticate" else Settling(method)


def _settled_credentials(answer: object) -> object:
    """Return the user and the credentials that an authenticator found."""
    return tuple(map(settled, answer)) if type(answer) is tuple else settled(answer)
