"""The body of a serializer class: what is declared in it, and what stays of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst.helpers import ensure_type

SAID_BY_SCHEMA = frozenset(
    ("fields", "exclude", "read_only_fields", "write_only_fields", "extra_kwargs", "depth")
)
"""The options of ``Meta`` that the schema makes superfluous."""

_STRING = m.SimpleString()
_LOCAL = m.Subscript(
    m.Call(m.Name("locals") | m.Name("vars"), args=[]),
    [m.SubscriptElement(m.Index(m.SaveMatchedNode(_STRING, "name")))],
)
"""``locals()["@type"]``: a field whose name is no identifier."""
_PASS = m.SimpleStatementLine([m.Pass()])
_DOCSTRING = m.SimpleStatementLine([m.Expr(m.SaveMatchedNode(_STRING, "text"))])


def spread(node: cst.ClassDef) -> cst.ClassDef:
    """Return a class with each statement of its body, and of ``Meta``, on a line of its own."""
    statements: Sequence[Any] = node.body.body
    if isinstance(node.body, cst.SimpleStatementSuite):
        body = cst.IndentedBlock([cst.SimpleStatementLine(statements)])
        return spread(node.with_changes(body=body))
    lines = [line for statement in statements for line in _lines(statement)]
    if all(line is statement for line, statement in zip(lines, statements, strict=False)):
        return node
    return node.with_changes(body=node.body.with_changes(body=lines))


def _lines(statement: Any) -> Iterator[Any]:
    if isinstance(statement, cst.ClassDef) and statement.name.value == "Meta":
        yield spread(statement)
    elif isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1:
        for at, part in enumerate(statement.body):
            line = cst.SimpleStatementLine([part.with_changes(semicolon=_NO_SEMICOLON)])
            yield line if at else line.with_changes(leading_lines=statement.leading_lines)
    else:
        yield statement


_NO_SEMICOLON = cst.MaybeSentinel.DEFAULT


def declarations(body: cst.ClassDef) -> Mapping[str, cst.SimpleStatementLine]:
    """Return the statements of a class body that bind one name each, by that name."""
    return {
        name: statement
        for statement in body.body.body
        if isinstance(statement, cst.SimpleStatementLine)
        and (name := assigned_name(statement)) is not None
    }


def assigned_name(statement: cst.SimpleStatementLine) -> str | None:
    """Return the name that a statement binds, if that is all it does."""
    if len(statement.body) != 1:
        return None
    part = statement.body[0]
    target: cst.BaseExpression | None = None
    if isinstance(part, cst.Assign) and len(part.targets) == 1:
        target = part.targets[0].target
        local = m.extract(target, _LOCAL)
        if local is not None:
            return str(ensure_type(local["name"], cst.SimpleString).evaluated_value)
    elif isinstance(part, cst.AnnAssign) and part.value is not None:
        target = part.target
    return target.value if isinstance(target, cst.Name) else None


def assigned_value(statement: cst.SimpleStatementLine) -> cst.BaseExpression:
    """Return what a statement binds a name to."""
    part = statement.body[0]
    assert isinstance(part, (cst.Assign, cst.AnnAssign)) and part.value is not None  # noqa: S101, PT018  # for type checkers
    return part.value


def comments_of(statement: cst.BaseStatement) -> list[str]:
    """Return the comments that belong to a statement: above it, and behind it."""
    leading = getattr(statement, "leading_lines", ())
    comments = [line.comment.value for line in leading if line.comment is not None]
    trailing = getattr(statement, "trailing_whitespace", None)
    if trailing is not None and trailing.comment is not None:
        comments.append(trailing.comment.value)
    return [comment for comment in comments if not _FOR_TOOLS.match(comment)]


_FOR_TOOLS = re.compile(r"#\s*(type|noqa|pylint|pragma|pyright|ruff|fmt|nosec)\b")
"""Comments on how the line reads to a tool; it will be another line."""


def meta_of(body: cst.ClassDef) -> cst.ClassDef | None:
    """Return the ``Meta`` in a class body."""
    classes = (node for node in body.body.body if isinstance(node, cst.ClassDef))
    return next((node for node in classes if node.name.value == "Meta"), None)


def methods(body: cst.ClassDef) -> Iterator[cst.FunctionDef]:
    """Yield the methods in a class body."""
    for statement in body.body.body:
        if isinstance(statement, cst.FunctionDef):
            yield statement


def attributes_used(body: cst.ClassDef) -> set[str]:
    """Return the names of all attributes that the methods of a class read or call."""
    reads = (node for method in methods(body) for node in m.findall(method, m.Attribute()))
    return {ensure_type(node, cst.Attribute).attr.value for node in reads}


def names_bound(body: cst.ClassDef) -> set[str]:
    """Return the names that only exist inside of a class body."""
    defined = (cst.ClassDef, cst.FunctionDef)
    statements = (node for node in body.body.body if isinstance(node, defined))
    return {*declarations(body), *(node.name.value for node in statements)}


class Body:
    """Rewrites a class body.

    Args:
        node: The class.
    """

    def __init__(self, node: cst.ClassDef) -> None:
        self.node = node

    def without(self, statements: Collection[cst.BaseStatement]) -> None:
        """Take statements away."""
        gone = {id(statement) for statement in statements}
        body = self.node.body
        left = [statement for statement in body.body if id(statement) not in gone]
        self.node = self.node.with_changes(body=body.with_changes(body=left))

    def with_meta(
        self, additions: Mapping[str, str], drop: Collection[str] = (), base: str = ""
    ) -> None:
        """Change ``Meta``, or make one.

        Args:
            additions: Its further options, as source code.
            drop: The options to leave out, since the schema makes them superfluous.
            base: The class from which a new ``Meta`` derives.
        """
        meta = meta_of(self.node)
        if meta is None:
            if additions:
                self._insert(_new_meta(additions, base))
            return
        kept = [node for node in meta.body.body if _option(node) not in drop]
        if _names_in(kept).intersection(drop):
            kept = list(meta.body.body)
        if additions:
            kept = [node for node in kept if not m.matches(node, _PASS)]
        kept += [cst.parse_statement(f"{name} = {text}") for name, text in additions.items()]
        statements = [] if not kept and not meta.bases else kept or [cst.parse_statement("pass")]
        changed = meta.with_changes(body=meta.body.with_changes(body=_first_close(statements)))
        body = [
            changed if node is meta else node
            for node in self.node.body.body
            if node is not meta or statements
        ]
        self.node = self.node.with_changes(body=self.node.body.with_changes(body=body))

    def with_removals(self, names: Iterable[str]) -> None:
        """Take inherited fields away, as DRF has it: ``name = None``."""
        for name in names:
            self._insert(cst.parse_statement(f"{name} = None"))

    def _insert(self, statement: Any) -> None:
        body = list(self.node.body.body)
        at = 1 if body and docstring_of(self.node) is not None else 0
        lines = [cst.EmptyLine(indent=False)] if at else []
        body.insert(at, statement.with_changes(leading_lines=lines))
        after: Any = body[at + 1] if len(body) > at + 1 else None
        if isinstance(after, cst.BaseCompoundStatement) and not after.leading_lines:
            body[at + 1] = after.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        self.node = self.node.with_changes(body=self.node.body.with_changes(body=body))

    def finished(self, bases: list[str] | None, name: str = "") -> cst.ClassDef:
        """Return the class; never with an empty body.

        Args:
            bases: Its bases; none at all if ``None``.
            name: Its name, if that is another one.
        """
        left = [node for node in self.node.body.body if not m.matches(node, _PASS)]
        body = left or [cst.parse_statement("pass")]
        arguments = [cst.Arg(cst.parse_expression(base)) for base in bases or ()]
        node = self.node.with_changes(
            bases=arguments,
            body=self.node.body.with_changes(body=_first_close(body)),
            lpar=cst.LeftParen() if arguments else cst.MaybeSentinel.DEFAULT,
            rpar=cst.RightParen() if arguments else cst.MaybeSentinel.DEFAULT,
        )
        return node.with_changes(name=cst.Name(name)) if name else node


def _names_in(statements: Iterable[Any]) -> set[str]:
    """Return the names that statements mention, those of arguments and attributes apart."""
    tree = ast.parse(cst.Module([*statements]).code)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _first_close(body: Any) -> object:
    """Return statements without empty lines before the first."""
    if not body or not hasattr(body[0], "leading_lines"):
        return body
    lines = [line for line in body[0].leading_lines if line.comment is not None]
    first = body[0].with_changes(leading_lines=lines)
    if len(body) < 2 or not m.matches(first, _DOCSTRING):
        return [first, *body[1:]]
    rest = [line for line in body[1].leading_lines if line.comment is not None]
    second = body[1].with_changes(leading_lines=[cst.EmptyLine(indent=False), *rest])
    return [first, second, *body[2:]]


def _option(statement: object) -> str | None:
    return assigned_name(statement) if isinstance(statement, cst.SimpleStatementLine) else None


def _new_meta(additions: Mapping[str, str], base: str) -> cst.BaseStatement:
    lines = (f"    {name} = {text}\n" for name, text in additions.items())
    return cst.parse_statement(f"class Meta{f'({base})' if base else ''}:\n{''.join(lines)}")


def docstring_of(node: cst.ClassDef) -> str | None:
    """Return a class's docstring as it is written."""
    first = next(iter(node.body.body), None)
    docstring = None if first is None else m.extract(first, _DOCSTRING)
    return None if docstring is None else ensure_type(docstring["text"], cst.SimpleString).value


def attached(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Return the comments right above a statement, without those further up."""
    return [*takewhile(lambda line: line.comment is not None, reversed(lines))][::-1]
