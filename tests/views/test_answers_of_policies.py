"""Objects that a view asks: what they are composed of, and what they ask themselves."""

from __future__ import annotations

import asyncio
import operator
from dataclasses import dataclass
from typing import Any
from unittest.mock import AsyncMock, Mock, patch

import pytest
from adrf.permissions import AsyncOperandHolderMixin
from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured, SynchronousOnlyOperation
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle

from nova_drf.core.concurrency import Settling
from nova_drf.testing import AsyncAPIRequestFactory
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.policies import settling
from nova_drf.views.policy_classes import has_async_methods
from tests.views.sending import in_sync

pytestmark = pytest.mark.django_db


class Plain(AsyncAPIView):
    def get(self, request: Any) -> Response:
        self.check_object_permissions(request, "it")
        return Response("secret")


class Awaited(AsyncAPIView):
    async def get(self, request: Any) -> Response:
        await self.check_object_permissions(request, "it")
        return Response("secret")


def statuses(body: dict[str, Any], factory: Any = None, **extra: Any) -> set[int]:
    """Return the status codes of a sync and of an async view, through WSGI and ASGI."""
    found = set()
    for base in (Plain, Awaited):
        view: Any = type("View", (base,), body).as_view()
        is_async = iscoroutinefunction(view)
        request = APIRequestFactory().get("/", **extra)
        found.add((async_to_sync(view) if is_async else view)(request).status_code)
        called = view if is_async else sync_to_async(view)

        async def awaited(called: Any = called) -> int:
            response = await called(AsyncAPIRequestFactory().get("/", **extra))
            return response.status_code

        found.add(async_to_sync(awaited)())
    return found


def response_of(view: Any) -> Any:
    """Return the response of a view that may be async."""
    call = in_sync(view)
    return call(APIRequestFactory().get("/"))


async def refuse(*args: Any) -> bool:
    await asyncio.sleep(0)
    return False


class No(BasePermission):
    def has_permission(self, request: Any, view: Any) -> Any:
        return refuse()

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> Any:
        return refuse()


class Yes(BasePermission):
    has_permission = has_object_permission = lambda *args: asyncio.sleep(0, True)


class ForNobody(BasePermission):
    """Everybody may come, and see nothing."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> Any:
        return refuse()


# Composed


class Condition:
    """Composes permissions as rest_condition does: of classes that are made when they are asked."""

    def __init__(self, *parts: Any, reduce: Any = operator.and_, negated: bool = False) -> None:
        self.parts, self.reduce, self.negated = parts, reduce, negated

    def __call__(self) -> Condition:
        return self

    def evaluate(self, name: str, *args: Any) -> Any:
        result = None
        for part in self.parts:
            if hasattr(part, "evaluate"):
                one = part.evaluate(name, *args)
            else:
                one = getattr(part(), name)(*args)
            result = one if result is None else self.reduce(result, one)
        return not result if self.negated else result

    def has_permission(self, *args: Any) -> Any:
        return self.evaluate("has_permission", *args)

    def has_object_permission(self, *args: Any) -> Any:
        return self.evaluate("has_object_permission", *args)


class AllOf(BasePermission):
    """Composes objects; nothing of it is async."""

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts

    def has_permission(self, request: Any, view: Any) -> bool:
        return all(part.has_permission(request, view) for part in self.parts)

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return all(part.has_object_permission(request, view, obj) for part in self.parts)


class OfClassParts(AllOf):
    """It has its parts from its class."""

    parts: Any = [AllowAny(), No()]

    def __init__(self) -> None:
        """Nothing is given."""


class ByMethod(BasePermission):
    """Another permission for each method."""

    rules = {"GET": [No], "POST": [AllowAny]}

    def has_permission(self, request: Any, view: Any) -> bool:
        return all(rule().has_permission(request, view) for rule in self.rules[request.method])


class ObjectsByMethod(BasePermission):
    def __init__(self) -> None:
        self.rules = {"GET": [AllOf([No()])]}

    def has_permission(self, request: Any, view: Any) -> bool:
        return all(rule.has_permission(request, view) for rule in self.rules[request.method])


class Circular(AllOf):
    def __init__(self) -> None:
        super().__init__([No()])
        self.parts[0].within = self


class AsyncNo(AsyncOperandHolderMixin, No):
    """A permission with adrf's operators."""


class AsyncYes(AsyncOperandHolderMixin, Yes):
    """Another one."""


