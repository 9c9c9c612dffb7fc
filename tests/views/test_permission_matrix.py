"""Whoever a classic viewset keeps out, each of ours keeps out: the classic twin is the oracle.

Each way in which a project guards rows, mixed into each kind of viewset, is asked the same requests
by an owner, a stranger and somebody anonymous.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import Http404
from pydantic import Field
from rest_framework import exceptions, permissions, serializers, throttling, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import OperandHolder, SingleOperandHolder
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from nova_drf import NotRequired, ReadOnly, Schema, SchemaSerializer
from nova_drf.services import ModelService, Service, atomic
from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.viewsets import AsyncModelViewSet, ModelServiceViewSet, ServiceViewSet, delegate
from tests.servicesapp.models import Letter

pytestmark = pytest.mark.django_db


# How projects guard rows


class IsOwner(permissions.BasePermission):
    def has_object_permission(self, request: Any, view: Any, obj: Letter) -> bool:
        return obj.owner_id is not None and obj.owner_id == request.user.pk


class IsDone(permissions.BasePermission):
    message = "It is not done."
    code = "undone"

    def has_object_permission(self, request: Any, view: Any, obj: Letter) -> bool:
        return obj.done


class ReadOnlyPermission(permissions.BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return request.method in permissions.SAFE_METHODS


class OwnerFilter:
    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        return queryset.filter(owner=request.user.pk)


class NeverAgain(throttling.BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return request.method != "POST"


class TextOnly(serializers.ModelSerializer[Letter]):
    class Meta:
        model = Letter
        fields = ["id", "text"]


class LetterSerializer(serializers.ModelSerializer[Letter]):
    class Meta:
        model = Letter
        fields = ["id", "text", "done"]


class Rows:
    """The base of all guards: which rows there are, and who may do anything with them."""

    permission_classes: Any = []
    queryset: Any = Letter.objects.all()
    request: Any
    kwargs: Any


class Open(Rows):
    """Nobody is kept out."""


class Authenticated(Rows):
    permission_classes = [permissions.IsAuthenticated]


class ByObjectPermission(Rows):
    permission_classes = [IsOwner]


class ByEither(Rows):
    permission_classes = [IsOwner | IsDone]


class ByBoth(Rows):
    permission_classes = [permissions.IsAuthenticated & IsOwner]


class ByOpposite(Rows):
    permission_classes = [~IsOwner]


class ByOppositeOfOthers(Rows):
    permission_classes = [~permissions.IsAdminUser]


class ByPermission(Rows):
    permission_classes = [ReadOnlyPermission]


class ByModelPermissions(Rows):
    permission_classes = [permissions.DjangoModelPermissions]


class ByGetPermissions(Rows):
    def get_permissions(self) -> list[Any]:
        permission: Any = permissions.BasePermission()
        permission.has_object_permission = lambda request, view, obj: (
            obj.owner_id == request.user.pk
        )
        return [permission]


class ByGetQueryset(Rows):
    def get_queryset(self) -> Any:
        return Letter.objects.filter(owner=self.request.user.pk)


class ByGetQuerysetOnly(Rows):
    queryset = None

    def get_queryset(self) -> Any:
        return Letter.objects.filter(owner=self.request.user.pk)


class ByQueryset(Rows):
    queryset = Letter.objects.filter(done=True)


class ByProperty(Rows):
    @property
    def queryset(self) -> Any:
        return Letter.objects.filter(owner=self.request.user.pk)


class OnTheInstance(Rows):
    queryset = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.queryset = Letter.objects.filter(owner=request.user.pk)


class ByInit(Rows):
    queryset = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.queryset = Letter.objects.filter(done=True)


class ByInitWithPermission(ByInit):
    permission_classes = [IsOwner]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.get_queryset = lambda: Letter.objects.all()


class ByFilterQueryset(Rows):
    def filter_queryset(self, queryset: Any) -> Any:
        return queryset.filter(owner=self.request.user.pk)


class ByFilterBackend(Rows):
    filter_backends = [OwnerFilter]


class ByGetObject(Rows):
    def get_object(self) -> Any:
        letter = super().get_object()
        if letter.owner_id != self.request.user.pk:
            raise Http404
        return letter


class OfTheUser(Rows):
    """Which letter it is depends on who asks, not on the URL."""

    def get_object(self) -> Any:
        letter = Letter.objects.filter(owner=self.request.user.pk).first()
        if letter is None:
            raise Http404
        return letter


class ByCheckOfObject(Rows):
    def check_object_permissions(self, request: Any, obj: Letter) -> None:
        if obj.owner_id != request.user.pk:
            self.permission_denied(request, message="Not yours.")


class ByCheck(Rows):
    def check_permissions(self, request: Any) -> None:
        super().check_permissions(request)
        if request.user.is_anonymous:
            raise exceptions.NotAuthenticated


class ByInitial(Rows):
    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if request.user.is_anonymous:
            raise exceptions.PermissionDenied
        super().initial(request, *args, **kwargs)


class ByDenial(Rows):
    permission_classes = [IsOwner]

    def permission_denied(self, request: Any, message: Any = None, code: Any = None) -> None:
        raise Http404


class ByPerform(Rows):
    """Refuses what is about to be written."""

    def _refuse(self) -> None:
        if self.request.user.is_anonymous:
            raise exceptions.PermissionDenied("Not you.")

    def perform_create(self, serializer: Any) -> None:
        self._refuse()
        serializer.save()

    def perform_update(self, serializer: Any) -> None:
        if serializer.instance.owner_id != self.request.user.pk:
            raise exceptions.PermissionDenied("Not yours.")
        super().perform_update(serializer)

    def perform_destroy(self, instance: Letter) -> None:
        if instance.owner_id != self.request.user.pk:
            raise exceptions.PermissionDenied("Not yours.")
        super().perform_destroy(instance)


class PerformsItself(Rows):
    """Adds to what is written, or does something else instead."""

    def perform_create(self, serializer: Any) -> None:
        user = self.request.user
        serializer.save(owner=None if user.is_anonymous else user, done=True)

    def perform_update(self, serializer: Any) -> None:
        serializer.save(done=True)

    def perform_destroy(self, instance: Letter) -> None:
        instance.text = "destroyed"
        instance.save()


class BySerializer(Rows):
    """Lets strangers write less."""

    def get_serializer_class(self) -> Any:
        if self.request.user.username == "ann":
            return super().get_serializer_class()
        return TextOnly


class ByThrottle(Rows):
    throttle_classes = [NeverAgain]


class ByMethods(Rows):
    http_method_names = ["get", "head", "options"]


GUARDS = (
    *(Open, Authenticated, ByObjectPermission, ByEither, ByBoth, ByOpposite, ByOppositeOfOthers),
    *(ByPermission, ByModelPermissions, ByGetPermissions, ByGetQueryset, ByGetQuerysetOnly),
    *(ByQueryset, ByProperty, OnTheInstance, ByInit, ByInitWithPermission, ByFilterQueryset),
    *(ByFilterBackend, ByGetObject, OfTheUser, ByCheckOfObject, ByCheck, ByInitial, ByDenial),
    *(ByPerform, PerformsItself, BySerializer, ByThrottle, ByMethods),
)


# The same, with answers that have to be awaited

HOOKS = (
    *("get_queryset", "filter_queryset", "get_object", "check_object_permissions", "initial"),
    *("check_permissions", "perform_create", "perform_update", "perform_destroy"),
    *("has_permission", "has_object_permission", "allow_request"),
)


def as_async(hook: Any) -> Any:
    async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await sync_to_async(hook)(self, *args, **kwargs)

    return call


def as_coroutine(hook: Any) -> Any:
    call = as_async(hook)
    return lambda *args, **kwargs: call(*args, **kwargs)


def awaiting(cls: Any, spelling: Any) -> Any:
    """Return a guard, or a class that it names, whose hooks answer with something awaitable."""
    if isinstance(cls, OperandHolder):
        parts = awaiting(cls.op1_class, spelling), awaiting(cls.op2_class, spelling)
        return OperandHolder(cls.operator_class, *parts)
    if isinstance(cls, SingleOperandHolder):
        return SingleOperandHolder(cls.operator_class, awaiting(cls.op1_class, spelling))
    body = {
        name: spelling(getattr(cls, name))
        for name in HOOKS
        if any(name in vars(base) for base in cls.__mro__ if base.__module__ == __name__)
    }
    for name in ("permission_classes", "filter_backends", "throttle_classes"):
        if hasattr(cls, name):
            body[name] = [awaiting(one, spelling) for one in getattr(cls, name)]
    return type(cls.__name__, (cls,), {"__module__": __name__, **body}) if body else cls


# The kinds of viewsets


class LetterSchema(Schema):
    id: ReadOnly[int]
    text: Annotated[str, Field(max_length=40)]
    done: NotRequired[bool]


class Finished(Schema):
    text: str


class LetterSchemaSerializer(SchemaSerializer[LetterSchema]):
    class Meta:
        model = Letter


class LetterService(ModelService[Letter, LetterSchema]):
    def finish(self, letter: Letter) -> Finished:
        return Finished(text=letter.text)

    async def finish_later(self, letter: Letter) -> Finished:
        return Finished(text=letter.text)

    def finish_by_key(self, pk: int) -> Finished:
        return Finished(text=Letter.objects.get(pk=pk).text)


class AsyncLetterService(ModelService[Letter, LetterSchema]):
    """The same, with every operation awaited."""

    async def alist(self) -> QuerySet[Letter]:
        return Letter.objects.all()

    async def aretrieve(self, pk: Any) -> Letter:
        return await sync_to_async(self.get_object)(pk)

    async def acreate(self, data: LetterSchema) -> Letter:
        return await atomic.arun(super().create, data)

    async def aupdate(self, pk: Any, data: LetterSchema) -> Letter:
        return await atomic.arun(super().update, pk, data)

    async def adelete(self, pk: Any) -> None:
        await Letter.objects.filter(pk=pk).adelete()

    async def finish(self, letter: Letter) -> Finished:
        return Finished(text=letter.text)


class Desk(Service):
    """The same by hand, which looks everything up unguarded, by its key."""

    def list(self) -> QuerySet[Letter]:
        return Letter.objects.all()

    def retrieve(self, pk: int) -> Letter:
        return Letter.objects.get(pk=pk)

    def create(self, data: LetterSchema) -> Letter:
        return Letter.objects.create(**data.model_dump(exclude_unset=True))

    def update(self, pk: int, data: LetterSchema) -> Letter:
        letter = Letter.objects.get(pk=pk)
        for name, value in data.model_dump(exclude_unset=True).items():
            setattr(letter, name, value)
        letter.save()
        return letter

    def destroy(self, pk: int) -> None:
        Letter.objects.get(pk=pk).delete()

    def finish(self, pk: int) -> Finished:
        return Finished(text=Letter.objects.get(pk=pk).text)


def classic(guard: Any, base: Any = viewsets.ModelViewSet) -> Any:
    class View(guard, base):
        serializer_class = LetterSerializer

        @action(detail=True, methods=["post"])
        def finish(self, request: Any, pk: Any) -> Response:
            return Response({"text": self.get_object().text})

    return View


def all_def(guard: Any) -> Any:
    return classic(guard, AsyncModelViewSet)


def awaited(guard: Any) -> Any:
    class View(guard, AsyncModelViewSet):
        serializer_class = LetterSerializer

        async def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return await super().list(request, *args, **kwargs)

        async def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            letter = await self.get_object()
            return Response(await sync_to_async(lambda: self.get_serializer(letter).data)())

        async def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return await super().create(request, *args, **kwargs)

        async def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return await super().update(request, *args, **kwargs)

        async def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            await self.perform_destroy(await self.get_object())
            return Response(status=204)

        @action(detail=True, methods=["post"])
        async def finish(self, request: Any, pk: Any) -> Response:
            return Response({"text": (await self.get_object()).text})

    return View


def model_service(guard: Any) -> Any:
    class View(guard, ModelServiceViewSet[LetterService]):
        finish = delegate(LetterService.finish, detail=True)

    return View


def model_service_by_key(guard: Any) -> Any:
    class View(guard, ModelServiceViewSet[LetterService]):
        finish = delegate(LetterService.finish_by_key, detail=True)

    return View


def model_service_with_serializer(guard: Any) -> Any:
    class Untyped(ModelService[Letter]):
        def finish(self, letter: Letter) -> Finished:
            return Finished(text=letter.text)

    class View(guard, ModelServiceViewSet[Untyped]):
        serializer_class = LetterSerializer
        finish = delegate(Untyped.finish, detail=True)

    return View


def mixed_colours(guard: Any) -> Any:
    class View(guard, ModelServiceViewSet[LetterService]):
        finish = delegate(LetterService.finish_later, detail=True)

    return View


def async_model_service(guard: Any) -> Any:
    class View(guard, ModelServiceViewSet[AsyncLetterService]):
        finish = delegate(AsyncLetterService.finish, detail=True)

    return View


def service(guard: Any) -> Any:
    class View(guard, ServiceViewSet[Desk]):
        response_schema = LetterSchema
        list = delegate(Desk.list)
        retrieve = delegate(Desk.retrieve)
        create = delegate(Desk.create, request=LetterSchemaSerializer)
        update = delegate(Desk.update, request=LetterSchemaSerializer)
        partial_update = delegate(Desk.update, request=LetterSchemaSerializer)
        destroy = delegate(Desk.destroy)
        finish = delegate(Desk.finish, detail=True)

    return View


def inherited(guard: Any) -> Any:
    """Add the guard in a subclass of a viewset that is open to everybody."""

    class View(guard, service(Rows)):
        pass

    return View


KINDS = (
    *(all_def, awaited, model_service, model_service_by_key, model_service_with_serializer),
    *(mixed_colours, async_model_service, service, inherited),
)

ACTIONS = {
    "collection": {"get": "list", "head": "list", "post": "create"},
    "object": {
        **{"get": "retrieve", "head": "retrieve", "put": "update"},
        **{"patch": "partial_update", "delete": "destroy"},
    },
    "finish": {"post": "finish"},
}


@dataclass(frozen=True, eq=False)
class Ask:
    """One request.

    Attributes:
        method: The HTTP method.
        route: A key of ``ACTIONS``.
        pk: What stands in the URL.
        body: The body as JSON data.
    """

    method: str
    route: str
    pk: str | None = None
    body: Any = None


GOOD, WRONG = {"text": "new", "done": True}, {"text": ""}
HERS, HIS, NOBODYS = "1", "2", "3"
REQUESTS = (
    Ask("get", "collection"),
    Ask("head", "collection"),
    Ask("options", "collection"),
    Ask("post", "collection", body=GOOD),
    Ask("post", "collection", body=WRONG),
    Ask("post", "collection", body={"text": "his"}),
    *(Ask("get", "object", pk) for pk in (HERS, HIS, NOBODYS, "999", "x", "\0")),
    Ask("head", "object", HERS),
    Ask("options", "object", HERS),
    Ask("put", "object", HERS, GOOD),
    Ask("put", "object", HERS, WRONG),
    Ask("put", "object", "999", WRONG),
    Ask("patch", "object", HERS, {"done": True}),
    Ask("patch", "object", HIS, {"text": "hers"}),
    Ask("patch", "object", HERS, {"owner": 2, "id": 9}),
    *(Ask("delete", "object", pk) for pk in (HERS, HIS, "999")),
    *(Ask("post", "finish", pk) for pk in (HERS, HIS, NOBODYS, "999", "x")),
)


@pytest.fixture
def users() -> tuple[Any, ...]:
    """An owner, a stranger and nobody, and a letter of each."""
    ann, bob = User.objects.create(pk=1, username="ann"), User.objects.create(pk=2, username="bob")
    # PostgreSQL numbers rows on, whatever keys others were given.
    for number in range(3):
        Letter.objects.create(text=f"takes number {number + 1}")
    Letter.objects.all().delete()
    for pk, owner, text in ((1, ann, "hers"), (2, bob, "his"), (3, None, "nobody's")):
        Letter.objects.create(pk=pk, owner=owner, text=text, done=owner is bob)
    return ann, bob, AnonymousUser()


class Undone(Exception):
    """Takes back what a request has written."""


def outcome(view_class: Any, ask: Ask, user: Any, server: str) -> tuple[Any, ...]:
    """Return what a client sees, and what is stored then; it is rolled back afterwards."""
    factory: Any = APIRequestFactory() if server == "wsgi" else AsyncAPIRequestFactory()
    body = {} if ask.body is None else {"data": ask.body, "format": "json"}
    request = getattr(factory, ask.method)("/", **body)
    force_authenticate(request, user)
    kwargs = {} if ask.pk is None else {"pk": ask.pk}
    view = view_class.as_view(ACTIONS[ask.route])
    with transaction.atomic():
        with suppress(Undone), transaction.atomic():
            try:
                response = called(view, request, kwargs, server)
                seen = (response.status_code, said(response), response.get("Allow"))
            except Exception as error:
                # An error is an answer, too: both sides have to give the same.
                seen = (500, type(error).__name__, None)
            if connection.needs_rollback:  # the database has refused something
                raise Undone
        stored = list(Letter.objects.values_list("owner", "text", "done"))
        transaction.set_rollback(True)
    return seen, stored


def called(view: Any, request: Any, kwargs: Any, server: str) -> Any:
    """Call a view as Django's handler for WSGI or ASGI does."""
    if server == "wsgi":
        response = async_to_sync(view)(request, **kwargs) if iscoroutinefunction(view) else None
        response = view(request, **kwargs) if response is None else response
        return response.render()

    async def on_loop() -> Any:
        awaited = view if iscoroutinefunction(view) else sync_to_async(view)
        response = await awaited(request, **kwargs)
        render = response.render
        return await (render if iscoroutinefunction(render) else sync_to_async(render))()

    return async_to_sync(on_loop)()


