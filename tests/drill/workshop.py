"""A copy of the clinic in a Git repository of its own, on which the drill works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.drill.steps import TRAFFIC

ROOT = Path(__file__).resolve().parents[2]
CLINIC = ROOT / "examples" / "clinic"
STEPS = CLINIC / "steps"

_NOT_COPIED = ("steps", "__pycache__", "db.sqlite3", "media")


class DrillError(Exception):
    """A command failed, or answers differ."""


class Workshop:
    """A clinic in a directory.

    Args:
        folder: The directory; it is made, with a copy of the classic clinic.
        database: The file of its database.
    """

    def __init__(self, folder: Path, database: Path) -> None:
        self.folder = folder
        self.database = str(database)
        shutil.copytree(CLINIC, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        self._environment = {
            **os.environ,
            "CLINIC_DATABASE": self.database,
            "DJANGO_SETTINGS_MODULE": "clinic.test_settings",
            "PYTHONDONTWRITEBYTECODE": "1",
            # The order of methods in DRF's ``Allow`` header is that of a set.
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        }
        self.git("init", "--quiet")
        self.git("config", "user.name", "drill")
        self.git("config", "user.email", "drill@clinic.example")
        (folder / ".git" / "info" / "exclude").write_text(f"{TRAFFIC}\n")
        self.commit("The classic clinic")

    def run(self, *command: str, **environment: str) -> str:
        """Run a program in the clinic's directory.

        Args:
            command: The program and its arguments.
            environment: Further variables of its environment.

        Returns:
            What it prints.

        Raises:
            DrillError: It fails.
        """
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self._environment, **environment},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            # A replay tells the differences first, verbose commands the error last.
            said = f"{done.stdout[:6000]}\n...\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
            raise DrillError(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
        return done.stdout

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a Python program in the clinic's directory, which goes on meanwhile.

        Args:
            arguments: The program and its arguments.
            environment: Further variables of its environment.
        """
        return subprocess.Popen(
            (sys.executable, *arguments),
            cwd=self.folder,
            env={**self._environment, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def manage(self, *arguments: str) -> str:
        """Run a management command, and return what it prints.

        Args:
            arguments: Its name and its arguments.
        """
        return self.run(sys.executable, "manage.py", *arguments)

    def module(self, name: str, *arguments: str, **environment: str) -> str:
        """Run a module of the drill within the clinic, and return what it prints.

        Args:
            name: The module's name.
            arguments: Its arguments.
            environment: Further variables of its environment.
        """
        return self.run(sys.executable, "-m", f"tests.drill.{name}", *arguments, **environment)

    def git(self, *arguments: str) -> str:
        """Run Git, and return what it prints.

        Args:
            arguments: Its arguments.
        """
        return self.run("git", *arguments)

    def apply(self, patch: str) -> None:
        """Apply what a person writes.

        Args:
            patch: The name of a file in ``examples/clinic/steps``.
        """
        self.git("apply", "--whitespace=nowarn", str(STEPS / patch))

    def commit(self, message: str) -> None:
        """Commit all that there is.

        Args:
            message: What was done.
        """
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def tests(self) -> int:
        """Run the clinic's own tests, and return how many there are."""
        command = (sys.executable, "manage.py", "test", "--verbosity", "1")
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True
        )
        if done.returncode:
            raise DrillError(f"The clinic's own tests fail:\n{done.stderr[-6000:]}")
        return int(done.stderr.partition("Ran ")[2].split()[0])

    def send(self, answers: Path, *options: str, records: bool = False) -> dict[str, Any]:
        """Send all requests, and write down the answers.

        Args:
            answers: The file for the answers.
            options: What :mod:`tests.drill.send` takes.
            records: Whether the middleware of the clinic records all of them.
        """
        share = "100" if records else "0"
        printed = self.module("send", str(answers), *options, CLINIC_RECORDED=share)
        said: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return said

    def lines(self) -> int:
        """Count the lines of the clinic's code: no tests, migrations or empty lines."""
        files = [file for file in self.folder.rglob("*.py") if _is_code(file)]
        return sum(bool(line.strip()) for file in files for line in file.open())

    def figures(self) -> dict[str, Any]:
        """Return how many actions are in each stage, and how many fields have a type."""
        said: dict[str, Any] = json.loads(self.module("figures").splitlines()[-1])
        return said


def _is_code(file: Path) -> bool:
    return not {"tests", "migrations"} & {*file.parts} and file.name != "sample_data.py"
