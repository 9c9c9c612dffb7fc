"""Answers of a view's own methods, also of those that nobody awaits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.viewsets import AsyncModelViewSet, AsyncViewSet
from tests.views.sending import in_sync, on_loop
from tests.viewsapp.models import Note, Volume
from tests.viewsapp.serializers import VolumeSerializer

pytestmark = pytest.mark.usefixtures("volumes")


def response_of(view: Any, method: str = "get", **kwargs: Any) -> Any:
    request = getattr(APIRequestFactory(), method)("/", {"title": "ox"}, format="json")
    return in_sync(view)(request, **kwargs)


async def awaited(view: Any, method: str = "get", **kwargs: Any) -> Any:
    request = getattr(AsyncAPIRequestFactory(), method)("/", {"title": "ox"}, format="json")
    return await on_loop(view)(request, **kwargs)


async def deny(*args: Any, **kwargs: Any) -> Any:
    raise exceptions.PermissionDenied


class Open(AsyncAPIView):
    def get(self, request: Any) -> Response:
        return Response("secret")


# Put on a class after it was made, or on one view


def denying(cls: Any) -> Any:
    cls.check_permissions = lambda self, request: deny()
    return cls


def test_a_decorator_of_the_class() -> None:
    view: Any = denying(type("View", (Open,), {})).as_view()
    assert response_of(view).status_code == 403


def test_attributes_that_a_route_gives_a_view() -> None:
    view: Any = Open.as_view(check_permissions=deny)
    assert response_of(view).status_code == 403
    view = Open.as_view(get_permissions=lambda: asyncio.sleep(0, [Refusing()]))
    assert response_of(view).status_code == 403


class Refusing(BasePermission):
    def has_permission(self, request: Any, view: Any) -> Any:
        return asyncio.sleep(0, False)


@pytest.mark.parametrize("name", ["setup", "initialize_request", "initial"])
def test_attributes_that_a_view_gives_itself(name: str) -> None:
    class Guarded(Open):
        def get(self, request: Any) -> Response:
            self.check_object_permissions(request, "it")
            return Response("secret")

    def own(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.check_object_permissions = deny
        return getattr(super(made, self), name)(*args, **kwargs)

    made: Any = type("Made", (Guarded,), {name: own})
    assert response_of(made.as_view()).status_code == 403


class Guard:
    """A mixin of the project that is plain Python."""

    def check_permissions(self, request: Any) -> Any:
        return deny()


class Around:
    def check_permissions(self, request: Any) -> None:
        super().check_permissions(request)


class Further:
    def check_permissions(self, request: Any) -> None:
        super().check_permissions(request)


BASES: dict[str, tuple[type, ...]] = {
    "class": (Guard,),
    "mixin": (Around, Guard),
    "two mixins": (Further, Around, Guard),
}


@pytest.mark.parametrize("base", [AsyncAPIView, Open])
@pytest.mark.parametrize("mixins", BASES.values(), ids=BASES)
def test_an_answer_that_a_call_of_super_drops(mixins: Any, base: Any) -> None:
    class View(*mixins, base):
        def check_permissions(self, request: Any) -> None:
            super().check_permissions(request)

        def get(self, request: Any) -> Response:
            return Response("secret")

    class Below(View):
        def check_permissions(self, request: Any) -> None:
            super().check_permissions(request)

    for view_class in (View, Below):
        view: Any = view_class.as_view()
        assert response_of(view).status_code == 403


def test_handlers_that_only_a_route_names() -> None:
    class Named(AsyncViewSet):
        def answer(self, request: Any, name: str) -> Any:
            return asyncio.sleep(0, Response(name))

    view = Named.as_view({"get": "answer"})
    assert response_of(view, name="ada").data == "ada"


class Generating(BasePermission):
    async def has_permission(self, request: Any, view: Any) -> Any:
        yield True


class GeneratingLater(BasePermission):
    def has_permission(self, request: Any, view: Any) -> Any:
        return asyncio.sleep(0, Generating().has_permission(request, view))


async def generate(self: Any, *args: Any) -> Any:
    yield True


BODIES: dict[str, dict[str, Any]] = {
    "permission": {"permission_classes": [Generating]},
    "permission, later": {"permission_classes": [GeneratingLater]},
    "composed": {"permission_classes": [Generating | Generating]},
    "hook": {"check_permissions": generate},
    "lambda": {"check_permissions": lambda self, request: generate(self)},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_an_async_generator_is_no_answer(body: dict[str, Any]) -> None:
    class Awaited(AsyncAPIView):
        async def get(self, request: Any) -> Response:
            return Response("secret")

    for base in (Open, Awaited):
        view: Any = type("View", (base,), body).as_view()
        with pytest.raises(TypeError, match="async generator"):
            await awaited(view)


def test_a_stream_that_a_def_returns() -> None:
    class Feed(AsyncViewSet):
        def list(self, request: Any) -> Any:
            return self.items()

        def retrieve(self, request: Any) -> Any:
            return asyncio.sleep(0, self.items())

        async def items(self) -> Any:
            yield 1
            yield 2

    for name in ("list", "retrieve"):
        view = Feed.as_view({"get": name})
        assert list(response_of(view)) == [b"1\n", b"2\n"]


# Guards that nobody awaits


class Forgetful(AsyncModelViewSet):
    queryset = Volume.objects.order_by("id")
    serializer_class = VolumeSerializer
    permission_classes: Any = [Refusing]

    def check_permissions(self, request: Any) -> None:
        """Only objects are guarded here."""

    def check_object_permissions(self, request: Any, obj: Any) -> None:
        raise exceptions.PermissionDenied


def forgetting(name: str, *arguments: Any) -> type[Forgetful]:
    """Return a viewset whose async action forgets to await one of its guards."""

    class View(Forgetful):
        async def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
            getattr(self, name)(*(request if one is ... else one for one in arguments))
            return Response("secret")

    return View


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("check_object_permissions", (..., "it")),
        ("check_permissions", (...,)),
        ("check_throttles", (...,)),
        ("perform_authentication", (...,)),
        ("initial", (...,)),
        ("get_object", ()),
        ("perform_create", (None,)),
        ("perform_update", (None,)),
        ("perform_destroy", (None,)),
    ],
)
async def test_a_guard_that_is_not_awaited_is_an_error(name: str, arguments: Any) -> None:
    view = forgetting(name, *arguments).as_view({"get": "retrieve"})
    with pytest.raises(SynchronousOnlyOperation, match=f"`{name}`"):
        await awaited(view, pk=1)


async def test_a_guard_that_a_hook_does_not_await() -> None:
    class View(Forgetful):
        async def perform_create(self, serializer: Any) -> None:
            self.check_object_permissions(self.request, "it")
            await serializer.asave()

    with pytest.raises(SynchronousOnlyOperation, match="check_object_permissions"):
        await awaited(View.as_view({"post": "create"}), "post")


async def test_a_guard_that_a_stream_does_not_await() -> None:
    class View(Forgetful):
        async def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            self.check_object_permissions(request, "it")
            yield "secret"

    with pytest.raises(SynchronousOnlyOperation, match="check_object_permissions"):
        await awaited(View.as_view({"get": "list"}))


async def test_guards_that_are_awaited_in_any_way() -> None:
    class View(Forgetful):
        def check_object_permissions(self, request: Any, obj: Any) -> None:
            Note.objects.create(text="asked")

        async def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
            later = self.check_object_permissions(request, "it")
            await asyncio.gather(self.get_object(), asyncio.create_task(later))
            return Response("seen")

    assert (await awaited(View.as_view({"get": "retrieve"}), pk=1)).status_code == 200
    assert await Note.objects.acount() == 2
