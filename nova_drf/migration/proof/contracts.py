"""The contract diff: what a new OpenAPI document changes for the clients of the old one.

Requests and responses are judged differently: a new required field of a request breaks, one of a
response does not. It knows nothing of Django. The ids of the checks are oasdiff's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nova_drf.migration.proof.contract_checks import CHECKS, Severity
from nova_drf.migration.proof.contract_schemas import (
    CONSTRAINTS,
    Document,
    Shape,
    resolved,
    shape,
)

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_DEPTH = 12
"""How deep schemas are compared; they may refer to themselves."""


@dataclass(frozen=True)
class Change:
    """One change of the contract.

    Attributes:
        check: The id of the check.
        operation: The method and the path.
        where: Of what it is: a parameter, or the path of a property.
        text: What changed, for people.
    """

    check: str
    operation: str
    where: str = ""
    text: str = ""

    @property
    def severity(self) -> Severity:
        """What it does to clients."""
        return CHECKS[self.check]

    def __str__(self) -> str:
        place = f" {self.where}" if self.where else ""
        detail = f": {self.text}" if self.text else ""
        return f"{self.severity.name.lower()} [{self.check}] {self.operation}{place}{detail}"


def contract_changes(old: Document, new: Document) -> list[Change]:
    """List what a new document changes, the gravest changes of each operation first.

    Args:
        old: The OpenAPI document that clients were written for.
        new: The one of the new code.
    """
    before, after = _operations(old), _operations(new)
    changes: list[Change] = []
    paths = {path for path, _method in after}
    for key, (shown, operation) in before.items():
        if key in after:
            found_changes = _Operations(old, new, shown).compare(operation, after[key][1])
            changes += sorted(found_changes, key=lambda change: -change.severity)
        else:
            scope = "api" if key[0] in paths else "api-path"
            how = "with" if operation.get("deprecated") else "without"
            changes.append(Change(f"{scope}-removed-{how}-deprecation", shown))
    changes += [
        Change("endpoint-added", shown) for key, (shown, _) in after.items() if key not in before
    ]
    return changes


def _operations(document: Document) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """Return the operations by path and method, whatever the names of the paths' arguments."""
    by_path = {}
    for path, node in (document.get("paths") or {}).items():
        item = resolved(document, node)
        for method in _METHODS:
            if method in item:
                operation = dict(item[method])
                common = item.get("parameters") or []
                operation["parameters"] = [*common, *(operation.get("parameters") or ())]
                key = re.sub(r"\{[^}]*\}", "{}", path), method
                by_path[key] = f"{method.upper()} {path}", operation
    return by_path


