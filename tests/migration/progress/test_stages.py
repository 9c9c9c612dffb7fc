"""How far each endpoint is, and who answers it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from nova_drf.migration.progress import stages
from nova_drf.migration.progress.stages import Side, Stage, Standing, standings
from nova_drf.migration.proof.choices import Choice
from nova_drf.migration.proof.overrides import TABLE
from tests.migration.progress import site

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    TABLE.forget()
    yield
    TABLE.forget()
    TABLE._rows.clear()


def by_endpoint(tests: Path) -> dict[str, Standing]:
    return {one.endpoint: one for one in standings(site.urlpatterns, tests=tests)}


def test_each_endpoint_has_a_stage_and_a_side(tmp_path: Path) -> None:
    said = {name: (one.stage, one.side) for name, one in by_endpoint(tmp_path).items()}
    assert said == {
        "GET /switched/": (Stage.SCHEMA, Side.NEW),
        "POST /switched/": (Stage.SCHEMA, Side.PARTLY),
        "GET /switched/count/": (Stage.CLASSIC, Side.OLD),
        "GET /switched/<pk>/": (Stage.SCHEMA, Side.OLD),
        "PUT /switched/<pk>/": (Stage.SCHEMA, Side.OLD),
        "PATCH /switched/<pk>/": (Stage.SCHEMA, Side.OLD),
        "DELETE /switched/<pk>/": (Stage.SCHEMA, Side.OLD),
        "POST /census/count/": (Stage.SERVICE, Side.NEW),
        "GET /classic/": (Stage.CLASSIC, Side.OLD),
        "GET /backed/": (Stage.BACKED, Side.NEW),
        "GET /schema/": (Stage.SCHEMA, Side.NEW),
        "GET /async/": (Stage.ASYNC, Side.NEW),
        "GET /odd/<kind>/": (Stage.CLASSIC, Side.OLD),
        "GET /plain/": (Stage.CLASSIC, Side.OLD),
    }


def test_what_has_moved_is_new_code_with_a_schema_that_answers(tmp_path: Path) -> None:
    moved = {name for name, one in by_endpoint(tmp_path).items() if one.is_moved}
    assert moved == {"GET /switched/", "POST /census/count/", "GET /schema/", "GET /async/"}


def test_a_switch_is_told_with_both_its_classes(tmp_path: Path) -> None:
    one = by_endpoint(tmp_path)["GET /switched/<pk>/"]
    here = site.__name__
    assert (one.entry.view, one.new_view) == (f"{here}.Authors", f"{here}.NewAuthors")
    assert (one.entry.serializer, one.serializer) == (f"{here}.OldAuthor", f"{here}.NewAuthor")
    assert (one.switch, one.app) == ("authors & <co>", "tests")


def test_the_table_counts_more_than_the_definition(tmp_path: Path) -> None:
    TABLE.write("authors & <co>", "list", Choice.OLD, "")
    TABLE.write("authors & <co>", "create", Choice.NEW, "")
    said = by_endpoint(tmp_path)
    assert said["GET /switched/"].side is Side.OLD
    assert said["POST /switched/"].side is Side.NEW


def test_a_table_that_is_not_there_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise DatabaseError("no such table")

    monkeypatch.setattr(stages, "override", fail)
    assert by_endpoint(tmp_path)["GET /switched/"].side is Side.NEW


def test_views_of_libraries_are_left_out(tmp_path: Path) -> None:
    import bookshop.urls

    views = {one.entry.view for one in standings(bookshop.urls.urlpatterns, tests=tmp_path)}
    assert views == {
        "catalogue.views.ClassicBookViewSet",
        "catalogue.views.BookViewSet",
        "catalogue.views.AsyncBookViewSet",
        "orders.views.OrderViewSet",
    }


@pytest.mark.urls(site.__name__)
def test_the_projects_urls_are_taken_when_none_are_named(tmp_path: Path) -> None:
    names = [one.endpoint for one in standings(tests=tmp_path)]
    assert "GET /classic/" in names
