"""An answer that has to be awaited is awaited, whatever the function looks like that gave it.

Each way to write a guard, with each kind of guard, on each kind of view, through WSGI and ASGI. The
oracle is DRF's own view with the guard written as a plain ``def``.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import Future
from itertools import cycle, product
from types import new_class
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.http import Http404
from rest_framework import exceptions, mixins, serializers, viewsets
from rest_framework.authentication import BaseAuthentication
from rest_framework.filters import BaseFilterBackend
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import BaseThrottle
from rest_framework.versioning import QueryParameterVersioning
from rest_framework.views import APIView

from nova_drf import SchemaSerializer
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.services import Service, ServiceContext
from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView
from nova_drf.viewsets import AsyncModelViewSet, ServiceViewSet
from tests.views.sending import in_sync, on_loop
from tests.viewsapp.models import Note
from tests.viewsapp.schemas import LabelledNoteSchema, NoteSchema

pytestmark = pytest.mark.usefixtures("volumes")

Verdict = Callable[..., Any]
Way = Callable[[type, str, Verdict], type]


# The ways to write a function whose answer has to be awaited


def bare(function: Any) -> Any:
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


def wrapped(function: Any) -> Any:
    return functools.wraps(function)(bare(function))


def coroutine_of(verdict: Verdict) -> Any:
    async def answer(*args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0)
        return verdict(*args, **kwargs)

    return answer


def method_of(verdict: Verdict) -> Any:
    answer = coroutine_of(verdict)

    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await answer(*args, **kwargs)

    return method


class Awaitable:
    def __init__(self, coroutine: Any) -> None:
        self.coroutine = coroutine

    def __await__(self) -> Any:
        return self.coroutine.__await__()


class Callable_:
    def __init__(self, verdict: Verdict) -> None:
        self.answer = coroutine_of(verdict)

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return await self.answer(*args, **kwargs)


def future_of(verdict: Verdict, *args: Any, **kwargs: Any) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(verdict(*args, **kwargs))
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        future.set_exception(error)
    return future


def with_attribute(make: Callable[[Verdict], Any]) -> Way:
    def way(base: type, name: str, verdict: Verdict) -> type:
        return type(base)("Guard", (base,), {name: make(verdict)})

    return way


def on_instance(base: type, name: str, verdict: Verdict) -> type:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        super(made, self).__init__(*args, **kwargs)
        setattr(self, name, coroutine_of(verdict))

    made: Any = type(base)("Guard", (base,), {"__init__": __init__})
    return made


def by_super(make: Callable[[Verdict], Any]) -> Way:
    def way(base: type, name: str, verdict: Verdict) -> type:
        parent: Any = type(base)("Parent", (base,), {name: make(verdict)})

        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return getattr(super(made, self), name)(*args, **kwargs)

        made: Any = type(base)("Guard", (parent,), {name: method})
        return made

    return way


def asked_by_super(base: type, name: str, verdict: Verdict) -> type:
    """It asks its parent for the answer, and gives its own."""
    parent: Any = type(base)("Parent", (base,), {name: bare(method_of(verdict))})

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = getattr(super(made, self), name)(*args, **kwargs)
        return answer and answer

    made: Any = type(base)("Guard", (parent,), {name: method})
    return made


def from_mixin(base: type, name: str, verdict: Verdict) -> type:
    mixin = type("Mixin", (), {name: bare(method_of(verdict))})
    return type(base)("Guard", (mixin, base), {})


def plain(base: type, name: str, verdict: Verdict) -> type:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return verdict(*args, **kwargs)

    return type(base)("Guard", (base,), {name: method})


WAYS: dict[str, Way] = {
    "async def": with_attribute(method_of),
    "decorator": with_attribute(lambda verdict: bare(method_of(verdict))),
    "decorator with wraps": with_attribute(lambda verdict: wrapped(method_of(verdict))),
    "wraps a def": with_attribute(lambda v: functools.wraps(v)(bare(method_of(v)))),
    "lambda": with_attribute(lambda v: lambda self, *a, **k: coroutine_of(v)(*a, **k)),
    "awaitable": with_attribute(
        lambda v: lambda self, *a, **k: Awaitable(coroutine_of(v)(*a, **k))
    ),
    "twice": with_attribute(lambda v: method_of(coroutine_of(v))),
    "future": with_attribute(lambda v: lambda self, *a, **k: future_of(v, *a, **k)),
    "partialmethod": with_attribute(lambda v: functools.partialmethod(method_of(v))),
    # Python makes methods of bare partials, some day.
    "partial": with_attribute(
        lambda verdict: staticmethod(functools.partial(coroutine_of(verdict)))
    ),
    "object": with_attribute(Callable_),
    "staticmethod": with_attribute(lambda verdict: staticmethod(coroutine_of(verdict))),
    "classmethod": with_attribute(lambda verdict: classmethod(method_of(verdict))),
    "property": with_attribute(lambda verdict: property(lambda self: coroutine_of(verdict))),
    "attribute of the instance": on_instance,
    "super": by_super(method_of),
    "super of a decorated one": by_super(lambda verdict: bare(method_of(verdict))),
    "asked by a subclass": asked_by_super,
    "mixin": from_mixin,
}


# What is guarded

ROWS = Note.objects.order_by("id")


class Classic(serializers.ModelSerializer[Note]):
    class Meta:
        model = Note
        fields = ["id", "text"]


class Typed(SchemaSerializer[NoteSchema]):
    class Meta:
        model = Note


class Backed(SchemaBackedMixin, Classic):
    pass


class Empty(Service[ServiceContext]):
    """A service none of whose actions is used."""


SYNC = (
    *(mixins.ListModelMixin, mixins.RetrieveModelMixin),
    *(mixins.CreateModelMixin, mixins.DestroyModelMixin),
)


class Handlers:
    """One object behind a view without a model."""

    def get(self, request: Any, **kwargs: Any) -> Response:
        self.check_object_permissions(request, "it")
        return Response("secret")

    def post(self, request: Any, **kwargs: Any) -> Response:
        return self.get(request)

    delete = post


class AsyncHandlers:
    async def get(self, request: Any, **kwargs: Any) -> Response:
        await self.check_object_permissions(request, "it")
        return Response("secret")

    async def post(self, request: Any, **kwargs: Any) -> Response:
        return await self.get(request)

    async def delete(self, request: Any, **kwargs: Any) -> Response:
        return await self.get(request)


class Overriding:
    """A viewset whose actions are ``async def``."""

    async def list(self, *args: Any, **kwargs: Any) -> Any:
        return await super().list(*args, **kwargs)

    async def retrieve(self, *args: Any, **kwargs: Any) -> Any:
        return await super().retrieve(*args, **kwargs)

    async def create(self, *args: Any, **kwargs: Any) -> Any:
        return await super().create(*args, **kwargs)

    async def destroy(self, *args: Any, **kwargs: Any) -> Any:
        return await super().destroy(*args, **kwargs)


ROWS_BODY = {"queryset": ROWS, "serializer_class": Classic}

PLAIN_VIEWS: dict[str, type] = {
    "def": type("View", (Handlers, AsyncAPIView), {}),
    "async def": type("View", (AsyncHandlers, AsyncAPIView), {}),
}
VIEWSETS: dict[str, type] = {
    "viewset": type("Rows", (AsyncModelViewSet,), ROWS_BODY),
    "async viewset": type("Rows", (Overriding, AsyncModelViewSet), ROWS_BODY),
    "service viewset": new_class(
        "Rows", (*SYNC, ServiceViewSet[Empty]), exec_body=lambda body: body.update(ROWS_BODY)
    ),
}
ORACLES = {
    False: type("View", (Handlers, APIView), {}),
    True: type("Rows", (viewsets.ModelViewSet,), ROWS_BODY),
}

REQUESTS = ("get", "head", "post", "delete")


def view_of_method(view_class: Any, method: str) -> tuple[Any, dict[str, Any]]:
    """Return a view function and its arguments for a method."""
    if not hasattr(view_class, "queryset"):
        return view_class.as_view(), {}
    actions = {"get": "list", "post": "create"}
    if method == "post":
        return view_class.as_view(actions), {}
    return view_class.as_view({"get": "retrieve", "delete": "destroy"}), {"pk": 1}


Route = Callable[[Any, str], tuple[Any, dict[str, Any]]]


def outcome(response: Any) -> Any:
    if hasattr(response, "render"):
        response.render()
    return response.status_code, response.get("WWW-Authenticate"), response.get("Retry-After")


def through_wsgi(view_class: Any, method: str, route: Route = view_of_method) -> Any:
    view, kwargs = route(view_class, method)
    request = getattr(APIRequestFactory(), method)(
        "/?version=1", {"text": "new"}, **_format(method)
    )
    try:
        return outcome(in_sync(view)(request, **kwargs))
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error)


async def through_asgi(view_class: Any, method: str, route: Route = view_of_method) -> Any:
    view, kwargs = route(view_class, method)
    send = getattr(AsyncAPIRequestFactory(), method)
    request = send("/?version=1", {"text": "new"}, **_format(method))
    try:
        called = on_loop(view)
        return await sync_to_async(outcome)(await called(request, **kwargs))
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error)


def _format(method: str) -> dict[str, str]:
    return {"format": "json"} if method in ("post", "delete") else {}


@pytest.fixture(autouse=True)
def _rows(volumes: Any) -> None:
    renew()


def renew(method: str = "post") -> None:
    """Store the one row again, if a request may have changed that."""
    if method in ("post", "delete"):
        # PostgreSQL numbers rows on, whatever keys others were given.
        Note.objects.create(text="takes the first number")
        Note.objects.all().delete()
        Note.objects.create(pk=1, text="row")


def raising(error: Any) -> Verdict:
    def verdict(*args: Any, **kwargs: Any) -> Any:
        raise error

    return verdict


def saying(value: Any) -> Verdict:
    return lambda *args, **kwargs: value


MEMBERS: dict[str, tuple[str, type, str, Verdict, Verdict]] = {
    "permission": (
        *("permission_classes", BasePermission, "has_permission"),
        *(saying(False), saying(True)),
    ),
    "object permission": (
        *("permission_classes", BasePermission, "has_object_permission"),
        *(saying(False), saying(True)),
    ),
    "throttle": (
        *("throttle_classes", BaseThrottle, "allow_request"),
        *(saying(False), saying(True)),
    ),
    "wait": (
        *(
            "throttle_classes",
            type("Full", (BaseThrottle,), {"allow_request": saying(False)}),
            "wait",
        ),
        *(saying(7), saying(None)),
    ),
    "authenticator": (
        *("authentication_classes", BaseAuthentication, "authenticate"),
        *(raising(exceptions.AuthenticationFailed()), saying(None)),
    ),
    "authenticate header": (
        "authentication_classes",
        type(
            "No",
            (BaseAuthentication,),
            {"authenticate": raising(exceptions.AuthenticationFailed())},
        ),
        *("authenticate_header", saying("Bearer"), saying(None)),
    ),
    "negotiator": (
        *("content_negotiation_class", DefaultContentNegotiation, "select_renderer"),
        *(raising(exceptions.NotAcceptable()), None),
    ),
    "version": (
        *("versioning_class", QueryParameterVersioning, "determine_version"),
        *(raising(exceptions.NotFound()), saying("1")),
    ),
    "allowed version": (
        *("versioning_class", QueryParameterVersioning, "is_allowed_version"),
        *(saying(False), saying(True)),
    ),
}
OF_ROWS: dict[str, tuple[str, type, str, Verdict, Verdict]] = {
    "filter": (
        *("filter_backends", BaseFilterBackend, "filter_queryset"),
        *(lambda request, rows, view: rows.none(), lambda request, rows, view: rows),
    ),
}


def guarded_by_member(view_class: type, guard: Any, guard_class: Any) -> type:
    many = guard[0].endswith(("classes", "backends"))
    return type("Guarded", (view_class,), {guard[0]: [guard_class] if many else guard_class})


def report(found: list[Any]) -> None:
    assert not found, "\n" + "\n".join(map(repr, found))


def differences(
    guard: str,
    verdicts: tuple[Verdict, Verdict | None],
    views: dict[str, type],
    make: Callable[[type, Way, Verdict], type],
) -> tuple[int, list[Any]]:
    """Ask each view, with a guard written in each way, to refuse; and some to let pass.

    Servers and methods take turns, so that each way and each kind of view meets all of them.

    Returns:
        How many were asked to refuse, and those that answer otherwise than DRF.
    """
    refuses, allows = verdicts
    refusing = [(refuses, *one) for one in product(views, WAYS)]
    allowing = [(allows, view, way) for view, way in zip(cycle(views), WAYS, strict=False)]
    expected: dict[Any, Any] = {}
    found = []
    for number, (verdict, base, way) in enumerate([*refusing, *allowing]):
        if verdict is None:
            continue
        method, by_wsgi = REQUESTS[number % 4], number // 4 % 2 == 0
        has_rows = hasattr(views[base], "queryset")
        if (verdict, has_rows, method) not in expected:
            classic = getattr(verdict, "classic", verdict)
            oracle = make(ORACLES[has_rows], plain, classic)
            expected[verdict, has_rows, method] = through_wsgi(oracle, method)
            renew(method)
        made = make(views[base], WAYS[way], verdict)
        answer = (through_wsgi if by_wsgi else async_to_sync(through_asgi))(made, method)
        renew(method if has_rows else "get")
        if answer != expected[verdict, has_rows, method]:
            found.append(
                (guard, base, way, method, by_wsgi, answer, expected[verdict, has_rows, method])
            )
    return len(refusing), found


@pytest.mark.parametrize("guard", {**MEMBERS, **OF_ROWS})
def test_members(guard: str) -> None:
    attribute, base, name, refuses, allows = {**MEMBERS, **OF_ROWS}[guard]

    def make(view_class: type, way: Way, verdict: Verdict) -> type:
        return guarded_by_member(view_class, (attribute,), way(base, name, verdict))

    views = VIEWSETS if guard in OF_ROWS else {**PLAIN_VIEWS, **VIEWSETS}
    count, found = differences(guard, (refuses, allows), views, make)
    report(found)
    assert count >= 50


# Hooks of views


class Denying(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class DenyingLater(Denying):
    has_permission = bare(method_of(saying(False)))


class FullLater(BaseThrottle):
    allow_request = bare(method_of(saying(False)))
    wait = bare(method_of(saying(7)))


class Full(BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return False

    def wait(self) -> float:
        return 7


def teapot(error: Exception, context: Any) -> Response:
    return Response(status=418)


def later(function: Verdict) -> Verdict:
    """Return a verdict that asks the database, in a thread."""

    def verdict(*args: Any, **kwargs: Any) -> Any:
        return sync_to_async(function)(*args, **kwargs)

    verdict.classic = function
    return verdict


def members(ours: Any = None, classic: Any = None) -> Verdict:
    """Return a verdict that names members, of which DRF's own code knows only plain ones."""

    def verdict() -> Any:
        return [] if ours is None else [ours()]

    verdict.classic = lambda: [] if classic is None else [classic()]
    return verdict


