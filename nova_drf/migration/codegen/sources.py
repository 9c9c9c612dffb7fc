"""The source code of the project's own modules: classes, fields, imports, free names."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.util import resolve_name
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import BuiltinAssignment, MetadataWrapper, ScopeProvider

from nova_drf.migration.codegen.names import Import, Names, is_builtin

Node = TypeVar("Node", bound=cst.CSTNode)


class SourceModule:
    """A module that is there, with its source code.

    Args:
        module: The module.
    """

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        file = inspect.getsourcefile(module)
        if file is None:
            raise OSError(f"{module.__name__} has no source file")
        self.path = Path(file)
        self.tree = cst.parse_module(self.path.read_bytes())
        self.text = self.tree.code

    @property
    def name(self) -> str:
        """The module's dotted name."""
        return self.module.__name__

    @cached_property
    def imports(self) -> Mapping[str, Import]:
        """What the module imports, by the name that it gets there."""
        return {
            name: found
            for statement in _module_level(self.tree.body)
            for name, found in self._imported(statement)
        }

    def _imported(self, statement: cst.BaseSmallStatement) -> Iterator[tuple[str, Import]]:
        if isinstance(statement, cst.Import):
            for alias in statement.names:
                module, name = dotted(alias.name), alias.evaluated_alias
                yield (name or module.partition(".")[0]), Import(module, None)
        elif isinstance(statement, cst.ImportFrom) and not isinstance(
            statement.names, cst.ImportStar
        ):
            home = self._home(statement)
            for alias in statement.names:
                attribute = dotted(alias.name)
                yield alias.evaluated_alias or attribute, Import(home, attribute)

    def _home(self, statement: cst.ImportFrom) -> str:
        named = dotted(statement.module) if statement.module is not None else ""
        dots = "." * len(statement.relative)
        package = str(getattr(self.module, "__package__", "") or self.name)
        return resolve_name(f"{dots}{named}", package) if dots else named

    def class_def(self, cls: type) -> cst.ClassDef | None:
        """Return the body of a class at the top of the module, if there is just one of the name."""
        found = [
            node
            for node in self.tree.body
            if isinstance(node, cst.ClassDef) and node.name.value == cls.__qualname__
        ]
        return found[0] if len(found) == 1 else None

    @cached_property
    def postponed(self) -> bool:
        """Whether annotations are no more than texts here."""
        return self.imports.get("annotations") == Import("__future__", "annotations")

    def moved(self, node: Node, names: Names) -> Node:
        """Return code of this module for another file, with its names as they are there.

        Args:
            node: A statement or an expression.
            names: The names of that file; what the code needs is added to its imports.
        """
        wrapper = MetadataWrapper(_alone(node))
        changes: dict[cst.CSTNode, str] = {}
        for name in free_names(wrapper):
            wanted = self._name_elsewhere(name.value, names)
            if wanted is not None and wanted != name.value:
                changes[name] = wanted
        changed = wrapper.module.visit(_Renamer(changes))
        assert isinstance(changed, cst.Module)  # noqa: S101  # for type checkers
        return _inside(changed, node)

    def _name_elsewhere(self, name: str, names: Names) -> str | None:
        """Return what a global of this module is called in another file; ``None`` if the same."""
        value = vars(self.module).get(name)
        if isinstance(value, type) and value in names.renamed:
            return names.renamed[value]
        if names.module == self.name and name in names.bound:
            return None
        given = self.imports.get(name)
        if given is None:
            return None if name not in vars(self.module) else names.use(self.name, name)
        if given.attribute is None and name == given.module.partition(".")[0]:
            names.use(given.module, None)
            return None
        return names.use(given.module, given.attribute, name)

    def value_of(self, expression: cst.BaseExpression) -> object:
        """Return what an expression at the top of the module stands for; raises what it raises."""
        return eval(self.tree.code_for_node(expression), dict(vars(self.module)))  # noqa: S307  # the project's own module


def source_of(cls: type) -> SourceModule | None:
    """Return the module that defines a class, if its source code is there."""
    module = sys.modules.get(cls.__module__)
    return None if module is None else _source_module(module)


@cache
def _source_module(module: ModuleType) -> SourceModule | None:
    try:
        return SourceModule(module)
    except (OSError, TypeError, cst.ParserSyntaxError):
        return None


def forget_sources() -> None:
    """Read all files anew when they are asked for next: they have been changed."""
    _source_module.cache_clear()


def dotted(node: cst.BaseExpression | cst.Name | cst.Attribute) -> str:
    """Return ``a.b.c`` as text."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    assert isinstance(node, cst.Name)  # noqa: S101  # for type checkers
    return node.value


def _module_level(body: Any) -> Iterator[cst.BaseSmallStatement]:
    """Yield the simple statements of a module, those under ``if`` and ``try`` included."""
    for statement in body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        elif isinstance(statement, (cst.If, cst.Try)):
            yield from _module_level(statement.body.body)
            if isinstance(statement, cst.Try):
                for handler in statement.handlers:
                    yield from _module_level(handler.body.body)
            elif isinstance(statement.orelse, cst.Else):
                yield from _module_level(statement.orelse.body.body)


# Code taken out of its module


def _alone(node: cst.CSTNode) -> cst.Module:
    if isinstance(node, cst.BaseExpression):
        return cst.Module([cst.SimpleStatementLine([cst.Expr(node)])])
    assert isinstance(node, (cst.BaseCompoundStatement, cst.SimpleStatementLine))  # noqa: S101  # for type checkers
    return cst.Module([node])


def _inside(module: cst.Module, like: Node) -> Node:
    found: Any = module.body[0]
    if isinstance(like, cst.BaseExpression):
        found = found.body[0].value
    return found  # type: ignore[no-any-return]


def free_names(wrapper: MetadataWrapper) -> list[cst.Name]:
    """Return the names that a piece of code takes from the file around it."""
    found: list[cst.Name] = []
    scopes = {*wrapper.resolve(ScopeProvider).values()}
    for access in (one for scope in scopes if scope is not None for one in scope.accesses):
        if all(isinstance(one, BuiltinAssignment) for one in access.referents):
            found.extend(_first(access.node))
    return [name for name in found if not is_builtin(name.value)]


def names_outside(code: cst.CSTNode) -> set[str]:
    """Return what :func:`free_names` finds in a statement, an expression or a module."""
    module = code if isinstance(code, cst.Module) else _alone(code)
    return {name.value for name in free_names(MetadataWrapper(module))}


def _first(node: object) -> Iterator[cst.Name]:
    while isinstance(node, cst.Attribute):
        node = node.value
    if isinstance(node, cst.Name):
        yield node
    elif isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        # An annotation in quotes.
        text = cst.parse_expression(str(node.evaluated_value))
        yield from free_names(MetadataWrapper(_alone(text)))


class _Renamer(cst.CSTTransformer):
    """Gives some names another spelling."""

    def __init__(self, changes: Mapping[cst.CSTNode, str]) -> None:
        self.changes = changes

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        wanted = self.changes.get(original_node)
        return updated_node if wanted is None else updated_node.with_changes(value=wanted)
