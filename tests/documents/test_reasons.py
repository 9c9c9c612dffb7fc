"""Every exception from a rule has its reason: what is ignored, and what is caught broadly."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AS_PROJECTS_WRITE_IT = {"golden", "convertapp", "styles", "legacy.py"}
"""What is generated, or is read to generate it: folders, and a file."""

MARK = re.compile(
    r"#\s*(?:type: ignore|noqa|pragma: no cover)(?:\[[^\]]*\]|: [A-Z]+\d+(?:, [A-Z]+\d+)*)?"
)
MAYBE = re.compile(
    r"type: ignore|noqa|no cover|except:|except \(?(?:Base)?Exception|TODO|FIXME|XXX"
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")


def unexplained(path: Path) -> Iterator[int]:
    """Yield the numbers of the lines that take an exception and do not say why."""
    source = path.read_text()
    if not MAYBE.search(source):
        return
    lines = source.splitlines()
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    explained = {
        number for number, comment in comments.items() if re.search(r"\w{3}", MARK.sub("", comment))
    }
    for number, comment in comments.items():
        above = number - 1 in explained and lines[number - 2].lstrip().startswith("#")
        if UNFINISHED.search(comment) or (
            MARK.search(comment) and number not in explained and not above
        ):
            yield number
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node):
            around = range(node.lineno - 1, node.body[0].lineno + 1)
            if explained.isdisjoint(around):
                yield node.lineno


def _is_broad(handler: ast.ExceptHandler) -> bool:
    name = handler.type
    return name is None or (
        isinstance(name, ast.Name) and name.id in ("Exception", "BaseException")
    )


def test_every_exception_from_a_rule_has_its_reason() -> None:
    paths = [path for folder in ("nova_drf", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert len(paths) > 500
    missing = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        if not AS_PROJECTS_WRITE_IT & set(path.parts)
        for number in unexplained(path)
    ]
    assert missing == []


def test_what_has_no_reason_is_found(tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_text(
        "import os  # noqa: F401\n"
        "import re  # noqa: F401  # for others\n"
        "# As all of them.\n"
        "import sys  # noqa: F401\n"
        "x: int = ''  # type: ignore[assignment]\n"
        "# TODO: nothing\n"
        "try:\n    pass\nexcept Exception:\n    pass\n"
        "try:\n    pass\nexcept Exception:\n    # Whatever it is.\n    pass\n"
    )
    assert list(unexplained(path)) == [1, 5, 6, 9]
