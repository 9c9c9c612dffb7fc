"""``extra="allow"``: values that a schema keeps, and that are never written.

A client may send anything as an extra value. None of it takes the place of a field's value, not
even of one that the client may not send. ``validated_data``, which code passes on to
``create(**...)``, has none of it, but for what is inside of a value that one column of
``Meta.model`` stores.
"""

from __future__ import annotations

from typing import Any

from pydantic_core import core_schema

from nova_drf.core.core_schema import METADATA_KEY, Core, definitions_of, nodes
from nova_drf.mapping.from_pydantic import core_of
from nova_drf.mapping.shape import Kind, Shape, TypeShape


def without_taken(node: Core, shape: Shape) -> Core:
    """Return a ``model-fields`` node that passes over extra values under the keys of fields.

    Args:
        node: The node.
        shape: The model; its fields are those of the request.
    """
    if "__nova_conversion__" in vars(shape.schema):
        # What is extra there, hooks of the serializer have made.
        return node
    taken = shape.taken

    def prune(output: Any) -> object:
        values, extra, sent = output
        for key in taken & extra.keys() if extra else ():
            del extra[key]
            sent.discard(key)
        return values, extra, sent

    return dict(core_schema.no_info_after_validator_function(prune, node))


def allows_extra(shape: Shape) -> bool:
    """Whether the schema of a request, or one inside it, keeps extra values."""
    if shape.allows_extra:
        return True
    root, definitions = definitions_of(core_of(shape.schema))
    return any(
        node["type"] == "model" and node["cls"].model_config.get("extra") == "allow"
        for part in (root, *definitions.values())
        for node in nodes(part, _is_scalar)
    )


def _is_scalar(node: Core) -> bool:
    type_: TypeShape | None = (node.get("metadata") or {}).get(METADATA_KEY)
    return type_ is not None and type_.kind is Kind.SCALAR
