"""One field of a serializer as one line of a schema: the ways to write it, best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model
from pydantic import ConfigDict, PydanticUserError, TypeAdapter
from rest_framework import fields as drf
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.mapping.field_state import behaving_class
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.annotations import Annotations, call_source, nested_type
from nova_drf.migration.codegen.arguments import (
    SAID_BY_MODEL,
    Arguments,
    Column,
    Limits,
    text_source,
)
from nova_drf.migration.codegen.bindings import is_constant
from nova_drf.migration.codegen.choices import Choices
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.related_keys import RELATIONS, key_type
from nova_drf.migration.codegen.type_hints import holds_field_values, takes, without_literals
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
class Given:
    """What there is to know about a field.

    Attributes:
        name: What clients call it.
        attribute: The schema's attribute for it.
        field: The field, bound.
        limits: Its arguments, or the column that it is inferred from; ``None`` if neither is known.
        made_by: The expression that makes it; empty if none can stand outside of its class.
        of_base: Whether the new class inherits its declaration.
        is_own: Whether the class itself declares it.
    """

    name: str
    attribute: str
    field: AnyField
    limits: Limits | None
    made_by: str
    of_base: bool = False
    is_own: bool = False


class Lines:
    """Writes the fields of one schema.

    Args:
        names: The names of the file.
        nested: Returns the name of a nested serializer's schema; empty if it has none that would
            do without its serializer.
        named: Returns a name for the values of a serializer that has no schema.
        choices: Writes choices.
        attributes: The names of the schema's attributes, which hide what else has them.
    """

    def __init__(
        self,
        names: Names,
        nested: Callable[[type], str],
        named: Callable[[type], str],
        choices: Choices,
        attributes: Collection[str] = (),
    ) -> None:
        self.names = names
        self.nested = nested
        self.choices = choices
        self.typed = Annotations(names, nested, attributes)
        self.loose = Annotations(names, named, attributes)

    def ways(self, given: Given) -> Iterator[Line]:
        """Yield the ways to write a field, best first."""
        described = member(given.name, given.attribute, given.field, nested_type)
        for way in self._ways_for(given, described.value):
            try:
                yield way(given, described)
            except CannotWriteError as error:
                described = replace(described, reasons=(str(error),))

    def _ways_for(self, given: Given, value: Any) -> tuple[Callable[[Given, Member], Line], ...]:
        field = given.field
        if isinstance(field, drf.HiddenField):
            return (self._hidden, self._stays if given.of_base else self._kept)
        if given.of_base:
            # A declaration in the body of a base comes before whatever a schema says.
            return (self._stays,)
        if isinstance(field, drf.SerializerMethodField):
            return (self._stays, self._kept)
        if getattr(field.default, "requires_context", False):
            return (self._kept, self._stays)
        if given.is_own and isinstance(value, type) and issubclass(value, Model):
            # ``Annotated[Model, ...]`` is a notation of django-stubs.
            return (self._type, self._stays, self._kept)
        return (self._type, self._kept, self._stays)

    # The ways

    def _hidden(self, given: Given, described: Member) -> Line:
        """It takes nothing from clients: the schema does not have it."""
        is_declared = given.is_own or given.of_base
        if not is_declared and not isinstance(given.limits, Column):
            raise CannotWriteError(f"{given.name} is declared elsewhere")
        return Line(given.attribute, stays=is_declared)

    def _stays(self, given: Given, described: Member) -> Line:
        if not (given.is_own or given.of_base):
            raise CannotWriteError(f"{given.name} is declared nowhere")
        line = self._line(given, self._value(described))
        is_plain = given.of_base or isinstance(given.field, drf.SerializerMethodField)
        return replace(line, note="" if is_plain else _why(given.field, described), stays=True)

    def _kept(self, given: Given, described: Member) -> Line:
        if not given.made_by:
            raise CannotWriteError(f"the declaration of {given.name} needs its class around it")
        mark = given.made_by
        if not isinstance(given.limits, Column):
            mark = call_source(self._nova("UseField"), {}, mark)
        line = self._line(given, self._value(described), mark)
        return replace(line, note=_why(given.field, described))

    def _type(self, given: Given, described: Member) -> Line:
        field, limits = given.field, given.limits
        if not (isinstance(field, RELATIONS) or set(described.reasons) <= _CHECKED[type(limits)]):
            raise CannotWriteError(described.reasons[0])
        if limits is None:
            raise CannotWriteError("how it is made was not found")
        if isinstance(limits, Arguments):
            limits.check_flags()
        is_relation = isinstance(field, RELATIONS)
        enumeration, default = "", _default(given)
        if default is not None and default.is_constant:
            default = replace(default, is_typed=takes(described.value, field.default))
        if behaving_class(field) is drf.ChoiceField:
            written, enumeration, members = self.choices.of(field, given.attribute, limits)
            written = f"{written} | None" if field.allow_null else written
            if default is not None and default.is_constant and members:
                text = members.get(field.default)
                default = Default(text or default.text, is_typed=text is not None)
        else:
            self._refuse_unwritten_nested(field)
            value = key_type(field, limits, described) if is_relation else described.value
            if value is Any and not isinstance(field, drf.JSONField):
                raise CannotWriteError(f"nothing says what {given.name} is")
            written = self.typed.source(value, limits)
        line = self._typed_line(given, written, default, limits)
        is_type = not (is_relation or described.reasons)
        is_plain = is_type and not enumeration and holds_field_values(described.value)
        return replace(line, is_type=is_type, is_plain=is_plain, enumeration=enumeration)

    def _refuse_unwritten_nested(self, field: object) -> None:
        child = field.child if isinstance(field, ListSerializer) else field
        if hasattr(child, "_declared_fields") and not self.nested(type(child)):
            raise CannotWriteError(f"{type(child).__name__} is more than its schema")

    def _value(self, described: Member) -> str:
        """Return the type of the values of a field that goes on running."""
        try:
            value: Any = without_literals(described.value)
            TypeAdapter(value, config=_ANY_CLASS).core_schema  # noqa: B018  # what no schema can have raises
            return self.loose.source(value)
        except (CannotWriteError, PydanticUserError):
            return self.names.use("typing", "Any")

    # Around the type

    def _line(self, given: Given, written: str, mark: str = "") -> Line:
        """Return the line of a field that goes on running."""
        written, unset = self._presence(given, written)
        marks = [mark] if mark else []
        annotation = self._combined(written, marks, self.typed.field(_alias(given)))
        return Line(given.attribute, annotation, unset)

    def _typed_line(
        self, given: Given, written: str, default: Default | None, limits: Limits
    ) -> Line:
        marks = []
        if given.field.source != given.attribute:
            marks.append(
                call_source(self._nova("Source"), {}, text_source(str(given.field.source)))
            )
        texts = {**_alias(given), **_texts(limits)}
        written, said = self._presence(given, written, default)
        if default is not None and not said:
            texts[default.argument] = default.text
        return Line(given.attribute, self._combined(written, marks, self.typed.field(texts)), said)

    def _presence(
        self, given: Given, written: str, default: Default | None = None
    ) -> tuple[str, str]:
        """Say when a value may be absent: in the type, and behind it."""
        field = given.field
        is_hiding = self._hides_a_type(given.attribute)
        unset = "" if is_hiding else f"{self._nova('unset')}()"
        if field.read_only:
            return f"{self._nova('ReadOnly')}[{written}]", unset
        if field.write_only:
            written = f"{self._nova('WriteOnly')}[{written}]"
        if field.required:
            return written, ""
        if default is None:
            return f"{self._nova('NotRequired')}[{written}]", unset
        if is_hiding or not default.is_typed:
            return written, ""
        is_factory = default.argument == "default_factory"
        return written, self.typed.field(
            {default.argument: default.text}
        ) if is_factory else default.text

    def _hides_a_type(self, attribute: str) -> bool:
        """Whether annotations after ``attribute: ... = ...`` would find that value by its name."""
        return attribute in _BUILTIN_TYPES or attribute in self.names.imports

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
_BUILTIN_TYPES = frozenset(("bool", "dict", "float", "int", "list", "set", "str", "tuple"))


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


def _default(given: Given) -> Default | None:
    field, arguments = given.field, _arguments_of(given.limits)
    if field.default is drf.empty:
        return None
    if arguments is None or "default" not in arguments.given:
        # A column has one if a constraint of several columns gives it one, then as now.
        if isinstance(given.limits, Column):
            return None
        raise CannotWriteError(f"the default of {given.name} is said elsewhere")
    expression = arguments.given["default"]
    argument = "default_factory" if callable(field.default) else "default"
    return Default(arguments.write(expression), argument, is_constant(expression))


def _alias(given: Given) -> dict[str, str]:
    return {"alias": text_source(given.name)} if given.attribute != given.name else {}


def _texts(limits: Limits) -> dict[str, str]:
    """Return the title and the description, as they are written."""
    arguments = _arguments_of(limits)
    names = {"label": "title", "help_text": "description"}
    written = {} if arguments is None else {name: arguments.written(name) for name in names}
    return {names[name]: text for name, text in written.items() if text not in (None, "None")}


def _arguments_of(limits: Limits | None) -> Arguments | None:
    return limits.extra if isinstance(limits, Column) else limits  # type: ignore[return-value]


_CHECKED: Mapping[type, frozenset[str]] = defaultdict(
    frozenset, {Column: frozenset(("validators",))}
)
"""What may be the model's as well, and then is when the class runs: that is looked at there."""

NO_TYPE = "no type says all that it does"
"""What is said of a field that only the comparison found to be another one."""


def _why(field: AnyField, described: Member) -> str:
    """Say in a few words why a field goes on running."""
    if isinstance(field, BaseSerializer) and not described.reasons:
        return f"{type(field).__name__} is more than its schema"
    reasons = [
        f"its {one.replace('_', ' ')}" if one.isidentifier() else one for one in described.reasons
    ]
    said = reasons[0] if reasons else NO_TYPE
    if said == SAID_BY_MODEL:
        return ""
    if " is no field of DRF; " in said:
        return f"there is no FieldMapping for {type(field).__name__}"
    return said
