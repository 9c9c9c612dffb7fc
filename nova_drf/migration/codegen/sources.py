"""The source code of the project's own modules: classes, imports and their guards."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import resolve_name
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import libcst as cst

from nova_drf.migration.codegen.bindings import (
    blocks_of,
    dotted,
    imported_by,
    is_constant,
    names_bound_by,
    names_outside,
    renamed,
)
from nova_drf.migration.codegen.names import Import, Names

Node = TypeVar("Node", bound=cst.CSTNode)


@dataclass(frozen=True)
class Place:
    """Where the body of a class stands.

    Attributes:
        source: The module.
        node: The body.
        within: The names of the classes and functions around it, from outside.
    """

    source: SourceModule
    node: cst.ClassDef
    within: tuple[str, ...] = ()


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

    # Imports

    @cached_property
    def imports(self) -> Mapping[str, Import]:
        """What the module imports in any case, by the name that it gets there."""
        return {
            name: found
            for line in self.tree.body
            if isinstance(line, cst.SimpleStatementLine)
            for statement in line.body
            for name, found in imported_by(statement, self._home)
        }

    @cached_property
    def guards(self) -> Mapping[str, cst.BaseCompoundStatement]:
        """The ``if`` and ``try`` statements that do nothing but bind names, by those names."""
        return {
            name: statement
            for statement in self.tree.body
            if isinstance(statement, (cst.If, cst.Try)) and _only_binds(statement)
            for name in names_bound_by(statement)
        }

    def _home(self, statement: cst.ImportFrom) -> str:
        named = dotted(statement.module) if statement.module is not None else ""
        dots = "." * len(statement.relative)
        package = str(getattr(self.module, "__package__", "") or self.name)
        return resolve_name(f"{dots}{named}", package) if dots else named

    @cached_property
    def postponed(self) -> bool:
        """Whether annotations are no more than texts here."""
        return self.imports.get("annotations") == Import("__future__", "annotations")

    # Classes

    def place(self, cls: type) -> Place | None:
        """Return where the body of a class stands, if only one there can be it."""
        found = self._called(cls)
        if len(found) > 1:
            found = [one for one in found if _is_body_of(one.node, cls)]
        return found[0] if len(found) == 1 else None

    def is_conditional(self, cls: type) -> bool:
        """Whether there are several classes of a name, of which settings, say, choose one."""
        return len(self._called(cls)) > 1

    def _called(self, cls: type) -> list[Place]:
        return self._places.get(cls.__qualname__.replace(".<locals>", ""), [])

    @cached_property
    def _places(self) -> Mapping[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for within, node in _classes(self.tree.body, ()):
            path = ".".join((*within, node.name.value))
            found.setdefault(path, []).append(Place(self, node, within))
        return found

    def line_of(self, cls: type) -> int:
        """Return the line in which a class begins; 1 if it is not found."""
        return self._lines.get(cls.__qualname__.replace(".<locals>", ""), 1)

    @cached_property
    def _lines(self) -> Mapping[str, int]:
        return dict(_lines(ast.parse(self.text), ""))

    # Code for another file

    def moved(self, node: Node, names: Names) -> Node:
        """Return code of this module for another file, with its names as they are there.

        Args:
            node: A statement or an expression.
            names: The names of that file; what the code needs is added to its imports.
        """
        if names.module == self.name or is_constant(node):
            return node
        found = {name: self._name_elsewhere(name, names) for name in names_outside(node)}
        changes = {name: one for name, one in found.items() if one is not None and one != name}
        return renamed(node, changes) if changes else node

    def _name_elsewhere(self, name: str, names: Names) -> str | None:
        """Return what a global of this module is called in another file; ``None`` if the same."""
        value = vars(self.module).get(name)
        if isinstance(value, type) and value in names.renamed:
            return names.renamed[value]
        if name in names.bound and value is not None and names.bound[name] is value:
            return None
        imported = self.imports.get(name)
        if imported is not None and imported.attribute is not None:
            return names.use(imported.module, imported.attribute, name)
        if imported is not None:
            is_plain = name == imported.module.partition(".")[0]
            return names.use(imported.module, None, None if is_plain else name).partition(".")[0]
        if name in self.guards and self._is_guarded_alike(self.guards[name], names):
            return None
        return names.use(self.name, name) if name in vars(self.module) else None

    def _is_guarded_alike(self, guard: Any, names: Names) -> bool:
        """Whether another file can have the same ``if`` or ``try`` for its imports."""
        bound = names_bound_by(guard)
        code = cst.Module([guard.with_changes(leading_lines=())]).code
        if code not in names.guarded:
            if any(names.is_taken(name) for name in bound):
                return False
            moved = self._guard_moved(guard, bound, names)
            names.guarded[code] = cst.Module([moved]).code.strip("\n")
            names.of_guards.update({name: vars(self.module).get(name) for name in bound})
        return True

    def _guard_moved(self, guard: Any, bound: set[str], names: Names) -> Any:
        for name in names_outside(guard):
            if name not in bound:
                self._name_elsewhere(name, names)
        return guard.visit(_Absolute(self._home)).with_changes(leading_lines=())


def source_of(cls: type) -> SourceModule | None:
    """Return the module that defines a class, if its source code is there."""
    module = sys.modules.get(cls.__module__)
    return None if module is None else _source_module(module)


def place_of(cls: type) -> Place | None:
    """Return where the body of a class stands, if that is there."""
    source = source_of(cls)
    return None if source is None else source.place(cls)


@cache
def _source_module(module: ModuleType) -> SourceModule | None:
    try:
        return SourceModule(module)
    except (OSError, TypeError, UnicodeDecodeError, cst.ParserSyntaxError):
        return None


def forget_sources() -> None:
    """Read all files anew when they are asked for next: they have been changed."""
    _source_module.cache_clear()


def _classes(body: Any, within: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], cst.ClassDef]]:
    """Yield all class statements, those in classes, functions, ``if`` and ``try`` included."""
    for statement in body:
        if isinstance(statement, cst.ClassDef):
            yield within, statement
        inner = within
        if isinstance(statement, (cst.ClassDef, cst.FunctionDef)):
            inner = (*within, statement.name.value)
        for block in blocks_of(statement):
            yield from _classes(block, inner)


def _is_body_of(node: cst.ClassDef, cls: Any) -> bool:
    """Whether a class may have been made by this of several statements."""
    declared: Mapping[str, object] = getattr(cls, "_declared_fields", {})
    inherited = [getattr(base, "_declared_fields", {}) for base in cls.__mro__[1:]]
    own = {
        name
        for name, field in declared.items()
        if not any(one.get(name) is field for one in inherited)
    }
    bound: set[str] = set()
    for statement in node.body.body:
        if isinstance(statement, (cst.ClassDef, cst.FunctionDef)):
            bound.add(statement.name.value)
        elif isinstance(statement, cst.SimpleStatementLine):
            bound |= {
                target.target.value
                for one in statement.body
                if isinstance(one, cst.Assign)
                for target in one.targets
                if isinstance(target.target, cst.Name)
            }
    return own <= bound <= {*vars(cls), *own}


def _lines(node: ast.AST, path: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        inner = path
        if isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = f"{path}.{child.name}" if path else child.name
            yield inner, child.lineno
        if isinstance(child, ast.stmt | ast.excepthandler):
            yield from _lines(child, inner)


# Imports under a guard


def _only_binds(statement: object) -> bool:
    """Whether an ``if`` or ``try`` holds imports and plain assignments, and nothing else."""
    lines = [line for block in blocks_of(statement) for line in block]
    return all(
        isinstance(line, cst.SimpleStatementLine)
        and all(isinstance(one, (cst.Import, cst.ImportFrom, cst.Assign)) for one in line.body)
        for line in lines
    )


class _Absolute(cst.CSTTransformer):
    """Writes relative imports out, since they would mean something else in another package."""

    def __init__(self, home: Any) -> None:
        self.home = home

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom:
        if not original_node.relative:
            return updated_node
        module: Any = cst.parse_expression(self.home(original_node))
        return updated_node.with_changes(module=module, relative=())


# Names
