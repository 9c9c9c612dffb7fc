"""One field of a serializer as one line of a schema: the ways to write it, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Optional, get_args, get_origin

from django.utils.functional import Promise
from rest_framework import fields as drf
from rest_framework import relations
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.mapping.field_state import behaving_class
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.annotations import Annotations, nested_type
from nova_drf.migration.codegen.choices import Choices
from nova_drf.migration.codegen.names import CannotWriteError, Names, is_builtin
from nova_drf.migration.codegen.values import call_source, text_source, value_source
from nova_drf.migration.convert.attribute_types import python_type
from nova_drf.migration.convert.fields import member
from nova_drf.migration.convert.results import Member

_TYPES = frozenset(("date", "datetime", "time", "timedelta"))


@dataclass(frozen=True)
class Line:
    """One way to write a field.

    Attributes:
        attribute: The schema's attribute.
        annotation: What stands behind the colon; empty if the schema does not have the field.
        default: What stands behind the equals sign; empty if nothing does.
        note: Why the DRF field goes on running.
        stays: Whether its declaration stays in the body of the serializer.
        is_type: Whether types alone say all of it, wherever the schema is used.
        is_declared: Whether the original's own expression makes the field.
        enumeration: A class that the annotation needs, as source code.
    """

    attribute: str
    annotation: str = ""
    default: str = ""
    note: str = ""
    stays: bool = False
    is_type: bool = False
    is_declared: bool = False
    enumeration: str = ""


@dataclass(frozen=True)
class Given:
    """What there is to know about a field.

    Attributes:
        name: What clients call it.
        attribute: The schema's attribute for it.
        field: The field, bound.
        expression: The call that declares it, as it is to be written; ``None`` if DRF infers it.
        writes: Returns an expression that makes it, where it is not declared.
        movable: Whether the declaration means the same outside of the class.
    """

    name: str
    attribute: str
    field: AnyField
    expression: str | None
    writes: Callable[[AnyField], str]
    movable: bool = True


class Lines:
    """Writes the fields of one schema.

    Args:
        names: The names of the file.
        nested: Returns the name of a nested serializer's schema; empty if it has none that would
            do without its serializer.
        named: Returns a name for the values of a serializer that has no schema.
        choices: Finds or makes enumerations.
    """

    def __init__(
        self,
        names: Names,
        nested: Callable[[type], str],
        named: Callable[[type], str],
        choices: Choices,
    ) -> None:
        self.names = names
        self.nested = nested
        self.choices = choices
        self.typed = Annotations(names, nested)
        self.loose = Annotations(names, named, constrained=False)

    def ways(self, given: Given) -> Iterator[Line]:
        """Yield the ways to write a field, best first."""
        described = member(given.name, given.attribute, given.field, nested_type)
        for way in self._ways_for(given.field):
            try:
                yield way(given, described)
            except CannotWriteError:
                continue

    def _ways_for(self, field: AnyField) -> tuple[Callable[[Given, Member], Line], ...]:
        if isinstance(field, drf.HiddenField):
            return (self._hidden, self._kept)
        if isinstance(field, drf.SerializerMethodField):
            return (self._stays, self._kept)
        if getattr(field.default, "requires_context", False):
            return (self._kept, self._stays)
        return (self._type, self._kept, self._stays)

    # The ways

    def _hidden(self, given: Given, described: Member) -> Line:
        """It takes nothing from clients: the schema does not have it."""
        return Line(given.attribute, stays=True)

    def _stays(self, given: Given, described: Member) -> Line:
        if given.expression is None:
            raise CannotWriteError(f"{given.name} is declared nowhere")
        line = self._line(given, self._value(described), described, uses="")
        method = isinstance(given.field, drf.SerializerMethodField)
        return replace(line, note="" if method else self._why(given, described), stays=True)

    def _kept(self, given: Given, described: Member) -> Line:
        if given.expression is not None and not given.movable:
            raise CannotWriteError(f"the declaration of {given.name} needs its class around it")
        expression = given.expression or given.writes(given.field)
        line = self._line(given, self._value(described), described, uses=expression)
        return replace(
            line, note=self._why(given, described), is_declared=given.expression is not None
        )

    def _type(self, given: Given, described: Member) -> Line:
        field: AnyField = given.field
        enumeration = ""
        annotation = described.value
        by_model = False
        if isinstance(field, (relations.RelatedField, relations.ManyRelatedField)):
            annotation, by_model = _key(field), True
        if type(field) is drf.ReadOnlyField or (annotation is Any and described.reasons):
            raise CannotWriteError(f"nothing says what {given.name} is")
        if behaving_class(field) is drf.ChoiceField:
            found = self.choices.of(field, given.attribute, given.expression)
            if found is not None:
                annotation, enumeration = found
        self._refuse_unwritten_nested(field)
        line = self._line(given, self._written(annotation, field), described, uses=None)
        is_type = not (by_model or "validators" in described.reasons)
        return replace(line, is_type=is_type, enumeration=enumeration)

    def _refuse_unwritten_nested(self, field: object) -> None:
        child = field.child if isinstance(field, ListSerializer) else field
        if hasattr(child, "_declared_fields") and not self.nested(type(child)):
            raise CannotWriteError(f"{type(child).__name__} is more than its schema")

    def _written(self, annotation: object, field: AnyField) -> str:
        if isinstance(annotation, str):
            return f"{annotation} | None" if field.allow_null else annotation
        return self.typed.source(annotation)

    def _value(self, described: Member) -> str:
        """Return the type of the values of a field that goes on running."""
        try:
            return self.loose.source(_without_literals(described.value))
        except CannotWriteError:
            return self.names.use("typing", "Any")

    # Around the type

    def _line(self, given: Given, written: str, described: Member, *, uses: str | None) -> Line:
        field: AnyField = given.field
        marks = [call_source(self._nova("UseField"), {}, uses)] if uses else []
        if uses is None and given.field.source != given.attribute:
            marks.append(call_source(self._nova("Source"), {}, text_source(str(field.source))))
        texts = self._texts(given, with_labels=uses is None)
        written, default, factory = self._presence(given, written, kept=uses is not None)
        field_call = self.typed.field({**texts, **factory})
        return Line(
            attribute=given.attribute,
            annotation=self._combined(written, marks, field_call),
            default=default,
        )

    def _presence(
        self, given: Given, written: str, *, kept: bool
    ) -> tuple[str, str, dict[str, Any]]:
        field = given.field
        if field.read_only:
            return f"{self._nova('ReadOnly')}[{written}]", "", {}
        if field.write_only:
            written = f"{self._nova('WriteOnly')}[{written}]"
        if field.required:
            return written, "", {}
        if kept or field.default is drf.empty:
            return f"{self._nova('NotRequired')}[{written}]", "", {}
        if callable(field.default):
            return written, "", {"default_factory": field.default}
        if self._hides_a_type(given.attribute):
            return written, "", {"default": field.default}
        return written, value_source(field.default, self.names), {}

    def _hides_a_type(self, attribute: str) -> bool:
        """Whether annotations after ``attribute: ... = ...`` would find that value by its name."""
        return is_builtin(attribute) or attribute in _TYPES or attribute in self.names.imports

    def _combined(self, written: str, marks: list[str], field_call: str) -> str:
        merged = self._merged(written, field_call) if field_call else None
        if merged is not None:
            return self.typed.annotated(merged, *marks)
        calls = [field_call] if field_call else []
        return self.typed.annotated(written, *marks, *calls)

    def _merged(self, written: str, field_call: str) -> str | None:
        """Return a type with further arguments in the ``Field`` that it has already."""
        call = f", {self.names.use('pydantic', 'Field')}("
        is_annotated = written.startswith(f"{self.names.use('typing', 'Annotated')}[")
        if not is_annotated or not written.endswith(")]") or written.count(call) != 1:
            return None
        if "|" in written.partition(call)[2]:
            return None
        return f"{written[:-2]}, {field_call.partition('(')[2]}]"

    def _texts(self, given: Given, *, with_labels: bool) -> dict[str, Any]:
        texts: dict[str, Any] = {}
        if given.attribute != given.name:
            texts["alias"] = given.name
        if with_labels and given.field._kwargs.get("label") is not None:
            texts["title"] = given.field.label
        if with_labels and given.field.help_text:
            texts["description"] = given.field.help_text
        return {
            name: str(text) if isinstance(text, Promise) else text for name, text in texts.items()
        }

    def _nova(self, name: str) -> str:
        return self.names.use("nova_drf", name)

    def _why(self, given: Given, described: Member) -> str:
        """Say why the field goes on running, in a sentence."""
        name = type(given.field).__name__
        if isinstance(given.field, BaseSerializer) and not described.reasons:
            return f"{name} goes on running: it is more than its schema"
        reasons = [
            f"its {one.replace('_', ' ')}" if one.isidentifier() else one
            for one in described.reasons
        ]
        return f"{name} goes on running: {'; '.join(reasons) or 'no type says all that it does'}"


def _key(field: AnyField) -> object:
    """Return the type of the keys in which a relation of a model is written."""
    one = field.child_relation if isinstance(field, relations.ManyRelatedField) else field
    if type(one) is not relations.PrimaryKeyRelatedField or one.pk_field is not None:
        raise CannotWriteError(f"{type(one).__name__} is no key")
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    names = [] if model is None else [one.name for one in model._meta.get_fields()]
    related: Any = None
    if model is not None and field.source in names:
        related = model._meta.get_field(field.source).related_model
    if related is None:
        raise CannotWriteError(f"{field.source} is no relation of a model")
    key = python_type(related._meta.pk)
    if key is Any:
        raise CannotWriteError(f"nothing says what the keys of {related.__name__} are")
    found = list[key] if one is not field else key  # type: ignore[valid-type]
    return Optional[found] if field.allow_null else found  # noqa: UP045


def _without_literals(annotation: object) -> object:
    """Return a type with the classes of texts and numbers in place of each of them."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _without_literals(arguments[0])
    if origin is Literal:
        classes = dict.fromkeys(type(value) for value in arguments)
        return next(iter(classes)) if len(classes) == 1 else Any
    if origin in (list, set, dict):
        collection: Any = origin
        return collection[tuple(map(_without_literals, arguments))]
    if arguments and type(None) in arguments:
        rest = [_without_literals(one) for one in arguments if one is not type(None)]
        return Optional[rest[0]] if len(rest) == 1 else annotation  # noqa: UP045
    return annotation
