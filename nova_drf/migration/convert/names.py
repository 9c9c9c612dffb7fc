"""Attribute names for field names that Python or Pydantic will not have."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable, Mapping
from unicodedata import normalize

from pydantic import BaseModel

from nova_drf.schemas.schema import Schema

_PROTECTED = ("model_validate", "model_dump")
"""The beginnings of names that Pydantic warns about."""

_TAKEN = frozenset(name for name in (*dir(Schema), *dir(BaseModel)) if not name.startswith("__"))


def attribute_name(field_name: str, taken: Collection[str] = ()) -> str:
    """Return the attribute of a schema that holds a field of DRF's.

    It is the name itself wherever that can be an attribute of a Pydantic model. Otherwise it is
    as near as possible: ``@type`` becomes ``type``, ``_links`` ``links``, ``schema`` ``schema_``.

    Args:
        field_name: The name of the field, which is the key that clients send and get.
        taken: The attributes that are there already.
    """
    name = normalize("NFKC", field_name)
    if not name.isidentifier() or name.startswith("_"):
        name = re.sub(r"\W", "_", name).strip("_")
    if not name:
        name = "field"
    elif name[0].isdigit() or name.startswith(_PROTECTED):
        name = f"field_{name}"
    while name in taken or name in _TAKEN or keyword.iskeyword(name):
        name = f"{name}_"
    return name


def attribute_names(
    field_names: Iterable[str], reserved: Collection[str] = ()
) -> Mapping[str, str]:
    """Return the attributes of a schema for all fields of a serializer, by their names.

    Args:
        field_names: The names of the fields.
        reserved: Names that no attribute gets.
    """
    names = [*field_names]
    plain = {name for name in names if attribute_name(name, reserved) == name}
    attributes: dict[str, str] = {}
    for name in names:
        taken = {*plain, *attributes.values(), *reserved}
        attributes[name] = name if name in plain else attribute_name(name, taken)
    return attributes


def schema_name(serializer_name: str) -> str:
    """Return the name of a serializer's schema: ``BookSchema`` for ``BookSerializer``."""
    for ending in ("Serializer", "Serialiser"):
        if serializer_name.endswith(ending) and serializer_name != ending:
            return f"{serializer_name.removesuffix(ending)}Schema"
    return f"{serializer_name}Schema"
