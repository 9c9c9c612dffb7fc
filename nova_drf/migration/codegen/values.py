"""Python values as source code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from re import Pattern
from types import BuiltinFunctionType, FunctionType
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.manager import BaseManager
from django.utils.functional import Promise
from rest_framework import serializers
from rest_framework.fields import Field
from rest_framework.relations import ManyRelatedField
from rest_framework.serializers import ListSerializer
from rest_framework.validators import (
    BaseUniqueForValidator,
    UniqueTogetherValidator,
    UniqueValidator,
)

from nova_drf.mapping import builtin as _builtin_rows  # noqa: F401  (registers the rows)
from nova_drf.mapping.registry import registry
from nova_drf.migration.codegen.names import CannotWriteError, Names


def value_source(value: object, names: Names) -> str:
    """Return an expression that makes an equal value.

    Args:
        value: The value.
        names: The names of the file.

    Raises:
        CannotWriteError: There is none.
    """
    if isinstance(value, Enum):
        return f"{names.use_object(type(value))}.{value.name}"
    found = next((_WRITERS[base] for base in type(value).__mro__ if base in _WRITERS), None)
    if found is not None:
        return found(value, names)
    if isinstance(value, type):
        return names.use_object(value)
    if hasattr(value, "deconstruct"):
        return _deconstructed(value, names)
    row = registry.for_value(value)
    arguments = None if row is None else row.source_arguments(value)
    if arguments is not None:
        return f"{names.use_object(type(value))}({arguments})"
    raise CannotWriteError(f"there is no source code for {value!r}")


def text_source(text: str) -> str:
    """Return a text in double quotes, unless that takes more escapes than single ones."""
    if '"' in text and "'" not in text:
        return repr(text)
    if text.isprintable():
        return json.dumps(text, ensure_ascii=False)
    quotes = {'"': '\\"', "'": "'"}
    return f'"{"".join(quotes.get(one) or repr(one)[1:-1] for one in text)}"'


def call_source(callee: str, arguments: Mapping[str, str], *positional: str) -> str:
    """Return a call."""
    keywords = (f"{name}={value}" for name, value in arguments.items())
    return f"{callee}({', '.join((*positional, *keywords))})"


def _plain(value: object, names: Names) -> str:
    return repr(value)


def _real(value: float, names: Names) -> str:
    if value - value != 0:
        return f'float("{value}")'
    return repr(value)


def _text(value: Any, names: Names) -> str:
    if type(value) is not str and not isinstance(value, Promise):
        raise CannotWriteError(f"{value!r} is a text of a class of its own")
    return text_source(str(value))


def _sequence(value: Any, names: Names) -> str:
    items = [value_source(item, names) for item in value]
    if isinstance(value, list):
        return f"[{', '.join(items)}]"
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _set(value: Any, names: Names) -> str:
    items = ", ".join(sorted(value_source(item, names) for item in value))
    if isinstance(value, frozenset):
        return f"frozenset({{{items}}})" if items else "frozenset()"
    return f"{{{items}}}" if items else "set()"


def _mapping(value: Mapping[object, object], names: Names) -> str:
    items = (
        f"{value_source(key, names)}: {value_source(item, names)}" for key, item in value.items()
    )
    return f"{{{', '.join(items)}}}"


def _queryset(value: Any, names: Names) -> str:
    model: type[Model] = value.model
    manager = model._default_manager
    if str(value.all().query) != str(manager.all().query):
        raise CannotWriteError(f"the query set of {model.__name__} is a filtered one")
    of_name = getattr(model, "objects", None)
    name = "objects" if of_name == manager else "_default_manager"
    all_ = "" if isinstance(value, BaseManager) else ".all()"
    return f"{names.use_object(model)}.{name}{all_}"


def _pattern(value: Pattern[str], names: Names) -> str:
    return value_source(value.pattern, names)


def _function(value: object, names: Names) -> str:
    return names.use_object(value)


def _deconstructed(value: Any, names: Names) -> str:
    path, args, kwargs = value.deconstruct()
    module, _, name = path.rpartition(".")
    positional = [value_source(one, names) for one in args]
    given = {key: value_source(one, names) for key, one in kwargs.items()}
    return call_source(names.use(module, name), given, *positional)


def _validator_of_rows(value: object, names: Names) -> str:
    """One of DRF's validators: its constructor's arguments are its attributes."""
    code = type(value).__init__.__code__
    wanted = code.co_varnames[1 : code.co_argcount]
    given = {
        name: value_source(held, names)
        for name in wanted
        if (held := vars(value).get(name)) is not None and held not in ([], _USUAL.get(name))
        if held != getattr(type(value), name, None)
    }
    return call_source(names.use_object(type(value)), given)


_USUAL = {"lookup": "exact"}


def field_source(field: object, names: Names, model: type[Model] | None = None) -> str:
    """Return the call that makes a field, from the arguments that DRF made it with.

    Args:
        field: The field.
        names: The names of the file.
        model: The model that the field belongs to; long choices are taken from there.

    Raises:
        CannotWriteError: One of them cannot be written.
    """
    one: Any = field
    more: dict[str, Any] = {}
    around: Any = field
    if isinstance(field, ManyRelatedField):
        one = field.child_relation
        more = {"many": True, **{k: v for k, v in around._kwargs.items() if k != "child_relation"}}
    elif isinstance(field, ListSerializer):
        one = field.child
        more = {"many": True, **{k: v for k, v in around._kwargs.items() if k != "child"}}
    given = {**one._kwargs, **more}
    arguments = {
        name: (_choices(field, value, names, model) if name == "choices" else None)
        or value_source(value, names)
        # In which order DRF collects them depends on its version.
        for name, value in sorted(given.items(), key=lambda one: one[0] != "choices")
    }
    positional = [value_source(value, names) for value in one._args]
    return call_source(field_class_source(type(one), names), arguments, *positional)


def _choices(field: Any, choices: Any, names: Names, model: type[Model] | None) -> str | None:
    """Return where a model's column has the choices that a field was made with."""
    columns = {} if model is None else {one.name: one for one in model._meta.get_fields()}
    column = columns.get(field.source)
    if model is None or column is None or getattr(column, "choices", None) != choices:
        return None
    return f"{names.use_object(model)}._meta.get_field({text_source(field.source)}).choices"


def field_class_source(cls: type, names: Names) -> str:
    """Return the name of a field's class, DRF's own as ``serializers.CharField``."""
    if getattr(serializers, cls.__name__, None) is cls:
        return f"{names.use('rest_framework', 'serializers')}.{cls.__name__}"
    return names.use_object(cls)


_WRITERS: Mapping[type, Callable[[Any, Names], str]] = {
    type(None): _plain,
    bool: _plain,
    int: _plain,
    float: _real,
    str: _text,
    bytes: _plain,
    Promise: _text,
    list: _sequence,
    tuple: _sequence,
    set: _set,
    frozenset: _set,
    dict: _mapping,
    BaseManager: _queryset,
    QuerySet: _queryset,
    Pattern: _pattern,
    FunctionType: _function,
    BuiltinFunctionType: _function,
    Field: field_source,
    UniqueValidator: _validator_of_rows,
    UniqueTogetherValidator: _validator_of_rows,
    BaseUniqueForValidator: _validator_of_rows,
}
