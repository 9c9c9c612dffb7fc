"""What the library says to programmers, read from its source code.

A page lists a message by its first sentence, with ``…`` for each value in it and without the place
that it begins with: ``… is no base URL``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nova_drf

SOURCE = Path(nova_drf.__file__).parent

NOT_FOR_PROGRAMMERS = frozenset(
    {
        # The library raises and catches them itself.
        *("NoRows", "WouldWrite", "SyntaxError"),
        # They belong to Python's or Pydantic's own protocols.
        *("AttributeError", "KeyError", "ValueError", "PydanticCustomError", "MiddlewareNotUsed"),
        # They are answers to clients.
        *("Http404", "ValidationError", "InvalidRow", "NotFound", "Invalid", "ParseError"),
        *("PermissionDenied", "InvalidArguments"),
    }
)

FUNCTIONS = frozenset({"unknown_setting", "complaints", "_message", "warn"})
"""Functions whose texts become messages of exceptions or warnings elsewhere."""

NEVER_SEEN = frozenset({"there are endless candidates"})
"""For type checkers: the line is never reached."""

_PLACE = re.compile(r"^(?:…, entry|[^\s:]*…[^\s:]*)(?: …)?: (?=\S)")
_SENTENCES = re.compile(r"(?<=[^.…][.?])\s+|(?<=…\.)\s+(?=[A-Z…])")
_ENOUGH = 12
"""How many letters of its own a sentence has to have to be found by."""


class Message(NamedTuple):
    """One message: where it is raised, by which exception, and its text with ``…`` for values."""

    place: str
    exception: str
    template: str

    @property
    def key(self) -> str:
        """What a page lists: no place in front, and as many sentences as tell it from others."""
        text = " ".join(self.template.split())
        while (shorter := _PLACE.sub("", text)) != text and re.search(r"\w", shorter):
            text = shorter
        sentences = _SENTENCES.split(text)
        key = sentences.pop(0)
        while sentences and len(re.sub(r"\W", "", key)) < _ENOUGH:
            key += f" {sentences.pop(0)}"
        return key.rstrip(".")


def messages() -> Iterator[Message]:
    """Yield the messages of all that the library raises, in the order of its files."""
    for file in sorted(SOURCE.rglob("*.py")):
        module = ast.parse(file.read_text())
        constants = _constants(module)
        for exception, line, argument in _texts(module):
            template = _template(argument, constants)
            if has_words(template) and template not in NEVER_SEEN:
                yield Message(f"{file.relative_to(SOURCE)}:{line}", exception, template)


def made_elsewhere() -> Iterator[str]:
    """Yield what is raised with a text that is not written where it is raised."""
    for file in sorted(SOURCE.rglob("*.py")):
        module = ast.parse(file.read_text())
        constants = _constants(module)
        for exception, _, argument in _texts(module):
            if exception not in FUNCTIONS and not has_words(_template(argument, constants)):
                yield f"{file.relative_to(SOURCE)}: {exception}({ast.unparse(argument)})"


def has_words(template: str) -> bool:
    """Whether a text has more than values."""
    return re.search(r"\w", template.replace("…", "")) is not None


def _texts(module: ast.Module) -> Iterator[tuple[str, int, ast.expr]]:
    """Yield what names an exception, or a function of :data:`FUNCTIONS`, and its text."""
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef(name=name) if name in FUNCTIONS:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return | ast.Yield) and inner.value is not None:
                        yield name, inner.lineno, inner.value
            case ast.Call(func=function, args=[argument, *_]):
                name = ast.unparse(function).rsplit(".")[-1]
                if _is_exception(name) or name in FUNCTIONS:
                    yield name, node.lineno, argument


def _is_exception(name: str) -> bool:
    ends = ("Error", "Mismatch", "Configured", "Operation", "Annotation", "Started", "Statement")
    return name.endswith(ends) and name not in {*NOT_FOR_PROGRAMMERS, "Error"}


def _constants(module: ast.Module) -> dict[str, str]:
    """Return the texts that names of a module stand for."""
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _template(node: ast.expr, constants: dict[str, str]) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_template(part, constants) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _template(left, constants) + _template(right, constants)
        case ast.Name(id=name) if name in constants:
            return constants[name]
        case ast.FormattedValue(value=value):
            return _template(value, constants)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return re.sub(r"\{\w*\}", "…", _template(value, constants))
        case _:
            return "…"
