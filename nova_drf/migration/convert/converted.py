"""``ConvertedSchema``: what ``schema_from_serializer`` makes, and how it validates.

Where types say all that the serializer does, it is an ordinary :class:`~nova_drf.Schema`. Where
they do not, the serializer itself validates first, hooks and all, and the schema holds what came
out; so there is nothing that the schema could do otherwise than the serializer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic import ValidationError as PydanticValidationError
from pydantic_core import CoreSchema, InitErrorDetails, core_schema
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from nova_drf.core.carried_errors import carry
from nova_drf.core.core_schema import METADATA_KEY, Core
from nova_drf.core.instances import construct
from nova_drf.core.markers import UNSET
from nova_drf.mapping.from_pydantic import shape_of
from nova_drf.mapping.schema_values import schema_value
from nova_drf.mapping.shape import FieldShape
from nova_drf.mapping.validated_data import source_attributes
from nova_drf.schemas.schema import Schema

if TYPE_CHECKING:
    from nova_drf.migration.convert.results import Conversion


_MARK = "nova_drf_validated_first"


class _Done:
    """A value that the serializer has validated already."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class ConvertedSchema(Schema):
    """A schema made from a serializer; ``__nova_conversion__`` remembers from which and how."""

    __nova_conversion__: ClassVar[Conversion]
    __nova_serializer_class__: ClassVar[Any]
    """Makes a serializer class for the schema: a subclass of the one it came from."""

    if TYPE_CHECKING:
        # The fields are known when the program runs.
        def __init__(self, **values: Any) -> None: ...
        def __getattr__(self, name: str) -> Any: ...

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        core = super().__get_pydantic_core_schema__(source, handler)
        conversion = getattr(cls, "__nova_conversion__", None)
        if conversion is None or conversion.is_exact or core["type"] == "definition-ref":
            return core
        if _MARK in (core.get("metadata") or {}):
            # Where a model is finished, Pydantic hands out what it made before.
            return core
        validated_first: CoreSchema = _validated_first(cls, core)
        return validated_first


def conversion_of(schema: type) -> Conversion | None:
    """Return from what a schema was converted; ``None`` for one that somebody wrote."""
    return vars(schema).get("__nova_conversion__")


