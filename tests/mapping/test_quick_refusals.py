"""Fields that refuse quickly refuse what DRF's fields refuse, in the same words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.utils import translation
from django.utils.functional import lazy
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import fields as drf
from rest_framework.exceptions import ErrorDetail, ValidationError

from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.mapping.quick_refusals import refusing_quickly
from nova_drf.mapping.shared_fields import shareable

MAKERS: list[Any] = [
    drf.BooleanField,
    lambda: drf.CharField(max_length=2, min_length=1),
    lambda: drf.CharField(error_messages={"invalid": "Own {words}.", "blank": "Own."}),
    drf.EmailField,
    drf.SlugField,
    drf.URLField,
    drf.UUIDField,
    drf.IPAddressField,
    lambda: drf.IntegerField(min_value=2, max_value=5),
    lambda: drf.FloatField(max_value=2),
    lambda: drf.DecimalField(max_digits=4, decimal_places=2, min_value=Decimal(1)),
    drf.DateField,
    drf.TimeField,
    lambda: drf.DateTimeField(default_timezone=None),
    lambda: drf.DateTimeField(input_formats=["%Y"]),
    lambda: drf.DurationField(),
    lambda: drf.ChoiceField([("a", "A"), (1, "One")]),
    lambda: drf.MultipleChoiceField(choices=["a"], allow_empty=False),
    lambda: drf.ListField(child=drf.IntegerField(), max_length=1),
    lambda: drf.DictField(child=drf.IntegerField()),
    drf.JSONField,
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just(drf.empty)
    # Odd to one field or another.
    | st.sampled_from(["9" * 1001, "1e400", "2024-02-30", "a", "\x00", "\ud800", "{x}", "%s"]),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=4,
)
LANGUAGES = ["en", "de", "fr", "ar", None]


def outcome(field: Any, value: object) -> Any:
    mark = begin_payload()
    try:
        return "valid", repr(field.run_validation(value))
    except ValidationError as refusal:
        return type(refusal), plain(refusal.detail), refusal.get_codes()
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return type(error), str(error)
    finally:
        end_payload(mark)


def plain(detail: Any) -> Any:
    if isinstance(detail, dict):
        return {key: plain(value) for key, value in detail.items()}
    if isinstance(detail, list):
        return [plain(value) for value in detail]
    assert type(detail) is ErrorDetail
    return str(detail), detail.code


@pytest.mark.parametrize("make", MAKERS)
@given(value=VALUES, languages=st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=3))
def test_refusals_are_those_of_drfs_field(make: Any, value: object, languages: list[Any]) -> None:
    field = shareable(make())
    quick = refusing_quickly(field)
    assert quick is not field
    for language in languages:
        with translation.override(language):
            assert outcome(quick, value) == outcome(field, value)
            # Once more, with the words that are known now.
            assert outcome(quick, value) == outcome(field, value)


def test_words_of_the_project_are_asked_each_time() -> None:
    counted = iter(range(10))
    words: Any = lazy(lambda: f"asked {next(counted)}", str)()
    quick = refusing_quickly(drf.IntegerField(error_messages={"invalid": words}))
    said = [outcome(quick, "x")[1] for _ in range(3)]
    assert said == [[(f"asked {at}", "invalid")] for at in range(3)]


def test_messages_that_are_replaced_count() -> None:
    field = drf.IntegerField()
    quick = refusing_quickly(field)
    outcome(quick, "x")
    quick.error_messages["invalid"] = "Another."
    assert outcome(quick, "x")[1] == [("Another.", "invalid")]
    del quick.error_messages["invalid"]
    assert outcome(quick, "x") == outcome(field, "x")
    assert outcome(quick, "x")[0] is AssertionError


class Own(drf.IntegerField):
    def fail(self, key: str, **kwargs: Any) -> Any:
        raise ValidationError("own", code="own")


def test_a_field_with_a_way_of_its_own_stays() -> None:
    field = Own()
    assert refusing_quickly(field) is field
    set_on_it: Any = drf.IntegerField()
    set_on_it.fail = field.fail
    assert refusing_quickly(set_on_it) is set_on_it


def test_what_is_put_in_the_place_of_drfs_is_called() -> None:
    quick = refusing_quickly(drf.IntegerField())
    with mock.patch.object(drf.Field, "fail", side_effect=ZeroDivisionError):
        assert outcome(quick, "x")[0] is ZeroDivisionError
    with mock.patch.object(drf, "ValidationError", side_effect=ZeroDivisionError):
        assert outcome(quick, "x")[0] is ZeroDivisionError
    asked = mock.Mock()
    init = ValidationError.__init__

    def noted(self: Any, *args: Any, **kwargs: Any) -> None:
        asked(type(self))
        init(self, *args, **kwargs)

    with mock.patch.object(ValidationError, "__init__", noted):
        assert outcome(quick, "x")[0] is ValidationError
    asked.assert_called_once_with(ValidationError)
