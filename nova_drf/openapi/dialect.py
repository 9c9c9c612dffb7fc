"""One JSON Schema, two OpenAPI versions: 3.1 takes it as it is, 3.0 has words of its own.

Pydantic writes JSON Schema 2020-12, which is what OpenAPI 3.1 embeds. For OpenAPI 3.0 the keywords
that it lacks are replaced by the nearest that it has; nothing becomes stricter by that.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from drf_spectacular.plumbing import append_meta
from drf_spectacular.settings import spectacular_settings

JSONSchema = dict[str, Any]

_ONE = frozenset(
    ("items", "additionalProperties", "contains", "not", "propertyNames", "contentSchema")
)
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_MAPS = frozenset(("properties", "patternProperties"))

NULL: JSONSchema = {"type": "null"}


def is_openapi_30() -> bool:
    """Whether the project documents itself in OpenAPI 3.0, drf-spectacular's default."""
    return str(spectacular_settings.OAS_VERSION).startswith("3.0")


def for_version(schema: Any) -> Any:
    """Return a JSON schema in the words of the OpenAPI version that the settings name.

    Args:
        schema: A schema, or ``True``/``False`` where JSON Schema takes those for one.
    """
    if not is_openapi_30():
        return schema
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return _in_words_of_30({key: _part(key, value) for key, value in schema.items()})


def _part(key: str, value: Any) -> object:
    """Translate what stands behind a keyword, unless it is data: a default, an example, ..."""
    if key == "additionalProperties" and isinstance(value, bool):
        return value
    if key in _ONE:
        return for_version(value)
    if key in _LISTS:
        return [for_version(member) for member in value]
    if key in _MAPS:
        return {name: for_version(member) for name, member in value.items()}
    return value


def _in_words_of_30(schema: JSONSchema) -> JSONSchema:
    for translate in _TRANSLATIONS:
        schema = translate(schema)
    return schema


def _exclusive_bounds(schema: JSONSchema) -> JSONSchema:
    """3.0 has a number and a flag where 3.1 has two keywords with a number each."""
    for bound, exclusive, strictest in (
        ("minimum", "exclusiveMinimum", max),
        ("maximum", "exclusiveMaximum", min),
    ):
        limit = schema.get(exclusive)
        if limit is None or isinstance(limit, bool):
            continue
        other = schema.get(bound)
        schema[bound] = limit if other is None else strictest(limit, other)
        schema[exclusive] = schema[bound] == limit
    return schema


def _constant(schema: JSONSchema) -> JSONSchema:
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    return schema


def _tuple(schema: JSONSchema) -> JSONSchema:
    """3.0 cannot tell positions apart: each item may be what any of them is."""
    if "prefixItems" not in schema:
        return schema
    members = schema.pop("prefixItems")
    rest = schema.pop("items", {"not": {}})
    if rest == {"not": {}}:
        schema.setdefault("maxItems", len(members))
    else:
        members = [*members, rest]
    schema["items"] = any_of(members)
    return schema


def _keys(schema: JSONSchema) -> JSONSchema:
    """3.0 says nothing about the keys of a dictionary, only about its values."""
    schema.pop("propertyNames", None)
    patterns = schema.pop("patternProperties", None)
    if patterns:
        schema["additionalProperties"] = any_of(list(patterns.values()))
    return schema


def _content(schema: JSONSchema) -> JSONSchema:
    for keyword in ("contentMediaType", "contentEncoding", "contentSchema"):
        schema.pop(keyword, None)
    return schema


def _examples(schema: JSONSchema) -> JSONSchema:
    examples = schema.pop("examples", None)
    if examples:
        schema.setdefault("example", examples[0])
    return schema


def _types(schema: JSONSchema) -> JSONSchema:
    """3.0 knows one type a schema, and no ``null`` among them."""
    types = schema.get("type")
    if not isinstance(types, list):
        return schema
    return {**schema, "type": types[0]} if len(types) == 1 else _several_types(schema, types)


def _several_types(schema: JSONSchema, types: list[str]) -> JSONSchema:
    del schema["type"]
    return {**schema, "anyOf": [{"type": name} for name in types]}


def _null(schema: JSONSchema) -> JSONSchema:
    if schema.get("type") == "null":
        return {
            **{k: v for k, v in schema.items() if k != "type"},
            "nullable": True,
            "enum": [None],
        }
    if None in schema.get("enum", ()):
        schema["nullable"] = True
    for keyword in ("anyOf", "oneOf"):
        if _takes_null(schema.get(keyword, ())):
            schema = {**without_null(schema, keyword), "nullable": True}
    return schema


def _takes_null(members: Any) -> bool:
    return any(_is_null(member) for member in members)


def _is_null(member: JSONSchema) -> bool:
    return member == NULL or member == {"nullable": True, "enum": [None]}


def without_null(schema: JSONSchema, keyword: str = "anyOf") -> JSONSchema:
    """Return a schema whose alternatives do not include ``null`` any more.

    Args:
        schema: A schema; it is not changed.
        keyword: Which alternatives: ``"anyOf"`` or ``"oneOf"``.
    """
    if not _takes_null(schema.get(keyword, ())):
        return schema
    members = [member for member in schema[keyword] if not _is_null(member)]
    rest = {key: value for key, value in schema.items() if key != keyword}
    if len(members) != 1:
        return {**rest, keyword: members}
    if "$ref" in members[0]:
        return {**rest, "allOf": members}
    return {**members[0], **rest}


def nullable(schema: JSONSchema) -> JSONSchema:
    """Return the schema of a value that may be ``None`` as well.

    Args:
        schema: A schema in the words of the version; it is not changed.
    """
    # drf-spectacular adds to the lists in a schema.
    return dict(append_meta(copy.deepcopy(ready_for_null(schema)), {"nullable": True}))


def ready_for_null(schema: JSONSchema) -> JSONSchema:
    """Return a schema to which drf-spectacular can add ``null``: not each version can to each.

    Args:
        schema: A schema in the words of the version; it is not changed.
    """
    try:
        append_meta(copy.deepcopy(schema), {"nullable": True})
    except AssertionError:
        return {"oneOf": [schema]}
    return schema


def any_of(members: list[JSONSchema]) -> JSONSchema:
    """Return the schema of a value that is one of several things; equal ones count once."""
    distinct = [member for at, member in enumerate(members) if member not in members[:at]]
    if not distinct:
        return {}
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


_TRANSLATIONS: tuple[Callable[[JSONSchema], JSONSchema], ...] = (
    _exclusive_bounds,
    _constant,
    _tuple,
    _keys,
    _content,
    _examples,
    _types,
    _null,
)
