"""Fields that many requests share."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.validators import MaxLengthValidator
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from nova_drf.mapping.payload_settings import Words, begin_payload, current_language, end_payload
from nova_drf.mapping.shared_fields import shareable

LANGUAGES = ("en", "de", "fr", "de", "en")


def refusal(field: Any, value: object) -> str:
    with pytest.raises(serializers.ValidationError) as refused:
        field.run_validation(value)
    return str(refused.value.detail)


class Inner(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2)


OWN_WORDS: dict[str, Any] = {"max_length": _("Monday")}

FIELDS: list[tuple[Any, Any]] = [
    (lambda: serializers.CharField(max_length=2), "abc"),
    (lambda: serializers.IntegerField(min_value=2), 1),
    (lambda: serializers.ListField(child=serializers.FloatField(max_value=2)), [3]),
    (lambda: Inner(), {"text": "abc"}),
    (lambda: Inner(many=True), [{"text": "abc"}]),
    (lambda: serializers.CharField(max_length=2, error_messages=OWN_WORDS), "abc"),
]


@pytest.mark.parametrize(("make", "value"), FIELDS)
def test_messages_are_told_in_the_language_of_the_time(make: Any, value: Any) -> None:
    shared = shareable(make())
    for language in LANGUAGES:
        with translation.override(language):
            assert refusal(shared, value) == refusal(make(), value)


def test_validators_of_others_stay_the_same() -> None:
    own = MaxLengthValidator(2, message="Own.")
    field = shareable(serializers.CharField(validators=[own]))
    assert field.validators[0] is own
    template = serializers.CharField(max_length=2)
    limit = template.validators[0]
    shareable(template)
    assert template.validators[0] is not limit


def test_a_payload_is_told_in_one_language() -> None:
    words = Words()
    seen = []
    for language in ("de", "fr"):
        with translation.override(language):
            mark = begin_payload(words=words)
            seen.append(current_language())
            end_payload(mark)
            seen.append(current_language())
    assert seen == ["de", "de", "de", "fr"]
