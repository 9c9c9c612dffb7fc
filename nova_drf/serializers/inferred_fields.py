"""The fields that DRF infers from a model, one by one, each made anew as for a new serializer.

What they are made with may depend on the language, the tenant or the time: the messages of unique
checks, querysets of managers and of ``limit_choices_to``. It is remembered by what it depends on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.functional import Promise
from rest_framework.fields import Field
from rest_framework.settings import api_settings
from rest_framework.utils.model_meta import get_field_info
from rest_framework.validators import UniqueValidator

from nova_drf.mapping.payload_settings import current_language

if TYPE_CHECKING:
    from django.db.models import Model

    from nova_drf.mapping.shape import AnyField

Call = tuple[type["AnyField"], dict[str, Any]]
"""A class of fields, and the arguments of one."""

_TRANSLATIONS = (translation.gettext, translation.pgettext)


class InferredFields:
    """What ``ModelSerializer`` infers for the attributes of its model.

    Args:
        serializer: A ``ModelSerializer``; nothing of it is changed.
    """

    def __init__(self, serializer: Any) -> None:
        self.serializer = serializer
        self.meta = serializer.Meta
        self.model: type[Model] = self.meta.model
        self._depends: dict[str, Callable[[], object]] = {}
        self._remembered: dict[object, Any] = {}
        if serializer.url_field_name is None:
            serializer.url_field_name = api_settings.URL_FIELD_NAME

    @cached_property
    def info(self) -> Any:
        """What DRF knows of the model's columns and relations."""
        return get_field_info(self.model)

    def call(self, source: str) -> Call:
        """Return the class and the arguments of the field that DRF infers for an attribute."""
        field_class, arguments = self.remembered(source, "", self._inferred)
        return field_class, fresh(arguments)

    def remembered(self, source: str, what: str, make: Callable[[str], Any]) -> Any:
        """Return what follows from the field of an attribute, the same for all in a situation.

        Args:
            source: The attribute.
            what: What is asked for.
            make: Works it out.
        """
        depends = self._depends.get(source)
        if depends is None:
            depends = self._depends[source] = self._depends_on(source)
        situation = depends()
        if situation is _UNKNOWN:
            return make(source)
        key = (source, what, situation)
        if key not in self._remembered:
            self._remembered[key] = make(source)
        return self._remembered[key]

    def template_call(self, source: str) -> Call:
        """Return the call for a field that nobody validates with.

        It runs no function of the project, such as that of ``limit_choices_to``, which may ask the
        database: there may be none while a class is made or checked.
        """
        return self._built(source, self._quiet_info)

    def _inferred(self, source: str) -> Call:
        return self._built(source, self.info)

    def _built(self, source: str, info: object) -> Call:
        depth = getattr(self.meta, "depth", 0)
        call: Call = self.serializer.build_field(source, info, self.model, depth)
        return call

    @cached_property
    def _quiet_info(self) -> Any:
        columns = {name: _quiet(column) for name, column in self.info.fields_and_pk.items()}
        relations = {
            name: relation._replace(model_field=_quiet(relation.model_field))
            for name, relation in self.info.relations.items()
        }
        return self.info._replace(fields_and_pk=columns, relations=relations)

    def _depends_on(self, source: str) -> Callable[[], object]:
        """Return what tells the situations in which DRF infers different arguments."""
        _field_class, arguments = self._inferred(source)
        checks = _unique_checks(arguments)
        querysets = [check.queryset for check in checks]
        if any(isinstance(value, (QuerySet, Field)) for value in (*querysets, *arguments.values())):
            return lambda: _UNKNOWN
        texts = [text for text in self._texts(source, bool(checks)) if isinstance(text, Promise)]
        if not checks and not texts:
            return lambda: None
        return current_language if all(map(_is_translation, texts)) else lambda: _UNKNOWN

    def _texts(self, source: str, is_unique: bool) -> tuple[object, ...]:
        """Return the words that have a say: DRF leaves out a label that says what the name says."""
        column: Any = self.info.fields_and_pk.get(source)
        if column is None and source in self.info.relations:
            column = self.info.relations[source].model_field
        if column is None:
            return ()
        if not is_unique:
            return (column.verbose_name,)
        return (
            column.verbose_name,
            column.model._meta.verbose_name,
            column.error_messages.get("unique"),
        )


