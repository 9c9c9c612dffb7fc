"""A project's base that stands behind ours in the order of a view class guards as in DRF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock

import pytest
from rest_framework import generics, permissions, serializers, views, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from nova_drf import SchemaBackedMixin
from nova_drf.viewsets import AsyncModelViewSet
from tests.testapp.models import Publisher
from tests.views.sending import AwaitedActions, send

pytestmark = pytest.mark.django_db

Body = Callable[[Any], Mapping[str, Any]]

DRFS_BASES: list[Any] = [
    *(object, views.APIView, generics.GenericAPIView, viewsets.GenericViewSet),
]
ACTIONS = {"get": "list", "post": "create"}


class ClassicSerializer(serializers.ModelSerializer[Publisher]):
    class Meta:
        model = Publisher
        fields = ["name", "city"]


class BackedSerializer(SchemaBackedMixin, ClassicSerializer):
    class Meta(ClassicSerializer.Meta):
        pass


class Pages(PageNumberPagination):
    page_size = 10

    def get_paginated_response(self, data: Any) -> Response:
        return Response(data)


def refuse(*_args: object, **_kwargs: object) -> Any:
    raise PermissionDenied("by the base behind")


def admins_only(view: Any) -> None:
    view.permission_classes = [permissions.IsAdminUser]


def dispatch(base: list[Any]) -> Mapping[str, Any]:
    def dispatch(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        admins_only(self)
        return super(base[0], self).dispatch(request, *args, **kwargs)

    return {"dispatch": dispatch}


def finalize_response(base: list[Any]) -> Mapping[str, Any]:
    def finalize_response(self: Any, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["X-Behind"] = "yes"
        return super(base[0], self).finalize_response(request, response, *args, **kwargs)

    return {"finalize_response": finalize_response}


def get_serializer(base: list[Any]) -> Mapping[str, Any]:
    def get_serializer(self: Any, *args: Any, **kwargs: Any) -> Any:
        serializer = self.get_serializer_class()(*args, **kwargs)
        getattr(serializer, "child", serializer).fields.pop("city")
        return serializer

    return {"get_serializer": get_serializer}


def initial(base: list[Any]) -> Mapping[str, Any]:
    return {"initial": refuse}


def check_permissions(base: list[Any]) -> Mapping[str, Any]:
    return {"check_permissions": refuse}


def get_permissions(base: list[Any]) -> Mapping[str, Any]:
    return {"get_permissions": lambda self: [permissions.IsAdminUser()]}


def get_queryset(base: list[Any]) -> Mapping[str, Any]:
    return {"get_queryset": lambda self: Publisher.objects.filter(city="here").order_by("pk")}


def filter_queryset(base: list[Any]) -> Mapping[str, Any]:
    return {"filter_queryset": lambda self, queryset: queryset.filter(city="here")}


def paginate_queryset(base: list[Any]) -> Mapping[str, Any]:
    return {"paginate_queryset": lambda self, objects: [o for o in objects if o.city == "here"]}


def perform_create(base: list[Any]) -> Mapping[str, Any]:
    return {"perform_create": lambda self, serializer: serializer.save(city="behind")}


HOOKS: list[Any] = [
    *(dispatch, initial, check_permissions, get_permissions, finalize_response),
    *(get_queryset, filter_queryset, paginate_queryset, get_serializer, perform_create),
]


def viewset(body: Any, drfs_base: Any, *bases: Any, serializer_class: Any) -> Any:
    """Return a viewset whose last base is the project's, with a body of its own."""
    base: list[Any] = [None]
    base[0] = type("Behind", (drfs_base,), dict(body(base)))
    attributes = {
        "queryset": Publisher.objects.order_by("name"),
        "serializer_class": serializer_class,
        "pagination_class": Pages,
    }
    return type("PublisherViewSet", (*bases, base[0]), attributes)


def answers(view_class: Any) -> list[Any]:
    """Return what clients get of a list, and of an object that they make; and what is stored."""
    view = view_class.as_view(ACTIONS)
    results: list[Any] = []
    for method, data in (("get", None), ("post", {"name": "new", "city": "sent"})):
        response = send(view, method, data=data)
        results.append((response.status_code, sorted(response.items()), response.content))
    stored = list(Publisher.objects.order_by("name").values_list("name", "city"))
    Publisher.objects.filter(name="new").delete()
    return [results, stored]


@pytest.fixture(autouse=True)
def publishers() -> None:
    Publisher.objects.create(name="a", city="here")
    Publisher.objects.create(name="b", city="there")


@pytest.mark.parametrize("drfs_base", DRFS_BASES, ids=lambda base: base.__name__)
@pytest.mark.parametrize("body", HOOKS, ids=lambda body: body.__name__)
def test_a_base_behind_guards(body: Any, drfs_base: Any) -> None:
    classic = viewset(body, drfs_base, viewsets.ModelViewSet, serializer_class=ClassicSerializer)
    expected = answers(classic)
    for bases in ([AsyncModelViewSet], [AwaitedActions, AsyncModelViewSet]):
        ours = viewset(body, drfs_base, *bases, serializer_class=BackedSerializer)
        assert answers(ours) == expected


