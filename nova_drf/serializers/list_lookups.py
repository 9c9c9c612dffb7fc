"""What a list of items is compared with in the database, looked up by one query for each field.

DRF asks for each related object, and whether each value of a unique column is taken. Here all of
them are asked for at once. Only what is certain is answered from that: an object that was found,
a value that no row has. All else is asked again, by DRF's own code, which finds the errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connections, models
from django.db.models import Manager, QuerySet
from django.db.models.query import ModelIterable
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField, SlugRelatedField
from rest_framework.validators import UniqueValidator

from nova_drf.core.class_caches import once_per_class
from nova_drf.core.compat import prefetched_lookups
from nova_drf.core.compat.querysets import iterable_of
from nova_drf.core.overrides import FIELD_HOOKS, override
from nova_drf.queries.instances import another, is_made_by_django
from nova_drf.serializers.reading_ahead import query_plan_of

Key = tuple[type, object]

_INTEGERS = (
    *(models.AutoField, models.BigAutoField, models.SmallAutoField, models.IntegerField),
    *(models.BigIntegerField, models.PositiveIntegerField, models.PositiveBigIntegerField),
)
_TEXTS = (models.CharField, models.SlugField, models.EmailField, models.URLField, models.TextField)
_COMPARES_EXACTLY = ("postgresql", "sqlite")
"""The databases for which two texts are equal only if all of their characters are."""

_RANGE = range(-(2**31), 2**31)
_PART = 900
"""How many values one query asks for: SQLite takes no more than 999."""


@contextmanager
def looked_up_together(child: Any, items: Any) -> Iterator[None]:
    """Let a serializer look its relations and unique columns up for all items of a list at once.

    Args:
        child: The serializer that validates each item in the block.
        items: What was sent, whatever it is.
    """
    cls: Any = type(child)
    names = candidates(cls) if isinstance(items, list) and len(items) > 1 else ()
    plan = query_plan_of(cls) if names else "off"
    if plan == "off" or child.has_fields_of_its_own or (plan == "safe" and _may_write(cls)):
        yield
        return
    changed: list[tuple[Any, str, Any]] = []
    fields = vars(child).get("fields", names)
    try:
        for name in names:
            if name in fields:
                sent = [item[name] for item in items if isinstance(item, dict) and name in item]
                _prepare(child.bound_field(name), sent, changed)
        yield
    finally:
        for owner, attribute, before in reversed(changed):
            setattr(owner, attribute, before)


@once_per_class
def candidates(serializer_class: Any) -> tuple[str, ...]:
    """Return the fields that ask the database when they validate, as the class builds them.

    Args:
        serializer_class: A serializer class that is compiled.
    """
    built = {name: build() for name, build in serializer_class.field_builders().items()}
    return tuple(
        name
        for name, field in built.items()
        if not field.read_only and (_relation(field) is not None or _unique(field))
    )


@once_per_class
def _may_write(cls: Any) -> bool:
    """Whether code of a project's runs between the items, which might write what is looked up."""
    hooks = [name for name in dir(cls) if name.startswith(FIELD_HOOKS)]
    names = ("validate", "run_validation", "to_internal_value", "run_validators", *hooks)
    return any(override(cls, name) is not None for name in names)


def _prepare(field: Any, sent: Sequence[Any], changed: list[tuple[Any, str, Any]]) -> None:
    """Look up what was sent for a field; note what has to be set again afterwards."""
    relation = _relation(field)
    if relation is not None:
        many = isinstance(field, ManyRelatedField)
        lists = [value for value in sent if isinstance(value, list)] if many else [sent]
        values = [value for each in lists for value in each]
        known = _known_objects(relation, values)
        if known is not None:
            changed.append((relation, "queryset", relation.queryset))
            relation.queryset = known
    if _unique(field) and getattr(field.parent, "instance", None) is None:
        validators = [_known_values(validator, field, sent) for validator in field.validators]
        changed.append((field, "validators", field.validators))
        field.validators = validators


# Related objects


def _relation(field: object) -> Any:
    """Return the field that looks related objects up, if it is DRF's own."""
    single = field.child_relation if type(field) is ManyRelatedField else field
    if type(single) not in (PrimaryKeyRelatedField, SlugRelatedField):
        return None
    return None if getattr(single, "pk_field", None) is not None else single


