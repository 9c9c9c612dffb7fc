"""Whether a generated class has the fields and the validators of the one that it replaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from re import Pattern
from types import CodeType, FunctionType
from typing import Any

from django.conf import settings
from django.core import validators
from django.core.exceptions import ValidationError
from django.db.models import Choices, QuerySet
from django.db.models.manager import BaseManager
from django.utils import translation
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
"""The style that ``ModelSerializer`` infers for a long text; a nested schema has none."""

_OF_USE = frozenset(
    (
        *("required", "default", "allow_null", "read_only", "source", "initial"),
        *("label", "help_text", "style", "field_name"),
    )
)
"""What a field that stands in another one leaves to that."""

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
    of_meta = getattr(getattr(cls, "Meta", None), "validators", None)
    if of_meta is not None:
        return ["Meta.validators"] if of_meta else []
    if issubclass(cls, SchemaSerializer):
        return [*map(_signature, cls.get_definition().model_validators)]
    serializer: Any = ClassFields(cls).serializer
    return [*map(_signature, serializer.validators)]


def differing(
    old: type[Serializer[Any]], new: type[Serializer[Any]], fields_of: FieldsOf
) -> dict[str, str]:
    """Return the names of the fields that are not the same, and in what.

    Args:
        old: The original class.
        new: The class that is to replace it.
        fields_of: Returns the fields of original classes.
    """
    return dict(_Comparison(fields_of).classes(old, new))


class _Comparison:
    """Compares fields; a serializer that nests itself is looked into once."""

    def __init__(self, fields_of: FieldsOf) -> None:
        self.fields_of = fields_of
        self.within: set[type] = set()

    def classes(
        self, old: type[Serializer[Any]], new: type[Serializer[Any]]
    ) -> Iterator[tuple[str, str]]:
        """Yield in what the fields of two classes differ."""
        theirs, ours = self.fields_of(old), own_fields(new)
        for name, field in theirs.items():
            reason = self.field(field, ours.get(name))
            if reason is not None:
                yield name, reason
        for name in ours.keys() - theirs.keys():
            yield name, "it is new"
        language = _another_language(old)
        if language is not None and not self.within:
            with translation.override(language):
                theirs, ours = own_fields(old), own_fields(new)
                for name in theirs.keys() & ours.keys():
                    if str(theirs[name].label) != str(ours[name].label):
                        yield name, "label"

    def field(self, old: Any, new: Any) -> str | None:
        """Return in what two fields differ."""
        if new is None:
            return "it is missing"
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
            if [*self.fields_of(old)] != [*own_fields(new)]:
                return "its fields"
            difference = next(self.classes(old, new), None)
        finally:
            self.within.discard(old)
        return None if difference is None else ": ".join(difference)

    def _state(self, old: object, new: object, known: frozenset[str] = frozenset()) -> str | None:
        is_serializer = isinstance(old, BaseSerializer)
        for name in sorted(_told_by(old, new) - known):
            if name not in vars(old) or name not in vars(new):
                if is_serializer:
                    # What its ``__init__`` sets.
                    continue
                return name
            theirs, ours = vars(old)[name], vars(new)[name]
            if name.startswith("_") and None in (theirs, ours):
                # What it has looked up already, and keeps.
                continue
            if not self._same(name, theirs, ours):
                return name
        if is_serializer:
            return None
        same = [*map(_signature, _effective(old))] == [*map(_signature, _effective(new))]
        return None if same else "validators"

    def _same(self, name: str, old: Any, new: Any) -> bool:
        if name == "child_relation":
            return _same_class(old, new) and self._state(old, new, _OF_USE) is None
        if isinstance(old, Field):
            return isinstance(new, Field) and self.field(old, new) is None
        if name == "style" and old == _OF_FORMS and self.within:
            return True
        if name == "error_messages":
            return {k: str(v) for k, v in old.items()} == {k: str(v) for k, v in new.items()}
        if name in _LABELLED:
            return bool(_labels(old) == _labels(new))
        return bool(_comparable(old) == _comparable(new))


def _told_by(old: Any, new: object) -> set[str]:
    """Return the attributes of two fields that tell what they do."""
    names: set[str] = (vars(old).keys() | vars(new).keys()) - _OF_CONSTRUCTION
    if _prints_numbers(old):
        names -= {"coerce_to_string", "error_messages"}
    elif isinstance(old, BaseSerializer) and not isinstance(old, Serializer):
        # Its methods say all of it, and they are the same.
        names.discard("error_messages")
    return names


def _another_language(cls: Any) -> str | None:
    """Return a language in which the model says other labels than those that fields have.

    A field that a class declares without a label is called by its name in every language.
    """
    columns = getattr(getattr(getattr(cls, "Meta", None), "model", None), "_meta", None)
    if columns is None:
        return None
    named = {column.name: column.verbose_name for column in columns.fields}
    said = [
        text
        for name, field in cls._declared_fields.items()
        if "label" not in field._kwargs
        and isinstance(text := named.get(field.source or name), Promise)
    ]
    now = [*map(str, said)]
    for code, _name in settings.LANGUAGES if said else ():
        with translation.override(code):
            if [*map(str, said)] != now:
                return str(code)
    return None


_LABELLED = frozenset(("_choices", "grouped_choices"))


def _labels(choices: object) -> object:
    """Return choices as clients are told them: labels go out as texts."""
    if not isinstance(choices, Mapping):
        return str(choices)
    return [(type(key), key, _labels(label)) for key, label in choices.items()]


def _effective(field: AnyField) -> list[Any]:
    """Return the validators of a field that can refuse anything.

    A model's column has limits that none of its choices exceeds. What a type of ours refuses
    besides is what no response could have in it.
    """
    theirs = [each for each in field.validators if owner_of(each) is not Owner.NOVA]
    if behaving_class(field) is not ChoiceField:
        return theirs
    values = list(field.choices)
    return [validator for validator in theirs if not _takes_all(validator, values)]


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


def _same_class(old: Any, new: Any) -> bool:
    if _prints_numbers(old):
        return behaving_class(new) in (IntegerField, behaving_class(old))
    if type(old) is ListSerializer:
        return type(new) in (ListSerializer, CompiledListSerializer, SchemaListSerializer)
    theirs, ours = behaving_class(old), behaving_class(new)
    if theirs is ours or (isinstance(old, BaseSerializer) and isinstance(new, type(old))):
        return True
    # A class inside of a serializer class is made anew together with that, and one that a
    # decorator copies is each time that it is called.
    if "." in theirs.__qualname__ and "." in ours.__qualname__:
        return theirs.__name__ == ours.__name__
    is_copy = theirs.__module__ == ours.__module__
    return is_copy and theirs.__qualname__ == ours.__qualname__


def _comparable(value: Any, depth: int = 0) -> object:
    """Return what of a value can be told from outside, for comparing it with another one."""
    if isinstance(value, type):
        return value
    known = (_OF_CLASSES[base] for base in type(value).__mro__ if base in _OF_CLASSES)
    describe = next(known, None)
    if describe is not None:
        return describe(value, depth)
    if _compares_itself(value):
        return type(value), value
    if depth > _DEEPEST:
        return type(value)
    # Each run of the code makes another one: it is compared by what it holds.
    held = getattr(value, "__dict__", None)
    return type(value), repr(value) if held is None else _items(held, depth + 1)


def _compares_itself(value: Any) -> bool:
    """Whether a value has an ``==`` of its own, and one that takes its like."""
    own: Any = type(value).__eq__
    try:
        return own is not object.__eq__ and bool(value == value)
    except Exception:
        # Such as a pattern for texts that only means to be compared with these.
        return False


def _items(value: Mapping[object, object], depth: int) -> object:
    return [(_comparable(key), _comparable(item, depth)) for key, item in value.items()]


def _function(value: FunctionType, depth: int) -> object:
    code = value.__code__
    name = (value.__module__, value.__qualname__) if code.co_name != "<lambda>" else ()
    return name, _code(code)


def _code(code: CodeType) -> object:
    """Return what a function does, as far as that does not depend on where it stands.

    How it calls what it names is compiled otherwise where that is imported beside it.
    """
    inner = [_code(const) if isinstance(const, CodeType) else const for const in code.co_consts]
    return code.co_names, code.co_varnames, inner


_OF_CLASSES: Mapping[type, Callable[[Any, int], object]] = {
    **dict.fromkeys((BaseManager, QuerySet), lambda rows, depth: (rows.model, _query(rows))),
    **dict.fromkeys((str, Promise, lazy_format), lambda text, depth: str(text)),
    **dict.fromkeys((float, Decimal), lambda number, depth: (type(number), str(number))),
    **dict.fromkeys((list, tuple), lambda all_, depth: [_comparable(each, depth) for each in all_]),
    dict: _items,
    Choices: lambda member, depth: _comparable(member.value),
    Pattern: lambda pattern, depth: (pattern.pattern, pattern.flags),
    FunctionType: _function,
    # A serializer that a field knows is the one that it stands in, or nests: both are looked at.
    BaseSerializer: lambda serializer, depth: BaseSerializer,
    Field: lambda field, depth: type(field),
}

_DEEPEST = 3


def _query(value: Any) -> str:
    try:
        return str(value.all().query)
    except Exception as error:
        # It asks for nothing or for all, or the project does not let anybody ask now.
        return f"{type(value).__name__}: {type(error).__name__}"


def _signature(validator: object) -> str:
    """Return one validator as a text: its class and what it holds."""
    if isinstance(validator, FunctionType):
        return str(_comparable(validator))
    held: Mapping[str, object] = getattr(validator, "__dict__", {})
    told = [(name, _comparable(held[name])) for name in sorted(held) if name != _BOOKKEEPING]
    return f"{type(validator).__qualname__} {told}"


_BOOKKEEPING = "_constructor_args"
