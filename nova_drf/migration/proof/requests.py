"""Which requests two views are compared by: a sweep over all that they name, and draws."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nova_drf.migration.proof.cases import NO_BODY, Case
from nova_drf.migration.proof.endpoints import Endpoints, Route
from nova_drf.migration.proof.inputs import Described, describe
from nova_drf.testing.payloads import payloads, sweep, variations

_WITH_BODY = frozenset(("post", "put", "patch"))
_ALL = ("options", "get", "head", "delete", "post", "put", "patch")
"""What costs least comes first."""

_NO_JSON = (b"", b"{", b"null", b"[]", b'"x"', b'{"a": NaN}', b"\xff")
"""Bodies that are no objects, or no JSON."""

_ENCODINGS = {
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}
_MISSING = ("999999", "0", "x", "00000000-0000-4000-8000-000000000000")
_BURST = 12
"""How often a request is sent where there are throttles."""

Accepts = Callable[[Case], bool]
"""Whether the old code answers a case with a success."""


@dataclass(frozen=True)
class Target:
    """One HTTP method at one route.

    Attributes:
        route: The route.
        method: The method.
        sides: What the old view takes there, and what the new one does.
        users: The names of those who ask.
    """

    route: Route
    method: str
    sides: tuple[Described, Described]
    users: tuple[str, ...]

    @property
    def endpoint(self) -> str:
        """The method and the route, for people."""
        return f"{self.method.upper()} {self.route.pattern}"

    @property
    def is_handled(self) -> bool:
        """Whether either view has a handler for the method."""
        handled = {name for handlers in self.route.handlers for name in handlers}
        return self.method in handled or self.method in ("head", "options")

    @cached_property
    def paths(self) -> list[str]:
        """The paths of rows that there are."""
        rows = self.sides[0].rows or self.sides[1].rows
        if not self.route.arguments:
            return [self.route.path({})]
        return [self.route.path(self._values(row)) for row in rows[:3]] or self.missing[:1]

    @cached_property
    def missing(self) -> list[str]:
        """Paths that lead nowhere."""
        if not self.route.arguments:
            return []
        rows = self.sides[0].rows
        base = self._values(rows[0]) if rows else dict.fromkeys(self.route.arguments, "1")
        last = self.route.arguments[-1]
        return [self.route.path({**base, last: value}) for value in _MISSING]

    def _values(self, row: object) -> dict[str, object]:
        return {name: self._value(row, name) for name in self.route.arguments}

    def _value(self, row: object, name: str) -> object:
        view = self.sides[0].view
        lookup = getattr(view, "lookup_field", "pk")
        if name == (getattr(view, "lookup_url_kwarg", None) or lookup):
            name = lookup
        for attribute in (name, f"{name.removesuffix('_pk')}_id", name.replace("__", ".")):
            value = getattr(row, attribute, None)
            if value is not None:
                return getattr(value, "pk", value)
        return "1"

    def case(self, **more: Any) -> Case:
        """Return a request to a row that there is.

        Args:
            more: What is special about it.
        """
        usual: dict[str, Any] = {"path": self.paths[0]}
        return Case(self.endpoint, self.method.upper(), **{**usual, **more})


def targets(
    views: Endpoints, users: Mapping[str, object], methods: Collection[str] = ()
) -> list[Target]:
    """List every method at every route, also those that neither view has a handler for.

    Args:
        views: The two views at their routes.
        users: Who may ask, by name; empty is nobody.
        methods: The methods that are wanted; all when left out.
    """
    anybody = next(iter(users.values()))
    result = []
    for method in (name for name in _ALL if name in methods or not methods):
        for route in views.routes:
            handler = "get" if method in ("head", "options") else method
            usual = next(iter(route.handlers[0].values()))
            names = [handlers.get(handler, usual) for handlers in route.handlers]
            sides = (
                describe(views.old, names[0], route.initkwargs[0], anybody),
                describe(views.new, names[1], route.initkwargs[1], anybody),
            )
            result.append(Target(route, method, sides, tuple(users)))
    return result


class Requests:
    """All requests to one target.

    Args:
        target: The target.
        accepts: Tells whether the old code takes a case.
    """

    def __init__(self, target: Target, accepts: Accepts) -> None:
        self.target = target
        self._accepts = accepts

    @cached_property
    def _has_body(self) -> bool:
        return self.target.method in _WITH_BODY and self.target.is_handled

    @cached_property
    def base(self) -> Case:
        """A request that the old code takes, if one was found."""
        cases = (
            self.target.case(body=body, user=user)
            for body in self._good_bodies()
            for user in reversed(self.target.users)
        )
        first = next(cases)
        return next(filter(self._accepts, chain([first], cases)), first)

    def _good_bodies(self) -> Iterator[Any]:
        if not self._has_body:
            yield NO_BODY
            return
        old = self.target.sides[0]
        stored = list(old.stored())
        own = stored[0] if stored else {}
        if self.target.route.arguments:
            yield from stored[:1]
        yield from (_as_new(body, old) for body in stored)
        if old.serializer is not None:
            base = next(iter(sweep(old.serializer))).data
            yield {**own, **base}
            yield base
        yield {}

    def sweep(self) -> Iterator[Case]:
        """Yield the requests that are always sent, one thing changed at a time."""
        yield self.base
        for user in self.target.users:
            yield replace(self.base, user=user)
        for path in (*self.target.paths[1:], *self.target.missing):
            yield replace(self.base, path=path)
        if self.target.method == "get":
            yield from self._queries()
        if self._has_body:
            yield from self._bodies()
        if self.target.is_handled:
            yield from self._formats()
        if any(side.throttled for side in self.target.sides):
            yield replace(self.base, times=_BURST)

    def _formats(self) -> Iterator[Case]:
        types = (media_type for side in self.target.sides for media_type in side.media_types)
        for accept in dict.fromkeys((*types, "application/xml", "*/*")):
            yield replace(self.base, accept=accept)

    def _queries(self) -> Iterator[Case]:
        for name, values in self._parameters.items():
            for value in values:
                yield replace(self.base, query=((name, value),))

    @cached_property
    def _parameters(self) -> dict[str, list[str]]:
        old, new = (side.parameters() for side in self.target.sides)
        return {**new, **old}

    def _bodies(self) -> Iterator[Case]:
        body = self.base.body if isinstance(self.base.body, dict) else {}
        for content in _NO_JSON:
            yield replace(self.base, body=content, encoding="application/json")
        yield replace(self.base, body=b"a=1", encoding="text/x-unknown")
        for encoding in self._encodings:
            yield replace(self.base, encoding=encoding)
        seen: set[str] = set()
        for changed in (*self._stored_values(body), *self._varied(body)):
            if repr(changed) not in seen:
                seen.add(repr(changed))
                yield replace(self.base, body=changed)
        for encoding in self._encodings:
            for name in body:
                less = {key: value for key, value in body.items() if key != name}
                yield replace(self.base, body=less, encoding=encoding)
                yield replace(self.base, body={**body, name: ""}, encoding=encoding)

    @cached_property
    def _encodings(self) -> list[str]:
        parsed = dict.fromkeys(
            media_type for side in self.target.sides for media_type in side.parsed
        )
        return [_ENCODINGS[media_type] for media_type in parsed if media_type in _ENCODINGS]

    def _stored_values(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield bodies with values that other rows have, and texts in another dress."""
        for stored in self.target.sides[0].stored():
            yield stored
            for name, value in stored.items():
                yield {**body, name: value}
        for name, value in body.items():
            if isinstance(value, str):
                yield {**body, name: f"  {value} "}
                yield {**body, name: value.upper()}
                yield {**body, name: f"{value}\n"}

    def _varied(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for side in self.target.sides:
            if side.serializer is not None:
                yield from variations(side.serializer, body)

    def drawn(self) -> SearchStrategy[Case]:
        """Draw requests in which several things are special."""
        cases: SearchStrategy[Case] = st.builds(
            _replaced,
            st.just(self.base),
            user=st.sampled_from(self.target.users),
            path=st.sampled_from([*self.target.paths * 2, *self.target.missing]),
        )
        if self.target.method == "get":
            cases = st.builds(_replaced, cases, query=self._query)
        if self._has_body:
            cases = st.builds(_with_body, cases, self._body, self._encoding)
        return cases

    @property
    def _query(self) -> SearchStrategy[tuple[tuple[str, str], ...]]:
        pairs = [(name, value) for name, values in self._parameters.items() for value in values]
        several = (
            st.lists(st.sampled_from(pairs), max_size=3, unique_by=lambda pair: pair[0])
            if pairs
            else st.just([])
        )
        return several.map(tuple)

    @property
    def _body(self) -> SearchStrategy[Any]:
        base = self.base.body if isinstance(self.base.body, dict) else {}
        serializers = [side.serializer for side in self.target.sides if side.serializer is not None]
        if not serializers:
            return st.just(base)
        drawn = st.one_of([payloads(side) for side in serializers])
        laid_over = drawn.map(lambda body: {**base, **body} if isinstance(body, dict) else body)
        return drawn | laid_over

    @property
    def _encoding(self) -> SearchStrategy[str]:
        return st.sampled_from(["json", "json", "json", *self._encodings])


def _replaced(case: Case, **changed: Any) -> Case:
    return replace(case, **changed)


def _with_body(case: Case, body: object, encoding: str) -> Case:
    return replace(case, body=body, encoding=encoding if isinstance(body, dict) else "json")


def _as_new(body: Mapping[str, object], side: Described) -> dict[str, Any]:
    """Return a body that collides with no row: what has to be unique is a value that no row has."""
    unique = _unique_names(side.model)
    return {
        name: _unused(value, [getattr(row, name, None) for row in side.rows])
        if name in unique
        else value
        for name, value in body.items()
    }


def _unique_names(model: Any) -> set[str]:
    if model is None:
        return set()
    together = [*model._meta.total_unique_constraints, *model._meta.unique_together]
    names = {name for some in together for name in getattr(some, "fields", some)}
    columns = model._meta.concrete_fields
    names |= {column.name for column in columns if column.unique and not column.primary_key}
    return names - {column.name for column in columns if column.is_relation}


def _unused(value: object, used: list[Any]) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return max([value, *(number for number in used if isinstance(number, int))]) + 1
    if not isinstance(value, str):
        return value
    letters = "7395zqx" if value[-1:].isdigit() else "zqxZQX7"
    changed = (value[:-1] + letter for letter in letters)
    return next((text for text in changed if text not in used), value)
