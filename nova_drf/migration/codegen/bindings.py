"""The names that a piece of source code binds and uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import libcst as cst
import libcst.matchers as m
from libcst.helpers import ensure_type, get_absolute_module_from_package_for_import
from libcst.metadata import BuiltinAssignment, MetadataWrapper, ScopeProvider

from nova_drf.migration.codegen.names import Import

Node = TypeVar("Node", bound=cst.CSTNode)

_SIMPLE: m.MatchIfTrue[cst.CSTNode] = m.MatchIfTrue(
    lambda node: isinstance(node, cst.BaseSmallStatement)
)
_COMPOUND = m.ClassDef() | m.FunctionDef() | m.For() | m.While() | m.With()


def names_bound_by(statement: cst.CSTNode) -> set[str]:
    """Return the names that the imports and assignments in a statement bind, in any branch."""
    bound: set[str] = set()
    for node in m.findall(statement, m.Assign() | m.Import() | m.ImportFrom()):
        if isinstance(node, cst.Assign):
            targets = (target.target for target in node.targets)
            bound |= {target.value for target in targets if isinstance(target, cst.Name)}
        elif isinstance(node, (cst.Import, cst.ImportFrom)):
            aliases = () if isinstance(node.names, cst.ImportStar) else node.names
            bound |= {bound_by(alias) for alias in aliases}
    return bound


def only_binds(statement: cst.CSTNode) -> bool:
    """Whether an ``if`` or ``try`` holds imports and plain assignments, and nothing else."""
    binding = (cst.Import, cst.ImportFrom, cst.Assign)
    inside = m.findall(statement, _SIMPLE)
    return all(isinstance(node, binding) for node in inside) and not m.findall(statement, _COMPOUND)


def is_for_checkers(statement: cst.CSTNode) -> bool:
    """Whether a statement is ``if TYPE_CHECKING:``."""
    return m.matches(statement, m.If(test=_TYPE_CHECKING | m.Attribute(attr=_TYPE_CHECKING)))


_TYPE_CHECKING = m.Name("TYPE_CHECKING")


def imported_by(
    statement: cst.BaseSmallStatement, package: str | None = None
) -> Iterator[tuple[str, Import | None]]:
    """Yield what a statement imports, by the name that it gets.

    Args:
        statement: Any statement.
        package: Where its relative imports begin; they are ``None`` where that is not known.
    """
    if isinstance(statement, cst.Import):
        for alias in statement.names:
            yield bound_by(alias), Import(alias.evaluated_name, None)
    elif isinstance(statement, cst.ImportFrom) and not isinstance(statement.names, cst.ImportStar):
        module = get_absolute_module_from_package_for_import(package, statement)
        for alias in statement.names:
            yield bound_by(alias), Import(module, alias.evaluated_name) if module else None


def bound_by(alias: cst.ImportAlias) -> str:
    """Return the name that one part of an import binds."""
    return alias.evaluated_alias or alias.evaluated_name.partition(".")[0]


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
    """Return the names that a statement or an expression takes from around it.

    Those of Python itself are among them, since a file may have something else of that name.
    """
    return {*_free_names(_wrapped(node)).values()}


def renamed(node: Node, changes: Mapping[str, str]) -> Node:
    """Return code in which names from around it have other spellings."""
    wrapper = _wrapped(node)
    spelled = {
        name: changes[text] for name, text in _free_names(wrapper).items() if text in changes
    }
    changed = ensure_type(wrapper.module.visit(_Renamer(spelled)), cst.Module)
    result: cst.CSTNode = changed.body[0]
    if isinstance(node, cst.BaseExpression):
        line = ensure_type(result, cst.SimpleStatementLine)
        result = ensure_type(line.body[0], cst.Expr).value
    return ensure_type(result, type(node))


def _wrapped(node: cst.CSTNode) -> MetadataWrapper:
    """Return a module that has nothing but a statement or an expression in it."""
    if isinstance(node, cst.BaseExpression):
        node = cst.SimpleStatementLine([cst.Expr(node)])
    return MetadataWrapper(cst.Module([node]))  # type: ignore[list-item]  # all others are statements


def _free_names(wrapper: MetadataWrapper) -> dict[cst.Name, str]:
    """Return the names that code reads but does not bind, each where it stands."""
    scopes = {*wrapper.resolve(ScopeProvider).values()}
    free: dict[cst.Name, str] = {}
    for access in (access for scope in scopes if scope is not None for access in scope.accesses):
        first: cst.CSTNode = access.node
        while isinstance(first, cst.Attribute):
            first = first.value
        if not all(isinstance(referent, BuiltinAssignment) for referent in access.referents):
            continue
        if isinstance(first, cst.Name):
            free[first] = first.value
        elif isinstance(first, cst.SimpleString):
            # An annotation in quotes: its names have no places of their own.
            quoted = cst.parse_module(str(first.evaluated_value))
            free |= _free_names(MetadataWrapper(quoted))
    return free


class _Renamer(cst.CSTTransformer):
    """Gives some names another spelling."""

    def __init__(self, changes: Mapping[cst.Name, str]) -> None:
        self.changes = changes

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        spelling = self.changes.get(original_node)
        return updated_node if spelling is None else updated_node.with_changes(value=spelling)
