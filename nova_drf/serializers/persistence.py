"""What ``Meta.model`` adds: relations, unique checks, ``create()`` and ``update()``.

All of it is borrowed from DRF's own ``ModelSerializer``, so that it is the installed DRF that
decides which validators a model needs and how nested writes are refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import connection
from django.db.models import Choices, IntegerField, Model
from django.db.models import Field as ModelField
from django.db.models.fields.related import ForeignObject
from rest_framework.fields import ChoiceField
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField, RelatedField
from rest_framework.serializers import ModelSerializer
from rest_framework.validators import UniqueValidator

from nova_drf.mapping.shape import AnyField, FieldShape, Kind, TypeShape
from nova_drf.serializers.inferred_fields import InferredFields, fresh


def reference_serializer(model: type[Model]) -> ModelSerializer[Any]:
    """Return a ``ModelSerializer`` of a model that names no field of it.

    Args:
        model: ``Meta.model``.
    """
    meta = type("Meta", (), {"model": model, "fields": ()})
    reference: Any = type(f"{model.__name__}Reference", (ModelSerializer,), {"Meta": meta})
    serializer: ModelSerializer[Any] = reference()
    return serializer


def model_attribute(model: type[Model], source: str) -> Any:
    """Return the model field behind a ``source``; for ``author_id`` that is ``author``.

    A relation seen from the other side goes by the name of its attribute, such as ``book_set``.
    """
    try:
        return model._meta.get_field(source)
    except FieldDoesNotExist:
        pass
    options = model._meta
    backwards = (
        relation for relation in options.related_objects if relation.get_accessor_name() == source
    )
    return next(
        (field for field in options.fields if field.attname == source), next(backwards, None)
    )


def is_column(model: type[Model], source: str) -> bool:
    """Whether a value is one column's, whatever is in it, rather than attributes of an object."""
    field = model_attribute(model, source)
    return isinstance(field, ModelField) and not field.is_relation


def is_stored_whole(serializer: Any) -> bool:
    """Whether all that a nested serializer validates goes to one column of the model around it.

    Args:
        serializer: A serializer with a schema.
    """
    around, field = serializer.parent, serializer
    while around is not None:
        model = getattr(getattr(around, "Meta", None), "model", None)
        if model is not None:
            return is_column(model, field.source)
        around, field = around.parent, around
    return False


def relation_source(model: type[Model], shape: FieldShape) -> str | None:
    """Return the relation that a field of a schema writes by primary key, if it is one."""
    if shape.computed or shape.type.kind in (Kind.SCHEMA, Kind.KEPT):
        return None
    item = shape.type.item if shape.type.kind is Kind.LIST else None
    if item is not None and item.kind is not Kind.SCALAR:
        return None
    field = model_attribute(model, shape.source)
    if field is None or not getattr(field, "is_relation", False):
        return None
    if not isinstance(field, ModelField):
        return field.get_accessor_name() if hasattr(field, "get_accessor_name") else None
    return field.name


