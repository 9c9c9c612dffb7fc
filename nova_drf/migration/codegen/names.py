"""The names that generated code uses, and the imports behind them."""

from __future__ import annotations

import builtins
import sys
import sysconfig
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

_PUBLIC_HOMES = ("pydantic", "nova_drf", "django", "rest_framework")
"""Packages that define their classes deeper down than they document them."""


class CannotWriteError(Exception):
    """There is no source code for a value; the message says for which."""


class Import(NamedTuple):
    """What a name stands for.

    Attributes:
        module: The module.
        attribute: What is imported from it; ``None`` for the module itself.
    """

    module: str
    attribute: str | None

    def load(self) -> object:
        """Return the object."""
        module = import_module(self.module)
        return module if self.attribute is None else getattr(module, self.attribute)


class Names:
    """The names of one file.

    Args:
        bound: What names stand for in the file as it is; nothing in a new file.
        module: The file's module; empty for a new file.
    """

    def __init__(self, bound: Mapping[str, object] | None = None, module: str = "") -> None:
        self.bound = dict(bound or {})
        self.module = module
        self.imports: dict[str, Import] = {}
        self.defined: dict[str, Any] = {}
        """The classes that are generated, by name."""
        self.renamed: dict[type, str] = {}
        """The new name of each class that is written."""

    def reserve(self, name: str) -> str:
        """Return a name for a new class, as near to ``name`` as there is one left."""
        while name in self.bound or name in self.defined or name in self.imports:
            name = f"{name}_"
        self.defined[name] = None
        return name

    def forget(self, *names: str) -> None:
        """Give names free that were reserved."""
        for name in names:
            self.defined.pop(name, None)

    def use(self, module: str, attribute: str | None, wanted: str | None = None) -> str:
        """Return the name of something that is imported.

        Args:
            module: Where it is.
            attribute: What it is called there; ``None`` for the module.
            wanted: The name that it should have.
        """
        given = Import(module, attribute)
        if attribute is None and wanted is None:
            return self._plain_module(given)
        value = given.load()
        for name in _candidates(given, wanted or attribute or module):
            if self._stands_for(name, value):
                if name not in self.bound:
                    self.imports.setdefault(name, given)
                return name
        raise AssertionError("there are endless candidates")

    def _plain_module(self, given: Import) -> str:
        # ``import a.b`` binds ``a``, and two of them do not get in each other's way.
        if given.module not in self.imports and given.module not in self.bound:
            self.imports[given.module] = given
        return given.module

    def _stands_for(self, name: str, value: object) -> bool:
        """Whether a name is free, or means just that already."""
        if name in self.defined:
            return False
        if name in self.bound:
            return self.bound[name] is value
        return name not in self.imports or self.imports[name].load() is value

    def use_object(self, value: Any) -> str:
        """Return an expression for a class, a function or a member of either.

        Raises:
            CannotWriteError: It has no importable name.
        """
        module, path = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(path, str) or "<" in path:
            raise CannotWriteError(f"{value!r} has no name")
        top, *rest = path.split(".")
        found = _reach(module, path)
        if found is not value:
            raise CannotWriteError(f"{value!r} is not what {module}.{path} is")
        if module == "builtins" and top not in self.bound:
            return path
        if module == self.module and self.bound.get(top) is _reach(module, top):
            return path
        return ".".join((self.use(_public_home(module, top), top), *rest))

    def namespace(self) -> dict[str, Any]:
        """Return what the names stand for, to run generated code in."""
        made: dict[str, Any] = dict(self.bound)
        for name, given in self.imports.items():
            if given.attribute is None and name == given.module:
                import_module(given.module)
                top = given.module.partition(".")[0]
                made[top] = sys.modules[top]
            else:
                made[name] = given.load()
        made.update({name: value for name, value in self.defined.items() if value is not None})
        return made


def _candidates(given: Import, wanted: str) -> Iterator[str]:
    yield wanted
    package = given.module.partition(".")[0]
    is_class = wanted[:1].isupper()
    prefix = package.title().replace("_", "") if is_class else f"{package}_"
    name = f"{prefix}{wanted}"
    while True:
        yield name
        name = f"{name}_"


