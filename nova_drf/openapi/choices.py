"""Values that are one of several: what drf-spectacular's postprocessing of enums needs to know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

from django.db.models import Choices
from drf_spectacular.hooks import postprocess_schema_enums
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import (
    ResolvedComponent,
    list_hash,
    load_enum_name_overrides,
    safe_ref,
)
from drf_spectacular.settings import spectacular_settings
from rest_framework.fields import ChoiceField
from rest_framework.utils.field_mapping import get_field_kwargs

from nova_drf.mapping.shape import FieldShape, Kind, TypeShape
from nova_drf.models import column_of
from nova_drf.openapi.dialect import NULL, JSONSchema, is_openapi_30
from nova_drf.openapi.naming import camel_case

_ID = "x-spec-enum-id"
"""What drf-spectacular tells sets of choices apart by, and finds ``ENUM_NAME_OVERRIDES`` with."""

_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def json_types(type_: TypeShape) -> dict[str | None, list[Any]]:
    """Return the values of a choice by their type in JSON; ``None`` for what JSON has no type for.

    Args:
        type_: A choice.
    """
    values = [value for value, _label in type_.options["choices"]]
    if type_.options.get("allow_blank"):
        values.append("")
    by_type: dict[str | None, list[Any]] = {}
    for value in values:
        by_type.setdefault(_TYPES.get(type(value)), []).append(value)
    return by_type


def mixed_choices(type_: TypeShape) -> JSONSchema:
    """Return the schema of choices of more than one type, which drf-spectacular cannot sort.

    Args:
        type_: A choice.
    """
    members = [
        {"type": name, "enum": values} if name else {"enum": values}
        for name, values in json_types(type_).items()
    ]
    return {"anyOf": members}


def identify_enum(schema: JSONSchema, type_: TypeShape) -> None:
    """Let ``ENUM_NAME_OVERRIDES`` find a Python enumeration by its class.

    drf-spectacular identifies a set of choices by values and labels, and takes the member's name
    for the label of a plain ``Enum``, where a form shows something more readable.

    Args:
        schema: The schema of a property; it is changed.
        type_: What the value is.
    """
    if type_.kind is Kind.LIST and type_.item is not None:
        schema, type_ = schema.get("items", {}), type_.item
    if _ID not in schema or type_.core.get("type") != "enum":
        return
    enum: type[Enum] = type_.core["cls"]
    if not issubclass(enum, Choices):
        schema[_ID] = list_hash(
            [(member.value, member.name) for member in enum if member.value != ""]
        )


def insert_limits_of_column(
    auto_schema: AutoSchema, schema: JSONSchema, field: FieldShape, serializer: Any
) -> None:
    """Document the limits that a column puts on its choices, as for a ``ModelSerializer``.

    DRF gives a ``ChoiceField`` the validators of its column, and drf-spectacular reads them.

    Args:
        auto_schema: drf-spectacular's inspector.
        schema: The schema of a property; it is changed.
        field: What the property documents.
        serializer: Its serializer, which may be about a model.
    """
    model = type(serializer).get_definition().model
    column = None if model is None else column_of(model, field.source)
    says_all_itself = field.read_only or field.type.kind is Kind.KEPT
    if says_all_itself or "enum" not in schema or column is None or not column.choices:
        return
    options = get_field_kwargs(field.source, column)
    auto_schema._insert_field_validators(
        ChoiceField(choices=column.choices, validators=options.get("validators", ())), schema
    )


def name_enums(
    auto_schema: AutoSchema, schema: JSONSchema, component: str, only: Collection[str] | None = None
) -> None:
    """Make components of the choices of a serializer that has two components.

    drf-spectacular does so itself in the end, but takes the two for strangers that happen to have
    the same choices, and warns.

    Args:
        auto_schema: drf-spectacular's inspector.
        schema: The schema of one of the two; it is changed.
        component: The name that the two have in common.
        only: The properties whose choices it is about; all of them when left out.
    """
    if postprocess_schema_enums not in spectacular_settings.POSTPROCESSING_HOOKS:
        return
    names = load_enum_name_overrides()
    properties = schema.get("properties", {})
    for name, value in properties.items():
        if only is not None and name not in only:
            continue
        holder, key = (value, "items") if value.get("type") == "array" else (properties, name)
        choices = holder.get(key)
        if isinstance(choices, dict) and "enum" in choices:
            default = f"{component}{camel_case(name)}{spectacular_settings.ENUM_SUFFIX}"
            enum_name = names.get(choices.get(_ID), default)
            holder[key] = _referring(auto_schema, choices, enum_name)


def _referring(auto_schema: AutoSchema, choices: JSONSchema, name: str) -> JSONSchema:
    """Return the schema of a property that refers to its choices."""
    values = [value for value in choices["enum"] if value not in ("", None)]
    enum: JSONSchema = {"type": _main_type(choices.get("type")), "enum": values}
    rest = {key: value for key, value in choices.items() if key not in ("type", "enum", _ID)}
    if spectacular_settings.ENUM_GENERATE_CHOICE_DESCRIPTION:
        text = rest.get("description", "")
        if text.startswith("*"):
            enum["description"] = rest.pop("description")
        elif "\n\n*" in text:
            enum["description"] = "*" + text.partition("\n\n*")[2]
    members = [_enum_component(auto_schema, name, enum)]
    if spectacular_settings.ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE:
        suffix = spectacular_settings.ENUM_SUFFIX
        if "" in choices["enum"]:
            members.append(_enum_component(auto_schema, f"Blank{suffix}", {"enum": [""]}))
        if None in choices["enum"]:
            null = {"enum": [None]} if is_openapi_30() else NULL
            members.append(_enum_component(auto_schema, f"Null{suffix}", null))
    return dict(safe_ref({**rest, **(members[0] if len(members) == 1 else {"oneOf": members})}))


def _enum_component(auto_schema: AutoSchema, name: str, schema: JSONSchema) -> JSONSchema:
    component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)
    auto_schema.registry.register_on_missing(component)
    return dict(component.ref)


def _main_type(types: object) -> object:
    """Return the one type that is not ``null``."""
    return next(name for name in types if name != "null") if isinstance(types, list) else types
