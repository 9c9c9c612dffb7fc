"""Requests are opened as DRF opens them, whether or not that is done without the detours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import override_settings
from rest_framework import (
    authentication,
    generics,
    negotiation,
    parsers,
    permissions,
    renderers,
    throttling,
    versioning,
    views,
    viewsets,
)
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from nova_drf.views import explain_opening
from nova_drf.views.opening import Opening
from nova_drf.viewsets import AsyncGenericViewSet

REQUESTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "usual": ("get", "/", {}),
    "asked format": ("get", "/?format=txt", {}),
    "accepted format": ("get", "/", {"HTTP_ACCEPT": "text/plain;q=0.5, application/json;q=0.1"}),
    "nothing accepted": ("get", "/", {"HTTP_ACCEPT": "image/png"}),
    "written": ("post", "/", {"data": {"a": 1}, "format": "json"}),
    "unreadable": ("post", "/", {"data": b"{", "content_type": "application/json"}),
    "options": ("options", "/", {}),
    "no handler": ("put", "/", {}),
    "wrong credentials": ("get", "/", {"HTTP_AUTHORIZATION": "Basic nonsense"}),
    "other credentials": ("get", "/", {"HTTP_AUTHORIZATION": "Bearer x"}),
    "version": ("get", "/?version=v2", {"HTTP_ACCEPT": "application/json; version=v2"}),
}


class Text(renderers.BaseRenderer):
    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, accepted_media_type: Any = None, context: Any = None) -> bytes:
        return repr(data).encode()


class NewText(Text):
    def __init__(self) -> None:
        self.charset = "utf-16"


class Never(permissions.BasePermission):
    message = "never"
    code = "no"

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class OnlyReads(permissions.BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.method == "GET")

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return bool(obj != "secret")


class NeverAgain(throttling.BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return bool(request.method != "POST")

    def wait(self) -> float:
        return 3


class First(negotiation.BaseContentNegotiation):
    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Somebody(authentication.BaseAuthentication):
    def authenticate(self, request: Any) -> Any:
        return User(username="somebody"), "token"


def seen(view: Any, request: Any) -> dict[str, Any]:
    """Say what a handler can see."""
    return {
        "user": str(request.user),
        "auth": str(request.auth),
        "user of Django": str(request._request.user),
        "authenticator": type(request.successful_authenticator).__name__,
        "renderer": type(request.accepted_renderer).__name__,
        "media type": request.accepted_media_type,
        "version": [request.version, type(request.versioning_scheme).__name__],
        "parsers": [type(parser).__name__ for parser in request.parsers],
        "authenticators": [type(member).__name__ for member in request.authenticators],
        "context": sorted(request.parser_context),
        "itself": request.parser_context["request"] is request is view.request,
        "suffix": view.format_kwarg,
        "action": view.action,
        "data": request.data,
        # DRF keeps the parsed `Accept` header, which nobody parses here.
        "more": sorted({*vars(request)} - {"_parsed_accept_list"}),
        "attributes": sorted({*vars(view)} - {"_is_answering", "_known_policies", "_negotiator"}),
    }


class Handlers:
    def list(self, request: Any, **kwargs: Any) -> Response:
        view: Any = self
        view.check_object_permissions(request, kwargs.get("named", "open"))
        return Response(seen(view, request))

    def create(self, request: Any, **kwargs: Any) -> Response:
        return Response(seen(self, request), status=201)

    @action(detail=False, permission_classes=[permissions.IsAuthenticated])
    def extra(self, request: Any, **kwargs: Any) -> Response:
        return Response(seen(self, request))


def both(body: Mapping[str, Any], mixins: tuple[type, ...] = (), behind: Any = None) -> list[Any]:
    """Return the same viewset on DRF's class and on ours."""
    usual = {"renderer_classes": [renderers.JSONRenderer, Text], **body}
    last = () if behind is None else (behind,)
    return [
        type("Viewed", (*mixins, Handlers, base, *last), dict(usual))
        for base in (viewsets.GenericViewSet, AsyncGenericViewSet)
    ]


ACTIONS = {"get": "list", "post": "create"}


