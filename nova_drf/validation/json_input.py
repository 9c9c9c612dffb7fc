"""Input from text: the narrow validators of a whole payload, with nothing else around them.

What they take of a text, DRF's parser, the variant of the schema and ``validated_data`` make the
same of. What they refuse is parsed and validated in the usual way, which has the last word.

A payload is taken at once where every field of the schema has a narrow validator of ours, and no
code of the project has a say: no validator, hook, bound field or default that is a function.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError, core_schema
from rest_framework import ISO_8601
from rest_framework.settings import api_settings

from nova_drf.core.core_schema import Core, definitions_of, resolve
from nova_drf.core.markers import UNSET
from nova_drf.core.value_classes import VALUE_CLASSES
from nova_drf.mapping.builtin import BUILTIN
from nova_drf.mapping.from_pydantic import core_of, shape_of
from nova_drf.mapping.narrow import narrow, narrow_list
from nova_drf.mapping.registry import Convert
from nova_drf.mapping.shape import MISSING, FieldShape, Kind, Shape, TypeShape
from nova_drf.mapping.validated_data import to_validated_value

if TYPE_CHECKING:
    from pydantic import BaseModel

_MOST_DIGITS = 4300
"""How many digits of a whole number pydantic-core takes, which is Python's default."""

_get_limit = sys.get_int_max_str_digits

_ISO_ALONE = [ISO_8601]


class JSONInput:
    """Validates the text of a payload.

    Args:
        node: The core schema of the payload, of which comes a plain dictionary.
        convert: Makes the values of that dictionary those of ``validated_data``; ``None`` if they
            are.
        iso_settings: The settings of DRF's that have to ask for ISO 8601 alone.
        parsed: The core schema of a payload that was parsed, which counts on no settings.

    Attributes:
        asks_zone: Whether it asks which time zone is active.
    """

    def __init__(
        self,
        node: Core,
        convert: Convert | None,
        iso_settings: Collection[str] = (),
        parsed: Core = None,
    ) -> None:
        self._validate = SchemaValidator(node).validate_json
        self._parsed = parsed
        self._convert = convert
        self._iso_settings = iso_settings
        self.asks_zone = convert is not None and bool(iso_settings)

    def validated_data(self, content: bytes) -> Any:
        """Return what ``validated_data`` is, or ``None`` if somebody else has to look.

        Args:
            content: The text, in UTF-8.
        """
        if _has_constants(content) or 0 < _get_limit() < _MOST_DIGITS:
            return None
        for name in self._iso_settings:
            if getattr(api_settings, name) != _ISO_ALONE:
                return None
        try:
            values = self._validate(content)
            return values if self._convert is None else self._convert(values)
        except (ValidationError, PydanticCustomError):
            return None

    @cached_property
    def _of_parsed(self) -> Callable[[Any], object]:
        return SchemaValidator(self._parsed).validate_python

    def refused(self, data: object) -> dict[str, Any]:
        """Return the keys of a payload whose values are refused, or missing.

        Args:
            data: The payload, parsed.

        Returns:
            By key, the same of what is refused inside of a value.
        """
        try:
            self._of_parsed(data)
        except ValidationError as error:
            keys: dict[str, Any] = {}
            lines = error.errors(include_url=False, include_context=False, include_input=False)
            for line in lines:
                below: Any = keys
                for key in line["loc"]:
                    below = below.setdefault(key, {})
            return keys
        return {}


def json_input(shape: Shape, *, partial: bool) -> JSONInput | None:
    """Return what validates the text of a payload, or ``None`` if it has to be parsed.

    Args:
        shape: The request schema as the serializer class uses it, without bound fields and hooks.
        partial: Whether it is for a partial update.
    """
    if not _agrees():
        return None
    payloads = _Payloads(partial)
    made = payloads.payload(shape)
    parsed = None if made is None else _Payloads(partial, is_text=False).payload(shape)
    if made is None or parsed is None:
        return None
    return JSONInput(*made, sorted(payloads.iso_settings), parsed[0])


def _has_constants(content: bytes) -> bool:
    """Whether there may be a constant that JSON does not have; DRF's settings say what it is."""
    # The letters first: to find one takes a tenth of the time.
    return (b"N" in content and b"NaN" in content) or (b"I" in content and b"Infinity" in content)


_PROBES: Mapping[bytes, object] = {
    b'{"a": 1, "a": 2}': {"a": 2},
    b'{"a": -0}': {"a": 0},
    b'\xef\xbb\xbf{"a": 1}': None,
    b'{"a": 1, "b": "\xff"}': None,
    b'{"a": 1, "b": "\\ud800"}': None,
    b'{"a": 1, "b": "\x01"}': None,
    b'{"a": 1, "b": 01}': None,
    b'{"a": 1,}': None,
    b'{"a": 1} x': None,
    b'{"a": 1.0}': None,
    b'{"a": true}': None,
    b'{"a": "1"}': None,
    b'{"a": 1, "b": 1' + b"0" * _MOST_DIGITS + b"}": None,
}
"""Texts on which parsers differ, and what is made of a whole number in them."""


@cache
def _agrees() -> bool:
    """Whether the installed pydantic-core reads what is unusual as Python does, or refuses it."""
    number = core_schema.typed_dict_field(core_schema.int_schema(strict=True))
    reader = JSONInput(core_schema.typed_dict_schema({"a": number}), None)
    return all(reader.validated_data(text) == answer for text, answer in _PROBES.items())


Payload = tuple[Core, Convert | None]


