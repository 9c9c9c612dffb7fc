"""To define a view or a serializer of ours changes no class of the project's, and none of DRF's."""

from __future__ import annotations

import inspect
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Callable
from typing import Annotated, Any, Protocol

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import AnonymousUser
from django.views import View
from rest_framework import (
    fields,
    generics,
    mixins,
    permissions,
    routers,
    serializers,
    views,
    viewsets,
)
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf import Schema, SchemaBackedMixin, SchemaSerializer, UseField
from nova_drf import generics as our_generics
from nova_drf import viewsets as our_viewsets
from nova_drf.core.steps import is_adapter
from nova_drf.services import Service
from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView, async_api_view
from nova_drf.views.generics import AsyncListCreateAPIView
from nova_drf.views.metaclass import _PASSED_ON
from nova_drf.views.mixins import ADAPTERS
from nova_drf.viewsets import (
    AsyncGenericViewSet,
    AsyncModelViewSet,
    AsyncReadOnlyModelViewSet,
    ServiceViewSet,
    delegate,
)
from tests.viewsapp.models import Note, Volume
from tests.viewsapp.serializers import VolumeSerializer

LIBRARIES = (fields, generics, mixins, permissions, serializers, views, viewsets)


# Classes of a project


class Root:
    def get_queryset(self) -> Any:
        return Volume.objects.order_by("id")

    @staticmethod
    def get_success_headers(data: Any) -> dict[str, str]:
        return {"X-Title": data["title"]}


class Shouting(Root):
    def perform_create(self, serializer: Any) -> None:
        serializer.save(title=serializer.validated_data["title"].upper())

    @action(detail=False)
    def extra(self, request: Any) -> Response:
        return Response("extra")


class Whispering(Root):
    async def perform_create(self, serializer: Any) -> None:
        await super().perform_create(serializer)


class Guarded:
    async def check_permissions(self, request: Any) -> None:
        await super().check_permissions(request)


class Classic(Shouting, viewsets.ModelViewSet[Volume]):
    serializer_class = VolumeSerializer


class Closed(permissions.BasePermission):
    async def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Desk(Service):
    def list(self) -> list[str]:
        return []


class ClassicNamed(serializers.Serializer[Any]):
    name = serializers.CharField()

    def validate(self, attrs: Any) -> Any:
        return {**attrs, "classic": True}


class Hooks:
    async def validate_name(self, value: str) -> str:
        return value.upper()

    async def validate(self, attrs: Any) -> Any:
        return {**await super().validate(attrs), "checked": True}


class Rows(serializers.ListSerializer[Any]):
    async def create(self, validated_data: Any) -> Any:
        return list(validated_data)


class Named(Schema):
    name: str
    label: Annotated[str, UseField(serializers.SerializerMethodField())]


PROJECTS: tuple[type, ...] = (
    *(Root, Shouting, Whispering, Guarded, Classic),
    *(Closed, ClassicNamed, Hooks, Rows, Named),
)


def state_of(cls: type) -> tuple[Any, ...]:
    body = {**vars(cls)}
    # DRF numbers its fields; `abc` notes what it was asked.
    for name in ("_creation_counter", "_abc_impl"):
        body.pop(name, None)
    return cls.__bases__, cls.__mro__, body


def classes() -> dict[type, tuple[Any, ...]]:
    """Return the state of the project's classes, of DRF's, and of all that they are made of."""
    of_drf = [
        cls
        for library in LIBRARIES
        for cls in vars(library).values()
        if isinstance(cls, type) and cls.__module__.startswith("rest_framework")
    ]
    return {base: state_of(base) for cls in (*PROJECTS, *of_drf) for base in cls.__mro__}


# What is defined beside them


def async_view() -> Any:
    class Ours(Whispering, Shouting, AsyncModelViewSet[Any]):
        serializer_class = VolumeSerializer
        permission_classes = [Closed]

        async def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return await super().list(request, *args, **kwargs)

    return Ours.as_view({"get": "list", "post": "create"})


def view_behind_a_classic_one() -> Any:
    class Ours(Classic, AsyncModelViewSet):
        async def perform_create(self, serializer: Any) -> None:
            await super().perform_create(serializer)

    return Ours.as_view({"post": "create"})


def view_of_drfs_mixins() -> Any:
    class Ours(mixins.ListModelMixin, mixins.CreateModelMixin, AsyncGenericViewSet):
        async def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return await super().create(request, *args, **kwargs)

    return Ours.as_view({"post": "create"})


def view_that_is_all_def() -> Any:
    class Ours(Shouting, AsyncModelViewSet[Any]):
        def check_permissions(self, request: Any) -> None:
            super().check_permissions(request)

    return Ours.as_view({"get": "list", "head": "extra"})


def function() -> Any:
    @async_api_view(["GET"])
    async def answer(request: Any) -> Response:
        return Response()

    return answer


def service_viewset() -> Any:
    class Ours(Guarded, ServiceViewSet[Desk]):
        list = delegate(Desk.list)

    return Ours.as_view({"get": "list"})


def schema_serializer() -> Any:
    class Ours(Hooks, SchemaSerializer[Named]):
        class Meta:
            list_serializer_class = Rows

        async def get_label(self, obj: Any) -> str:
            return "label"

    return Ours(data=[], many=True)


def backed_serializer() -> Any:
    class Ours(SchemaBackedMixin, Hooks, ClassicNamed):
        class Meta:
            list_serializer_class = Rows

    return Ours(data=[], many=True)


@pytest.mark.parametrize(
    "define",
    [
        *(async_view, view_behind_a_classic_one, view_of_drfs_mixins, view_that_is_all_def),
        *(function, service_viewset, schema_serializer, backed_serializer),
    ],
)
def test_no_class_but_the_new_one_changes(define: Callable[[], Any]) -> None:
    before = classes()
    define()
    assert classes() == before


