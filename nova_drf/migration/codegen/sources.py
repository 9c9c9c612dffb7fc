"""The source code of the project's own modules: classes, imports and their guards."""

from __future__ import annotations

import ast
import inspect
import sys
from ast import literal_eval
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import CodeType, ModuleType
from typing import TypeVar

import libcst as cst
import libcst.matchers as m
from libcst.helpers import ensure_type, get_absolute_module_from_package_for_import
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.bindings import (
    imported_by,
    is_constant,
    is_for_checkers,
    names_bound_by,
    names_outside,
    only_binds,
    renamed,
)
from nova_drf.migration.codegen.bodies import (
    assigned_value,
    declarations,
    meta_of,
    names_bound,
    spread,
)
from nova_drf.migration.codegen.formatting import one_line
from nova_drf.migration.codegen.imports import without_imports
from nova_drf.migration.codegen.names import Import, Names

Node = TypeVar("Node", bound=cst.CSTNode)


@dataclass(frozen=True)
class Place:
    """Where the body of a class stands.

    Attributes:
        source: The module.
        node: The class statement.
        blocks: The bodies of classes, functions, conditions and the like around it, from outside.
    """

    source: SourceModule
    node: cst.ClassDef
    blocks: tuple[cst.IndentedBlock, ...] = ()

    @cached_property
    def body(self) -> cst.ClassDef:
        """The class statement, with each statement of its body on a line of its own."""
        return spread(self.node)

    def is_in_reach_of(self, other: Place) -> bool:
        """Whether what is defined beside it is there wherever the other one is."""
        return self.blocks == other.blocks[: len(self.blocks)]


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
        self.package = str(getattr(module, "__package__", "") or module.__name__)
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
            name: target
            for line in self.tree.body
            if isinstance(line, cst.SimpleStatementLine)
            for statement in line.body
            for name, target in imported_by(statement, self.package)
            if target is not None
        }

    @cached_property
    def for_checkers(self) -> Mapping[str, Import]:
        """What it imports for type checkers only."""
        return {
            name: target
            for statement in self.tree.body
            if is_for_checkers(statement)
            for part in m.findall(statement, m.Import() | m.ImportFrom())
            if isinstance(part, (cst.Import, cst.ImportFrom))
            for name, target in imported_by(part, self.package)
            if target is not None
        }

    @cached_property
    def starred(self) -> frozenset[str]:
        """The names that stand nowhere in the module, and came by ``import *``."""
        has_stars = "import *" in self.text
        return frozenset(vars(self.module).keys() - _names_in(self.text) if has_stars else ())

    @cached_property
    def guards(self) -> Mapping[str, cst.If | cst.Try]:
        """The ``if`` and ``try`` statements that do nothing but bind names, by those names."""
        return {
            name: statement
            for statement in self.tree.body
            if isinstance(statement, (cst.If, cst.Try)) and only_binds(statement)
            for name in names_bound_by(statement)
        }

    @cached_property
    def postponed(self) -> bool:
        """Whether annotations are no more than texts here."""
        return self.imports.get("annotations") == Import("__future__", "annotations")

    # Classes

    def place(self, cls: type) -> Place | None:
        """Return where the body of a class stands, if only one there can be it."""
        places = self._called(cls)
        if len(places) > 1:
            places = [place for place in places if self._may_be_body_of(place, cls)]
        if len(places) > 1:
            unlike = [_unlike(place.body, cls) for place in places]
            places = [
                place for place, count in zip(places, unlike, strict=True) if count == min(unlike)
            ]
        return places[0] if len(places) == 1 else None

    def is_conditional(self, cls: type) -> bool:
        """Whether there are several classes of a name, of which settings, say, choose one."""
        return len(self._called(cls)) > 1

    def line_of(self, cls: type) -> int:
        """Return the line in which a class begins; 1 if it is not found."""
        places = self._called(cls)
        return self._positions[places[0].node.name].start.line if places else 1

    def _called(self, cls: type) -> list[Place]:
        return self._places.get(cls.__qualname__.replace(".<locals>", ""), [])

    @cached_property
    def _places(self) -> Mapping[str, list[Place]]:
        finder = _Finder(self)
        self.tree.visit(finder)
        return finder.places

    @cached_property
    def _positions(self) -> Mapping[cst.CSTNode, CodeRange]:
        wrapper = MetadataWrapper(self.tree, unsafe_skip_copy=True)
        return wrapper.resolve(PositionProvider)

    def _may_be_body_of(self, place: Place, cls: type) -> bool:
        """Whether a class may have been made by this of several statements of its name."""
        position = self._positions[place.node]
        if not all(
            position.start.line <= line <= position.end.line for line in _lines_of(cls, self.path)
        ):
            return False
        own, bound = _own_fields(cls).keys(), names_bound(place.body)
        return own <= bound <= {*vars(cls), *own}

    # Code for another file

    def moved(self, node: Node, names: Names) -> Node:
        """Return code of this module for another file, with its names as they are there.

        Args:
            node: A statement or an expression.
            names: The names of that file; what the code needs is added to its imports.
        """
        if names.module == self.name or is_constant(node):
            return node
        changes: dict[str, str] = {}
        for name in sorted(names_outside(node)):
            spelling = self._name_elsewhere(name, names)
            if spelling is not None and spelling != name:
                changes[name] = spelling
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

    def _is_guarded_alike(self, guard: cst.If | cst.Try, names: Names) -> bool:
        """Whether another file can have the same ``if`` or ``try`` for its imports."""
        bound = names_bound_by(guard)
        code = cst.Module([guard.with_changes(leading_lines=())]).code
        if code not in names.guarded:
            taken = {*filter(names.is_taken, bound)}
            if taken and not is_for_checkers(guard):
                return False
            guard = ensure_type(without_imports([guard], taken)[0], type(guard))
            bound -= taken
            for name in sorted(names_outside(guard) - bound):
                self._name_elsewhere(name, names)
            absolute = ensure_type(guard.visit(_Absolute(self.package)), type(guard))
            moved = absolute.with_changes(leading_lines=())
            names.guarded[code] = cst.Module([moved]).code.strip("\n")
            names.of_guards.update({name: vars(self.module).get(name) for name in bound})
        return True


