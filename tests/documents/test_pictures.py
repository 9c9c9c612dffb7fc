"""The pictures of the guide are those that ``make pictures`` makes."""

from __future__ import annotations

import re

import pytest

from tests.documents.test_shell_lines import runnable
from tests.site.pictures import PICTURES, the_way
from tests.site.recordings import RECORDINGS, Line, drawn


def test_the_way_is_drawn_by_the_code() -> None:
    assert (PICTURES / "the-way.svg").read_text() == the_way()


def test_a_recording_shows_each_line_when_it_was_printed() -> None:
    drawing = drawn([Line(0.9, "$ one"), Line(1.5, "\x1b[1mtwo\x1b[0m")])
    assert re.findall(r"animation-delay:([\d.]+)s.*?>([^<\n]+)</text>", drawing) == [
        ("0.9", "$&#160;one"),
        ("1.5", "two"),
    ]
    assert "http://" not in drawing.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in drawing


@pytest.mark.parametrize("picture", RECORDINGS)
def test_a_recording_shows_lines_of_the_guide(picture: str) -> None:
    """The lines run in the tests, so that a recording of them does not go stale unseen."""
    lines = {line for lines in runnable().values() for line in lines}
    assert {*RECORDINGS[picture]} <= lines
    drawing = (PICTURES / picture).read_text().replace("&#160;", " ")
    assert all(line in drawing for line in RECORDINGS[picture])


def test_there_are_no_pictures_that_nobody_shows() -> None:
    shown = "".join(page.read_text() for page in PICTURES.parent.rglob("*.md"))
    for picture in PICTURES.iterdir():
        assert f"pictures/{picture.name}" in shown
