"""The names that generated code uses, and the imports behind them."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import NamedTuple

_PUBLIC_HOMES = ("pydantic", "nova_drf", "django", "rest_framework")
"""Packages that define their classes deeper down than they document them."""


class CannotWriteError(Exception):
    """There is no source code for something; the message says for what."""


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
        bound: What names stand for in the file as it is: objects, or the imports of a file that
            was not imported. Nothing in a new file.
        module: The file's module; empty for one that is not imported.
        written: The classes that are written into other files, by module and name.
    """

    def __init__(
        self,
        bound: Mapping[str, object] | None = None,
        module: str = "",
        written: dict[Import, object] | None = None,
    ) -> None:
        self.module = module
        self.for_checkers: Mapping[str, Import] = {}
        """What the file imports for type checkers only."""
        self.starred: Collection[str] = ()
        """What it has by ``from ... import *``, which type checkers may not see."""
        self.written = {} if written is None else written
        self.reset(bound or {})

    def reset(self, bound: Mapping[str, object]) -> None:
        """Forget all but what names stand for in the file as it is."""
        self.written.clear()
        self.bound = dict(bound)
        self.imports: dict[str, Import] = {}
        self.guarded: dict[str, str] = {}
        """Statements that import under a condition, by how the original writes them."""
        self.of_guards: dict[str, object] = {}
        """What they bind; ``None`` for what only type checkers see."""
        self.defined: dict[str, object] = {}
        """The classes that are generated, by name."""
        self.enumerations: dict[tuple[str, str], str] = {}
        """The new enumerations, by base and members: two fields with the same choices share one."""
        self.renamed: dict[type, str] = {}
        """The new name of each class that is written."""

    def is_taken(self, name: str) -> bool:
        """Whether a name stands for something in the file."""
        taken = (self.bound, self.defined, self.imports, self.of_guards)
        return any(name in names for names in taken)

    def reserve(self, name: str) -> str:
        """Return a name for a new class, as near to ``name`` as there is one left."""
        while self.is_taken(name):
            name = f"{name}_"
        self.defined[name] = None
        return name

    def forget(self, *names: str) -> None:
        """Give names free that were reserved."""
        for name in names:
            self.defined.pop(name, None)

    def define(self, name: str, value: object) -> None:
        """Say what a generated class is, for this file and for others that import it."""
        self.defined[name] = value
        if self.module:
            self.written[Import(self.module, name)] = value

    def use(self, module: str, attribute: str | None, wanted: str | None = None) -> str:
        """Return the name of something that is imported.

        Args:
            module: Where it is.
            attribute: What it is called there; ``None`` for the module.
            wanted: The name that it should have.
        """
        target = Import(module, attribute)
        if attribute is None and wanted is None:
            return self._plain_module(target)
        for name in _candidates(target, wanted or attribute or module):
            if self._stands_for(name, target):
                if name not in self.bound or name in self.starred:
                    self.imports.setdefault(name, target)
                return name
        raise AssertionError("there are endless candidates")

    def _plain_module(self, target: Import) -> str:
        # ``import a.b`` binds ``a``, and two of them do not get in each other's way.
        top = Import(target.module.partition(".")[0], None)
        if not self._stands_for(top.module, top):
            return self.use(target.module, None, f"{target.module.replace('.', '_')}_module")
        if target.module not in self.bound:
            self.imports.setdefault(target.module, target)
        return target.module

    def _stands_for(self, name: str, target: Import) -> bool:
        """Whether a name is free, or means just that already."""
        if name in self.defined or name in self.of_guards:
            return False
        if name not in self.bound and self.for_checkers.get(name, target) != target:
            return False
        there = self.bound[name] if name in self.bound else self._imported(name) or target
        if isinstance(there, Import):
            return there == target or self._load(there) is self._load(target)
        return there is self._load(target)

    def _imported(self, name: str) -> Import | None:
        """Return what a name is imported as; ``import a.b`` is an import of ``a``."""
        if name in self.imports:
            return self.imports[name]
        tops = {module.partition(".")[0] for module in self.imports if "." in module}
        return Import(name, None) if name in tops else None

    def _as_written(self, value: object) -> object:
        """Return what is written for a class of another file, which is there as it was."""
        if not isinstance(value, type):
            return value
        return self.written.get(Import(value.__module__, value.__qualname__), value)

    def _load(self, target: Import) -> object:
        written = self.written.get(target)
        return target.load() if written is None else written

    def use_object(self, value: object) -> str:
        """Return an expression for a class, a function or a member of either.

        Raises:
            CannotWriteError: It has no importable name.
        """
        module, path = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if not isinstance(module, str) or not isinstance(path, str) or "<" in path:
            raise CannotWriteError(f"{value!r} has no name")
        top, *rest = path.split(".")
        if _reach(module, path) is not value:
            raise CannotWriteError(f"{value!r} is not what {module}.{path} is")
        if module == "builtins" and top not in self.bound:
            return path
        if module == self.module and self.bound.get(top) is _reach(module, top):
            return path
        home = _public_home(module, top)
        is_bound = self._stands_for(top, Import(home, top)) and top in self.bound
        if self._is_plainly_imported(home) and not is_bound:
            return f"{home}.{path}"
        return ".".join((self.use(home, top), *rest))

    def _is_plainly_imported(self, module: str) -> bool:
        """Whether the file says ``import datetime``, say."""
        there = self.bound.get(module) or self.imports.get(module)
        if module in self.starred and module not in self.imports:
            return False
        return there in (Import(module, None), sys.modules[module])

    def namespace(self) -> dict[str, object]:
        """Return what the names stand for, to import generated code in."""
        objects: dict[str, object] = {}
        for name, target in {**self.bound, **self.imports}.items():
            if not isinstance(target, Import):
                objects[name] = self._as_written(target)
                continue
            top = target.module.partition(".")[0]
            if target.attribute is None and name in (target.module, top):
                import_module(target.module)
                objects[top] = sys.modules[top]
            else:
                objects[name] = self._load(target)
        known = (*self.of_guards.items(), *self.defined.items())
        return {**objects, **{name: value for name, value in known if value is not None}}


def _candidates(target: Import, wanted: str) -> Iterator[str]:
    yield wanted
    package = target.module.partition(".")[0]
    is_class = wanted[:1].isupper()
    prefix = package.title().replace("_", "") if is_class else f"{package}_"
    name = f"{prefix}{wanted}"
    while True:
        yield name
        name = f"{name}_"


def _reach(module: str, path: str) -> object:
    value: object = sys.modules.get(module)
    for step in path.split("."):
        value = getattr(value, step, None)
    return value


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
