"""The page on the drill names the commands that the drill runs, and shows what they change."""

from __future__ import annotations

import pytest

from tests.drill.page import blocks, not_changed
from tests.drill.steps import REPLAY, Step, steps
from tests.drill.workshop import STEPS

SERVERS = {"old": "http://127.0.0.1:8001", "new": "http://127.0.0.1:8002"}


def test_each_command_of_the_page_is_run() -> None:
    run = [
        command
        for step in steps(is_quick=False)
        for command in (
            *(f"python manage.py {line}" for line in (*step.commands, *step.proves)),
            *([f"git rm {' '.join(step.removes)}"] if step.removes else []),
            *([f"python manage.py {REPLAY.format(**SERVERS)}"] if step.is_replayed else []),
        )
    ]
    shown = [line for block in blocks("console") for line in block.splitlines()]
    commands = [line for line in shown if not line.startswith("make ")]
    assert len(commands) > 6
    # How much is drawn, the page leaves out.
    assert [line for line in commands if not any(text.startswith(line) for text in run)] == []


WAY = list(enumerate(steps(is_quick=False), start=1))


@pytest.mark.parametrize(("number", "step"), WAY, ids=[step.name for _, step in WAY])
def test_the_page_shows_what_a_step_changes(number: int, step: Step) -> None:
    if step.patch:
        patch = (STEPS / step.patch).read_text()
        assert [block for block in blocks("diff", number) if block not in patch] == []
        assert not_changed(number, patch) == []
    # A flip is a row of a table. What commands write, the drill itself compares.
    assert bool(blocks("diff", number)) is (step.name != "flip")


def test_a_line_that_a_step_does_not_change_is_found() -> None:
    assert not_changed(2, "") != []
    assert not_changed(4, "") == []
