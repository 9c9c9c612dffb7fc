"""Which classes are written, in which order, and in which way each comes out equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import libcst as cst
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import is_users
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen import hooks
from nova_drf.migration.codegen.annotations import nested_classes
from nova_drf.migration.codegen.bodies import attached, methods
from nova_drf.migration.codegen.choices import Choices
from nova_drf.migration.codegen.classes import ClassWriter, Origin
from nova_drf.migration.codegen.comparison import differing, own_fields, own_validators
from nova_drf.migration.codegen.fields import Line, Lines
from nova_drf.migration.codegen.names import Names
from nova_drf.migration.codegen.obstacles import (
    DRF_BASES,
    heirs,
    makes_own_fields,
    obstacle_before,
    obstacle_in,
)
from nova_drf.migration.codegen.running import NotCarriedError, run
from nova_drf.migration.codegen.sources import source_of
from nova_drf.migration.convert.conversion import representative
from nova_drf.migration.convert.names import schema_name
from nova_drf.serializers.schema_serializer import SchemaSerializer


@dataclass
class Written:
    """What became of a class.

    Attributes:
        cls: The class.
        name: The name of the new class.
        schema: The name of its schema; empty if it has none of its own.
        reason: Why the original goes on running, if it does.
        statements: The source code in order: enumerations, schema, serializer.
        is_type: Whether the schema alone says all of it.
        used: How each field is written.
        node: The new serializer class; ``None`` if the original goes on running.
    """

    cls: Any
    name: str
    schema: str = ""
    reason: str = ""
    statements: list[str] = field(default_factory=list)
    is_type: bool = False
    used: Mapping[str, Line] = field(default_factory=dict)
    node: cst.ClassDef | None = None


class Planner:
    """Writes serializer classes for one file, each after those that it needs.

    Args:
        names: The names of the file.
        wanted: Whether a class is to be written when another one needs it.
        width: The length of a line.
        in_place: Whether the classes replace the originals, which have to work without them.
        quoted: Whether annotations are evaluated when the classes are made.
        stays: Classes that must go on running as they are, and why.
    """

    def __init__(
        self,
        names: Names,
        wanted: Callable[[type], bool],
        width: int,
        *,
        in_place: bool = False,
        quoted: bool = False,
        stays: Mapping[type, str] | None = None,
    ) -> None:
        self.names = names
        self.wanted = wanted
        self.width = width
        self.in_place = in_place
        self.quoted = quoted
        self.stays = stays or {}
        self.written: dict[type, Written] = {}
        self._under_way: dict[type, tuple[str, bool]] = {}
        self._original_fields: dict[type, Mapping[str, AnyField]] = {}

    def write(self, cls: Any) -> Written:
        """Write a class, unless that was done before."""
        found = self.written.get(cls)
        if found is not None:
            return found
        if issubclass(cls, SchemaSerializer):
            return Written(cls, cls.__name__, reason="it has a schema already")
        if issubclass(cls, ListSerializer):
            return Written(cls, cls.__name__, reason="it is a list of what another one says")
        for needed in self._needed(cls):
            if needed not in self._under_way:
                self.write(needed)
        try:
            written = self._new(cls)
        except NotCarriedError as error:
            written = self._as_it_is(cls, str(error))
        self.written[cls] = written
        return written

    # What a class needs

    def _needed(self, cls: type) -> Iterator[type]:
        self._under_way.setdefault(cls, ("", False))
        for base in cls.__bases__:
            if self._is_ours(base):
                yield base
        declared: Mapping[str, Any] = getattr(cls, "_declared_fields", {})
        for bound in (*declared.values(), *self._fields_or_none(cls, loud=False).values()):
            for nested in nested_classes(bound):
                if nested is not cls and self._is_ours(nested):
                    yield nested

    def _is_ours(self, cls: Any) -> bool:
        is_serializer = issubclass(cls, BaseSerializer) and not issubclass(cls, ListSerializer)
        if not is_serializer or issubclass(cls, SchemaSerializer) or not is_users(cls):
            return False
        return self.wanted(cls)

    def _fields_or_none(self, cls: object, *, loud: bool) -> Mapping[str, AnyField]:
        try:
            return self.fields_of(cls)
        except Exception as error:
            if loud:
                raise NotCarriedError(f"{type(error).__name__}: {error}") from error
            return {}

    def fields_of(self, cls: Any) -> Mapping[str, AnyField]:
        """Return the fields of an original class: what it declares, infers and always adds."""
        if cls not in self._original_fields:
            self._original_fields[cls] = own_fields(cls)
        return self._original_fields[cls]

    # Writing

    def _new(self, cls: Any) -> Written:
        reason = self.stays.get(cls) or obstacle_before(cls) or self._obstacle_of_heirs(cls)
        if reason is not None:
            raise NotCarriedError(reason)
        origin = self._origin(cls)
        reason = obstacle_in(origin)
        if reason is not None:
            raise NotCarriedError(reason)
        added = self._additions(origin)
        if added:
            try:
                return self._attempt(self._with_additions(origin, added), optimistic=True)
            except NotCarriedError:
                self._original_fields.pop(cls, None)
        return self._attempt(origin, optimistic=False)

    def _obstacle_of_heirs(self, cls: type) -> str | None:
        if not self.in_place:
            return None
        left = [one for one in heirs(cls) if not self._is_ours(one)]
        if not left:
            return None
        return f"{left[0].__module__}.{left[0].__qualname__} derives from it, in another file"

    def _origin(self, cls: Any) -> Origin:
        source = source_of(cls)
        node = None if source is None else source.class_def(cls)
        if source is None or node is None:
            raise NotCarriedError("its source code was not found")
        is_abstract = self._is_abstract(cls)
        fields = None if is_abstract else self._fields_or_none(cls, loud=True)
        return Origin(cls, source, node, fields, has_heirs=any(heirs(cls)))

    def _is_abstract(self, cls: Any) -> bool:
        """Whether a class is only there to derive from: its fields cannot be made."""
        if not any(heirs(cls)):
            return False
        try:
            self.fields_of(cls)
        except Exception:
            return True
        return False

    def _additions(self, origin: Origin) -> Mapping[str, Any] | None:
        if not makes_own_fields(origin.cls) or origin.fields is None:
            return None
        own = [one for one in methods(origin.node) if one.name.value == "get_fields"]
        return hooks.plain_additions(own[0]) if len(own) == 1 else None

    def _with_additions(self, origin: Origin, added: Mapping[str, Any]) -> Origin:
        try:
            _serializer, fields = representative(origin.cls)
        except Exception as error:
            raise NotCarriedError(str(error)) from error
        self._original_fields[origin.cls] = fields
        return Origin(
            origin.cls, origin.source, origin.node, fields, added, has_heirs=origin.has_heirs
        )

    def _attempt(self, origin: Origin, *, optimistic: bool) -> Written:
        cls = origin.cls
        name = self._new_name(cls)
        schema = self.names.reserve(schema_name(name)) if origin.fields is not None else ""
        self._under_way[cls] = (schema, optimistic)
        try:
            lines = Lines(self.names, self.nested_name, self.loose_name, self._choices(cls, schema))
            bases = self._bases(origin)
            writer = ClassWriter(
                origin, name, schema, bases, self.names, lines, self.width, quoted=self.quoted
            )
            written = self._equal(origin, writer)
            if optimistic and not written.is_type and self._names_itself(origin):
                raise NotCarriedError("it nests itself and is more than its schema")
        except NotCarriedError:
            self.names.forget(name, schema)
            self.names.renamed.pop(cls)
            raise
        return written

    def _new_name(self, cls: type) -> str:
        """Return the name of a new class: its own, unless another file has one of that name."""
        name = cls.__name__
        if not self.in_place:
            steps = [one for one in cls.__module__.split(".") if one != "serializers"]
            while (name in self.names.defined or name in self.names.imports) and steps:
                name = f"{steps.pop().title().replace('_', '')}{name}"
        self.names.defined.setdefault(name, None)
        self.names.renamed[cls] = name
        return name

    def _choices(self, cls: type, schema: str) -> Choices:
        return Choices(self.names, cls, schema.rstrip("_").removesuffix("Schema"))

    def _names_itself(self, origin: Origin) -> bool:
        nested = (nested_classes(bound) for bound in (origin.fields or {}).values())
        return any(origin.cls in classes for classes in nested)

    def nested_name(self, cls: type) -> str:
        """Return the schema that says all of a nested serializer, or nothing."""
        if cls in self._under_way and cls not in self.written:
            schema, optimistic = self._under_way[cls]
            return schema if optimistic else ""
        written = self.written.get(cls)
        if written is not None:
            return written.schema if written.is_type else ""
        return ""

    def loose_name(self, cls: type) -> str:
        """Return the type of what a nested serializer validates that goes on running."""
        written = self.written.get(cls)
        if written is not None and written.schema:
            return written.schema
        return f"dict[str, {self.names.use('typing', 'Any')}]"

    def _bases(self, origin: Origin) -> list[str]:
        """Return the bases of the new class; an empty one stands for DRF's."""
        found: list[str] = []
        for argument in origin.node.bases:
            try:
                base = origin.source.value_of(argument.value)
            except Exception as error:
                raise NotCarriedError(f"its base cannot be made out ({error})") from error
            found.append(self._base(origin, argument.value, base))
        if not origin.fields and "" in found:
            bare = f"{self.names.use('nova_drf', 'SchemaSerializer')}"
            found[found.index("")] = f"{bare}[{self.names.use('typing', 'Any')}]"
        return found

    def _base(self, origin: Origin, expression: cst.BaseExpression, base: object) -> str:
        if base in DRF_BASES:
            return ""
        if isinstance(base, type) and issubclass(base, BaseSerializer):
            above = self.written.get(base)
            if above is not None and above.reason:
                raise NotCarriedError(f"its base {base.__name__} goes on running: {above.reason}")
            if above is None and not issubclass(base, SchemaSerializer):
                raise NotCarriedError(f"its base {base.__name__} is not part of the project")
        moved = origin.source.moved(expression, self.names)
        return cst.Module([]).code_for_node(moved)

    # Until it is equal

    def _equal(self, origin: Origin, writer: ClassWriter) -> Written:
        for name, ways in writer.ways.items():
            if not ways:
                raise NotCarriedError(f"there is no source code for the field {name}")
        while True:
            written, made = self._made(origin, writer)
            if origin.fields is None:
                return written
            declared = [name for name, one in writer.used.items() if one.is_declared or one.stays]
            try:
                fields = own_fields(made)
            except SchemaDefinitionError as error:
                # Such as a ``Meta`` with names of fields that are not there, which DRF passes over.
                raise NotCarriedError(str(error).removeprefix(f"{made.__module__}.")) from error
            different = differing(origin.fields, fields, self.fields_of, declared)
            if not different and [*fields] != [*origin.fields]:
                different = dict.fromkeys(writer.after_all_others, "its place")
            if not different:
                break
            self._write_otherwise(writer, different)
        _compare_validators(origin.cls, made)
        return written

    def _write_otherwise(self, writer: ClassWriter, different: Mapping[str, str]) -> None:
        for name, reason in different.items():
            if name not in writer.ways and not writer.keeps_removals:
                writer.keeps_removals = True
            elif not writer.next_way(name):
                raise NotCarriedError(f"its field {name} would be another one ({reason})")

    def _made(self, origin: Origin, writer: ClassWriter) -> tuple[Written, Any]:
        """Write a class and run what was written."""
        above = self._schema_above(origin, writer)
        writer.inherits = above is not None and self._is_inherited(origin, writer, above)
        statements = writer.enumerations()
        if writer.schema and not writer.inherits:
            inherited = {} if above is None else above.used
            base = self.names.use("nova_drf", "Schema") if above is None else above.schema
            statements.append(writer.schema_text(inherited, base))
        node = writer.class_node()
        alone = node.with_changes(leading_lines=attached(node.leading_lines))
        statements.append(cst.Module([alone]).code.strip("\n"))
        namespace = run("\n\n\n".join(statements), self.names)
        new = [*_class_names(writer.enumerations()), writer.schema, writer.name]
        for name in new:
            if name in namespace:
                self.names.defined[name] = namespace[name]
        made = namespace[writer.name]
        written = Written(
            cls=origin.cls,
            name=writer.name,
            schema=above.schema if writer.inherits and above is not None else writer.schema,
            statements=statements,
            is_type=bool(writer.schema) and writer.is_type and not own_validators(made),
            used=writer.used,
            node=node,
        )
        return written, made

    def _is_inherited(self, origin: Origin, writer: ClassWriter, above: Written) -> bool:
        """Whether a class has its schema from its base, and needs none of its own."""
        bases = (self.written[base] for base in origin.cls.__bases__ if base in self.written)
        first = next((one for one in bases if one.schema), None)
        return first is above and len(above.used) == len(writer.used)

    def _schema_above(self, origin: Origin, writer: ClassWriter) -> Written | None:
        """Return what was written of a base whose schema the new one begins with."""
        used = list(writer.used.items())
        for base in origin.cls.__bases__:
            above = self.written.get(base)
            if above is None or above.reason or not above.used:
                continue
            if used[: len(above.used)] == list(above.used.items()):
                return above
        return None

    # The original goes on

    def _as_it_is(self, cls: Any, reason: str) -> Written:
        """Write a class that runs the original."""
        if self.in_place or cls.__qualname__ != cls.__name__:
            return Written(cls, cls.__name__, reason=reason)
        name = self._new_name(cls)
        schema = self.names.reserve(schema_name(name))
        classic = self.names.use(cls.__module__, cls.__name__, f"Classic{name}")
        convert = self.names.use("nova_drf", "schema_from_serializer")
        back = self.names.use("nova_drf", "serializer_from_schema")
        text = f"{schema} = {convert}({classic})\n{name} = {back}({schema})"
        try:
            namespace = run(text, self.names)
        except NotCarriedError as error:
            self.names.forget(name, schema)
            self.names.renamed.pop(cls)
            return Written(cls, name, reason=f"{reason}; {error}")
        self.names.defined[name], self.names.defined[schema] = namespace[name], namespace[schema]
        return Written(cls, name, schema, reason, [text])


def _class_names(statements: list[str]) -> list[str]:
    return [text.partition("class ")[2].partition("(")[0] for text in statements]


def _compare_validators(old: Any, new: Any) -> None:
    try:
        theirs = own_validators(old)
    except Exception as error:
        # What it asks for its fields may be the project's code, which needs a real serializer.
        raise NotCarriedError(f"DRF cannot make its validators: {error}") from error
    ours = own_validators(new)
    if theirs != ours and ours:
        raise NotCarriedError("the validators of its model would be others")
