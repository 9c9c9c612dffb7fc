"""The columns of ``values_list()``, which Django looks up name by name for each query.

For a model and some names they are the same in all queries with the same aliases. Django is asked
once, then takes what it found; of the names only those are looked up again that make joins. Which
rows are read has no part in it.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Col
from django.db.models.sql import Query

from nova_drf.core.known_columns import IS_KNOWN, have_same_columns, keep
from nova_drf.core.select_lists import Selected, compiles_as_django, is_plain

_of_query = attrgetter(
    *("set_values", "add_fields", "setup_joins", "trim_joins", "set_select", "join"),
    "get_initial_alias",
)
_QUERY = _of_query(Query)


class _Columns(NamedTuple):
    """What names stand for.

    Attributes:
        fields: The options of the models, each with the columns that it had.
        joining: The names that make joins.
        aliases: The alias of the model's table, and of those in which these columns are found.
        columns: The columns of all names.
    """

    fields: dict[Any, object]
    joining: tuple[str, ...]
    aliases: tuple[str, ...]
    columns: tuple[Any, ...]


_known: dict[object, _Columns] = {}
_selected: dict[object, tuple[object, Selected]] = {}
"""What compilers said of columns; with the columns, of which the key has the identity."""


def set_values(query: Any, names: tuple[str, ...]) -> None:
    """Let a query select columns, as ``values_list()`` does.

    Args:
        query: A query of which nobody but the caller knows.
        names: The names of the columns, across foreign keys, too.
    """
    kind: Any = type(query) if IS_KNOWN else None
    is_plain = not (query.annotations or query.extra or query.group_by or query.combinator)
    if kind is not Query or not is_plain or not query.alias_cols or _of_query(Query) != _QUERY:
        query.set_values(names)
        return

    def add_fields(field_names: list[str], allow_m2m: bool = True) -> None:
        known = _known.get(key)
        if known is not None and _joined(query, known):
            query.set_select(known.columns)
            return
        columns = _found(query, field_names, allow_m2m)
        if columns is not None:
            keep(_known, key, columns)

    key = query.model, names
    query.add_fields = add_fields
    try:
        query.set_values(names)
    finally:
        del query.add_fields


def select_values_as_before(compiler: Any) -> None:
    """Let a compiler write columns that :func:`set_values` chose as one before it did.

    Args:
        compiler: The compiler of a query of which nobody but the caller knows.
    """
    query, connection = compiler.query, compiler.connection
    columns = query.select
    is_plain_query = not (query.annotations or query.extra or query.combinator)
    if (
        not IS_KNOWN
        or type(query) is not Query
        or not is_plain_query
        or not columns
        or query.default_cols
        or query.select_related
        or not compiles_as_django(compiler)
    ):
        return
    get_select = compiler.get_select
    key = (id(columns), connection.alias, type(connection))

    def select(with_col_aliases: bool = False) -> Selected:
        if with_col_aliases or not query.alias_map.keys() <= query.table_map.keys():
            # Some names are quoted, others are not.
            return get_select(with_col_aliases=with_col_aliases)  # type: ignore[no-any-return]  # a compiler's method
        before = _selected.get(key)
        if before is not None and before[0] is columns:
            expressions, classes, annotations = before[1]
            return expressions.copy(), classes, annotations.copy()
        selected: Selected = get_select()
        if all(map(is_plain, columns)):
            expressions, classes, annotations = selected
            keep(_selected, key, (columns, (expressions.copy(), classes, annotations.copy())))
        return selected

    compiler.get_select = select


def _joined(query: Any, known: _Columns) -> bool:
    """Make the joins of known columns; return whether these are the columns that Django finds."""
    if not have_same_columns(known.fields):
        return False
    base = query.get_initial_alias()
    aliases = [base]
    for name in known.joining:
        joins = query.setup_joins(name.split(LOOKUP_SEP), query.model._meta, base)
        aliases.append(query.trim_joins(joins.targets, joins.joins, joins.path)[1])
    return tuple(aliases) == known.aliases


def _found(query: Any, names: list[str], allow_m2m: bool) -> _Columns | None:
    """Let Django look for the columns, and note which names have made joins."""
    paths: list[list[str]] = []

    def setup_joins(*args: Any, **kwargs: Any) -> Any:
        joins = Query.setup_joins(query, *args, **kwargs)
        paths.append(list(joins.joins))
        return joins

    query.setup_joins = setup_joins
    try:
        Query.add_fields(query, names, allow_m2m)
    finally:
        del query.setup_joins
    columns = query.select
    if len(paths) != len(columns) or not all(type(column) is Col for column in columns):
        return None
    base = query.get_initial_alias()
    seen, joining = {base}, dict[str, str]()
    for name, path, column in zip(names, paths, columns, strict=True):
        if not seen.issuperset(path) or column.alias not in (base, *joining.values()):
            joining[name] = column.alias
            seen.update(path)
    metas = [query.model._meta, *(column.target.model._meta for column in columns)]
    fields = {meta: meta.concrete_fields for meta in metas}
    return _Columns(fields, tuple(joining), (base, *joining.values()), columns)
