"""Whether converted files answer as the revision before did."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard

import libcst as cst
import libcst.matchers as m
from rest_framework.metadata import SimpleMetadata
from rest_framework.renderers import HTMLFormRenderer

from nova_drf.migration.codegen.bindings import imported_by
from nova_drf.migration.codegen.names import Import
from nova_drf.migration.codegen.running import imported
from nova_drf.migration.proof.comparison import compare_documents
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.testing import ParityError, assert_parity


class Result(StrEnum):
    """What came out of a comparison."""

    SAME = "same"
    DIFFERS = "differs"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class Verdict:
    """How a class compares with the one of its name before.

    Attributes:
        name: Its dotted name.
        result: What came out.
        said: The smallest difference, or why there was nothing to compare.
    """

    name: str
    result: Result
    said: str = ""


Describe = Callable[[Any], object]
"""Returns what a serializer class says of itself, in dictionaries, lists and texts."""

DESCRIPTIONS: Mapping[str, Describe] = {
    "metadata": lambda cls: SimpleMetadata().get_serializer_info(cls()),
    "form": lambda cls: HTMLFormRenderer().render(cls().data),
}
"""What DRF itself asks a serializer class for: the answer to OPTIONS, and the form."""


def verified(
    classes: Iterable[Any],
    revision: str,
    examples: int = 50,
    descriptions: Mapping[str, Describe] = DESCRIPTIONS,
) -> Iterator[Verdict]:
    """Compare classes with what their files had in an earlier revision.

    Args:
        classes: Serializer classes, as they are now.
        revision: What Git calls the revision.
        examples: How many inputs, and how many objects, are drawn for each.
        descriptions: What else has to be the same, by what it is called.
    """
    before = _Before(revision)
    for cls in classes:
        if issubclass(cls, (SchemaSerializer, SchemaBackedMixin)) and not _is_to_derive_from(cls):
            module = before.module(sys.modules[cls.__module__])
            yield _compared(cls, module, examples, descriptions)


def _is_to_derive_from(cls: Any) -> bool:
    """Whether a class has no fields of its own making, and others derive from it."""
    if not cls.__subclasses__():
        return False
    try:
        return not cls().fields
    except Exception:
        # There is nothing to compare; each class that derives from it is.
        return True


class _Before:
    """Modules as they were in a revision.

    What one takes from others that have changed, it gets as that was.

    Args:
        revision: What Git calls the revision.
    """

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self.modules: dict[ModuleType, ModuleType | str] = {}

    def module(self, module: ModuleType) -> ModuleType | str:
        """Import a module as it was, or say why that cannot be done."""
        if module not in self.modules:
            # One that imports itself, by way of others, gets what is there now.
            self.modules[module] = module
            self.modules[module] = self._imported(module)
        return self.modules[module]

    def _imported(self, module: ModuleType) -> ModuleType | str:
        path = Path(str(module.__file__))
        command = ["git", "-C", str(path.parent), "show", f"{self.revision}:./{path.name}"]
        shown = subprocess.run(command, capture_output=True, text=True)  # noqa: S603  # Git of the person who asks
        if shown.returncode:
            return shown.stderr.strip()
        name, package = f"{module.__name__}_before", str(module.__package__ or "")
        names = {"__file__": module.__file__}
        try:
            with self._in_place_of_new(shown.stdout, package):
                return imported(shown.stdout, names, name, package)
        except Exception as error:
            # What a project's modules do when they are imported may raise anything.
            return f"{self.revision} cannot be imported beside it ({type(error).__name__}: {error})"

    @contextmanager
    def _in_place_of_new(self, text: str, package: str) -> Iterator[None]:
        """Let modules have what they had, as far as a text imports it from them."""
        changed: list[tuple[ModuleType, str, object]] = []
        for target in _imports_in(text, package):
            home, name = _home(target)
            new = getattr(home, name, None)
            old = self._old(new)
            if home is not None and old is not new:
                changed.append((home, name, new))
                setattr(home, name, old)
        try:
            yield
        finally:
            for home, name, new in reversed(changed):
                setattr(home, name, new)

    def _old(self, value: object) -> object:
        """Return a module, or a serializer class, as it was."""
        if isinstance(value, ModuleType) and any(map(_has_schema, vars(value).values())):
            before = self.module(value)
            return value if isinstance(before, str) else before
        if not _has_schema(value):
            return value
        before = self.module(sys.modules[value.__module__])
        return getattr(before, value.__name__, value)


def _has_schema(value: object) -> TypeGuard[type]:
    return isinstance(value, type) and issubclass(value, (SchemaSerializer, SchemaBackedMixin))


def _imports_in(text: str, package: str) -> Iterator[Import]:
    """Yield what a module imports, wherever it says so."""
    for node in m.findall(cst.parse_module(text), m.Import() | m.ImportFrom()):
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            yield from (target for _name, target in imported_by(node, package) if target)


def _home(target: Import) -> tuple[ModuleType | None, str]:
    """Return the module that has what is imported, and the name that it has there."""
    module, _dot, name = target.module.rpartition(".")
    if target.attribute is not None:
        module, name = target.module, target.attribute
    return sys.modules.get(module), name


def _compared(
    cls: Any, before: ModuleType | str, examples: int, descriptions: Mapping[str, Describe]
) -> Verdict:
    name = f"{cls.__module__}.{cls.__qualname__}"
    if isinstance(before, str):
        return Verdict(name, Result.NOT_COMPARED, before)
    old: Any = before
    for step in cls.__qualname__.split("."):
        old = getattr(old, step, None)
    if old is None:
        why = "a function makes it" if "<" in name else "the revision has no class of that name"
        return Verdict(name, Result.NOT_COMPARED, why)
    try:
        assert_parity(old, cls, examples=examples)
        said = next(described_otherwise(old, cls, descriptions), "")
    except ParityError as error:
        return Verdict(name, Result.DIFFERS, str(error))
    except Exception as error:
        # It is the project's code; the table says what it raised.
        return Verdict(name, Result.NOT_COMPARED, f"{type(error).__name__}: {error}")
    return Verdict(name, Result.DIFFERS if said else Result.SAME, said)


def described_otherwise(
    old: Any, new: Any, descriptions: Mapping[str, Describe] = DESCRIPTIONS
) -> Iterator[str]:
    """Yield in what two classes describe themselves otherwise.

    Args:
        old: The class that is there.
        new: The one that is to replace it.
        descriptions: What is compared, by what it is called.
    """
    for what, describe in descriptions.items():
        try:
            theirs = describe(old)
        except Exception:  # noqa: S112  # where DRF fails, there is nothing to be the same as
            continue
        differences = compare_documents(theirs, describe(new))
        yield from (f"{what}: {difference}" for difference in differences)
