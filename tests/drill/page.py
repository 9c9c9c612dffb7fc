"""What the page on the drill shows: its commands, and a part of what each step changes."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "migration_guide" / "drill.md"
_SECTION = re.compile(r"^## (\d+)\. .*?(?=^## |\Z)", re.M | re.S)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(language: str, number: int | None = None) -> list[str]:
    """Return the blocks of the page, or of one of its steps.

    Args:
        language: What they are in, such as ``"diff"``.
        number: The number of a step, from 1; all of the page when left out.
    """
    text = PAGE.read_text()
    if number is not None:
        sections = {int(match[1]): match[0] for match in _SECTION.finditer(text)}
        text = sections[number]
    return [block for name, block in _BLOCK.findall(text) if name == language]


def not_changed(number: int, diff: str) -> list[str]:
    """Return the lines that the page shows as changed by a step, and that it does not change.

    Args:
        number: The number of the step, from 1.
        diff: What it changes, as Git shows it.
    """
    changed = {*filter(_is_change, diff.splitlines())}
    shown = [line for block in blocks("diff", number) for line in block.splitlines()]
    return [line for line in shown if _is_change(line) and line not in changed]


def _is_change(line: str) -> bool:
    return line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- "))