class ModelFields(InferredFields):
    """What ``ModelSerializer`` knows of the attributes of ``Meta.model``, whenever it is asked.

    Args:
        model: ``Meta.model``.
    """

    def __init__(self, model: type[Model]) -> None:
        super().__init__(reference_serializer(model))

    def relation(
        self, source: str, arguments: Mapping[str, Any], *, as_template: bool = False
    ) -> AnyField:
        """Make DRF's field for a relation, with what the schema says about its presence.

        Args:
            source: The relation's name.
            arguments: ``required``, ``default``, ``allow_null``, ``read_only``, ... of the schema.
            as_template: Whether it is made to be looked at, not to validate.
        """
        field_class, inferred = (self.template_call if as_template else self.call)(source)
        if not issubclass(field_class, RelatedField):
            return field_class(**inferred)
        arguments = {**_named(inferred, _TEXTS), **arguments}
        if inferred.get("many"):
            return _many_related(field_class, inferred, arguments)
        return self._single_related(source, field_class, inferred, arguments)

    def _single_related(
        self,
        source: str,
        field_class: type[AnyField],
        inferred: Mapping[str, object],
        arguments: Mapping[str, object],
    ) -> AnyField:
        options = _named(inferred, ("view_name", "slug_field"))
        if not arguments.get("read_only"):
            options |= _named(inferred, ("queryset", "validators"))
            if "queryset" not in options:
                options["queryset"] = _related_manager(self.model, source)
        return field_class(**{**options, **arguments})

    def column_arguments(self, shape: FieldShape) -> dict[str, Any]:
        """Return what the model says about the field of a column that the schema does not say.

        Args:
            shape: The field of the schema.
        """
        if not self._is_of_column(shape):
            return {}
        work_out = partial(self._column_arguments, shape)
        arguments: dict[str, Any] = self.remembered(shape.source, shape.field_name, work_out)
        return fresh(arguments)

    def _column_arguments(self, shape: FieldShape, source: str) -> dict[str, Any]:
        field_class, inferred = self.call(source)
        said = {"label": shape.label, "help_text": shape.help_text}
        names = [name for name in _TEXTS if said[name] is None]
        arguments = _named(inferred, names)
        if not shape.read_only:
            validators = _validators(shape, field_class, inferred)
            arguments |= {"validators": validators} if validators else {}
            arguments |= _limits_at_use(shape, field_class, inferred)
        if shape.type.kind is Kind.SCALAR and shape.type.mapping is not None:
            if issubclass(shape.type.mapping.load_field_class(), field_class):
                arguments |= _named(inferred, ("style",))
            if "choices" in inferred and "choices" in shape.type.options:
                arguments["choices"] = labelled_choices(shape.type, inferred["choices"])
        return arguments

    def has_validators(self, shape: FieldShape) -> bool:
        """Whether a column has validators, or values that are unique, one by one."""
        if not self._is_of_column(shape) or shape.read_only:
            return False
        call = self.call(shape.source)
        return bool(_validators(shape, *call) or _limits_at_use(shape, *call))

    def limits(self, shape: FieldShape) -> dict[str, Any]:
        """Return what a column takes, as constraints of a core schema that the schema has none of.

        Of a field that is only printed, that is in which form: the digits of decimals.

        Args:
            shape: The field of the schema.
        """
        if not self._is_of_column(shape):
            return {}
        limits = _limits(shape, *self.template_call(shape.source))
        return self._range_of_database(shape) | {
            _CONSTRAINTS[argument]: limit
            for argument, limit in limits.items()
            if not callable(limit) and (argument in _DIGITS or not shape.read_only)
        }

    def _range_of_database(self, shape: FieldShape) -> dict[str, Any]:
        """Return the integers that the database can store where the schema allows others, too.

        Each database has another range, and a schema may have been written with one that has more.
        """
        column = self.info.fields_and_pk[shape.source]
        core = shape.type.core
        if shape.read_only or core.get("type") != "int" or not isinstance(column, IntegerField):
            return {}
        low, high = connection.ops.integer_field_range(column.get_internal_type())
        limits = {"ge": low} if low is not None and core.get("ge", low) < low else {}
        return limits | ({"le": high} if high is not None and core.get("le", high) > high else {})

    def _is_of_column(self, shape: FieldShape) -> bool:
        if shape.computed or shape.type.kind is Kind.KEPT:
            return False
        return shape.source in self.info.fields_and_pk

    def completing(self, sources: Collection[str]) -> dict[str, Any]:
        """Return the defaults with which DRF completes a constraint, by column.

        Args:
            sources: The columns that the serializer has fields for. A column that it has none for
                gets a hidden one, which is here in the place of its default.
        """
        names = [field.name for field in self.model._meta.fields if field.name in sources]
        extra, hidden = self.serializer.get_uniqueness_extra_kwargs(names, {}, {})
        defaults = {
            name: extra[name]["default"] for name in names if "default" in extra.get(name, {})
        }
        return {**defaults, **hidden}

    def constraint_validators(self, fields: Mapping[str, AnyField]) -> Sequence[Any]:
        """Return the checks of several columns together, for the bound fields of one serializer."""
        reference = type(self.serializer)()
        reference.fields = fields
        validators: Sequence[Any] = reference.get_validators()
        return validators


_TEXTS = ("label", "help_text")

_BOUNDS = ("max_value", "min_value")
_LENGTHS = ("max_length", "min_length")
_DIGITS = ("max_digits", "decimal_places")

_CONSTRAINTS = {
    **{"max_value": "le", "min_value": "ge"},
    **{name: name for name in (*_LENGTHS, *_DIGITS)},
}
"""Arguments of DRF's fields, and as which constraint of a core schema each is written."""

_SAYS_TOO = {"le": frozenset(("le", "lt")), "ge": frozenset(("ge", "gt"))}
_LIMITED: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("int", "float", "timedelta"), _BOUNDS),
    "decimal": (*_BOUNDS, *_DIGITS),
    "str": _LENGTHS,
}
"""What DRF infers of a column for each type of a core schema."""
_OF_LIMITS = (MinValueValidator, MaxValueValidator, MinLengthValidator, MaxLengthValidator)


