"""Types that only Pydantic knows: its JSON schema, without the parts that we document ourselves.

Models, choices and the values of a :class:`~nova_drf.Schema` are left out of what Pydantic
generates and filled in afterwards, so that they look the same here as anywhere else. What Pydantic
calls a definition (a dataclass, a ``TypedDict``, a recursive alias, ...) becomes a component.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentIdentity, ResolvedComponent, safe_ref
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import Direction
from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import PydanticOmit, core_schema

from nova_drf.core.core_schema import (
    METADATA_KEY,
    Core,
    definitions_of,
    has_own_serializer,
    resolve,
)
from nova_drf.mapping.from_pydantic import core_of
from nova_drf.mapping.registry import registry
from nova_drf.mapping.shape import Kind, TypeShape
from nova_drf.openapi.components import DIRECTIONS, directions_differ
from nova_drf.openapi.dialect import JSONSchema, for_version
from nova_drf.openapi.naming import Claim, claimed_name, legal_name

Fill = Callable[[AutoSchema, TypeShape, Direction], JSONSchema]
"""Returns the schema of a part that was left out."""

_DATA = frozenset(("const", "default", "enum", "example", "examples"))
_NAMED = frozenset(("patternProperties", "properties"))
_LEFT_OUT = "x-nova-left-out"
_ORIGIN = "x-nova-origin"
_DEFINITION = "#/$defs/"


def pydantic_schema(
    auto_schema: AutoSchema, type_: TypeShape, direction: Direction, fill: Fill
) -> JSONSchema:
    """Return the OpenAPI schema of a value as Pydantic describes it.

    Args:
        auto_schema: drf-spectacular's inspector; definitions become components of its document.
        type_: What the value is.
        direction: ``"request"``: what is accepted; ``"response"``: what is sent.
        fill: Returns the schema of a part that was left out.
    """
    core: Any = type_.core
    if type_.definitions:
        definitions = list(type_.definitions.values())
        core = {"type": "definitions", "schema": core, "definitions": definitions}
    generator = _Generator()
    try:
        generated = generator.generate(core, mode=_mode(direction))
    except PydanticOmit:
        return {}  # The author left out a part of it: ``WithJsonSchema(None)``.
    except PydanticInvalidForJsonSchema as error:
        warn(
            f"could not describe a value in JSON Schema because Pydantic cannot ({error.message}). "
            "Consider WithJsonSchema(...) in the annotation. Defaulting to any value."
        )
        return {}
    for message in generator.messages:
        warn(message)

    def differs() -> bool:
        describe = partial(pydantic_schema, auto_schema, type_, fill=fill)
        request, response = (partial(describe, direction=each) for each in DIRECTIONS)
        return directions_differ(auto_schema, id(type_.core), request, response)

    document = _Document(auto_schema, direction, fill, generator.left_out, differs)
    return document.finished(generated)


def own_return_schema(node: Core) -> Core | None:
    """Return what a user's serializer says that it returns, if there is one that says so."""
    if not has_own_serializer(node):
        return None
    serialization: Core = node["serialization"]
    return serialization.get("return_schema")


def printing_node(model: type[BaseModel]) -> tuple[Core | None, Mapping[str, Core]]:
    """Return where a model's own serializer says what it returns, and the model's definitions.

    Args:
        model: A Pydantic model; without such a serializer there is no node.
    """
    root, definitions = definitions_of(core_of(model))
    node = resolve(root, definitions)
    while own_return_schema(node) is None:
        if node["type"] == "model":
            return None, definitions
        node = node["schema"]
    return node, definitions


def is_choice(core: Core) -> bool:
    """Whether a value is one of several, which DRF documents as ``ChoiceField``."""
    return core.get("type") in ("enum", "literal") and registry.for_core(core) is not None


def choice_shape(core: Core) -> TypeShape:
    """Describe a value that is one of several."""
    mapping = registry.for_core(core)
    assert mapping is not None  # noqa: S101  # for type checkers
    return TypeShape(Kind.SCALAR, core, mapping=mapping, options=mapping.options(core))


def _mode(direction: Direction) -> JsonSchemaMode:
    return "validation" if direction == "request" else "serialization"


