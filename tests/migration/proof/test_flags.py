"""Switches that go by the flags of django-waffle and of django-flags, as these are installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import modify_settings

from nova_drf.migration.proof import choices
from nova_drf.migration.proof.choices import Choice, Flag
from tests.migration.proof.test_switching import side, switched
from tests.testapp.models import Tag

pytestmark = pytest.mark.django_db

WITHOUT = "the package {} is not installed"


@pytest.fixture
def waffle() -> Any:
    """The model of django-waffle's flags, of which it has cached none."""
    module = pytest.importorskip("waffle", reason=WITHOUT.format("django-waffle"))
    cache.clear()
    return module.get_waffle_flag_model()


@pytest.fixture
def flags() -> Iterator[Any]:
    """The model of django-flags' conditions, where django-waffle is not installed."""
    pytest.importorskip("flags", reason=WITHOUT.format("django-flags"))
    with modify_settings(INSTALLED_APPS={"remove": "waffle"}):
        yield apps.get_model("flags", "FlagState")


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def test_a_flag_of_waffle_is_on_and_off_for_everybody(waffle: Any) -> None:
    view = switched(default=Flag("books"))
    assert side(view) == "old", "a flag that is not there is off"
    flag = waffle.objects.create(name="books", everyone=True)
    flag.flush()
    assert side(view) == "new"
    flag.everyone = False
    flag.save()
    flag.flush()
    assert side(view) == "old"


def test_a_flag_of_waffle_is_on_for_a_user(waffle: Any, ada: User) -> None:
    flag = waffle.objects.create(name="users")
    flag.users.add(ada)
    flag.flush()
    view = switched(default=Flag("users", choice="shadow", otherwise="new"))
    rule = view.switch.rule("list")
    request = RequestFactory().get("/")
    for user, expected in ((ada, Choice.SHADOW), (AnonymousUser(), Choice.NEW)):
        request.user = user
        assert rule.choose(request, "things", "list") is expected
        assert side(view, "get", user) == ("old" if expected is Choice.SHADOW else "new")


def test_a_flag_of_waffle_is_on_for_a_share(waffle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waffle.objects.create(name="share", percent=30)
    drawn = iter([10, 80, 29, 31])
    monkeypatch.setattr("random.uniform", lambda low, high: next(drawn))
    view = switched(default=Flag("share"))
    assert [side(view) for _ in range(4)] == ["new", "old", "new", "old"]
    # What the middleware of django-waffle keeps in a cookie, stays.
    assert [side(view, Cookie="dwf_share=True") for _ in range(2)] == ["new", "new"]
    assert side(view, Cookie="dwf_share=False") == "old"


def test_a_flag_of_django_flags_is_on_and_off(flags: Any, settings: Any, ada: User) -> None:
    settings.FLAGS = {"boolean": [("boolean", False)], "user": [("user", "ada")]}
    assert side(switched(default=Flag("not there"))) == "old"
    view = switched(default=Flag("boolean"))
    assert side(view) == "old"
    state = flags.objects.create(name="boolean", condition="boolean", value="True")
    assert side(view) == "new"
    state.delete()
    assert side(view) == "old"
    view = switched(default=Flag("user"))
    assert (side(view, "get", ada), side(view)) == ("new", "old")


def test_a_flag_of_django_flags_is_on_for_a_share(flags: Any, settings: Any) -> None:
    """It has no condition for that; a project registers its own."""
    from flags.conditions.registry import _conditions, register

    def share(percent: str, request: Any = None, **kwargs: object) -> bool:
        return int(request.headers["X-Client"]) % 100 < int(percent)

    register("share", share)
    try:
        settings.FLAGS = {"some": [("share", "30")]}
        view = switched(default=Flag("some"))
        answers = [side(view, **{"X-Client": str(number)}) for number in range(100)]
    finally:
        del _conditions["share"]
    assert answers == ["new"] * 30 + ["old"] * 70


def failing(*args: object, **kwargs: object) -> str:
    """Ask the database for what it does not have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM not_there")
    return "new"


@pytest.mark.parametrize(
    ("library", "function"),
    [("waffle", "waffle.flag_is_active"), ("flags", "flags.state.flag_enabled")],
)
def test_a_flag_that_cannot_be_asked_for_breaks_no_transaction(
    library: str,
    function: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
) -> None:
    request.getfixturevalue(library)
    monkeypatch.setattr(function, failing)
    with transaction.atomic():
        assert side(switched(default=Flag("any", otherwise="new"))) == "old"
        assert Tag.objects.count() == 0, "the transaction is as it was"
    assert "the choice failed" in caplog.text


def test_a_function_that_fails_in_the_database_breaks_no_transaction(caplog: Any) -> None:
    with transaction.atomic():
        assert side(switched(default=failing)) == "old"
        assert Tag.objects.count() == 0
    assert "the choice failed" in caplog.text


def test_a_flag_of_no_library_has_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with modify_settings(INSTALLED_APPS={"remove": ["waffle", "flags"]}):
        monkeypatch.setattr(choices, "find_spec", lambda name: True)
        with pytest.raises(ImproperlyConfigured, match="add 'waffle' or 'flags' to INSTALLED_APPS"):
            Flag("x").choose(RequestFactory().get("/"), "things", "list")
    monkeypatch.setattr(choices, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="needs django-waffle or django-flags"):
        Flag("x")
