"""The imports of a file that is there: adding those that new code needs, dropping the others."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst as cst
import libcst.matchers as m

from nova_drf.migration.codegen.bindings import bound_by, dotted
from nova_drf.migration.codegen.formatting import (
    is_formatted,
    line_length,
    mended,
    ruff,
    sorted_and_formatted,
)
from nova_drf.migration.codegen.names import Names


def finished(tree: cst.Module, before: cst.Module, names: Names, path: Path) -> str:
    """Return the code of a changed module: with its imports, and formatted if it was so before.

    Args:
        tree: The module with its new code.
        before: The module as it was.
        names: The names of the file.
        path: Where the file is.
    """
    if ruff() is None or (before.code and not is_formatted(before.code, path)):
        return with_imports(tree, before, names, line_length(path)).code
    text = with_imports(tree, before, names, sys.maxsize).code
    is_clean = not before.code or mended(before.code, path) == before.code
    return mended(text, path) if is_clean else sorted_and_formatted(text, path)


def with_imports(tree: cst.Module, before: cst.Module, names: Names, width: int) -> cst.Module:
    """Return a module that imports what its code needs, and nothing that only its old code did.

    Args:
        tree: The module with its new code.
        before: The module as it was.
        names: The names of the file; what of its imports the new code mentions is added.
        width: The length of a line.
    """
    guarded = [one for one in names.guarded.values() if one not in tree.code]
    after = mentioned("\n".join((tree.code, *guarded)))
    gone = mentioned(before.code) - after
    body = [kept for one in tree.body if (kept := _without(one, gone)) is not None]
    by_module: dict[str, list[str]] = {}
    for name, given in names.imports.items():
        if name.partition(".")[0] not in after:
            continue
        if given.attribute is None:
            renamed = "" if name == given.module else f" as {name}"
            _insert(body, [cst.parse_statement(f"import {given.module}{renamed}")])
        else:
            is_plain = name == given.attribute
            written = name if is_plain else f"{given.attribute} as {name}"
            by_module.setdefault(given.module, []).append(written)
    for module, aliases in sorted(by_module.items(), key=_of_library):
        _added(body, module, sorted(aliases, key=_of_class), width)
    _insert(body, [cst.parse_statement(text) for text in guarded])
    return tree.with_changes(body=body)


def _of_library(given: tuple[str, list[str]]) -> tuple[bool, str]:
    return given[0].partition(".")[0] not in sys.stdlib_module_names, given[0]


def _of_class(name: str) -> tuple[bool, str]:
    return name[:1].islower(), name


def mentioned(code: str) -> set[str]:
    """Return every name that code mentions, annotations in quotes and ``__all__`` included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        for text in _texts_with_names(node):
            found |= {*re.findall(r"\w+", text)}
    return found


def _texts_with_names(node: Any) -> Iterator[str]:
    """Yield the texts right inside of a node in which names of the file may stand."""
    within = [getattr(node, name, None) for name in ("annotation", "returns", "slice")]
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        within.append(node.value)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "cast":
        within += node.args[:1]
    for inner in filter(None, within):
        for one in ast.walk(inner):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value


def _import_of(statement: object) -> Any:
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        one = statement.body[0]
        if isinstance(one, (cst.Import, cst.ImportFrom)):
            return one
    return None


def _without(statement: Any, gone: set[str]) -> Any:
    """Return a statement without the imported names that nothing needs any more."""
    one = _import_of(statement)
    if one is None or isinstance(one.names, cst.ImportStar):
        return statement
    left = [alias for alias in one.names if bound_by(alias) not in gone]
    if len(left) == len(one.names):
        return statement
    if not left:
        return None
    left[-1] = left[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return statement.with_changes(body=[one.with_changes(names=left)])


def _is_plain_from(one: Any, module: str) -> bool:
    if not isinstance(one, cst.ImportFrom) or one.relative or one.module is None:
        return False
    return not isinstance(one.names, cst.ImportStar) and dotted(one.module) == module


def _added(body: list[Any], module: str, aliases: list[str], width: int) -> None:
    """Add names to the ``from`` import of a module that is there, or a new one."""
    for at, statement in enumerate(body):
        one = _import_of(statement)
        if _is_plain_from(one, module):
            there = [cst.Module([]).code_for_node(_alone(alias)) for alias in one.names]
            changed = _from(module, [*there, *aliases], width)
            body[at] = changed.with_changes(leading_lines=statement.leading_lines)
            return
    _insert(body, [_from(module, aliases, width)])


def _alone(alias: cst.ImportAlias) -> cst.ImportAlias:
    return alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)


def _from(module: str, aliases: list[str], width: int) -> Any:
    line = f"from {module} import {', '.join(aliases)}"
    if len(line) > width:
        names = "".join(f"    {alias},\n" for alias in aliases)
        line = f"from {module} import (\n{names})"
    return cst.parse_statement(line)


def _insert(body: list[Any], statements: list[Any]) -> None:
    """Put statements below the imports, or below the docstring."""
    last = [at for at, one in enumerate(body) if _import_of(one) is not None]
    is_text = bool(body) and m.matches(body[0], m.SimpleStatementLine([m.Expr(m.SimpleString())]))
    at = last[-1] + 1 if last else int(is_text)
    body[at:at] = statements
