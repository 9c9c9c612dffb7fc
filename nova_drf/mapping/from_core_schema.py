"""From a core schema to the description of one value: what it is and how its parts nest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nova_drf.core.core_schema import (
    LIMITS_KEY,
    METADATA_KEY,
    WRAPPERS,
    Core,
    is_absence,
    union_choices,
)
from nova_drf.mapping import builtin as _builtin_rows  # noqa: F401  (registers the built-in rows)
from nova_drf.mapping.input_paths import input_paths
from nova_drf.mapping.registry import FieldMapping, registry
from nova_drf.mapping.shape import Kind, TypeShape

if TYPE_CHECKING:
    from pydantic import BaseModel

Resolve = Callable[[Core], Core]
"""Follows a reference to the node that it names."""

SETS = frozenset(("set", "frozenset"))
_STRICT = frozenset(("str", "int", "float", "bool"))
TRANSPARENT = frozenset(("default", "definitions"))
"""Nodes around a value that say nothing about what it is."""


def type_shape(
    core: Core,
    resolve: Resolve,
    *,
    has_drf_semantics: bool,
    definitions: Mapping[str, Core] | None = None,
) -> TypeShape:
    """Describe one value.

    Args:
        core: Its core schema.
        resolve: Follows a reference to the node that it names.
        has_drf_semantics: Whether the value belongs to a :class:`~nova_drf.Schema`.
        definitions: What references name, once the model is complete.
    """
    return _Describer(resolve, has_drf_semantics, definitions or {}).shape(core)


def is_schema(model: type[BaseModel]) -> bool:
    """Whether a model has DRF's semantics: whether it is a :class:`~nova_drf.Schema`."""
    return bool(getattr(model, "__nova_drf_semantics__", False))


def is_strict(core: Core) -> bool:
    """Whether a value was declared ``strict``, which DRF does not know.

    It concerns the types that JSON has. A ``strict`` date would refuse every text, and with it
    every request, so there it means no more than DRF's field does.
    """
    return bool(core.get("strict")) and core["type"] in _STRICT


def null_apart(core: Core) -> Core:
    """Return ``Literal["a", None]`` as what it means, ``Literal["a"] | None``; others unchanged."""
    if core["type"] != "literal" or None not in core["expected"]:
        return core
    rest = [value for value in core["expected"] if value is not None]
    return {"type": "nullable", "schema": {**core, "expected": rest}} if rest else core


def has_unconstrained_keys(core: Core) -> bool:
    """Whether a dictionary's keys are any text, as those of DRF's ``DictField`` are."""
    keys = core.get("keys_schema") or {"type": "any"}
    return keys["type"] == "any" or (keys["type"] == "str" and not keys.keys() - _UNCONSTRAINED)


_UNCONSTRAINED = {"type", "metadata"}


def lengths(core: Core) -> dict[str, Any]:
    """Return how many items a core schema demands and allows."""
    options: dict[str, Any] = {}
    if core.get("min_length"):
        options["min_length"] = core["min_length"]
    if core.get("max_length") is not None:
        options["max_length"] = core["max_length"]
    return options


