"""The only module with branches for versions of Django and Pydantic.

Each function says which versions differ and how; ``tests/core/test_compat.py`` fails when one
moves. Those of DRF are in :mod:`nova_drf.mapping.drf_versions`, since services know nothing of DRF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import chain, repeat
from operator import itemgetter
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args

from asgiref.sync import SyncToAsync
from django import VERSION as DJANGO_VERSION
from django.db.models.sql.compiler import SQLCompiler
from pydantic_core import SchemaSerializer, SchemaValidator
from pydantic_core.core_schema import ErrorType

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.core.select_lists import select_as_before

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

DefaultFactory = Callable[[dict[str, object]], object]
"""A default factory that takes the data validated so far."""

B = TypeVar("B")

Row = Sequence[Any]

PREFETCHED = "_prefetched_objects_cache"
"""Where all versions of Django keep what was prefetched of an instance, by attribute."""

_RESULTS_ITER, _APPLY = SQLCompiler.results_iter, SQLCompiler.apply_converters

OF_HOPS: frozenset[ContextVar[Any]] = frozenset((SyncToAsync.deadlock_context,))
"""Variables by which asgiref refuses a hop within a hop that would wait for itself."""

COMPILING = RLock()
"""Held while models may look unfinished, which they do with Pydantic 2.11 only."""


def factories_wait() -> bool:
    """Whether a default factory that takes the validated data waits until all of it is valid.

    Pydantic 2.11 calls it with what there is; newer ones list a ``default_factory_not_called``.
    """
    return "default_factory_not_called" in get_args(ErrorType)


def patient_factory(factory: DefaultFactory, before: frozenset[str]) -> DefaultFactory:
    """Return a default factory that is not called where a field before it is not valid.

    Args:
        factory: Takes the validated data.
        before: The names of the fields before it.
    """

    def make(data: dict[str, object]) -> object:
        # What it returns does not matter: there is an error for the field that is missing.
        return factory(data) if before <= data.keys() else None

    return make


def can_compile_anew() -> bool:
    """Whether pydantic-core compiles the models of a tree on request, as from Pydantic 2.12 on."""
    return "_use_prebuilt" in (SchemaValidator.__text_signature__ or "")


def compiled_anew(core: object, models: Iterable[type[Any]]) -> SchemaValidator:
    """Compile a core schema without the validators that its models have already.

    pydantic-core 2.33, Pydantic 2.11's, only leaves alone the models that are still being built.
    For it they have to look so for a moment: of a model inside a tree, it asks nothing else.

    Args:
        core: The tree.
        models: The models, and the dataclasses, that it has nodes of.
    """
    return _built_anew(SchemaValidator, core, models)


def serializer_compiled_anew(core: object, models: Iterable[type[Any]]) -> SchemaSerializer:
    """Compile a core schema without the serializers that its models have already.

    Args:
        core: The tree.
        models: The models, and the dataclasses, that it has nodes of.
    """
    return _built_anew(SchemaSerializer, core, models)


def _built_anew(build: Callable[..., B], core: object, models: Iterable[type[Any]]) -> B:
    """Build of a core schema what uses nothing that its models were built with."""
    if can_compile_anew():
        return build(core, _use_prebuilt=False)
    with _unfinished(models):
        return build(core)


@contextmanager
def _unfinished(models: Iterable[type[Any]]) -> Iterator[None]:
    """Let models look unfinished; one thread at a time, so that each sees the true state."""
    with COMPILING:
        complete = [model for model in models if model.__dict__.get("__pydantic_complete__")]
        for model in complete:
            model.__pydantic_complete__ = False
        try:
            yield
        finally:
            for model in complete:
                model.__pydantic_complete__ = True


# How Django makes instances of models, of which no public interface tells enough


class SelectedModel(NamedTuple):
    """Which columns of a query's rows make the instances of one model.

    Attributes:
        model: The model.
        names: The attributes, as ``from_db()`` gets them.
        values: Takes their values from a row.
        key: The place among them of the primary key, or of its first column.
        related: What ``select_related()`` asks for.
        set_local: Sets a related instance, or ``None``, on the instance that has it.
        set_remote: Sets the instance that has it on a related instance.
    """

    model: type[Model]
    names: tuple[str, ...]
    values: Callable[[Row], Row]
    key: int
    related: Sequence[SelectedModel]
    set_local: Callable[[Any, Any], object] | None
    set_remote: Callable[[Any, Any], object] | None


class SelectedRows(NamedTuple):
    """The rows of a query for instances.

    Attributes:
        rows: The rows; their values are converted.
        model: What makes the instances.
        annotations: What other attributes they have, and where in a row.
    """

    rows: Iterable[Row]
    model: SelectedModel
    annotations: Mapping[str, int]


def select_rows(queryset: Any, chunked_fetch: bool, chunk_size: int) -> SelectedRows:
    """Run the query of a queryset as ``ModelIterable`` does; so far, all versions do it alike.

    Args:
        queryset: The queryset.
        chunked_fetch: Whether not all rows are read at once.
        chunk_size: How many are.
    """
    compiler = queryset.query.get_compiler(using=queryset.db)
    select = select_as_before(compiler)
    results = compiler.execute_sql(chunked_fetch=chunked_fetch, chunk_size=chunk_size)
    model = None if select is None else select.remembers
    if model is None:
        model = _selected_model(compiler.klass_info, compiler.select)
        if select is not None:
            select.remember(model)
    rows = converted_rows(compiler, results)
    return SelectedRows(rows, model, compiler.annotation_col_map or {})


def converted_rows(
    compiler: Any, results: Iterable[Sequence[Row]], width: int | None = None
) -> Iterable[Row]:
    """Convert the values of rows as ``results_iter()`` does, but column by column.

    So it takes half as long. Only Django's own converters run in another order than they would.

    Args:
        compiler: What has run the query.
        results: The rows, some at a time.
        width: How many columns are wanted, if not all; the others are not converted.
    """
    converters = _converters(compiler, results, width)
    wanted = slice(width)
    if converters is None:
        rows = compiler.results_iter(results)
    else:
        results = _let_go(results) if isinstance(results, list) else results
        if converters:
            convert = partial(_by_column, converters, compiler.connection, wanted)
            return chain.from_iterable(zip(*part, strict=True) for part in map(convert, results))
        rows = chain.from_iterable(results)
    return rows if width is None else map(itemgetter(wanted), rows)


def converted_columns(
    compiler: Any, results: Iterable[Sequence[Row]], width: int
) -> Iterator[list[Sequence[Any]]]:
    """Yield the columns of some rows at a time, with the values of :func:`converted_rows`.

    Args:
        compiler: As for that, and so are the others.
        results: The rows.
        width: How many columns are wanted.
    """
    converters = _converters(compiler, results, width)
    if converters is None:
        rows = list(map(itemgetter(slice(width)), compiler.results_iter(results)))
        if rows:
            yield list(zip(*rows, strict=True))
        return
    results = _let_go(results) if isinstance(results, list) else results
    for part in results:
        yield _by_column(converters, compiler.connection, slice(width), part)


def _converters(
    compiler: Any, results: Iterable[Sequence[Row]], width: int | None
) -> Mapping[int, Any] | None:
    """Return what converts the columns that are wanted; ``None`` where Django has to do it."""
    expressions = [selected[0] for selected in compiler.select[: compiler.col_count]]
    if isinstance(results, list) and sum(map(len, results)) < _FEW:
        return None
    converters: Mapping[int, Any] = compiler.get_converters(expressions[slice(width)])
    if compiler.has_composite_fields(expressions) or not _converts_as_django(compiler, converters):
        return None
    return converters


_FEW = 8
"""Fewer rows are sooner converted one by one."""


def _let_go(results: list[Sequence[Row]]) -> Iterator[Sequence[Row]]:
    """Yield rows, some at a time; the list does not keep those that were."""
    results.reverse()
    while results:
        yield results.pop()


def _converts_as_django(compiler: Any, converters: Mapping[int, Any]) -> bool:
    """Whether compiler and converters are Django's own, in whichever version."""
    kind = type(compiler)
    is_djangos = kind.results_iter is _RESULTS_ITER and kind.apply_converters is _APPLY
    functions = (function for added, _ in converters.values() for function in added)
    return is_djangos and all(owner_of(function) is Owner.DJANGO for function in functions)


