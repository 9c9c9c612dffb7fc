"""Serializers made quickly: DRF's ``__init__`` without what is the same for each of a class."""

from __future__ import annotations

from itertools import dropwhile, islice
from typing import Any

from rest_framework.fields import Field, empty
from rest_framework.serializers import BaseSerializer

OF_REQUESTS = frozenset(("partial", "context", "many"))
"""The keyword arguments with which views make serializers."""

_PER_INSTANCE = frozenset(("_creation_counter", "_context", "instance", "partial", "style"))
"""The attributes that :func:`start` sets itself."""

_BLANK = "_nova_blank"
"""Where a class keeps the attributes that DRF gives a serializer made without arguments."""


def starts_blank(cls: type, owner: type) -> bool:
    """Whether nothing but DRF's own ``__init__`` would run after the one of a class of ours.

    Args:
        cls: A serializer class.
        owner: The class of ours that has an ``__init__``.
    """
    inits = (base for base in cls.__mro__ if "__init__" in vars(base))
    ours = dropwhile(lambda base: base is not owner, inits)
    return next(islice(ours, 1, None), None) is BaseSerializer


def start(
    serializer: Any,
    instance: Any,
    data: Any,
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
    vars(serializer).update(blank)
    serializer.error_messages = {**blank["error_messages"]}
    serializer.style = {}
    # Between the fields made before and after. DRF counts up on its class, and with each change
    # of a class Python forgets the methods that it looked up on the subclasses.
    serializer._creation_counter = Field._creation_counter - 0.5
    serializer.instance = instance
    if data is not empty:
        serializer.initial_data = data
    serializer.partial = partial
    serializer._context = {} if context is None else context


def _blank_state(cls: Any) -> dict[str, Any]:
    blank = object.__new__(cls)
    BaseSerializer.__init__(blank)
    state = {name: value for name, value in vars(blank).items() if name not in _PER_INSTANCE}
    setattr(cls, _BLANK, state)
    return state
