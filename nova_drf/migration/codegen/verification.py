"""Whether converted files answer as the revision before did."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rest_framework.metadata import SimpleMetadata
from rest_framework.renderers import HTMLFormRenderer

from nova_drf.migration.codegen.running import imported
from nova_drf.migration.proof.comparison import compare_documents
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.testing import ParityError, assert_parity


@dataclass(frozen=True)
class Verdict:
    """How a class compares with the one of its name before.

    Attributes:
        name: Its dotted name.
        is_same: Whether no difference was found.
        said: The smallest difference, or why there was nothing to compare.
    """

    name: str
    is_same: bool
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
    before: dict[str, ModuleType | str] = {}
    for cls in classes:
        if not issubclass(cls, (SchemaSerializer, SchemaBackedMixin)) or _is_to_derive_from(cls):
            continue
        if cls.__module__ not in before:
            before[cls.__module__] = _before(sys.modules[cls.__module__], revision)
        yield _compared(cls, before[cls.__module__], examples, descriptions)


def _is_to_derive_from(cls: Any) -> bool:
    """Whether a class has no fields of its own making, and others derive from it."""
    if not cls.__subclasses__():
        return False
    try:
        return not cls().fields
    except Exception:
        # There is nothing to compare; each class that derives from it is.
        return True


def _before(module: ModuleType, revision: str) -> ModuleType | str:
    """Import a module as it was, or say why that cannot be done."""
    path = Path(str(module.__file__))
    command = ["git", "-C", str(path.parent), "show", f"{revision}:./{path.name}"]
    shown = subprocess.run(command, capture_output=True, text=True)  # noqa: S603  # Git of the person who asks
    if shown.returncode:
        return shown.stderr.strip()
    name = f"{module.__name__}_before"
    try:
        return imported(shown.stdout, {}, name, str(module.__package__ or ""))
    except Exception as error:
        return f"{revision} cannot be imported beside it ({type(error).__name__}: {error})"


def _compared(
    cls: Any, before: ModuleType | str, examples: int, descriptions: Mapping[str, Describe]
) -> Verdict:
    name = f"{cls.__module__}.{cls.__qualname__}"
    if isinstance(before, str):
        return Verdict(name, False, before)
    old = getattr(before, cls.__name__, None)
    if old is None:
        return Verdict(name, False, "the revision has no class of that name")
    try:
        assert_parity(old, cls, examples=examples)
    except ParityError as error:
        return Verdict(name, False, str(error))
    except Exception as error:
        return Verdict(name, False, f"they cannot be compared ({type(error).__name__}: {error})")
    said = next(described_otherwise(old, cls, descriptions), "")
    return Verdict(name, not said, said)


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
