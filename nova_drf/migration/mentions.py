"""Which tests have to do with an endpoint, as far as their source tells."""

from __future__ import annotations

import ast
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nova_drf.migration.endpoints import Endpoint
from nova_drf.migration.paths import EndpointsByPath

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

    Each test module is read once, and each path in it is looked up once.

    Args:
        directory: Where the project is.
        endpoints: The project's endpoints.
    """

    def __init__(self, directory: Path, endpoints: Iterable[Endpoint]) -> None:
        self.directory = directory
        self._endpoints = EndpointsByPath(endpoints)

    @cached_property
    def files(self) -> list[TestFile]:
        """The test modules."""
        files = map(self._read, sorted(_test_modules(self.directory)))
        return [file for file in files if file is not None]

    @cached_property
    def _by_identifier(self) -> dict[str, list[TestFile]]:
        by_identifier = defaultdict(list)
        for file in self.files:
            for name in file.names:
                by_identifier[name].append(file)
        return by_identifier

    @cached_property
    def _by_endpoint(self) -> dict[object, list[TestFile]]:
        """The test modules by the views that they call, and by the names of the URLs in them."""
        by_endpoint: dict[object, list[TestFile]] = defaultdict(list)
        for file in self.files:
            # A URL's name may stand behind the namespaces that it is in.
            names = {text.rpartition(":")[2] for text in file.texts}
            for called in {*names, *self._called(file)}:
                by_endpoint[called].append(file)
        return by_endpoint

    def of_endpoint(self, endpoint: Endpoint, method: str) -> Iterator[str]:
        """Yield the tests that call an endpoint by its path or by the name of its URL.

        Args:
            endpoint: The endpoint.
            method: The HTTP method; a test has to mention it as well.
        """
        keys = [endpoint.callback, *([] if endpoint.name is None else [endpoint.name])]
        names = {
            file.name
            for key in keys
            for file in self._by_endpoint.get(key, ())
            if method in file.names
        }
        yield from (f"by URL in {name}" for name in sorted(names))

    def of_class(self, kind: str, name: str) -> Iterator[str]:
        """Yield the tests that mention a class.

        Args:
            kind: What it is, in a word.
            name: Its name.
        """
        for file in self._by_identifier.get(name, ()):
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

    def _called(self, file: TestFile) -> Iterator[Any]:
        """Yield the views to which the paths in a test module lead."""
        for text in file.texts:
            path = text.removeprefix("http://testserver").partition("?")[0]
            if not path.startswith("/") or path == "/":
                continue
            endpoint = self._endpoints.at(path.removeprefix("/"))
            if endpoint is not None:
                yield endpoint.callback


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
