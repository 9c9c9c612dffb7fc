"""The forms and texts of delegated actions, as the browsable API and the document show them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.routers import DefaultRouter

from nova_drf import Schema
from nova_drf.services import Service
from nova_drf.viewsets import ModelServiceViewSet, ServiceViewSet, delegate
from tests.views.services.test_viewsets import ItemService

HTML = {"accept": "text/html"}


class Door(Schema):
    """What there is to see of a door."""

    is_open: bool


class Wish(Schema):
    """How far it is to be opened."""

    degrees: int


class DoorService(Service):
    def open(self, wish: Wish) -> Door:
        """Open the door a little.

        Args:
            wish: How far.

        Raises:
            Invalid: It does not open so far.
        """
        return Door(is_open=wish.degrees > 0)

    def close(self) -> Door:
        """Close the door.

        :raises Conflict: It is locked.
        """
        return Door(is_open=False)


class DoorViewSet(ServiceViewSet[DoorService]):
    """A door."""

    open = delegate(DoorService.open, methods=["post"])
    close = delegate(DoorService.close, methods=["post"])


class ItemViewSet(ModelServiceViewSet[ItemService]):
    """Things on shelves."""


router = DefaultRouter()
router.register("door", DoorViewSet, basename="door")
router.register("items", ItemViewSet, basename="item")
urlpatterns = router.urls

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def inputs(page: Any) -> list[str]:
    """Return the names of what somebody can fill in, besides the text of a body."""
    names = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', page.content.decode())
    return [name for name in names if not name.startswith(("_", "csrf"))]


def test_an_action_without_a_body_has_a_form_without_inputs(client: Client) -> None:
    for method in (client.get, client.post):
        page = method("/door/close/", headers=HTML)
        assert 'method="POST"' in page.content.decode()
        assert inputs(page) == []
    assert client.options("/door/close/").json()["actions"] == {"POST": {}}


def test_the_form_is_for_the_next_request_and_not_for_the_answer(client: Client) -> None:
    assert inputs(client.get("/door/open/", headers=HTML)) == ["degrees"]
    page = client.post("/door/open/", {"degrees": 5}, headers=HTML)
    assert page.status_code == 200
    assert inputs(page) == ["degrees"]
    assert page.data == {"is_open": True}


def test_what_is_for_those_who_write_python_is_not_told_to_clients(client: Client) -> None:
    paths = SchemaGenerator(patterns=urlpatterns).get_schema(public=True)["paths"]
    assert paths["/door/open/"]["post"]["description"] == "Open the door a little."
    assert paths["/door/close/"]["post"]["description"] == "Close the door."
    # What the library's own methods do, the project has not said.
    assert paths["/items/"]["get"]["description"] == "Things on shelves."
    page = client.get("/door/open/", headers=HTML).content.decode()
    assert "Open the door a little." in page
    assert "It does not open so far" not in page
