"""Whose code something is, however it was made, decorated or put where it is."""

from __future__ import annotations

import ast
import functools
import sys
import uuid
from collections.abc import Callable, Iterator
from functools import lru_cache, partial, wraps
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pydantic_core
import pytest
from django.db.models import fields as django_fields
from django.utils import timezone
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiViewExtension
from pydantic import BaseModel, networks, validate_call
from pydantic_core import core_schema
from rest_framework import fields, mixins, serializers, views
from rest_framework.settings import api_settings
from rest_framework.validators import UniqueValidator

import nova_drf
from nova_drf import SchemaSerializer
from nova_drf.core import ownership
from nova_drf.core.carried_errors import guarded
from nova_drf.core.overrides import is_users
from nova_drf.core.ownership import Owner, classes_of, home_of, is_written_in, owner_of
from nova_drf.mapping.async_safety import _is_async_safe
from nova_drf.migration.convert.serializer import ConvertedSerializer
from nova_drf.openapi import extensions, library
from nova_drf.openapi.converted import ConvertedSerializerExtension
from nova_drf.openapi.services import ServiceViewSetExtension
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.validation.bound_fields import _is_ours
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.generics import AsyncGenericAPIView
from nova_drf.views.ownership import is_of_drf, steps_are_drfs
from nova_drf.views.services.viewsets import ServiceViewSet


class Own(serializers.Serializer[Any]):
    """A class of a project's."""

    def validate(self, attrs: Any) -> Any:
        return attrs

    @staticmethod
    def told(value: Any) -> Any:
        return value

    @property
    def answer(self) -> int:
        return 1


def own(value: Any) -> Any:
    return value


