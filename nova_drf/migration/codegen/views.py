"""The views that use serializers which were written into another module."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import libcst as cst
from django.conf import settings
from libcst.helpers import ensure_type, get_full_name_for_node
from rest_framework.views import APIView

from nova_drf.core.ownership import subclasses
from nova_drf.migration.codegen.imports import finished, without_imports
from nova_drf.migration.codegen.names import Import, Names
from nova_drf.migration.codegen.outcomes import Change, Written
from nova_drf.migration.codegen.sources import SourceModule, source_of


def changed_views(written: Iterable[Written], module: str) -> list[Change]:
    """Let views take their serializers from the module into which they were written.

    Args:
        written: What was written.
        module: The module's dotted name.

    Raises:
        LookupError: The views cannot be found, since the project's URLs cannot be imported.
    """
    urls = getattr(settings, "ROOT_URLCONF", None)
    try:
        if urls is not None:
            import_module(urls)
    except Exception as error:
        # What a project's modules do when they are imported may raise anything.
        said = f"{type(error).__name__}: {error}"
        raise LookupError(f"{urls} cannot be imported ({said}). No view was changed.") from error
    by_class = {each.cls: each for each in written if each.statements}
    sources = dict.fromkeys(_sources_of_views({*by_class}))
    return [_Views(source, by_class, module).change() for source in sources]


def _sources_of_views(classes: set[Any]) -> Iterator[SourceModule]:
    for view in subclasses(APIView):
        used = {vars(view).get("serializer_class"), *_in_actions(view)}
        source = source_of(view) if used & classes else None
        if source is not None:
            yield source


def _in_actions(view: type) -> Iterator[Any]:
    """Yield the serializers that ``@action`` names."""
    for method in vars(view).values():
        arguments = getattr(method, "kwargs", None)
        if isinstance(arguments, dict) and arguments.get("serializer_class") is not None:
            yield arguments["serializer_class"]


class _Views:
    """Rewrites one file with views.

    Args:
        source: The file.
        written: What was written, by the original class.
        module: Where it was written.
    """

    def __init__(self, source: SourceModule, written: dict[Any, Written], module: str) -> None:
        self.source = source
        self.written = written
        bound = vars(source.module)
        self.switched = {
            name: written[bound[name]].name
            for name in source.imports
            if isinstance(bound.get(name), type) and bound[name] in written
        }
        self.module = module

    def change(self) -> Change:
        """Return the file with its imports changed; the names in it stay."""
        source, names = self.source, Names(vars(self.source.module))
        names.imports |= {name: Import(self.module, new) for name, new in self.switched.items()}
        tree = ensure_type(source.tree.visit(_Switched(self, names)), cst.Module)
        tree = tree.with_changes(body=without_imports(tree.body, self.switched.keys()))
        return Change(source.path, source.text, finished(tree, source.tree, names, source.path))

    def new_name(self, path: str, names: Names) -> str | None:
        """Return what ``serializers.BookSerializer``, say, becomes; ``None`` if it stays."""
        home, _dot, name = path.rpartition(".")
        module: object = self.source.module
        for step in home.split("."):
            module = getattr(module, step, None)
        value = getattr(module, name, None)
        if not isinstance(module, ModuleType) or not isinstance(value, type):
            return None
        written = self.written.get(value)
        if written is None:
            return None
        package, _dot, top = self.module.rpartition(".")
        new = names.use(package, top) if package else names.use(top, None)
        return f"{new}.{written.name}"


class _Switched(cst.CSTTransformer):
    """Takes serializers that are named with their module from the new one."""

    def __init__(self, views: _Views, names: Names) -> None:
        self.views = views
        self.names = names

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        path = get_full_name_for_node(original_node)
        new = None if path is None else self.views.new_name(path, self.names)
        return updated_node if new is None else cst.parse_expression(new)


def module_name(path: Path) -> str | None:
    """Return the dotted name by which a file can be imported, or ``None``."""
    names = [*_module_names(path.absolute().with_suffix(""))]
    # Where a project and its folder have the same name, only one of them is imported by it.
    return next((name for name in names if _is_found(name, path)), next(iter(names), None))


def _module_names(file: Path) -> Iterator[str]:
    for place in sys.path:
        root = Path(place or ".").absolute()
        if file.is_relative_to(root) and file != root:
            name = ".".join(file.relative_to(root).parts)
            if all(part.isidentifier() for part in name.split(".")):
                yield name


def _is_found(name: str, path: Path) -> bool:
    package = name.rpartition(".")[0]
    try:
        spec = find_spec(package) if package else None
    except ImportError:
        return False
    places = () if spec is None else spec.submodule_search_locations or ()
    return not package or str(path.absolute().parent) in places
