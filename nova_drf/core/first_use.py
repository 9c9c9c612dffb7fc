"""Names of a package that are imported when somebody first asks for them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module


def on_first_use(package: str, names: Mapping[str, Iterable[str]]) -> Callable[[str], object]:
    """Return the ``__getattr__`` of a package (PEP 562).

    Type checkers see the same names, imported under ``if TYPE_CHECKING``.

    Args:
        package: Its name, or that of a module.
        names: By the full name of a module, what it defines.
    """
    homes = {name: home for home, those in names.items() for name in those}

    def __getattr__(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        vars(sys.modules[package])[name] = value
        return value

    return __getattr__
