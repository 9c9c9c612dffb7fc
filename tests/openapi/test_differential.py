"""A classic serializer and ours, drawn from one description, make the same document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.shape import Kind, TypeShape
from nova_drf.serializers.schema_serializer import nested_serializer_class
from tests.openapi.documents import DIALECTS, Dialect, dialect_name, drafted, endpoints, warned
from tests.strategies import Described, Pair, described, pairs

UNLIKE = ("mixed", "plain")
"""drf-spectacular cannot sort choices of two types, and a form labels a plain Enum's members."""


def documentable() -> st.SearchStrategy[Described]:
    return described().filter(lambda value: not any(name in value.name for name in UNLIKE))


def give_names(classic: Any, ours: Any, name: str) -> None:
    """Call both sides' serializers the same, and differently from all others."""
    classic.__name__ = ours.__name__ = f"{name}Serializer"
    fields = shape_of(ours.get_definition().request.schema).fields
    for at, (key, field) in enumerate(classic._declared_fields.items()):
        _give_names_inside(field, fields[key].type, f"{name}{at}")


def _give_names_inside(field: Any, type_: TypeShape, name: str) -> None:
    if type_.kind is Kind.SCHEMA and type_.schema is not None:
        give_names(type(field), nested_serializer_class(type_.schema), name)
    elif type_.item is not None and getattr(field, "child", None) is not None:
        _give_names_inside(field.child, type_.item, name)


@pytest.mark.parametrize("dialect", DIALECTS, ids=dialect_name)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(pair=pairs(documentable()))
def test_the_same_contract_makes_the_same_document(dialect: Dialect, pair: Pair) -> None:
    give_names(pair.classic, pair.ours, "Drawn")
    with dialect.chosen(), GENERATOR_STATS.silence():
        ours, our_warnings = documented(pair.ours), warned()
        classic, its_warnings = documented(pair.classic), warned()
    assert json.dumps(ours, default=repr) == json.dumps(classic, default=repr)
    assert our_warnings == its_warnings


def documented(serializer_class: Any) -> Any:
    """Return a document, or the error that drf-spectacular makes of it.

    It has none for a dictionary of objects that have no field for requests.
    """
    try:
        return drafted(endpoints(drawn=serializer_class))
    except AttributeError as error:
        return repr(error)