# What a test puts in the place of a step, after the class has answered


PATCHES: dict[str, tuple[Any, str, Any]] = {
    "dispatch": (views.APIView, "dispatch", refuse),
    "get_serializer": (generics.GenericAPIView, "get_serializer", refuse),
    "paginate_queryset": (
        generics.GenericAPIView,
        "paginate_queryset",
        lambda self, objects: [o for o in objects if o.city == "here"],
    ),
    "own get_serializer": (None, "get_serializer", refuse),
    "own paginate_queryset": (
        None,
        "paginate_queryset",
        lambda self, objects: [o for o in objects if o.city == "here"],
    ),
    "own finalize_response": (
        None,
        "finalize_response",
        lambda self, request, response, *args, **kwargs: refuse(),
    ),
}


def verdicts(view_class: Any) -> Any:
    try:
        return answers(view_class)
    except PermissionDenied as error:
        return str(error)


@pytest.mark.parametrize("patched", PATCHES)
def test_what_is_put_in_the_place_of_a_step_guards(patched: str) -> None:
    owner, name, step = PATCHES[patched]

    def nothing(base: list[Any]) -> Mapping[str, Any]:
        return {}

    classic = viewset(nothing, object, viewsets.ModelViewSet, serializer_class=ClassicSerializer)
    sync = viewset(nothing, object, AsyncModelViewSet, serializer_class=BackedSerializer)
    awaited = viewset(
        nothing, object, AwaitedActions, AsyncModelViewSet, serializer_class=BackedSerializer
    )
    before = answers(classic)
    for view_class in (sync, awaited):
        assert answers(view_class) == before
    found = []
    for view_class in (classic, sync, awaited):
        with mock.patch.object(owner or view_class, name, step, create=True):
            found.append(verdicts(view_class))
    assert found[1] == found[0] != before
    assert found[2] == found[0]
    for view_class in (sync, awaited):
        assert answers(view_class) == before


# What one view has


def test_a_view_may_finish_in_its_own_way() -> None:
    class Own:
        def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
            super().initial(request, *args, **kwargs)
            vars(self)["finalize_response"] = self._finished

        def _finished(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
            response["X-Own"] = "yes"
            cls: Any = type(self)
            return cls.finalize_response(self, request, response, *args, **kwargs)

    def nothing(base: list[Any]) -> Mapping[str, Any]:
        return {}

    classic: Any = viewset(
        nothing, object, Own, viewsets.ModelViewSet, serializer_class=ClassicSerializer
    )
    ours = viewset(
        nothing,
        object,
        AwaitedActions,
        Own,
        AsyncModelViewSet,
        serializer_class=BackedSerializer,
    )
    assert answers(ours) == answers(classic)


def test_policies_may_depend_on_the_request() -> None:
    """Nobody asks for them before there is one."""

    class Own:
        @property
        def permission_classes(self) -> Any:
            view: Any = self
            is_list = view.action == "list" and view.request.method == "GET"
            return [permissions.AllowAny if is_list else permissions.IsAdminUser]

        @property
        def authentication_classes(self) -> Any:
            view: Any = self
            return [] if view.action else ()

        @property
        def throttle_classes(self) -> Any:
            view: Any = self
            return [] if view.request.user.is_anonymous else ()

    def nothing(base: list[Any]) -> Mapping[str, Any]:
        return {}

    class Permitting(Own):
        authentication_classes: Any = ()

    results = []
    for bases in (
        [viewsets.ModelViewSet],
        [AsyncModelViewSet],
        [AwaitedActions, AsyncModelViewSet],
    ):
        is_classic = bases == [viewsets.ModelViewSet]
        serializer_class = ClassicSerializer if is_classic else BackedSerializer
        view_class = viewset(nothing, object, Permitting, *bases, serializer_class=serializer_class)
        results.append(answers(view_class))
    assert results[1] == results[0]
    assert results[2] == results[0]


def test_a_response_renders_as_it_is_told() -> None:
    classic: Any = type(
        "V",
        (viewsets.ModelViewSet,),
        {"queryset": Publisher.objects.all(), "serializer_class": ClassicSerializer},
    )
    ours: Any = type(
        "V",
        (AsyncModelViewSet,),
        {"queryset": Publisher.objects.all(), "serializer_class": BackedSerializer},
    )
    pk = Publisher.objects.get(name="a").pk
    contents = []
    with mock.patch.object(Response, "rendered_content", property(lambda self: b"another")):
        for view_class in (classic, ours):
            view = view_class.as_view({"get": "retrieve"})
            contents.append(view(APIRequestFactory().get("/"), pk=pk).render().content)
    assert contents == [b"another"] * 2
