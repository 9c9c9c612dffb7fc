"""What to send to a serializer: whole payloads, as JSON and as forms, and objects to print."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from rest_framework import fields as drf
from rest_framework.serializers import ListSerializer, Serializer

from nova_drf.mapping.registry import registry
from nova_drf.testing.values import JSON, NONSENSE, Candidates, candidates

_DEPTH = 3
"""How deep nested payloads go; serializers may nest themselves."""


@dataclass(frozen=True)
class Request:
    """One request body.

    Attributes:
        data: What the parser gives.
        partial: Whether it is for a partial update.
        many: Whether it is a list.
    """

    data: Any
    partial: bool = False
    many: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the serializer."""
        said = {"partial": self.partial, "many": self.many}
        return {name: True for name, value in said.items() if value}


def requests(serializer: Serializer[Any]) -> SearchStrategy[Request]:
    """Draw request bodies for a serializer.

    They are valid, nearly valid and nonsense; with fields missing, null and unknown; whole and
    partial; JSON, form-encoded and lists.

    Args:
        serializer: Its fields say what to draw.
    """
    bodies = payloads(serializer)
    forms = bodies.filter(lambda body: isinstance(body, Mapping)).map(form_of)
    return st.one_of(
        st.builds(Request, bodies),
        st.builds(Request, bodies),
        st.builds(Request, bodies, partial=st.just(True)),
        st.builds(Request, forms, partial=st.booleans()),
        st.builds(Request, st.lists(bodies, max_size=3), many=st.just(True)),
    )


_OTHER_TYPES: tuple[Any, ...] = (None, "", " ", "x", True, 1, 1.5, [], {}, [None])
"""What each field is sent once."""


def sweep(serializer: object) -> Iterator[Request]:
    """Yield a valid body, and others in which one field is at its limits, of another type or gone.

    Args:
        serializer: Its fields say what to send.
    """
    base = find(
        _valid(serializer, _members(serializer, _DEPTH)),
        lambda _payload: True,
        settings=settings(database=None, derandomize=True, phases=(Phase.generate, Phase.shrink)),
    )
    yield Request(base)
    yield from map(Request, variations(serializer, base))


