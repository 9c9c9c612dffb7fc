"""``SchemaValidated``: a model whose rows keep the rules of a schema, whoever writes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from asgiref.sync import sync_to_async
from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models.expressions import Combinable
from django.utils.module_loading import import_string
from pydantic import BaseModel

from nova_drf.mapping.input_paths import put_at
from nova_drf.services.saving import columns_to_write

if TYPE_CHECKING:
    from nova_drf.mapping.shape import FieldShape
    from nova_drf.serializers.schema_serializer import SchemaSerializer

M = TypeVar("M", bound="SchemaValidated")


class InvalidRow(ValidationError):
    """One of several rows breaks the rules of the schema.

    Follows:
        ``django.core.exceptions.ValidationError``.

    Attributes:
        index: Which one, counted from zero.
    """

    index: int = 0


class SchemaValidatedQuerySet(models.QuerySet[M]):
    """Adds a checked counterpart to each operation that bypasses ``save()``.

    ``bulk_create``, ``bulk_update`` and ``update`` stay Django's: they write anything.

    Follows:
        ``django.db.models.QuerySet``.
    """

    def checked_bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Check every row, and only then write them all; arguments are ``bulk_create``'s.

        Raises:
            InvalidRow: A row is not what the schema says; none is written.
        """
        rows = list(objs)
        _check_rows(rows, None)
        return self.bulk_create(rows, *args, **kwargs)

    async def achecked_bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Do the same in a worker thread."""
        return await sync_to_async(self.checked_bulk_create)(objs, *args, **kwargs)

    def checked_bulk_update(
        self, objs: Iterable[M], fields: Sequence[str], *args: Any, **kwargs: Any
    ) -> int:
        """Check the named fields of every row, and only then write them.

        Raises:
            InvalidRow: A row is not what the schema says; none is written.
        """
        rows = list(objs)
        _check_rows(rows, fields)
        return self.bulk_update(rows, fields, *args, **kwargs)

    async def achecked_bulk_update(
        self, objs: Iterable[M], fields: Sequence[str], *args: Any, **kwargs: Any
    ) -> int:
        """Do the same in a worker thread."""
        return await sync_to_async(self.checked_bulk_update)(objs, fields, *args, **kwargs)

    def checked_update(self, **values: Any) -> int:
        """Check the values, and only then write them to all rows of the queryset.

        Raises:
            django.core.exceptions.ValidationError: A value is not what the schema says, or an
                expression, whose value only the database will know.
        """
        for name, value in values.items():
            if isinstance(value, Combinable):
                raise ValidationError(
                    {name: f"An expression cannot be checked. Use update({name}=...)."}
                )
        _raise(_problems(self.model, self.model(**values), {*values}))
        return self.update(**values)

    async def achecked_update(self, **values: Any) -> int:
        """Do the same in a worker thread."""
        return await sync_to_async(self.checked_update)(**values)


class SchemaValidated(models.Model):
    """Makes ``full_clean()`` and ``save()`` check a row against a schema.

    >>> class Order(SchemaValidated):
    ...     validated_by = "shop.schemas.OrderSchema"
    ...     total = models.DecimalField(max_digits=9, decimal_places=2)

    It checks the columns for which the schema has an input field: with DRF's rules for a
    :class:`~nova_drf.Schema`, with Pydantic's for a ``BaseModel``. Files, relations to many and
    nested objects are not columns, and are not checked. A stored row is never checked when it is
    read.

    Follows:
        ``django.db.models.Model.full_clean``.

    Attributes:
        validated_by: The schema, or its dotted path where the schema imports the model.
    """

    validated_by: ClassVar[type[BaseModel] | str]

    objects = SchemaValidatedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Check the row, or what ``update_fields`` names of it, and write it.

        Of a row of which a :class:`~nova_drf.services.ModelService` writes some columns, it
        checks those.

        Raises:
            django.core.exceptions.ValidationError: It is not what the schema says.
        """
        only = kwargs.get("update_fields")
        _raise(self.schema_problems(columns_to_write(self) if only is None else only))
        super().save(*args, **kwargs)

    def full_clean(
        self,
        exclude: Iterable[str] | None = None,
        validate_unique: bool = True,
        validate_constraints: bool = True,
    ) -> None:
        """Check the model's own rules, and the schema's.

        Raises:
            django.core.exceptions.ValidationError: With all that is wrong, by field.
        """
        errors: dict[str, list[ValidationError]] = {}
        left_out = {*(exclude or ())}
        try:
            super().full_clean(
                exclude=left_out,
                validate_unique=validate_unique,
                validate_constraints=validate_constraints,
            )
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for name, problems in self.schema_problems(exclude=left_out).items():
            errors.setdefault(name, problems)
        _raise(errors)

    def schema_problems(
        self, only: Iterable[str] | None = None, *, exclude: Collection[str] = ()
    ) -> dict[str, list[ValidationError]]:
        """Return what the schema says against the row, by field.

        Args:
            only: The fields to look at; all when left out.
            exclude: Fields to leave out.
        """
        return _problems(type(self), self, None if only is None else {*only}, exclude)