REFUSING = {
    "and": Yes & No,
    "or": No | ForNobody,
    "not": ~Yes,
    "nested": (Yes | No) & ~(~No | Yes),
    "classic and": AllowAny & No,
    "classic or": No | ~AllowAny,
    "condition": Condition(No),
    "condition of two": Condition(Yes, No),
    "either of two": Condition(No, No, reduce=operator.or_),
    "condition in a condition": Condition(Condition(Yes), Condition(Yes, No)),
    "condition of an operator": Condition(AllowAny, Yes & No),
    "condition of an operator of a condition": Condition(AllowAny & Condition(Yes, No)),
    "negated condition": Condition(Yes, negated=True),
    "objects": lambda: AllOf([Yes(), No()]),
    "objects in objects": lambda: AllOf([AllOf([No()]), AllowAny()]),
    "operators in objects": lambda: AllOf([(Yes & No)()]),
    "parts of the class": OfClassParts,
    "by method": ByMethod,
    "objects by method": ObjectsByMethod,
    "circular": Circular,
    "adrf's and": AsyncYes & AsyncNo,
    "adrf's or": AsyncNo | AsyncNo,
    "adrf's not": ~AsyncYes,
    "adrf's operator of others": AsyncYes & No & AllowAny,
    "adrf's in DRF's": Yes & (AsyncYes & AsyncNo),
}
ALLOWING = {
    "and": Yes & Yes,
    "or": No | Yes,
    "not": ~No,
    "nested": (Yes | No) & ~(~Yes | No),
    "condition": Condition(Yes, AllowAny),
    "either of two": Condition(No, Yes, reduce=operator.or_),
    "negated condition": Condition(No, negated=True),
    "objects": lambda: AllOf([Yes(), AllowAny()]),
    "adrf's and": AsyncYes & AsyncYes,
    "adrf's or": AsyncNo | AsyncYes,
    "adrf's not": ~AsyncNo,
}


@pytest.mark.parametrize("permission", REFUSING.values(), ids=REFUSING)
def test_composed_permissions_refuse(permission: Any) -> None:
    assert statuses({"permission_classes": [permission]}) == {403}
    assert statuses({"get_permissions": lambda self: [permission()]}) == {403}


@pytest.mark.parametrize("permission", ALLOWING.values(), ids=ALLOWING)
def test_composed_permissions_allow(permission: Any) -> None:
    assert statuses({"permission_classes": [permission]}) == {200}


# What cannot be changed, and what is shared


class Slotted:
    __slots__ = ()

    def has_permission(self, request: Any, view: Any) -> Any:
        return refuse()