def told(view: Any, sent: tuple[str, str, dict[str, Any]], **more: Any) -> Any:
    """Return what a view answers, and what middleware can see of it."""
    method, path, extra = sent
    request: Any = getattr(APIRequestFactory(), method)(path, **extra)
    user = more.pop("user", None)
    if user is not None:
        request.user = user
    if more.pop("forced", False):
        token: Any = "token"
        force_authenticate(request, User(username="forced"), token)
    try:
        response = view(request, **more)
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error), str(error)
    response.render()
    return (
        response.status_code,
        dict(response.items()),
        response.content,
        type(response.accepted_renderer).__name__,
        response.accepted_media_type,
        sorted(response.renderer_context),
        isinstance(response.renderer_context["view"].request, Request),
        str(response.data),
        [str(getattr(request, "user", "none")), str(getattr(request, "auth", "none"))],
    )


@contextmanager
def noting_openings() -> Iterator[list[bool]]:
    """Note for each request whether it was opened without the detours."""
    openings: list[bool] = []
    original = Opening.opened

    def opened(self: Any, *args: Any) -> bool:
        try:
            is_opened = original(self, *args)
        except Exception:
            # It was opened so, whatever was raised then.
            openings.append(True)
            raise
        openings.append(is_opened)
        return is_opened

    with mock.patch.object(Opening, "opened", opened):
        yield openings


def compare(classic: Any, ours: Any, actions: Any = None, **more: Any) -> list[bool]:
    """Compare the answers to all requests; return whether those of ours were opened quickly."""
    initkwargs = more.pop("initkwargs", {})
    pair = [view.as_view(actions or ACTIONS, **initkwargs) for view in (classic, ours)]
    with noting_openings() as openings:
        for name, sent in REQUESTS.items():
            expected = told(pair[0], sent, **more)
            assert [told(pair[1], sent, **more) for _ in range(2)] == [expected] * 2, name
    return openings


USUAL: dict[str, dict[str, Any]] = {
    "nothing": {},
    "one renderer": {"renderer_classes": (renderers.JSONRenderer,)},
    "browsable": {"renderer_classes": [renderers.JSONRenderer, renderers.StaticHTMLRenderer]},
    "open": {"permission_classes": [permissions.AllowAny]},
    "no permissions": {"permission_classes": ()},
    "users": {"permission_classes": [permissions.IsAuthenticated]},
    "writing users": {"permission_classes": [permissions.IsAuthenticatedOrReadOnly]},
    "staff": {"permission_classes": [permissions.AllowAny, permissions.IsAdminUser]},
    "never": {"permission_classes": [permissions.AllowAny, Never]},
    "reading": {"permission_classes": [OnlyReads]},
    "either": {"permission_classes": [Never | OnlyReads]},
    "throttled": {"throttle_classes": [NeverAgain]},
    "versions": {"versioning_class": versioning.QueryParameterVersioning},
    "versions accepted": {"versioning_class": versioning.AcceptHeaderVersioning},
    "one parser": {"parser_classes": [parsers.JSONParser]},
    "parsers of forms": {"parser_classes": [parsers.FormParser]},
    "no authentication": {"authentication_classes": []},
    "basic": {"authentication_classes": [authentication.BasicAuthentication]},
    "somebody": {"authentication_classes": [Somebody]},
    "sessions": {
        "authentication_classes": [authentication.SessionAuthentication],
        "permission_classes": [permissions.IsAuthenticated],
    },
}


@pytest.mark.parametrize("name", USUAL)
def test_usual_views_are_opened_without_detours(name: str) -> None:
    classic, ours = both(USUAL[name])
    openings = compare(classic, ours)
    assert any(openings), name
    assert explain_opening(ours) == "Viewed opens requests without detours"
    for user in (AnonymousUser(), User(username="ada"), User(username="gone", is_active=False)):
        compare(classic, ours, user=user)
    compare(classic, ours, forced=True)
    compare(classic, ours, named="secret")


def test_arguments_of_routes_and_actions_count() -> None:
    classic, ours = both({})
    assert not any(compare(classic, ours, format="csv"))
    assert any(compare(classic, ours, format="txt"))
    assert any(compare(classic, ours, initkwargs={"permission_classes": [Never]}))
    compare(classic, ours, initkwargs={"content_negotiation_class": First})
    of_action = dict(classic.extra.kwargs)
    assert any(compare(classic, ours, {"get": "extra"}, initkwargs=of_action))