class _Describer:
    """Describes the values of one model.

    Args:
        resolve: Follows references.
        has_drf_semantics: Whether the model is a :class:`~nova_drf.Schema`.
        definitions: What references name.
        within: The references around this value. A type that contains itself without a model in
            between ends there: inside, Pydantic alone knows it.
    """

    def __init__(
        self,
        resolve: Resolve,
        has_drf_semantics: bool,
        definitions: Mapping[str, Core],
        within: frozenset[str] = frozenset(),
    ) -> None:
        self.resolve = resolve
        self.has_drf_semantics = has_drf_semantics
        self.definitions = definitions
        self.within = within

    def inside(self, *references: str, has_drf_semantics: bool | None = None) -> _Describer:
        """Return the describer of a value's parts."""
        within = self.within | {*references}
        if has_drf_semantics is None:
            has_drf_semantics = self.has_drf_semantics
        return _Describer(self.resolve, has_drf_semantics, self.definitions, within)

    def shape(self, core: Core) -> TypeShape:
        """Describe a value or a part of it."""
        core = self.resolve(core)
        own_shape = (core.get("metadata") or {}).get(METADATA_KEY)
        if own_shape is not None:
            return own_shape  # type: ignore[no-any-return]  # a core schema holds it as data
        core = null_apart(core)
        mapping = registry.for_core(core)
        if mapping is not None:
            return self._scalar(core, mapping)
        if core["type"] in TRANSPARENT or is_absence(core):
            return self.shape(core["schema"])
        if core["type"] in WRAPPERS:
            return self._wrapped(core)
        describe = _DESCRIBE.get(core["type"])
        if describe is None or core.get("ref") in self.within:
            return self._of(Kind.PYDANTIC, core)
        return describe(self.inside(core["ref"]) if "ref" in core else self, core)

    def _wrapped(self, core: Core) -> TypeShape:
        """Describe what a function stands around: still that, unless it is printed otherwise."""
        inner = self.shape(core["schema"])
        options = (core.get("metadata") or {}).get(LIMITS_KEY) or inner.options
        inner = replace(inner, bare=False, options=options)
        return self._of(Kind.ROOT, core, item=inner) if "serialization" in core else inner

    def _of(self, kind: Kind, core: Core, **more: Any) -> TypeShape:
        return TypeShape(
            kind,
            core,
            has_drf_semantics=self.has_drf_semantics,
            definitions=self.definitions,
            **more,
        )

    def _scalar(self, core: Core, mapping: FieldMapping) -> TypeShape:
        return TypeShape(
            Kind.SCALAR,
            core,
            has_drf_semantics=self.has_drf_semantics and not is_strict(core),
            mapping=mapping,
            options=mapping.options(core),
            rest=mapping.remainder(core) is not None,
        )

    def nullable(self, core: Core) -> TypeShape:
        return replace(self.shape(core["schema"]), nullable=True)

    def list_(self, core: Core) -> TypeShape:
        items = core.get("items_schema") or {"type": "any"}
        item = self.shape(items[0] if isinstance(items, list) else items)
        # A set counts its items after equal ones have become one, which DRF's ListField cannot.
        options = {} if core["type"] in SETS else lengths(core)
        return self._of(Kind.LIST, core, item=item, options=options)

    def tuple_(self, core: Core) -> TypeShape:
        items = core["items_schema"]
        if core.get("variadic_item_index") == 0 and len(items) == 1:
            return self.list_(core)
        return self._record(core, {str(at): item for at, item in enumerate(items)})

    def dict_(self, core: Core) -> TypeShape:
        item = self.shape(core.get("values_schema") or {"type": "any"})
        limits = lengths(core)
        not_empty = limits == {"min_length": 1}
        return self._of(
            Kind.DICT,
            core,
            item=item,
            options={"allow_empty": False} if not_empty else {},
            rest=not has_unconstrained_keys(core) or bool(limits and not not_empty),
        )

    def model(self, core: Core) -> TypeShape:
        schema = core["cls"]
        if not core.get("root_model"):
            return self._of(Kind.SCHEMA, core, schema=schema)
        root = self.inside(has_drf_semantics=is_schema(schema)).shape(core["schema"])
        return self._of(Kind.ROOT, core, item=root)

    def transparent(self, core: Core) -> TypeShape:
        """Describe a type of Pydantic's that checks another one below it."""
        inner = core[_BELOW[core["type"]]]
        item = self.inside(has_drf_semantics=False).shape(
            inner[-1] if isinstance(inner, list) else inner
        )
        return self._of(Kind.ROOT, core, item=item)

    def union(self, core: Core) -> TypeShape:
        choices = {
            str(index): self.shape(choice) for index, choice in enumerate(union_choices(core))
        }
        return self._of(Kind.UNION, core, choices=choices)

    def tagged_union(self, core: Core) -> TypeShape:
        choices = {
            str(getattr(tag, "value", tag)): self.shape(choice)
            for tag, choice in core["choices"].items()
        }
        return self._of(Kind.TAGGED_UNION, core, choices=choices)

    def typed_dict(self, core: Core) -> TypeShape:
        return self._record_of_fields(core, core["fields"])

    def dataclass(self, core: Core) -> TypeShape:
        members = core["schema"]
        while members["type"] != "dataclass-args":
            members = members["schema"]
        fields = {field["name"]: field for field in members["fields"]}
        return self.inside(has_drf_semantics=False)._record_of_fields(core, fields)

    def named_tuple(self, core: Core) -> TypeShape:
        # Pydantic has a node of its own for it since 2.13; before, it was a function's call.
        arguments = core.get("fields") or core["arguments_schema"]["arguments_schema"]
        parts = {argument["name"]: argument["schema"] for argument in arguments}
        parts |= {str(at): argument["schema"] for at, argument in enumerate(arguments)}
        return self.inside(has_drf_semantics=False)._record(core, parts)

    def _record_of_fields(self, core: Core, fields: Mapping[str, Core]) -> TypeShape:
        config = core.get("config") or {}
        record = self._record(core, {name: field["schema"] for name, field in fields.items()})
        paths = {name: input_paths(name, field, config) for name, field in fields.items()}
        return replace(record, paths=paths)

    def _record(self, core: Core, parts: Mapping[str, Core]) -> TypeShape:
        choices = {key: self.shape(part) for key, part in parts.items()}
        return self._of(Kind.RECORD, core, choices=choices)


_BELOW: Mapping[str, str] = {
    "json": "schema",
    "custom-error": "schema",
    "lax-or-strict": "lax_schema",
    "json-or-python": "python_schema",
    "chain": "steps",
}
"""Where the node below such a type is; of several steps the last one says most."""


_DESCRIBE: Mapping[str, Callable[[_Describer, Core], TypeShape]] = {
    "nullable": _Describer.nullable,
    **dict.fromkeys(("list", "deque", "generator", *SETS), _Describer.list_),
    **dict.fromkeys(("dict", "counter"), _Describer.dict_),
    **dict.fromkeys(_BELOW, _Describer.transparent),
    "tuple": _Describer.tuple_,
    "model": _Describer.model,
    "union": _Describer.union,
    "tagged-union": _Describer.tagged_union,
    "typed-dict": _Describer.typed_dict,
    "dataclass": _Describer.dataclass,
    "call": _Describer.named_tuple,
    "named-tuple": _Describer.named_tuple,
}
