"""Objects that are printed from rows of the database, without there being any object.

A plan says which columns a reader would see of the instances of a model, and prints them as the
reader does: column by column. What it gives becomes dictionaries, or JSON text, when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from nova_drf.mapping.validated_data import source_attributes
from nova_drf.queries.ordering import columns_besides
from nova_drf.queries.relations import Relation, related_columns, relation_to_many
from nova_drf.queries.rows import foreign_key, has_column
from nova_drf.representation.lists import dictionaries, printed_column
from nova_drf.representation.objects import ObjectReader

if TYPE_CHECKING:
    from django.db.models import Model

    from nova_drf.core.compat import Row
    from nova_drf.representation.attributes import Column
    from nova_drf.representation.field_runs import OutputField
    from nova_drf.representation.values import Printer

T = TypeVar("T")


@dataclass(frozen=True)
class ColumnPlan:
    """A field that one column prints.

    Attributes:
        name: The key of the output.
        place: Where in a row the value is.
        printer: Prints it.
    """

    name: str
    place: int
    printer: Printer

    def printed(self, columns: Sequence[Column], database: str) -> Column:
        """Print one column of many rows."""
        column = columns[self.place]
        printed = printed_column(self.printer, column)
        # Of columns there is nothing that would have to be called first.
        return list(map(self.printer.print, column)) if printed is None else printed


@dataclass(frozen=True)
class ListPlan:
    """Objects to which a relation to many leads.

    Attributes:
        name: The key of the output.
        attribute: The attribute that leads to them.
        relation: How they are found.
        key: Where in a row the primary key is of the object that they are related to.
        items: What is read and printed of each.
        besides: Which columns are read as well.
    """

    name: str
    attribute: str
    relation: Relation
    key: int
    items: RowPlan
    besides: tuple[str, ...]

    def printed(self, columns: Sequence[Column], database: str) -> PrintedLists:
        """Read and print the related rows of many rows, by one query."""
        related, sizes = related_columns(
            self.relation, self.items.paths, self.besides, columns[self.key], database
        )
        return PrintedLists(self.items.of_columns(related, database), sizes)


@dataclass(frozen=True)
class ObjectPlan:
    """An object whose fields are columns, or objects that foreign keys refer to.

    Attributes:
        name: The key of the output; empty for the object of the row itself.
        key: Where in a row its primary key is, if there may be no such object.
        members: Its fields, in order.
    """

    name: str
    key: int | None
    members: tuple[ColumnPlan | ObjectPlan | ListPlan, ...]

    def printed(self, columns: Sequence[Column], database: str) -> PrintedObjects:
        """Print the columns of many rows."""
        members = [member.printed(columns, database) for member in self.members]
        keys = None if self.key is None else columns[self.key]
        missing = None if keys is None or None not in keys else [key is None for key in keys]
        return PrintedObjects([member.name for member in self.members], members, missing)


@dataclass(frozen=True)
class PrintedObjects:
    """Many objects of one kind, printed: primitives, column by column.

    Attributes:
        names: The keys of the output.
        members: The values of each; those of nested objects are such objects again.
        missing: Which of the objects are not there, if any is not.
    """

    names: Sequence[str]
    members: Sequence[PrintedMember]
    missing: Sequence[bool] | None

    def dictionaries(self) -> list[Any]:
        """Return the objects as dictionaries, and ``None`` for those that are not there."""
        columns = [
            member.dictionaries() if isinstance(member, (PrintedObjects, PrintedLists)) else member
            for member in self.members
        ]
        objects: list[Any] = dictionaries(self.names, columns)
        if self.missing is None:
            return objects
        return [
            None if gone else printed for printed, gone in zip(objects, self.missing, strict=True)
        ]


@dataclass(frozen=True)
class PrintedLists:
    """Lists of objects, printed one after the other.

    Attributes:
        objects: The objects of all lists; ``None`` if there are none.
        sizes: How many of them each list has.
    """

    objects: PrintedObjects | None
    sizes: Sequence[int]

    def dictionaries(self) -> list[list[Any]]:
        """Return the lists, with their objects as dictionaries."""
        return self.divided([] if self.objects is None else self.objects.dictionaries())

    def divided(self, items: Iterable[T]) -> list[list[T]]:
        """Return what stands for the objects, list by list."""
        remaining = iter(items)
        return [list(islice(remaining, size)) for size in self.sizes]


PrintedMember = Sequence[Any] | PrintedObjects | PrintedLists
"""The values of one field: primitives, or nested objects."""


@dataclass(frozen=True)
class RowPlan:
    """What is read and printed where instances of a model would be.

    Attributes:
        paths: The lookups of the columns.
        models: The models of which no instances are made.
        relations: The lookups of the foreign keys that are printed.
        lists: The relations to many that are printed.
        top: Prints the rows.
    """

    paths: tuple[str, ...]
    models: tuple[type[Model], ...]
    relations: frozenset[str]
    lists: tuple[str, ...]
    top: ObjectPlan

    def printed(self, rows: Iterable[Row], database: str) -> PrintedObjects | None:
        """Print rows; return ``None`` if there are none.

        Args:
            rows: The rows.
            database: Where they came from, and what is related to them is.
        """
        return self.of_columns(list(zip(*rows, strict=True)), database)

    def batches(self, page: Sequence[Row]) -> Iterator[list[Column]]:
        """Yield the columns of the rows of a page, of so many rows as are printed together."""
        number = self.at_once or len(page)
        for at in range(0, len(page), number or 1):
            yield list(zip(*page[at : at + number], strict=True))

    def of_columns(self, columns: Sequence[Column], database: str) -> PrintedObjects | None:
        """Print the columns of rows; return ``None`` if there are none.

        Args:
            columns: The columns.
            database: As for :meth:`printed`.
        """
        return self.top.printed(columns, database) if columns else None

    @property
    def at_once(self) -> int | None:
        """How many rows are printed together, if not all have to be.

        What is related to them is read by one query for all.
        """
        return None if self.lists else _AT_ONCE


_AT_ONCE = 1000
"""How many rows are printed together."""


class NoRows(Exception):  # it is no error
    """A reader needs more than columns; the message says what for."""


@lru_cache(maxsize=1024)
def row_plan(reader: object, model: type[Model]) -> RowPlan | str:
    """Return what reads the rows that a reader would print; a reason if it needs instances.

    Args:
        reader: What prints the instances.
        model: Their class.
    """
    planner = _Planner()
    try:
        top = planner.plan("", reader, model, "", ())
    except NoRows as obstacle:
        return str(obstacle)
    return planner.plan_of(top)


class _Planner:
    """Collects the columns of a plan while it is made."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.models: list[type[Model]] = []
        self.relations: list[str] = []
        self.lists: list[str] = []

    def plan_of(self, top: ObjectPlan) -> RowPlan:
        """Return the plan with all that was collected."""
        return RowPlan(
            paths=tuple(self.paths),
            models=tuple(self.models),
            relations=frozenset(self.relations),
            lists=tuple(self.lists),
            top=top,
        )

    def plan(
        self,
        name: str,
        reader: object,
        model: type[Model],
        prefix: str,
        around: tuple[object, ...],
        *,
        may_be_missing: bool = False,
    ) -> ObjectPlan:
        """Plan an object.

        Args:
            name: The key of the output.
            reader: What would print it.
            model: The class that it would be of.
            prefix: The lookup of the relation that leads to it.
            around: The readers of the objects around it.
            may_be_missing: Whether there may be none.

        Raises:
            NoRows: It needs more than columns.
        """
        run = reader.only_run if isinstance(reader, ObjectReader) else None
        if run is None or reader in around:
            raise NoRows(f"{name or 'it'} is printed by more than its fields")
        self.models.append(model)
        key = self._place(f"{prefix}pk") if may_be_missing else None
        members = [self._member(field, model, prefix, (*around, reader)) for field in run.fields]
        if not members:
            raise NoRows(f"{name or 'it'} has no fields")
        return ObjectPlan(name, key, tuple(members))

    def _member(
        self, field: OutputField, model: type[Model], prefix: str, around: tuple[object, ...]
    ) -> ColumnPlan | ObjectPlan | ListPlan:
        if field.printer.item_reader is not None:
            return self._list(field, field.printer.item_reader, model, around)
        *relations, attribute = source_attributes(field.attribute or field.source) or [""]
        for relation in relations:
            key = foreign_key(model, relation)
            if key is None or key.null:
                raise NoRows(f"{field.source} may lack what it goes across")
            self.models.append(key.remote_field.model)
            self.relations.append(f"{prefix}{relation}")
            model, prefix = key.remote_field.model, f"{prefix}{relation}__"
        if field.printer.reader is None and has_column(model, attribute):
            return ColumnPlan(field.name, self._place(prefix + attribute), field.printer)
        key = foreign_key(model, attribute)
        if field.printer.reader is None or key is None:
            raise NoRows(f"{field.source} is no column")
        self.relations.append(f"{prefix}{attribute}")
        return self.plan(
            field.name,
            field.printer.reader,
            key.remote_field.model,
            f"{prefix}{attribute}__",
            around,
            may_be_missing=key.null,
        )

    def _list(
        self, field: OutputField, reader: object, model: type[Model], around: tuple[object, ...]
    ) -> ListPlan:
        relation = relation_to_many(model, field.attribute or "")
        # Of what a row refers to, related objects are not prefetched under this name.
        if relation is None or field.attribute is None or len(around) > 1:
            raise NoRows(f"{field.source} leads to many in a way of its own")
        planner = _Planner()
        items = planner.plan_of(planner.plan(field.name, reader, relation.model, "", around))
        if items.lists:
            raise NoRows(f"{field.source} leads to many that lead to many")
        besides = columns_besides(relation.model._default_manager.all(), items.relations)
        if besides is None:
            raise NoRows(f"{field.source} has no ordering that leaves no ties")
        self.models += items.models
        self.lists.append(field.attribute)
        return ListPlan(field.name, field.attribute, relation, self._place("pk"), items, besides)

    def _place(self, path: str) -> int:
        if path not in self.paths:
            self.paths.append(path)
        return self.paths.index(path)
