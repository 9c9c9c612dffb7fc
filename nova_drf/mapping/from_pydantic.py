"""From Pydantic to the neutral description: what each core schema and field info mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Annotated, Any, get_args, get_origin
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict, create_model
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic.fields import ComputedFieldInfo, FieldInfo
from pydantic_core import PydanticUndefined
from rest_framework.fields import Field

from nova_drf.core.compat import COMPILING
from nova_drf.core.core_schema import (
    METADATA_KEY,
    WRAPPERS,
    Core,
    definitions_of,
    has_own_serializer,
    members_node,
    model_node,
    resolve,
    rewrite,
)
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.markers import UNSET, Direction, Presence, Source
from nova_drf.mapping.from_core_schema import TRANSPARENT, is_schema, type_shape
from nova_drf.mapping.input_paths import input_paths, output_name
from nova_drf.mapping.model_config import configured
from nova_drf.mapping.registry import registry
from nova_drf.mapping.shape import MISSING, FieldShape, Shape, TypeShape

_AROUND_VALUES = frozenset(("nullable", *TRANSPARENT, *WRAPPERS))


@cache
def shape_of(schema: type[BaseModel]) -> Shape:
    """Describe a Pydantic model; worked out once for each class.

    Raises:
        SchemaDefinitionError: A forward reference of the model cannot be resolved.
    """
    root, definitions = definitions_of(core_of(schema))

    def resolver(node: Core) -> Core:
        return resolve(node, definitions)

    outer = resolver(root)
    model = model_node(outer)
    describe = partial(
        type_shape,
        resolve=resolver,
        has_drf_semantics=is_schema(schema),
        definitions=definitions,
    )
    if model.get("root_model"):
        raise SchemaDefinitionError(
            f"{schema.__qualname__}: a RootModel has no fields, so it cannot be a serializer's "
            "schema. Make it a field of one, or use many=True for a list."
        )
    members, config = members_node(model), model.get("config") or {}
    fields: dict[str, FieldShape] = {}
    aliases: set[str] = set()
    for name, node in members["fields"].items():
        value = configured(node["schema"], config)
        _refuse_serializers(value, f"{schema.__qualname__}.{name}")
        type_ = describe(value)
        fields[name] = _field_shape(schema, name, node, type_, config)
        aliases.update(_aliases(node))
    for node in members.get("computed_fields") or ():
        type_ = describe(node["return_schema"])
        fields[node["property_name"]] = _computed_shape(schema, node, type_, config)
    extras = members.get("extras_schema")
    return Shape(
        schema=schema,
        fields=fields,
        has_drf_semantics=is_schema(schema),
        sees_payload=_has_before_validators(outer),
        validates_whole=_has_after_validators(outer),
        serializes_itself=_serializes_itself(outer, members),
        extra=extras and describe(extras),
        taken=keys_of(fields.values()) | aliases,
    )


_held: WeakKeyDictionary[TypeShape, TypeShape | None] = WeakKeyDictionary()


def _refuse_serializers(value: Core, where: str) -> None:
    """Refuse an annotation that is one of DRF's classes: no value would ever be its instance.

    Raises:
        SchemaDefinitionError: It is, or has one in it.
    """

    def look(node: Core) -> None:
        named = node.get("cls") if node["type"] == "is-instance" else None
        if isinstance(named, type) and issubclass(named, Field):
            raise SchemaDefinitionError(
                f"{where}: {named.__name__} is a field of DRF's, and not the type of a value. "
                f"Name a schema, or write Annotated[..., UseField({named.__name__}(...))]."
            )

    rewrite(value, look)


def held_type(type_: TypeShape) -> TypeShape | None:
    """Describe the annotation of a field that DRF runs; ``None`` if it says nothing known.

    Args:
        type_: The field.
    """
    if type_.held is not None or type_.annotation in (None, Any):
        return type_.held
    if type_ not in _held:
        _held[type_] = type_of(type_.annotation)
    return _held[type_]


def type_of(annotation: Any) -> TypeShape | None:
    """Describe a type that stands alone, by Pydantic's rules; ``None`` if it cannot read it."""
    config = ConfigDict(arbitrary_types_allowed=True)
    try:
        model = create_model("Held", __config__=config, value=(annotation, ...))
        return shape_of(model).fields["value"].type
    except (PydanticUserError, SchemaDefinitionError):
        return None


def keys_of(fields: Iterable[FieldShape]) -> frozenset[str]:
    """Return the keys that belong to some fields: their names, and the attributes behind them."""
    keys: set[str] = set()
    for field in fields:
        keys.update((field.name, field.field_name, field.input_name))
        keys.add(field.source.partition(".")[0])
    return frozenset(keys)


