"""Write a project's serializers as source code, run it, and hold it against the originals."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any


def generate(
    name: str, classes: list[Any], context: Callable[[], dict[str, Any]], examples: int
) -> int:
    """Compare one project; return how many of its classes are not as they should be.

    Args:
        name: The project.
        classes: Its serializer classes.
        context: Makes the context of serializers.
        examples: How many inputs are drawn for each.
    """
    from nova_drf.migration.codegen.module import module_source
    from nova_drf.migration.codegen.outcomes import summary

    file = Path(tempfile.mkdtemp()) / "generated.py"
    started = time.perf_counter()
    written = module_source(classes, file)
    took = time.perf_counter() - started
    module = ModuleType(f"generated_{name.replace('-', '_')}")
    sys.modules[module.__name__] = module
    exec(compile(written.after, module.__name__, "exec"), module.__dict__)
    counts: Counter[str] = Counter()
    for one in written.written:
        result = _compare(one, module, context, examples)
        kind = "classic" if one.reason and result == "same" else result.partition(" ")[0]
        counts[kind] += 1
        if kind not in ("same", "list", "abstract"):
            print(f"  {one.cls.__qualname__}: {one.reason or result}")
        if kind == "classic" and result != "same":
            print(result)
    clean = _ruff(written.after, file)
    shutil.rmtree(file.parent)
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    print(
        f"  generated: {said}; {len(written.after.splitlines())} "
        f"lines in {took:.1f} s, "
        f"ruff: {clean}"
    )
    print(f"  {summary(written.written)}")
    return counts["DIFFERS"] + (clean not in ("clean", "not there"))


def _compare(one: Any, module: Any, context: Callable[[], dict[str, Any]], examples: int) -> str:
    from drf_spectacular.extensions import OpenApiSerializerExtension

    from nova_drf.migration.codegen.verification import DESCRIPTIONS, described_otherwise
    from nova_drf.openapi.contracts import contract_of
    from nova_drf.testing import assert_parity

    new = getattr(module, one.name, None)
    if one.reason and not one.statements:
        return "unwritten"
    try:
        getattr(one.cls(), "fields", None)
    except Exception:
        # A project's code may raise anything without a request.
        return "abstract"
    try:
        assert_parity(one.cls, new, context=context(), examples=examples)
    except Exception:
        # Not only what differs: whatever the new code raises is reported.
        return f"DIFFERS {traceback.format_exc(limit=-3)}"
    # An extension of drf-spectacular's knows a class by its module, which is another one here.
    is_known = OpenApiSerializerExtension.get_match(one.cls()) is not None
    compared = DESCRIPTIONS if is_known else {**DESCRIPTIONS, "OpenAPI": contract_of}
    described = described_otherwise(one.cls, new, compared)
    said = "; ".join(described)
    return f"DIFFERS {said}" if said else "same"


def _ruff(text: str, file: Path) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        return "not there"
    file.write_text(text)
    checks = (
        ("check", "--isolated", "--select", "E4,E7,E9,F,I"),
        ("format", "--isolated", "--check"),
    )
    done = [
        subprocess.run([ruff, *one, "--no-cache", str(file)], capture_output=True, text=True)
        for one in checks
    ]
    return "".join(one.stdout for one in done if one.returncode) or "clean"
