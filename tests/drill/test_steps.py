"""The page on the drill names the commands that the drill runs."""

from __future__ import annotations

import re
from pathlib import Path

from tests.drill.steps import REPLAY, steps

PAGE = Path(__file__).resolve().parents[2] / "migration_guide" / "drill.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)

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
    shown = [line for block in BLOCK.findall(PAGE.read_text()) for line in block.splitlines()]
    commands = [line for line in shown if not line.startswith("make ")]
    assert len(commands) > 6
    # How much is drawn, the page leaves out.
    assert [line for line in commands if not any(text.startswith(line) for text in run)] == []
