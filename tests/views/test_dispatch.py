"""Which steps are async, and how one calls the other across the hop."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from functools import wraps
from types import new_class
from typing import Any, Generic, TypeVar

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics as drf_generics
from rest_framework import mixins
from rest_framework import viewsets as drf_viewsets
from rest_framework.decorators import action, api_view, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views import generics, viewsets
from nova_drf.views.base import AsyncAPIView, async_api_view
from nova_drf.views.steps import is_async
from nova_drf.views.viewsets import AsyncGenericViewSet, AsyncModelViewSet, AsyncViewSet
from tests.views.conftest import Hops
from tests.viewsapp.models import Note, Volume
from tests.viewsapp.serializers import VolumeSerializer

pytestmark = pytest.mark.usefixtures("volumes")

LIST, DETAIL = {"get": "list", "post": "create"}, {"get": "retrieve", "patch": "partial_update"}


async def awaited(view: Any, method: str = "get", data: Any = None, **kwargs: Any) -> Any:
    """Call a view function that has to be awaited, with an ASGI request."""
    request = getattr(AsyncAPIRequestFactory(), method)("/", data, format="json")
    assert iscoroutinefunction(view)
    return await view(request, **kwargs)


class Volumes(AsyncModelViewSet):
    queryset = Volume.objects.select_related("writer__house__country")
    serializer_class = VolumeSerializer


# Which routes are awaited


def test_a_class_without_anything_async_is_drfs_own() -> None:
    for actions in (LIST, DETAIL):
        view = Volumes.as_view(actions)
        assert not iscoroutinefunction(view)
        assert view.cls is Volumes
    assert Volumes.as_view(LIST)(APIRequestFactory().get("/")).status_code == 200


async def test_a_sync_view_can_be_awaited_on_the_loop(hops: Hops) -> None:
    view = Volumes.as_view(LIST)
    hops.clear()
    response = await view(AsyncAPIRequestFactory().get("/"))
    assert len(hops) == 1
    assert response.status_code == 200
    classic = await sync_to_async(view)(APIRequestFactory().get("/"))
    assert response.data == classic.data


def test_only_routes_to_an_async_handler_are_awaited() -> None:
    class Mixed(Volumes):
        async def list(self, request: Request) -> Response:
            return Response()

        @action(detail=False)
        async def extra(self, request: Request) -> Response:
            return Response()

        @extra.mapping.delete
        async def remove_extra(self, request: Request) -> Response:
            return Response()

        async def undeclared(self, request: Request) -> Response:
            return Response()

    expected: list[tuple[dict[str, Any], bool]] = [
        (LIST, True),
        (DETAIL, False),
        ({"get": "extra"}, True),
        ({"delete": "remove_extra"}, True),
        ({"get": "undeclared"}, True),
        ({"post": "create"}, False),
    ]
    for actions, is_awaited in expected:
        assert iscoroutinefunction(Mixed.as_view(actions)) is is_awaited


@pytest.mark.parametrize("name", ["perform_create", "get_queryset", "initial", "handle_exception"])
def test_an_async_hook_makes_every_route_awaited(name: str) -> None:
    async def hook(self: Any, *args: Any) -> None:
        """Never called."""

    hooked: Any = type("Hooked", (Volumes,), {name: hook})
    assert iscoroutinefunction(hooked.as_view(LIST))
    assert iscoroutinefunction(hooked.as_view(DETAIL))
    assert not iscoroutinefunction(Volumes.as_view(LIST))


def test_a_helper_of_the_project_changes_nothing() -> None:
    class Helped(Volumes):
        async def fetch(self) -> None:
            """Never called."""

    assert not iscoroutinefunction(Helped.as_view(LIST))
    assert Helped.as_view(LIST)(APIRequestFactory().get("/")).status_code == 200


def test_view_functions_keep_what_drf_and_django_put_on_them() -> None:
    class Described(Volumes):
        """Volumes."""

        async def list(self, request: Request) -> Response:
            return Response()

    ours: Any = Described.as_view(LIST, suffix="List")
    drfs: Any = drf_viewsets.ModelViewSet.as_view(LIST, suffix="List")
    assert vars(drfs).keys() - vars(ours).keys() <= {"__wrapped__"}
    assert (ours.actions, ours.initkwargs, ours.csrf_exempt) == (LIST, {"suffix": "List"}, True)
    assert ours.__doc__ == "Volumes."


# Both sides call each other


class Shouting:
    """A classic mixin of the project, which knows nothing of async."""

    def perform_create(self, serializer: Any) -> None:
        Note.objects.create(text="shouting")
        serializer.save(title=serializer.validated_data["title"].upper())

    def get_object(self) -> Any:
        return super().get_object()


class Whispering:
    """A mixin of the project that is async."""

    async def perform_create(self, serializer: Any) -> None:
        await Note.objects.acreate(text="whispering")
        await super().perform_create(serializer)


class Asking:
    """Another one, whose ``super()`` is async itself."""

    async def perform_create(self, serializer: Any) -> None:
        await Note.objects.acreate(text="asking")
        await super().perform_create(serializer)


class Counting:
    def perform_create(self, serializer: Any) -> None:
        Note.objects.create(text="counting")
        super().perform_create(serializer)


class WhisperingShout(Whispering, Shouting):
    """Bases that are nested."""


CHAINS: dict[str, tuple[tuple[type, ...], list[str]]] = {
    "sync, sync": ((Counting, Shouting), ["counting", "shouting"]),
    "async, sync": ((Whispering, Shouting), ["whispering", "shouting"]),
    "async, async, sync": ((Asking, Whispering, Shouting), ["asking", "whispering", "shouting"]),
    "sync, async, sync": (
        (Counting, Whispering, Shouting),
        ["counting", "whispering", "shouting"],
    ),
    "nested": ((Asking, WhisperingShout), ["asking", "whispering", "shouting"]),
    "async, ours": ((Whispering,), ["whispering"]),
}


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
async def test_super_works_in_all_combinations(chain: Any, kind: str) -> None:
    bases, expected = chain

    class Created(*bases, Volumes):
        if kind == "async def":

            async def create(self, request: Request, *args: Any, **kwargs: Any) -> Any:
                response = await super().create(request, *args, **kwargs)
                response["X-Awaited"] = "yes"
                return response

        else:

            def create(self, request: Request, *args: Any, **kwargs: Any) -> Any:
                return super().create(request, *args, **kwargs)

    view = Created.as_view(LIST)
    if not iscoroutinefunction(view):
        view = sync_to_async(view)
    response = await view(AsyncAPIRequestFactory().post("/", {"title": "ox"}, format="json"))
    assert response.status_code == 201, response.data
    assert [note.text async for note in Note.objects.order_by("id")] == expected
    assert response.data["title"] == ("OX" if "shouting" in expected else "ox")


def test_mixins_go_on_serving_classic_views() -> None:
    class Classic(Shouting, drf_viewsets.ModelViewSet[Volume]):
        queryset = Volume.objects.all()
        serializer_class = VolumeSerializer

    class Ours(Whispering, Shouting, Volumes):
        pass

    assert iscoroutinefunction(Ours.as_view(LIST))
    request = APIRequestFactory().post("/", {"title": "ox"}, format="json")
    assert Classic.as_view(LIST)(request).data["title"] == "OX"


async def test_a_class_between_is_not_passed_over() -> None:
    class Base(Shouting, Volumes):
        async def list(self, request: Request) -> Response:
            return Response(await super().list(request) and "listed")

    class Louder(Shouting):
        def perform_create(self, serializer: Any) -> None:
            Note.objects.create(text="louder")
            super().perform_create(serializer)

    class Both(Base, Louder):
        pass

    response = await awaited(Both.as_view(LIST), "post", {"title": "ox"})
    assert response.status_code == 201
    assert [note.text async for note in Note.objects.order_by("id")] == ["louder", "shouting"]


class Slotted:
    __slots__ = ()


class Abstract(ABC):
    """A mixin of the project with a metaclass of its own."""

    async def perform_create(self, serializer: Any) -> None:
        await super().perform_create(serializer)

    @abstractmethod
    def length(self) -> int: ...


T = TypeVar("T")


class Typed(Generic[T]):
    """A mixin of the project for views of one type, with nothing between it and ``Generic``."""

    def perform_create(self, serializer: Any) -> None:
        super().perform_create(serializer)


FIRST_BASES: dict[str, Any] = {
    "of one type": (Typed[int], Shouting),
    "of any type": (Typed, Shouting),
    "slots": (Slotted, Shouting),
    "generic": (Shouting, Generic[T]),
    "abstract": (Abstract, Shouting),
    "dictionary": (type("Counted", (dict,), {}), Shouting),
    "classic": (type("Old", (Shouting, drf_viewsets.ModelViewSet), {}),),
}


@pytest.mark.parametrize("bases", FIRST_BASES.values(), ids=FIRST_BASES)
async def test_bases_of_every_kind(bases: Any) -> None:
    async def perform_create(self: Any, serializer: Any) -> None:
        await super(made, self).perform_create(serializer)

    body = {"perform_create": perform_create, "length": len}
    made: Any = new_class("Made", (*bases, Volumes), exec_body=lambda space: space.update(body))
    sub: Any = type(made)("Sub", (made,), {})
    for view_class in (made, sub):
        response = await awaited(view_class.as_view(LIST), "post", {"title": view_class.__name__})
        assert response.data["title"] == view_class.__name__.upper()


async def test_hooks_can_be_used_on_a_view_made_by_hand() -> None:
    class Hooked(Volumes):
        async def get_queryset(self) -> Any:
            return Volume.objects.filter(pk=1)

    view = Hooked()
    view.request, view.format_kwarg, view.kwargs = Request(APIRequestFactory().get("/")), None, {}
    queryset = await view.filter_queryset(await view.get_queryset())
    assert [volume.pk async for volume in queryset] == [1]
    found = await sync_to_async(lambda: list(view.get_queryset()))()
    assert [volume.pk for volume in found] == [1]


async def test_an_async_handler_is_called_by_a_sync_one(hops: Hops) -> None:
    class Passing(Volumes):
        async def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
            await asyncio.sleep(0)
            return Response({"partial": kwargs["partial"]})

        @action(detail=True, methods=["post"])
        def refresh(self, request: Request, pk: str) -> Any:
            return self.update(request, pk=pk, partial=False)

    response = await awaited(Passing.as_view(DETAIL), "patch", {}, pk=1)
    assert response.data == {"partial": True}
    # ``partial_update`` only passes on, and waits in no thread.
    assert hops == []
    view = Passing.as_view({"post": "refresh", "put": "update"})
    refreshed = await awaited(view, "post", {}, pk=1)
    assert refreshed.data == {"partial": False}


async def test_head_and_options_and_what_is_not_allowed() -> None:
    class Ping(AsyncAPIView):
        async def get(self, request: Request) -> Response:
            return Response(f"pong to {request.method}")

    view = Ping.as_view()
    assert (await awaited(view, "head")).data == "pong to HEAD"
    assert (await awaited(view, "options")).data["name"] == "Ping"
    refused = await awaited(view, "post", {})
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")
    request = AsyncAPIRequestFactory().generic("BREW", "/")
    assert (await view(request)).status_code == 405


async def test_dispatch_may_be_overridden() -> None:
    class Stamped(AsyncAPIView):
        def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            assert Volume.objects.exists()
            response = super().dispatch(request, *args, **kwargs)
            response.data["stamped"] = True
            return response

        async def get(self, request: Request) -> Response:
            return Response({})

    class StampedTwice(Stamped):
        async def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            response = await super().dispatch(request, *args, **kwargs)
            response.data["twice"] = True
            return response

    assert (await awaited(Stamped.as_view())).data == {"stamped": True}
    assert (await awaited(StampedTwice.as_view())).data == {"stamped": True, "twice": True}


async def test_exceptions_and_responses_may_be_handled_by_async_hooks() -> None:
    class Handled(AsyncAPIView):
        authentication_classes = ()

        def get(self, request: Request) -> Response:
            raise ZeroDivisionError

        async def post(self, request: Request) -> Response:
            raise ZeroDivisionError

        async def handle_exception(self, exc: Exception) -> Any:
            if not isinstance(exc, ZeroDivisionError):
                return await super().handle_exception(exc)
            await Note.objects.acreate(text="handled")
            return Response("handled", status=418)

        async def finalize_response(
            self, request: Any, response: Any, *args: Any, **kw: Any
        ) -> Any:
            response["X-Notes"] = str(await Note.objects.acount())
            return await super().finalize_response(request, response, *args, **kw)

    view = Handled.as_view()
    for number, method in enumerate(("get", "post"), start=1):
        response = await awaited(view, method)
        assert (response.status_code, response["X-Notes"]) == (418, str(number))
    assert (await awaited(view, "put", {})).status_code == 405


async def test_what_runs_on_the_loop_is_only_the_users_own_async_code() -> None:
    class Careless(Volumes):
        async def list(self, request: Request) -> Response:
            return Response(Volume.objects.count())

    with pytest.raises(SynchronousOnlyOperation):
        await awaited(Careless.as_view(LIST))


# Decorators


def passing(function: Any) -> Any:
    """Decorate as code does that knows nothing of async."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return run


