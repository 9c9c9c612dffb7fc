"""The imports of a file that is there: adding those that new code needs, dropping the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst
import libcst.matchers as m

from nova_drf.codegen.names import Import, from_import, section
from nova_drf.codegen.sources import SourceModule, dotted


def with_imports(
    tree: cst.Module, source: SourceModule, needed: Mapping[str, Import], width: int
) -> cst.Module:
    """Return a module that imports what its code needs, and nothing that only its old code did.

    Args:
        tree: The module with its new code.
        source: The module as it was.
        needed: What the new code needs besides, by name.
        width: The length of a line.
    """
    gone = _mentioned(source.tree) - _mentioned(tree)
    body = [kept for one in tree.body if (kept := _without(one, gone)) is not None]
    by_module: dict[str, list[tuple[str, str]]] = {}
    for name, given in needed.items():
        if given.attribute is None:
            text = f"import {given.module}" + ("" if name == given.module else f" as {name}")
            _insert(body, given.module, text, plain=True)
        else:
            by_module.setdefault(given.module, []).append((given.attribute, name))
    for module, names in by_module.items():
        _add(body, module, names, width)
    return tree.with_changes(body=body)


def _mentioned(tree: cst.Module) -> set[str]:
    """Return every name that stands anywhere in a module's code, its imports apart."""
    found: set[str] = set()
    for statement in tree.body:
        if _import_of(statement) is None:
            found |= {one.value for one in m.findall(statement, m.Name())}  # type: ignore[attr-defined]
            for text in m.findall(statement, m.SimpleString()):
                found |= _words(text)
    return found


def _words(text: Any) -> set[str]:
    """Return the names in a text: it may be an annotation, or an entry of ``__all__``."""
    value = text.evaluated_value
    return {*value.replace("[", " ").replace("]", " ").split()} if isinstance(value, str) else set()


def _import_of(statement: Any) -> Any:
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
    left = [alias for alias in one.names if _bound_by(alias) not in gone]
    if len(left) == len(one.names):
        return statement
    if not left:
        return None
    left[-1] = left[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return statement.with_changes(body=[one.with_changes(names=left)])


def _bound_by(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or dotted(alias.name).partition(".")[0]


def _add(body: list[Any], module: str, names: list[tuple[str, str]], width: int) -> None:
    """Add names to the ``from`` import of a module that is there, or a new one."""
    together = [one for one in names if one[0] == one[1]]
    for attribute, name in names:
        if attribute != name:
            text = "\n".join(from_import(module, [(attribute, name)], width))
            _insert(body, module, text, plain=False)
    if not together:
        return
    for at, statement in enumerate(body):
        one = _import_of(statement)
        if isinstance(one, cst.ImportFrom) and _is_plain_from(one, module):
            there = [(dotted(alias.name), _bound_by(alias)) for alias in one.names]  # type: ignore[union-attr]
            text = "\n".join(from_import(module, [*there, *together], width))
            body[at] = _parsed(text, statement.leading_lines)
            return
    _insert(body, module, "\n".join(from_import(module, together, width)), plain=False)


def _is_plain_from(one: cst.ImportFrom, module: str) -> bool:
    if one.relative or one.module is None or isinstance(one.names, cst.ImportStar):
        return False
    renamed = any(alias.asname is not None for alias in one.names)
    return not renamed and dotted(one.module) == module


def _parsed(text: str, leading_lines: Any = ()) -> Any:
    return cst.parse_statement(text).with_changes(leading_lines=leading_lines)  # type: ignore[union-attr]


def _insert(body: list[Any], module: str, text: str, *, plain: bool) -> None:
    """Put a new import where isort would."""
    key = (section(module), not plain, module.lower())
    there = [
        (at, found)
        for at, statement in enumerate(body)
        if (found := _key(statement)) is not None
    ]
    same = [(at, found) for at, found in there if found[0] == key[0]]
    blank = [cst.EmptyLine(indent=False)]
    after = next((at for at, found in same if found > key), None)
    if after is not None:
        leading = body[after].leading_lines
        is_first = after == same[0][0]
        body[after] = body[after].with_changes(leading_lines=[] if is_first else leading)
        body.insert(after, _parsed(text, leading if is_first else ()))
    elif same:
        body.insert(same[-1][0] + 1, _parsed(text))
    else:
        before = [at for at, found in there if found[0] < key[0]]
        at = before[-1] + 1 if before else (there[0][0] if there else _after_docstring(body))
        body.insert(at, _parsed(text, blank if at else ()))
        following = body[at + 1] if at + 1 < len(body) else None
        if following is not None and not following.leading_lines:
            body[at + 1] = following.with_changes(leading_lines=blank)


def _after_docstring(body: list[Any]) -> int:
    is_text = bool(body) and m.matches(body[0], m.SimpleStatementLine([m.Expr(m.SimpleString())]))
    return 1 if is_text else 0


def _key(statement: Any) -> tuple[int, bool, str] | None:
    """Return the place of an import among others; ``None`` for other statements."""
    one = _import_of(statement)
    if isinstance(one, cst.Import):
        name = dotted(one.names[0].name)
        return section(name), False, name.lower()
    if isinstance(one, cst.ImportFrom):
        if one.relative or one.module is None:
            return _RELATIVE, True, ""
        name = dotted(one.module)
        return section(name), True, name.lower()
    return None


_RELATIVE = 4
"""The section of relative imports, which come last."""