def said(response: Any) -> Any:
    """Return the body, without what each viewset says of itself or of a row that it numbered."""
    data = json.loads(response.content) if response.content else None
    if isinstance(data, dict):
        for varying in ("id", "name", "description", "actions"):
            data.pop(varying, None)
    return data


def differences(view_class: Any, users: Any, server: str, asks: Any, expected: Any) -> Any:
    """Return the requests that are answered otherwise than by the classic viewset."""
    answers = {
        (user, ask): outcome(view_class, ask, user, server) for user in users for ask in asks
    }
    return [
        (str(user), ask, answer, expected[user, ask])
        for (user, ask), answer in answers.items()
        if answer != expected[user, ask]
    ]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_each_viewset_keeps_out_whom_the_classic_one_keeps_out(guard: Any, users: Any) -> None:
    twin = classic(guard)
    expected = {(user, ask): outcome(twin, ask, user, "wsgi") for user in users for ask in REQUESTS}
    stranger = users[1]
    for kind in (awaited, model_service, async_model_service, service):
        for spelling in (as_async, as_coroutine):
            if guard is PerformsItself and kind is service:
                continue
            view_class = kind(awaiting(guard, spelling))
            found = differences(view_class, [stranger], "wsgi", REQUESTS[1::3], expected)
            found += differences(view_class, [stranger], "asgi", REQUESTS[::5], expected)
            assert not found, (kind.__name__, spelling.__name__)
    for kind in KINDS:
        if guard is PerformsItself and kind in (service, inherited):
            continue  # what no schema names, only a ModelService writes: see test_service_hooks
        view_class = kind(guard)
        who = users if kind in (model_service, service) else [stranger]
        found = differences(view_class, who, "wsgi", REQUESTS, expected)
        found += differences(view_class, [stranger], "asgi", REQUESTS[::3], expected)
        assert not found, kind.__name__
