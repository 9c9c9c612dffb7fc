"""What the other modules of a project take from the one that is changed."""

from __future__ import annotations

import ast
import re
import sys
import sysconfig
from collections.abc import Collection, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

_FROM = re.compile(r"^\s*from\s+([.\w]+)\s+import\s+(\([^)]*\)|[^\n]+)", re.MULTILINE)
_IMPORT = re.compile(r"^\s*import\s+([.\w]+)(?:\s+as\s+(\w+))?", re.MULTILINE)
_ALIAS = re.compile(r"(\w+)(?:\s+as\s+(\w+))?")


def taken_from(module: str, names: Collection[str]) -> set[str]:
    """Return those of some names that other modules of the project take from one.

    They import them, or import the module, and say ``module.name``.

    Args:
        module: Its dotted name.
        names: What it imports itself, say.
    """
    taken: set[str] = set()
    for package, path in _modules(module.partition(".")[0]) if names else ():
        text = path.read_text(errors="ignore")
        if any(name in text for name in names):
            taken |= {*_taken(text, package, module)}
    return taken.intersection(names)


def _taken(text: str, package: str, module: str) -> Iterator[str]:
    called = {alias or name for name, alias in _IMPORT.findall(text) if name == module}
    for source, imported in _FROM.findall(text):
        home = _absolute(source, package)
        for name, alias in _ALIAS.findall(imported):
            if home == module:
                yield name
            elif f"{home}.{name}" == module:
                called.add(alias or name)
    for name in called:
        yield from re.findall(rf"\b{re.escape(name)}\.(\w+)", text)


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
    read: set[str] = set()
    for _package, path in _modules(package):
        text = path.read_text(errors="ignore")
        if ".Meta." in text:
            read |= {*_metas_in(ast.parse(text))}
    return frozenset(read)


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


def _modules(package: str) -> Iterator[tuple[str, Path]]:
    """Yield the loaded modules of a project: where relative imports begin, and the file."""
    installed = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
    for name, module in list(sys.modules.items()):
        file = str(getattr(module, "__file__", None) or "")
        is_of_project = name.partition(".")[0] == package or not file.startswith(installed)
        if file.endswith(".py") and is_of_project and Path(file).is_file():
            yield str(getattr(module, "__package__", None) or ""), Path(file)
