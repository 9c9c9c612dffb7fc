"""``make drill``: migrates a copy of the clinic, and fails if a client could tell.

Each step applies a patch, runs public commands, then the clinic's own tests, then sends all
requests and compares each byte with the answers of the classic clinic.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.drill.comparing import approvals, compared
from tests.drill.page import not_changed
from tests.drill.replay import replayed
from tests.drill.steps import TRAFFIC, Step, steps
from tests.drill.table import Line, printed
from tests.drill.workshop import DrillError, Workshop

_OLD, _NEW, _ASGI = "classic.jsonl", "step.jsonl", "asgi.jsonl"
_TURNS = 3
"""How often each clinic is measured."""


class Drill:
    """The way of one copy of the clinic.

    Args:
        folder: An empty directory.
        is_quick: Whether less is drawn and nothing is measured; all is compared as always.
    """

    def __init__(self, folder: Path, *, is_quick: bool) -> None:
        self.folder = folder
        self.is_quick = is_quick
        self.classic = Workshop(folder / "classic", folder / "classic.sqlite3")
        self.clinic = Workshop(folder / "clinic", folder / "clinic.sqlite3")
        self.clinic.manage("migrate", "--verbosity", "0")
        self.clinic.manage("load_sample_data")

    def start(self) -> Line:
        """Run the tests of the classic clinic, and keep its answers.

        Raises:
            DrillError: A test fails, or the same request has two answers.
        """
        tests = self.classic.tests()
        # Two rounds, so that what differs by itself is noticed.
        said = self.classic.send(self.folder / _OLD, "--rounds", "2")
        print(f"{said['requests']} requests, and {tests} tests of the clinic's own", flush=True)
        if not self.is_quick:
            self._compare(self._asgi(self.classic), "classic, asked through ASGI")
        return Line("classic", {}, 0, self.classic.lines(), tests, 0, 1.0)

    def take(self, step: Step) -> Line:
        """Take one step, and prove it.

        Args:
            step: The step.

        Raises:
            DrillError: A command or a test fails, or an answer differs that nobody approved.
        """
        print(f"{step.name}: {', '.join(_told(step))}", flush=True)
        clinic = self.clinic
        if step.patch:
            clinic.apply(step.patch)
        for file in step.removes:
            clinic.git("rm", "--quiet", file)
        for command in step.commands:
            clinic.manage(*command.split())
        if step.shadows:
            print(f"  the shadow: {clinic.module('shadow').strip()}", flush=True)
        clinic.run("ruff", "check", "--quiet")
        clinic.commit(step.name)
        self._look_at_page(step)
        with ThreadPoolExecutor() as pool:
            proofs: list[Future[str]] = [
                pool.submit(clinic.manage, *command.split()) for command in step.proves
            ]
            tests = pool.submit(clinic.tests)
            if step.is_measured:
                # Where time is measured, nothing else runs.
                running: list[Future[Any]] = [*proofs, tests]
                wait(running)
            approved, time = self._answers(step)
            said = [proof.result().splitlines()[-1] for proof in proofs]
        self._tell_replays(step, said)
        figures: dict[str, Any] = {"stages": {}, "typed": 0} if self.is_quick else clinic.figures()
        return Line(
            step.name,
            figures["stages"],
            figures["typed"],
            clinic.lines(),
            tests.result(),
            approved,
            time,
        )

    def _look_at_page(self, step: Step) -> None:
        """Fail if the guide shows lines that the step does not change.

        Raises:
            DrillError: It shows some.
        """
        number = [each.name for each in steps(is_quick=self.is_quick)].index(step.name) + 1
        wrong = not_changed(number, self.clinic.git("show", "HEAD"))
        if wrong:
            lines = "\n".join(wrong)
            raise DrillError(
                f"{step.name}: the page on the drill shows what it does not do:\n{lines}"
            )

    def _tell_replays(self, step: Step, said: list[str]) -> None:
        """Print what came of recorded traffic; ``said`` are the last lines of the proofs."""
        replays = [
            line for line, command in zip(said, step.proves, strict=True) if TRAFFIC in command
        ]
        if step.is_replayed:
            replays.append(replayed(self.classic, self.clinic))
        for line in replays:
            print(f"  the replay: {line}", flush=True)

    def _answers(self, step: Step) -> tuple[int, float | None]:
        """Compare the answers; return how many differ as approved, and the processor time."""
        flip = ["--flip"] if step.flips else []
        self.clinic.send(self.folder / _NEW, *flip, records=step.records)
        differing = self._compare(self.folder / _NEW, step.name)
        if step.is_asked_through_asgi:
            self._compare(self._asgi(self.clinic, *flip), f"{step.name}, through ASGI")
        if not step.is_measured:
            return differing, None
        return differing, self._time(*flip)

    def _time(self, *options: str) -> float:
        """Return the processor time of all requests, as a part of the classic clinic's.

        Both are measured in turns, and the least time of each counts, since others may use this
        machine.
        """
        times: dict[str, list[float]] = {"old": [], "new": []}
        for _ in range(_TURNS):
            for name, workshop, more in (("old", self.classic, ()), ("new", self.clinic, options)):
                sent = workshop.send(self.folder / "again.jsonl", "--rounds", "2", *more)
                times[name].append(sent["seconds"])
        return min(times["new"]) / min(times["old"])

    def _asgi(self, workshop: Workshop, *options: str) -> Path:
        workshop.send(self.folder / _ASGI, "--asgi", *options)
        return self.folder / _ASGI

    def _compare(self, answers: Path, name: str) -> int:
        told, stale, approved = compared(
            self.folder / _OLD, answers, approvals(self.clinic.folder / "approved_differences.toml")
        )
        if told or stale:
            lines = [*told[:40], *(f"approved, and does not occur: {entry}" for entry in stale)]
            raise DrillError("\n".join([f"{name}: {len(told)} differences", *lines]))
        return approved


def _told(step: Step) -> Iterator[str]:
    if step.patch:
        yield f"examples/clinic/steps/{step.patch}"
    yield from (f"manage.py {command}" for command in (*step.commands, *step.proves))


def main() -> int:
    """Take all steps, and print what they gained."""
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="draw less, measure nothing, compare the same"
    )
    options = parser.parse_args()
    with TemporaryDirectory(prefix="clinic-") as folder:
        try:
            drill = Drill(Path(folder), is_quick=options.quick)
            lines = [drill.start()]
            lines += [drill.take(step) for step in steps(is_quick=options.quick)]
        except DrillError as error:
            print(f"The drill failed.\n{error}", file=sys.stderr)
            return 1
    if not options.quick:
        print(f"\n{printed(lines)}\n")
    print(f"No byte differs, but in {lines[-1].approved} answers as is approved.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
