"""Source code that is tried out in memory, before it is written into files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from nova_drf.migration.codegen.running import imported

_NOTHING = object()


@contextmanager
def tried() -> Iterator[Trial]:
    """Import source code under the names of modules, and forget all of it at the end."""
    trial = Trial()
    try:
        yield trial
    finally:
        trial.forget()


class Trial:
    """Modules that stand in the places of those that are there, or will be."""

    def __init__(self) -> None:
        self._before: dict[str, Any] = {}

    def module(self, name: str, text: str) -> ModuleType:
        """Import source code under the name of a module.

        Args:
            name: The module's dotted name.
            text: Its source code.

        Raises:
            Exception: Whatever it raises when it is imported.
        """
        self._before.setdefault(name, sys.modules.get(name, _NOTHING))
        return imported(text, {}, name, name.rpartition(".")[0])

    def forget(self) -> None:
        """Put back what was there before."""
        for name, module in self._before.items():
            if module is _NOTHING:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        self._before.clear()