@pytest.mark.parametrize(
    "chosen",
    [
        {"UNAUTHENTICATED_USER": None, "UNAUTHENTICATED_TOKEN": "django.utils.timezone.now"},
        {"FORMAT_SUFFIX_KWARG": None},
        {"URL_FORMAT_OVERRIDE": "version"},
        {"URL_FORMAT_OVERRIDE": None},
    ],
    ids=str,
)
def test_settings_are_read_at_each_request(chosen: dict[str, Any]) -> None:
    classic, ours = both({})
    compare(classic, ours)
    chosen = {**chosen, "UNAUTHENTICATED_TOKEN": None}
    with override_settings(REST_FRAMEWORK=chosen):
        assert any(compare(classic, ours, format="json"))


# What is unusual takes DRF's own way

STEPS = (
    *("get_parsers", "get_authenticators", "get_parser_context", "get_format_suffix"),
    *("perform_content_negotiation", "get_renderers", "get_content_negotiator"),
    *("determine_version", "perform_authentication", "check_permissions", "get_permissions"),
    *("check_throttles", "get_throttles", "initial", "initialize_request"),
    *("check_object_permissions", "finalize_response", "permission_denied"),
)

calls: list[str] = []


def noted(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return a function that notes that it is called."""

    @wraps(function)
    def note(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return function(*args, **kwargs)

    return note


def counted(pair: list[Any], **more: Any) -> None:
    """Compare the answers of two view functions, and how often what is noted was called."""
    counts = 0
    for sent in (REQUESTS["usual"], REQUESTS["written"]):
        answers = []
        for view in pair:
            calls.clear()
            answers.append((told(view, sent, **more), list(calls)))
            counts += len(calls)
        assert answers[0] == answers[1], sent
    assert counts


def passing_on(name: str) -> Callable[..., Any]:
    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return getattr(super(type(self), self), name)(*args, **kwargs)

    return step


@pytest.mark.parametrize("place", ["body", "mixin", "behind", "attribute"])
@pytest.mark.parametrize("name", STEPS)
def test_a_step_of_the_project_is_called(name: str, place: str) -> None:
    body: dict[str, Any] = {
        "permission_classes": [Never if name == "permission_denied" else OnlyReads]
    }
    mixins: tuple[type, ...] = ()
    behind = None
    if place == "body":
        body[name] = passing_on(name)
    elif place == "mixin":

        def step(self: Any, *args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return getattr(super(Mixin, self), name)(*args, **kwargs)

        Mixin = type("Mixin", (), {name: step})
        mixins = (Mixin,)
    elif place == "behind":
        behind = type("Behind", (views.APIView,), {name: noted(getattr(views.APIView, name), name)})
    else:

        def __init__(self: Any, **kwargs: Any) -> None:
            generics.GenericAPIView.__init__(self, **kwargs)
            setattr(self, name, noted(getattr(self, name), name))

        body["__init__"] = __init__
    classic, ours = both(body, mixins, behind)
    if place == "behind":
        # In the order of DRF's viewset it stands behind `APIView`'s subclasses as well.
        assert ours.__mro__.index(behind) < ours.__mro__.index(views.APIView)
    counted([classic.as_view(ACTIONS), ours.as_view(ACTIONS)])


PATCHED: list[tuple[Any, str]] = [
    *((owner, name) for owner in (views.APIView, generics.GenericAPIView) for name in STEPS),
    (viewsets.ViewSetMixin, "initialize_request"),
    (viewsets.GenericViewSet, "check_permissions"),
    (OnlyReads, "has_permission"),
    (permissions.IsAuthenticated, "has_permission"),
    (permissions.BasePermission, "has_object_permission"),
    (authentication.SessionAuthentication, "authenticate"),
    (authentication.BasicAuthentication, "authenticate"),
    (authentication, "get_authorization_header"),
    (negotiation.DefaultContentNegotiation, "select_renderer"),
    (Request, "_authenticate"),
    (Request, "_not_authenticated"),
    (Request, "__init__"),
    (Text, "__init__"),
    (views, "Request"),
]


@pytest.mark.parametrize(("owner", "name"), PATCHED, ids=str)
def test_what_is_put_in_the_place_of_drfs_is_called(owner: Any, name: str) -> None:
    denied = name == "permission_denied"
    body = {"permission_classes": [Never] if denied else [OnlyReads, permissions.IsAuthenticated]}
    classic, ours = both(body)
    user = User(username="ada")
    compare(classic, ours, user=user)
    pair = [classic.as_view(ACTIONS), ours.as_view(ACTIONS)]
    for_nobody = ("_not_authenticated", "get_authorization_header")
    is_for_nobody = name in for_nobody or owner is authentication.BasicAuthentication
    with mock.patch.object(owner, name, noted(getattr(owner, name), name)):
        counted(pair, user=AnonymousUser() if is_for_nobody else user)
    assert any(compare(classic, ours, user=user))


@pytest.mark.parametrize("name", STEPS)
def test_what_is_put_on_the_class_later_is_called(name: str) -> None:
    classic, ours = both(
        {"permission_classes": [Never if name == "permission_denied" else OnlyReads]}
    )
    compare(classic, ours)
    pair = [classic.as_view(ACTIONS), ours.as_view(ACTIONS)]
    with ExitStack() as stack:
        for view in (classic, ours):
            stack.enter_context(mock.patch.object(view, name, noted(getattr(view, name), name)))
        counted(pair)


def test_a_guard_in_the_place_of_another_attribute_counts() -> None:
    class Behind(generics.GenericAPIView[Any]):
        spare: Any = None

    def check_permissions(self: Any, request: Any) -> None:
        self.permission_denied(request)

    pair = both({}, behind=Behind)
    assert any(compare(*pair))
    del Behind.spare
    Behind.check_permissions = check_permissions
    refused = [told(view.as_view(ACTIONS), REQUESTS["usual"])[0] for view in pair]
    assert refused == [403, 403]
    assert not any(compare(*pair))


def _by_user(self: Any) -> list[Any]:
    calls.append("permission_classes")
    return [permissions.IsAuthenticated] if self.request.user.is_staff else [Never]


UNUSUAL: dict[str, dict[str, Any]] = {
    "permissions of a property": {"permission_classes": property(_by_user)},
    "permissions of a function": {"permission_classes": [lambda: OnlyReads()]},
    "a partial permission": {"permission_classes": [partial(OnlyReads)]},
    "another negotiation": {"content_negotiation_class": First},
    "renderers with state": {"renderer_classes": [renderers.JSONRenderer, NewText]},
    "policies in a set": {"renderer_classes": {renderers.JSONRenderer: 1}.keys()},
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_policies_are_asked_by_drf(name: str) -> None:
    classic, ours = both(UNUSUAL[name])
    openings = compare(classic, ours, user=User(username="ada", is_staff=True))
    compare(classic, ours)
    if name not in ("permissions of a function", "a partial permission"):
        assert not any(openings)
        assert "as DRF does: " in explain_opening(ours)


def test_a_list_of_policies_may_change() -> None:
    allowed: list[Any] = []
    classic, ours = both({"permission_classes": allowed})
    compare(classic, ours)
    allowed.append(Never)
    compare(classic, ours)
    for view in (classic, ours):
        view.permission_classes = [permissions.IsAuthenticated]
    compare(classic, ours)


def test_a_user_that_cannot_be_found_out_is_drfs_error() -> None:
    class Broken:
        def __bool__(self) -> bool:
            raise AttributeError("no database")

    classic, ours = both({})
    compare(classic, ours, user=Broken())


def test_a_user_that_is_known_is_asked_for_nothing() -> None:
    for owner, name in (("request", "_user"), ("http", "_user"), ("request", "authenticators")):
        value: Any = [Somebody()] if name == "authenticators" else User(username="known")

        def initial(
            self: Any, request: Any, *args: Any, o: str = owner, n: str = name, v: Any = value
        ) -> None:
            setattr(request if o == "request" else request._request, n, v)
            super(type(self), self).initial(request, *args)

        classic, ours = both({"initial": initial})
        assert any(compare(classic, ours))


def test_attributes_that_are_made_when_they_are_asked_for_count() -> None:
    class Mixin:
        def __getattribute__(self, name: str) -> Any:
            found = object.__getattribute__(self, name)
            return [Never] if name == "permission_classes" else found

    classic, ours = both({}, (Mixin,))
    assert not any(compare(classic, ours))


def test_steps_that_are_the_projects_are_named() -> None:
    _, ours = both({"get_permissions": passing_on("get_permissions")})
    assert explain_opening(ours) == (
        "Viewed opens requests as DRF does: `get_permissions` is the project's own"
    )
    assert "is no view of nova_drf" in explain_opening(both({})[0])
