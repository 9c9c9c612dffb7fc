"""A linter for the prose of the documents: ``python -m tests.documents.prose``, in ``make lint``.

It looks at what people read: pages without their code, docstrings, help texts of commands, and the
messages of exceptions. It knows words that are not to be used, sentences that are too long, and
spelling.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.documents.messages import messages

ROOT = Path(__file__).resolve().parents[2]
WORDS = Path(__file__).with_name("words.txt")
LONGEST_SENTENCE = 45
"""How many words a sentence of a page may have."""

_OURS = (
    *("twins?", "purity", "plainly", "tiers?", "representers?", "blueprints?", "class plans?"),
    *("touched fields?", "tracked fields?", "lazy fields?", "kept fields?", "arrangements?"),
    *("two-sided", "both colou?rs", "colou?rs? of (?:a |the )?(?:method|service)s?"),
    *("guarded nodes?", "wire flag"),
)
_OLD = (
    *("whilst", "thereupon", "hereby", "whereby", "wherein", "thereof", "hence", "lest", "upon"),
    *("nought", "forthwith", "ere", "albeit", "notwithstanding"),
)
_LONG = (
    *("utili[sz]e[sd]?", "leverag(?:e[sd]?|ing)", "in order to", "due to the fact"),
    *("at this point in time", "a number of", "with regard to", "in the event that"),
)
_EMPTY = ("simply", "obviously", "of course", "trivially", "easily", "basically", "actually")
_BECAUSE = (
    r"(?<=, )for (?:they|it|he|she|we|nobody|nothing|none|there|\S*\(\)|\w+'s \w+|the \w+'s \w+)"
    r"(?= (?:is|are|was|has|have|does|do|can|only|would|could|will|knows?|says?|takes?)\b)"
)

WORDS_NOT_TO_USE = {
    "|".join(_OURS): "a word of our own for what Django, DRF or Pydantic have words for",
    "|".join(_OLD): "an old word",
    "|".join(_LONG): "longer than needed",
    "|".join(_EMPTY): "it says nothing",
    _BECAUSE: "`for` in the sense of because",
}
"""Patterns of words, and what is wrong with them."""

_CODE = re.compile(r"^(`{3,}|:{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(
    r"[\w./]+\.(?:py|md|yml|toml|json|jsonl|txt)\b|(`+).+?\1|<[^>]+>|https?://\S+|:\w+:`[^`]*`|\{\w+\}",
    re.DOTALL,
)
_ARGUMENT = re.compile(r"^ +\*{0,2}\w+:(?= )")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


class Complaint(NamedTuple):
    """Where something is to be mended, and what."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def pages() -> Iterator[Path]:
    """Yield the documents that people read; the changelog tells of the past."""
    yield from sorted(set(ROOT.glob("*.md")) - {ROOT / "CHANGELOG.md"})
    yield from sorted((ROOT / "migration_guide").rglob("*.md"))
    yield from sorted((ROOT / ".github").rglob("*.md"))


def prose_of(text: str) -> str:
    """Return a page without its code, with as many lines as before."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    def spaces(match: re.Match[str]) -> str:
        return " X " + "\n" * match[0].count("\n")

    text = _CODE.sub(blank, text)
    return _LINK.sub(lambda match: match[1], _INLINE.sub(spaces, text))


def texts_of(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the docstrings and the texts of a module that people read, with their lines."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text, line = node.value.value, node.lineno
        elif isinstance(node, ast.keyword) and node.arg in ("help", "hint", "help_text"):
            text, line = getattr(node.value, "value", None), node.value.lineno
        else:
            continue
        if isinstance(text, str):
            yield line, _without_doctest(text)


def _without_doctest(text: str) -> str:
    lines = (_ARGUMENT.sub("", line) for line in text.splitlines())
    return "\n".join("" if line.strip().startswith((">>>", "...")) else line for line in lines)


def complaints(*, spelling: bool = True) -> Iterator[Complaint]:
    """Yield what is to be mended in all documents and modules."""
    misspelt = _misspelt if spelling else lambda *_: ()
    for page in pages():
        place = str(page.relative_to(ROOT))
        prose = prose_of(page.read_text())
        yield from _words(place, 1, prose)
        yield from _long_sentences(place, prose)
        yield from misspelt(place, 1, prose)
    for file in sorted((ROOT / "nova_drf").rglob("*.py")):
        place = str(file.relative_to(ROOT))
        for line, text in texts_of(file):
            prose = prose_of(text)
            yield from _words(place, line, prose)
            yield from misspelt(place, line, prose)
    for message in messages():
        place, _, first = message.place.rpartition(":")
        yield from _words(f"nova_drf/{place}", int(first), prose_of(message.template))


def _words(place: str, first: int, prose: str) -> Iterator[Complaint]:
    for pattern, what in WORDS_NOT_TO_USE.items():
        for match in re.finditer(rf"\b(?:{pattern})\b", prose, re.IGNORECASE):
            line = first + prose.count("\n", 0, match.start())
            yield Complaint(f"{place}:{line}", f"{match[0]!r}: {what}")


def _long_sentences(place: str, prose: str) -> Iterator[Complaint]:
    at = 1
    for paragraph in re.split(r"(\n\s*\n|\n(?=\s*[-*|\d#]))", prose):
        for sentence in re.split(r"(?<=[.?!:;])\s", "" if "|" in paragraph else paragraph):
            count = len(sentence.split())
            if count > LONGEST_SENTENCE:
                yield Complaint(f"{place}:{at}", f"a sentence of {count} words: {sentence[:60]!r}")
        at += paragraph.count("\n")


def _misspelt(place: str, first: int, prose: str) -> Iterator[Complaint]:
    for match in _WORD.finditer(prose):
        if not is_known(match[0]):
            line = first + prose.count("\n", 0, match.start())
            yield Complaint(f"{place}:{line}", f"{match[0]!r} is in no dictionary")


@cache
def is_known(word: str) -> bool:
    """Whether a dictionary of English, or the project's own list, has a word."""
    word = word.replace("\u2019", "'")
    stem = word.removesuffix("'s")
    names_code = stem.isupper() or stem not in (stem.capitalize(), stem.lower())
    return names_code or stem.lower() in _own_words() or _dictionary().lookup(word)


@cache
def _own_words() -> frozenset[str]:
    return frozenset(WORDS.read_text().split())


@cache
def _dictionary() -> Any:
    from spylls.hunspell import Dictionary

    return Dictionary.from_files("en_US")


def main(found: Iterable[Complaint]) -> int:
    """Print what was found; 1 if there is something."""
    lines = [str(complaint) for complaint in found]
    print("\n".join(lines) or "The prose is in order.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(complaints()))
