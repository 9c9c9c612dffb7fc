"""Expressions on one line, and comments on as many as they need."""

from __future__ import annotations

import textwrap
from typing import Any

import libcst as cst


def one_line(expression: cst.BaseExpression) -> str:
    """Return an expression's code, on one line where it has no comments in it."""
    code = cst.Module([]).code_for_node(expression)
    if "\n" not in code or "#" in code or '"""' in code:
        return code
    joined = expression.visit(_Joined())
    assert isinstance(joined, cst.BaseExpression)  # noqa: S101  # for type checkers
    return cst.Module([]).code_for_node(joined)


class _Joined(cst.CSTTransformer):
    """Takes the line breaks inside of brackets away, and the commas before the closing ones."""

    def leave_ParenthesizedWhitespace(
        self, original_node: object, updated_node: object
    ) -> cst.SimpleWhitespace:
        return cst.SimpleWhitespace("")

    def leave_Comma(self, original_node: cst.Comma, updated_node: cst.Comma) -> cst.Comma:
        return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))

    def leave_BinaryOperation(self, original_node: object, updated_node: Any) -> Any:
        operator = updated_node.operator
        space = cst.SimpleWhitespace(" ")
        spaced = operator.with_changes(whitespace_before=space, whitespace_after=space)
        return updated_node.with_changes(operator=spaced)

    def leave_ConcatenatedString(self, original_node: object, updated_node: Any) -> Any:
        return updated_node.with_changes(whitespace_between=cst.SimpleWhitespace(" "))

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        return updated_node.with_changes(args=_without_last_comma(updated_node.args))

    def leave_List(self, original_node: cst.List, updated_node: cst.List) -> cst.List:
        return updated_node.with_changes(elements=_without_last_comma(updated_node.elements))

    def leave_Dict(self, original_node: cst.Dict, updated_node: cst.Dict) -> cst.Dict:
        return updated_node.with_changes(elements=_without_last_comma(updated_node.elements))

    def leave_Tuple(self, original_node: cst.Tuple, updated_node: cst.Tuple) -> cst.Tuple:
        if len(updated_node.elements) < 2:
            return updated_node
        return updated_node.with_changes(elements=_without_last_comma(updated_node.elements))


def _without_last_comma(elements: Any) -> Any:
    if not elements:
        return elements
    return [*elements[:-1], elements[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]


def note(text: str, width: int, indent: str = "") -> list[str]:
    """Return a comment that says what could not be written as a type, and why."""
    return textwrap.wrap(
        text,
        max(width, 60),
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