def _by_column(
    converters: Mapping[int, Any], connection: object, wanted: slice, rows: Sequence[Row]
) -> list[Sequence[Any]]:
    """Convert some rows; every version calls converters with an expression and a connection.

    Returns:
        The columns.
    """
    all_columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    columns = all_columns[wanted]
    for place, (functions, expression) in converters.items():
        for function in functions:
            columns[place] = list(
                map(function, columns[place], repeat(expression), repeat(connection))
            )
    return columns


def _selected_model(info: Mapping[str, Any], select: Sequence[Any]) -> SelectedModel:
    """Describe what Django's compiler knows as ``klass_info``, of which all versions have these."""
    model, places = info["model"], info["select_fields"]
    if info.get("from_parent"):
        # A child class takes what was selected for its parent, in an order of its own.
        place_of = {select[place][0].target.attname: place for place in places}
        columns = model._meta.concrete_fields
        names = tuple(field.attname for field in columns if field.attname in place_of)
        values: Any = itemgetter(*map(place_of.__getitem__, names))
    else:
        span = slice(places[0], places[-1] + 1)
        names = tuple(column[0].target.attname for column in select[span])
        values = itemgetter(span)
    return SelectedModel(
        model=model,
        names=names,
        values=values,
        key=names.index(model._meta.pk_fields[0].attname),
        related=[_selected_model(inner, select) for inner in info.get("related_klass_infos", ())],
        set_local=info.get("local_setter"),
        set_remote=info.get("remote_setter"),
    )


