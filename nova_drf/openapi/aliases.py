"""Where a request holds the value of a field: under a name of its own, or deeper, along a path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nova_drf.mapping.input_paths import InputPath
from nova_drf.mapping.shape import FieldShape, Shape
from nova_drf.openapi.dialect import JSONSchema, for_version


def moved_fields(shape: Shape) -> dict[str, InputPath]:
    """Return the fields that a request holds elsewhere than a response, by the response's name.

    Args:
        shape: The request's payload.
    """
    paths = {field.field_name: _path_in_request(field) for field in shape.fields.values()}
    return {name: path for name, path in paths.items() if path != (name,)}


def _path_in_request(field: FieldShape) -> InputPath:
    """Return the path to document: of several, the first that is a plain alias."""
    aliases = (path for path in field.input_paths if len(path) == 1 and path != (field.name,))
    return next(aliases, field.input_paths[0])


def path_in_query(path: InputPath) -> InputPath:
    """Return where a query string holds what is at a path in JSON.

    It has one name for all up to a list of values: ``place.x``, ``log[0]n``; the values of a list
    are sent under its name, one by one.

    Args:
        path: Where JSON holds it.
    """
    *around, last = path
    name = ""
    for step in around if isinstance(last, int) else path:
        if isinstance(step, int):
            name += f"[{max(step, 0)}]"
        else:
            name += f".{step}" if name and not name.endswith("]") else step
    return (name, last) if isinstance(last, int) else (name,)


def move_fields(schema: JSONSchema, paths: Mapping[str, InputPath]) -> None:
    """Document fields where a request holds them.

    Args:
        schema: The schema of an object; it is changed.
        paths: Where those fields belong that are elsewhere now.
    """
    if not paths:
        return
    required = frozenset(schema.get("required", ()))
    whole = _Place()
    for name, value in schema.get("properties", {}).items():
        whole.put(paths.get(name, (name,)), value, required=name in required)
    schema["properties"] = {str(key): part.described() for key, part in whole.parts.items()}
    if required:
        schema["required"] = sorted(whole.required_keys())


@dataclass
class _Place:
    """A place in a request: it holds a value, or the places that are below it."""

    value: JSONSchema | None = None
    required: bool = False
    parts: dict[str | int, _Place] = field(default_factory=dict)

    def put(self, path: InputPath, value: JSONSchema, *, required: bool) -> None:
        """Put a value at the end of a path; what is on the way is required with it."""
        if not path:
            self.value = value
            return
        part = self.parts.setdefault(path[0], _Place())
        part.required = part.required or required
        part.put(path[1:], value, required=required)

    def required_keys(self) -> list[str]:
        """Return the keys below that a client must send."""
        return [str(key) for key, part in self.parts.items() if part.required]

    def described(self) -> JSONSchema:
        """Return the schema of what is here."""
        if self.value is not None:
            return self.value
        if all(isinstance(key, int) for key in self.parts):
            return self._list()
        keys = self.required_keys()
        properties = {str(key): part.described() for key, part in self.parts.items()}
        return {
            "type": "object",
            "properties": properties,
            **({"required": sorted(keys)} if keys else {}),
        }

    def _list(self) -> JSONSchema:
        """Return the schema of a list of which some positions are known."""
        known = {key: part for key, part in self.parts.items() if isinstance(key, int) and key >= 0}
        items = [
            known[position].described() if position in known else {}
            for position in range(max(known, default=-1) + 1)
        ]
        least = max((key + 1 for key, part in known.items() if part.required), default=0)
        return dict(
            for_version(
                {
                    "type": "array",
                    **({"prefixItems": items} if items else {}),
                    "items": {},
                    **({"minItems": least} if least else {}),
                }
            )
        )
