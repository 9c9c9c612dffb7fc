"""The admin pages show what shadows saw, and print what approves it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from nova_drf.migration.proof.models import ShadowCount, ShadowDifference

pytestmark = [pytest.mark.django_db, pytest.mark.urls("bookshop.urls")]

LIST = "/admin/nova_proof/shadowdifference/"


@pytest.fixture
def difference() -> ShadowDifference:
    ShadowCount.objects.create(switch="books", action="list", outcome="equal", times=12)
    return ShadowDifference.objects.create(
        switch="books",
        action="list",
        endpoint="GET /api/books/",
        kind="value",
        where="[].price",
        cause="c",
        old="<b>1</b>",
        new="2",
        example="GET /api/books/?page=1",
        times=7,
        first_seen=datetime(2030, 1, 1, tzinfo=UTC),
        last_seen=datetime(2030, 1, 2, tzinfo=UTC),
    )


def logged_in(*permissions: str) -> Client:
    user = User.objects.create_user("ada", is_staff=True, is_superuser=not permissions)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_differences_are_listed_and_shown(difference: ShadowDifference) -> None:
    client = logged_in()
    page = client.get(LIST).content.decode()
    for text in ("GET /api/books/", "[].price", "7", "2030"):
        assert text in page
    page = client.get(f"{LIST}{difference.pk}/change/").content.decode()
    assert "&lt;b&gt;1&lt;/b&gt;" in page
    assert "GET /api/books/?page=1" in page
    assert "[[approved]]" in page
    assert client.get(f"{LIST}add/").status_code == 403
    counts = client.get("/admin/nova_proof/shadowcount/").content.decode()
    assert "equal" in counts
    assert "12" in counts


def test_an_action_approves_and_prints_the_entries(difference: ShadowDifference) -> None:
    chosen = {"action": "approve", "_selected_action": [str(difference.pk)]}
    page = logged_in().post(LIST, chosen).content.decode()
    assert "endpoint = &quot;GET /api/books/&quot;" in page
    assert "approved_by = &quot;ada&quot;" in page
    difference.refresh_from_db()
    assert difference.approved_by == "ada"


def test_who_may_only_look_approves_nothing(difference: ShadowDifference) -> None:
    client = logged_in("view_shadowdifference")
    assert client.get(LIST).status_code == 200
    client.post(LIST, {"action": "approve", "_selected_action": [str(difference.pk)]})
    difference.refresh_from_db()
    assert difference.approved_by == ""
