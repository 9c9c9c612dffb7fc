"""Whether a generated class has the fields and the validators of the one that it replaces."""

from __future__ import annotations

import builtins
import datetime
import pathlib
import uuid
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from re import Pattern
from types import BuiltinFunctionType, FunctionType
from typing import Any

from django.core import validators
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.manager import BaseManager
from django.utils.functional import Promise
from rest_framework.fields import ChoiceField, Field, IntegerField
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer
from rest_framework.settings import api_settings
from rest_framework.utils.formatting import lazy_format
from rest_framework.utils.serializer_helpers import BindingDict

from nova_drf.core.overrides import override
from nova_drf.core.ownership import Owner, is_written_in, owner_of
from nova_drf.mapping.drf_versions import big_integer_fields
from nova_drf.mapping.field_state import behaving_class
from nova_drf.mapping.shape import AnyField
from nova_drf.serializers.backed_definition import ClassFields
from nova_drf.serializers.lists import CompiledListSerializer, SchemaListSerializer
from nova_drf.serializers.schema_serializer import SchemaSerializer

_OF_CONSTRUCTION = frozenset(
    (
        *("_args", "_kwargs", "_creation_counter", "_validators", "_nova_drf_made_for"),
        *("parent", "source_attrs", "fields", "_context", "_schema_instance"),
        *("validators", "initial_data"),
    )
)
"""What tells how a field was made, not what it does."""

_OF_FORMS = {"base_template": "textarea.html"}
"""The style that ``ModelSerializer`` infers for a long text; it only concerns HTML forms."""

_USE = ("source", "required", "read_only", "write_only", "allow_null")

FieldsOf = Callable[[type[Serializer[Any]]], Mapping[str, AnyField]]
"""Returns the fields of an original class, bound."""


def own_fields(cls: type[Serializer[Any]]) -> Mapping[str, AnyField]:
    """Return the bound fields that a class declares or infers, before any instance changes them."""
    if not issubclass(cls, SchemaSerializer):
        return ClassFields(cls).fields
    blank: Any = cls.__new__(cls)
    BaseSerializer.__init__(blank)
    bound = BindingDict(blank)
    for name, build in cls.get_definition().builders.items():
        bound[name] = build()
    return bound


def own_validators(cls: type[Serializer[Any]]) -> list[str]:
    """Return the validators that look at a payload as a whole, as texts to compare."""
    if override(cls, "get_validators") is not None:
        # It is the same code in both.
        return ["get_validators"]
    if getattr(getattr(cls, "Meta", None), "validators", None) is not None:
        return ["Meta.validators"]
    if issubclass(cls, SchemaSerializer):
        return [_signature(one) for one in cls.get_definition().model_validators]
    serializer: Any = ClassFields(cls).serializer
    return [_signature(one) for one in serializer.validators]


def differing(
    old: Mapping[str, AnyField],
    new: Mapping[str, AnyField],
    fields_of: FieldsOf,
    declared: Collection[str] = (),
) -> dict[str, str]:
    """Return the names of the fields that are not the same, and in what.

    Args:
        old: The original's fields, bound.
        new: The fields of the generated class, bound.
        fields_of: Returns the fields of nested original classes.
        declared: The fields that the same expression makes; how they are used may still differ.
    """
    compared = _Comparison(fields_of)
    found = {
        name: reason
        for name, field in old.items()
        if (reason := compared.field(field, new.get(name), declared=name in declared)) is not None
    }
    return found | dict.fromkeys(new.keys() - old.keys(), "it is new")


