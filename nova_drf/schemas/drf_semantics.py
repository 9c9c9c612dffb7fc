"""DRF's semantics as core schemas: what the fields of a :class:`~nova_drf.Schema` are made of.

The core schema that Pydantic generated for a model is rewritten, value by value, before it is
compiled. Validators, defaults, aliases and generics stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic_core import PydanticOmit, core_schema

from nova_drf.core.carried_errors import guarded
from nova_drf.core.core_schema import (
    ABSENCE_KEY,
    METADATA_KEY,
    WRAPPERS,
    Core,
    is_absence,
    rewrite,
    rewrite_children,
    union_choices,
)
from nova_drf.core.markers import UNSET
from nova_drf.mapping.from_core_schema import Resolve, null_apart, type_shape
from nova_drf.mapping.from_pydantic import is_absent_unless_given
from nova_drf.mapping.model_config import configured, is_any_sequence, is_json_value
from nova_drf.mapping.registry import registry
from nova_drf.mapping.schema_values import leniently, schema_value
from nova_drf.mapping.shape import Kind, TypeShape
from nova_drf.schemas.fast_and_exact import (
    collection_core,
    container_core,
    printer,
    scalar_core,
)
from nova_drf.schemas.unions import union_core

_BEFORE = f"{METADATA_KEY}_before"
"""Where a node that was rewritten, and is walked again, keeps what it was made from."""


def with_drf_semantics(node: Core, resolve: Resolve) -> Core:
    """Give the fields of a model DRF's semantics, below the validators of the model as a whole.

    Args:
        node: The model's core schema.
        resolve: Follows a reference to the node that it names.
    """
    if node["type"] != "model":
        return {**node, "schema": with_drf_semantics(node["schema"], resolve)}
    fields = node["cls"].model_fields.items()
    absent = frozenset(name for name, info in fields if is_absent_unless_given(info))
    rewriting = _Rewriting(resolve, node.get("config") or {}, absent)
    members = rewriting.members(node["schema"])
    return {**_without_unset(members), **node, "schema": members}


def _without_unset(members: Core) -> Core:
    """Keep what a client left out of ``model_dump()``, so that it can be validated again."""
    while members["type"] in WRAPPERS:
        members = members["schema"]
    keys = {
        name: {name, field.get("serialization_alias") or name}
        for name, field in members.get("fields", {}).items()
        if field["schema"].get("default") is UNSET
    }
    if not keys:
        return {}

    def dumped(model: object, handler: Callable[[Any], Any]) -> Any:
        values = handler(model)
        for name, names in keys.items():
            if model.__dict__.get(name) is UNSET:
                for key in names & values.keys():
                    del values[key]
        return values

    return {"serialization": core_schema.wrap_serializer_function_ser_schema(dumped)}


def without_drf_semantics(node: Core) -> Core | None:
    """Undo the rewriting, for tools that read a schema rather than run it."""
    if is_absence(node.get("schema") or {}):
        return rewrite(node["schema"]["schema"], without_drf_semantics)
    metadata = node.get("metadata") or {}
    shape = metadata.get(METADATA_KEY)
    core = metadata.get(_BEFORE) if shape is None else shape.core
    if core:
        return rewrite_children(core, without_drf_semantics)
    if node["type"] == "default" and node.get("default") is UNSET:
        # The field may be absent, and there is no value that it then has.
        absent = {name: value for name, value in node.items() if name != "default"}
        return rewrite_children({**absent, "default_factory": _unset}, without_drf_semantics)
    return None


def _unset() -> object:
    return UNSET


def guarded_node(core: Core, *, whole: bool = False) -> Core:
    """Let the function of a validator node raise DRF's and Django's ``ValidationError``."""
    function = core["function"]
    return {
        **core,
        "function": {**function, "function": guarded(function["function"], whole=whole)},
    }


class _Rewriting:
    """Rewrites the values of one model.

    Args:
        resolve: Follows a reference to the node that it names.
        config: The model's configuration.
        absent: The names of its fields that an instance may lack.
        within: The references that were replaced by what they name, around this value.
    """

    def __init__(
        self,
        resolve: Resolve,
        config: Mapping[str, Any],
        absent: frozenset[str] = frozenset(),
        within: frozenset[str] = frozenset(),
    ) -> None:
        self.resolve = resolve
        self.config = config
        self.absent = absent
        self.within = within

    def members(self, node: Core) -> Core:
        """Rewrite a ``model-fields`` node, or the root of a root model."""
        if node["type"] in WRAPPERS:
            return {**node, "schema": self.members(node["schema"])}
        if node["type"] != "model-fields":
            return self.field(node)
        copy = {
            **node,
            "fields": {
                name: {**field, "schema": self.member(name, field["schema"])}
                for name, field in node["fields"].items()
            },
            "computed_fields": [
                {**field, "return_schema": self.field(field["return_schema"])}
                for field in node.get("computed_fields") or ()
            ],
        }
        if node.get("extras_schema"):
            copy["extras_schema"] = self.field(node["extras_schema"])
        return copy

    def member(self, name: str, core: Core) -> Core:
        """Rewrite the value of one of the model's fields."""
        core = self.field(core)
        return may_be_absent(core) if name in self.absent else core

    def field(self, core: Core) -> Core:
        """Rewrite the value of one field."""
        return self.value(configured(core, self.config))

    def value(self, core: Core, *, nullable: bool = False) -> Core:
        """Rewrite one value; validators around it stay where they are.

        Args:
            core: As Pydantic generated it.
            nullable: Whether ``None`` is taken before this node is reached.
        """
        if METADATA_KEY in (core.get("metadata") or {}):
            return core
        if core["type"] == "definition-ref" and self._is_alias(core):
            return self.named(core, nullable=nullable)
        core = self.in_drfs_terms(core)
        if core["type"] == "nullable":
            return {**core, "schema": self.value(core["schema"], nullable=True)}
        if core["type"] == "default":
            return with_typed_default({**core, "schema": self.value(core["schema"])}, self.resolve)
        if core["type"] in WRAPPERS and registry.for_core(core) is None:
            inner = self.value(core["schema"], nullable=nullable)
            return guarded_node({**core, "schema": inner})
        shape = type_shape(core, self.resolve, has_drf_semantics=True)
        if nullable:
            shape = replace(shape, nullable=True)
        return self.described(core, shape)

    def described(self, core: Core, shape: TypeShape) -> Core:
        """Rewrite a value by what it is."""
        if shape.has_drf_semantics and shape.kind is Kind.SCALAR:
            return scalar_core(shape)
        if shape.is_drf_container:
            return container_core(shape)
        if core["type"] == "function-plain":
            return guarded_node(core)
        rewrite_parts = _BY_TYPE.get(core["type"])
        return core if rewrite_parts is None else rewrite_parts(self, core, shape)

    def _is_alias(self, core: Core) -> bool:
        """Whether a reference names a type, rather than a class that has a schema of its own.

        Inside of itself it does not count as one: there, a type keeps Pydantic's semantics.
        """
        node = self.resolve(core)
        while node["type"] in WRAPPERS:
            node = self.resolve(node["schema"])
        return node["type"] not in _HAVE_THEIR_OWN and core["schema_ref"] not in self.within

    def named(self, core: Core, *, nullable: bool) -> Core:
        """Rewrite a named type (``type Pair = tuple[int, int]``, a ``TypedDict``) where it is used.

        Others may refer to it too, and without DRF's semantics.
        """
        node = self.resolve(core)
        within = self.within | {core["schema_ref"]}
        alone = {name: value for name, value in node.items() if name != "ref"}
        inside = _Rewriting(self.resolve, self.config, within=within)
        rewritten = inside.value(alone, nullable=nullable)
        metadata = dict(rewritten.get("metadata") or {})
        if METADATA_KEY in metadata:
            metadata[METADATA_KEY] = replace(metadata[METADATA_KEY], core=node)
        return {**rewritten, "metadata": {_BEFORE: node, **metadata}}

    def in_drfs_terms(self, core: Core) -> Core:
        """Return what a type means in JSON, where it is only another word for it."""
        node = self.resolve(core)
        if node["type"] == "literal":
            return null_apart(node)
        if node["type"] == "generator":
            # A generator would find errors only when somebody iterates, long after is_valid().
            return {**node, "type": "list"}
        if node["type"] != "json-or-python":
            return core
        python = node["python_schema"]
        if is_json_value(node):
            return {"type": "any"}
        is_sequence = node["json_schema"]["type"] == "list" and python["type"] == "chain"
        if is_sequence or is_any_sequence(node):  # Sequence[T]
            return node["json_schema"]
        return core

    # Values that no single DRF field stands for

    def list_(self, core: Core, shape: TypeShape) -> Core:
        item = shape.item
        if core["type"] == "list" and item is not None and _is_nested(item):
            # A nested many=True: DRF takes only lists, and counts before it looks at the items.
            return {**core, "items_schema": self.value(core["items_schema"]), "strict": True}
        items = self.value(core.get("items_schema") or {"type": "any"})
        return collection_core(shape, {**core, "items_schema": items})

    def tuple_(self, core: Core, shape: TypeShape) -> Core:
        items = {**core, "items_schema": [self.value(item) for item in core["items_schema"]]}
        return collection_core(shape, items) if shape.kind is Kind.LIST else items

    def dict_(self, core: Core, shape: TypeShape) -> Core:
        values = self.value(core.get("values_schema") or {"type": "any"})
        return collection_core(shape, {**core, "values_schema": values})

    def typed_dict(self, core: Core, shape: TypeShape) -> Core:
        own = _Rewriting(self.resolve, core.get("config") or self.config, within=self.within)
        fields = {
            name: {**field, "schema": own.field(field["schema"])}
            for name, field in core["fields"].items()
        }
        return {**core, "fields": fields}

    def union(self, core: Core, shape: TypeShape) -> Core:
        by_fields = union_core(shape)
        if by_fields is not None:
            return by_fields
        choices = [rewrite(self.value(choice), _second_best) for choice in union_choices(core)]
        labelled = [(choice, str(at)) for at, choice in enumerate(choices)]
        # Every member prints anything that it is given; somebody has to pick the right one.
        serialization = core_schema.plain_serializer_function_ser_schema(
            printer(shape), when_used="json-unless-none"
        )
        return {"serialization": serialization, **core, "choices": labelled}

    def tagged_union(self, core: Core, shape: TypeShape) -> Core:
        choices = {tag: self.value(choice) for tag, choice in core["choices"].items()}
        return {**core, "choices": choices}


