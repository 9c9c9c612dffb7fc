"""Running what was written, to see what it makes."""

from __future__ import annotations

import sys
from itertools import count
from types import ModuleType
from typing import Any

from nova_drf.migration.codegen.names import Names


class NotCarriedError(Exception):
    """A class cannot be written; the message says why."""


_counter = count()


def run(code: str, names: Names) -> dict[str, Any]:
    """Run generated code in a module of its own; return what is in it.

    Raises:
        NotCarriedError: It does not run.
    """
    module = ModuleType(f"nova_drf_generated_{next(_counter)}")
    module.__dict__.update(names.namespace(), __name__=module.__name__)
    # Pydantic looks the names in annotations up in the module, when a class is first used.
    sys.modules[module.__name__] = module
    try:
        exec(f"from __future__ import annotations\n{code}", module.__dict__)  # noqa: S102  # code that we wrote ourselves
    except Exception as error:
        raise NotCarriedError(f"{type(error).__name__}: {error}") from error
    return module.__dict__
