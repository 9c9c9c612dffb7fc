"""The new code is compared, whatever it does, and nothing of what it does stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from nova_drf.migration.proof.shadow.causes import Outcome
from nova_drf.migration.proof.shadow.runner import RUNNER
from tests.migration.proof.shadow import shop
from tests.testapp.models import Tag

pytestmark = pytest.mark.usefixtures("transactional_db")

Found = Callable[..., list[str]]

on_a_server = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="another process cannot see a database in memory"
)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="it is the server that refuses"
)


def outcomes() -> dict[str, int]:
    """Return how often each thing came of the requests that were not stored yet."""
    counts: dict[str, int] = {}
    for (_switch, _action, outcome), times in COUNTS.items():
        counts[outcome] = counts.get(outcome, 0) + times
    return counts


COUNTS: dict[tuple[str, str, Outcome], int] = {}


@pytest.fixture(autouse=True)
def _counts(monkeypatch: pytest.MonkeyPatch) -> None:
    COUNTS.clear()
    count = RUNNER.count

    def note(switch: str, action: str, outcome: Outcome, seconds: float = 0.0) -> None:
        COUNTS[switch, action, outcome] = COUNTS.get((switch, action, outcome), 0) + 1
        count(switch, action, outcome, seconds)

    monkeypatch.setattr(RUNNER, "count", note)


def test_what_is_equal_is_no_difference(found: Found) -> None:
    assert found("/badly/equal/") == []
    assert outcomes() == {"equal": 1}


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_exception_is_told_with_its_place_and_without_what_it_says(
    found: Found, method: str
) -> None:
    assert found("/badly/raises/", method) == ["crash ZeroDivisionError"]
    ((finding, _),) = shop.FOUND
    assert finding.detail == "shop.py, raises"
    assert finding.endpoint == f"{method.upper()} /badly/<how>/"
    assert "ada@example.org" not in str(finding)
    assert finding.example.startswith(f"{method.upper()} /badly/raises/")


def test_what_hangs_is_killed_and_the_next_is_compared(found: Found) -> None:
    assert found("/slow/hangs/") == []
    assert found("/badly/equal/") == []
    assert outcomes() == {"time": 1, "equal": 1}


def test_what_eats_memory_is_ended(found: Found) -> None:
    assert found("/badly/eats/") == []
    assert outcomes() == {"memory": 1}


def test_what_ends_the_process_ends_the_child(found: Found) -> None:
    assert found("/badly/ends/") == []
    assert outcomes() == {"died": 1}


def test_what_both_sides_do_wrong_is_no_difference(found: Found) -> None:
    with pytest.raises(ZeroDivisionError):
        found("/both/raises/")
    assert outcomes() == {}


# Writes


@on_a_server
@pytest.mark.parametrize(
    "how",
    [
        *("writes", "writes_and_catches", "commits", "commits_by_sql", "commits_by_driver"),
        *("commits_by_class", "commits_durably", "opens_a_connection", "writes_in_a_thread"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
@on_postgresql
def test_nothing_that_is_written_stays(found: Found, how: str, method: str) -> None:
    told = found(f"/badly/{how}/", method)
    assert not Tag.objects.exists()
    if how != "writes_in_a_thread":
        assert told, "that it wanted to is told"


@on_a_server
def test_what_would_be_written_is_compared(found: Found) -> None:
    assert found("/same/", "post", data={"name": "one", "slug": "one"}) == []
    body = {"name": "two", "slug": "two"}
    assert found("/rows/", "post", data=body) == ["rows testapp_tag[].slug", "rows mail"]
    assert outcomes() == {"equal": 1, "different": 1}
    assert list(Tag.objects.values_list("slug", flat=True)) == ["one", "two"]


@on_a_server
def test_what_was_created_is_created_again_in_spite_of_unique_columns(found: Found) -> None:
    told = found("/loud/", "post", data={"name": "one", "slug": "one"})
    assert "value slug" in told
    assert not any(one.startswith("status") for one in told)
    (tag,) = Tag.objects.all()
    assert found(f"/same/{tag.pk}/", "put", data={"name": "x", "slug": "x"}) == []


@on_a_server
def test_refusals_are_compared(found: Found) -> None:
    Tag.objects.create(name="one", slug="one")
    body = {"name": "too long", "slug": "s"}
    # Where nothing may be written, only PostgreSQL lets the row be taken back first.
    for prefix in ("loud", "validated") if connection.vendor == "postgresql" else ("loud",):
        assert found(f"/{prefix}/", "post", data=body) == ["status 201 to 400.name"], prefix
        Tag.objects.filter(slug="s").delete()
    assert found("/validated/", "post", data={"name": "", "slug": "s"}) == []


@on_a_server
def test_what_cannot_be_asked_again_is_no_difference(found: Found) -> None:
    tag = Tag.objects.create(name="one", slug="one")
    assert found(f"/same/{tag.pk}/", "delete") == []
    assert outcomes() == {"not repeatable": 1}


# Reads


@on_a_server
def test_reads_are_compared_whole(found: Found) -> None:
    Tag.objects.create(name="one", slug="one")
    assert found("/same/") == []
    assert found("/loud/") == ["value [].slug"]
    assert shop.FOUND[0][0].old == "one"
    assert shop.FOUND[0][0].new == "ONE"
    assert found("/loud/") == ["value [].slug"]
    assert len({one.cause for one, _ in shop.FOUND}) == 1


@on_a_server
def test_a_session_is_known_in_the_child(
    found: Found, client: Client, django_user_model: Any, settings: Any
) -> None:
    client.force_login(django_user_model.objects.create_user("ada"))
    assert found("/who/") == []
    assert outcomes() == {"equal": 1}


def test_a_stream_is_not_compared(found: Found) -> None:
    assert found("/stream/") == []
    assert outcomes() == {"skipped": 1}


def test_a_large_body_is_not_compared(found: Found) -> None:
    assert found("/badly/equal/", "post", data={"a": "x" * 70000}) == []
    assert outcomes() == {"skipped": 1}


# Async


@on_a_server
def test_either_side_may_be_async(found: Found) -> None:
    Tag.objects.create(name="one", slug="one")
    assert found("/async/equal/") == []
    assert found("/async/other/") == ["type value"]
    assert found("/async/equal/", "post") == ["rows testapp_tag"]
    assert Tag.objects.count() == 1
    assert found("/reverse/equal/") == []


# The outside


def test_mail_is_kept_and_compared(found: Found, mailoutbox: list[Any]) -> None:
    assert found("/badly/mails/") == ["rows mail"], COUNTS
    assert mailoutbox == []


def test_tasks_are_not_sent(found: Found) -> None:
    pytest.importorskip("celery")
    assert found("/badly/sends_a_task/") == ["rows tasks"]
    assert shop.FOUND[0][0].new == '["by.name", "shadow.tell"]'


def test_tasks_of_django_are_not_sent(found: Found) -> None:
    pytest.importorskip("django.tasks")
    assert found("/badly/sends_a_django_task/") == ["rows tasks"]
    assert "django_tasks.tell" in shop.FOUND[0][0].new


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("calls", "connect to 127.0.0.1:9"),
        ("runs", "subprocess.Popen"),
        ("stores", "open stored.txt"),
    ],
)
def test_the_outside_is_not_reached(found: Found, how: str, what: str) -> None:
    assert found(f"/badly/{how}/") == ["rows outside"]
    assert shop.FOUND[0][0].new == f'["{what}"]'
    assert not Path(shop.__file__).with_name("stored.txt").exists()


def test_the_cache_is_not_shared(found: Found) -> None:
    from django.core.cache import cache

    assert found("/badly/caches/") == ["value value"]
    assert cache.get("shadow") is None