# Values that nobody gave


def may_be_absent(core: Core) -> Core:
    """Let a program leave out a read-only field, so that the instance lacks the attribute."""
    if core["type"] == "default" and core.get("default") is UNSET:
        core = core["schema"]
    if core["type"] == "default":
        return core
    node = core_schema.no_info_wrap_validator_function(
        _omit_unset, core, metadata={ABSENCE_KEY: True}
    )
    return dict(core_schema.with_default_schema(node, default=UNSET, validate_default=True))


def _omit_unset(value: object, handler: Callable[[Any], object]) -> object:
    if value is UNSET:
        raise PydanticOmit
    return handler(value)


def with_typed_default(core: Core, resolve: Resolve) -> Core:
    """Make a default what its annotation says: ``"a"`` the member of an enumeration."""
    default = core.get("default")
    if default is None or default is UNSET:
        return core
    convert = schema_value(type_shape(core["schema"], resolve, has_drf_semantics=True))
    return core if convert is None else {**core, "default": leniently(convert)(default)}


_UNDER_WAY = "definition-ref"
"""What a reference resolves to while the class that it names is still being made."""

_HAVE_THEIR_OWN = frozenset(("model", "dataclass", "call", "named-tuple", _UNDER_WAY))

_BY_TYPE: Mapping[str, Callable[[_Rewriting, Core, TypeShape], Core]] = {
    **dict.fromkeys(("list", "set", "frozenset", "deque"), _Rewriting.list_),
    **dict.fromkeys(("dict", "counter"), _Rewriting.dict_),
    "tuple": _Rewriting.tuple_,
    "typed-dict": _Rewriting.typed_dict,
    "union": _Rewriting.union,
    "tagged-union": _Rewriting.tagged_union,
}


def _is_nested(item: TypeShape) -> bool:
    return item.is_serializer or item.core.get("type") == _UNDER_WAY


def _second_best(node: Core) -> Core | None:
    """Make what runs in Python a worse match than a value that is of the right type as it is.

    Pydantic takes the member of a union that fits best: ``"5"`` is a text before it is a number.
    A function's result would count as a perfect fit; what passed an untyped step does not.
    """
    if node["type"] == "model":
        return node
    if node["type"] != "function-plain":
        return None
    return dict(core_schema.chain_schema([node, core_schema.any_schema()]))