class _Operations:
    """One operation of two documents."""

    def __init__(self, old: Document, new: Document, name: str) -> None:
        self.old, self.new, self.name = old, new, name

    def compare(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
        """List the changes."""
        changes = [
            *self._about(old, new),
            *self._parameters(old, new),
            *self._body(old.get("requestBody"), new.get("requestBody")),
            *self._responses(old.get("responses") or {}, new.get("responses") or {}),
        ]
        return list(dict.fromkeys(changes))

    def _change(self, check: str, where: str = "", text: str = "") -> Change:
        return Change(check, self.name, where, text)

    def _about(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
        if bool(old.get("deprecated")) is not bool(new.get("deprecated")):
            yield self._change(
                f"endpoint-{'deprecated' if new.get('deprecated') else 'reactivated'}"
            )
        before, after = old.get("operationId"), new.get("operationId")
        if before and before != after:
            yield self._change("api-operation-id-removed", text=f"{before} became {after}")
        elif after and not before:
            yield self._change("api-operation-id-added", text=str(after))
        yield from self._sets("api-tag", set(old.get("tags") or ()), set(new.get("tags") or ()))
        yield from self._sets("api-security", _schemes(self.old, old), _schemes(self.new, new))

    def _sets(self, check: str, old: set[str], new: set[str], where: str = "") -> Iterator[Change]:
        for name in sorted(old - new):
            yield self._change(f"{check}-removed", where, name)
        for name in sorted(new - old):
            yield self._change(f"{check}-added", where, name)

    # Parameters

    def _parameters(self, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
        before, after = _parameters(self.old, old), _parameters(self.new, new)
        for key, parameter in before.items():
            if key in after:
                yield from self._parameter(parameter, after[key])
            elif key[0] != "path":
                deprecated = "-with-deprecation" if parameter.get("deprecated") else ""
                yield self._change(f"request-parameter-removed{deprecated}", key[1])
        for key, parameter in after.items():
            if key in before:
                continue
            if key[0] == "path":
                yield self._change("new-request-path-parameter", key[1])
            else:
                need = "required" if parameter.get("required") else "optional"
                yield self._change(f"new-{need}-request-parameter", str(parameter["name"]))

    def _parameter(self, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
        name = str(new["name"])
        if bool(old.get("required")) is not bool(new.get("required")):
            need = "required" if new.get("required") else "optional"
            yield self._change(f"request-parameter-became-{need}", name)
        if bool(old.get("deprecated")) is not bool(new.get("deprecated")):
            state = "deprecated" if new.get("deprecated") else "reactivated"
            yield self._change(f"request-parameter-{state}", name)
        before, after = shape(self.old, old.get("schema")), shape(self.new, new.get("schema"))
        yield from self._values("request-parameter", name, before, after)
        if before.items and after.items:
            inner = shape(self.old, before.items), shape(self.new, after.items)
            yield from self._values("request-parameter", f"{name}[]", *inner)

    # Bodies

    def _body(self, old: object, new: object) -> Iterator[Change]:
        before, after = resolved(self.old, old), resolved(self.new, new)
        if not before and not after:
            return
        need = "required" if after.get("required") else "optional"
        if not before:
            yield self._change(f"request-body-added-{need}")
            return
        if not after:
            yield self._change("request-body-removed")
            return
        if bool(before.get("required")) is not bool(after.get("required")):
            yield self._change(f"request-body-became-{need}")
        yield from self._content("request", before, after)

    def _content(
        self, side: str, old: Mapping[str, Any], new: Mapping[str, Any], where: str = ""
    ) -> Iterator[Change]:
        before, after = old.get("content") or {}, new.get("content") or {}
        types = "request-body-media-type" if side == "request" else "response-media-type"
        yield from self._sets(types, set(before), set(after), where)
        for name in before.keys() & after.keys():
            schemas = before[name].get("schema"), after[name].get("schema")
            yield from self._schemas(side, *schemas, where, _DEPTH)

    def _responses(self, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
        for status in (*old, *(code for code in new if code not in old)):
            kind = "success" if str(status).startswith("2") else "non-success"
            if status not in new:
                yield self._change(f"response-{kind}-status-removed", str(status))
            elif status not in old:
                yield self._change(f"response-{kind}-status-added", str(status))
            else:
                before, after = resolved(self.old, old[status]), resolved(self.new, new[status])
                yield from self._headers(before, after)
                yield from self._content("response", before, after, str(status))

    def _headers(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
        before, after = old.get("headers") or {}, new.get("headers") or {}
        for name, header in before.items():
            needed = resolved(self.old, header).get("required")
            if name not in after:
                need = "required" if needed else "optional"
                yield self._change(f"{need}-response-header-removed", name)
            elif needed and not resolved(self.new, after[name]).get("required"):
                yield self._change("response-header-became-optional", name)
        for name in after.keys() - before.keys():
            yield self._change("response-header-added", name)

    # Schemas

    def _schemas(
        self, side: str, old: object, new: object, where: str, depth: int
    ) -> Iterator[Change]:
        """Compare the schemas of a body, or of the part of it that ``where`` names."""
        if depth == 0 or (old is None and new is None):
            return
        before, after = shape(self.old, old), shape(self.new, new)
        part = "body" if depth == _DEPTH else "property"
        yield from self._values(f"{side}-{part}", where, before, after)
        if before.items is not None and after.items is not None:
            yield from self._schemas(side, before.items, after.items, f"{where}[]", depth - 1)
        yield from self._properties(side, before, after, where, depth)

    def _properties(
        self, side: str, old: Shape, new: Shape, where: str, depth: int
    ) -> Iterator[Change]:
        before, after = _visible(side, self.old, old), _visible(side, self.new, new)
        for name in before:
            place = f"{where}.{name}".removeprefix(".")
            if name not in after:
                yield self._removed(side, place, name in old.required)
                continue
            if (name in old.required) is not (name in new.required):
                yield self._change(*_need(side, place, name in new.required, after[name]))
            yield from self._schemas(side, before[name][0], after[name][0], place, depth - 1)
        for name in after.keys() - before.keys():
            place = f"{where}.{name}".removeprefix(".")
            yield self._added(side, place, name in new.required, after[name][1])

    def _removed(self, side: str, place: str, required: bool) -> Change:
        if side == "request":
            return self._change("request-property-removed", place)
        need = "required" if required else "optional"
        return self._change(f"response-{need}-property-removed", place)

    def _added(self, side: str, place: str, required: bool, schema: Shape) -> Change:
        need = "required" if required else "optional"
        if side == "response":
            return self._change(f"response-{need}-property-added", place)
        default = "-with-default" if required and schema.default else ""
        return self._change(f"new-{need}-request-property{default}", place)

    def _values(self, scope: str, where: str, old: Shape, new: Shape) -> Iterator[Change]:
        for check, text in _value_checks(scope, old, new):
            name = f"{scope}-{check}"
            if name in CHECKS:
                yield self._change(name, where, text)


def _schemes(document: Document, operation: Mapping[str, Any]) -> set[str]:
    security = operation.get("security", document.get("security")) or []
    return {" and ".join(sorted(requirement)) or "nothing" for requirement in security}


def _parameters(
    document: Document, operation: Mapping[str, Any]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the parameters by place and name; those of the path are told by their order."""
    by_place: dict[tuple[str, str], dict[str, Any]] = {}
    arguments = 0
    for node in operation["parameters"]:
        parameter = resolved(document, node)
        place, name = str(parameter.get("in")), str(parameter.get("name"))
        if place == "path":
            name, arguments = f"argument {arguments}", arguments + 1
        by_place[place, name] = parameter
    return by_place


def _visible(side: str, document: Document, of: Shape) -> dict[str, tuple[Any, Shape]]:
    """Return the properties that are sent, or answered."""
    shapes = {name: (node, shape(document, node)) for name, node in of.properties.items()}
    return {
        name: pair
        for name, pair in shapes.items()
        if not (pair[1].read_only if side == "request" else pair[1].write_only)
    }


def _need(side: str, place: str, required: bool, after: tuple[Any, Shape]) -> tuple[str, str]:
    default = "-with-default" if side == "request" and required and after[1].default else ""
    return f"{side}-property-became-{'required' if required else 'optional'}{default}", place


# Values


def _value_checks(scope: str, old: Shape, new: Shape) -> Iterator[tuple[str, str]]:
    """Yield what of a value changed, as the end of a check's id."""
    yield from _types(old, new, scope.startswith("response"))
    if old.nullable is not new.nullable:
        yield f"became-{'' if new.nullable else 'not-'}nullable", ""
    yield from _enums(old, new)
    yield from _bounds(old, new)
    if old.pattern != new.pattern:
        how = "added" if old.pattern is None else "removed" if new.pattern is None else "changed"
        yield f"pattern-{how}", f"{old.pattern} became {new.pattern}"
    if old.default != new.default:
        how = "added" if not old.default else "removed" if not new.default else "changed"
        yield f"default-value-{how}", f"{_first(old.default)} became {_first(new.default)}"
    for name, before, after in (
        ("one-of", old.one_of, new.one_of),
        ("any-of", old.any_of, new.any_of),
    ):
        if before and after:
            yield from ((f"{name}-removed", value) for value in sorted(before - after))
            yield from ((f"{name}-added", value) for value in sorted(after - before))


def _types(old: Shape, new: Shape, answered: bool) -> Iterator[tuple[str, str]]:
    if old.types == new.types:
        return
    text = f"{_said(old)} became {_said(new)}"
    if _takes(new, old):
        yield "type-generalized", text
    elif _takes(old, new) and answered:
        yield "type-specialized", text
    else:
        yield "type-changed", text


def _takes(wide: Shape, narrow: Shape) -> bool:
    """Whether every value of one is a value of the other, as far as the types tell."""
    if not wide.types:
        return True
    return bool(narrow.types) and all(
        any(_covers(type_, other) for type_ in wide.types) for other in narrow.types
    )


def _covers(wide: str, narrow: str) -> bool:
    is_whole = wide == "number" and narrow.partition("/")[0] == "integer"
    return wide == narrow or is_whole or narrow.startswith(f"{wide}/")


def _said(value_shape: Shape) -> str:
    return ", ".join(sorted(value_shape.types)) or "anything"


def _enums(old: Shape, new: Shape) -> Iterator[tuple[str, str]]:
    if old.enum is None and new.enum is not None:
        yield "became-enum", ", ".join(map(str, new.enum))
    elif old.enum is not None and new.enum is not None:
        yield from (
            ("enum-value-removed", str(member)) for member in old.enum if member not in new.enum
        )
        yield from (
            ("enum-value-added", str(member)) for member in new.enum if member not in old.enum
        )


def _bounds(old: Shape, new: Shape) -> Iterator[tuple[str, str]]:
    for keyword, name in CONSTRAINTS.items():
        before, after = old.bounds.get(keyword), new.bounds.get(keyword)
        if before == after:
            continue
        if before is None:
            how = "set"
        elif after is None:
            how = "unset"
        else:
            how = "increased" if after > before else "decreased"
        yield f"{name}-{how}", f"{before} became {after}"


def _first(values: tuple[Any, ...]) -> str:
    return repr(values[0]) if values else "none"
