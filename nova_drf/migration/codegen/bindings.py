"""The names that a piece of source code binds and uses."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from symtable import SymbolTable, symtable
from typing import Any, TypeVar

import libcst as cst
import libcst.matchers as m
from libcst.metadata import BuiltinAssignment, MetadataWrapper, ScopeProvider

from nova_drf.migration.codegen.names import Import, is_builtin

Node = TypeVar("Node", bound=cst.CSTNode)


def dotted(node: cst.BaseExpression) -> str:
    """Return ``a.b.c`` as text."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    assert isinstance(node, cst.Name)  # noqa: S101  # for type checkers
    return node.value


def blocks_of(statement: Any) -> Iterator[Any]:
    """Yield the statements inside of a compound statement, block by block."""
    if isinstance(statement, (cst.SimpleStatementLine, cst.BaseSmallStatement)):
        return
    yield getattr(statement.body, "body", ())
    for handler in getattr(statement, "handlers", ()):
        yield handler.body.body
    for name in ("orelse", "finalbody"):
        branch = getattr(statement, name, None)
        if isinstance(branch, cst.If):
            yield from blocks_of(branch)
        elif branch is not None:
            yield branch.body.body


def names_bound_by(statement: Any) -> set[str]:
    """Return the names that an ``if`` or ``try`` binds, in any of its branches."""
    found: set[str] = set()
    for block in blocks_of(statement):
        for line in block:
            for one in line.body:
                if isinstance(one, cst.Assign):
                    targets = (target.target for target in one.targets)
                    found |= {target.value for target in targets if isinstance(target, cst.Name)}
                elif not isinstance(one.names, cst.ImportStar):
                    found |= {bound_by(alias) for alias in one.names}
    return found


def imported_by(
    statement: cst.BaseSmallStatement, home: Callable[[cst.ImportFrom], str]
) -> Iterator[tuple[str, Import]]:
    """Yield what a statement imports, by the name that it gets.

    Args:
        statement: Any statement.
        home: Returns the dotted name of the module after ``from``.
    """
    if isinstance(statement, cst.Import):
        for alias in statement.names:
            module, name = dotted(alias.name), alias.evaluated_alias
            yield (name or module.partition(".")[0]), Import(module, None)
    elif isinstance(statement, cst.ImportFrom) and not isinstance(statement.names, cst.ImportStar):
        for alias in statement.names:
            attribute = dotted(alias.name)
            yield alias.evaluated_alias or attribute, Import(home(statement), attribute)


def bound_by(alias: cst.ImportAlias) -> str:
    """Return the name that one part of an import binds."""
    return alias.evaluated_alias or dotted(alias.name).partition(".")[0]


_NUMBER = m.Integer() | m.Float()
_CONSTANT = (
    m.SimpleString()
    | _NUMBER
    | m.UnaryOperation(m.Minus(), _NUMBER)
    | m.Name("True")
    | m.Name("False")
    | m.Name("None")
)


def is_constant(expression: cst.CSTNode) -> bool:
    """Whether an expression is a literal: a text, a number, ``True``, ``False`` or ``None``."""
    return m.matches(expression, _CONSTANT)


def names_outside(node: cst.CSTNode) -> set[str]:
    """Return the names that a statement or an expression takes from the file around it."""
    code = cst.Module([]).code_for_node(node)
    if isinstance(node, cst.BaseExpression):
        code = f"({code}\n)"
    elif isinstance(node, (cst.BaseCompoundStatement, cst.SimpleStatementLine)):
        code = cst.Module([node]).code
    return {name for name in _free(code) if not is_builtin(name)}


def _free(code: str) -> set[str]:
    table = symtable(code, "", "exec")
    bound = {one.get_name() for one in table.get_symbols() if one.is_assigned()}
    found = {one.get_name() for one in table.get_symbols() if one.is_referenced()}
    for inner in _inner(table):
        found |= {one.get_name() for one in inner.get_symbols() if one.is_global()}
    for node in ast.walk(ast.parse(code)):
        for said in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            found |= _quoted(said)
    return found - bound


def _inner(table: SymbolTable) -> Iterator[SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inner(child)


def _quoted(annotation: Any) -> set[str]:
    """Return the names in the texts inside of an annotation, which may be others in quotes."""
    if annotation is None:
        return set()
    texts = [
        node.value
        for node in ast.walk(annotation)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    with suppress(SyntaxError):
        return {name for text in texts for name in _free(text)}
    return set()


def renamed(node: Node, changes: Mapping[str, str]) -> Node:
    """Return code in which names of the file around it have other spellings."""
    statement: Any = node
    is_expression = isinstance(statement, cst.BaseExpression)
    if is_expression:
        statement = cst.SimpleStatementLine([cst.Expr(statement)])
    wrapper = MetadataWrapper(cst.Module([statement]))
    spelled: dict[cst.CSTNode, str] = {}
    scopes = {*wrapper.resolve(ScopeProvider).values()}
    for access in (one for scope in scopes if scope is not None for one in scope.accesses):
        first: Any = access.node
        while isinstance(first, cst.Attribute):
            first = first.value
        is_free = all(isinstance(one, BuiltinAssignment) for one in access.referents)
        if is_free and isinstance(first, cst.Name) and first.value in changes:
            spelled[first] = changes[first.value]
    changed: Any = wrapper.module.visit(_Renamer(spelled))
    found = changed.body[0]
    return found.body[0].value if is_expression else found  # type: ignore[no-any-return]


class _Renamer(cst.CSTTransformer):
    """Gives some names another spelling."""

    def __init__(self, changes: Mapping[cst.CSTNode, str]) -> None:
        self.changes = changes

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        wanted = self.changes.get(original_node)
        return updated_node if wanted is None else updated_node.with_changes(value=wanted)
