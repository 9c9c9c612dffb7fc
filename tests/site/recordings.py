"""Recordings of a terminal: commands run in the example project, and are drawn line by line.

``make pictures`` makes them. A recording is a drawing whose lines appear when the command printed
them; whoever prefers no motion sees all of them at once.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 96
"""How many letters a line has."""

RECORDINGS = {
    "convert.svg": [
        "python manage.py nova_convert catalogue.serializers.ClassicReviewSerializer --diff"
    ],
    "migrate.svg": [
        "python manage.py nova_migrate --list",
        "python manage.py nova_migrate catalogue.views.ClassicBookViewSet",
    ],
}
"""The drawings, and the lines that are typed."""

_LONGEST_PAUSE, _TYPED, _READ = 1.2, 0.9, 1.0
"""In seconds: while a command works, before it is entered, and after it has ended."""

_PREPARE = """
import django
django.setup()
from django.core.management import call_command
from catalogue.sample_data import load_sample_data
call_command("migrate", verbosity=0)
load_sample_data()
"""

_FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" width="{width}" \
xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
@media (prefers-reduced-motion: no-preference) {{
  text[style] {{ animation: shown 0.01s both }}
}}
@keyframes shown {{ from {{ opacity: 0 }} to {{ opacity: 1 }} }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" \
clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
_LINE = re.compile(
    r'(<text class="[^"]+" )(x="[^"]+" y="[^"]+" textLength="[^"]+" [^>]*-line-(\d+)\))'
)


class Line(NamedTuple):
    """A line of a terminal: when it was there, in seconds, and its text with its colours."""

    at: float
    text: str


def record(commands: Sequence[str]) -> list[Line]:
    """Run commands in a copy of the example project, and return what a terminal showed.

    Args:
        commands: What is typed.
    """
    with TemporaryDirectory() as folder:
        project = Path(folder) / "bookshop"
        shutil.copytree(
            ROOT / "examples" / "bookshop", project, ignore=shutil.ignore_patterns("*.sqlite3")
        )
        environment = {
            **os.environ,
            **{"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "bookshop.settings"},
            **{"COLUMNS": str(WIDTH), "TERM": "xterm-256color", "PYTHONDONTWRITEBYTECODE": "1"},
        }
        run = [sys.executable, "-c", _PREPARE]
        subprocess.run(run, cwd=project, env=environment, check=True)
        lines: list[Line] = []
        now = 0.0
        for command in commands:
            now += _TYPED
            lines.append(Line(now, f"\x1b[1;32m$\x1b[0m {command}"))
            for waited, text in _shown(command, project, environment):
                now += min(waited, _LONGEST_PAUSE)
                lines.append(Line(now, text))
            now += _READ
            lines.append(Line(now, ""))
        return lines[:-1]


def _shown(command: str, project: Path, environment: dict[str, str]) -> Iterator[tuple[float, str]]:
    """Yield each line that a command prints on a terminal, and how long it was waited for."""
    ours, its = pty.openpty()
    arguments = command.split()
    process = subprocess.Popen(
        [sys.executable, *arguments[1:]],
        cwd=project,
        env=environment,
        stdout=its,
        # Bars of progress are drawn over.
        stderr=subprocess.DEVNULL,
    )
    os.close(its)
    before = monotonic()
    with os.fdopen(ours, encoding="utf-8", newline="") as terminal:
        try:
            for text in terminal:
                yield monotonic() - before, text.rstrip("\r\n")
                before = monotonic()
        except OSError:
            # The other end is closed: the command has ended.
            pass
    process.wait()


def drawn(lines: Sequence[Line]) -> str:
    """Return a recording as a drawing.

    Args:
        lines: What a terminal showed.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    times: list[float] = []
    for line in lines:
        for wrapped in Text.from_ansi(line.text).wrap(console, WIDTH) or [Text("")]:
            console.print(wrapped, no_wrap=True, crop=False)
            times.append(line.at)
    console.print()  # or the descenders of the last line are cut off
    drawing = console.export_svg(title="", code_format=_FORMAT, unique_id="t")

    def delayed(match: re.Match[str]) -> str:
        at = times[min(int(match[3]), len(times) - 1)]
        return f'{match[1]}style="animation-delay:{at:.1f}s" {match[2]}'

    return _LINE.sub(delayed, drawing)


def make(folder: Path) -> None:
    """Make all recordings.

    Args:
        folder: Where they go.
    """
    for name, commands in RECORDINGS.items():
        (folder / name).write_text(drawn(record(commands)), "utf-8")
