"""Serializers made quickly: DRF's ``__init__`` without what is the same for each of a class."""

from __future__ import annotations

from itertools import dropwhile, islice
from typing import Any

from rest_framework.fields import Field, empty
from rest_framework.serializers import BaseSerializer

OF_REQUESTS = frozenset(("partial", "context", "many"))
"""The keyword arguments with which views make serializers."""

_OF_LISTS = OF_REQUESTS | {"instance", "data"}

_PER_INSTANCE = frozenset(("_creation_counter", "_context", "instance", "partial", "style"))
"""The attributes that :func:`start` sets itself."""

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
    return all(_next_owner(cls, owner, name) is BaseSerializer for name in ("__init__", "__new__"))


def _next_owner(cls: type, owner: type, name: str) -> type | None:
    """Return the class whose method a class of ours reaches with ``super()``."""
    owners = (base for base in cls.__mro__ if name in vars(base))
    ours = dropwhile(lambda base: base is not owner, owners)
    return next(islice(ours, 1, None), None)


def start(
    serializer: Any,
    instance: Any = None,
    data: Any = empty,
    *,
    partial: bool = False,
    context: Any = None,
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
    if data is not empty:
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


def blank_new(cls: type[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do what DRF's ``__new__`` does where there is no ``many`` to ask for.

    Args:
        cls: A serializer class that :func:`starts_blank`.
        args: The positional arguments of the call.
        kwargs: Its other arguments.
    """
    made = object.__new__(cls)
    made._args = args
    made._kwargs = kwargs
    return made


def make_list(
    cls: type[BaseSerializer[Any]], list_class: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return what ``many=True`` makes of a serializer class; ``None`` where DRF has to make it.

    Args:
        cls: The class of the items.
        list_class: The class of the list, if ``Meta`` names none.
        args: The positional arguments of the call.
        kwargs: Its other arguments, without ``many``.
    """
    if hasattr(getattr(cls, "Meta", None), "list_serializer_class"):
        return None
    if not kwargs.keys() <= _OF_LISTS:
        return None
    child: Any = cls(*args, **kwargs)
    made = blank_new(list_class, args, {"child": child, **kwargs})
    made.child = child
    made.allow_empty, made.max_length, made.min_length = True, None, None
    start(made, *args, **kwargs)
    child.bind(field_name="", parent=made)
    return made


def _blank_state(cls: Any) -> dict[str, Any]:
    blank = object.__new__(cls)
    BaseSerializer.__init__(blank)
    state = {name: value for name, value in vars(blank).items() if name not in _PER_INSTANCE}
    setattr(cls, _BLANK, state)
    return state