class KnownObjects:
    """Stands for the queryset of a relation: gives what was found, and asks it for all else.

    Args:
        queryset: The queryset.
        lookup: By what the relation looks an object up.
        objects: The objects by their keys.
    """

    def __init__(self, queryset: Any, lookup: str, objects: Mapping[Key, Any]) -> None:
        self._queryset = queryset
        self._lookup = lookup
        self._objects = objects

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queryset, name)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Return the object that DRF asks for, each time another instance."""
        value = kwargs.get(self._lookup)
        if args or len(kwargs) != 1 or type(value) not in (int, str):
            return self._queryset.all().get(*args, **kwargs)
        known = self._objects.get((type(value), value))
        return self._queryset.all().get(**kwargs) if known is None else another(known)


def _known_objects(relation: Any, values: Iterable[Any]) -> KnownObjects | None:
    queryset = relation.get_queryset()
    if not _is_plain(queryset) or not is_made_by_django(queryset.model):
        return None
    lookup = relation.slug_field if isinstance(relation, SlugRelatedField) else "pk"
    column = _column(queryset.model, lookup)
    if column is None or not column.unique:
        return None
    keys = {(type(value), value): value for value in values if _is_kind_of(column, value)}
    if len(keys) < 2:
        return None
    # What the database compares otherwise than Python is asked for one by one.
    objects: dict[Key, Any] = {}
    twice: set[object] = set()
    for found in _in_parts(queryset, lookup, keys.values()):
        value = getattr(found, column.attname)
        key = (str, str(value)) if isinstance(value, UUID) else (type(value), value)
        twice.update([key] if key in objects else ())
        objects[key] = found
    known = {key: objects[key] for key in keys if key in objects and key not in twice}
    return KnownObjects(queryset, lookup, known)


def _is_plain(queryset: object) -> bool:
    return (
        isinstance(queryset, QuerySet)
        and iterable_of(queryset) is ModelIterable
        and not (queryset.query.is_sliced or queryset.query.combinator)
        and not prefetched_lookups(queryset)
        and type(queryset).get is QuerySet.get
        and type(queryset).filter is QuerySet.filter
    )


def _column(model: Any, lookup: str) -> Any:
    if lookup == "pk":
        return model._meta.pk
    return next((one for one in model._meta.concrete_fields if one.name == lookup), None)


def _is_kind_of(column: object, value: object) -> bool:
    """Whether a value is one that the database compares with a column as Python does."""
    if type(column) in _INTEGERS:
        return type(value) is int and value in _RANGE
    if type(value) is not str or "\0" in value:
        return False
    return _is_uuid(column, value) or type(column) in _TEXTS


def _is_uuid(column: object, value: str) -> bool:
    if type(column) is not models.UUIDField:
        return False
    try:
        return str(column.to_python(value)) == value
    except ValidationError:
        return False


def _in_parts(queryset: Any, lookup: str, values: Iterable[Any]) -> Iterator[Any]:
    every = list(values)
    for start in range(0, len(every), _PART):
        yield from queryset.filter(**{f"{lookup}__in": every[start : start + _PART]})


# Unique values


def _unique(field: Any) -> bool:
    return any(type(validator) is UniqueValidator for validator in field.validators)


class KnownValues:
    """Stands for a validator of unique values: passes what no row has, and asks it for all else.

    Args:
        validator: The validator.
        absent: The values that no row has.
    """

    requires_context = True

    def __init__(self, validator: Any, absent: frozenset[object]) -> None:
        self._validator = validator
        self._absent = absent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._validator, name)

    def __call__(self, value: Any, serializer_field: Any) -> None:
        """Validate a value."""
        if type(value) not in (int, str) or value not in self._absent:
            self._validator(value, serializer_field)


def _known_values(validator: object, field: Any, sent: Iterable[Any]) -> Any:
    """Return what validates as a validator of unique values does; others as they are."""
    if type(validator) is not UniqueValidator or validator.lookup != "exact":
        return validator
    queryset: Any = validator.queryset
    queryset = queryset.all() if isinstance(queryset, (QuerySet, Manager)) else None
    name = field.source_attrs[-1]
    column = _column(queryset.model, name) if _is_plain(queryset) else None
    if column is None or type(column) not in (*_INTEGERS, *_TEXTS):
        return validator
    values = {value for value in sent if _is_kind_of(column, value)}
    # DRF's fields trim texts.
    asked = values | {value.strip() for value in values if isinstance(value, str)}
    if len(values) < 2:
        return validator
    rows = _in_parts(queryset.values_list(name, flat=True), name, asked)
    taken = set(rows)
    if taken and not _compares_exactly(queryset, column):
        return validator
    return KnownValues(validator, frozenset(asked - taken))


def _compares_exactly(queryset: Any, column: Any) -> bool:
    is_text = type(column) in _TEXTS
    vendor = connections[queryset.db].vendor
    return not is_text or (vendor in _COMPARES_EXACTLY and not column.db_collation)
