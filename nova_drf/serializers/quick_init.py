"""Serializers made quickly: DRF's ``__init__`` without what is the same for each of a class."""

from __future__ import annotations

from itertools import dropwhile, islice
from typing import Any

from rest_framework.fields import Field, empty
from rest_framework.serializers import (
    LIST_SERIALIZER_KWARGS,
    LIST_SERIALIZER_KWARGS_REMOVE,
    BaseSerializer,
    ListSerializer,
)

from nova_drf.core.overrides import SerializerClass
from nova_drf.serializers.async_methods import with_async_methods
from nova_drf.serializers.class_bodies import changed_methods
from nova_drf.validation.unparsed import UnparsedJSON

OF_REQUESTS = frozenset(("partial", "context", "many"))
"""The keyword arguments with which views make serializers."""

_OF_LISTS = OF_REQUESTS | {"instance", "data"}

_PER_INSTANCE = frozenset(("_creation_counter", "_context", "instance", "partial", "style"))
"""The attributes that :func:`start` sets itself."""

_MAKING = frozenset(("__init__", "__new__", "many_init"))

_SET_BY_NEW = 2
"""How many attributes DRF's ``__new__`` sets: ``_args`` and ``_kwargs``."""

_BLANK = "_nova_blank"
"""Where a class keeps the attributes that DRF gives a serializer made without arguments."""


def starts_blank(cls: type, owner: type) -> bool:
    """Whether nothing but DRF's own methods would run after those of a class of ours.

    Args:
        cls: A serializer class.
        owner: The class of ours that has an ``__init__`` and a ``__new__``.
    """
    return all(
        next_owner(cls, owner, name) is BaseSerializer for name in ("__init__", "__new__")
    ) and _are_made_by_drf(BaseSerializer, Field)


def makes_lists(cls: type, owner: type) -> bool:
    """Whether nothing but DRF's own methods would run to make a list of a serializer's items.

    Args:
        cls: A serializer class.
        owner: The class of ours that has a ``many_init``.
    """
    return next_owner(cls, owner, "many_init") is BaseSerializer and _are_made_by_drf(
        ListSerializer, BaseSerializer, Field
    )


def _are_made_by_drf(*classes: type) -> bool:
    return all(not _MAKING.intersection(changed_methods(cls)) for cls in classes)


def next_owner(cls: type, owner: type, name: str) -> type | None:
    """Return the class whose method a class of ours reaches with ``super()``.

    Args:
        cls: A serializer class.
        owner: The class of ours.
        name: The method's name.
    """
    owners = (base for base in cls.__mro__ if name in vars(base))
    ours = dropwhile(lambda base: base is not owner, owners)
    return next(islice(ours, 1, None), None)


def start(
    serializer: object,
    instance: object = None,
    data: object = empty,
    *,
    partial: bool = False,
    context: object = None,
    many: bool = False,
) -> None:
    """Do what DRF's ``__init__`` does, without collecting the error messages once more.

    Args:
        serializer: The new serializer, of a class that :func:`starts_blank`.
        instance: As for DRF's serializers, and so are the others.
        data: The input.
        partial: Whether it is a partial update.
        context: The context.
        many: Is ignored, as DRF does here.
    """
    cls = type(serializer)
    blank = vars(cls).get(_BLANK) or _blank_state(cls)
    state = blank.copy()
    state["error_messages"] = blank["error_messages"].copy()
    state["style"] = {}
    # Between the fields made before and after. DRF counts up on its class, and with each change
    # of a class Python forgets the methods that it looked up on the subclasses.
    counted: Any = Field
    state["_creation_counter"] = counted._creation_counter - 0.5
    state["instance"] = instance
    if data.__class__ is UnparsedJSON:
        state["_unparsed"] = data
    elif data is not empty:
        state["initial_data"] = data
    state["partial"] = partial
    state["_context"] = {} if context is None else context
    own = vars(serializer)
    if len(own) == _SET_BY_NEW:
        # Nothing else is there yet that code of the user has set.
        state.update(own)
        serializer.__dict__ = state
    else:
        own.update(state)


def blank_new(cls: type[Any], args: tuple[object, ...], kwargs: dict[str, object]) -> Any:
    """Do what DRF's ``__new__`` does where there is no ``many`` to ask for.

    Args:
        cls: A serializer class that :func:`starts_blank`.
        args: The positional arguments of the call.
        kwargs: Its other arguments.
    """
    serializer = object.__new__(cls)
    serializer._args = args
    serializer._kwargs = kwargs
    return serializer


def make_list(
    cls: SerializerClass,
    list_class: object,
    args: tuple[object, ...],
    kwargs: dict[str, Any],
) -> object:
    """Return what ``many=True`` makes of a serializer class, as DRF's ``many_init`` does.

    DRF has a hook for the list class of one serializer, but none for the default.

    Args:
        cls: The class of the items.
        list_class: The class of the list, if ``Meta`` names none.
        args: The positional arguments of the call.
        kwargs: Its other arguments, without ``many``.
    """
    named = getattr(getattr(cls, "Meta", None), "list_serializer_class", ListSerializer)
    if named is ListSerializer and kwargs.keys() <= _OF_LISTS:
        return _start_list(cls, list_class, args, kwargs)
    of_list = {
        key: value
        for key in LIST_SERIALIZER_KWARGS_REMOVE
        if (value := kwargs.pop(key, None)) is not None
    }
    of_list["child"] = cls(*args, **kwargs)
    of_list.update({key: kwargs[key] for key in kwargs.keys() & set(LIST_SERIALIZER_KWARGS)})
    return _list_class(named, list_class)(*args, **of_list)


def _start_list(
    cls: SerializerClass, list_class: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    if kwargs.get("data").__class__ is UnparsedJSON:
        kwargs["data"] = kwargs["data"].parse()
    child: Any = cls(*args, **kwargs)
    serializer = blank_new(list_class, args, {"child": child, **kwargs})
    serializer.child = child
    serializer.allow_empty, serializer.max_length, serializer.min_length = True, None, None
    start(serializer, *args, **kwargs)
    child.bind(field_name="", parent=serializer)
    return serializer


def remade_list(serializer: Any, list_class: object) -> Any:
    """Return a list as one with async methods, where a ``many_init`` of the user has made it.

    Args:
        serializer: What that returned.
        list_class: The class of the list, if it is DRF's own.
    """
    chosen = _list_class(type(serializer), list_class)
    if chosen is type(serializer):
        return serializer
    remade = chosen.__new__(chosen, *serializer._args, **serializer._kwargs)
    vars(remade).update(vars(serializer))
    # It is bound, which happens once.
    remade.child.parent = remade
    return remade


def _list_class(named: object, list_class: object) -> Any:
    if named is ListSerializer:
        return list_class
    is_list = isinstance(named, type) and issubclass(named, ListSerializer)
    return with_async_methods(named) if is_list else named


def _blank_state(cls: Any) -> dict[str, Any]:
    blank = object.__new__(cls)
    BaseSerializer.__init__(blank)
    state = {name: value for name, value in vars(blank).items() if name not in _PER_INSTANCE}
    setattr(cls, _BLANK, state)
    return state