class _Generator(GenerateJsonSchema):
    """Generates JSON Schema with marks in place of what is filled in later."""

    def __init__(self) -> None:
        super().__init__()
        self.left_out: list[TypeShape] = []
        self.messages: list[str] = []
        self._places: dict[Any, int] = {}

    def _leave_out(self, key: object, shape: TypeShape) -> JSONSchema:
        if key not in self._places:
            self._places[key] = len(self.left_out)
            self.left_out.append(shape)
        return {_LEFT_OUT: self._places[key]}

    def generate_inner(self, schema: Any) -> JSONSchema:
        shape = (schema.get("metadata") or {}).get(METADATA_KEY)
        prints_itself = self.mode == "serialization" and own_return_schema(schema)
        if shape is not None and not prints_itself:
            return self._leave_out(id(shape), shape)
        if prints_itself and schema["type"] == "model" and not schema.get("root_model"):
            return self.model_schema(schema)
        schema = _with_reference(schema)
        generated = super().generate_inner(schema)
        if "ref" in schema:
            self._note_origin(schema["ref"])
        return generated

    def _note_origin(self, reference: Any) -> None:
        name, _ = self.get_cache_defs_ref_schema(reference)
        if name in self.definitions:
            self.definitions[name][_ORIGIN] = reference

    def model_schema(self, schema: core_schema.ModelSchema) -> JSONSchema:
        if schema.get("root_model"):
            return super().model_schema(schema)
        cls: type[BaseModel] = schema["cls"]
        return self._leave_out(cls, TypeShape(Kind.SCHEMA, dict(schema), schema=cls))

    def chain_schema(self, schema: core_schema.ChainSchema) -> JSONSchema:
        steps: list[Core] = [dict(step) for step in schema["steps"]]
        if METADATA_KEY in (steps[0].get("metadata") or {}) and steps[-1]["type"] == "any":
            # The second step only hides from a union how exact the first one is.
            return self.generate_inner(steps[0])
        return super().chain_schema(schema)

    def enum_schema(self, schema: core_schema.EnumSchema) -> JSONSchema:
        core = dict(schema)
        if not is_choice(core):
            return _not_for_sorting(super().enum_schema(schema))
        return self._leave_out(schema["cls"], choice_shape(core))

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JSONSchema:
        core = dict(schema)
        if not is_choice(core):
            return _not_for_sorting(super().literal_schema(schema))
        return self._leave_out(repr(schema["expected"]), choice_shape(core))

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JSONSchema:
        generated = super().tagged_union_schema(schema)
        if "discriminator" not in generated:
            # With an alias, Pydantic looks for it in the members, which are left out here.
            alias = _alias_of(schema["discriminator"])
            mapping = {str(getattr(tag, "value", tag)): tag for tag in schema["choices"]}
            if alias is not None:
                members = {
                    label: self.generate_inner(schema["choices"][tag])
                    for label, tag in mapping.items()
                }
                generated["discriminator"] = {"propertyName": alias, "mapping": members}
        return generated

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def emit_warning(self, kind: Any, detail: str) -> None:
        message = self.render_warning_message(kind, detail)
        if message is not None:
            self.messages.append(message)


def _not_for_sorting(schema: JSONSchema) -> JSONSchema:
    """Hide values of several types from drf-spectacular, which would sort them."""
    types = {type(value) for value in schema.get("enum", ()) if value is not None}
    return {"anyOf": [schema]} if len(types) > 1 else schema


def _alias_of(discriminator: object) -> str | None:
    """Return the last name under which Pydantic looks for a tag: the alias, not the attribute."""
    if not isinstance(discriminator, list):
        return None
    names = [path[0] for path in discriminator if isinstance(path, list) and len(path) == 1]
    return names[-1] if names and isinstance(names[-1], str) else None


