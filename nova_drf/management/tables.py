"""Tables and progress bars for commands: rich's on a terminal, plain text everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

HAS_RICH = find_spec("rich") is not None
"""Whether the extra ``tools`` is installed."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular or the plural.

    Args:
        number: The number.
        noun: The singular; the plural adds an ``s``.
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def print_table(stream: Any, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """Print rows of text under the names of their columns.

    Args:
        stream: A command's ``stdout``.
        columns: The columns, in order; rows may have more.
        rows: The rows, by column.
    """
    if HAS_RICH and stream.isatty():
        _print_rich(stream, columns, rows)
        return
    widths = {name: max([len(name), *(len(row[name]) for row in rows)]) for name in columns}
    for row in ({name: name for name in columns}, *rows):
        cells = (row[name].ljust(width) for name, width in widths.items())
        stream.write("  ".join(cells).rstrip())


def _print_rich(stream: Any, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

    table = Table(*columns)
    for row in rows:
        table.add_row(*(row[name] for name in columns))
    console = Console(file=stream, markup=False)
    # A name that is cut can neither be looked up nor searched for; let the terminal wrap the line.
    unlimited = console.options.update(width=sys.maxsize)
    console.width = max(console.width, Measurement.get(console, unlimited, table).maximum)
    console.print(table)


@contextmanager
def progress_bar(stream: Any) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show how far a loop is, on a terminal.

    Args:
        stream: A command's ``stderr``.

    Yields:
        What to tell: the name of what is looked at next, how many were looked at, and how many
        there are. ``None`` where nobody is watching.
    """
    if not stream.isatty():
        yield None
    elif HAS_RICH:
        with _rich_bar(stream) as update:
            yield update
    else:
        yield lambda name, done, total: stream.write(f"\r\x1b[K{done}/{total} {name}", ending="")
        stream.write("\r\x1b[K", ending="")


@contextmanager
def _rich_bar(stream: Any) -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("", total=None)

        def update(name: str, done: int, total: int) -> None:
            bar.update(task, description=name, completed=done, total=total, refresh=True)

        yield update
