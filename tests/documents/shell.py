"""Runs the ``manage.py`` lines of the documents in a copy of the example project.

``python -m tests.documents.shell PROJECT LINES RESULTS``: Django is set up once, and each line runs
in a fork of that process, in the project as it was.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any


def main(project: Path, pages: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
    """Return the exit code and the output of each line."""
    original = project.with_name("original")
    _restore(original, project)
    os.chdir(project)
    sys.path.insert(0, str(project))
    import django

    django.setup()
    _send_less()
    results: dict[str, dict[str, Any]] = {}
    for lines in pages.values():
        for line in lines:
            if line in results:
                continue
            _restore(original, project)
            results[line] = _run(line, project)
    return results


def _send_less() -> None:
    """Let views be compared by one method: that the lines run is what is looked at here."""
    from functools import partial

    from nova_drf.migration.moves import move

    move.verify_endpoints = partial(move.verify_endpoints, methods=["delete"])


def _restore(original: Path, project: Path) -> None:
    for entry in project.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    shutil.copytree(original, project, dirs_exist_ok=True)


def _run(line: str, project: Path) -> dict[str, Any]:
    output = project.with_name("output.txt")
    child = os.fork()
    if child == 0:
        _be_manage_py(line, project, output)
    _, status = os.waitpid(child, 0)
    return {"code": os.waitstatus_to_exitcode(status), "output": output.read_text()}


def _be_manage_py(line: str, project: Path, output: Path) -> None:
    from django.core.management import execute_from_command_line

    command, _, target = line.partition(" > ")
    code = 1
    with (project / target.strip() if target else output).open("w") as file:
        if target:
            output.write_text("")
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            execute_from_command_line(shlex.split(command)[1:])
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


if __name__ == "__main__":
    project, lines, results = map(Path, sys.argv[1:])
    results.write_text(json.dumps(main(project, json.loads(lines.read_text()))))
