"""``validate_<field>`` methods of the serializer, called while Pydantic validates."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rest_framework.fields import SkipField

from nova_drf.core.core_schema import Core
from nova_drf.core.markers import UNSET
from nova_drf.mapping.shape import FieldShape
from nova_drf.mapping.validated_data import to_validated_value
from nova_drf.schemas.drf_semantics import guarded_node
from nova_drf.validation.bound_fields import (
    ABSENT,
    Handler,
    ProgrammingError,
    Recorder,
    with_absence,
    wrapped,
)

if TYPE_CHECKING:
    from nova_drf.validation.bound_fields import Info


def hooked(field: FieldShape, node: Core, method: str) -> Core:
    """Return a node that runs the serializer's ``validate_<field>``, also for a default.

    The method gets, and returns, what ``validated_data`` holds.

    Args:
        field: The field.
        node: Its core schema, rewritten for the request variant, perhaps delegated.
        method: The name of the method.
    """
    convert, recorder = to_validated_value(field.type), Recorder(field)
    default = _default_of(node)

    def run(value: object, handler: Handler, info: Info) -> Any:
        attribute = default(handler, info) if value is ABSENT else handler(value)
        if attribute is UNSET:
            return UNSET
        validation = info.context
        data = validation.value_of(field.name, attribute, convert)
        result = _called(getattr(validation.serializer, method), data)
        if result is UNSET:
            validation.results.pop(field.name, None)
            return UNSET
        return recorder.record(validation, result)

    inner = node["schema"] if node["type"] == "default" else node
    guarded = guarded_node(wrapped(run, inner))
    return with_absence(guarded) if node["type"] == "default" else guarded


def _called(method: Callable[[Any], object], value: object) -> object:
    """Call a hook; :data:`UNSET` when it skips the field."""
    try:
        return method(value)
    except SkipField:
        return UNSET
    except (ValueError, AssertionError) as error:
        raise ProgrammingError(error) from error


def _default_of(node: Core) -> Callable[[Handler, Info], object]:
    """Return what makes the value of an absent field."""
    if node.get("default") is ABSENT:
        return lambda handler, _info: handler(ABSENT)
    if node.get("default_factory_takes_data"):
        return lambda _handler, info: node["default_factory"](info.data)
    if node.get("default_factory") is not None:
        return lambda _handler, _info: node["default_factory"]()
    return lambda _handler, _info: node.get("default", UNSET)
