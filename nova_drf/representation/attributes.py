"""How the attributes of objects are read, and which of them are called."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from operator import attrgetter, itemgetter
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute
from rest_framework.fields import is_simple_callable
from rest_framework.serializers import Serializer

from nova_drf.core.ownership import Owner, definer_in, owner_of
from nova_drf.mapping.oracle import attribute_field, serializer_name

if TYPE_CHECKING:
    from pydantic import BaseModel

    from nova_drf.mapping.shape import AnyField, FieldShape

MISSING_ATTRIBUTE = (AttributeError, KeyError, ObjectDoesNotExist)
"""What an object raises that lacks an attribute."""

Column = Sequence[Any]
"""The values of one attribute, object by object."""

_METHODS = 1024
"""Of how many methods it is remembered whether they need arguments."""

_needs_nothing: dict[Hashable, bool] = {}


# One object


@lru_cache(maxsize=1024)
def is_mapping(cls: type) -> bool:
    """Whether values are items of an object, rather than its attributes."""
    return issubclass(cls, Mapping)


@lru_cache(maxsize=1024)
def has_columns_of(cls: type, keys: tuple[tuple[str, str], ...]) -> bool:
    """Whether a class is a model with some foreign keys.

    Args:
        cls: The class of an object.
        keys: The names of the foreign keys, each with the attribute of its column.
    """
    if not issubclass(cls, Model) or cls.serializable_value is not Model.serializable_value:
        return False
    columns = {(field.name, field.attname) for field in cls._meta.fields}
    return columns.issuperset(keys)


def called(value: object) -> object:
    """Return what an attribute gives if it is one that DRF calls; others as they are."""
    return value() if callable(value) and is_called(value) else value


def is_called(value: Any) -> bool:
    """Whether DRF calls an attribute and prints the result (its ``is_simple_callable``).

    DRF looks at the signature of each object's method, which takes longer than all the rest of
    reading the object. Here that is done once for each method.

    Args:
        value: An attribute of an object.

    Raises:
        rest_framework.fields.BuiltinSignatureError: It is a builtin, as for DRF.
    """
    method = _method(value)
    if method is None:
        return bool(is_simple_callable(value))
    try:
        return _needs_nothing[method]
    except KeyError:
        pass
    if len(_needs_nothing) >= _METHODS:
        _needs_nothing.clear()
    answer = _needs_nothing[method] = bool(is_simple_callable(value))
    return answer


def _method(value: object) -> Hashable:
    """Return what stands for a method, whichever object it was asked of.

    Django's ``get_<field>_display`` is a ``functools.partial`` of one.
    """
    if isinstance(value, MethodType) and isinstance(value.__func__, FunctionType):
        return value.__func__
    if isinstance(value, partial) and isinstance(value.func, MethodType):
        function = _method(value.func)
        return function and (function, len(value.args), *value.keywords)
    return None


class MissingAttributes:
    """What DRF's fields make of attributes that an object has not got.

    Args:
        schema: What describes the object.
        in_partial_update: Whether it is printed for one; then DRF's fields have no defaults.
    """

    def __init__(self, schema: type[BaseModel], in_partial_update: bool) -> None:
        self.schema = schema
        self.in_partial_update = in_partial_update
        self._fields: dict[str, AnyField] = {}

    def value(self, field: FieldShape, instance: object) -> Any:
        """Return a field's default, or ``None``.

        Raises:
            SkipField: The field is left out.
            Exception: DRF's error, whichever it is.
        """
        drf_field = self._fields.get(field.name)
        if drf_field is None:
            drf_field = self._fields[field.name] = attribute_field(field, self._parent)
        return drf_field.get_attribute(instance)

    @cached_property
    def _parent(self) -> Serializer[Any]:
        """A serializer of the schema's name, as DRF's messages have it."""
        name = serializer_name(self.schema)
        serializer_class: type[Serializer[Any]] = type(name, (Serializer,), {})
        return serializer_class(partial=self.in_partial_update)


# Many objects


def attribute_columns(objects: Sequence[object], names: tuple[str, ...]) -> Iterable[Column]:
    """Return the attributes of objects of one class, a column for each name.

    Args:
        objects: The objects, at least one.
        names: The attributes.

    Raises:
        AttributeError: An object lacks one of them.
    """
    cls = type(objects[0])
    if len(names) == 1:
        return [list(map(attrgetter(*names), objects))]
    if cls.__getattribute__ is object.__getattribute__:
        own = vars(cls)
        # Looked up each time: somebody may have put another one there, in a test for instance.
        descriptors = [own[name] if name in own else _inherited(cls, name) for name in names]
        access = _access(names, tuple(map(type, descriptors)))
        columns = None if access is None else access.columns(objects)
        if columns is not None:
            return columns
    return zip(*map(attrgetter(*names), objects), strict=True)


def _inherited(cls: type, name: str) -> object:
    """Return what the bases of a class have under a name; ``None`` if they have nothing."""
    definer = definer_in(cls.__mro__[1:], name)
    return None if definer is None else vars(definer)[name]


class _Access(NamedTuple):
    """How attributes are read whose values ``__dict__`` holds, most of them.

    Attributes:
        stored: Gets those from ``__dict__``.
        others: Gets each of the others from the object, by its place among all attributes.
    """

    stored: Callable[[dict[str, Any]], tuple[Any, ...]]
    others: tuple[tuple[int, Callable[[Any], Any]], ...]

    def columns(self, objects: Sequence[object]) -> Sequence[Column] | None:
        """Return the columns; ``None`` if an object lacks a name, such as a deferred column."""
        get = self.stored
        try:
            stored_values = [get(instance.__dict__) for instance in objects]
        except (AttributeError, KeyError):
            return None
        columns: list[Column] = list(zip(*stored_values, strict=True))
        for place, get_other in self.others:
            columns.insert(place, list(map(get_other, objects)))
        return columns


@lru_cache(maxsize=1024)
def _access(names: tuple[str, ...], descriptors: tuple[type, ...]) -> _Access | None:
    """Return how to read attributes; ``None`` where only ``getattr`` does it.

    Args:
        names: The attributes.
        descriptors: The classes of what their class has under these names.
    """
    kinds = list(map(_kind, descriptors))
    stored = [name for name, kind in zip(names, kinds, strict=True) if kind is _STORED]
    if _CODE in kinds or len(stored) < 2:
        return None
    others = [(at, attrgetter(names[at])) for at, kind in enumerate(kinds) if kind is not _STORED]
    return _Access(itemgetter(*stored), tuple(others))


_STORED: Final = "stored"
"""What ``__dict__`` holds, if it holds something, is the attribute: nothing is asked before it, or
one of Django's columns is, which returns what is stored."""

_RELATION: Final = "relation"
"""Another descriptor of Django's reads the attribute, which changes no other one."""

_CODE: Final = "code"
"""Code that might change other attributes reads it, such as a property."""


@lru_cache(maxsize=1024)
def _kind(cls: type) -> str:
    """Return what reads an attribute, by the class of the descriptor that there is for it."""
    is_first = hasattr(cls, "__set__") or hasattr(cls, "__delete__")
    if not is_first or getattr(cls, "__get__", None) is DeferredAttribute.__get__:
        return _STORED
    return _RELATION if owner_of(cls) is Owner.DJANGO else _CODE
