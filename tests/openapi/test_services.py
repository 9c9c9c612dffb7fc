"""Delegated actions: what they refuse is in the document, and what somebody says of them wins."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIRequestFactory
from rest_framework.views import exception_handler

from nova_drf import Schema
from nova_drf.services import Conflict, Invalid, NotFound, PermissionDenied, Service
from nova_drf.viewsets import ServiceViewSet, delegate
from tests.openapi.documents import Dialect, generated
from tests.servicesapp.models import Letter


class Choice(Schema):
    count: int


class Office(Service):
    def add(self, data: Choice) -> Choice:
        """Adds one."""
        raise _ERRORS[data.count]

    def find(self, since: int = 1) -> Choice:
        raise NotFound

    def now(self) -> int:
        return 1

    def clear(self, pk: int) -> None:
        raise Conflict

    def page(self, pk: int, number: int) -> Choice:
        raise NotFound


_ERRORS: dict[int, Exception] = {
    400: Invalid("No.", field="count"),
    403: PermissionDenied(),
    404: NotFound(),
    409: Conflict(),
}


class OfficeViewSet(ServiceViewSet[Office]):
    queryset = Letter.objects.all()
    permission_classes: Any = []
    create = delegate(Office.add)
    change = delegate(Office.add, methods=["post"])
    find = delegate(Office.find, methods=["get"])
    now = delegate(Office.now, methods=["get"])
    destroy = delegate(Office.clear)
    page = delegate(
        Office.page, detail=True, methods=["get"], url_path=r"page/(?P<number>\d+)", status=404
    )


def operations(viewset: Any) -> dict[tuple[str, str], Any]:
    """Return the operations of a viewset in a valid document, by path and method."""
    router = DefaultRouter()
    router.register("office", viewset, basename="office")
    return {
        (path.removeprefix("/office/"), method): operation
        for path, methods in generated(router.urls)["paths"].items()
        for method, operation in methods.items()
    }


def test_what_is_refused_is_documented(dialect: Dialect) -> None:
    made = operations(OfficeViewSet)
    statuses = {key: list(operation["responses"]) for key, operation in made.items()}
    assert statuses == {
        ("", "post"): ["201", "400", "403", "409"],
        ("change/", "post"): ["200", "400", "403", "409"],
        ("find/", "get"): ["200", "400", "403"],
        ("now/", "get"): ["200", "403"],
        ("{id}/", "delete"): ["204", "400", "403", "404", "409"],
        ("{id}/page/{number}/", "get"): ["404", "403"],
    }
    assert all(
        answer["description"] or status in ("200", "201", "204", "404")
        for operation in made.values()
        for status, answer in operation["responses"].items()
    )


@pytest.mark.parametrize("status", _ERRORS)
def test_the_answers_have_the_documented_form(status: int) -> None:
    view = OfficeViewSet.as_view({"post": "create"})
    response: Any = view(APIRequestFactory().post("/", {"count": status}, format="json"))
    assert response.status_code == status
    made = operations(OfficeViewSet)
    documented = {**made["{id}/", "delete"]["responses"], **made["", "post"]["responses"]}
    answer = documented[str(status)]
    schema = answer["content"]["application/json"]["schema"]
    if status == 400:
        assert schema == {"type": "object", "additionalProperties": {}}
        assert isinstance(response.data, dict)
    else:
        assert list(schema["properties"]) == schema["required"] == list(response.data)
        assert str(response.data["detail"]) == answer["description"]


def other_form(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer in another form than DRF."""
    return exception_handler(error, context)


def test_where_the_project_answers_itself_no_form_is_said() -> None:
    class Own(OfficeViewSet):
        def handle_exception(self, exc: Exception) -> Any:
            return super().handle_exception(exc)

    handler = {**settings.REST_FRAMEWORK, "EXCEPTION_HANDLER": f"{__name__}.other_form"}
    answers = [operations(Own)["", "post"]["responses"]["409"]]
    with override_settings(REST_FRAMEWORK=handler):
        answers.append(operations(OfficeViewSet)["", "post"]["responses"]["409"])
    assert [list(answer) for answer in answers] == [["description"], ["description"]]


# What somebody says


def test_a_delegate_may_be_decorated(dialect: Dialect) -> None:
    class Decorated(OfficeViewSet):
        create = extend_schema(summary="Summary", responses={201: Choice, 422: None})(
            delegate(Office.add)
        )
        change = extend_schema(tags=["outer"], description="Said.")(
            extend_schema(tags=["inner"], deprecated=True)(delegate(Office.add))
        )
        destroy = extend_schema(exclude=True)(delegate(Office.clear))
        find = extend_schema(operation_id="found")(delegate(Office.find, methods=["get"]))

    made = operations(Decorated)
    created, changed = made["", "post"], made["change/", "post"]
    assert created["summary"] == "Summary"
    assert created["description"] == "Adds one."
    assert list(created["responses"]) == ["201", "422"]
    assert "Choice" in str(created["requestBody"])
    assert (changed["tags"], changed["deprecated"]) == (["outer"], True)
    assert changed["description"] == "Said."
    assert list(changed["responses"]) == ["200", "400", "403", "409"]
    assert made["find/", "get"]["operationId"] == "found"
    assert ("{id}/", "delete") not in made


def test_a_subclass_has_what_its_base_says_unless_it_says_otherwise() -> None:
    class Base(OfficeViewSet):
        create = extend_schema(summary="Base")(delegate(Office.add))
        change = extend_schema(summary="Base")(delegate(Office.add))

    class Derived(Base):
        change = delegate(Office.add)

    made = operations(Derived)
    assert made["", "post"]["summary"] == "Base"
    assert "summary" not in made["change/", "post"]
    assert "summary" not in operations(OfficeViewSet)["", "post"]


def test_what_is_said_of_the_class_holds_for_its_delegated_actions() -> None:
    class Tagging(AutoSchema):
        def get_tags(self) -> list[str]:
            return ["own"]

    class Inspected(OfficeViewSet):
        schema = Tagging()

    @extend_schema(tags=["all"])
    class Decorated(OfficeViewSet):
        change = extend_schema(tags=["one"])(delegate(Office.add))

        @action(detail=False)
        def classic(self, request: Any) -> Response:
            return Response()

    viewed = extend_schema_view(find=extend_schema(tags=["viewed"]))(
        type("Viewed", (Decorated,), {})
    )
    assert operations(Inspected)["find/", "get"]["tags"] == ["own"]
    made = operations(Decorated)
    assert made["find/", "get"]["tags"] == made["classic/", "get"]["tags"] == ["all"]
    assert made["change/", "post"]["tags"] == ["one"]
    assert operations(viewed)["find/", "get"]["tags"] == ["viewed"]


def test_a_delegation_is_not_to_be_called() -> None:
    declared: Any = delegate(Office.add)
    with pytest.raises(TypeError, match=r"Office\.add is delegated to, and has no viewset"):
        declared(None)