def instance_state(queryset: QuerySet[Any]) -> tuple[str, dict[str, object]]:
    """Return the database of an instance's ``_state``, and what ``from_db()`` sets after it.

    From Django 6.1 on that is the fetch mode of the queryset.
    """
    fetch_mode = getattr(queryset, "_fetch_mode", None)
    return queryset.db, {} if fetch_mode is None else {"fetch_mode": fetch_mode}


def instances_know_peers(queryset: QuerySet[Any]) -> bool:
    """Whether each instance has to know those that are read with it (Django 6.1)."""
    return bool(getattr(getattr(queryset, "_fetch_mode", None), "track_peers", False))


def from_db_of(model: type[Model], queryset: QuerySet[Any]) -> Callable[..., Any]:
    """Return the ``from_db()`` of a model; from Django 6.1 on, it gets the fetch mode.

    Args:
        model: The model, which may have one of its own.
        queryset: What is read.
    """
    fetch_mode = getattr(queryset, "_fetch_mode", None)
    if fetch_mode is None:
        return model.from_db
    from django.db.models import query

    bind: Callable[..., Callable[..., Any]] = vars(query)["_get_from_db"]
    return bind(model, fetch_mode)


def leaves_deferred_keys() -> bool:
    """Whether known related objects are not set where the key is deferred (Django 6.1).

    Older versions ask the database for the key, once for each instance.
    """
    return DJANGO_VERSION >= (6, 1)


def plain_prefetches(queryset: Any) -> frozenset[str]:
    """Return the relations that a queryset prefetches as they are; all versions keep them alike."""
    lookups = queryset._prefetch_related_lookups
    plain = (
        getattr(lookup, "prefetch_through", lookup)
        for lookup in lookups
        if getattr(lookup, "queryset", None) is None and getattr(lookup, "to_attr", None) is None
    )
    changed = {
        lookup.prefetch_through
        for lookup in lookups
        if getattr(lookup, "queryset", None) is not None
    }
    return frozenset(plain) - changed


def prefetched_lookups(queryset: Any) -> frozenset[str]:
    """Return all relations that a queryset prefetches on the way, in whichever way."""
    paths: set[str] = set()
    for lookup in queryset._prefetch_related_lookups:
        names = str(getattr(lookup, "prefetch_through", lookup)).split("__")
        paths.update("__".join(names[: at + 1]) for at in range(len(names)))
    return frozenset(paths)


def allow_durable(connection: Any) -> None:
    """Let a durable block stand in the innermost ``atomic()``, which shall be rolled back.

    Django's own test cases tell their blocks so; there is no public way, and all versions have it.

    Args:
        connection: Django's connection, in a block.
    """
    connection.atomic_blocks[-1]._from_testcase = True
