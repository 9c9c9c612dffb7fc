"""Nothing that is sent makes a serializer raise anything but DRF's own exceptions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, create_model
from rest_framework.exceptions import ErrorDetail
from rest_framework.renderers import JSONRenderer

from nova_drf import Schema
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema
from tests.oracle import CRASHED, error_tree, outcome
from tests.schemas.test_drf_semantics import ACCEPTED, Node
from tests.strategies import JSON_VALUES, NONSENSE, NONSENSE_VALUES, form_of

# Python itself warns of it, when it takes true for an address of a network.
pytestmark = pytest.mark.filterwarnings("ignore:__int__ returned non-int:DeprecationWarning")

BASES = (Schema, BaseModel)


def _nested(levels: int, inner: Any, wrap: Callable[[Any], Any]) -> Any:
    for _ in range(levels):
        inner = wrap(inner)
    return inner


def _cyclic_list() -> Any:
    items: list[Any] = []
    items.append(items)
    return items


def _cyclic_dictionary() -> Any:
    items: dict[Any, Any] = {"kind": "cat", "name": "x"}
    items |= {"parent": items, "children": [items], "a": items, "v": items}
    return items


class Rude:
    """An object that fails at everything that may be asked of it."""

    def __str__(self) -> str:
        raise ValueError("no text")

    def __eq__(self, other: object) -> bool:
        raise ValueError("no comparison")

    __hash__ = None

    def __iter__(self) -> Any:
        raise ValueError("no items")

    def __len__(self) -> int:
        raise ValueError("no length")


STRUCTURES: tuple[Any, ...] = (
    _cyclic_list(),
    _cyclic_dictionary(),
    _nested(5000, 1, lambda inner: [inner]),
    _nested(5000, 1, lambda inner: {"a": inner}),
    _nested(300, {"name": "x"}, lambda inner: {"name": "x", "parent": inner}),
    _nested(300, {"name": []}, lambda inner: {"name": "x", "children": [inner]}),
    {1: 2, None: 3, (1, 2): 4},
    {"\ud800": "\ud800", "\x00": "\x00"},
    [float("nan"), float("inf"), 10**400],
    "\ud800" * 10,
    "9" * 10000,
    "1" + "0" * 400,
    "1e999999999",
    "-1e-999999999",
    10**4000,
    -(10**400),
    range(3),
    memoryview(b"abc"),
    bytearray(b"\xff"),
    b"\xff\xfe",
    iter([1, 2]),
    {"kind": {"kind": []}},
    {"kind": ["cat"]},
    {"kind": float("nan")},
    {"version": 10**400},
)

HOSTILE = st.sampled_from((*STRUCTURES, *NONSENSE_VALUES)) | NONSENSE | JSON_VALUES


@cache
def serializer_class(name: str, base: type[BaseModel]) -> type[SchemaSerializer[Any]]:
    """Return the serializer of one value of one of the types in the table of types."""
    return serializer_from_schema(create_model("One", __base__=base, v=(ACCEPTED[name][0], ...)))


def answered(cls: type[SchemaSerializer[Any]], data: Any, **arguments: Any) -> None:
    """Check that a serializer accepts or refuses, and that the refusal can be sent."""
    result = outcome(cls, data, **arguments)
    assert result.verdict != CRASHED, result
    if result.verdict == "invalid":
        serializer = cls(data=data, **arguments)
        serializer.is_valid()
        error_tree(serializer.errors)
        assert JSONRenderer().render(serializer.errors)


@given(st.sampled_from(sorted(ACCEPTED)), st.sampled_from(BASES), HOSTILE)
def test_any_value_is_answered(name: str, base: type[BaseModel], value: Any) -> None:
    answered(serializer_class(name, base), {"v": value})


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_every_hostile_structure_is_answered(name: str, base: type[BaseModel]) -> None:
    cls = serializer_class(name, base)
    for value in STRUCTURES:
        answered(cls, {"v": value})
        answered(cls, {"v": [value]})
        answered(cls, {"v": {"a": value, "kind": "cat"}})


@given(st.sampled_from(sorted(ACCEPTED)), st.sampled_from(BASES), HOSTILE, st.booleans())
@example("text in a union", Schema, [], False)
def test_any_body_is_answered(name: str, base: type[BaseModel], body: Any, partial: bool) -> None:
    cls = serializer_class(name, base)
    answered(cls, body, partial=partial)
    answered(cls, body, partial=partial, many=True)
    answered(cls, [body, {"v": body}], partial=partial, many=True)


@given(
    st.sampled_from(sorted(ACCEPTED)),
    st.sampled_from(BASES),
    st.dictionaries(
        st.sampled_from(("v", "v[0]", "v.a", "v[0]a", "v[0][1]", "v.kind", "[0]v")),
        st.text(max_size=5) | st.sampled_from(("\ud800", "\x00", "[", "1e999999999", "9" * 5000)),
    ),
)
def test_any_form_is_answered(name: str, base: type[BaseModel], form: dict[str, str]) -> None:
    cls = serializer_class(name, base)
    answered(cls, form_of(form))
    answered(cls, form_of(form), many=True)


def test_a_payload_that_is_nested_too_deep_is_refused_as_a_whole() -> None:
    def parents(levels: int) -> Any:
        return _nested(levels, {"name": []}, lambda inner: {"name": "x", "parent": inner})

    cls = serializer_from_schema(Node)
    shallow, deep = cls(data=parents(20)), cls(data=parents(20_000))
    assert not shallow.is_valid()
    assert not deep.is_valid()
    assert list(shallow.errors) == ["parent"]
    (error,) = _leaves(deep.errors)
    assert error.code == "invalid"


def _leaves(detail: Any) -> list[ErrorDetail]:
    if isinstance(detail, dict):
        return [leaf for value in detail.values() for leaf in _leaves(value)]
    if isinstance(detail, list):
        return [leaf for value in detail for leaf in _leaves(value)]
    return [detail]