def _aliases(node: Core) -> Iterator[str]:
    """Yield the keys in which Pydantic looks for a field's value, besides its name."""
    alias = node.get("validation_alias")
    if isinstance(alias, str):
        yield alias
    elif alias:
        paths = alias if isinstance(alias[0], list) else [alias]
        yield from (path[0] for path in paths if isinstance(path[0], str))


def core_of(schema: type[BaseModel]) -> Core:
    """Return a model's compiled core schema, resolving forward references that were left open.

    Raises:
        SchemaDefinitionError: A name in an annotation is not defined anywhere.
    """
    if not schema.__pydantic_complete__:
        with COMPILING:
            _complete(schema)
    return schema.__pydantic_core_schema__


def _complete(schema: type[BaseModel]) -> None:
    if schema.__pydantic_complete__:
        return  # Another thread has completed it, or it only looked unfinished.
    try:
        schema.model_rebuild()
    except PydanticUndefinedAnnotation as error:
        raise SchemaDefinitionError(
            f"{schema.__qualname__}: an annotation cannot be resolved ({error.message}). "
            "Define the class it names in the same module, or call model_rebuild() with it."
        ) from error


def _has_after_validators(node: Core) -> bool:
    while node["type"] != "model":
        if node["type"] in ("function-after", "function-wrap"):
            return True
        node = node["schema"]
    return bool(node.get("post_init"))


def _has_before_validators(node: Core) -> bool:
    """Whether a validator looks at what was sent, around the model or around its fields."""
    while node["type"] != "model-fields":
        if node["type"] in ("function-before", "function-wrap"):
            return True
        node = node["schema"]
    return False


def _serializes_itself(outer: Core, members: Core) -> bool:
    """Whether ``@model_serializer``, ``@field_serializer`` or ``PlainSerializer`` are in use."""
    if has_own_serializer(outer) or has_own_serializer(model_node(outer)):
        return True
    return any(
        _has_user_serializer(field["schema"]) for field in members["fields"].values()
    ) or any(
        _has_user_serializer(field["return_schema"])
        for field in members.get("computed_fields") or ()
    )


def _has_user_serializer(node: Core) -> bool:
    while True:
        if has_own_serializer(node):
            return True
        if METADATA_KEY in (node.get("metadata") or {}) or registry.for_core(node) is not None:
            return False
        if node["type"] not in _AROUND_VALUES:
            return False
        node = node["schema"]


def field_markers(info: FieldInfo) -> Iterator[object]:
    """Yield a field's annotations, also those inside an optional type."""
    yield from info.metadata
    for member in get_args(info.annotation):
        if get_origin(member) is Annotated:
            yield from get_args(member)[1:]


def is_absent_unless_given(info: FieldInfo) -> bool:
    """Whether an instance lacks the attribute of a read-only field that nobody gave.

    The value of one that is ``NotRequired`` as well is :data:`~nova_drf.UNSET`, as its type says.
    """
    markers = set(filter(_is_marker, field_markers(info)))
    return Direction.READ_ONLY in markers and Presence.NOT_REQUIRED not in markers


def _is_marker(annotation: object) -> bool:
    return isinstance(annotation, (Direction, Presence))


def _field_shape(
    schema: type[BaseModel],
    name: str,
    node: Core,
    type_: TypeShape,
    config: Mapping[str, object],
) -> FieldShape:
    info = schema.model_fields[name]
    markers = list(field_markers(info))
    source = next((marker.path for marker in markers if isinstance(marker, Source)), name)
    read_only = Direction.READ_ONLY in markers
    default = MISSING if info.default is PydanticUndefined else info.default
    factory = None if info.default_factory_takes_validated_data else info.default_factory
    if default is MISSING and factory is None and not info.is_required():
        default = UNSET
    if default is UNSET and is_absent_unless_given(info):
        default = MISSING  # It says only that a program need not give it.
    return FieldShape(
        name=name,
        field_name=output_name(name, node.get("serialization_alias"), config),
        input_paths=input_paths(name, node, config),
        source=source,
        type=type_,
        required=info.is_required() and not read_only,
        default=default,
        default_factory=factory,  # type: ignore[arg-type]  # without data or with it; see `takes_data`
        read_only=read_only,
        write_only=Direction.WRITE_ONLY in markers or bool(info.exclude),
        label=info.title,
        help_text=info.description,
    )


def _computed_shape(
    schema: type[BaseModel], node: Core, type_: TypeShape, config: Mapping[str, object]
) -> FieldShape:
    name = node["property_name"]
    info: ComputedFieldInfo = schema.model_computed_fields[name]
    return FieldShape(
        name=name,
        field_name=output_name(name, node.get("alias"), config),
        input_paths=((name,),),
        source=name,
        type=type_,
        required=False,
        read_only=True,
        label=info.title,
        help_text=info.description,
        computed=True,
    )