HOOKS: dict[str, tuple[Verdict, Verdict | None]] = {
    "initial": (raising(exceptions.PermissionDenied()), None),
    "perform_authentication": (raising(exceptions.NotAuthenticated()), saying(None)),
    "check_permissions": (raising(exceptions.PermissionDenied()), saying(None)),
    "check_object_permissions": (raising(exceptions.PermissionDenied()), saying(None)),
    "check_throttles": (raising(exceptions.Throttled(7)), saying(None)),
    "determine_version": (raising(exceptions.NotFound()), saying((None, None))),
    "get_permissions": (members(DenyingLater, Denying), members()),
    "get_throttles": (members(FullLater, Full), members()),
    "perform_content_negotiation": (raising(exceptions.NotAcceptable()), None),
    "get_authenticators": (raising(exceptions.AuthenticationFailed()), lambda: []),
    "handle_exception": (lambda error: Response(status=418), None),
    "get_exception_handler": (lambda: teapot, None),
}
OF_OBJECTS: dict[str, tuple[Verdict, Verdict | None]] = {
    "get_queryset": (lambda: ROWS.none(), lambda: ROWS.all()),
    "get_object": (raising(Http404()), later(lambda: Note.objects.get(pk=1))),
    "filter_queryset": (lambda rows: rows.none(), lambda rows: rows),
    "get_serializer_class": (raising(exceptions.PermissionDenied()), lambda: Classic),
    "perform_create": (
        raising(exceptions.PermissionDenied()),
        later(lambda serializer: serializer.save()),
    ),
    "perform_destroy": (raising(exceptions.PermissionDenied()), later(lambda row: row.delete())),
    "retrieve": (raising(exceptions.PermissionDenied()), lambda *a, **k: Response("row")),
}
FAILING = ("handle_exception", "get_exception_handler")


