"""What is used of Django's queries without being documented: where it is, and that it is there."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Field, ForeignKey, QuerySet
from django.db.models.expressions import Col
from django.db.models.query import ModelIterable
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

import nova_drf
from nova_drf.core.compat import querysets
from nova_drf.core.compat.known_columns import IS_KNOWN
from tests.testapp.models import Author, Book

ROOM = Path(nova_drf.__file__).parent

PRIVATE = frozenset(
    (
        *("_iterable_class", "_result_cache", "_known_related_objects", "_fetch_mode"),
        *("_prefetch_related_lookups", "_filtered_relations", "deferred_loading"),
        *("klass_info", "alias_map", "table_map", "annotation_col_map"),
    )
)
"""Attributes that only ``core/compat`` may read."""

METHODS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (Query, "set_values", ("fields",)),
    (Query, "add_fields", ("field_names", "allow_m2m")),
    (Query, "setup_joins", ("names", "opts", "alias")),
    (Query, "trim_joins", ("targets", "joins", "path")),
    (Query, "set_select", ("cols",)),
    (Query, "get_initial_alias", ()),
    (Query, "get_compiler", ("using",)),
    (SQLCompiler, "get_select", ("with_col_aliases",)),
    (SQLCompiler, "execute_sql", ("chunked_fetch", "chunk_size")),
    (SQLCompiler, "results_iter", ("results",)),
    (SQLCompiler, "apply_converters", ("rows", "converters")),
    (SQLCompiler, "get_converters", ("expressions",)),
    (SQLCompiler, "has_composite_fields", ("expressions",)),
    (Field, "get_col", ("alias",)),
    (ForeignKey, "get_col", ("alias",)),
    (Field, "select_format", ("compiler", "sql", "params")),
    (Col, "as_sql", ("compiler", "connection")),
)


@pytest.mark.parametrize(("owner", "name", "arguments"), METHODS, ids=lambda value: str(value))
def test_methods_of_queries_are_called_as_they_can_be(
    owner: Any, name: str, arguments: tuple[str, ...]
) -> None:
    method = getattr(owner, name, None)
    assert method is not None, f"{owner.__name__}.{name} is gone: see nova_drf/core/compat"
    missing = set(arguments) - inspect.signature(method).parameters.keys()
    assert not missing, f"{owner.__name__}.{name} has no {missing}: see nova_drf/core/compat"


ATTRIBUTES = (
    *("default_cols", "select", "extra", "annotations", "combinator", "_filtered_relations"),
    *("external_aliases", "selected", "deferred_loading", "select_related", "alias_map"),
    *("table_map", "alias_cols", "group_by", "distinct", "select_for_update"),
)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_queries_have_the_attributes_that_are_read(name: str) -> None:
    assert hasattr(Book.objects.all().query, name), (
        f"Query.{name} is gone: see nova_drf/core/compat"
    )


def test_columns_are_only_remembered_for_versions_that_were_read() -> None:
    assert IS_KNOWN, "a Django that nobody has read: see nova_drf/core/compat/known_columns.py"


@pytest.mark.django_db
def test_querysets_say_what_they_do_and_have_done() -> None:
    author = Author.objects.create(name="Ada")
    queryset = author.books.all()
    assert querysets.iterable_of(queryset) is ModelIterable
    assert querysets.iterable_of(queryset.values("pk")) is not ModelIterable
    assert querysets.iterable_of([author]) is None
    assert not querysets.has_results(queryset)
    assert not list(queryset)
    assert querysets.has_results(queryset)
    ((field, objects),) = querysets.known_related_objects(queryset).items()
    assert (field.name, objects) == ("author", {author.pk: author})
    assert querysets.selects_all_columns(queryset.query)
    assert not querysets.selects_all_columns(queryset.only("pk").query)
    assert not querysets.selects_all_columns(queryset.defer("title").query)
    assert querysets.is_djangos_query(queryset.query)
    assert not querysets.is_djangos_query(type("Own", (Query,), {})(Book))


@pytest.mark.django_db
def test_a_queryset_gives_what_its_iterable_makes() -> None:
    class Lengths(ModelIterable):
        def __iter__(self) -> Iterator[Any]:
            return iter([connection.alias, type(self.queryset)])

    queryset = Book.objects.all()
    querysets.give_by(queryset, Lengths)
    assert list(queryset) == ["default", QuerySet]


def _reads(path: Path) -> set[str]:
    """Return what of the internals a module names."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    modules = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return (attributes | {text for text in texts if isinstance(text, str)}) & PRIVATE | {
        module for module in modules if module.startswith("django.db.models.sql")
    }


def test_only_compat_reads_what_is_private_in_queries() -> None:
    others = {
        str(path.relative_to(ROOM)): _reads(path)
        for path in ROOM.rglob("*.py")
        if path.parent != ROOM / "core/compat"
    }
    assert {name: names for name, names in others.items() if names} == {}
    assert _reads(ROOM / "core/compat/querysets.py") >= {"_result_cache", "deferred_loading"}