class _Document:
    """Fills in what a generator left out, and makes components of definitions.

    Args:
        auto_schema: drf-spectacular's inspector.
        direction: The direction in which it was generated.
        fill: Returns the schema of a part that was left out.
        left_out: The parts.
        directions_differ: Whether the other direction has another schema.
    """

    def __init__(
        self,
        auto_schema: AutoSchema,
        direction: Direction,
        fill: Fill,
        left_out: list[TypeShape],
        directions_differ: Callable[[], bool],
    ) -> None:
        self._auto_schema = auto_schema
        self._direction: Direction = direction
        self._fill = fill
        self._left_out = left_out
        self._directions_differ = directions_differ
        self._definitions: dict[str, JSONSchema] = {}

    def finished(self, generated: JSONSchema) -> JSONSchema:
        """Return what was generated, complete and in the words of the OpenAPI version."""
        self._definitions = generated.pop("$defs", {})
        if _ORIGIN in generated:
            return self._component(generated)
        return dict(self._filled(generated))

    def _filled(self, value: object) -> Any:
        return for_version(self._walk(value))

    def _walk(self, value: object) -> Any:
        if isinstance(value, list):
            return [self._walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        rest = {
            key: self._behind(key, item)
            for key, item in value.items()
            if key not in (_LEFT_OUT, _ORIGIN, "$ref", "discriminator")
        }
        if "discriminator" in value:
            rest["discriminator"] = self._discriminator(value["discriminator"])
        if _LEFT_OUT in value:
            return self._part(self._left_out[value[_LEFT_OUT]], rest)
        if _is_definition(value.get("$ref")):
            return safe_ref({**self._definition(value["$ref"]), **rest})
        return {**value, **rest} if "$ref" in value else rest

    def _behind(self, keyword: str, value: Any) -> object:
        """Walk on behind a keyword, past names that are the user's, and not into data."""
        if keyword in _DATA:
            return value
        if keyword in _NAMED:
            return {name: self._walk(schema) for name, schema in value.items()}
        return self._walk(value)

    def _part(self, part: TypeShape, more: JSONSchema) -> JSONSchema:
        if is_choice(part.core):
            # Pydantic adds the name and the text of the class, and drf-spectacular the choices.
            more = {key: more[key] for key in more if key not in ("title", "description")}
        schema = self._fill(self._auto_schema, part, self._direction)
        return dict(safe_ref({**schema, **more}))

    def _discriminator(self, discriminator: JSONSchema) -> JSONSchema:
        """Name the members by their components, as far as they have one."""
        members = {tag: self._member(each) for tag, each in discriminator["mapping"].items()}
        if not all(members.values()):
            return {"propertyName": discriminator["propertyName"]}
        return {"propertyName": discriminator["propertyName"], "mapping": members}

    def _member(self, member: object) -> object:
        if isinstance(member, str):
            member = {"$ref": member}
        return self._walk(member).get("$ref")

    def _definition(self, reference: str) -> JSONSchema:
        definition = self._definitions[reference.removeprefix(_DEFINITION)]
        if _LEFT_OUT in definition:
            return dict(self._walk({key: definition[key] for key in definition if key != _ORIGIN}))
        return self._component(definition)

    def _component(self, definition: JSONSchema) -> JSONSchema:
        """Return a reference to the component of a definition, which is made on first use."""
        name = self._name(definition[_ORIGIN])
        component = ResolvedComponent(
            name=name, type=ResolvedComponent.SCHEMA, object=ComponentIdentity(name)
        )
        if component not in self._auto_schema.registry:
            self._auto_schema.registry.register(component)
            component.schema = self._filled(_without_title(definition))
        return dict(component.ref)

    def _name(self, origin: str) -> str:
        path = _path_of(origin)
        wanted = legal_name(_short(path))
        of_request = self._direction == "request" and (
            spectacular_settings.COMPONENT_SPLIT_REQUEST or self._directions_differ()
        )
        claim = Claim(
            owner=(origin, of_request),
            wanted=f"{wanted}Request" if of_request else wanted,
            path=path,
            holder=origin,
            shares=lambda _holder: False,
        )
        return claimed_name(self._auto_schema, claim)


def _with_reference(core: Core) -> Core:
    """Make a definition of a class that lost its own when it was given DRF's semantics."""
    cls = core.get("cls")
    if core["type"] != "typed-dict" or "ref" in core or cls is None:
        return core
    return {**core, "ref": f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"}


def _is_definition(value: object) -> bool:
    return isinstance(value, str) and value.startswith(_DEFINITION)


def _path_of(reference: str) -> str:
    """Return the readable part of Pydantic's reference to a type: ``shop.Page:12[shop.Book:7]``."""
    return re.sub(r":\d+", "", reference)


def _short(path: str) -> str:
    return re.sub(r"(?:[\w<>]+\.)+", "", path)


def _without_title(definition: JSONSchema) -> JSONSchema:
    """Take away the title that is only the name of the type."""
    if definition.get("title") == _short(_path_of(definition[_ORIGIN])):
        return {key: value for key, value in definition.items() if key != "title"}
    return definition