class _Comparison:
    """Compares fields; a serializer that nests itself is looked into once."""

    def __init__(self, fields_of: FieldsOf) -> None:
        self.fields_of = fields_of
        self.within: set[type] = set()

    def field(self, old: Any, new: Any, *, declared: bool = False) -> str | None:
        """Return in what two fields differ."""
        if new is None:
            return "it is missing"
        if declared and type(new).__name__ == type(old).__name__:
            return next((name for name in _USE if vars(old)[name] != vars(new)[name]), None)
        if isinstance(old, Serializer) and isinstance(new, Serializer):
            difference = self._nested(type(old), type(new))
        else:
            difference = None if _same_class(old, new) else f"it would be {type(new).__name__}"
        return difference or self._state(old, new)

    def _nested(self, old: type[Serializer[Any]], new: type[Serializer[Any]]) -> str | None:
        if new is old or old in self.within:
            return None
        self.within.add(old)
        try:
            return self._inside(self.fields_of(old), own_fields(new))
        finally:
            self.within.discard(old)

    def _inside(self, old: Mapping[str, AnyField], new: Mapping[str, AnyField]) -> str | None:
        if [*old] != [*new]:
            return "its fields"
        differences = ((name, self.field(field, new[name])) for name, field in old.items())
        found = next(((name, said) for name, said in differences if said is not None), None)
        return None if found is None else f"{found[0]}: {found[1]}"

    def _state(self, old: object, new: object) -> str | None:
        names: set[str] = (vars(old).keys() | vars(new).keys()) - _OF_CONSTRUCTION
        if _prints_numbers(old):
            names -= {"coerce_to_string", "error_messages"}
        is_serializer = isinstance(old, BaseSerializer)
        for name in sorted(names):
            if name not in vars(old) or name not in vars(new):
                if is_serializer:
                    # What its ``__init__`` sets.
                    continue
                return name
            if not self._same(name, vars(old)[name], vars(new)[name]):
                return name
        if is_serializer:
            return None
        same = [*map(_signature, _effective(old))] == [*map(_signature, _effective(new))]
        return None if same else "validators"

    def _same(self, name: str, old: Any, new: Any) -> bool:
        if isinstance(old, Field):
            return isinstance(new, Field) and self.field(old, new) is None
        if name == "style" and old == _OF_FORMS:
            return True
        if name == "error_messages":
            return {k: str(v) for k, v in old.items()} == {k: str(v) for k, v in new.items()}
        if name in _LABELLED:
            return bool(_labels(old) == _labels(new))
        return bool(_comparable(old) == _comparable(new))


_LABELLED = frozenset(("_choices", "grouped_choices"))


def _labels(choices: object) -> object:
    """Return choices as clients are told them: labels go out as texts."""
    if not isinstance(choices, Mapping):
        return str(choices)
    return [(type(key), key, _labels(label)) for key, label in choices.items()]


def _effective(field: AnyField) -> list[Any]:
    """Return the validators of a field that can refuse anything.

    A model's column has limits that none of its choices exceeds.
    """
    if behaving_class(field) is not ChoiceField:
        return list(field.validators)
    values = list(field.choices)
    return [one for one in field.validators if not _takes_all(one, values)]


def _takes_all(validator: Any, values: list[Any]) -> bool:
    if not is_written_in(type(validator), validators):
        return False
    try:
        for value in values:
            validator(value)
    except (ValidationError, TypeError):
        return False
    return True


def _prints_numbers(field: AnyField) -> bool:
    """Whether it only prints, and so is no other than an ``IntegerField``."""
    if behaving_class(field) not in big_integer_fields() or not field.read_only:
        return False
    return not getattr(field, "coerce_to_string", api_settings.COERCE_BIGINT_TO_STRING)


def _same_class(old: object, new: object) -> bool:
    if _prints_numbers(old):
        return behaving_class(new) is IntegerField
    if not isinstance(old, ListSerializer):
        return behaving_class(old) is behaving_class(new)
    if type(old) is ListSerializer:
        return type(new) in (ListSerializer, CompiledListSerializer, SchemaListSerializer)
    return isinstance(new, type(old))


def _comparable(value: object) -> object:
    if isinstance(value, (BaseManager, QuerySet)):
        return value.model, str(value.all().query)
    if isinstance(value, (str, Promise, lazy_format)):
        return str(value)
    if isinstance(value, Pattern):
        return value.pattern, value.flags
    if isinstance(value, (list, tuple)):
        return [_comparable(one) for one in value]
    if isinstance(value, Mapping):
        return [(_comparable(key), _comparable(item)) for key, item in value.items()]
    if isinstance(value, (float, Decimal)):
        return type(value), str(value)
    if isinstance(value, (int, bool, type(None), type, FunctionType, BuiltinFunctionType)):
        return type(value), value
    return _of_class(value)


_OF_VALUES = (builtins, datetime, pathlib, uuid)


def _of_class(value: object) -> object:
    """Compare a value of some class by that and, where DRF or Django made it, by what it holds."""
    cls = type(value)
    if owner_of(cls) in (Owner.DJANGO, Owner.DRF) or is_written_in(cls, *_OF_VALUES):
        held = getattr(value, "__dict__", None)
        return type(value), repr(value) if held is None else _comparable(held)
    return type(value), value


def _signature(validator: object) -> str:
    """Return one validator as a text: its class and what it holds."""
    if owner_of(type(validator)) not in (Owner.DJANGO, Owner.DRF):
        return f"{type(validator).__qualname__} {id(validator)}"
    held = sorted((k, v) for k, v in vars(validator).items() if k not in _BOOKKEEPING)
    return f"{type(validator).__qualname__} {[(k, _comparable(v)) for k, v in held]}"


_BOOKKEEPING = frozenset(("_constructor_args",))
