"""Which classes are written, in which order, and in which way each comes out equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import libcst as cst
from rest_framework.serializers import BaseSerializer, ListSerializer

from nova_drf.core.overrides import is_users
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen import bodies, hooks, obstacles
from nova_drf.migration.codegen.annotations import nested_classes
from nova_drf.migration.codegen.attempts import Attempt
from nova_drf.migration.codegen.bases import bases_of
from nova_drf.migration.codegen.choices import Choices
from nova_drf.migration.codegen.classes import ClassWriter
from nova_drf.migration.codegen.comparison import own_fields
from nova_drf.migration.codegen.fields import Lines
from nova_drf.migration.codegen.names import Import, Names
from nova_drf.migration.codegen.origins import Origin, Writer
from nova_drf.migration.codegen.outcomes import File, Outcome, Progress, Written
from nova_drf.migration.codegen.running import NotCarriedError, run
from nova_drf.migration.codegen.sources import source_of
from nova_drf.migration.convert.conversion import representative
from nova_drf.migration.convert.names import schema_name
from nova_drf.serializers.schema_serializer import SchemaSerializer


class Planner:
    """Writes serializer classes, each after those that it needs.

    Args:
        file_of: Returns the file into which a class goes.
        wanted: Whether a class is to be written when another one needs it.
        progress: Is told about each class.
        in_place: Whether the classes replace the originals, which have to work without them.
        stays: Classes that must go on running as they are, and why.
    """

    def __init__(
        self,
        file_of: Callable[[type], File],
        wanted: Callable[[type], bool],
        progress: Progress | None = None,
        *,
        in_place: bool = False,
        stays: Mapping[type, str] | None = None,
    ) -> None:
        self.file_of = file_of
        self.wanted = wanted
        self.progress = progress
        self.in_place = in_place
        self.stays = stays or {}
        self.written: dict[type, Written] = {}
        self._under_way: dict[type, tuple[str, bool]] = {}
        self._original_fields: dict[type, Mapping[str, AnyField]] = {}

    def write(self, cls: Any) -> Written:
        """Write a class, unless that was done before; whatever is wrong with it, it returns."""
        found = self.written.get(cls)
        if found is not None:
            return found
        if issubclass(cls, SchemaSerializer):
            return Written(cls, cls.__name__, Outcome.KEPT, reason="it has a schema already")
        if issubclass(cls, ListSerializer):
            reason = "it is a list of what another one says"
            return Written(cls, cls.__name__, Outcome.KEPT, reason=reason)
        if self.progress is not None:
            self.progress(cls.__name__, len(self.written))
        try:
            self._write_needed(cls)
            written = self._new(cls)
        except NotCarriedError as error:
            written = self._as_it_is(cls, str(error), error.remedy)
        except Exception as error:
            # Fields, choices and query sets are the project's code, and may do anything.
            written = self._as_it_is(cls, f"{type(error).__name__}: {error}", "Report it.")
        self.written[cls] = written
        return written

    # What a class needs

    def _write_needed(self, cls: type) -> None:
        self._under_way.setdefault(cls, ("", False))
        for needed in self._needed(cls):
            if needed not in self._under_way:
                self.write(needed)

    def _needed(self, cls: type) -> Iterator[type]:
        for base in cls.__bases__:
            if self._is_ours(base):
                yield base
        declared: Mapping[str, Any] = getattr(cls, "_declared_fields", {})
        for bound in (*declared.values(), *self._fields_or_nothing(cls).values()):
            for nested in nested_classes(bound):
                if nested is not cls and self._is_ours(nested):
                    yield nested

    def _is_ours(self, cls: Any) -> bool:
        is_serializer = issubclass(cls, BaseSerializer) and not issubclass(cls, ListSerializer)
        if not is_serializer or issubclass(cls, SchemaSerializer) or not is_users(cls):
            return False
        return self.wanted(cls)

    def _fields_or_nothing(self, cls: object) -> Mapping[str, AnyField]:
        try:
            return self.fields_of(cls)
        except Exception:
            # It is told when the class itself is written.
            return {}

    def fields_of(self, cls: Any) -> Mapping[str, AnyField]:
        """Return the fields of an original class: what it declares, infers and always adds."""
        if cls not in self._original_fields:
            self._original_fields[cls] = own_fields(cls)
        return self._original_fields[cls]

    # Writing

    def _new(self, cls: Any) -> Written:
        if cls in self.stays:
            raise NotCarriedError(self.stays[cls], "Convert them together: --all.")
        obstacles.check_kind(cls)
        if self.in_place:
            obstacles.check_place(cls)
        origin = self._origin(cls)
        if origin is None:
            reason = "its fields cannot be made: it is there to derive from"
            return Written(cls, cls.__name__, Outcome.CARRIED, reason=reason)
        if not origin.fields and obstacles.is_derived_from(cls):
            reason = "it has no fields: it is there to derive from"
            return Written(cls, cls.__name__, Outcome.CARRIED, reason=reason)
        self._refuse_heirs(cls)
        obstacles.check(cls)
        obstacles.check_options(cls)
        added = self._additions(origin)
        if added:
            try:
                return self._attempt(self._with_additions(origin, added), optimistic=True)
            except NotCarriedError:
                self._original_fields.pop(cls, None)
                origin.fields = self.fields_of(cls)
                origin.added = {}
        return self._attempt(origin, optimistic=False)

    def _refuse_heirs(self, cls: type) -> None:
        if not self.in_place:
            return
        left = [one for one in obstacles.heirs(cls) if not self._is_ours(one)]
        if left:
            raise NotCarriedError(
                f"{left[0].__module__}.{left[0].__qualname__} derives from it",
                "Convert them together: --all.",
            )

    def _origin(self, cls: Any) -> Origin | None:
        source = source_of(cls)
        place = None if source is None else source.place(cls)
        if source is None or place is None:
            raise NotCarriedError(
                "its source code was not found", "Write it as a class statement of its module."
            )
        if place.node.bases and place.node.keywords:
            keyword: Any = place.node.keywords[0].keyword
            raise NotCarriedError(f"it is made with {keyword.value}=")
        if source.is_conditional(cls) and not self.in_place:
            raise NotCarriedError("which one it is, is a condition", "Convert it with --in-place.")
        if "<locals>" in cls.__qualname__ and not self.in_place:
            raise NotCarriedError("it is made in a function", "Convert it with --in-place.")
        try:
            fields = self.fields_of(cls)
        except Exception as error:
            if self._is_abstract(cls):
                return None
            raise NotCarriedError(
                f"its fields cannot be made ({type(error).__name__}: {error})"
            ) from error
        has_heirs = any(obstacles.heirs(cls))
        return Origin(cls, source, bodies.indented(place.node), fields, has_heirs=has_heirs)

    def _is_abstract(self, cls: Any) -> bool:
        model = getattr(getattr(cls, "Meta", None), "model", None)
        return model is None or model._meta.abstract or any(obstacles.heirs(cls))

    def _additions(self, origin: Origin) -> Mapping[str, cst.BaseExpression] | None:
        if not obstacles.makes_own_fields(origin.cls):
            return None
        own = [one for one in bodies.methods(origin.node) if one.name.value == "get_fields"]
        return hooks.plain_additions(own[0]) if len(own) == 1 else None

    def _with_additions(self, origin: Origin, added: Mapping[str, cst.BaseExpression]) -> Origin:
        try:
            _serializer, fields = representative(origin.cls)
        except Exception as error:
            raise NotCarriedError(str(error)) from error
        self._original_fields[origin.cls] = fields
        has_heirs = origin.has_heirs
        return Origin(origin.cls, origin.source, origin.node, fields, added, has_heirs=has_heirs)

    def _attempt(self, origin: Origin, *, optimistic: bool) -> Written:
        cls, file = origin.cls, self.file_of(origin.cls)
        name = self._new_name(cls, file.names)
        schema = file.names.reserve(schema_name(name))
        self._under_way[cls] = (schema, optimistic)
        before = dict(file.names.enumerations)
        try:
            writer = self._writer(origin, name, schema, file)
            attempt = Attempt(
                origin,
                writer,
                file.names,
                self.written,
                self.fields_of,
                lambda above: self._schema_name(above, file),
            )
            written = attempt.equal()
            if optimistic and not written.is_type and self._names_itself(origin):
                raise NotCarriedError("it nests itself and is more than its schema")
        except BaseException:
            file.names.forget(name, schema)
            file.names.renamed.pop(cls)
            file.names.enumerations = before
            raise
        return written

    def _writer(self, origin: Origin, name: str, schema: str, file: File) -> ClassWriter:
        names = file.names
        write = Writer(origin.source, names)
        prefix = schema.rstrip("_").removesuffix("Schema")
        choices = Choices(names, origin.source.name, prefix, write)
        lines = Lines(
            names,
            lambda nested: self.nested_name(nested, file),
            lambda nested: self.loose_name(nested, file),
            choices,
            origin.fields,
        )
        bases = bases_of(origin, names, self.written, in_place=self.in_place)
        origin.of_bases = bases.declared
        writer = ClassWriter(origin, name, schema, bases, file, lines)
        reads = obstacles.reads_options(origin.cls)
        writer.keeps_options = reads or (self.in_place and obstacles.is_read_elsewhere(origin.cls))
        names.enumerations |= choices.new
        return writer

    def _new_name(self, cls: type, names: Names) -> str:
        """Return the name of a new class: its own, unless another file has one of that name.

        Raises:
            NotCarriedError: The file has something else of that name.
        """
        name = cls.__name__
        if not self.in_place:
            if name in names.bound and not isinstance(names.bound[name], Import):
                raise NotCarriedError(
                    f"{name} is there already, and was not written by nova_convert",
                    "Rename it, or write into another file.",
                )
            steps = [one for one in cls.__module__.split(".") if one != "serializers"]
            while names.is_taken(name) and steps:
                name = f"{steps.pop().title().replace('_', '')}{name}"
        names.defined.setdefault(name, None)
        names.renamed[cls] = name
        return name

    def _names_itself(self, origin: Origin) -> bool:
        nested = (nested_classes(bound) for bound in origin.fields.values())
        return any(origin.cls in classes for classes in nested)

    def nested_name(self, cls: type, file: File) -> str:
        """Return the schema that says all of a nested serializer, or nothing."""
        if not self._is_in_reach(cls, file):
            return ""
        if cls in self._under_way and cls not in self.written:
            schema, optimistic = self._under_way[cls]
            return schema if optimistic else ""
        written = self.written.get(cls)
        if written is None or not written.is_type:
            return ""
        return self._schema_name(written, file)

    def _is_in_reach(self, cls: type, file: File) -> bool:
        """Whether a file can import what is written for a class without a circle of imports."""
        if not self._is_ours(cls) or file.imported is None:
            return True
        return self.file_of(cls) is file or cls.__module__ in file.imported

    def _schema_name(self, written: Written, file: File) -> str:
        home = self.file_of(written.cls).names
        if home is file.names:
            return written.schema
        return file.names.use(home.module, written.schema)

    def loose_name(self, cls: type, file: File) -> str:
        """Return the type of what a nested serializer validates that goes on running."""
        written = self.written.get(cls)
        if written is not None and written.schema and self._is_in_reach(cls, file):
            return self._schema_name(written, file)
        return f"dict[str, {file.names.use('typing', 'Any')}]"

    # The original goes on

    def _as_it_is(self, cls: Any, reason: str, remedy: str) -> Written:
        """Keep the original; in a new module, by a class that runs it."""
        if self.in_place or cls.__qualname__ != cls.__name__:
            return Written(cls, cls.__name__, Outcome.BACKED, reason=reason, remedy=remedy)
        names = self.file_of(cls).names
        try:
            name = self._new_name(cls, names)
        except NotCarriedError as error:
            kept = Outcome.KEPT
            return Written(cls, cls.__name__, kept, reason=str(error), remedy=error.remedy)
        schema = names.reserve(schema_name(name))
        try:
            classic = names.use(cls.__module__, cls.__name__, f"Classic{name}")
            convert = names.use("nova_drf", "schema_from_serializer")
            back = names.use("nova_drf", "serializer_from_schema")
            text = f"{schema} = {convert}({classic})\n{name} = {back}({schema})"
            namespace = run(text, names.namespace())
        except Exception as error:
            names.forget(name, schema)
            names.renamed.pop(cls)
            said = f"{reason}; {error}"
            return Written(cls, name, Outcome.KEPT, reason=said, remedy=remedy)
        names.define(name, namespace[name])
        names.define(schema, namespace[schema])
        return Written(cls, name, Outcome.BACKED, schema, reason, remedy, [text])
