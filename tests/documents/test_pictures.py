"""The pictures of the guide are those that ``make pictures`` makes."""

from __future__ import annotations

from tests.site.pictures import PICTURES, the_way


def test_the_way_is_drawn_by_the_code() -> None:
    assert (PICTURES / "the-way.svg").read_text() == the_way()


def test_there_are_no_pictures_that_nobody_shows() -> None:
    shown = "".join(page.read_text() for page in PICTURES.parent.rglob("*.md"))
    for picture in PICTURES.iterdir():
        assert f"pictures/{picture.name}" in shown
