"""A new module with the schemas of serializers, and the serializer classes that run them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst

from nova_drf.migration.codegen.classes import note
from nova_drf.migration.codegen.formatting import (
    DEFAULT_WIDTH,
    line_length,
    source_roots,
    with_sorted_imports,
)
from nova_drf.migration.codegen.names import Names, import_lines
from nova_drf.migration.codegen.planner import Planner, Written
from nova_drf.migration.codegen.sources import names_outside


@dataclass(frozen=True)
class Module:
    """A module that was written.

    Attributes:
        text: Its source code.
        written: What became of each class, in order.
    """

    text: str
    written: Sequence[Written]


def module_source(classes: Iterable[object], path: Path | None = None) -> Module:
    """Write the named serializers, and those that they nest or derive from, as a new module.

    Args:
        classes: Serializer classes.
        path: Where the module will be; the settings of the project there say how it is formatted.
    """
    wanted = list(classes)
    packages = {cls.__module__.partition(".")[0] for cls in wanted}
    width = DEFAULT_WIDTH if path is None else line_length(path)
    names = Names()
    planner = Planner(names, lambda cls: cls.__module__.partition(".")[0] in packages, width)
    for cls in wanted:
        planner.write(cls)
    written = list(planner.written.values())
    text = _text(wanted, written, names, width, path)
    return Module(text if path is None else with_sorted_imports(text, path), written)


def _text(
    wanted: list[Any], written: list[Written], names: Names, width: int, path: Path | None
) -> str:
    blocks = [block for one in written for block in _blocks(one, width)]
    body = "\n\n\n".join(blocks)
    used = names_outside(cst.parse_module(body))
    imports = {name: one for name, one in names.imports.items() if name.partition(".")[0] in used}
    head = [_docstring(wanted), "", "from __future__ import annotations", ""]
    lines = import_lines(imports, width, () if path is None else source_roots(path))
    return "\n".join((*head, *lines, "", "", body)) + "\n"


def _docstring(wanted: list[Any]) -> str:
    homes = list(dict.fromkeys(cls.__module__ for cls in wanted))
    of = homes[0] if len(homes) == 1 else f"{homes[0].partition('.')[0]}"
    return f'"""The serializers of ``{of}`` as schemas, and the classes that run them."""'


def _blocks(one: Written, width: int) -> list[str]:
    if not one.reason:
        return one.statements
    said = note(f"{one.name} goes on running as it is: {one.reason}", width)
    if not one.statements:
        return []
    return ["\n".join((*said, one.statements[0])), *one.statements[1:]]
