"""What the views of a project do with its serializers, as far as their code tells.

Nothing is called: a view's code may want a client, or ask the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FunctionType, ModuleType

from django.conf import settings
from django.urls import get_resolver
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.overrides import is_users
from nova_drf.core.ownership import definer_in
from nova_drf.migration.endpoints import METHODS, Endpoint, endpoints

_WITHOUT_INPUT = frozenset(("get", "head", "options", "delete"))

_SAVING_HOOKS = ("perform_create", "perform_update")
_WRITING_HANDLERS = ("create", "update", "partial_update")

_HANDLERS = frozenset(
    (*METHODS, "list", "create", "retrieve", "update", "partial_update", "destroy")
)


@dataclass
class Uses:
    """Who uses the serializer classes of a project, and for what.

    Attributes:
        written: By a view that writes.
        shown: By a view that only reads.
        filled: By a view that has code of its own where DRF saves, and may add to the input.
        handled: By a view whose own code handles the whole request, and what becomes of the input.
        nested: In another serializer, as a part of its input.
        nested_shown: In another serializer, as a part of its output only.
    """

    written: set[type] = field(default_factory=set)
    shown: set[type] = field(default_factory=set)
    filled: set[type] = field(default_factory=set)
    handled: set[type] = field(default_factory=set)
    nested: set[type] = field(default_factory=set)
    nested_shown: set[type] = field(default_factory=set)

    def only_shows(self, cls: type) -> bool:
        """Whether a serializer class is used, and for output only."""
        reads = cls in self.shown or cls in self.nested_shown
        return reads and cls not in self.written and cls not in self.nested

    def is_used(self, cls: type) -> bool:
        """Whether anything uses a serializer class."""
        return any(cls in classes for classes in vars(self).values())


def uses_of_serializers(serializers: Iterable[object]) -> Uses:
    """Return what the views of the project, and its serializers, do with serializers.

    Args:
        serializers: The serializer classes in which others may be nested.
    """
    uses = Uses()
    if getattr(settings, "ROOT_URLCONF", None):
        for endpoint in endpoints(get_resolver().url_patterns):
            _add_view(uses, endpoint)
    for cls in serializers:
        _add_nested(uses, cls)
    return uses


def _add_view(uses: Uses, endpoint: Endpoint) -> None:
    """Add what the code names that answers an endpoint; other handlers do not count."""
    handlers = {handler: method for method, handler in endpoint.actions()}
    writes = not _WITHOUT_INPUT.issuperset(handlers.values())
    mentioned: set[type] = set()
    for name, serializers in serializers_in(endpoint.view).items():
        if name in handlers and handlers[name] in _WITHOUT_INPUT:
            uses.shown |= serializers
        elif name in handlers or not _is_handler(endpoint.view, name):
            mentioned |= serializers
    (uses.written if writes else uses.shown).update(mentioned)
    if writes and any(_is_own(endpoint.view, name) for name in _SAVING_HOOKS):
        uses.filled |= mentioned
    if writes and any(_is_own(endpoint.view, name) for name in {*handlers, *_WRITING_HANDLERS}):
        uses.handled |= mentioned


def _is_handler(view: type, name: str) -> bool:
    """Whether a method answers requests of some endpoint: a standard action, or an extra one."""
    return name in _HANDLERS or hasattr(getattr(view, name, None), "mapping")


def _add_nested(uses: Uses, cls: object) -> None:
    for nested in getattr(cls, "_declared_fields", {}).values():
        inner = nested.child if isinstance(nested, ListSerializer) else nested
        if isinstance(inner, BaseSerializer):
            (uses.nested_shown if nested.read_only else uses.nested).add(type(inner))


def _is_own(view: type, name: str) -> bool:
    definer = definer_in(view.__mro__, name)
    return definer is not None and is_users(definer)


# What the code of a class mentions


def serializers_in(view: type) -> dict[str, set[type]]:
    """Return the serializer classes that the attributes and the methods of a view name.

    Args:
        view: The view class; what it inherits from DRF does not count.

    Returns:
        The classes, by the name of the attribute or method.
    """
    named: dict[str, set[type]] = {}
    for cls in view.__mro__:
        if cls is not object and is_users(cls):
            for name, value in list(vars(cls).items()):
                named.setdefault(name, set()).update(_serializers_among(value, depth=3))
    return named


def _serializers_among(value: object, depth: int) -> Iterator[type]:
    """Yield the serializer classes in an attribute's value, or that a function names."""
    value = getattr(value, "fget", value)
    value = getattr(value, "__func__", value)
    if isinstance(value, type):
        if issubclass(value, BaseSerializer):
            yield value
    elif depth and isinstance(value, Mapping):
        yield from _serializers_among_all(value.values(), depth)
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        yield from _serializers_among_all(value, depth)
    elif depth and isinstance(value, FunctionType):
        yield from _serializers_among_all(_named_by(value), depth)


def _serializers_among_all(values: Iterable[object], depth: int) -> Iterator[type]:
    for value in values:
        yield from _serializers_among(value, depth - 1)


def _named_by(function: FunctionType) -> Iterator[object]:
    """Yield what a function's code names: of its module, of modules that it names, around it."""
    names = frozenset(_names_in(function.__code__))
    for name in names & function.__globals__.keys():
        value = function.__globals__[name]
        if isinstance(value, ModuleType):
            yield from (vars(value)[inner] for inner in names & vars(value).keys())
        elif not isinstance(value, FunctionType):
            yield value
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue  # The name has no value yet.


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)