async def test_decorators_that_know_nothing_of_async() -> None:
    @method_decorator(never_cache, name="retrieve")
    @extend_schema_view(create=extend_schema(description="Make one."))
    class Decorated(Volumes):
        @passing
        async def list(self, request: Request) -> Response:
            return Response(await Volume.objects.acount())

        @extend_schema(description="One.")
        async def retrieve(self, request: Request, pk: int) -> Response:
            return Response(pk)

        async def perform_create(self, serializer: Any) -> None:
            await sync_to_async(serializer.save)()

    assert (await awaited(Decorated.as_view(LIST))).data == 3
    assert (await awaited(Decorated.as_view(LIST), "post", {"title": "a"})).status_code == 201
    response = await awaited(Decorated.as_view(DETAIL), pk=7)
    assert (response.data, "no-cache" in response["Cache-Control"]) == (7, True)
    assert is_async(Decorated.list)


@pytest.mark.parametrize(
    "name",
    [
        *("initial", "finalize_response", "perform_content_negotiation", "get_renderers"),
        *("get_content_negotiator", "check_permissions", "get_permissions", "get_authenticators"),
    ],
)
async def test_what_a_class_decorator_puts_around_drfs_code_runs(name: str) -> None:
    """It copies the name and the module of DRF's method, and is the project's all the same."""
    calls: list[str] = []

    def noting(method: Any) -> Any:
        @wraps(method)
        def noted(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return method(*args, **kwargs)

        return noted

    class Handled:
        async def get(self, request: Request) -> Response:
            return Response("here")

    class Answered:
        def get(self, request: Request) -> Response:
            return Response("here")

    def decorated(*bases: Any) -> Any:
        return method_decorator(noting, name=name)(type("Decorated", bases, {})).as_view()

    classic = decorated(Answered, APIView)
    classic(APIRequestFactory().get("/"))
    expected, ours = list(calls), decorated(Handled, AsyncAPIView)
    for _ in range(2):
        calls.clear()
        await awaited(ours)
        assert calls == expected


def test_a_handler_that_was_made_sync_is_sync() -> None:
    class Bridged(Volumes):
        @async_to_sync
        async def list(self, request: Request) -> Response:
            return Response(await Volume.objects.acount())

    view = Bridged.as_view(LIST)
    assert not iscoroutinefunction(view)
    assert view(APIRequestFactory().get("/")).data == 3


# Functions


def echo(request: Request, number: int = 0) -> Response:
    """Say it again."""
    return Response({"number": number, "method": request.method})


async def echo_async(request: Request, number: int = 0) -> Response:
    """Say it again."""
    return echo(request, number)


class Never(UserRateThrottle):
    rate = "0/day"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return "never"

    def allow_request(self, request: Request, view: Any) -> bool:
        return request.method != "POST"

    def wait(self) -> float:
        return 7


async def test_functions_are_views_as_with_drf() -> None:
    classic: Any = api_view(["GET", "POST"])(throttle_classes([Never])(echo))
    sync: Any = async_api_view(["GET", "POST"])(throttle_classes([Never])(echo))
    ours: Any = async_api_view(["GET", "POST"])(throttle_classes([Never])(echo_async))
    assert not iscoroutinefunction(sync)
    for method in ("get", "post", "put", "options"):
        expected = getattr(APIRequestFactory(), method)("/")
        expected = await sync_to_async(classic)(expected, number=3)
        again = await sync_to_async(sync)(getattr(APIRequestFactory(), method)("/"), number=3)
        found = await awaited(ours, method, number=3)
        for one in (again, found):
            different = {"Echo Async": "Echo"}.get((one.data or {}).get("name", ""))
            if different:
                one.data["name"] = different
            assert (one.status_code, one.data) == (expected.status_code, expected.data)
            assert one.headers == expected.headers
    assert ours.cls.__name__ == "echo_async"
    assert ours.__doc__ == echo_async.__doc__


async def test_a_function_that_streams() -> None:
    @async_api_view()
    async def numbers(request: Request) -> Any:
        for number in range(2):
            yield number

    response = await awaited(numbers)
    assert [part async for part in response] == [b"0\n", b"1\n"]


async def test_other_responses_than_drfs() -> None:
    @async_api_view()
    async def plain(request: Request) -> Any:
        return HttpResponse("plain")

    assert (await awaited(plain)).content == b"plain"


# Our views beside those of DRF


def test_every_class_of_drfs_has_its_twin() -> None:
    for drfs, ours in ((drf_generics, generics), (drf_viewsets, viewsets)):
        for name, cls in vars(drfs).items():
            if isinstance(cls, type) and cls.__module__ == drfs.__name__ and "Mixin" not in name:
                async_class = getattr(ours, f"Async{name}")
                assert issubclass(async_class, cls)
                assert issubclass(async_class, AsyncAPIView)


VIEWS = {
    "AsyncCreateAPIView": {"post": 201},
    "AsyncListAPIView": {"get": 200},
    "AsyncRetrieveAPIView": {"get": 200},
    "AsyncDestroyAPIView": {"delete": 204},
    "AsyncUpdateAPIView": {"put": 200, "patch": 200},
    "AsyncListCreateAPIView": {"get": 200, "post": 201},
    "AsyncRetrieveUpdateAPIView": {"get": 200, "put": 200, "patch": 200},
    "AsyncRetrieveDestroyAPIView": {"get": 200, "delete": 204},
    "AsyncRetrieveUpdateDestroyAPIView": {"get": 200, "put": 200, "patch": 200, "delete": 204},
}


@pytest.mark.parametrize("name", VIEWS)
async def test_the_generic_views(name: str) -> None:
    base = getattr(generics, name)
    attributes = {"queryset": Volume.objects.all(), "serializer_class": VolumeSerializer}

    async def overriding(self: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        return await getattr(super(view_class, self), request.method.lower())(
            request, *args, **kwargs
        )

    handlers = dict.fromkeys(VIEWS[name], overriding)
    view_class: Any = type("View", (base,), {**attributes, **handlers})
    sync_class: Any = type("View", (base,), attributes)
    for view in (view_class.as_view(), sync_to_async(sync_class.as_view())):
        for number, (method, status) in enumerate(VIEWS[name].items(), start=1):
            data = {"title": f"{id(view)}{number}"}
            request = getattr(AsyncAPIRequestFactory(), method)("/", data)
            response = await view(request, pk=3 if view is not None else 0)
            assert response.status_code == status, response.data
            if status == 204:
                await Volume.objects.acreate(pk=3, title="again")


async def test_a_viewset_without_a_model() -> None:
    class Plain(AsyncViewSet):
        async def list(self, request: Request) -> Response:
            return Response({"action": self.action})

    assert (await awaited(Plain.as_view({"get": "list"}))).data == {"action": "list"}


async def test_drfs_mixins_before_our_base() -> None:
    class Readable(mixins.ListModelMixin, mixins.CreateModelMixin, AsyncGenericViewSet):
        queryset = Volume.objects.select_related("writer__house__country")
        serializer_class = VolumeSerializer

        async def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
            return await super().list(request, *args, **kwargs)

    assert len((await awaited(Readable.as_view(LIST))).data) == 3
    assert (await awaited(Readable.as_view(LIST), "post", {"title": "z"})).status_code == 201
