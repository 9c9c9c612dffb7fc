"""What is written as columns alone is written as a ``ModelSerializer`` writes it."""

from __future__ import annotations

from typing import Annotated, Any
from unittest import mock

import pytest
from django.db.models import Model
from pydantic import Field
from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from nova_drf import Schema
from nova_drf.serializers import plain_writes
from nova_drf.serializers.plain_writes import writes_columns
from nova_drf.serializers.schema_serializer import serializer_from_schema
from tests.testapp.models import Author, Book, Club, Tag

pytestmark = pytest.mark.django_db


class ClubSchema(Schema):
    name: Annotated[str, Field(max_length=50)]


class Classic(ModelSerializer[Club]):
    class Meta:
        model = Club
        fields = ("name",)


Ours: Any = serializer_from_schema(ClubSchema, model=Club)
SIDES: tuple[Any, Any] = (Classic, Ours)


def outcome(write: Any) -> Any:
    """Return the columns of what is written, or the error that is raised."""
    try:
        written = write()
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error), str(error).partition("Original exception")[0].replace("Classic", "Ours")
    state = vars(written)
    return type(written), {name: state[name] for name in state if name not in ("_state", "id")}


def saved(side: Any, instance: Any = None, **values: Any) -> Any:
    serializer = side(instance, data={"name": "House"})
    assert serializer.is_valid()
    return serializer.save(**values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"name": "Own"},
        {"pk": 70},
        {"id": 71},
        {"name": None},
        {"unknown": 1},
        {"membership_set": []},
        {"members": []},
        {"name": ["a"]},
        pytest.param({"name": object()}, id="an object"),
    ],
    ids=str,
)
def test_what_is_saved_is_what_drf_saves(values: dict[str, Any]) -> None:
    named = "ClubSerializer"
    theirs = type(named, (Classic,), {"Meta": Classic.Meta})
    ours = type(named, (Ours,), {"Meta": Ours.Meta})
    assert ours.__name__ == named
    for update in (False, True):
        found = []
        for side in (theirs, ours):
            instance = Club.objects.create(name="old") if update else None
            with mock.patch.object(Club, "save", autospec=True) as save:
                found.append((outcome(lambda: saved(side, instance, **values)), save.call_args))  # noqa: B023  # called at once
        (expected, call), (answer, our_call) = found
        assert answer == expected
        assert (call is None) == (our_call is None)
        if call is not None:
            assert call.kwargs == our_call.kwargs


def test_a_failing_manager_is_told_in_drfs_words() -> None:
    failing = mock.patch.object(
        type(Club._default_manager), "create", side_effect=TypeError("no"), create=True
    )
    messages = []
    with failing:
        for side in SIDES:
            name = side.__name__
            with pytest.raises(TypeError) as caught:
                saved(side)
            messages.append(str(caught.value).replace(name, "Serializer"))
    assert [text.partition("Original")[0] for text in messages[1:]] == [
        messages[0].partition("Original")[0]
    ]
    assert all("TypeError: no" in text for text in messages)


def relations() -> list[tuple[type[Model], dict[str, Any], bool]]:
    author = Author(id=1)
    return [
        (Book, {"title": "t", "author": author}, True),
        (Book, {"title": "t", "author_id": 1}, True),
        (Book, {"author": {"name": "a"}}, False),
        (Book, {"author": [1]}, False),
        (Book, {"tags": [Tag()]}, False),
        (Book, {"pk": 1}, False),
        (Author, {"books": []}, False),
        (Club, {}, True),
    ]


def test_only_columns_are_written_so() -> None:
    for model, values, expected in relations():
        assert writes_columns(model, values) is expected, (model, values)
    assert not writes_columns(Book, None)


@pytest.mark.parametrize(
    "place",
    [
        (ModelSerializer, "create"),
        (ModelSerializer, "update"),
        (serializers, "raise_errors_on_nested_writes"),
    ],
    ids=["create", "update", "nested writes"],
)
def test_what_is_put_in_the_place_of_drfs_is_called(place: tuple[Any, str]) -> None:
    owner, name = place
    stored = Club.objects.create(name="old")
    with mock.patch.object(owner, name, autospec=True, side_effect=getattr(owner, name)) as called:
        saved(Ours)
        saved(Ours, stored)
    assert called.called


def test_no_field_is_built_to_write_columns() -> None:
    serializer = Ours(data={"name": "House"})
    serializer.is_valid(raise_exception=True)
    with mock.patch.object(plain_writes, "create", side_effect=plain_writes.create) as called:
        serializer.save(name="Own")
    assert called.called
    assert "fields" not in vars(serializer)
    assert serializer.data == {"name": "Own"}