def asks_functions(model: type[Model]) -> bool:
    """Whether functions of a model have a say in the fields that DRF infers from it."""
    columns = (*model._meta.fields, *model._meta.many_to_many)
    return any(_quiet(column) is not column for column in columns)


def _quiet(column: object) -> Any:
    """Return a column as it would be if no function, and no queryset, said which values it takes.

    It is a copy; the model keeps what it has.
    """
    relation = getattr(column, "remote_field", None)
    limit = getattr(relation, "limit_choices_to", None)
    choices = getattr(column, "choices", None)
    is_listed = choices is None or isinstance(choices, (list, tuple))
    if is_listed and not limit:
        return column
    quiet: Any = copy.copy(column)
    if limit:
        unlimited: Any = copy.copy(relation)
        unlimited.limit_choices_to = {}
        quiet.remote_field = unlimited
    if not is_listed:
        quiet.choices = list
    return quiet


class _Unknown:
    """Stands for a situation that may be another one each time."""


_UNKNOWN = _Unknown()


def _is_translation(text: Any) -> bool:
    """Whether a lazy text is one of Django's translations, as its pickled form says."""
    _unpickle, arguments, *_state = text.__reduce__()
    return arguments[0] in _TRANSLATIONS


def _unique_checks(arguments: Mapping[str, Any]) -> list[UniqueValidator]:
    validators: Iterable[object] = arguments.get("validators") or ()
    return [validator for validator in validators if isinstance(validator, UniqueValidator)]


def fresh(arguments: Mapping[str, object]) -> dict[str, Any]:
    """Return arguments that one field may change: those that DRF makes for it alone are copied."""
    return dict(_fresh(arguments))


def _fresh(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in arguments.items():
        if name == "validators":
            yield name, [_another(validator) for validator in value]
        else:
            yield name, value.copy() if value.__class__ in (list, dict) else value


def _another(validator: Any) -> Any:
    if validator.__class__ is not UniqueValidator:
        return validator
    return UniqueValidator(validator.queryset, validator.message, validator.lookup)


class FieldsOfMeta(InferredFields):
    """Those of a serializer class, with what its ``Meta`` says besides.

    Args:
        serializer: A ``ModelSerializer`` of that class.
    """

    def __init__(self, serializer: Any) -> None:
        super().__init__(serializer)
        self._names = serializer.get_field_names(serializer._declared_fields, self.info)
        self._extra, self._hidden = serializer.get_uniqueness_extra_kwargs(
            self._names, serializer._declared_fields, serializer.get_extra_kwargs()
        )

    def make(self, name: str) -> AnyField:
        """Make the field of a name that is not declared."""
        return self._made(name, self.call)

    def templates(self) -> dict[str, AnyField]:
        """Return the fields of the class, for code that only reads them."""
        declared = self.serializer._declared_fields
        fields = {
            name: copy.deepcopy(declared[name])
            if name in declared
            else self._made(name, self.template_call)
            for name in self._names
        }
        return {**fields, **{name: self.make(name) for name in self._hidden}}

    def _made(self, name: str, call: Callable[[str], Call]) -> AnyField:
        hidden = self._hidden.get(name)
        if hidden is not None:
            return type(hidden)(**hidden._kwargs)
        extra = self._extra.get(name)
        if extra is None:
            field_class, inferred = call(name)
            return field_class(**inferred)
        source = extra.get("source", "*")
        field_class, inferred = call(name if source == "*" else source)
        extra = self._copied(name, extra)
        return field_class(**self.serializer.include_extra_kwargs(inferred, extra))

    def _copied(self, name: str, extra: Mapping[str, object]) -> dict[str, Any]:
        """Copy the arguments that the user's ``Meta`` gives a field, as DRF does."""
        users: Mapping[str, Any] = (getattr(self.meta, "extra_kwargs", None) or {}).get(name, {})
        return {
            option: copy.deepcopy(value) if option in users else value
            for option, value in extra.items()
        }
