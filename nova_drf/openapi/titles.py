"""The titles that Pydantic makes of names: drf-spectacular writes them beside parameters."""

from __future__ import annotations

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from nova_drf.openapi.dialect import JSONSchema


def add_titles(schema: JSONSchema, model: type[BaseModel]) -> None:
    """Add the titles that a model's own JSON schema has, where the author gave none.

    Args:
        schema: The schema of a request; it is changed.
        model: What it describes.
    """
    titles = _titles(model)
    for name, value in schema.get("properties", {}).items():
        if name in titles:
            value.setdefault("title", titles[name])


def _titles(model: type[BaseModel]) -> dict[str, str]:
    try:
        described = model.model_json_schema()
    except (PydanticInvalidForJsonSchema, PydanticUserError):
        return {}  # Pydantic cannot describe the model, so that there are no titles of its making.
    if "$ref" in described:  # A model that refers to itself is among its own definitions.
        described = described["$defs"][described["$ref"].rpartition("/")[2]]
    properties = described.get("properties", {})
    return {name: value["title"] for name, value in properties.items() if "title" in value}
