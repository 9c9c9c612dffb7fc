"""Instances of schemas that are made without validation, of values that were checked elsewhere."""

from __future__ import annotations

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from nova_drf.core.markers import UNSET


def construct(schema: type[BaseModel], values: dict[str, object]) -> BaseModel:
    """Make an instance of a schema, by attribute names whatever the aliases are.

    Args:
        schema: The schema.
        values: The attributes. :data:`~nova_drf.UNSET` stands for what nobody sent.
    """
    instance = schema.__new__(schema)
    sent = {name for name, value in values.items() if value is not UNSET}
    object.__setattr__(instance, "__dict__", values)
    object.__setattr__(instance, "__pydantic_fields_set__", sent)
    extra: dict[str, object] | None = {} if schema.model_config.get("extra") == "allow" else None
    object.__setattr__(instance, "__pydantic_extra__", extra)
    object.__setattr__(instance, "__pydantic_private__", private_defaults(schema))
    return instance


def private_defaults(schema: type[BaseModel]) -> dict[str, object] | None:
    """Return what a new instance's private attributes hold, before any code of the user."""
    if not schema.__private_attributes__:
        return None
    defaults = {
        name: attribute.get_default() for name, attribute in schema.__private_attributes__.items()
    }
    return {name: value for name, value in defaults.items() if value is not PydanticUndefined}


def overlaid(instance: BaseModel, values: dict[str, object]) -> BaseModel:
    """Return a copy of an instance in which ``values`` fill what it lacks.

    Its ``model_fields_set`` stays what it was.
    """
    present = {name: value for name, value in instance.__dict__.items() if value is not UNSET}
    filled = construct(type(instance), {**values, **present})
    skipped = instance.__dict__.keys() - present.keys()
    object.__setattr__(filled, "__pydantic_fields_set__", instance.model_fields_set - skipped)
    object.__setattr__(filled, "__pydantic_extra__", instance.__pydantic_extra__)
    object.__setattr__(filled, "__pydantic_private__", instance.__pydantic_private__)
    return filled
