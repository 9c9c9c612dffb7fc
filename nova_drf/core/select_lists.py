"""What the queries for instances select, which Django works out anew for each query.

The columns of a model, and of those that ``select_related()`` names, are the same for all queries
with the same tables: :meth:`SelectList.__call__` asks Django once, and then takes what it said.
Which rows are read has no part in it. Joins are made by each query, as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Field, ForeignKey
from django.db.models.expressions import Col
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from nova_drf.core.known_columns import IS_KNOWN, have_same_columns, keep

Selected = tuple[list[Any], Any, dict[str, int]]
"""What ``get_select()`` returns: expressions with their SQL, the classes, the annotations."""

_of_compiler = attrgetter(
    *("get_select", "get_default_columns", "get_related_selections", "compile"),
    # As it is called from Django 6.1 on, and before.
    "quote_name" if hasattr(SQLCompiler, "quote_name") else "quote_name_unless_alias",
)
_of_query = attrgetter("get_select_mask", "setup_joins", "get_initial_alias", "join")
_of_columns = attrgetter("as_sql", "select_format")
_COMPILER, _QUERY, _COLUMNS = _of_compiler(SQLCompiler), _of_query(Query), _of_columns(Col)
_GET_COL = (Field.get_col, ForeignKey.get_col)
_SELECT_FORMAT = Field.select_format
_ALL_FIELDS = (frozenset[str](), True)


class _Join(NamedTuple):
    """A join that ``select_related()`` makes.

    Attributes:
        name: The name of the foreign key.
        parent: The place of the model that has it among those that are selected.
        model: That model.
    """

    name: str
    parent: int
    model: Any


class _Tables:
    """What is selected from.

    Args:
        columns: The options of the models, each with the columns that it had.
        joins: The joins between them.
    """

    def __init__(self, columns: Mapping[Any, object], joins: tuple[_Join, ...]) -> None:
        self.columns = columns
        self.joins = joins


_NEW: Any = object()


class _Known(NamedTuple):
    """What was selected.

    Attributes:
        select: Expressions with their SQL.
        classes: What of it belongs to which model.
        annotations: Nothing.
        made_of_it: What somebody has made of it.
    """

    select: list[Any]
    classes: Any
    annotations: dict[str, int]
    made_of_it: Any = None


_tables: dict[object, _Tables | None] = {}
_lists: dict[object, _Known] = {}


def select_as_before(compiler: Any) -> SelectList | None:
    """Let a compiler select what one of an equal query did.

    Args:
        compiler: The compiler of a query for instances.

    Returns:
        What it will ask for that; ``None`` if it has to find it out by itself.
    """
    query, kind = compiler.query, type(compiler.query)
    if (
        IS_KNOWN
        and kind is Query
        and query.default_cols
        and not query.select
        and not query.extra
        and not query.annotations
        and not query.combinator
        and not query._filtered_relations
        and not query.external_aliases
        and query.selected is None
        and query.deferred_loading == _ALL_FIELDS
        and query.select_related is not True
        and compiles_as_django(compiler)
    ):
        select = SelectList(compiler)
        compiler.get_select = select
        return select
    return None


def compiles_as_django(compiler: Any) -> bool:
    """Whether all that Django calls to select columns is what it was when this was imported.

    Args:
        compiler: The compiler.
    """
    return (
        _of_compiler(type(compiler)) == _COMPILER
        and _of_query(Query) == _QUERY
        and _of_columns(Col) == _COLUMNS
        and not hasattr(Col, f"as_{compiler.connection.vendor}")
    )


class SelectList:
    """Stands for ``get_select()`` of one compiler.

    Args:
        compiler: The compiler.

    Attributes:
        remembers: What :meth:`remember` was given when the same was selected before.
    """

    def __init__(self, compiler: Any) -> None:
        self._compiler = compiler
        self._key: object = None
        self.remembers: Any = None

    def remember(self, value: object) -> None:
        """Keep what was made of the list for the next query that selects the same."""
        known = _lists.get(self._key)
        if known is not None:
            _lists[self._key] = known._replace(made_of_it=value)

    def __call__(self, with_col_aliases: bool = False) -> Selected:
        """Return what Django's method does.

        Args:
            with_col_aliases: Whether columns are given names.
        """
        query: Any = self._compiler.query
        what = query.model, _frozen(query.select_related)
        if with_col_aliases:
            return self._djangos(with_col_aliases=True)
        tables = _tables.get(what, _NEW)
        if tables is _NEW or (tables is not None and not have_same_columns(tables.columns)):
            selected = self._djangos()
            keep(_tables, what, _tables_of(query.model, selected))
            return selected
        if tables is None:
            return self._djangos()
        aliases = tuple(_join(query, tables.joins))
        if not query.alias_map.keys() <= query.table_map.keys():
            # Some names are quoted, others are not.
            return self._djangos()
        connection = self._compiler.connection
        key = (what, tables, aliases, connection.alias, type(connection))
        known = _lists.get(key)
        self._key = key
        if known is None:
            selected = self._djangos()
            keep(_lists, key, _Known(*selected))
            return selected
        self.remembers = known.made_of_it
        return known.select.copy(), known.classes, {}

    def _djangos(self, *, with_col_aliases: bool = False) -> Selected:
        selected: Selected = _COMPILER[0](self._compiler, with_col_aliases=with_col_aliases)
        return selected


def _join(query: Any, joins: Iterable[_Join]) -> list[str]:
    """Join the tables as Django does; return the aliases of all."""
    aliases = [query.get_initial_alias()]
    for name, parent, model in joins:
        aliases.append(query.setup_joins([name], model._meta, aliases[parent]).joins[-1])
    return aliases


def _frozen(related: Any) -> object:
    """Return ``select_related`` of a query as something that has a hash."""
    return tuple([(name, _frozen(below)) for name, below in related.items()]) if related else None


def _tables_of(model: Any, selected: Selected) -> _Tables | None:
    """Return what was selected from; ``None`` if it is more than columns and foreign keys."""
    select, classes, _ = selected
    models: list[Any] = [model]
    joins: list[_Join] = []
    waiting = [(0, inner) for inner in classes.get("related_klass_infos", ())][::-1]
    while waiting:
        parent, info = waiting.pop()
        if info["reverse"] or info["from_parent"]:
            return None
        joins.append(_Join(info["field"].name, parent, models[parent]))
        models.append(info["model"])
        place = len(models) - 1
        waiting += [(place, inner) for inner in info.get("related_klass_infos", ())][::-1]
    if not all(is_plain(column) for column, *_ in select):
        return None
    if any(field.model is not each for each in models for field in each._meta.concrete_fields):
        return None
    columns = {each._meta: each._meta.concrete_fields for each in models}
    return _Tables(columns, tuple(joins))


def is_plain(column: Any) -> bool:
    """Whether what is selected is a column that Django selects as it is.

    Args:
        column: What is selected.
    """
    kind = type(column.target) if type(column) is Col else None
    return kind is not None and kind.get_col in _GET_COL and kind.select_format is _SELECT_FORMAT
