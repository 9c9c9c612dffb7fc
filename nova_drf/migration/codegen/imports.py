"""The imports of a file that is there: adding those that new code needs, dropping the others."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst.helpers import ensure_type, get_full_name_for_node

from nova_drf.migration.codegen.bindings import bound_by, is_for_checkers
from nova_drf.migration.codegen.elsewhere import taken_from
from nova_drf.migration.codegen.formatting import (
    SORTED,
    is_left_alone,
    line_length,
    ruff,
    styled,
)
from nova_drf.migration.codegen.names import Names

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement


def finished(tree: cst.Module, before: cst.Module, names: Names, path: Path) -> str:
    """Return the code of a changed module: with its imports, and in the style that it had before.

    Args:
        tree: The module with its new code.
        before: The module as it was.
        names: The names of the file.
        path: Where the file is.
    """
    is_new = ruff() is not None and not before.code
    is_sorted = is_new or is_left_alone(before.code, path, SORTED)
    width = sys.maxsize if is_sorted else line_length(path)
    return styled(with_imports(tree, before, names, width).code, path, before.code)


def with_imports(tree: cst.Module, before: cst.Module, names: Names, width: int) -> cst.Module:
    """Return a module that imports what its code needs, and nothing that only its old code did.

    Args:
        tree: The module with its new code.
        before: The module as it was.
        names: The names of the file; what of its imports the new code mentions is added.
        width: The length of a line.
    """
    guarded = [code for code in names.guarded.values() if code not in tree.code]
    after = mentioned("\n".join((tree.code, *guarded)))
    gone = mentioned(before.code) - after
    taken = taken_from(names.module, gone) if names.module else set()
    body = without_imports(tree.body, gone - taken, taken, names.imports.keys())
    local = names.module.partition(".")[0]
    by_module: dict[str, list[str]] = {}
    for name, target in names.imports.items():
        if name.partition(".")[0] not in after:
            continue
        if target.attribute is None:
            renamed = "" if name == target.module else f" as {name}"
            _insert(body, f"import {target.module}{renamed}", local)
        else:
            is_plain = name == target.attribute
            written = name if is_plain else f"{target.attribute} as {name}"
            by_module.setdefault(target.module, []).append(written)
    for module, aliases in sorted(by_module.items(), key=_of_library):
        _add(body, module, sorted(aliases, key=_of_class), width, local)
    for code in guarded:
        _insert(body, code)
    if body and before.body and not before.body[0].leading_lines:
        # The line above the second statement, if the first one is gone.
        lines = dropwhile(lambda line: line.comment is None, body[0].leading_lines)
        body[0] = body[0].with_changes(leading_lines=[*lines])
    return tree.with_changes(body=body)


def _of_library(item: tuple[str, list[str]]) -> tuple[bool, str]:
    return item[0].partition(".")[0] not in sys.stdlib_module_names, item[0]


def _of_class(name: str) -> tuple[bool, str]:
    return name[:1].islower(), name


def mentioned(code: str) -> set[str]:
    """Return every name that code mentions, annotations in quotes and ``__all__`` included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        for text in _texts_with_names(node):
            names |= {*re.findall(r"\w+", text)}
    return names


def _texts_with_names(node: ast.AST) -> Iterator[str]:
    """Yield the texts right inside of a node in which names of the file may stand."""
    within = [getattr(node, name, None) for name in ("annotation", "returns", "slice")]
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        within.append(node.value)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "cast":
        within += node.args[:1]
    for inner in filter(None, within):
        for leaf in ast.walk(inner):
            if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                yield leaf.value


def without_imports(
    body: Iterable[Statement],
    gone: Collection[str],
    taken: Collection[str] = (),
    real: Collection[str] = (),
) -> list[Statement]:
    """Return statements without the imports of some names.

    Args:
        body: The statements.
        gone: The names.
        taken: The names that nothing here needs, but that other modules import from here.
        real: The names that no longer need to be imported for type checkers only.
    """
    left: list[Statement] = []
    for statement in body:
        if is_for_checkers(statement):
            block = ensure_type(ensure_type(statement, cst.If).body, cst.IndentedBlock)
            statements: Any = block.body
            inner = without_imports(statements, {*gone, *real})
            if inner:
                left.append(statement.with_changes(body=block.with_changes(body=inner)))
            continue
        part = _import_of(statement)
        if part is None or isinstance(part.names, cst.ImportStar):
            left.append(statement)
            continue
        needed = [alias for alias in part.names if bound_by(alias) not in (*gone, *taken)]
        if len(needed) == len(part.names):
            left.append(statement)
        elif needed:
            left.append(_with_aliases(statement, part, needed, part.names[-1].comma))
        kept = [alias for alias in part.names if bound_by(alias) in taken]
        if kept:
            # In a statement of its own, no tool takes the comment for that of other names.
            comment = cst.TrailingWhitespace(cst.SimpleWhitespace("  "), cst.Comment(_TAKEN))
            alone = _with_aliases(statement, part, kept, lpar=None, rpar=None)
            left.append(alone.with_changes(trailing_whitespace=comment))
    return left