def _validated_first(schema: type[ConvertedSchema], core: object) -> Any:
    """Let the serializer validate before Pydantic looks at the fields.

    Args:
        schema: The schema, or a subclass with more fields.
        core: Its core schema.
    """

    def first(data: Any, info: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return _by_serializer(schema, data, info.context or {})

    names = frozenset(member.attribute for member in schema.__nova_conversion__.members)
    return core_schema.with_info_before_validator_function(
        first, _accepting_done(core, names), metadata={_MARK: True}
    )


def _accepting_done(core: Core, names: frozenset[str]) -> Any:
    if core["type"] != "model-fields":
        return {**core, "schema": _accepting_done(core["schema"], names)}
    fields = {
        name: {**field, "schema": _or_done(field["schema"])} if name in names else field
        for name, field in core["fields"].items()
    }
    return {**core, "fields": fields}


def _or_done(node: Core) -> Core:
    if node["type"] == "default":
        return {**node, "schema": _or_done(node["schema"])}

    def either(value: Any, handler: Callable[[Any], object]) -> Any:
        return value.value if value.__class__ is _Done else handler(value)

    wrapped = dict(core_schema.no_info_wrap_validator_function(either, node))
    metadata = node.get("metadata") or {}
    if METADATA_KEY in metadata:
        wrapped["metadata"] = metadata
        wrapped["serialization"] = node.get("serialization")
    return wrapped


def _by_serializer(
    schema: type[ConvertedSchema], data: Mapping[str, Any], context: Mapping[str, Any]
) -> dict[str, Any]:
    """Validate with the serializer; return what Pydantic is to put into the schema."""
    around = context.get("serializer")
    serializer = schema.__nova_conversion__.serializer(
        data=data,
        partial=bool(around is not None and around.root.partial),
        context=dict(context) if around is None else around.context,
    )
    try:
        values = serializer.run_validation(data)
    except ValidationError as error:
        title = schema.__nova_conversion__.schema.__name__
        raise PydanticValidationError.from_exception_data(title, [*_lines(error.detail)]) from error
    done = _done(schema, data, values, of_request=around is not None)
    return {**_of_subclass(schema, data), **done}


def _of_subclass(schema: type[ConvertedSchema], data: Mapping[str, object]) -> dict[str, Any]:
    """Return what was sent for the fields that a subclass of the schema adds."""
    own = schema.__nova_conversion__.schema.model_fields
    added = (field for name, field in shape_of(schema).fields.items() if name not in own)
    keys = {str(path[0]) for field in added for path in field.input_paths}
    return {key: data[key] for key in keys if key in data}


def _done(
    schema: type[ConvertedSchema],
    data: Mapping[str, object],
    values: object,
    *,
    of_request: bool = False,
) -> dict[str, Any]:
    """Return the validated values by the keys in which Pydantic looks for them.

    Args:
        schema: The schema.
        data: The input, which holds the read-only values of a whole object.
        values: What the serializer made of it.
        of_request: Whether a client sent it, to whom read-only fields are not there: under their
            names there is not even an extra value.
    """
    done: dict[str, Any] = {}
    known: set[str] = set()
    for field in shape_of(schema.__nova_conversion__.schema).fields.values():
        name = field.input_name
        if field.read_only and not of_request:
            done[name] = data[name] if name in data else _Done(UNSET)
        elif not field.read_only:
            known.update(_top_keys(field))
            done[name] = _Done(typed_value(field, values))
    if isinstance(values, Mapping):
        done |= {key: value for key, value in values.items() if key not in known}
    return done


def _top_keys(field: FieldShape) -> Iterator[str]:
    """Yield the keys of ``validated_data`` into which a field's value goes."""
    if field.source != "*":
        yield source_attributes(field.source)[0]
    elif field.type.schema is not None:
        for inner in shape_of(field.type.schema).fields.values():
            yield from _top_keys(inner)


def instance_of(schema: type[ConvertedSchema], values: Mapping[str, object]) -> object:
    """Return an instance of a converted schema that holds a serializer's ``validated_data``.

    Args:
        schema: The schema.
        values: What the serializer validated; keys that no field has become extra attributes.
    """
    done = _done(schema, {}, values)
    fields = shape_of(schema).fields
    by_input_name = {field.input_name: name for name, field in fields.items()}
    known = {by_input_name[key]: done[key].value for key in done if key in by_input_name}
    instance = construct(schema, known)
    if schema.model_config.get("extra") == "allow":
        extra = {key: value for key, value in done.items() if key not in by_input_name}
        object.__setattr__(instance, "__pydantic_extra__", extra)
    return instance


def typed_value(field: FieldShape, values: object) -> object:
    """Return the value of a schema's attribute, taken from the serializer's ``validated_data``."""
    value = values
    for key in source_attributes(field.source):
        if not isinstance(value, Mapping) or key not in value:
            return UNSET
        value = value[key]
    convert = schema_value(field.type)
    return value if convert is None or value is None else convert(value)


def _lines(
    detail: Any, at: tuple[int | str, ...] = (), *, whole: bool = True
) -> Iterator[InitErrorDetails]:
    """Turn DRF's error tree into Pydantic's list of errors, each with its place and code.

    Args:
        detail: A node of the tree.
        at: Its place.
        whole: Whether it is about a payload as a whole.
    """
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            of_whole = key == api_settings.NON_FIELD_ERRORS_KEY
            yield from _lines(value, at if of_whole else (*at, key), whole=of_whole)
    elif not isinstance(detail, list):
        error = carry(ValidationError([detail]), whole=whole)
        yield InitErrorDetails(type=error, loc=at, input=None)
    elif any(isinstance(item, (Mapping, list)) for item in detail):
        for index, item in enumerate(detail):
            yield from _lines(item, (*at, index), whole=False)
    else:
        for item in detail:
            yield from _lines(item, at, whole=whole)