@pytest.mark.usefixtures("volumes")
async def test_views_that_share_a_mixin_do_not_know_of_each_other() -> None:
    asked: list[tuple[str, type]] = []

    class Shared:
        def perform_create(self, serializer: Any) -> None:
            asked.append(("shared", type(super()).__mro__[0]))
            super().perform_create(serializer)

    class Old(Shared, viewsets.ModelViewSet[Volume]):
        queryset = Volume.objects.all()
        serializer_class = VolumeSerializer

    order = Old.__mro__

    class New(Shared, AsyncModelViewSet[Any]):
        queryset = Volume.objects.all()
        serializer_class = VolumeSerializer

        async def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            response = await super().create(request, *args, **kwargs)
            await Note.objects.acreate(text="created")
            return response

    assert order == Old.__mro__
    assert not any(map(is_adapter, order))
    view: Any = New.as_view({"post": "create"})
    made = await view(AsyncAPIRequestFactory().post("/", {"title": "a"}, format="json"))
    assert made.status_code == 201
    assert not iscoroutinefunction(Old.as_view({"post": "create"}))
    assert not hasattr(Shared.perform_create, "__wrapped__")
    assert len(asked) == 1


# What the metaclass does


def test_every_class_of_drfs_is_a_base_still() -> None:
    assert issubclass(AsyncModelViewSet, viewsets.ModelViewSet)
    assert issubclass(AsyncReadOnlyModelViewSet, viewsets.ReadOnlyModelViewSet)
    assert issubclass(AsyncListCreateAPIView, generics.ListCreateAPIView)
    for drfs, ours in ADAPTERS.items():
        assert issubclass(ours, drfs)
        assert AsyncModelViewSet.__mro__.index(ours) + 1 == AsyncModelViewSet.__mro__.index(drfs)


def test_names_are_those_that_the_project_gave() -> None:
    class Books(Shouting, AsyncModelViewSet[Any]):
        """Books."""

    assert (Books.__name__, Books.__doc__, Books.__bases__[0]) == ("Books", "Books.", Shouting)
    assert [route.__name__ for route in Books.get_extra_actions()] == ["extra"]
    router = routers.SimpleRouter()
    router.register("books", Books, basename="book")
    assert {pattern.name for pattern in router.urls} == {"book-list", "book-detail", "book-extra"}
    assert Books.extra.url_path == "extra"


class Typed(Protocol):
    def perform_create(self, serializer: Any) -> None: ...


class Abstract(ABC):
    @abstractmethod
    def perform_create(self, serializer: Any) -> None: ...


class Registering(type):
    """A metaclass of the project's own."""


class Registered(metaclass=Registering):
    def perform_create(self, serializer: Any) -> None: ...


@pytest.mark.parametrize("mixin", [Typed, Abstract])
def test_protocols_and_abstract_classes_may_be_mixins(mixin: Any) -> None:
    made = type(AsyncModelViewSet)("Made", (mixin, AsyncModelViewSet), {})
    assert isinstance(made, ABCMeta)
    assert is_adapter(made.__mro__[made.__mro__.index(mixin) - 1])


def test_a_mixin_with_a_metaclass_needs_one_that_derives_from_both() -> None:
    with pytest.raises(TypeError, match="metaclass conflict"):
        type("Made", (Registered, AsyncModelViewSet), {})
    both = type("Both", (Registering, type(AsyncModelViewSet)), {})
    made = both("Made", (Registered, AsyncModelViewSet), {})
    assert issubclass(made, Registered)
    assert is_adapter(made.__mro__[1])


VIEW_CLASSES = [AsyncAPIView, *vars(our_generics).values(), *vars(our_viewsets).values()]


@pytest.mark.parametrize("cls", [cls for cls in VIEW_CLASSES if isinstance(cls, type)])
def test_tools_may_look_at_view_classes_as_they_do_at_drfs(cls: type) -> None:
    made = type(cls)("Made", (Shouting, cls), {})
    assert [name for name in dir(made) if not hasattr(made, name)] == []
    assert isinstance(made(), cls)
    others: list[Any] = [viewsets.ModelViewSet(), AsyncAPIView(), made, None]
    assert not any(isinstance(other, made) for other in others)


@pytest.mark.parametrize("base", [SchemaSerializer, SchemaBackedMixin])
def test_tools_may_look_at_serializer_classes_as_they_do_at_drfs(base: Any) -> None:
    made = type(base)("Made", (Hooks, base, ClassicNamed), {"__module__": __name__})
    # An object has it only if it was given data, as with DRF.
    missing = {name for name in dir(made) if not hasattr(made, name)}
    assert missing <= {"initial_data"}
    assert issubclass(made, ClassicNamed)
    others: list[Any] = [ClassicNamed(), made, None]
    assert not any(isinstance(other, made) for other in others)


def test_the_handlers_of_drfs_that_pass_on_are_known() -> None:
    handlers = {
        handler
        for cls in vars(generics).values()
        if isinstance(cls, type) and cls.__module__ == generics.__name__
        for name, handler in vars(cls).items()
        if name in View.http_method_names
    }
    passing_on = {handler for handler in _PASSED_ON if handler in handlers}
    assert passing_on == handlers
    for handler, name in _PASSED_ON.items():
        assert f"return self.{name}(" in inspect.getsource(handler)


def test_djangos_mixins_are_in_a_thread_too() -> None:
    class Private(LoginRequiredMixin, AsyncAPIView):
        async def get(self, request: Any) -> Response:
            return Response("secret")

    request = APIRequestFactory().get("/")
    request.user = AnonymousUser()

    assert async_to_sync(Private.as_view())(request).status_code == 302