def _reach(module: str, path: str) -> object:
    found: Any = sys.modules.get(module)
    for step in path.split("."):
        found = getattr(found, step, None)
    return found


def _public_home(module: str, name: str) -> str:
    """Return the module nearest to the top of its package that has the same object."""
    steps = module.split(".")
    if steps[0] not in _PUBLIC_HOMES:
        return module
    value = _reach(module, name)
    homes = (".".join(steps[:depth]) for depth in range(1, len(steps)))
    return next((home for home in homes if _offers(home, name, value)), module)


def _offers(home: str, name: str, value: object) -> bool:
    return getattr(sys.modules.get(home), name, None) is value


def is_builtin(name: str) -> bool:
    """Whether Python itself knows a name."""
    return hasattr(builtins, name)


# The import block


def section(module: str, roots: Collection[Path] = ()) -> int:
    """Return where isort puts a module: future, standard library, third party, first party.

    Args:
        module: The module.
        roots: The folders in which the project's own packages are; without them, whatever is not
            installed is the project's own.
    """
    top = module.partition(".")[0]
    if top == "__future__":
        return 0
    if top in sys.stdlib_module_names:
        return 1
    home = _home(top)
    if roots:
        return 3 if home in roots else 2
    return 2 if home is None or any(home.is_relative_to(one) for one in _installed()) else 3


def _home(package: str) -> Path | None:
    """Return the folder in which a top-level package or module is."""
    found = sys.modules.get(package) or import_module(package)
    file = getattr(found, "__file__", None)
    if file is None:
        places = [*getattr(found, "__path__", ())]
        return Path(places[0]).parent if places else None
    return Path(file).parent.parent if hasattr(found, "__path__") else Path(file).parent


def _installed() -> set[str]:
    return {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}


def sort_key(name: str) -> tuple[int, str, str]:
    """Return the place of a name among those of one ``from`` import: constants, classes, rest."""
    if name.isupper() and len(name) > 1:
        return 0, name.lower(), name
    return (1 if name[:1].isupper() else 2), name.lower(), name


def spelled(attribute: str, name: str) -> str:
    """Return one name of a ``from`` import."""
    return attribute if attribute == name else f"{attribute} as {name}"


def import_lines(
    imports: Mapping[str, Import], width: int, roots: Collection[Path] = ()
) -> list[str]:
    """Return the import block of a new file, sorted as isort does."""
    given: dict[str, list[tuple[str, str]]] = {}
    plain: dict[int, list[str]] = {}
    for name, one in imports.items():
        if one.attribute is None:
            said = one.module if name == one.module else f"{one.module} as {name}"
            plain.setdefault(section(one.module, roots), []).append(f"import {said}")
        else:
            given.setdefault(one.module, []).append((one.attribute, name))
    blocks = []
    for number in range(4):
        lines = sorted(plain.get(number, ()))
        for module in sorted(
            (one for one in given if section(one, roots) == number), key=str.lower
        ):
            lines += from_import(module, given[module], width)
        if lines:
            blocks.append(lines)
    return [line for block in blocks for line in (*block, "")][:-1]


def from_import(module: str, names: list[tuple[str, str]], width: int) -> list[str]:
    """Return the lines of the ``from`` imports of one module; each renamed one has its own.

    Args:
        module: The module.
        names: What is imported, and the name that it gets.
        width: The length of a line.
    """
    ordered = sorted(names, key=lambda one: sort_key(one[0]))
    together = [attribute for attribute, name in ordered if attribute == name]
    groups = [[spelled(*one)] for one in ordered if one[0] != one[1]]
    groups += [together] if together else []
    groups.sort(key=lambda parts: sort_key(parts[0].partition(" ")[0]))
    return [line for parts in groups for line in _from_import(module, parts, width)]


def _from_import(module: str, parts: list[str], width: int) -> list[str]:
    line = f"from {module} import {', '.join(parts)}"
    if len(line) <= width:
        return [line]
    return [f"from {module} import (", *(f"    {part}," for part in parts), ")"]