class _Payloads:
    """Makes core schemas of payloads.

    Args:
        partial: Whether they are for a partial update, in which nothing is required.
        is_text: Whether they are texts, rather than parsed.

    Attributes:
        iso_settings: The settings that have to ask for ISO 8601 alone.
    """

    def __init__(self, partial: bool, *, is_text: bool = True) -> None:
        self._is_text = is_text
        self.iso_settings: set[str] = set()
        self._partial = partial
        self._around: list[type[BaseModel]] = []

    def payload(self, shape: Shape) -> Payload | None:
        """Return what validates a payload, and what converts it; ``None`` if nothing does."""
        if shape.schema in self._around or not _is_fields_only(shape):
            return None
        self._around.append(shape.schema)
        try:
            return self._members(shape)
        finally:
            self._around.pop()

    def _members(self, shape: Shape) -> Payload | None:
        members: dict[str, Any] = {}
        converters: dict[str, Convert] = {}
        for field in shape.fields.values():
            if field.read_only:
                continue
            made = self._value(field.type) if _lies_by_itself(field) else None
            member = None if made is None else self._member(field, made[0])
            if made is None or member is None or field.source in members:
                return None
            members[field.source] = member
            if made[1] is not None:
                converters[field.source] = made[1]
        node = core_schema.typed_dict_schema(members, extra_behavior=_extra(shape))
        return dict(node), _converting(converters) if converters else None

    def _member(self, field: FieldShape, node: Core) -> Any:
        """Return a field of a payload, or ``None`` if its absence takes more than a constant."""
        alias = field.input_name
        if self._partial or (field.default is UNSET and field.default_factory is None):
            return core_schema.typed_dict_field(node, required=False, validation_alias=alias)
        if field.required:
            return core_schema.typed_dict_field(node, required=True, validation_alias=alias)
        has_constant = field.default_factory is None and field.default is not MISSING
        if not has_constant or field.default.__class__ not in VALUE_CLASSES:
            return None
        node = core_schema.with_default_schema(node, default=field.default)
        return core_schema.typed_dict_field(node, validation_alias=alias)

    def _value(self, type_: TypeShape) -> Payload | None:
        """Return what validates one value, and what makes it that of ``validated_data``."""
        if not type_.bare or type_.rest:
            return None
        if type_.kind is Kind.SCHEMA and type_.schema is not None:
            return _nullable(self.payload(shape_of(type_.schema)), type_)
        item = type_.item
        if type_.kind is Kind.LIST and item is not None and item.is_serializer:
            made = self._value(item) if type_.core["type"] == "list" else None
            if made is None:
                return None
            return _nullable((narrow_list(made[0], type_.options), _of_items(made[1])), type_)
        if not _is_ours(type_):
            return None
        if type_.kind is not Kind.SCALAR or not self._is_text:
            node = narrow(type_)
            return None if node is None else (node, to_validated_value(type_))
        return self._scalar(type_)

    def _scalar(self, type_: TypeShape) -> Payload | None:
        assert type_.mapping is not None  # noqa: S101  # for type checkers
        node, convert = type_.mapping.in_json(type_), type_.mapping.of_json(type_)
        if node is None:
            return None
        if type_.mapping.iso_setting:
            self.iso_settings.add(type_.mapping.iso_setting)
        return _nullable((node, convert), type_)


def _is_fields_only(shape: Shape) -> bool:
    """Whether a schema is nothing but its fields: no validator sees a payload as a whole."""
    if not shape.has_drf_semantics or shape.allows_extra or shape.sees_payload:
        return False
    if shape.validates_whole or "__nova_conversion__" in vars(shape.schema):
        return False
    node = resolve(*definitions_of(core_of(shape.schema)))
    changes_itself = node.get("post_init") or node.get("custom_init") or node.get("root_model")
    return bool(
        node["type"] == "model" and not changes_itself and node["schema"]["type"] == "model-fields"
    )


def _extra(shape: Shape) -> Any:
    # What is forbidden is told by whoever looks at what was refused.
    return "forbid" if shape.schema.model_config.get("extra") == "forbid" else "ignore"


def _lies_by_itself(field: FieldShape) -> bool:
    """Whether a value is looked for in one place, and stored in one."""
    is_simple = field.source != "*" and "." not in field.source
    return is_simple and len(field.input_paths) == 1 and len(field.input_paths[0]) == 1


def _is_ours(type_: TypeShape) -> bool:
    """Whether the narrow validators of a value are those of our own rows, which read JSON."""
    if not type_.is_fast_and_exact:
        return False
    if type_.kind is Kind.SCALAR:
        return type_.mapping in BUILTIN
    is_container = type_.kind in (Kind.LIST, Kind.DICT) and type_.item is not None
    return is_container and type_.item is not None and _is_ours(type_.item)


def _nullable(made: Payload | None, type_: TypeShape) -> Payload | None:
    if made is None or not type_.nullable:
        return made
    node, convert = made
    return dict(core_schema.nullable_schema(node)), convert


# Conversions, of all that is there and is not `None`


def _converting(converters: Mapping[str, Convert]) -> Convert:
    together: dict[Any, list[str]] = {}
    pairs: list[tuple[str, Convert]] = []
    for name, converter in converters.items():
        # Some convert all members of a payload at once, which takes less than one by one.
        members = getattr(converter, "members", None)
        if members is None:
            pairs.append((name, converter))
        else:
            together.setdefault(members, []).append(name)
    groups = list(together.items())

    def convert(values: dict[str, Any]) -> dict[str, Any]:
        for members, names in groups:
            members(values, names)
        for name, converter in pairs:
            if (value := values.get(name)) is not None:
                values[name] = converter(value)
        return values

    return convert


def _of_items(convert: Convert | None) -> Callable[[list[Any]], list[Any]] | None:
    if convert is None:
        return None
    return lambda values: [None if value is None else convert(value) for value in values]