def variations(serializer: object, base: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    """Yield a body with one field at its limits, of another type or gone, for all fields.

    Args:
        serializer: Its fields say what to send.
        base: The body.
    """
    yield {**base, "unknown": 1}
    for name, values in _members(serializer, _DEPTH).items():
        for value in (*values.edges, *_OTHER_TYPES):
            yield {**base, name: value}
        if name in base:
            yield {other: value for other, value in base.items() if other != name}


def payloads(serializer: object, depth: int = _DEPTH) -> SearchStrategy[Any]:
    """Draw JSON bodies for a serializer."""
    members = _members(serializer, depth)
    anything = {name: values.any for name, values in members.items()}
    valid = _valid(serializer, members)
    return st.one_of(
        valid,
        valid,
        _with_changes(valid, anything),
        _with_changes(valid, anything),
        st.fixed_dictionaries({}, optional={**anything, "unknown": JSON}),
        st.sampled_from(NONSENSE),
    )


def _members(serializer: Any, depth: int) -> dict[str, Candidates]:
    return {
        name: _member(field, depth)
        for name, field in serializer.fields.items()
        if not isinstance(field, drf.HiddenField)
    }


def _valid(serializer: Any, members: Mapping[str, Candidates]) -> SearchStrategy[dict[str, object]]:
    fields = serializer.fields
    good = {name: values.good for name, values in members.items() if not fields[name].read_only}
    needed = {name: good[name] for name in good if fields[name].required}
    optional = {name: good[name] for name in good if name not in needed}
    return st.fixed_dictionaries(needed, optional=optional)


@st.composite
def _with_changes(
    draw: st.DrawFn,
    valid: SearchStrategy[dict[str, object]],
    anything: Mapping[str, SearchStrategy[object]],
) -> object:
    """Change one or two fields of a payload: nearly valid, or missing."""
    payload = dict(draw(valid))
    if not anything:
        return payload
    for name in draw(st.lists(st.sampled_from(sorted(anything)), min_size=1, max_size=2)):
        if draw(st.integers(0, 3)):
            payload[name] = draw(anything[name])
        else:
            payload.pop(name, None)
    return payload


def _member(field: Any, depth: int) -> Candidates:
    if isinstance(field, ListSerializer) and isinstance(field.child, Serializer):
        if depth == 0:
            return Candidates(st.just([]))
        items = payloads(field.child, depth - 1)
        return Candidates(st.lists(items, max_size=3), ([], [None], {}, "x"))
    if isinstance(field, Serializer):
        return Candidates(payloads(field, depth - 1) if depth else st.just({}), ([], "x"))
    values = candidates(field)
    return Candidates(values.good | st.none(), values.edges) if field.allow_null else values


# Forms


def form_of(data: Mapping[str, object]) -> MultiValueDict[str, Any]:
    """Return a payload as a browser would send it, nested parts with their paths as keys.

    Args:
        data: The payload.
    """
    form = QueryDict(mutable=True)
    for name, value in data.items():
        _add(form, _text(name), value)
    return form


def _add(form: QueryDict, name: str, value: object) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _add(form, f"{name}.{_text(key)}", inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if isinstance(inner, Mapping):
                for key, part in inner.items():
                    _add(form, f"{name}[{index}]{_text(key)}", part)
            else:
                form.appendlist(name, _text(inner))
    else:
        form.appendlist(name, _text(value))


def _text(value: object) -> Any:
    if isinstance(value, UploadedFile):
        return value
    # Half of a surrogate pair cannot be encoded in a form.
    return "" if value is None else str(value).encode(errors="replace").decode()


# Objects


def objects(serializer: object, validate: Callable[[Any], object]) -> SearchStrategy[object]:
    """Draw objects that a serializer may have to print.

    Args:
        serializer: Its fields say what to draw.
        validate: Returns the validated data of a payload, or ``None`` if it is refused.
    """
    model = getattr(getattr(serializer, "Meta", None), "model", None)
    if isinstance(model, type) and issubclass(model, models.Model):
        return rows(model)
    mappings = payloads(serializer).map(lambda payload: _stored(serializer, payload, validate))
    return mappings | mappings.map(_as_object)


def _stored(
    serializer: Any, payload: object, validate: Callable[[Any], object]
) -> dict[str, object]:
    """Return what a payload is stored as; where it is not valid, as an older contract took it."""
    values = validate(payload)
    if isinstance(values, dict):
        return values
    stored: dict[str, Any] = {}
    for name, value in payload.items() if isinstance(payload, Mapping) else ():
        field = serializer.fields.get(name)
        if field is not None and field.source_attrs:
            serializer.set_value(stored, field.source_attrs, value)
    return stored


def _as_object(values: object) -> object:
    if not isinstance(values, dict):
        return values
    named = {str(name): _as_object(value) for name, value in values.items()}
    return SimpleNamespace(**named)


def rows(model: type[models.Model]) -> SearchStrategy[models.Model]:
    """Draw objects of a model: those in the database, and others that were never saved.

    Args:
        model: The model.
    """
    stored = list(model._default_manager.all()[:20])
    columns = {
        field.attname: _column(field)
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    unsaved = st.builds(
        lambda key, values: model(pk=key, **values),
        st.integers(1, 10**6) if _has_integer_key(model) else st.none(),
        st.fixed_dictionaries({}, optional=columns),
    )
    return unsaved | st.sampled_from(stored) if stored else unsaved


def _has_integer_key(model: type[models.Model]) -> bool:
    return isinstance(model._meta.pk, models.IntegerField)


def _column(field: Any) -> SearchStrategy[object]:
    """Draw what may stand in a column: also what today's serializer would refuse."""
    if isinstance(field, models.ForeignKey):
        keys = list(field.related_model._default_manager.values_list("pk", flat=True)[:5])
        return st.sampled_from([*keys, None])
    row = registry.for_model_field(type(field))
    stored = () if row is None else row.stored_values
    values = [*stored, *(value for value, _label in field.flatchoices)]
    return st.sampled_from([*values, None] if field.null else values or [field.get_default()])
