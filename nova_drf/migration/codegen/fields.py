"""One field of a serializer as one line of a schema: the ways to write it, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional

import libcst as cst
import libcst.matchers as m
from django.db.models import Model
from pydantic import ConfigDict, PydanticUserError, TypeAdapter
from rest_framework import fields as drf
from rest_framework import relations
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.field_state import behaving_class
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.annotations import (
    Annotations,
    NestedName,
    call_source,
    holds_field_values,
    nested_type,
    takes,
    without_literals,
)
from nova_drf.migration.codegen.arguments import SAID_BY_MODEL, Arguments, text_source
from nova_drf.migration.codegen.bindings import is_constant
from nova_drf.migration.codegen.choices import Choices
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.convert.attribute_types import model_of, python_type
from nova_drf.migration.convert.fields import member
from nova_drf.migration.convert.results import Member


@dataclass(frozen=True)
class Line:
    """One way to write a field.

    Attributes:
        attribute: The schema's attribute.
        annotation: What stands behind the colon; empty if the schema does not have the field.
        default: What stands behind the equals sign; empty if nothing does.
        note: Why the DRF field goes on running.
        stays: Whether a declaration in the body of the serializer makes the field.
        is_type: Whether types alone say all of it, wherever the schema is used.
        is_plain: Whether the schema's attribute holds the very value that DRF's field makes.
        enumeration: A class that the annotation needs, as source code.
    """

    attribute: str
    annotation: str = ""
    default: str = ""
    note: str = ""
    stays: bool = False
    is_type: bool = False
    is_plain: bool = False
    enumeration: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether the DRF field goes on running."""
        return self.stays or bool(self.note)


@dataclass(frozen=True)
class Declared:
    """What there is to know about a field.

    Attributes:
        name: What clients call it.
        attribute: The schema's attribute for it.
        field: The field, bound.
        arguments: What the code says about it; ``None`` if that was not found.
        made_by: Returns the expression that makes it; none if it cannot stand outside of its class.
        of_base: Whether the new class inherits its declaration.
        is_own: Whether the class itself declares it.
    """

    name: str
    attribute: str
    field: AnyField
    arguments: Arguments | None
    made_by: Callable[[], str]
    of_base: bool = False
    is_own: bool = False

    @property
    def is_inferred(self) -> bool:
        """Whether it is inferred from a column."""
        return self.arguments is not None and self.arguments.column is not None


Way = Callable[[Declared, Member], Line]
"""Writes a field in one way."""