@pytest.mark.parametrize("hook", {**HOOKS, **OF_OBJECTS})
def test_hooks_of_views(hook: str) -> None:
    def make(view_class: type, way: Way, verdict: Verdict) -> type:
        if hook in FAILING:
            view_class = type("Failing", (view_class,), {"permission_classes": [Denying]})
        return way(view_class, hook, verdict)

    views = VIEWSETS if hook in OF_OBJECTS else {**PLAIN_VIEWS, **VIEWSETS}
    count, found = differences(hook, {**HOOKS, **OF_OBJECTS}[hook], views, make)
    report(found)
    assert count >= 50


# Handlers, pages and exceptions


class Pages(PageNumberPagination):
    page_size = 5


PAGED: dict[str, tuple[type, str, Verdict, Verdict | None]] = {
    "paginate_queryset": (Pages, "paginate_queryset", raising(exceptions.NotFound()), None),
    "get_paginated_response": (
        *(Pages, "get_paginated_response", lambda data: Response(data, status=203)),
        lambda data: Response(data),
    ),
}


def listing(view_class: Any, method: str) -> tuple[Any, dict[str, Any]]:
    return view_class.as_view({method: "list"}), {}


@pytest.mark.parametrize("name", PAGED)
def test_pages(name: str) -> None:
    base, name, *verdicts = PAGED[name]
    for verdict in filter(None, verdicts):
        paged = {"pagination_class": plain(base, name, verdict)}
        expected = through_wsgi(type("Paged", (ORACLES[True],), paged), "get", listing)
        assert expected[0] in (404, 203, 200)
        for view_class, (way, written) in product(VIEWSETS.values(), WAYS.items()):
            paged = {"pagination_class": written(base, name, verdict)}
            made = type("Paged", (view_class,), paged)
            assert through_wsgi(made, "get", listing) == expected, way
            assert async_to_sync(through_asgi)(made, "get", listing) == expected, way


