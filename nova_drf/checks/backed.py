"""What of a backed serializer class runs on DRF's own code, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Info
from rest_framework import fields as drf
from rest_framework.relations import ManyRelatedField, RelatedField
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.checks.messages import distinct
from nova_drf.core.overrides import (
    FIELD_BUILDING,
    INPUT_LOOP,
    OUTPUT_LOOP,
    all_overrides,
    is_users,
    overrides,
)
from nova_drf.mapping.field_state import known, peculiarities
from nova_drf.mapping.shape import AnyField
from nova_drf.serializers.backed_representation import output_field, own_part
from nova_drf.serializers.method_order import backed_classes
from nova_drf.validation.narrow import narrow


@dataclass
class Explanation:
    """What of a class runs on DRF's own code.

    Attributes:
        whole: Why all of it does, or all of one direction.
        incoming: The fields whose input DRF checks, and why.
        outgoing: The fields that print themselves, and why.
    """

    whole: list[str] = field(default_factory=list)
    incoming: dict[str, str] = field(default_factory=dict)
    outgoing: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = list(self.whole)
        for direction, fields in (("input", self.incoming), ("output", self.outgoing)):
            if fields:
                said = ", ".join(f"{name} ({reason})" for name, reason in fields.items())
                lines.append(f"{direction} of {said}")
        return "; ".join(lines)


def explain(serializer_class: Any) -> Explanation:
    """Explain what keeps a backed class, or parts of it, from running on pydantic-core.

    Args:
        serializer_class: A class with :class:`~nova_drf.SchemaBackedMixin` among its bases.
    """
    by_class = serializer_class.backed_class()
    definition = by_class.definition()
    if definition is None:
        return Explanation(whole=[str(by_class.reason)])
    explanation = Explanation(whole=list(_whole(serializer_class)))
    fields: Mapping[str, AnyField] = definition.fields
    model = getattr(getattr(serializer_class, "Meta", None), "model", None)
    for name, bound in fields.items():
        if not bound.read_only and narrow(bound, partial=False) is None:
            explanation.incoming[name] = _incoming_reason(bound)
        printed = output_field(name, bound, model) or own_part(name, bound)
        if not bound.write_only and printed is None:
            explanation.outgoing[name] = _outgoing_reason(bound)
    return explanation


def _whole(cls: type) -> Iterator[str]:
    for direction, names in (("input", INPUT_LOOP), ("output", OUTPUT_LOOP)):
        for override in overrides(cls, names):
            yield f"all {direction}, for {override} takes DRF's loop apart"
    for override in overrides(cls, FIELD_BUILDING):
        yield f"the making of fields, for {override} may make others for each instance"


def _incoming_reason(bound: object) -> str:
    if isinstance(bound, (RelatedField, ManyRelatedField)):
        return "looks objects up"
    if isinstance(bound, BaseSerializer):
        return _nested_reason(bound)
    known_field = known(bound)
    if known_field is None:
        return _class_reason(bound)
    odd = peculiarities(bound, (*known_field.input, *known_field.output))
    return f"is made with {', '.join(sorted(odd))}" if odd else "has no narrow validator"


def _outgoing_reason(bound: AnyField) -> str:
    if isinstance(bound, BaseSerializer):
        return _nested_reason(bound)
    if getattr(bound.default, "requires_context", False):
        return "has a default that asks for the context"
    return _class_reason(bound)


def _nested_reason(bound: object) -> str:
    nested = bound.child if isinstance(bound, ListSerializer) else bound
    hooks = ", ".join(map(str, all_overrides(type(nested))))
    return f"{type(nested).__name__} has {hooks or 'fields that run themselves'}"


def _class_reason(bound: object) -> str:
    if is_users(type(bound)):
        return f"{type(bound).__name__} is a field of the project"
    if isinstance(bound, drf.HiddenField):
        return "takes its default"
    return f"is a {type(bound).__name__}"


def check_backed_serializers(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """``nova_drf.I001``: what of a backed serializer class runs on DRF's own code, and why.

    Nothing is wrong with such a class; it is only less fast than it could be.
    """
    messages: list[CheckMessage] = []
    for serializer_class in backed_classes():
        said = str(explain(serializer_class))
        if said:
            name = f"{serializer_class.__module__}.{serializer_class.__qualname__}"
            messages.append(
                Info(f"{name}: DRF's own code runs for {said}.", obj=name, id="nova_drf.I001")
            )
    return distinct(messages)
