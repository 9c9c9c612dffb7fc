"""Importing what was written, to see what it makes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from itertools import count
from types import ModuleType


class NotCarriedError(Exception):
    """A class cannot be written.

    Args:
        reason: Why.
        remedy: What to do about it.
    """

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


class _TextLoader(InspectLoader):
    """Loads a module from a text.

    Args:
        text: The source code.
        names: What is there before it runs.
    """

    def __init__(self, text: str, names: Mapping[str, object]) -> None:
        self.text = text
        self.names = names

    def get_source(self, fullname: str) -> str:
        """Return the source code."""
        return self.text

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        own = {**vars(module)}
        module.__dict__.update(self.names)
        module.__dict__.update(own)
        super().exec_module(module)


_counter = count()
_WRITTEN = "nova_drf_written_"


def is_trial(cls: type) -> bool:
    """Whether a class is one that was only written to see what comes out."""
    module = sys.modules.get(cls.__module__)
    spec = None if module is None else module.__spec__
    return spec is not None and isinstance(spec.loader, _TextLoader)


def imported(
    text: str, names: Mapping[str, object], name: str = "", package: str = ""
) -> ModuleType:
    """Import source code as a module of its own.

    Args:
        text: The source code.
        names: What is there before it runs.
        name: What the module is called.
        package: The package that its relative imports begin in.
    """
    name = name or f"{_WRITTEN}{next(_counter)}"
    module = module_from_spec(ModuleSpec(name, _TextLoader(text, names)))
    if package:
        module.__package__ = package
    # Pydantic looks the names in annotations up in the module, when a class is first used.
    sys.modules[name] = module
    assert module.__spec__ is not None and module.__spec__.loader is not None  # noqa: S101, PT018  # for type checkers
    module.__spec__.loader.exec_module(module)
    return module


def run(code: str, names: Mapping[str, object]) -> Mapping[str, object]:
    """Import code that was written for a file; return what is in it.

    Raises:
        NotCarriedError: It cannot be imported.
    """
    try:
        return vars(imported(f"from __future__ import annotations\n{code}", names))
    except Exception as error:
        # What a project's modules do when they are imported may raise anything.
        raise NotCarriedError(
            f"what was written cannot be imported ({type(error).__name__}: {error})"
        ) from error