@pytest.mark.parametrize("way", WAYS)
def test_the_exception_handler_of_a_project(way: str, settings: Any) -> None:
    """It need not be a function."""
    handlers = WAYS[way](
        type("Handlers", (), {}), "handle", lambda error, context: Response(status=418)
    )
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "EXCEPTION_HANDLER": handlers().handle}
    for view_class in (*PLAIN_VIEWS.values(), *VIEWSETS.values()):
        failing = type("Failing", (view_class,), {"permission_classes": [Denying]})
        assert through_wsgi(failing, "get")[0] == 418
        assert async_to_sync(through_asgi)(failing, "get")[0] == 418


# Hooks of serializers


INPUT_HOOKS: dict[str, Verdict] = {
    "validate": raising(serializers.ValidationError("no")),
    "validate_text": raising(serializers.ValidationError("no")),
    "to_internal_value": raising(serializers.ValidationError({"text": ["no"]})),
    "run_validation": raising(serializers.ValidationError({"text": ["no"]})),
    "create": raising(exceptions.PermissionDenied()),
    "save": raising(exceptions.PermissionDenied()),
    "to_representation": raising(exceptions.PermissionDenied()),
}
FOR_ROWS = {name: way for name, way in WAYS.items() if name != "property"}


@pytest.mark.parametrize("hook", INPUT_HOOKS)
def test_hooks_of_serializers(hook: str) -> None:
    verdict = INPUT_HOOKS[hook]
    oracle = {"serializer_class": plain(Classic, hook, verdict)}
    expected = through_wsgi(type("Rows", (ORACLES[True],), oracle), "post")
    assert expected[0] in (400, 403)
    wrong = []
    for number, (way, base) in enumerate(product(FOR_ROWS, (Classic, Typed, Backed))):
        if base is not Classic and (way, hook) == ("attribute of the instance", "validate_text"):
            continue  # Which fields have such a method is known of a class.
        view_class = list(VIEWSETS.values())[number % 3]
        body = {"serializer_class": WAYS[way](base, hook, verdict)}
        made = type("Rows", (view_class,), body)
        for answer in (through_wsgi(made, "post"), async_to_sync(through_asgi)(made, "post")):
            if answer != expected:
                wrong.append((way, base.__name__, answer))
    report(wrong)


GETTERS = {name: way for name, way in FOR_ROWS.items() if name != "attribute of the instance"}


@pytest.mark.parametrize("way", GETTERS)
def test_getters_of_method_fields(way: str) -> None:
    class Labelled(serializers.ModelSerializer[Note]):
        label = serializers.SerializerMethodField()

        class Meta:
            model = Note
            fields = ["id", "label"]

    class LabelledBacked(SchemaBackedMixin, Labelled):
        pass

    class LabelledTyped(SchemaSerializer[LabelledNoteSchema]):
        class Meta:
            model = Note

    for base in (LabelledBacked, LabelledTyped):
        made: Any = WAYS[way](base, "get_label", lambda row: f"<{row.text}>")
        row = Note(pk=1, text="row")
        assert made(row).data == {"id": 1, "label": "<row>"}
        assert made([row] * 9, many=True).data == [{"id": 1, "label": "<row>"}] * 9