class Lines:
    """Writes the fields of one schema.

    Args:
        names: The names of the file.
        nested: Returns the name of a nested serializer's schema; empty if it has none that would
            do without its serializer.
        loose: Returns a name for the values of a serializer that goes on running.
        choices: Writes choices.
        attributes: The names of the schema's attributes, which hide what else has them.
    """

    def __init__(
        self,
        names: Names,
        nested: NestedName,
        loose: NestedName,
        choices: Choices,
        attributes: Mapping[str, object],
    ) -> None:
        self.names = names
        self.nested = nested
        self.choices = choices
        self.typed = Annotations(names, nested, attributes)
        self.loose = Annotations(names, loose, attributes)

    def ways(self, declared: Declared) -> Iterator[Line]:
        """Yield the ways to write a field, best first."""
        described = member(declared.name, declared.attribute, declared.field, nested_type)
        for way in self._ways_for(declared, described.value):
            try:
                yield way(declared, described)
            except CannotWriteError as error:
                described = replace(described, reasons=(str(error),))

    def _ways_for(self, declared: Declared, value: object) -> tuple[Way, ...]:
        field = declared.field
        if isinstance(field, drf.HiddenField):
            return (self._hidden, self._stays if declared.of_base else self._kept)
        if declared.of_base:
            # A declaration in the body of a base comes before whatever a schema says.
            return (self._stays,)
        if isinstance(field, drf.SerializerMethodField):
            return (self._stays, self._kept)
        if getattr(field.default, "requires_context", False):
            return (self._kept, self._stays)
        if declared.is_own and isinstance(value, type) and issubclass(value, Model):
            # ``Annotated[Model, ...]`` is a notation of django-stubs.
            return (self._type, self._stays, self._kept)
        return (self._type, self._kept, self._stays)

    # The ways

    def _hidden(self, declared: Declared, described: Member) -> Line:
        """It takes nothing from clients: the schema does not have it."""
        stays = declared.is_own or declared.of_base
        if not stays and not declared.is_inferred:
            raise CannotWriteError(described.reasons[0])
        return Line(declared.attribute, stays=stays)

    def _stays(self, declared: Declared, described: Member) -> Line:
        if not (declared.is_own or declared.of_base):
            raise CannotWriteError(f"{declared.name} is declared nowhere")
        line = self._line(declared, self._value(described))
        is_plain = declared.of_base or isinstance(declared.field, drf.SerializerMethodField)
        return replace(line, note="" if is_plain else _why(declared.field, described), stays=True)

    def _kept(self, declared: Declared, described: Member) -> Line:
        mark = declared.made_by()
        if not mark:
            raise CannotWriteError(f"the declaration of {declared.name} needs its class around it")
        if not declared.is_inferred:
            mark = call_source(self._nova("UseField"), {}, mark)
        line = self._line(declared, self._value(described), mark)
        return replace(line, note=_why(declared.field, described))

    def _type(self, declared: Declared, described: Member) -> Line:
        field, arguments = declared.field, declared.arguments
        is_relation = isinstance(field, _RELATIONS)
        # What the model may say as well is compared when the class runs.
        checked = {"validators"} if declared.is_inferred else set()
        if not (is_relation or set(described.reasons) <= checked):
            raise CannotWriteError(described.reasons[0])
        if arguments is None:
            raise CannotWriteError("how it is made was not found")
        arguments.check_flags()
        enumeration, default = "", _default(declared, arguments)
        if default is not None and default.is_constant:
            default = replace(default, is_typed=takes(described.value, field.default))
        if behaving_class(field) is drf.ChoiceField:
            written, enumeration, members = self.choices.of(field, declared.attribute, arguments)
            written = f"{written} | None" if field.allow_null else written
            if default is not None and default.is_constant and members:
                text = members.get(field.default)
                default = Default(text or default.text, is_typed=text is not None)
        else:
            self._refuse_unwritten_nested(field)
            value = _key_type(field, arguments, described) if is_relation else described.value
            if value is Any and not isinstance(field, drf.JSONField):
                raise CannotWriteError(f"nothing says what {declared.name} is")
            written = self.typed.source(value, arguments)
        line = self._typed_line(declared, written, default, arguments)
        is_type = not (is_relation or described.reasons)
        is_plain = is_type and not enumeration and holds_field_values(described.value)
        return replace(line, is_type=is_type, is_plain=is_plain, enumeration=enumeration)

    def _refuse_unwritten_nested(self, field: Any) -> None:
        child = field.child if isinstance(field, ListSerializer) else field
        if isinstance(child, BaseSerializer) and not self.nested(type(child)):
            raise CannotWriteError(f"{type(child).__name__} is more than its schema")

    def _value(self, described: Member) -> str:
        """Return the type of the values of a field that goes on running."""
        try:
            value: Any = without_literals(described.value)
            # What no schema can have raises.
            TypeAdapter(value, config=_ANY_CLASS).core_schema  # noqa: B018
            return self.loose.source(value)
        except (CannotWriteError, PydanticUserError):
            return self.names.use("typing", "Any")

    # Around the type

    def _line(self, declared: Declared, written: str, mark: str = "") -> Line:
        """Return the line of a field that goes on running."""
        written, unset = self._presence(declared, written)
        marks = [mark] if mark else []
        annotation = self._combined(written, marks, self.typed.field(_alias(declared)))
        return Line(declared.attribute, annotation, unset)

    def _typed_line(
        self, declared: Declared, written: str, default: Default | None, arguments: Arguments
    ) -> Line:
        marks = []
        source = str(declared.field.source)
        if source != declared.attribute:
            marks.append(call_source(self._nova("Source"), {}, text_source(source)))
        texts = {**_alias(declared), **_texts(arguments)}
        written, value = self._presence(declared, written, default)
        if default is not None and not value:
            texts[default.argument] = default.text
        annotation = self._combined(written, marks, self.typed.field(texts))
        return Line(declared.attribute, annotation, value)

    def _presence(
        self, declared: Declared, written: str, default: Default | None = None
    ) -> tuple[str, str]:
        """Say when a value may be absent: in the type, and behind it."""
        field = declared.field
        unset = f"{self._nova('unset')}()"
        if field.read_only:
            return f"{self._nova('ReadOnly')}[{written}]", unset
        if field.write_only:
            written = f"{self._nova('WriteOnly')}[{written}]"
        if field.required:
            return written, ""
        if default is None:
            return f"{self._nova('NotRequired')}[{written}]", unset
        if not default.is_typed:
            return written, ""
        if default.argument == "default_factory":
            return written, self.typed.field({default.argument: default.text})
        return written, default.text

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

    def _nova(self, name: str) -> str:
        return self.names.use("nova_drf", name)


