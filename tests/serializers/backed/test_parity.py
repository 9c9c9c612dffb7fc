"""The mixin in front of many classic serializers: the answers stay, whatever it can take over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict
from django.test import override_settings
from django.utils import timezone
from rest_framework import serializers

from nova_drf.serializers.backed import SchemaBackedMixin
from tests.oracle import assert_same_print, assert_same_verdict
from tests.serializers import test_forms, test_hooks, test_lifecycle, test_models
from tests.serializers import test_nesting as nesting
from tests.serializers import test_output as output
from tests.serializers import test_presence as presence
from tests.testapp.models import Author, Book, Tag

PAIRS: list[tuple[type[Any], list[Any]]] = [
    (test_forms.ClassicForm, [{}, {"title": "a", "flag": True, "numbers": [1, "x"], "item": {}}]),
    (presence.ClassicPresence, presence.BODIES),
    (nesting.AllClassic, nesting.BODIES),
    (nesting.ClassicWithoutLink, [{"name": "a", "other": "b"}, {"other": None}, {}]),
    (nesting.ClassicShop, [{"name": "a", "count": "1"}, {"extra": "", "count": None}]),
    (
        test_lifecycle.Classic,
        [{"name": "a"}, {"name": "long"}, {"name": 5, "count": "x"}, [], None],
    ),
    (
        output.ClassicAll,
        [{}, output.ROW, dict.fromkeys(output.ROW), dict.fromkeys(output.ROW, "1")],
    ),
]


def backed(classic: type[Any]) -> type[Any]:
    """Put the mixin in front of a classic serializer."""
    return type(f"Backed{classic.__name__}", (SchemaBackedMixin, classic), {})


@pytest.mark.parametrize("partial", [False, True], ids=["full", "partial"])
@pytest.mark.parametrize(("classic", "bodies"), PAIRS)
def test_verdicts_stay(classic: type[Any], bodies: list[Any], partial: bool) -> None:
    ours = backed(classic)
    for body in bodies:
        assert_same_verdict(classic, ours, body, partial=partial)
    assert_same_verdict(classic, ours, bodies, many=True, partial=partial)


@pytest.mark.parametrize("body", test_forms.BODIES)
def test_forms_stay(body: str) -> None:
    classic = test_forms.ClassicForm
    assert_same_verdict(classic, backed(classic), QueryDict(body))


@pytest.mark.parametrize("framework", output.SETTINGS)
@pytest.mark.parametrize("odd", output.ODD)
def test_output_stays(odd: dict[str, Any], framework: dict[str, Any]) -> None:
    row = {**output.ROW, **odd}
    ours = backed(output.ClassicAll)
    with override_settings(REST_FRAMEWORK=framework), timezone.override("Europe/Paris"):
        assert_same_print(output.ClassicAll, ours, row)
        assert_same_print(output.ClassicAll, ours, [output.ROW, row], many=True)


def test_method_fields_sources_and_context_stay() -> None:
    classic = nesting.ClassicWithoutLink
    context = {"user": "ada"}
    assert_same_print(classic, backed(classic), nesting.Thing(), context=context)
    assert_same_print(classic, backed(classic), [nesting.Thing()] * 2, context=context, many=True)


@pytest.mark.parametrize("only", [None, ("name",), ()])
def test_dynamic_fields_stay(only: Any) -> None:
    classic, ours = nesting.DynamicClassic, backed(nesting.DynamicClassic)
    for body in ({"name": "a", "count": 1}, {"name": "long"}, {"count": "x", "stamp": 1}):
        assert_same_verdict(classic, ours, body, only=only)
    instance = {"name": "a", "count": 1, "label": "l", "stamp": 2}
    assert_same_print(classic, ours, instance, only=only)


@pytest.mark.parametrize(
    "body",
    [{"a": 1, "b": "x"}, {"a": 13, "b": "django"}, {"a": 15, "b": "flat"}, {"a": 7, "b": "y"}],
)
def test_hooks_stay(body: dict[str, Any]) -> None:
    test_hooks.ClassicHooks.log = []
    ours = backed(test_hooks.ClassicHooks)
    assert_same_verdict(test_hooks.ClassicHooks, ours, body)
    assert_same_verdict(test_hooks.ClassicHooks, ours, body, partial=True)


@pytest.mark.django_db
def test_models_stay() -> None:
    author = Author.objects.create(name="Ada", email="ada@a.io")
    book = Book.objects.create(
        title="One", isbn="1", author=author, created=datetime(2024, 1, 2, tzinfo=UTC)
    )
    book.tags.add(Tag.objects.create(name="x", slug="x"))
    classic, ours = test_models.ClassicBook, backed(test_models.ClassicBook)
    for body in test_models.bodies(author, book):
        assert_same_verdict(classic, ours, body)
        assert_same_verdict(classic, ours, body, instance=book, partial=True)
    assert_same_print(classic, ours, book)
    assert_same_print(classic, ours, Book.objects.prefetch_related("tags"), many=True)
    serializer = ours(data={"title": "Two", "isbn": "2", "author": author.pk})
    assert serializer.is_valid(), serializer.errors
    assert isinstance(serializer.save(), Book)
    assert isinstance(serializer, serializers.ModelSerializer)
