"""Which tests have to do with an endpoint, as far as their source tells."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RegexPattern

logger = logging.getLogger("nova_drf")

_NOT_THE_PROJECTS = frozenset(("node_modules", "site-packages", "build", "dist"))
_ANYTHING = "1"
"""What stands in a URL where an f-string has a placeholder."""


@dataclass
class TestFile:
    """What the source of one test module mentions.

    Attributes:
        name: Its path, from the project's directory on.
        names: The identifiers in it.
        texts: The text literals in it; in f-strings, ``1`` stands for the placeholders.
    """

    __test__ = False

    name: str
    names: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)


class Mentions:
    """The tests of a project, by what they mention.

    Args:
        directory: Where the project is.
        patterns: The URL patterns, for finding out which endpoint a path leads to.
    """

    def __init__(self, directory: Path, patterns: Any) -> None:
        self.directory = directory
        self._resolver = URLResolver(RegexPattern(r"^/"), patterns)

    @cached_property
    def files(self) -> list[TestFile]:
        """The test modules."""
        paths = sorted(_test_modules(self.directory))
        return [one for path in paths if (one := self._read(path)) is not None]

    def of_endpoint(self, callback: object, name: str | None, method: str) -> Iterator[str]:
        """Yield the tests that call an endpoint by its path or by the name of its URL.

        Args:
            callback: What the URL configuration calls.
            name: The URL's name.
            method: The HTTP method; a test has to mention it as well.
        """
        for file in self.files:
            if method.lower() not in file.names:
                continue
            by_name = name is not None and any(_is_name(text, name) for text in file.texts)
            if by_name or callback in self._called(file):
                yield f"by URL in {file.name}"

    def of_class(self, kind: str, name: str) -> Iterator[str]:
        """Yield the tests that mention a class.

        Args:
            kind: What it is, in a word.
            name: Its name.
        """
        for file in self.files:
            if name in file.names:
                how = "parity of " if "assert_parity" in file.names and kind == "serializer" else ""
                yield f"{how}{kind} in {file.name}"

    def _read(self, path: Path) -> TestFile | None:
        name = path.relative_to(self.directory).as_posix()
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, OSError) as error:
            logger.warning("%s cannot be read: %s", name, error)
            return None
        file = TestFile(name)
        for node in ast.walk(tree):
            file.names.update(_names(node))
            file.texts.update(_texts(node))
        return file

    def _called(self, file: TestFile) -> set[Any]:
        """Return the views to which the paths in a test module lead."""
        found: set[Any] = set()
        for text in file.texts:
            path = text.removeprefix("http://testserver").partition("?")[0]
            if not path.startswith("/") or path == "/":
                continue
            try:
                found.add(self._resolver.resolve(path).func)
            except Resolver404:
                logger.debug("%s mentions %s, which is no URL", file.name, path)
        return found


def _test_modules(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.is_dir():
            hidden = path.name.startswith(".") or path.name in _NOT_THE_PROJECTS
            if not hidden and not (path / "pyvenv.cfg").exists():
                yield from _test_modules(path)
        elif path.suffix == ".py" and _is_test(path):
            yield path


def _is_test(path: Path) -> bool:
    if path.stem.startswith("test") or path.stem.endswith("_test"):
        return True
    return path.parent.name in ("tests", "test")


def _is_name(text: str, name: str) -> bool:
    """Whether a text is a URL's name, with or without namespaces."""
    return text.rpartition(":")[2] == name


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.alias):
        yield node.name.rpartition(".")[2]


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = (
            str(part.value) if isinstance(part, ast.Constant) else _ANYTHING for part in node.values
        )
        yield "".join(parts)
