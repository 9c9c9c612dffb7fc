"""What the other modules of a project take from the one that is changed."""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Collection, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path


def taken_from(module: str, names: Collection[str]) -> set[str]:
    """Return those of some names that other modules of the project take from one.

    They import them, or import the module, and say ``module.name``.

    Args:
        module: Its dotted name.
        names: What it imports itself, say.
    """
    package, _dot, last = module.rpartition(".")
    taken: set[str] = set()
    for home, text in _modules(module.partition(".")[0], last) if names else ():
        if any(name in text for name in names):
            taken |= {*_taken(ast.parse(text), home, package, last)}
    return taken.intersection(names)


def _taken(tree: ast.Module, home: str, package: str, last: str) -> Iterator[str]:
    module = f"{package}.{last}".strip(".")
    called: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(aliases):
                called |= {alias.asname or alias.name for alias in aliases if alias.name == module}
            case ast.ImportFrom(name, aliases, level):
                source = _absolute(f"{'.' * level}{name or ''}", home)
                if source == module:
                    yield from (alias.name for alias in aliases)
                elif source == package:
                    called |= {each.asname or last for each in aliases if each.name == last}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in called:
            yield node.attr


def _absolute(source: str, package: str) -> str:
    try:
        return resolve_name(source, package)
    except ImportError:
        return ""


@cache
def read_metas(package: str) -> frozenset[str]:
    """Return the names of the classes whose ``Meta`` the modules of a project read.

    Args:
        package: The project's package.
    """
    return frozenset(
        name for _home, text in _modules(package, ".Meta.") for name in _metas_in(ast.parse(text))
    )


def _metas_in(node: ast.AST, known: str = "") -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        inner = known
        if isinstance(child, ast.ClassDef) and child.name == "Meta":
            inner = " ".join(ast.unparse(base) for base in child.bases)
        match child:
            case ast.Attribute(ast.Attribute(ast.Name(name), "Meta")):
                if f"{name}.Meta" not in inner:
                    yield name
        yield from _metas_in(child, inner)


def _modules(package: str, mentioned: str) -> Iterator[tuple[str, str]]:
    """Yield the loaded modules of a project that mention something: their packages and texts."""
    installed = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
    for name, module in list(sys.modules.items()):
        file = str(getattr(module, "__file__", None) or "")
        is_of_project = name.partition(".")[0] == package or not file.startswith(installed)
        if file.endswith(".py") and is_of_project and Path(file).is_file():
            text = Path(file).read_text(errors="ignore")
            if mentioned in text:
                yield str(getattr(module, "__package__", None) or ""), text