_TAKEN = "# noqa: F401  # other modules import it from here"


def _with_aliases(
    statement: Statement,
    part: cst.Import | cst.ImportFrom,
    aliases: list[cst.ImportAlias],
    comma: cst.Comma | cst.MaybeSentinel = cst.MaybeSentinel.DEFAULT,
    **brackets: None,
) -> Statement:
    names = [*aliases[:-1], aliases[-1].with_changes(comma=comma)]
    return statement.with_changes(body=[part.with_changes(names=names, **brackets)])


def _import_of(statement: Statement) -> cst.Import | cst.ImportFrom | None:
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        part = statement.body[0]
        if isinstance(part, (cst.Import, cst.ImportFrom)):
            return part
    return None


def _add(body: list[Statement], module: str, aliases: list[str], width: int, local: str) -> None:
    """Add names to the ``from`` import of a module that is there, or a new one."""
    for at, statement in enumerate(_head(body)):
        part = _import_of(statement)
        if not isinstance(part, cst.ImportFrom) or part.relative or part.module is None:
            continue
        if not isinstance(part.names, cst.ImportStar) and (
            get_full_name_for_node(part.module) == module
        ):
            there = [cst.Module([]).code_for_node(_alone(alias)) for alias in part.names]
            in_order = there == sorted(there, key=_of_class)
            names = sorted({*there, *aliases}, key=_of_class) if in_order else [*there, *aliases]
            changed = cst.parse_statement(_from(module, names, width))
            body[at] = changed.with_changes(leading_lines=statement.leading_lines)
            return
    _insert(body, _from(module, aliases, width), local)


def _alone(alias: cst.ImportAlias) -> cst.ImportAlias:
    return alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)


def _from(module: str, aliases: Sequence[str], width: int) -> str:
    line = f"from {module} import {', '.join(aliases)}"
    if len(line) <= width:
        return line
    names = "".join(f"    {alias},\n" for alias in aliases)
    return f"from {module} import (\n{names})"


def _head(body: Sequence[Statement]) -> list[Statement]:
    """Return the statements above the first class or function; imports further down come late."""
    return [*takewhile(lambda node: not isinstance(node, (cst.ClassDef, cst.FunctionDef)), body)]


def _insert(body: list[Statement], code: str, local: str = "") -> None:
    """Put an import where it belongs among those that are there, or below the docstring.

    Args:
        body: The statements of the module.
        code: The new one.
        local: The package that the module belongs to.
    """
    new = cst.parse_statement(code)
    first = int(bool(body) and m.matches(body[0], _TEXT))
    places = [
        (at, _order(part, local))
        for at, statement in enumerate(_head(body))
        if (part := _import_of(statement)) is not None
    ]
    orders = [order for _at, order in places]
    length = 3 if orders == sorted(orders) else 1
    order = _order(_import_of(new), local)
    above = [place for place in places if place[1][:length] <= order[:length]]
    at = above[-1][0] + 1 if above else places[0][0] if places else first
    apart = _APART if any(body[place].leading_lines for place, _order in places[1:]) else []
    if above and above[-1][1][0] != order[0]:
        new = new.with_changes(leading_lines=apart)
    below = dict(places).get(at)
    if below is not None:
        lines = body[at].leading_lines
        if not above or above[-1][1][0] != order[0]:
            new, lines = new.with_changes(leading_lines=lines or new.leading_lines), ()
        lines = lines or (apart if below[0] != order[0] else ())
        body[at] = body[at].with_changes(leading_lines=lines)
    body.insert(at, new)


_APART = [cst.EmptyLine(indent=False)]
_TEXT = m.SimpleStatementLine([m.Expr(m.SimpleString())])
Order = tuple[int, bool, str]
"""The place of an import: where it comes from, whether it is ``from``, and the module."""


def _order(part: cst.Import | cst.ImportFrom | None, local: str) -> Order:
    if part is None:
        return 4, True, ""
    is_from = isinstance(part, cst.ImportFrom)
    node = part.module if isinstance(part, cst.ImportFrom) else part.names[0].name
    module = (get_full_name_for_node(node) if node is not None else None) or ""
    if isinstance(part, cst.ImportFrom) and part.relative:
        return 4, is_from, module
    top = module.partition(".")[0]
    is_library = top in sys.stdlib_module_names
    rank = 0 if top == "__future__" else 1 if is_library else 3 if top == local else 2
    return rank, is_from, module.lower()
