"""Walking and rewriting core schemas, the public data structure that Pydantic compiles.

A core schema is a tree of dictionaries (``pydantic_core.core_schema``). Rewriting one is how
:class:`~nova_drf.Schema` gets DRF's semantics and how a serializer gets its request variant:
validators, aliases, generics and forward references stay Pydantic's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pydantic
from pydantic_core import PydanticCustomError, SchemaSerializer, SchemaValidator, core_schema

from nova_drf.core import compat
from nova_drf.core.ownership import Owner, is_written_in, owner_of

Core: TypeAlias = Any
"""One node: a dictionary with a ``type``. To a type checker it is ``Any``, since
``pydantic_core.CoreSchema`` is a union of sixty TypedDicts that no rewriting can keep apart."""

_WITH_ONE_NODE = frozenset(
    (
        "schema",
        "items_schema",
        "keys_schema",
        "values_schema",
        "lax_schema",
        "strict_schema",
        "json_schema",
        "python_schema",
        "extras_schema",
    )
)
_WITH_NODES = frozenset(("items_schema", "steps", "definitions"))


def nodes(core: Core, stops_at: Callable[[Core], bool] | None = None) -> Iterator[Core]:
    """Yield each node of a tree, outermost first.

    Args:
        core: The tree.
        stops_at: Whether what is below a node is left out.
    """
    yield core
    if stops_at is None or not stops_at(core):
        for child in _children(core):
            yield from nodes(child, stops_at)


def _children(node: Core) -> Iterator[Core]:
    for key, value in node.items():
        if key in _WITH_ONE_NODE and isinstance(value, dict):
            yield value
        elif key in _WITH_NODES and isinstance(value, list):
            yield from value
        elif key == "fields":
            # The arguments of a dataclass are nodes, the names of its fields are not.
            parts = value.values() if isinstance(value, dict) else value
            yield from (part for part in parts if isinstance(part, dict))
        elif key == "choices":
            choices = value.values() if isinstance(value, dict) else value
            yield from (choice[0] if isinstance(choice, tuple) else choice for choice in choices)
        elif key == "arguments_schema":
            # The node that holds the arguments of a call, or their list in it.
            yield from [value] if isinstance(value, dict) else (part["schema"] for part in value)


def rewrite(node: Core, visit: Callable[[Core], Core | None]) -> Core:
    """Return a copy of the tree in which ``visit`` replaced what it wanted to.

    Args:
        node: The tree; it is not changed.
        visit: Called with each node, outermost first. A node that it returns is taken as it is;
            for ``None`` the walk goes on with the node's children.
    """
    replacement = visit(node)
    if replacement is not None:
        return replacement
    return rewrite_children(node, visit)


def rewrite_children(node: Core, visit: Callable[[Core], Core | None]) -> Core:
    """Like :func:`rewrite`, but without asking ``visit`` about ``node`` itself."""
    copy = dict(node)
    for key, value in node.items():
        if key in _WITH_ONE_NODE and isinstance(value, dict):
            copy[key] = rewrite(value, visit)
        elif key in _WITH_NODES and isinstance(value, list):
            copy[key] = [rewrite(item, visit) for item in value]
        elif key == "fields" and isinstance(value, dict):
            copy[key] = {name: rewrite(item, visit) for name, item in value.items()}
        elif key == "fields" and isinstance(value, list):
            # The arguments of a dataclass are nodes, the names of its fields are not.
            copy[key] = [rewrite(item, visit) if isinstance(item, dict) else item for item in value]
        elif key == "choices":
            copy[key] = _rewrite_choices(value, visit)
        elif key == "arguments_schema":
            copy[key] = _rewrite_arguments(value, visit)
    return copy


def _rewrite_choices(choices: Any, visit: Callable[[Core], Core | None]) -> object:
    """Rewrite the choices of a union (a list) or of a tagged union (a dictionary by tag)."""
    if isinstance(choices, dict):
        return {tag: rewrite(choice, visit) for tag, choice in choices.items()}
    return [
        (rewrite(choice[0], visit), choice[1])
        if isinstance(choice, tuple)
        else rewrite(choice, visit)
        for choice in choices
    ]


def _rewrite_arguments(arguments: Any, visit: Callable[[Core], Core | None]) -> object:
    """Rewrite the arguments of a call: the node that holds them, or their list in it."""
    if isinstance(arguments, dict):
        return rewrite(arguments, visit)
    return [{**argument, "schema": rewrite(argument["schema"], visit)} for argument in arguments]


METADATA_KEY = "nova_drf"
"""Where a node that nova_drf made keeps its :class:`~nova_drf.mapping.shape.TypeShape`."""

ABSENCE_KEY = "nova_drf_absence"
"""What marks the function that lets a read-only field be left out; it says nothing of the type."""

LIMITS_KEY = "nova_drf_limits"
"""Where a collection keeps how many items it takes, once a function of ours counts them."""

WRAPPERS = frozenset(("function-before", "function-after", "function-wrap"))
"""Nodes that run a user's function around another node."""


