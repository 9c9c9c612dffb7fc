"""Guards that somebody puts into a class after its first use, as a test or a late app does.

DRF looks each method up when it calls it, so the classic viewset is the oracle: before, meanwhile
and afterwards. Views made at run time by the thousand are not kept for that.
"""

from __future__ import annotations

import gc
from typing import Any
from unittest import mock
from weakref import ref

import pytest
from django.contrib.auth.models import Group
from django.shortcuts import get_object_or_404
from rest_framework import generics, permissions
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from nova_drf import Schema, SchemaSerializer
from nova_drf.services import ModelService
from nova_drf.views.policies import settling
from nova_drf.viewsets import AsyncModelViewSet, ModelServiceViewSet
from tests.servicesapp.models import Letter
from tests.views import test_permission_matrix as matrix
from tests.views.test_permission_matrix import (
    HERS,
    HIS,
    Ask,
    ByCheckOfObject,
    ByFilterQueryset,
    ByGetPermissions,
    ByGetQueryset,
    ByInitial,
    ByObjectPermission,
    ByPerform,
    IsOwner,
    Rows,
    classic,
    outcome,
)

users = matrix.users

KINDS = (matrix.awaited, matrix.model_service, matrix.async_model_service, matrix.service)

ASKS = (
    Ask("get", "collection"),
    Ask("post", "collection", body=matrix.GOOD),
    Ask("get", "object", HERS),
    Ask("get", "object", HIS),
    Ask("patch", "object", HIS, {"text": "hers"}),
    Ask("delete", "object", HIS),
    Ask("post", "finish", HIS),
)

HIDDEN = Letter.objects.filter(owner=1)

CHANGES: dict[str, dict[str, Any]] = {
    "get_queryset": dict(vars(ByGetQueryset)),
    "filter_queryset": dict(vars(ByFilterQueryset)),
    "get_object": {"get_object": lambda self: get_object_or_404(Letter, owner=1, **self.kwargs)},
    "check_object_permissions": dict(vars(ByCheckOfObject)),
    "get_permissions": dict(vars(ByGetPermissions)),
    "initial": {"initial": vars(ByInitial)["initial"]},
    "perform": {name: vars(ByPerform)[name] for name in ("_refuse", "perform_create")},
    "permission_classes": dict(vars(ByObjectPermission)),
    "queryset": {"queryset": HIDDEN},
    "http_method_names": {"http_method_names": ["get", "options"]},
}


@pytest.mark.django_db
@pytest.mark.parametrize("of_base", [False, True])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_guard_that_comes_later_counts_from_then_on(
    users: Any, kind: Any, change: str, of_base: bool
) -> None:
    body = {name: value for name, value in CHANGES[change].items() if not name.startswith("__")}
    answers = []
    for make in (classic, kind):
        base = type("Base", (Rows,), {"__module__": __name__})
        view = make(base)
        before = seen(view, users)
        with mock.patch.multiple(base if of_base else view, create=True, **body):
            during = seen(view, users)
        answers.append((before, during, seen(view, users)))
    assert answers[0] == answers[1]


OF_DRF = [
    (generics.GenericAPIView, "get_queryset", lambda self: Letter.objects.filter(owner=1)),
    (generics.GenericAPIView, "filter_queryset", lambda self, rows: rows.filter(owner=1)),
    (generics.GenericAPIView, "get_object", lambda self: get_object_or_404(Letter, owner=1)),
    (APIView, "check_object_permissions", vars(ByCheckOfObject)["check_object_permissions"]),
    (APIView, "check_permissions", lambda self, request: self.permission_denied(request)),
    (APIView, "get_permissions", lambda self: [IsOwner()]),
    (generics.GenericAPIView, "get_permissions", lambda self: [IsOwner()]),
    (permissions.AllowAny, "has_permission", lambda self, request, view: False),
    (permissions.BasePermission, "has_object_permission", IsOwner.has_object_permission),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("owner", "name", "method"),
    [pytest.param(*case, id=f"{case[0].__name__}.{case[1]}") for case in OF_DRF],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_guard_that_somebody_puts_into_a_class_of_drfs_counts(
    users: Any, kind: Any, owner: Any, name: str, method: Any
) -> None:
    class Open(Rows):
        permission_classes = [permissions.AllowAny]

    answers = []
    for make in (classic, kind):
        used, new = make(Open), make(Open)
        before = seen(used, users)
        with mock.patch.object(owner, name, method, create=True):
            during = seen(used, users), seen(new, users)
        answers.append((before, during, seen(used, users)))
    assert answers[0] == answers[1]


def seen(view: Any, users: Any) -> list[Any]:
    return [outcome(view, ask, user, "wsgi") for ask in ASKS for user in users[:2]]


class GroupSchema(Schema):
    name: str


class GroupSerializer(SchemaSerializer[GroupSchema]):
    class Meta:
        model = Group


class Groups(ModelService[Group, GroupSchema]):
    pass


def view_made_at_run_time(base: Any) -> Any:
    """Make a view, use it, and return a reference that does not keep it."""

    class View(base):
        queryset = Group.objects.all()
        permission_classes: Any = []
        serializer_class = GroupSerializer

        def get_queryset(self) -> Any:
            return super().get_queryset()

    factory = APIRequestFactory()
    for actions, kwargs in (({"get": "retrieve"}, {"pk": 1}), ({"get": "list"}, {})):
        response: Any = View.as_view(actions)(factory.get("/"), **kwargs)
        response.render()
    return ref(View)


def permission_made_at_run_time() -> Any:
    """Make a permission, let it be settled, and return a reference that does not keep it."""

    class Above(permissions.BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            return True

    class Permission(Above):
        def has_permission(self, request: Any, view: Any) -> bool:
            return super().has_permission(request, view)

    assert settling(Permission()).has_permission(None, None)
    return ref(Permission)


@pytest.mark.django_db
@pytest.mark.parametrize("base", [AsyncModelViewSet, ModelServiceViewSet[Groups]])
def test_views_that_are_made_at_run_time_are_not_kept(base: Any) -> None:
    made = [view_made_at_run_time(base) for _ in range(3)]
    gc.collect()
    assert [view() for view in made] == [None, None, None]


def test_permissions_that_are_made_at_run_time_are_not_kept_for_ever() -> None:
    first = permission_made_at_run_time()
    for _ in range(1100):
        permission_made_at_run_time()
    gc.collect()
    assert first() is None