class Dynamic:
    """It finds out what it has when it is asked."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args: refuse()


class OfClass:
    @staticmethod
    def has_permission(request: Any, view: Any) -> Any:
        return refuse()


@dataclass
class Made:
    """It makes a permission, and cannot be hashed."""

    cls: Any = No

    def __call__(self) -> Any:
        return self.cls()


SHARED = No()


@pytest.mark.parametrize(
    "make",
    [
        Slotted,
        Dynamic,
        lambda: OfClass,
        lambda: SHARED,
        lambda: Mock(has_permission=refuse),
        Made(),
    ],
    ids=["slots", "dynamic", "class", "shared", "mock", "not hashable"],
)
def test_objects_of_every_kind(make: Any) -> None:
    for _ in range(2):
        assert statuses({"permission_classes": [make]}) == {403}


@pytest.mark.parametrize("cls", [Slotted, Dynamic])
def test_what_stands_for_an_object_is_of_its_class(cls: Any) -> None:
    permission = settling(cls())
    assert isinstance(permission, cls)
    assert not isinstance(permission, BasePermission)
    assert isinstance(settling(permission), cls)
    assert statuses({"get_permissions": lambda self: [permission]}) == {403}


def test_what_stands_for_a_class_is_no_class() -> None:
    assert not isinstance(settling(OfClass), type)


class Explained:
    __slots__ = ()
    message, code = "Not today.", "closed"
    has_permission = staticmethod(refuse)


def test_the_words_of_an_object_with_slots() -> None:
    class View(Plain):
        authentication_classes: list[Any] = []
        permission_classes: Any = [Explained]

    detail = response_of(View.as_view()).data["detail"]
    assert (detail, detail.code) == (Explained.message, Explained.code)


class Kept(BasePermission):
    def __init__(self) -> None:
        self.view = GenericAPIView()


def test_a_view_that_an_object_keeps_is_none_of_its_parts() -> None:
    permission = settling(Kept())
    assert type(permission.view) is GenericAPIView
    assert not vars(permission.view)


def test_a_mock_stays_what_it_is() -> None:
    mock = Mock()
    mock.has_permission.return_value = True
    assert statuses({"permission_classes": [lambda: mock]}) == {200}
    assert mock.has_permission.call_count == 4


@pytest.mark.parametrize("cls", [AllowAny, IsAuthenticated])
def test_a_permission_of_drfs_that_somebody_replaced(cls: Any) -> None:
    with patch.object(cls, "has_permission", AsyncMock(return_value=False)):
        assert statuses({"permission_classes": [cls]}) == {403}
    with patch.object(cls, "has_permission", AsyncMock(return_value=True)):
        assert statuses({"permission_classes": [cls & cls]}) == {200}
    has_async_methods.cache_clear()


async def factory() -> Any:
    return No()


def test_a_factory_may_be_async() -> None:
    assert statuses({"permission_classes": [factory]}) == {403}


def test_what_is_shared_is_changed_once() -> None:
    """Each request would make more classes otherwise."""
    shared = Condition(Yes, Yes & No, Condition(Strict))
    by_method = ByMethod()
    settling(shared)
    settling(by_method)
    before, method, rules = shared.parts, shared.has_permission, by_method.rules
    for _ in range(3):
        settling(shared)
        settling(by_method)
    assert shared.parts is before
    assert [type(part) for part in shared.parts] == [type(part) for part in before]
    assert shared.has_permission is method
    assert by_method.rules is rules


class Strict(Yes):
    """It asks its parent, and then itself."""

    def has_permission(self, request: Any, view: Any) -> Any:
        return super().has_permission(request, view) and view.action == "list"


class Named:
    def __init_subclass__(cls, *, name: str) -> None:
        cls.name = name


class NamedNo(Named, No, name="no"):
    pass


class NamedStrict(NamedNo, name="strict"):
    def has_permission(self, request: Any, view: Any) -> Any:
        return super().has_permission(request, view)


class WithSlots(No):
    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = "kept"

    def has_permission(self, request: Any, view: Any) -> Any:
        assert self.state == "kept"
        return super().has_permission(request, view)


class Sealed(type(BasePermission)):
    """Its classes cannot be made without being told a name."""

    def __new__(cls, *args: Any, name: str) -> Any:
        made = super().__new__(cls, *args)
        made.name = name
        return made

    def __init__(cls, *args: Any, name: str) -> None:
        super().__init__(*args)


class Worded(No, metaclass=Sealed, name="worded"):
    def __init__(self, first: str, *, last: str) -> None:
        assert first + last == "ab"


class OfWorded(BasePermission):
    """It makes an object of a class that takes no subclass."""

    kind = Worded

    def has_permission(self, request: Any, view: Any) -> Any:
        assert self.kind.name == "worded"
        return bool(self.kind("a", last="b").has_permission(request, view))


def test_arguments_of_classes_that_cannot_be_subclassed() -> None:
    assert statuses({"permission_classes": [OfWorded]}) == {403}


@pytest.mark.parametrize("cls", [NamedNo, NamedStrict, WithSlots])
def test_classes_that_cannot_be_subclassed_so(cls: Any) -> None:
    assert statuses({"permission_classes": [cls]}) == {403}
    assert statuses({"permission_classes": [Condition(cls, AllowAny)]}) == {403}


# What they ask their parents


class NoEntry(BasePermission):
    """What comes in nevertheless may see everything."""

    def has_permission(self, request: Any, view: Any) -> Any:
        return refuse()


class AskingParent(NoEntry):
    """Its own answer is yes, if its parent does not say no."""

    def __init__(self) -> None:
        self.answer = True

    def has_permission(self, request: Any, view: Any) -> Any:
        return super().has_permission(request, view=view) and self.answer


class AskingParentOfObject(ForNobody):
    def has_object_permission(self, request: Any, view: Any, obj: Any) -> Any:
        return bool(super().has_object_permission(request, view, obj))


class AskingParentYes(Yes):
    def __init__(self) -> None:
        self.answer = True

    def has_permission(self, request: Any, view: Any) -> Any:
        return super().has_permission(request, view) and self.answer


class AskingGrandparent(AskingParent):
    def has_permission(self, request: Any, view: Any) -> Any:
        return super().has_permission(request, view) or not self.answer


class Registered(NoEntry):
    names: list[str] = []

    def __init_subclass__(cls, *, name: str) -> None:
        cls.names.append(name)


class AskingRegistered(Registered, name="asking"):
    def has_permission(self, request: Any, view: Any) -> Any:
        return super().has_permission(request, view) and True


class Single(NoEntry):
    """All views ask the same object."""

    only: Any = None

    def __new__(cls) -> Any:
        cls.only = cls.only or super().__new__(cls)
        return cls.only

    def has_permission(self, request: Any, view: Any) -> Any:
        return super().has_permission(request, view) and True


@pytest.mark.parametrize(
    "cls",
    [AskingParent, AskingParentOfObject, AskingGrandparent, AskingRegistered, Single],
)
def test_no_of_a_parent_is_a_no(cls: Any) -> None:
    assert statuses({"permission_classes": [cls]}) == {403}
    assert statuses({"permission_classes": [Condition(cls, AllowAny)]}) == {403}


def test_a_project_is_told_of_its_own_classes_only() -> None:
    settling(Condition(AskingRegistered))
    settling(AskingRegistered())
    assert Registered.names == ["asking"]


def test_yes_of_a_parent_is_a_yes() -> None:
    assert statuses({"permission_classes": [AskingParentYes]}) == {200}
    assert statuses({"permission_classes": [AskingParent | AskingParentYes]}) == {200}


def test_a_class_that_asks_its_parent_keeps_its_name() -> None:
    permission = settling(AskingParent())
    kind = type(permission)
    assert kind is not AskingParent
    assert (kind.__module__, kind.__name__) == (AskingParent.__module__, AskingParent.__name__)


# What they ask their parents, where the objects of a class have more than attributes


def with_the_no_of_its_parent(*bases: type, **body: Any) -> Any:
    """Return a permission that takes what its parent answers for a yes or a no."""

    def has_permission(self: Any, request: Any, view: Any) -> Any:
        return bool(super(cls, self).has_permission(request, view))

    body = {"has_permission": has_permission, "__module__": __name__, **body}
    cls: Any = type(bases[0])("AskingParent", bases, body)
    return cls


class Bare:
    """A permission that has nothing but slots."""

    __slots__ = ()

    def has_permission(self, request: Any, view: Any) -> Any:
        return refuse()

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> Any:
        return True


class BareYes(Bare):
    __slots__ = ()

    def has_permission(self, request: Any, view: Any) -> Any:
        return asyncio.sleep(0, True)


class Final(type(BasePermission)):
    """Its classes take no subclass."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        if any(type(base) is cls for base in bases):
            raise ValueError(f"{name} derives from a class that is final.")
        return super().__new__(cls, name, bases, body)


