"""``manage.py check`` says what of a backed class DRF's own code runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import Info
from rest_framework import serializers

from nova_drf import SchemaBackedMixin
from nova_drf.checks.backed import check_backed_serializers, explain
from tests.convertapp import serializers as legacy


def backed(serializer_class: Any) -> Any:
    """Put the mixin in front of a class."""
    return type(serializer_class.__name__, (SchemaBackedMixin, serializer_class), {})


def test_a_declarative_class_has_nothing_to_explain() -> None:
    assert str(explain(backed(legacy.Line))) == ""


@pytest.mark.parametrize(
    ("serializer_class", "said"),
    [
        (legacy.CitySerializer, "country (looks objects up)"),
        (legacy.Messages, "point (Point is a field of the project)"),
        (legacy.Messages, "suffix (FromContext is a field of the project)"),
        (legacy.Presence, "today (takes its default)"),
        (legacy.Scalars, "german_day (is made with input_formats)"),
        (legacy.Scalars, "binary_json (is made with binary)"),
        (legacy.Order, "hooked (HookedLine has HookedLine.validate)"),
        (legacy.ProjectCountry, "ProjectBase.build_standard_field may make others"),
        (legacy.Choices, "several (is a MultipleChoiceField)"),
        (legacy.Choices, "odd (has no narrow validator)"),
    ],
)
def test_each_reason_is_named(serializer_class: Any, said: str) -> None:
    assert said in str(explain(backed(serializer_class)))


def test_a_class_that_takes_the_loop_apart() -> None:
    class Apart(SchemaBackedMixin, legacy.Line):
        def set_value(self, dictionary: Any, keys: Any, value: Any) -> None:
            dictionary["/".join(keys)] = value

    assert "all input, for Apart.set_value" in str(explain(Apart))
    serializer = Apart(data={"product": "a"})
    assert serializer.is_valid()
    assert serializer.validated_data == {"product": "a", "count": 1}


def test_a_class_whose_fields_cannot_be_made() -> None:
    class Broken(SchemaBackedMixin, serializers.ModelSerializer[Any]):
        class Meta:
            fields = ("a",)

    assert "its fields cannot be made" in str(explain(Broken))
    with pytest.raises(AssertionError, match=r'missing "Meta.model"'):
        Broken(data={}).is_valid()


def test_the_check_reports_only_what_there_is_to_say() -> None:
    plain, hidden = backed(legacy.Line), backed(legacy.Presence)
    messages = {message.obj: message for message in check_backed_serializers()}
    name = f"{hidden.__module__}.{hidden.__qualname__}"
    assert isinstance(messages[name], Info)
    assert messages[name].id == "nova_drf.I001"
    assert f"{plain.__module__}.{plain.__qualname__}" not in messages


class Asking(serializers.Serializer[Any]):
    """A default that asks for the context, and nested serializers that print themselves."""

    user = serializers.CharField(default=serializers.CurrentUserDefault())
    printed = legacy.OwnOutput(read_only=True)
    several = legacy.OwnOutput(many=True, read_only=True)


def test_what_prints_itself_is_named() -> None:
    said = explain(backed(Asking)).outgoing
    assert said["user"] == "has a default that asks for the context"
    assert said["printed"] == said["several"] == "OwnOutput has OwnOutput.to_representation"


def test_two_classes_of_one_name_have_one_message() -> None:
    first, second = backed(legacy.Presence), backed(legacy.Presence)
    texts = [message.msg for message in check_backed_serializers()]
    assert first is not second
    assert len(texts) == len(set(texts))