def is_absence(node: Core) -> bool:
    """Whether a node is there to let a read-only field be left out."""
    return ABSENCE_KEY in (node.get("metadata") or {})


def not_taken() -> PydanticCustomError:
    """Return what a function of a fast validator raises, to leave a value to DRF's field.

    Of a ``ValueError`` Pydantic would keep the frames, for each value of a long list.
    """
    return PydanticCustomError("not_taken", "DRF's field has to look at it")


def union_choices(node: Core) -> Iterator[Core]:
    """Yield the choices of a union without their labels."""
    for choice in node["choices"]:
        yield choice[0] if isinstance(choice, tuple) else choice


def definitions_of(node: Core) -> tuple[Core, Mapping[str, Core]]:
    """Split a compiled model's tree into its root and its definitions by reference."""
    if node["type"] != "definitions":
        return node, {}
    return node["schema"], {item["ref"]: item for item in node["definitions"]}


def resolve(node: Core, definitions: Mapping[str, Core]) -> Core:
    """Follow references until a real node is reached."""
    while node["type"] == "definition-ref":
        node = definitions[node["schema_ref"]]
    return node


def model_node(node: Core) -> Core:
    """Return the ``model`` node below the model's own validators (before, after, wrap)."""
    while node["type"] != "model":
        node = node["schema"]
    return node


def members_node(model: Core) -> Core:
    """Return the ``model-fields`` node of a ``model`` node, below its "before" validators."""
    node = model["schema"]
    while node["type"] != "model-fields":
        node = node["schema"]
    return node


def closed(core: Core, definitions: Mapping[str, Core]) -> Core:
    """Return a part of a tree together with the definitions that it refers to.

    Args:
        core: The part.
        definitions: All definitions of the tree, by reference.

    Raises:
        LookupError: The model is not complete yet, and a definition is not there.
    """
    needed: dict[str, Core] = {}
    remaining = [core]
    while remaining:
        for node in nodes(remaining.pop()):
            reference = node.get("schema_ref")
            if node["type"] == "definition-ref" and reference not in needed:
                needed[reference] = definitions[reference]
                remaining.append(needed[reference])
    if not needed:
        return core
    if core.get("ref") in needed:
        core = {"type": "definition-ref", "schema_ref": core["ref"]}
    return {"type": "definitions", "schema": core, "definitions": list(needed.values())}


def replace_innermost(
    node: Core, stop: frozenset[str], replacement: Callable[[Core], Core]
) -> Core:
    """Replace the first node, seen from outside, whose type is not in ``stop``."""
    if node["type"] in stop:
        return {**node, "schema": replace_innermost(node["schema"], stop, replacement)}
    return replacement(node)


def has_own_serializer(node: Core) -> bool:
    """Whether a user said how a value is printed; Pydantic says it of some types itself."""
    function = (node.get("serialization") or {}).get("function")
    if function is None or owner_of(function) is Owner.NOVA:
        return False
    return not is_written_in(function, pydantic)


def column_printer(core: Core) -> Callable[[Sequence[object]], list[Any]]:
    """Return what prints many values of one type at once, in Pydantic's JSON mode.

    Args:
        core: The core schema of one value.
    """
    to_python = SchemaSerializer(core_schema.list_schema(core)).to_python
    return lambda values: to_python(list(values), mode="json", warnings=False)


def compiled(core: Core) -> SchemaValidator:
    """Compile a rewritten core schema, the models in it included.

    For a node that names a complete model, pydantic-core would take the validator that the class
    has already, and so undo the rewriting; see :func:`nova_drf.core.compat.compiled_anew`.

    Args:
        core: The rewritten tree.
    """
    if not compat.factories_wait():
        core = rewrite(core, _with_patient_factories)
    return compat.compiled_anew(core, models_in(core))


def models_in(core: Core) -> Iterator[type[Any]]:
    """Yield the models, and the dataclasses, that a tree has nodes of."""
    return (node["cls"] for node in nodes(core) if node["type"] in ("model", "dataclass"))


def _with_patient_factories(node: Core) -> Core | None:
    if node["type"] != "model-fields":
        return None
    copy = rewrite_children(node, _with_patient_factories)
    names: list[str] = []
    for name, field in copy["fields"].items():
        default = field["schema"]
        if default["type"] == "default" and default.get("default_factory_takes_data"):
            factory = compat.patient_factory(default["default_factory"], frozenset(names))
            copy["fields"][name] = {**field, "schema": {**default, "default_factory": factory}}
        names.append(name)
    return copy