def copying(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate, as a project does; name and module are those of what is decorated."""

    @wraps(function)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return decorated


def bare(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: function(*args, **kwargs)


def renamed(function: Any, module: str) -> Any:
    """Say of a function that it is of another module, as some decorators do."""
    made: Any = copying(function)
    made.__module__ = module
    del made.__wrapped__
    return made


DRFS: Any = fields.Field.get_value
OURS: Any = nova_drf.serializer_from_schema
PYDANTICS: Any = BaseModel.model_dump
DYNAMIC: Any = type(serializers.Serializer)("Serializer", (serializers.Serializer,), {})

OF_DRF = [
    *(fields.CharField, serializers.ModelSerializer, views.APIView, mixins.ListModelMixin),
    *(fields.CharField(), DRFS, fields.CharField().get_value, UniqueValidator, api_settings),
    *(serializers.BaseSerializer.data, serializers.BaseSerializer.many_init),
    *(partial(DRFS, 1), partial(partial(DRFS)), lru_cache(DRFS), views.APIView.as_view),
]
OF_NOVA = [
    *(SchemaSerializer, SchemaBackedMixin, AsyncAPIView, ConvertedSerializer, ServiceViewSet),
    *(OURS, owner_of, partial(OURS), guarded, guarded(OURS)),
]
OF_PYDANTIC = [
    *(BaseModel, networks.AnyUrl, PYDANTICS, BaseModel.model_validate, pydantic.TypeAdapter),
    *(core_schema.int_schema, partial(PYDANTICS, mode="json"), pydantic.BaseModel.__init__),
    *(pydantic.ValidationError, pydantic_core.from_json),
]
OF_DJANGO = [
    *(django_fields.CharField, timezone.now, django_fields.CharField.pre_save, timezone.localtime),
]
OF_PYTHON = [
    *(object, dict, type(None), len, "text".upper, str.upper, dict.fromkeys, None, 1),
    *(uuid.UUID, uuid.uuid4, functools.wraps, own.__class__, property()),
]
OF_THE_PROJECT = [
    *(Own, Own(), Own.validate, Own().validate, Own.told, vars(Own)["told"], Own.answer),
    *(own, lambda: None, partial(own), partial(partial(own, 1)), lru_cache(own)),
    *(copying(own), copying(DRFS), copying(OURS), copying(PYDANTICS), bare(DRFS)),
    *(validate_call(own), guarded(own), guarded(own, whole=True), partial(copying(DRFS))),
    *(lru_cache(copying(DRFS)), staticmethod(copying(DRFS)), property(copying(DRFS))),
    renamed(own, "rest_framework.fields"),
    type("Own", (Own,), {}),
    type("Serializer", (serializers.Serializer,), {}),
    type("APIView", (views.APIView,), {}),
    type("SchemaSerializer", (SchemaSerializer,), {}),
    DYNAMIC,
    type("Schema", (nova_drf.Schema,), {"__module__": nova_drf.Schema.__module__}),
    type("CharField", (fields.CharField,), {"__module__": fields.__name__}),
]
EVERYTHING = {
    Owner.DRF: OF_DRF,
    Owner.NOVA: OF_NOVA,
    Owner.PYDANTIC: OF_PYDANTIC,
    Owner.DJANGO: OF_DJANGO,
    Owner.PYTHON: OF_PYTHON,
    Owner.PROJECT: OF_THE_PROJECT,
}
CASES = [
    pytest.param(thing, owner, id=f"{owner.name} {at}")
    for owner, things in EVERYTHING.items()
    for at, thing in enumerate(things)
]


@pytest.mark.parametrize(("thing", "owner"), CASES)
def test_the_owner(thing: Any, owner: Owner) -> None:
    assert owner_of(thing) is owner


def test_a_class_in_a_function_of_the_projects() -> None:
    class Local(serializers.Serializer[Any]): ...

    assert owner_of(Local) is Owner.PROJECT
    assert is_users(Local)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A third party's package, which is called nearly as DRF is."""
    source = "class JWTAuthentication:\n    def authenticate(self, request): ...\n"
    (tmp_path / "rest_framework_simplejwt.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "rest_framework_simplejwt", raising=False)
    return import_module("rest_framework_simplejwt")


def test_a_third_partys_class_whose_package_begins_as_drfs(package: Any) -> None:
    cls = package.JWTAuthentication
    for thing in (cls, cls(), cls.authenticate, cls().authenticate):
        assert owner_of(thing) is Owner.PROJECT
    assert home_of(cls) is Owner.PROJECT
    assert not is_of_drf(cls)
    assert not is_of_drf(cls.authenticate)


# Somebody puts something in the place of DRF's


def test_a_class_in_the_place_of_drfs(monkeypatch: pytest.MonkeyPatch) -> None:
    drfs: Any = serializers.ModelSerializer

    class ModelSerializer(drfs):
        pass

    monkeypatch.setattr(serializers, "ModelSerializer", ModelSerializer)
    assert owner_of(ModelSerializer) is Owner.PROJECT
    assert owner_of(drfs) is Owner.DRF


def test_a_class_in_the_place_of_drfs_that_says_it_is_drfs(monkeypatch: pytest.MonkeyPatch) -> None:
    drfs: Any = serializers.Serializer
    monkeypatch.setattr(serializers, "Serializer", DYNAMIC)
    assert DYNAMIC.__module__ == drfs.__module__
    assert owner_of(DYNAMIC) is Owner.PROJECT
    assert is_users(DYNAMIC)
    assert owner_of(drfs) is Owner.DRF


@pytest.mark.parametrize("decorate", [copying, bare])
def test_a_function_in_the_place_of_drfs(
    monkeypatch: pytest.MonkeyPatch, decorate: Callable[..., Any]
) -> None:
    class Patched(views.APIView): ...

    assert steps_are_drfs(Patched, ("get_parsers",))
    monkeypatch.setattr(views.APIView, "get_parsers", decorate(views.APIView.get_parsers))
    assert not steps_are_drfs(Patched, ("get_parsers",))
    assert owner_of(views.APIView.get_parsers) is Owner.PROJECT


# Who asks


def test_what_a_decorator_of_the_projects_does_may_ask_a_database() -> None:
    assert _is_async_safe(OURS)
    assert _is_async_safe(timezone.now)
    assert not _is_async_safe(copying(OURS))
    assert not _is_async_safe(copying(timezone.now))


def test_what_a_partial_hands_on_may_ask_a_database() -> None:
    assert not _is_async_safe(partial(map, own))


def test_a_validator_that_a_project_puts_around_ours_is_the_projects() -> None:
    def node(function: Any) -> Any:
        return core_schema.no_info_after_validator_function(function, core_schema.int_schema())

    assert _is_ours(node(OURS))
    assert not _is_ours(node(copying(OURS)))
    assert not _is_ours(node(guarded(own)))
    assert not _is_ours(node(guarded(PYDANTICS)))


def test_our_views_count_as_drfs() -> None:
    assert steps_are_drfs(AsyncGenericAPIView, ("initialize_request", "get_permissions", "initial"))


def test_a_class_says_where_it_is_from_while_it_is_being_made() -> None:
    homes: list[Owner] = []

    class Watching:
        def __init_subclass__(cls) -> None:
            homes.append(home_of(cls))

    type("View", (Watching,), {"__module__": AsyncAPIView.__module__})
    assert homes == [Owner.NOVA]


def test_modules_and_packages() -> None:
    assert is_written_in(fields.CharField, fields)
    assert not is_written_in(serializers.Serializer, fields)
    assert is_written_in(django_fields.files.FileField.pre_save, django_fields)
    assert not is_written_in(copying(timezone.now), timezone)
    assert is_written_in(lru_cache(timezone.now), timezone)


def test_the_classes_of_a_module() -> None:
    classes = list(classes_of(serializers))
    assert serializers.ModelSerializer in classes
    assert fields.CharField not in classes


def test_what_wraps_itself() -> None:
    made: Any = copying(DRFS)
    made.__wrapped__ = made
    assert owner_of(made) is Owner.PROJECT


# drf-spectacular


def test_drf_spectacular_quotes_no_docstring_of_ours() -> None:
    classes = library.library_classes()
    for cls in (SchemaSerializer, SchemaBackedMixin, AsyncAPIView, ServiceViewSet):
        assert cls in classes
    assert Own not in classes
    assert nova_drf.Schema not in classes


def test_extensions_are_found_wherever_our_classes_are() -> None:
    targets = {
        extensions.SchemaSerializerExtension: SchemaSerializer,
        ConvertedSerializerExtension: ConvertedSerializer,
        extensions.ModelExtension: BaseModel,
    }
    for extension, cls in targets.items():
        assert extension in OpenApiSerializerExtension._registry
        assert extension.target_class is cls
    assert ServiceViewSetExtension in OpenApiViewExtension._registry
    assert ServiceViewSetExtension.target_class is ServiceViewSet


# Nobody else reads names of modules

PACKAGES = ("nova_drf", "rest_framework", "pydantic", "pydantic_core", "django")
SOURCE = Path(nova_drf.__file__).parent
FILES = sorted({*SOURCE.rglob("*.py")} - {Path(ownership.__file__)})


def _texts(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def _reads_module(node: ast.AST) -> bool:
    is_attribute = any(
        isinstance(one, ast.Attribute) and one.attr == "__module__" for one in ast.walk(node)
    )
    return is_attribute or "__module__" in _texts(node)


def _names_package(node: ast.AST) -> bool:
    return any(text.partition(".")[0] in PACKAGES for text in _texts(node))


def _asks_by_name(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        others = set().union(*map(_texts, sides)) - {"", ".", "__module__"}
        return any(map(_reads_module, sides)) and bool(others)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in ("startswith", "endswith"):
            return False
        return _reads_module(node.func.value) or any(map(_names_package, node.args))
    return False


def lines_that_ask_by_name(source: str) -> list[int]:
    return [node.lineno for node in ast.walk(ast.parse(source)) if _asks_by_name(node)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_ownership_asks_by_the_name_of_a_module(path: Path) -> None:
    assert lines_that_ask_by_name(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        'cls.__module__ == "rest_framework.fields"',
        'cls.__module__ in ("nova_drf.views.base", "nova_drf.views.generics")',
        'cls.__module__.partition(".")[0] == "django"',
        'type(field).get_value.__module__.startswith("rest_framework.")',
        'getattr(function, "__module__", "").startswith(_PREFIX)',
        'name.startswith(("rest_framework.", "nova_drf."))',
        '"pydantic" != function.__module__',
    ],
)
def test_that_question_is_found(source: str) -> None:
    assert lines_that_ask_by_name(source) == [1]
