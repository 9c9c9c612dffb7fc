"""The imports of a file that is there: adding those that new code needs, dropping the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import libcst as cst
import libcst.matchers as m

from nova_drf.migration.codegen.formatting import source_roots
from nova_drf.migration.codegen.names import Import, from_import, section
from nova_drf.migration.codegen.sources import SourceModule, dotted


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
    adding = _Adding(body, source_roots(source.path), width)
    by_module: dict[str, list[tuple[str, str]]] = {}
    for name, given in needed.items():
        if given.attribute is None:
            adding.plain(given.module, name)
        else:
            by_module.setdefault(given.module, []).append((given.attribute, name))
    for module, names in by_module.items():
        adding.names(module, names)
    return tree.with_changes(body=adding.body)


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
    left = [alias for alias in one.names if _bound_by(alias) not in gone]
    if len(left) == len(one.names):
        return statement
    if not left:
        return None
    left[-1] = left[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return statement.with_changes(body=[one.with_changes(names=left)])


def _bound_by(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or dotted(alias.name).partition(".")[0]


def _is_plain_from(one: cst.ImportFrom, module: str) -> bool:
    if one.relative or one.module is None or isinstance(one.names, cst.ImportStar):
        return False
    renamed = any(alias.asname is not None for alias in one.names)
    return not renamed and dotted(one.module) == module


def _parsed(text: str, leading_lines: object = ()) -> object:
    return cst.parse_statement(text).with_changes(leading_lines=leading_lines)


def _after_docstring(body: list[Any]) -> int:
    is_text = bool(body) and m.matches(body[0], m.SimpleStatementLine([m.Expr(m.SimpleString())]))
    return 1 if is_text else 0


_RELATIVE = 4
"""The section of relative imports, which come last."""


class _Adding:
    """Adds imports to the statements of a module.

    Args:
        body: The statements.
        roots: The folders in which the project's own packages are.
        width: The length of a line.
    """

    def __init__(self, body: list[Any], roots: Collection[Path], width: int) -> None:
        self.body = body
        self.roots = roots
        self.width = width

    def plain(self, module: str, name: str) -> None:
        """Add ``import module``."""
        renamed = "" if name == module else f" as {name}"
        self._insert(module, f"import {module}{renamed}", plain=True)

    def names(self, module: str, names: list[tuple[str, str]]) -> None:
        """Add names to the ``from`` import of a module that is there, or a new one."""
        for attribute, name in names:
            if attribute != name:
                self._insert(module, self._text(module, [(attribute, name)]), plain=False)
        together = [one for one in names if one[0] == one[1]]
        if not together:
            return
        for at, statement in enumerate(self.body):
            one = _import_of(statement)
            if isinstance(one, cst.ImportFrom) and _is_plain_from(one, module):
                aliases: Any = one.names
                there = [(dotted(alias.name), _bound_by(alias)) for alias in aliases]
                text = self._text(module, [*there, *together])
                self.body[at] = _parsed(text, statement.leading_lines)
                return
        self._insert(module, self._text(module, together), plain=False)

    def _text(self, module: str, names: list[tuple[str, str]]) -> str:
        return "\n".join(from_import(module, names, self.width))

    def _insert(self, module: str, text: str, *, plain: bool) -> None:
        """Put a new import where isort would."""
        key = (section(module, self.roots), not plain, module.lower())
        found = ((at, self._key(one)) for at, one in enumerate(self.body))
        there = [(at, one) for at, one in found if one is not None]
        same = [(at, one) for at, one in there if one[0] == key[0]]
        after = next((at for at, one in same if one > key), None)
        if after is not None:
            self._before(after, text, is_first=after == same[0][0])
        elif same:
            self.body.insert(same[-1][0] + 1, _parsed(text))
        else:
            before = [at for at, one in there if one[0] < key[0]]
            first = there[0][0] if there else _after_docstring(self.body)
            self._apart(before[-1] + 1 if before else first, text)

    def _before(self, at: int, text: str, *, is_first: bool) -> None:
        leading = self.body[at].leading_lines
        if is_first:
            self.body[at] = self.body[at].with_changes(leading_lines=[])
        self.body.insert(at, _parsed(text, leading if is_first else ()))

    def _apart(self, at: int, text: str) -> None:
        """Insert the first import of a section."""
        blank = [cst.EmptyLine(indent=False)]
        self.body.insert(at, _parsed(text, blank if at else ()))
        following = self.body[at + 1] if at + 1 < len(self.body) else None
        if following is not None and not following.leading_lines:
            self.body[at + 1] = following.with_changes(leading_lines=blank)

    def _key(self, statement: object) -> tuple[int, bool, str] | None:
        """Return the place of an import among others; ``None`` for other statements."""
        one = _import_of(statement)
        if isinstance(one, cst.Import):
            name = dotted(one.names[0].name)
            return section(name, self.roots), False, name.lower()
        if not isinstance(one, cst.ImportFrom):
            return None
        if one.relative or one.module is None:
            return _RELATIVE, True, ""
        name = dotted(one.module)
        return section(name, self.roots), True, name.lower()
