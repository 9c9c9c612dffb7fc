"""``make pictures``: the pictures of the guide, drawn by code or taken of what the code shows."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.site.recordings import make

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "migration_guide" / "pictures"
STEPS = (
    *("take stock", "the one-line mixin", "prove it", "a schema", "prove it", "a switch"),
    "a service, or async",
)
_PER_ROW, _WIDTH, _HEIGHT, _GAP = 3, 175, 54, 34
_STYLE = """
rect { fill: #eef5f1; stroke: #2a6f4e; stroke-width: 1.5 }
text { fill: #14171b; font: 18px sans-serif; text-anchor: middle; dominant-baseline: middle }
path { fill: none; stroke: #2a6f4e; stroke-width: 2 }
polygon { fill: #2a6f4e }
@media (prefers-color-scheme: dark) {
  rect { fill: #1d2b24; stroke: #6fbf97 } text { fill: #e8edf2 }
  path { stroke: #6fbf97 } polygon { fill: #6fbf97 }
}
"""


def the_way() -> str:
    """Return the way as a drawing that is readable on light and on dark ground."""
    rows = -(-len(STEPS) // _PER_ROW)
    width = _PER_ROW * _WIDTH + (_PER_ROW - 1) * _GAP + 4
    height = rows * _HEIGHT + (rows - 1) * _GAP + 4
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">',
        f"<style>{_STYLE}</style>",
    ]
    for number, step in enumerate(STEPS):
        x, y = _place(number)
        parts.append(f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>')
        parts.append(f'<text x="{x + _WIDTH / 2}" y="{y + _HEIGHT / 2}">{step}</text>')
        if number + 1 < len(STEPS):
            parts += _arrow(number)
    return "\n".join([*parts, "</svg>", ""])


def _place(number: int) -> tuple[int, int]:
    """Return where a step stands: rows run to and fro, so that each arrow is short."""
    row, column = divmod(number, _PER_ROW)
    column = _PER_ROW - 1 - column if row % 2 else column
    return 2 + column * (_WIDTH + _GAP), 2 + row * (_HEIGHT + _GAP)


def _arrow(number: int) -> list[str]:
    (x, y), (to_x, to_y) = _place(number), _place(number + 1)
    if y == to_y:
        ahead = 1 if to_x > x else -1
        begin, end = (x + _WIDTH, to_x) if ahead > 0 else (x, to_x + _WIDTH)
        middle = y + _HEIGHT / 2
        head = f"{end},{middle} {end - ahead * 9},{middle - 5} {end - ahead * 9},{middle + 5}"
        return [f'<path d="M{begin} {middle}H{end - ahead * 8}"/>', f'<polygon points="{head}"/>']
    middle, end = x + _WIDTH / 2, to_y
    head = f"{middle},{end} {middle - 5},{end - 9} {middle + 5},{end - 9}"
    return [f'<path d="M{middle} {y + _HEIGHT}V{end - 8}"/>', f'<polygon points="{head}"/>']


def report_page() -> str:
    """Return the report of the example project, as ``nova_report --format html`` writes it."""
    import django
    from django.conf import settings

    django.setup()
    from django.core.management import call_command

    with tempfile.TemporaryDirectory() as folder:
        settings.BASE_DIR = Path(folder)
        settings.DATABASES["default"]["NAME"] = ":memory:"
        call_command("migrate", verbosity=0)
        file = Path(folder) / "report.html"
        options: Any = {"format": "html", "output": file, "title": "Bookshop"}
        call_command("nova_report", tests=ROOT / "tests" / "examples", **options)
        return file.read_text("utf-8")


def take(page: str, picture: Path) -> None:
    """Take a picture of the upper part of a page, in Chromium."""
    from tests.browser import look, opened

    with tempfile.TemporaryDirectory() as folder, opened() as browser:
        file = Path(folder) / "page.html"
        file.write_text(page, "utf-8")
        look(browser, 1100, "light")
        browser.get(file.as_uri())
        browser.save_screenshot(str(picture))


def main(*_: Any) -> int:
    """Make all pictures."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "the-way.svg").write_text(the_way())
    take(report_page(), PICTURES / "report.png")
    make(PICTURES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
