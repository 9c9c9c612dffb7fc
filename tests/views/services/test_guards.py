"""What a viewset with a service must have, lest it let in whom it keeps out."""

from __future__ import annotations

from collections.abc import Callable
from types import new_class
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet
from rest_framework import permissions
from rest_framework.test import APIRequestFactory

from nova_drf import ReadOnly, Schema
from nova_drf.checks.definitions import check_services
from nova_drf.services import ModelService, Service, ServiceDefinitionError
from nova_drf.viewsets import ModelServiceViewSet, ServiceViewSet, delegate
from tests.servicesapp.models import Letter
from tests.views.test_permission_matrix import (
    IsDone,
    IsOwner,
    LetterSchema,
    LetterSerializer,
    OwnerFilter,
)


class Office(Service):
    def finish(self, pk: int) -> str:
        return Letter.objects.get(pk=pk).text

    def stamp(self, letter: Letter) -> str:
        return letter.text

    def both(self, first: Letter, second: Letter) -> str:
        return first.text + second.text

    def anything(self, data: Any) -> None:
        Letter.objects.create(**data)

    def unsaid(self, data) -> None:
        Letter.objects.create(**data)

    def labels(self, names: list[str]) -> list[str]:
        return names

    def everything(self) -> list[LetterSchema]:
        return [LetterSchema.model_construct(id=one.pk) for one in Letter.objects.all()]

    def count(self) -> int:
        return Letter.objects.count()

    def shown(self, letters: QuerySet[Letter]) -> list[LetterSchema]:
        return [
            LetterSchema.model_construct(id=one.pk, text=one.text, done=one.done) for one in letters
        ]


def narrowed(self: Any, queryset: Any = None) -> Any:
    return Letter.objects.filter(owner=self.request.user.pk)


def viewset(name: str, base: Any, **body: Any) -> Any:
    namespace = {"__module__": __name__, "permission_classes": [], **body}
    return new_class(name, (base,), exec_body=lambda names: names.update(namespace))


def made(**body: Any) -> Any:
    return viewset("Made", ServiceViewSet[Office], **body)


def of_service(service: Any, **body: Any) -> Any:
    return viewset("Made", ModelServiceViewSet[service], **body)


def finishing(**body: Any) -> Callable[[], Any]:
    return lambda: made(finish=delegate(Office.finish, detail=True), **body)


def listing(method: Any, **body: Any) -> Callable[[], Any]:
    return lambda: made(list=delegate(method), **body)


def checked(self: Any, request: Any, obj: Any) -> None:
    self.permission_denied(request)


