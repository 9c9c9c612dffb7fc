"""Fields of a project's own."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ShortText(serializers.CharField):
    """Only sets arguments."""

    default_error_messages = {"max_length": "Too long: {max_length} at most."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 5)
        super().__init__(**kwargs)


class UpperText(serializers.CharField):
    """Changes the value in both directions."""

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).upper()

    def to_representation(self, value: Any) -> str:
        return f"<{value}>"


class LabelledChoice(serializers.ChoiceField):
    """Prints ``{"value", "label"}`` and takes either form."""

    def to_representation(self, value: Any) -> Any:
        return {"value": value, "label": str(self.choices.get(value, value))}

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data["value"] if isinstance(data, dict) else data)


class Point(serializers.Field[Any, Any, Any, Any]):
    """Straight on ``Field``, with a message of its own."""

    default_error_messages = {"form": "Write x,y."}

    def to_internal_value(self, data: Any) -> Any:
        try:
            x, y = str(data).split(",")
            return (int(x), int(y))
        except ValueError:
            self.fail("form")

    def to_representation(self, value: Any) -> str:
        return ",".join(map(str, value))


class FromContext(serializers.Field[Any, Any, Any, Any]):
    """Reads the whole object and the context."""

    def get_attribute(self, instance: Any) -> Any:
        return instance

    def to_representation(self, value: Any) -> Any:
        return self.context.get("suffix", "none")


class EvenNumber:
    """A validator that asks for its field."""

    requires_context = True

    def __call__(self, value: Any, field: Any) -> None:
        if value % 2:
            raise serializers.ValidationError(f"{field.field_name} must be even.", code="odd")


def not_seven(value: Any) -> None:
    """A validator that is a function."""
    if value == 7:
        raise serializers.ValidationError("Not seven.", code="seven")