class Writer:
    """Writes the expressions of one module for a file.

    Args:
        source: The module.
        names: The names of the file.
    """

    def __init__(self, source: SourceModule, names: Names) -> None:
        self.source = source
        self.names = names

    def __call__(self, expression: cst.BaseExpression) -> str:
        """Return an expression as the file has to write it."""
        return one_line(self.source.moved(expression, self.names))


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


def _names_in(code: str) -> set[str]:
    """Return the names that a module binds or reads, those that it imports included."""
    nodes = [*ast.walk(ast.parse(code))]
    names = {str(getattr(node, "id", getattr(node, "name", ""))) for node in nodes}
    return names | {str(node.asname) for node in nodes if isinstance(node, ast.alias)}


class _Finder(cst.CSTVisitor):
    """Finds all class statements, those in classes, functions, ``if`` and ``try`` included."""

    def __init__(self, source: SourceModule) -> None:
        self.source = source
        self.places: dict[str, list[Place]] = {}
        self.within: tuple[str, ...] = ()
        self.blocks: tuple[cst.IndentedBlock, ...] = ()

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        self.blocks = (*self.blocks, node)

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock) -> None:
        self.blocks = self.blocks[:-1]

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        place = Place(self.source, node, self.blocks)
        self.within = (*self.within, node.name.value)
        self.places.setdefault(".".join(self.within), []).append(place)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self.within = self.within[:-1]

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> bool:
        return False  # There is no class in it.

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.within = (*self.within, node.name.value)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self.within = self.within[:-1]


class _Absolute(cst.CSTTransformer):
    """Writes relative imports out, since they would mean something else in another package."""

    def __init__(self, package: str) -> None:
        self.package = package

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom:
        module = get_absolute_module_from_package_for_import(self.package, original_node)
        if not original_node.relative or module is None:
            return updated_node
        return updated_node.with_changes(module=cst.parse_expression(module), relative=())


# Which of several statements made a class


def _own_fields(cls: type) -> Mapping[str, AnyField]:
    """Return the fields that the body of a class declares."""
    declared: Mapping[str, AnyField] = getattr(cls, "_declared_fields", {})
    inherited = [getattr(base, "_declared_fields", {}) for base in cls.__mro__[1:]]
    return {
        name: field
        for name, field in declared.items()
        if not any(above.get(name) is field for above in inherited)
    }


def _lines_of(cls: type, path: Path) -> Iterator[int]:
    """Yield lines of a file in which the body of a class certainly stands."""
    if "__firstlineno__" in vars(cls):  # Python 3.13
        yield vars(cls)["__firstlineno__"]
    for value in vars(cls).values():
        function = getattr(value, "__func__", value)
        code = getattr(function, "__code__", None)
        is_own = getattr(function, "__qualname__", "").startswith(cls.__qualname__)
        if isinstance(code, CodeType) and is_own and Path(code.co_filename) == path:
            yield code.co_firstlineno


def _unlike(node: cst.ClassDef, cls: type) -> int:
    """Count the constants in a class body that a class has otherwise."""
    fields = _own_fields(cls)
    count = 0
    for name, statement in declarations(node).items():
        call = assigned_value(statement)
        for argument in call.args if isinstance(call, cst.Call) and name in fields else ():
            if argument.keyword is not None and is_constant(argument.value):
                held = vars(fields[name])["_kwargs"].get(argument.keyword.value)
                count += _evaluated(argument.value) != held
    meta = meta_of(node)
    for name, statement in ({} if meta is None else declarations(meta)).items():
        value = _evaluated(assigned_value(statement))
        count += value is not None and value != getattr(cls.__dict__.get("Meta"), name, None)
    return count


def _evaluated(expression: cst.BaseExpression) -> object:
    """Return the value of a literal; ``None`` for what is none."""
    try:
        return literal_eval(cst.Module([]).code_for_node(expression))
    except ValueError:
        return None