class FinalNoEntry(NoEntry):
    """Only the classes that derive from it are final."""


class AskingParentFinally(FinalNoEntry, metaclass=Final):
    def has_permission(self, request: Any, view: Any) -> Any:
        return bool(super().has_permission(request, view))


class AskingParentByClass(NoEntry):
    @classmethod
    def has_permission(cls, *args: Any) -> Any:
        return bool(super().has_permission(cls, *args))


def kept_state(self: Any) -> None:
    self.state = "kept"


def answers_by_name(self: Any, name: str) -> Any:
    if name != "named":
        raise AttributeError(name)
    return True


@pytest.mark.parametrize(
    "cls",
    [
        with_the_no_of_its_parent(NoEntry, __slots__=("state",), __init__=kept_state),
        with_the_no_of_its_parent(NoEntry, __slots__=()),
        with_the_no_of_its_parent(Bare, __slots__=("state",), __init__=kept_state),
        with_the_no_of_its_parent(Bare, __slots__=()),
        with_the_no_of_its_parent(NoEntry, __getattr__=answers_by_name),
        with_the_no_of_its_parent(Bare, __getattr__=answers_by_name),
        AskingParentFinally,
        AskingParentByClass,
    ],
    ids=[
        *("slots", "no slots", "bare slots", "bare", "dynamic", "bare dynamic"),
        *("final", "class method"),
    ],
)
def test_no_of_a_parent_of_every_kind(cls: Any) -> None:
    assert statuses({"permission_classes": [cls]}) == {403}
    assert statuses({"permission_classes": [Condition(cls, AllowAny)]}) == {403}


def test_no_of_the_parent_of_a_class_that_is_a_permission() -> None:
    assert statuses({"permission_classes": [lambda: AskingParentByClass]}) == {403}


@pytest.mark.parametrize("cls", [Slotted, Bare, type("Classic", (No,), {"__slots__": ()})])
def test_classes_of_every_kind_that_a_permission_keeps(cls: Any) -> None:
    class OfClasses(BasePermission):
        kinds = (cls,)

        def has_permission(self, request: Any, view: Any) -> bool:
            return all(bool(kind().has_permission(request, view)) for kind in self.kinds)

    assert statuses({"permission_classes": [OfClasses]}) == {403}


class Counting:
    """A throttle that counts in a slot, and asks its parent first."""

    __slots__ = ("last", "requests")

    def __init__(self) -> None:
        self.requests = 0
        self.last = None

    def allow_request(self, request: Any, view: Any) -> Any:
        return asyncio.sleep(0, True)

    def wait(self) -> None:
        """How long is not known."""