def untyped(data: Any) -> Any:
    """Return a service whose writing takes whatever comes."""
    base: Any = ModelService[Letter] if data is None else ModelService[Letter, data]
    return new_class("Untyped", (base,), exec_body=lambda names: names.update(__module__=__name__))


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "object permission": (
        finishing(permission_classes=[IsOwner]),
        r"finish: IsOwner would never be asked about an object.* Set `queryset`",
    ),
    "one of two": (finishing(permission_classes=[permissions.IsAuthenticated | IsDone]), "never"),
    "both": (finishing(permission_classes=[IsOwner & IsDone]), "never be asked"),
    "the opposite": (finishing(permission_classes=[~IsOwner]), "never be asked"),
    "the opposite of DRF's own yes": (
        finishing(permission_classes=[~permissions.IsAdminUser]),
        "never be asked",
    ),
    "own check": (finishing(check_object_permissions=checked), r"check_object_permissions\(\)"),
    "permission of the action": (
        lambda: made(finish=delegate(Office.finish, detail=True, permission_classes=[IsOwner])),
        "IsOwner would never",
    ),
    "the action's rows taken away": (
        lambda: made(
            queryset=Letter.objects.all(),
            permission_classes=[IsOwner],
            finish=delegate(Office.finish, detail=True, queryset=None),
        ),
        "IsOwner would never",
    ),
    "an object without rows": (
        lambda: made(stamp=delegate(Office.stamp, detail=True)),
        r"takes the object \(letter\), but nothing says which objects there are",
    ),
    "an object of a collection": (
        lambda: made(queryset=Letter.objects.all(), stamp=delegate(Office.stamp)),
        r"Pass delegate\(\.\.\., detail=True\)",
    ),
    "two objects": (
        lambda: made(queryset=Letter.objects.all(), both=delegate(Office.both, detail=True)),
        r"2 parameters .* \(first, second\)",
    ),
    "options that nobody reads": (
        lambda: made(create=delegate(Office.labels, permission_classes=[IsOwner])),
        r"no options for 'create', so permission_classes would have no effect",
    ),
    "any body": (lambda: made(act=delegate(Office.anything)), "clients could write anything"),
    "an unsaid body": (lambda: made(act=delegate(Office.unsaid)), "does not say what 'data' is"),
    "any columns": (lambda: of_service(untyped(None)), r"ModelService\[Letter, YourSchema\]"),
    "a dictionary of columns": (lambda: of_service(untyped(dict)), "clients could write anything"),
    "a dictionary of anything": (
        lambda: of_service(untyped(dict[str, Any])),
        "clients could write anything",
    ),
    "get_queryset of a list of schemas": (
        listing(Office.everything, get_queryset=narrowed),
        r"get_queryset\(\) could narrow.*Return a QuerySet, or give the method a parameter",
    ),
    "filter_queryset of a list of schemas": (
        listing(Office.everything, filter_queryset=narrowed),
        r"filter_queryset\(\) could narrow",
    ),
    "filters of a list of schemas": (
        listing(Office.everything, filter_backends=[OwnerFilter]),
        "filter_backends could narrow",
    ),
    "queryset of a list of schemas": (
        listing(Office.everything, queryset=Letter.objects.filter(done=True)),
        "queryset could narrow",
    ),
    "property of a list of schemas": (
        listing(Office.everything, queryset=property(narrowed)),
        "queryset could narrow",
    ),
    "a list that is none": (listing(Office.count, get_queryset=narrowed), "returns no rows"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_guard_that_would_not_hold_is_an_error_of_the_class(case: str) -> None:
    make, message = REFUSED[case]
    with pytest.raises(ServiceDefinitionError, match=message) as caught:
        make()
    assert str(caught.value).startswith(f"{__name__}.Made.")


def test_what_can_be_guarded_is_made() -> None:
    all_letters = Letter.objects.all()
    finish = delegate(Office.finish, detail=True)
    for body in (
        {"permission_classes": [permissions.IsAuthenticated]},
        {"permission_classes": [IsOwner], "queryset": all_letters},
        {"permission_classes": [IsOwner], "get_queryset": narrowed},
        {"permission_classes": [IsOwner], "get_object": narrowed},
        {"check_object_permissions": checked, "queryset": property(narrowed)},
    ):
        assert made(finish=finish, **body).service_actions.keys() == {"finish"}
    assert made(
        permission_classes=[IsOwner],
        finish=delegate(Office.finish, detail=True, queryset=all_letters),
    )
    assert made(act=delegate(Office.anything, request=LetterSerializer))
    assert made(labels=delegate(Office.labels))
    assert of_service(untyped(None), serializer_class=LetterSerializer)
    assert of_service(untyped(None), get_serializer_class=lambda self: LetterSerializer)
    assert of_service(
        untyped(None), http_method_names=["get", "delete"], response_schema=LetterSchema
    )
    assert made(list=delegate(Office.everything), queryset=all_letters)
    assert made(list=delegate(Office.shown), get_queryset=narrowed)


def test_a_subclass_is_looked_at_anew() -> None:
    class Base(ServiceViewSet[Office]):
        permission_classes = []
        finish = delegate(Office.finish, detail=True)

    with pytest.raises(ServiceDefinitionError, match=r"Sub\.finish: IsOwner would never"):
        viewset("Sub", Base, permission_classes=[IsOwner])


@pytest.mark.django_db
def test_permissions_that_are_only_known_later_fail_closed(rf: Any) -> None:
    class Later(ServiceViewSet[Office]):
        finish = delegate(Office.finish, detail=True)

        def get_permissions(self) -> list[Any]:
            return [IsOwner()]

    with pytest.raises(ServiceDefinitionError, match=r"Later\.finish: IsOwner would never"):
        Later.as_view({"post": "finish"})(rf.post("/"), pk="1")


class Early(Service):
    """Names a class that is defined below the viewset."""

    def write(self, data: Late, more: Any = None) -> str:
        return data.text

    def write_all(self, data: Late) -> str:
        return data.text

    def vanish(self, data: Nowhere) -> str:  # noqa: F821  # there is no such name, which the test is about
        return "never"


class EarlyViewSet(ServiceViewSet[Early]):
    permission_classes = []
    write = delegate(Early.write)
    write_all = delegate(Early.write_all)


class VanishedViewSet(ServiceViewSet[Early]):
    permission_classes = []
    vanish = delegate(Early.vanish)


class Late(Schema):
    text: str


def test_an_annotation_that_is_yet_to_come_puts_the_question_off(rf: Any) -> None:
    assert EarlyViewSet.as_view({"post": "write_all"})(rf.post("/", {"text": "a"})).data == "a"
    with pytest.raises(ServiceDefinitionError, match=r"write: .*so clients could write"):
        EarlyViewSet.as_view({"post": "write"})(rf.post("/", {"text": "a"}))
    found = {one.msg for one in check_services() if one.obj in (EarlyViewSet, VanishedViewSet)}
    assert len(found) == 2
    assert any("clients could write anything" in one for one in found)
    assert any("'Nowhere'" in one for one in found)


class UserOut(Schema):
    id: ReadOnly[int]
    username: str


@pytest.mark.django_db
def test_only_what_a_schema_names_is_written() -> None:
    class UserService(ModelService[User, UserOut]):
        pass

    class Users(ModelServiceViewSet[UserService]):
        permission_classes: Any = []

    body = {"username": "eve", "is_superuser": True, "id": 99, "pk": 99, "data": {"is_staff": True}}
    view = Users.as_view({"post": "create"})
    assert view(APIRequestFactory().post("/", body, format="json")).status_code == 201
    eve = User.objects.get(username="eve")
    assert (eve.is_superuser, eve.is_staff, eve.pk == 99) == (False, False, False)