def _named(arguments: Mapping[str, object], names: Iterable[str]) -> dict[str, Any]:
    return {name: arguments[name] for name in names if name in arguments}


def _validators(
    shape: FieldShape, field_class: type[AnyField], inferred: Mapping[str, Any]
) -> list[Any]:
    """Return the validators of a column that say what the schema does not."""
    validators = inferred.get("validators") or ()
    if not _fits(shape, field_class):
        return [validator for validator in validators if isinstance(validator, UniqueValidator)]
    said = (*_OF_LIMITS, *((RegexValidator,) if "pattern" in shape.type.core else ()))
    return [validator for validator in validators if not isinstance(validator, said)]


def _limits(
    shape: FieldShape, field_class: type[AnyField], inferred: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the limits of a column of which the schema has none, as arguments of a field."""
    if not _fits(shape, field_class):
        return {}
    core = shape.type.core
    names = _LIMITED.get(core.get("type", ""), ())
    said = {
        name: frozenset(core) & _SAYS_TOO.get(_CONSTRAINTS[name], {_CONSTRAINTS[name]})
        for name in names
    }
    return {name: inferred[name] for name in names if name in inferred and not said[name]}


def _limits_at_use(
    shape: FieldShape, field_class: type[AnyField], inferred: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the limits that a function gives, each time."""
    limits = _limits(shape, field_class, inferred)
    return {name: limit for name, limit in limits.items() if callable(limit)}


def _fits(shape: FieldShape, field_class: type[AnyField]) -> bool:
    """Whether a schema means values like those for which DRF infers a field."""
    if shape.type.kind is not Kind.SCALAR or shape.type.mapping is None:
        return False
    return issubclass(field_class, shape.type.mapping.load_field_class())


def labelled_choices(type_: TypeShape, choices: Any) -> list[Any]:
    """Return the choices of a schema with the labels that a model has for them.

    Args:
        type_: The value in the schema, whose enumeration may have labels itself.
        choices: What the model says, groups included.
    """
    ours: list[tuple[Any, Any]] = list(type_.options["choices"])
    if issubclass(type_.core.get("cls", object), Choices):
        return ours
    theirs: Any = ChoiceField(choices=choices)
    if list(theirs.choices) == [value for value, _label in ours]:
        return [*theirs.grouped_choices.items()]
    return [(value, theirs.choices.get(value, label)) for value, label in ours]


def key_column(model: type[Model], source: str, field: AnyField) -> str | None:
    """Return the attribute that holds a foreign key, if DRF prints just that.

    ``PrimaryKeyRelatedField`` reads the key without fetching the related object; so does
    ``getattr`` on the column's attribute.
    """
    if type(field) is not PrimaryKeyRelatedField or field.pk_field is not None:
        return None
    column = model_attribute(model, source)
    return column.attname if isinstance(column, ForeignObject) else None


def _related_manager(model: type[Model], source: str) -> object:
    return model._meta.get_field(source).related_model._default_manager  # type: ignore[union-attr]  # a relation is asked, not any field


def _many_related(
    field_class: type[AnyField], inferred: Mapping[str, object], arguments: Mapping[str, Any]
) -> AnyField:
    if inferred.get("read_only"):
        # DRF cannot write a relation through a model of its own either.
        arguments = {"read_only": True, **_named(arguments, (*_TEXTS, "source"))}
    of_child = _named(inferred, ("view_name",))
    if arguments.get("read_only"):
        of_child["read_only"] = True
    else:
        of_child |= _named(inferred, ("queryset",))
    allow_empty = inferred.get("allow_empty", True)
    return ManyRelatedField(
        child_relation=field_class(**of_child), **{"allow_empty": allow_empty, **arguments}
    )


def have_words_of_their_own(validators: Iterable[object]) -> bool:
    """Whether DRF made a text for a message of some validators, in the language of the time."""
    return any(isinstance(getattr(validator, "message", None), str) for validator in validators)


def create(serializer: Any, validated_data: dict[str, Any]) -> Any:
    """Create a model instance as ``ModelSerializer.create`` does."""
    return ModelSerializer.create(serializer, validated_data)


def update(serializer: Any, instance: Any, validated_data: dict[str, Any]) -> Any:
    """Update a model instance as ``ModelSerializer.update`` does."""
    return ModelSerializer.update(serializer, instance, validated_data)