class CountingTwice(Counting):
    __slots__ = ()

    def allow_request(self, request: Any, view: Any) -> Any:
        self.requests += 1
        del self.last
        return super().allow_request(request, view) and self.requests <= 2


def test_state_in_slots_is_that_of_the_object() -> None:
    shared = CountingTwice()

    class View(Plain):
        def get_throttles(self) -> Any:
            shared.last = None
            return [shared]

    view = View.as_view()
    found = [response_of(view).status_code for _ in range(3)]
    assert (found, shared.requests) == ([200, 200, 429], 3)
    assert not hasattr(shared, "last")
    slot = vars(Counting)["requests"]
    assert vars(type(settling(shared)._member))["requests"] is not slot


class OfDict(dict[str, str], NoEntry):
    """Its objects have content that cannot be shared."""

    def has_permission(self, request: Any, view: Any) -> Any:
        return bool(super().has_permission(request, view))


@pytest.mark.parametrize("permission", [OfDict, Condition(OfDict, AllowAny)])
def test_an_object_of_a_built_in_type_lets_nobody_in(permission: Any) -> None:
    for base in (Plain, Awaited):
        view: Any = type("View", (base,), {"permission_classes": [permission]}).as_view()
        with pytest.raises(ImproperlyConfigured, match=r"OfDict: .*built-in type 'dict'\. Keep a"):
            response_of(view)


# What they ask themselves


class Never(SimpleRateThrottle):
    """DRF's code asks it for the key under which requests are counted."""

    rate = "1/day"

    def get_cache_key(self, request: Any, view: Any) -> Any:
        return asyncio.sleep(0, "everybody")


class PerUser(UserRateThrottle):
    rate = "1/day"

    async def get_ident(self, request: Any) -> Any:
        return "everybody"


@pytest.mark.parametrize("throttle", [Never, PerUser])
def test_hooks_of_throttles(throttle: Any) -> None:
    throttle.cache.clear()
    view: Any = type("View", (Plain,), {"throttle_classes": [throttle]}).as_view()
    found = [response_of(view).status_code for _ in range(3)]
    assert found == [200, 429, 429]


class Guarded(SessionAuthentication):
    """DRF's code asks it whether a request comes from where it says."""

    def enforce_csrf(self, request: Any) -> Any:
        return self.refuse()

    async def refuse(self) -> None:
        raise PermissionError


def test_hooks_of_authenticators() -> None:
    def user(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        request.user = User(username="ada")

    for base in (Plain, Awaited):
        view: Any = type("View", (base,), {"authentication_classes": [Guarded]}).as_view()
        request = APIRequestFactory().get("/")
        request.user = User(username="ada")
        with pytest.raises(PermissionError):
            in_sync(view)(request)


class Found(SessionAuthentication):
    """It answers at once, with a user that is still to be awaited."""

    def authenticate(self, request: Any) -> Any:
        return asyncio.sleep(0, User(username="ada")), None


class FoundWithSlots:
    """Another one, which takes no attributes."""

    __slots__ = ()
    authenticate = Found.authenticate
    authenticate_header = Found.authenticate_header


class Nobody(SessionAuthentication):
    async def authenticate(self, request: Any) -> Any:
        return None


class InList(SessionAuthentication):
    """DRF takes apart whatever has two parts."""

    def authenticate(self, request: Any) -> Any:
        return [User(username="ada"), None]


@pytest.mark.parametrize(
    ("authenticators", "username"),
    [
        ([Found], "ada"),
        ([FoundWithSlots], "ada"),
        ([InList], "ada"),
        ([Nobody], ""),
        ([Nobody, Found], "ada"),
    ],
)
def test_who_is_found(authenticators: list[Any], username: str) -> None:
    class View(Plain):
        authentication_classes = authenticators

        def get(self, request: Any) -> Response:
            return Response(request.user.username)

    assert response_of(View.as_view()).data == username


# On the event loop


async def test_a_forgotten_await_is_no_yes() -> None:
    permission = settling(No())
    with pytest.raises(SynchronousOnlyOperation, match="truth"):
        bool(permission.has_permission(None, None))
    assert await permission.has_permission(None, None) is False
    assert await asyncio.create_task(permission.has_permission(None, None)) is False


async def test_attributes_of_what_is_settled() -> None:
    mock = AsyncMock(return_value=1)
    settled = Settling(mock)
    assert iscoroutinefunction(settled)
    assert await settled(2) == 1
    settled.assert_awaited_once_with(2)
