"""Pydantic's own printing, in which each model decides whether it is printed by its aliases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from pydantic import BaseModel
from pydantic_core import SchemaSerializer

from nova_drf.core import compat
from nova_drf.core.core_schema import Core, models_in, nodes, rewrite, rewrite_children

Print = Callable[..., Any]
"""Prints a value as Pydantic's JSON mode does; it takes the options of ``to_python()``."""

_WITH_CONFIG = frozenset(("model", "typed-dict", "dataclass"))
_WITH_FIELDS = frozenset(("model-fields", "typed-dict", "dataclass-args"))


def prints_aliases(config: Mapping[str, Any]) -> bool:
    """Whether a model is printed by its aliases: unless it says that it is not.

    Args:
        config: Its configuration.
    """
    return config.get("serialize_by_alias") is not False


@cache
def model_printer(model: type[BaseModel]) -> Print:
    """Return what prints the instances of a model.

    Args:
        model: A complete model.
    """
    return printer(model.__pydantic_core_schema__, model.__pydantic_serializer__)


def printer(core: Core, serializer: SchemaSerializer | None = None) -> Print:
    """Return what prints the values of a core schema.

    To Pydantic, ``by_alias`` is one answer for all that is printed. So where the models in the tree
    disagree, those that are printed by name lose their aliases.

    Args:
        core: The tree.
        serializer: What is compiled of it already.
    """
    answers = _answers_in(core)
    if len(answers) < 2:
        serializer = serializer or SchemaSerializer(core)
    else:
        core = rewrite(core, _without_aliases)
        serializer = compat.serializer_compiled_anew(core, models_in(core))
    return partial(serializer.to_python, mode="json", by_alias=True in answers, warnings=False)


def _answers_in(core: Core) -> set[bool]:
    """Return what the models, dataclasses and typed dictionaries of a tree say of aliases."""
    configs = (node.get("config") or {} for node in nodes(core) if node["type"] in _WITH_CONFIG)
    return set(map(prints_aliases, configs)) or {True}


def _without_aliases(node: Core) -> Core | None:
    """Take the aliases from a model that is printed by name."""
    is_model = node["type"] in _WITH_CONFIG
    if not is_model or prints_aliases(node.get("config") or {}):
        return None
    return rewrite_children(_nameless(node), _in_nameless)


def _in_nameless(node: Core) -> Core | None:
    if node["type"] in _WITH_CONFIG:
        # Another one, which says for itself.
        return rewrite(node, _without_aliases)
    if node["type"] in _WITH_FIELDS:
        return rewrite_children(_nameless(node), _in_nameless)
    return None


def _nameless(node: Core) -> Core:
    """Return a node whose own fields have no names for printing but their own."""
    if node["type"] not in _WITH_FIELDS:
        return node
    fields = node["fields"]
    if isinstance(fields, dict):
        fields = {name: _unnamed(field, "serialization_alias") for name, field in fields.items()}
    else:
        fields = [_unnamed(field, "serialization_alias") for field in fields]
    computed = [_unnamed(field, "alias") for field in node.get("computed_fields", ())]
    return {**node, "fields": fields, **({"computed_fields": computed} if computed else {})}


def _unnamed(field: Core, key: str) -> Core:
    return {name: value for name, value in field.items() if name != key}
