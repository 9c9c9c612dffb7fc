"""JSON text of printed columns is what ``json.dumps`` makes of the dictionaries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.compat import LONG_SEPARATORS, SHORT_SEPARATORS
from rest_framework.utils import encoders

from nova_drf.representation.json_text import JSONStyle, NotPlainJSON
from nova_drf.representation.row_plans import PrintedLists, PrintedObjects

STYLES = [
    JSONStyle(encoders.JSONEncoder, ensure_ascii, allow_nan, separators)
    for ensure_ascii in (False, True)
    for allow_nan in (False, True)
    for separators in (SHORT_SEPARATORS, LONG_SEPARATORS)
]
IDS = [f"{style.ensure_ascii}-{style.allow_nan}-{style.separators}" for style in STYLES]

TEXTS = st.text() | st.sampled_from(
    ["", "plain", '"', "\\", "a\x7fb", "é", "\u2028", "\xa0", "\ud800", "\x00", "%s {} %", "\n"]
)
VALUES = [
    TEXTS,
    st.integers(),
    st.booleans(),
    st.floats(),
    st.none(),
    st.lists(st.none() | st.integers() | TEXTS, max_size=2),
    st.dictionaries(TEXTS, st.integers(), max_size=2),
]


@st.composite
def columns(draw: st.DrawFn, size: int) -> list[Any]:
    values = draw(st.sampled_from(VALUES))
    if draw(st.booleans()):
        values = st.none() | values
    column = draw(st.lists(values, min_size=size, max_size=size))
    return draw(st.sampled_from([column, tuple(column)]))


@st.composite
def objects(draw: st.DrawFn, size: int, depth: int = 2) -> PrintedObjects:
    names = draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True))
    kinds: list[Any] = [columns(size)]
    if depth:
        kinds += [objects(size, depth - 1), lists(size, depth - 1)]
    members = [draw(st.one_of(*kinds)) for _ in names]
    missing = draw(st.none() | st.lists(st.booleans(), min_size=size, max_size=size))
    return PrintedObjects(names, members, missing)


@st.composite
def lists(draw: st.DrawFn, size: int, depth: int) -> PrintedLists:
    sizes = draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
    number = sum(sizes)
    return PrintedLists(draw(objects(number, depth)) if number else None, sizes)


@pytest.mark.parametrize("style", STYLES, ids=IDS)
@given(data=st.data())
def test_the_text_is_that_of_json_dumps(style: JSONStyle, data: st.DataObject) -> None:
    printed = data.draw(objects(data.draw(st.integers(1, 4))))
    try:
        text = style.members(printed)
    except NotPlainJSON:
        return
    expected = style.encode(printed.dictionaries())
    assert f"[{text}]" == expected


def test_what_is_plain_is_written() -> None:
    printed = PrintedObjects(
        ["a", "b%"],
        [("x", "y"), PrintedObjects(["c", "d"], [[1, None], [True, False]], [False, True])],
        None,
    )
    assert STYLES[0].members(printed) == ('{"a":"x","b%":{"c":1,"d":true}},{"a":"y","b%":null}')


@pytest.mark.parametrize("column", [[1, "a"], [1.0, float("nan")], [object()], [float("inf")]])
def test_what_is_not_is_left_to_json_dumps(column: list[Any]) -> None:
    with pytest.raises(NotPlainJSON):
        STYLES[0].members(PrintedObjects(["a"], [column], None))


def test_what_is_read_back_is_the_same() -> None:
    style = JSONStyle(encoders.JSONEncoder, False, False, SHORT_SEPARATORS, reads_back=True)
    printed = PrintedObjects(["a"], [["é", "\u2028"]], None)
    assert json.loads(f"[{style.members(printed)}]") == printed.dictionaries()
