"""The new view class of a view, as source code: the same view, with the converted serializers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import libcst as cst
from rest_framework.generics import GenericAPIView

from nova_drf.core.overrides import overrides
from nova_drf.migration.codegen.imports import finished
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.outcomes import Change
from nova_drf.migration.moves.candidates import MoveError
from nova_drf.views import AsyncAPIView

_CLASS = '''
class {name}({old}):
    """The same, with serializers that have schemas."""

    # Clients see the docstring, in OPTIONS and in the document.
    __doc__ = {old}.__doc__
    serializer_class = {serializer}
'''

_CHOOSING = '''
class {name}({old}):
    """The same, with serializers that have schemas."""

    # Clients see the docstring, in OPTIONS and in the document.
    __doc__ = {old}.__doc__
    new_serializers = {{{pairs}}}

    def get_serializer_class(self):
        chosen = super().get_serializer_class()
        return self.new_serializers.get(chosen, chosen)
'''


def new_name(view: Any) -> str:
    """Return what the new class of a view is called.

    Args:
        view: The old class.
    """
    return f"New{view.__name__}"


def place_beside(view: object, name: str) -> tuple[str, Path]:
    """Return the dotted name and the file of a module beside that of a view.

    Args:
        view: The view class.
        name: The module's own name.
    """
    module = sys.modules[view.__module__]
    is_package = hasattr(module, "__path__")
    package = view.__module__ if is_package else view.__module__.rpartition(".")[0]
    folder = Path(str(module.__file__)).parent
    return f"{package}.{name}" if package else name, folder / f"{name}.py"


def view_source(
    view: Any,
    replaced: Mapping[Any, tuple[str, str]],
    module: str,
    path: Path,
    there: ModuleType | None,
) -> Change:
    """Write the new class of a view into a module.

    Args:
        view: The old class.
        replaced: The module and the name of the new serializer of each old one.
        module: The dotted name of the module into which it goes.
        path: Its file.
        there: The module as it is, if it is there.

    Raises:
        MoveError: What chooses the serializers cannot be derived from.
    """
    before = path.read_text("utf-8") if path.exists() else ""
    names = Names({} if there is None else vars(there), module)
    old = names.use(view.__module__, view.__name__)
    name = names.reserve(new_name(view))
    chosen = {serializer: names.use(*place) for serializer, place in replaced.items()}
    if _is_plain(view, replaced):
        code = _CLASS.format(name=name, old=old, serializer=chosen[view.serializer_class])
    else:
        if not issubclass(view, GenericAPIView) or issubclass(view, AsyncAPIView):
            raise MoveError(
                f"{view.__name__} does not choose its serializer in get_serializer_class(). Write "
                "its new class by hand."
            )
        olds = {
            serializer: names.use(serializer.__module__, serializer.__name__)
            for serializer in replaced
        }
        pairs = ", ".join(f"{olds[serializer]}: {new}" for serializer, new in chosen.items())
        code = _CHOOSING.format(name=name, old=old, pairs=pairs)
    tree = cst.parse_module(before or '"""The views with new serializers."""\n')
    apart = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
    added = cst.parse_module(code).body[0].with_changes(leading_lines=apart)
    changed = tree.with_changes(body=[*tree.body, added])
    return Change(path, before, finished(changed, cst.parse_module(before), names, path))


def _is_plain(view: Any, replaced: Mapping[Any, object]) -> bool:
    """Whether a view uses one serializer, which it names."""
    if getattr(view, "serializer_class", None) not in replaced or len(replaced) > 1:
        return False
    if any(overrides(view, ("get_serializer_class",))):
        return False
    actions = (getattr(view, name, None) for name in dir(view))
    extra = (getattr(action, "kwargs", None) for action in actions)
    return not any(isinstance(options, dict) and "serializer_class" in options for options in extra)