_ANY_CLASS = ConfigDict(arbitrary_types_allowed=True)
_RELATIONS = (relations.RelatedField, relations.ManyRelatedField)


@dataclass(frozen=True)
class Default:
    """The default of a field.

    Attributes:
        text: Its source code.
        argument: What ``Field`` calls it.
        is_constant: Whether the code has it as a literal.
        is_typed: Whether a type checker takes it for a value of the attribute's type.
    """

    text: str
    argument: str = "default"
    is_constant: bool = False
    is_typed: bool = True


def _default(declared: Declared, arguments: Arguments) -> Default | None:
    field = declared.field
    if field.default is drf.empty:
        return None
    if "default" in arguments.expressions:
        expression = arguments.expressions["default"]
        argument = "default_factory" if callable(field.default) else "default"
        return Default(arguments.write(expression), argument, is_constant(expression))
    if declared.is_inferred:
        # A column has one if a constraint of several columns gives it one, then as now.
        return None
    raise CannotWriteError(f"the default of {declared.name} is said elsewhere")


def _alias(declared: Declared) -> dict[str, str]:
    is_renamed = declared.attribute != declared.name
    return {"alias": text_source(declared.name)} if is_renamed else {}


def _texts(arguments: Arguments) -> dict[str, str]:
    """Return the title and the description, as they are written."""
    names = {"label": "title", "help_text": "description"}
    written = {names[name]: arguments.written(name) for name in names}
    return {name: text for name, text in written.items() if text not in (None, "None")}


def _key_type(field: AnyField, arguments: Arguments, described: Member) -> object:
    """Return the type of the keys in which a relation of a model is written."""
    single = field.child_relation if isinstance(field, relations.ManyRelatedField) else field
    if type(single) is not relations.PrimaryKeyRelatedField or single.pk_field is not None:
        raise CannotWriteError(described.reasons[0])
    model = model_of(field.parent)
    columns = [] if model is None else model._meta.get_fields()
    related: Any = next(
        (column.related_model for column in columns if column.name == field.source), None
    )
    if related is None:
        raise CannotWriteError(f"{field.source} is no relation of a model")
    if arguments.column is None:
        _refuse_own_query(arguments.expressions.get("queryset"), related)
    key: Any = python_type(related._meta.pk)
    if key is Any:
        raise CannotWriteError(f"nothing says what the keys of {related.__name__} are")
    annotation = list[key] if single is not field else key
    return Optional[annotation] if field.allow_null else annotation  # noqa: UP045  # a type made at run time


def _refuse_own_query(queryset: cst.BaseExpression | None, model: Any) -> None:
    """Refuse a query set that is another one than the model's relation looks in."""
    if queryset is None:
        return
    manager = m.Attribute(m.Name(model.__name__), m.Name("objects"))
    everything = manager | m.Call(m.Attribute(manager, m.Name("all")), args=[])
    is_default = getattr(model, "objects", None) == model._default_manager
    if not (is_default and m.matches(queryset, everything)):
        raise CannotWriteError("its queryset")


NO_TYPE = "no type says all that it does"
"""What is said of a field that only the comparison found to be another one."""


def _why(field: AnyField, described: Member) -> str:
    """Say in a few words why a field goes on running."""
    if not described.reasons:
        nested = field.child if isinstance(field, ListSerializer) else field
        if not isinstance(nested, BaseSerializer):
            return NO_TYPE
        if owner_of(type(nested)) is Owner.DRF:
            return "Meta.depth nests it"
        what = "more than its schema" if isinstance(nested, Serializer) else "no Serializer"
        return f"{type(nested).__name__} is {what}"
    reason = described.reasons[0]
    if reason == SAID_BY_MODEL:
        return ""
    if " is no field of DRF; " in reason:
        return f"there is no FieldMapping for {type(field).__name__}"
    return f"its {reason.replace('_', ' ')}" if reason.isidentifier() else reason
