"""What a view asks may be async, and where nothing is asked, nothing takes a thread."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.models import User
from django.utils.functional import SimpleLazyObject
from rest_framework.authentication import (
    BaseAuthentication,
    BasicAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from rest_framework.permissions import (
    AND,
    AllowAny,
    BasePermission,
    IsAuthenticated,
    OperandHolder,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.policies import settling
from tests.views.conftest import Hops
from tests.viewsapp.models import Note, Volume

pytestmark = pytest.mark.django_db(transaction=True)


class Ping(AsyncAPIView):
    async def get(self, request: Request) -> Response:
        return Response(str(request.user))


async def answer(view_class: Any, user: Any = None, **headers: Any) -> Any:
    request = AsyncAPIRequestFactory().get("/", **headers)
    if user is not None:
        request.user = user
    return await view_class.as_view()(request)


def says(verdict: bool, *, is_async: bool) -> type[BasePermission]:
    """Return a permission class that always says the same."""

    class Sync(BasePermission):
        message = "Says no."
        code = "no"

        def has_permission(self, request: Any, view: Any) -> bool:
            Note.objects.create(text=f"sync {verdict}")
            return verdict

        def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
            return verdict

    class Async(Sync):
        async def has_permission(self, request: Any, view: Any) -> bool:
            await Note.objects.acreate(text=f"async {verdict}")
            return verdict

        async def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
            return verdict

    return Async if is_async else Sync


COMPOSED = {
    "one": lambda yes, no: yes,
    "not": lambda yes, no: ~yes,
    "and": lambda yes, no: yes & no,
    "or": lambda yes, no: no | yes,
    "nested": lambda yes, no: (no | yes) & ~(yes & no) & (yes | no),
}


class Checked(AsyncAPIView):
    def get(self, request: Request) -> Response:
        self.check_object_permissions(request, object())
        return Response("good")


class CheckedAsync(AsyncAPIView):
    async def get(self, request: Request) -> Response:
        await self.check_object_permissions(request, object())
        return Response("good")


async def outcome(base: type, permission: Any, by_method: bool) -> Any:
    """Return what a view with a permission answers, and what its parts were asked."""
    body = {"permission_classes": [permission]}
    if by_method:
        body = {"get_permissions": lambda self: [permission()]}
    view: Any = type("View", (base,), body).as_view()
    if not iscoroutinefunction(view):
        view = sync_to_async(view)
    response = await view(AsyncAPIRequestFactory().get("/"))
    asked = [note.text.split()[1] async for note in Note.objects.order_by("id")]
    await Note.objects.all().adelete()
    return response.status_code, response.data, asked


@pytest.mark.parametrize("compose", COMPOSED.values(), ids=COMPOSED)
async def test_composed_permissions(compose: Any) -> None:
    """The sync ones are the oracle, also for which of them are asked."""
    sync = compose(says(True, is_async=False), says(False, is_async=False))
    expected = await outcome(Checked, sync, by_method=False)
    for yes, no in ((True, False), (False, True), (True, True)):
        permission = compose(says(True, is_async=yes), says(False, is_async=no))
        for base in (Checked, CheckedAsync):
            for by_method in (True, False):
                assert await outcome(base, permission, by_method) == expected


def test_the_objects_stay_what_they_are() -> None:
    for permission in (AllowAny(), (IsAuthenticated & AllowAny)(), (~IsAuthenticated)()):
        before = dict(vars(permission))
        assert settling(permission) is permission
        assert vars(permission) == before
    permission = says(False, is_async=True)()
    settled = settling(permission)
    assert isinstance(settled, type(permission))
    assert vars(settled) is vars(permission)
    assert (settled.message, settled.code) == ("Says no.", "no")


async def test_an_async_permission_of_a_sync_view_is_waited_for() -> None:
    """``get_permissions`` tells it too late to make the view a coroutine function."""

    class Closed(AsyncAPIView):
        def get_permissions(self) -> Any:
            return [says(False, is_async=True)()]

        def get(self, request: Request) -> Response:
            raise AssertionError("refused")

    view: Any = Closed.as_view()
    assert (await sync_to_async(view)(APIRequestFactory().get("/"))).status_code == 403


class Disguised(BasePermission):
    """Asked for an object, its class makes one of another class."""

    def __new__(cls) -> Any:
        return says(False, is_async=True)()


@pytest.mark.parametrize(
    "members",
    [
        [lambda: says(False, is_async=True)()],
        [Disguised],
        [AllowAny & Disguised],
        [AllowAny & (Disguised | Disguised)],
    ],
)
async def test_what_is_named_need_not_be_a_class(members: Any) -> None:
    """An awaitable that nobody awaits would be a permission for everyone."""

    class Closed(AsyncAPIView):
        permission_classes = members

        def get(self, request: Request) -> Response:
            raise AssertionError("refused")

    view: Any = Closed.as_view()
    assert (await sync_to_async(view)(APIRequestFactory().get("/"))).status_code == 403


async def test_an_exception_handler_may_be_async() -> None:
    async def handle(error: Exception, context: Any) -> Response:
        await Note.objects.acreate(text=type(error).__name__)
        return Response("handled", status=418)

    class Handled(Ping):
        permission_classes = [IsAuthenticated]

        def get_exception_handler(self) -> Any:
            return handle

    assert (await answer(Handled)).status_code == 418
    assert [note.text async for note in Note.objects.all()] == ["NotAuthenticated"]


async def test_an_async_handler_of_exceptions_follows_a_refusal_on_the_loop() -> None:
    class Handled(Ping):
        permission_classes = [IsAuthenticated]

        async def handle_exception(self, exc: Exception) -> Any:
            return await super().handle_exception(exc)

    assert (await answer(Handled)).status_code == 403


def sorry(error: Exception, context: Any) -> Response:
    return Response("sorry", status=418)


def answering(handler: Any) -> type[AsyncAPIView]:
    class Handled(Ping):
        permission_classes = [IsAuthenticated]

        def get_exception_handler(self) -> Any:
            return handler

    return Handled


class Closed(Ping):
    permission_classes = [IsAuthenticated]


async def test_tools_find_the_exception_handler_that_a_view_has(settings: Any) -> None:
    settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": f"{__name__}.sorry"}
    for view_class in (answering(sorry), Closed):
        assert view_class().get_exception_handler() is sorry
        assert (await answer(view_class)).status_code == 418


@pytest.mark.parametrize("handler", [sorry, lambda *_: sync_to_async(sorry)(*_)])
def test_an_exception_handler_answers_whoever_asks_the_view(handler: Any) -> None:
    view = answering(handler)()
    view.headers = {}
    assert view.handle_exception(ValueError()).status_code == 418


# Hops


async def test_what_asks_no_database_takes_no_thread(hops: Hops) -> None:
    class Known(Ping):
        authentication_classes = [TokenAuthentication, BasicAuthentication, SessionAuthentication]

    assert (await answer(Known)).data == "AnonymousUser"
    assert hops == []
    assert (await answer(Known, user=User(username="ada"))).data == "ada"
    assert hops == []


class Nobody(BaseAuthentication):
    def authenticate(self, request: Any) -> None:
        return None


BODIES: dict[str, dict[str, Any]] = {
    "authentication": {"authentication_classes": [Nobody]},
    "permission": {"permission_classes": [says(True, is_async=False)]},
    "throttle": {"throttle_classes": [type("Never", (), {"allow_request": lambda *_: True})]},
    "hook": {"perform_authentication": lambda self, request: Volume.objects.exists()},
    "method": {"get_permissions": lambda self: [AllowAny()] * (1 + Volume.objects.count())},
    "property": {"default_response_headers": property(lambda self: {})},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_what_may_ask_it_runs_in_a_thread(hops: Hops, body: dict[str, Any]) -> None:
    assert (await answer(type("View", (Ping,), body))).status_code == 200
    assert len(hops) == 1


@pytest.mark.parametrize(
    "headers",
    [{"HTTP_AUTHORIZATION": "Basic eDp5"}, {"HTTP_COOKIE": "sessionid=1"}],
    ids=["header", "cookie"],
)
async def test_credentials_are_looked_up_in_a_thread(hops: Hops, headers: Any) -> None:
    class Known(Ping):
        authentication_classes = [SessionAuthentication, BasicAuthentication]

    await answer(Known, **headers)
    assert len(hops) >= 1


async def test_a_user_that_a_middleware_looks_up_is_found_in_a_thread(hops: Hops) -> None:
    await User.objects.acreate_user("ada")
    hops.clear()
    user = SimpleLazyObject(lambda: User.objects.get(username="ada"))

    class Known(Ping):
        authentication_classes = [SessionAuthentication]

    assert (await answer(Known, user=user)).data == "ada"
    assert len(hops) == 1


class AsyncAnd(AND):
    """An operator of another library, which awaits what it combines."""

    async def has_permission(self, request: Any, view: Any) -> bool:
        return all([await sides(part.has_permission, request, view) for part in parts_of(self)])

    async def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        asked = [part.has_object_permission for part in parts_of(self)]
        return all([await sides(one, request, view, obj) for one in asked])


def parts_of(permission: Any) -> list[Any]:
    return [permission.op1, permission.op2]


async def sides(function: Any, *args: Any) -> Any:
    return await (function if iscoroutinefunction(function) else sync_to_async(function))(*args)


@pytest.mark.parametrize("by_method", [True, False])
@pytest.mark.parametrize("base", [Checked, CheckedAsync])
@pytest.mark.parametrize("is_async", [True, False])
async def test_operators_of_others_are_awaited(base: type, by_method: bool, is_async: bool) -> None:
    """A coroutine that is not awaited is true, and would let everybody in."""
    yes, no = says(True, is_async=is_async), says(False, is_async=is_async)
    for parts, status in (((yes, no), 403), ((yes, yes), 200)):
        for permission in (
            OperandHolder(AsyncAnd, *parts),
            AllowAny & OperandHolder(AsyncAnd, *parts),
        ):
            assert (await outcome(base, permission, by_method))[0] == status