def schema_of(model: type[SchemaValidated]) -> type[BaseModel]:
    """Return the schema that a model's rows must keep to."""
    named = model.validated_by
    schema: type[BaseModel] = import_string(named) if isinstance(named, str) else named
    return schema


def _check_rows(rows: Sequence[SchemaValidated], fields: Iterable[str] | None) -> None:
    for index, row in enumerate(rows):
        problems = row.schema_problems(fields)
        if problems:
            error = InvalidRow(dict(problems))
            error.index = index
            raise error


def _problems(
    model: type[SchemaValidated],
    row: SchemaValidated,
    only: set[str] | None,
    exclude: Collection[str] = (),
) -> dict[str, list[ValidationError]]:
    from nova_drf.serializers.schema_serializer import nested_serializer_class
    from nova_drf.validation.errors.by_field import details_by_field, django_errors

    serializer_class = nested_serializer_class(schema_of(model))
    columns = {field.name: (field, column) for field, column in _columns(model, serializer_class)}
    chosen = [
        (field, column)
        for field, column in columns.values()
        if column.name not in exclude and (only is None or {column.name, column.attname} & only)
    ]
    values = [(field, getattr(row, column.attname)) for field, column in chosen]
    # Columns of which the database makes the value have none yet.
    values = [(field, value) for field, value in values if not isinstance(value, Combinable)]
    data: dict[str, Any] = {}
    for field, value in values:
        put_at(data, field.input_paths[0], value)
    serializer = serializer_class(data=data, partial=len(values) < len(columns))
    problems: dict[str, list[ValidationError]] = {}
    if not serializer.is_valid():
        fields = [field for field, _column in columns.values()]
        for about, detail in details_by_field(serializer.errors, fields):
            name = NON_FIELD_ERRORS if about is None else columns[about.name][1].name
            problems.setdefault(name, []).extend(django_errors(detail))
    return problems


def _columns(
    model: type[models.Model], serializer_class: type[SchemaSerializer[Any]]
) -> Iterator[tuple[FieldShape, Any]]:
    """Yield the input fields of a schema that are columns of the model, with the column."""
    for field in serializer_class.get_definition().request.fields.values():
        column = column_of(model, field.source)
        if column is None or field.read_only or field.type.is_serializer:
            continue
        if not isinstance(column, (models.FileField, models.ManyToManyField)):
            yield field, column


def column_of(model: type[models.Model], name: str) -> models.Field[Any, Any] | None:
    """Return a model's field by its name or its attribute; ``None`` where it has none."""
    try:
        field: object = model._meta.get_field(name)
    except FieldDoesNotExist:
        field = next((column for column in model._meta.fields if column.attname == name), None)
    return field if isinstance(field, models.Field) else None


def _raise(problems: dict[str, list[ValidationError]]) -> None:
    if problems:
        raise ValidationError(dict(problems))
