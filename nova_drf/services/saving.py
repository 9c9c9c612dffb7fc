"""Writing one object: the columns that were named, and what the model itself changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.core import exceptions
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError
from django.db.models import JSONField, Model, fields
from django.db.models.fields.related import ForeignObject, ManyToManyField
from django.utils.translation import gettext
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from nova_drf.core.ownership import is_written_in
from nova_drf.services.attributes import AnyField, is_key, may_be_stored, stored, writable_attribute
from nova_drf.services.errors import Invalid, NotFound, ServiceDefinitionError
from nova_drf.services.signatures import Method

M = TypeVar("M", bound=Model)

_LOADED = "nova_loaded_columns"
_CONTAINERS = (dict, list, set, bytearray)


def remember(instance: M) -> M:
    """Note the values in the columns of an object, so that :func:`save` knows what has changed.

    Args:
        instance: New, or as it was read.
    """
    # A queryset of values has something else.
    if isinstance(instance, Model):
        setattr(instance._state, _LOADED, _column_values(instance))
    return instance


def _column_values(instance: Model) -> dict[str, Any]:
    state = vars(instance)
    return {
        name: deepcopy(state[name]) if isinstance(state[name], _CONTAINERS) else state[name]
        for name in (field.attname for field in instance._meta.concrete_fields)
        if name in state
    }


def save(
    instance: M,
    values: Mapping[str, object],
    *,
    named: Collection[str] = (),
) -> M:
    """Set values, check them by the model's own rules, and write them.

    Of an object that exists, only these columns are written, those that have changed since it was
    read (by a property, a signal, or the model's own ``clean()`` and ``save()``), and those that
    say what to store each time (``auto_now``). A new object is only ever inserted.

    Uniqueness is left to the database, which alone can know. To be called in a transaction: what
    relates many to many is written after the object.

    Args:
        instance: New, or as it was read.
        values: By attribute. A foreign key may be an object or a key.
        named: The attributes that a schema names. Others must be columns.

    Raises:
        django.core.exceptions.ValidationError: A field's validators or ``clean()`` refuse a value.
        Invalid: The primary key of an object would change.
        NotFound: The object has been deleted meanwhile.
        ServiceDefinitionError: A value belongs to no column.
    """
    before = vars(instance._state).get(_LOADED) or _column_values(instance)
    many_to_many, written = _assign_all(instance, values, named)
    save_base = _SaveBase(instance, before, written)
    known = {*_field_names(type(instance), named), *written, *many_to_many} if named else None
    # Without a schema nothing is hidden, and a new object has all of its columns.
    is_whole = instance._state.adding and not named
    try:
        _check(instance, None if is_whole else save_base.changed_names())
        _write(instance, save_base)
    except ValidationError as error:
        raise _hide_unknown(error, known) from error
    remember(instance)
    for name, value in many_to_many.items():
        _relate(instance, name, value)
    return instance


# Setting values


def _assign_all(
    instance: Model, values: Mapping[str, object], named: Collection[str]
) -> tuple[dict[str, Any], set[str]]:
    """Set what belongs into the object; return what does not, and the names of what was set."""
    model, is_new = type(instance), instance._state.adding
    many_to_many: dict[str, Any] = {}
    written: set[str] = set()
    # All names first, so that nothing is set where one of them is refused.
    fields = {
        name: writable_attribute(model, name, is_named=name in named, is_new=is_new)
        for name in values
    }
    for name, field in fields.items():
        value = values[name]
        if isinstance(field, ManyToManyField):
            many_to_many[field.name] = value
        elif field is not None and is_key(model, field) and not is_new:
            _keep_key(instance, name, field, value)
        else:
            _assign(instance, name, field, value)
            written |= set() if field is None else {field.name}
    return many_to_many, written


def _assign(instance: Model, name: str, field: AnyField | None, value: object) -> None:
    if isinstance(field, JSONField):
        setattr(instance, name, to_jsonable_python(value))
        return
    if isinstance(value, BaseModel):
        raise ServiceDefinitionError(
            f"{type(instance).__qualname__}.{name}: a nested {type(value).__qualname__} is no "
            "column. Override create() and update() to write it."
        )
    if isinstance(field, ForeignObject) and not isinstance(value, (Model, type(None))):
        name = field.attname
    setattr(instance, name, stored(value))


def _keep_key(instance: Model, name: str, field: AnyField, value: object) -> None:
    """Refuse another primary key: with it, the values would be those of another object."""
    key = value.pk if isinstance(value, Model) else stored(value)
    if field.to_python(key) != getattr(instance, field.attname):
        raise Invalid(gettext("The primary key cannot be changed."), field=name)


def _field_names(model: type[Model], attributes: Iterable[str]) -> set[str]:
    by_attribute = {field.attname: field.name for field in model._meta.concrete_fields}
    return {by_attribute.get(name, name) for name in attributes}


# Checking them


def _check(instance: Model, names: Collection[str] | None) -> None:
    """Check the columns that are written, or all of them, and the object as a whole."""
    others = {
        field.name
        for field in instance._meta.fields
        if _is_null(instance, field) or (names is not None and field.name not in names)
    }
    instance.full_clean(exclude=others, validate_unique=False, validate_constraints=False)


def _is_null(instance: Model, field: AnyField) -> bool:
    """Whether a column holds the null that it allows; ``blank`` is about forms, as for DRF."""
    return bool(field.null) and getattr(instance, field.attname) is None


def _hide_unknown(error: ValidationError, known: Collection[str] | None) -> ValidationError:
    """Say of the whole what a model says of a column that the schema hides."""
    problems = getattr(error, "error_dict", None)
    if known is None or problems is None:
        return error
    by_name: dict[str, list[ValidationError]] = {}
    for name, errors in problems.items():
        by_name.setdefault(name if name in known else NON_FIELD_ERRORS, []).extend(errors)
    return ValidationError(by_name)


# Writing them


class _SaveBase:
    """Takes the place of an object's ``save_base()`` while its ``save()`` runs.

    The model's own ``save()`` is called as ever, without ``update_fields``, and may set columns
    before it lets Django write. Which columns have changed is known only then.

    Args:
        instance: The object.
        before: What its columns had, by attribute.
        written: The names of the columns that are to be written in any case.
    """

    def __init__(self, instance: Model, before: Mapping[str, object], written: set[str]) -> None:
        self.instance = instance
        self.before = before
        self.written = written

    def __call__(self, **kwargs: Any) -> None:
        names = kwargs.get("update_fields")
        if not kwargs.get("force_insert"):
            if names is None or self._is_all_that_was_loaded(names):
                names = ()
            kwargs["update_fields"] = _UpdateFields(self, self.names().union(names))
        type(self.instance).save_base(self.instance, **kwargs)

    def __reduce__(self) -> Any:
        """Let the object be pickled meanwhile, as caches do."""
        return partial, (type(self.instance).save_base, self.instance)

    def _is_all_that_was_loaded(self, names: Collection[str]) -> bool:
        """Whether Django names these since others are deferred."""
        keys = {field.attname for field in self.instance._meta.pk_fields}
        return {*names} == vars(self.instance).keys() & self.before.keys() - keys

    def names(self) -> set[str]:
        """Return the names of the columns that are written in any case."""
        fields = self.instance._meta.concrete_fields
        return {*self.written, *(field.name for field in fields if _says_what_to_store(field))}

    def changed_names(self) -> set[str]:
        """Return the names of the columns that were set, or have changed otherwise."""
        fields = self.instance._meta.concrete_fields
        return {*self.written, *(field.name for field in fields if self.has_changed(field.attname))}

    def has_changed(self, name: str) -> bool:
        """Whether the column with this attribute holds something else than before."""
        state = vars(self.instance)
        if name not in state:
            return False
        if name not in self.before:
            return any(field.attname == name for field in self.instance._meta.concrete_fields)
        now, then = state[name], self.before[name]
        # What compares in its own way (an array, say) counts as changed when it is another one.
        return now is not then and (now == then) is not True


class _UpdateFields(frozenset[str]):
    """The ``update_fields`` of one ``save()``: some names, and what has changed when it is asked.

    Receivers of ``pre_save`` may change columns, and Django asks after them.
    """

    _save_base: _SaveBase

    def __new__(cls, save_base: _SaveBase, names: Iterable[str]) -> _UpdateFields:
        update_fields = super().__new__(cls, names)
        update_fields._save_base = save_base
        return update_fields

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self._save_base.has_changed(str(name))

    def __bool__(self) -> bool:
        # To Django an empty one means all columns.
        return True


def _says_what_to_store(field: AnyField) -> bool:
    """Whether a field has a value of its own each time that the object is written."""
    if getattr(field, "auto_now", False):
        return True
    return not _stores_what_is_there(type(field).pre_save)


@lru_cache(maxsize=1024)
def _stores_what_is_there(pre_save: Method) -> bool:
    return is_written_in(pre_save, fields)


def columns_to_write(instance: Model) -> frozenset[str] | None:
    """Return the columns that a ``save()`` which runs now will write; ``None`` for all."""
    save_base = vars(instance).get("save_base")
    if not isinstance(save_base, _SaveBase):
        return None
    return frozenset(save_base.names() | save_base.changed_names())


def _write(instance: Model, save_base: _SaveBase) -> None:
    if instance._state.adding:
        # Of a model that inherits, the rows of its parents are new as well.
        parents = bool(instance._meta.concrete_model._meta.parents)  # type: ignore[union-attr]  # only an abstract model has none
        instance.save(force_insert=(Model,) if parents else True)
        return
    vars(instance)["save_base"] = save_base
    try:
        instance.save()
    except DatabaseError as error:
        if _is_gone(error):
            raise NotFound() from error
        raise
    finally:
        vars(instance).pop("save_base", None)


def _is_gone(error: DatabaseError) -> bool:
    """Whether it is Django that found no object to update, and not the database that complains."""
    # Django 6.0 has a class for it.
    kind: Any = getattr(exceptions, "ObjectNotUpdated", None)
    if kind is not None:
        return isinstance(error, kind)
    return type(error) is DatabaseError and error.__cause__ is None


def _relate(instance: Model, name: str, value: Any) -> None:
    manager = getattr(instance, name)
    keys = {item for item in value if not isinstance(item, Model)}
    possible = {key for key in keys if may_be_stored(key)}
    known = set(manager.model._base_manager.filter(pk__in=possible).values_list("pk", flat=True))
    unknown = sorted(map(str, {manager.model._meta.pk.to_python(key) for key in keys} - known))
    if unknown:
        raise ValidationError(
            {
                name: [
                    ValidationError(
                        "Invalid pk “%(pk)s” - object does not exist.",
                        code="does_not_exist",
                        params={"pk": key},
                    )
                    for key in unknown
                ]
            }
        )
    manager.set(value)
