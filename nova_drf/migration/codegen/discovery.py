"""Which serializers a name stands for, and which ones a project has."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.overrides import is_users
from nova_drf.core.ownership import subclasses
from nova_drf.migration.codegen.obstacles import is_importable
from nova_drf.migration.codegen.sources import place_of
from nova_drf.serializers.schema_serializer import SchemaSerializer

_OF_LIBRARIES = frozenset(("django", "rest_framework", "nova_drf", "drf_spectacular"))


Tell = Callable[[str], None]
"""Takes one line about what was passed over."""


def named(target: str, *, done: bool = False, tell: Tell | None = None) -> list[Any]:
    """Return the serializer classes that a dotted name stands for.

    Args:
        target: A class, a module, or an app.
        done: Whether those with a schema count as well.
        tell: Is told which modules of an app cannot be imported.

    Raises:
        LookupError: There is nothing of that name, or no serializer in it.
    """
    value = _load(target, tell)
    if isinstance(value, type) and issubclass(value, BaseSerializer):
        return [value]
    if isinstance(value, ModuleType):
        classes = _all_serializers(done=done)
        inside = [cls for cls in classes if _is_within(cls.__module__, target)]
        if inside:
            return inside
        raise LookupError(f"{target} defines no serializers. Name a module that does.")
    raise LookupError(f"{target} is no serializer class, but {value!r}. Name one of those.")


def _load(target: str, tell: Tell | None) -> object:
    for config in apps.get_app_configs():
        if target in (config.label, config.name):
            _import_modules_of(config, tell)
            return import_module(config.name)
    try:
        return import_module(target)
    except ModuleNotFoundError as error:
        if error.name is None or not _is_within(target, error.name):
            raise
    try:
        return import_string(target)
    except ImportError as error:
        raise LookupError(f"{target} was not found ({error}). Name a class or a module.") from error


def _is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def project_serializers(*, done: bool = False, tell: Tell | None = None) -> list[Any]:
    """Return the serializer classes of the project's own apps.

    Apps that are installed packages only count where there are no others.

    Args:
        done: Whether those with a schema count as well.
        tell: Is told which modules cannot be imported.
    """
    configs = [app for app in apps.get_app_configs() if _top(app.name) not in _OF_LIBRARIES]
    own = [config for config in configs if not _is_installed(config)] or configs
    for config in own:
        _import_modules_of(config, tell)
    _import(getattr(settings, "ROOT_URLCONF", ""), tell)
    packages = {_top(config.name) for config in own}
    return [cls for cls in _all_serializers(done=done) if _top(cls.__module__) in packages]


def _is_installed(config: AppConfig) -> bool:
    places = (sysconfig.get_path(name) for name in ("purelib", "platlib"))
    return any(Path(config.path).is_relative_to(place) for place in places)


def app_label(cls: type) -> str:
    """Return the label of the app that a class belongs to, or the name of its package."""
    config = apps.get_containing_app_config(cls.__module__)
    return _top(cls.__module__) if config is None else config.label


def _top(name: str) -> str:
    return name.partition(".")[0]


def _import_modules_of(config: AppConfig, tell: Tell | None) -> None:
    """Import the modules of an app in which serializers usually are, those that can be."""
    for module in _modules_of(config):
        _import(module, tell)


def _import(module: str, tell: Tell | None) -> None:
    try:
        import_module(module)
    except Exception as error:
        # It is the project's code, and may need what is not there.
        if tell is not None and module:
            tell(f"{module} is left out: {type(error).__name__}: {error}")


def _modules_of(config: AppConfig) -> Iterator[str]:
    """Yield the modules of an app in which serializers usually are."""
    spec = find_spec(config.name)
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    for module in walk_packages(places, f"{config.name}.", onerror=lambda _name: None):
        if "serializers" in module.name.rpartition(config.name)[2] and ".tests" not in module.name:
            yield module.name


def _all_serializers(*, done: bool) -> list[Any]:
    """Return all serializer classes that can be imported by name, in order of definition."""
    plain = {cls for cls in subclasses(BaseSerializer) if _is_plain(cls, done=done)}
    modules = sorted({cls.__module__ for cls in plain})
    of_names = [
        cls
        for module in modules
        for name, cls in [*vars(sys.modules[module]).items()]
        if isinstance(cls, type) and cls in plain and cls.__name__ == name
        if cls.__module__ == module
    ]
    # Of a class that a function makes, there may be many.
    inner = {(cls.__module__, cls.__qualname__): cls for cls in plain if not is_importable(cls)}
    return [*of_names, *(inner[name] for name in sorted(inner))]


def _is_plain(cls: type, *, done: bool) -> bool:
    if issubclass(cls, ListSerializer) or not is_users(cls):
        return False
    if issubclass(cls, SchemaSerializer) and not done:
        return False
    return is_importable(cls) or ("." in cls.__qualname__ and place_of(cls) is not None)
