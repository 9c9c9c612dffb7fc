"""Which classes are written, in which order, and in which way each comes out equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import libcst as cst
from rest_framework.serializers import ListSerializer

from nova_drf.migration.codegen import bodies, hooks, obstacles
from nova_drf.migration.codegen.annotations import nested_classes
from nova_drf.migration.codegen.attempts import equal
from nova_drf.migration.codegen.classes import ClassWriter
from nova_drf.migration.codegen.origins import Origin
from nova_drf.migration.codegen.outcomes import File, Outcome, Progress, Written
from nova_drf.migration.codegen.plans import Plan
from nova_drf.migration.codegen.running import NotCarriedError, run
from nova_drf.migration.codegen.sources import source_of
from nova_drf.migration.convert.attribute_types import model_of
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
        stays: Classes that must go on running as they are, and what was wrong.
    """

    def __init__(
        self,
        file_of: Callable[[type], File],
        wanted: Callable[[type], bool],
        progress: Progress | None = None,
        *,
        in_place: bool = False,
        stays: Mapping[type, NotCarriedError] | None = None,
    ) -> None:
        self.plan = Plan(file_of, wanted, in_place=in_place)
        self.progress = progress
        self.in_place = in_place
        self.stays = stays or {}
        self.written = self.plan.written

    def write(self, cls: Any) -> Written:
        """Write a class, unless that was done before; whatever is wrong with it, it returns."""
        if cls in self.written:
            return self.written[cls]
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

    def _write_needed(self, cls: type) -> None:
        self.plan.under_way.setdefault(cls, "")
        for needed in self._needed(cls):
            if needed not in self.plan.under_way:
                self.write(needed)

    def _needed(self, cls: type) -> Iterator[type]:
        for base in cls.__bases__:
            if self.plan.is_ours(base):
                yield base
        declared: Mapping[str, object] = getattr(cls, "_declared_fields", {})
        try:
            fields = self.plan.fields_of(cls)
        except Exception:
            # It is told when the class itself is written.
            fields = {}
        for bound in (*declared.values(), *fields.values()):
            for nested in nested_classes(bound):
                if nested is not cls and self.plan.is_ours(nested):
                    yield nested

    # Writing

    def _new(self, cls: Any) -> Written:
        obstacles.check_kind(cls)
        if cls in self.stays:
            if not self.plan.fields_of(cls):
                # Those that derive from it have it as a mixin.
                return Written(cls, cls.__name__, Outcome.CARRIED, reason=str(self.stays[cls]))
            raise self.stays[cls]
        outer = obstacles.serializer_around(cls) if self.in_place else ""
        if outer:
            raise NotCarriedError(f"it stands in the body of {outer}", f"Move it above {outer}.")
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
                self.plan.fields[cls] = origin.fields
        return self._attempt(origin, optimistic=False)

    def _refuse_heirs(self, cls: type) -> None:
        for heir in obstacles.heirs(cls) if self.in_place else ():
            if not self.plan.is_ours(heir):
                raise NotCarriedError(
                    f"{heir.__module__}.{heir.__qualname__} derives from it",
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
            keyword = cst.Module([]).code_for_node(place.node.keywords[0]).partition("=")[0]
            raise NotCarriedError(f"it is made with {keyword.strip()}=")
        if source.is_conditional(cls) and not self.in_place:
            raise NotCarriedError("which one it is, is a condition", "Convert it with --in-place.")
        if "<locals>" in cls.__qualname__:
            if not self.in_place:
                raise NotCarriedError("it is made in a function", "Convert it with --in-place.")
            obstacles.check_given(place)
        try:
            fields = self.plan.fields_of(cls)
        except Exception as error:
            # It is the project's code; the report says what it raised.
            if self._is_abstract(cls):
                return None
            raise NotCarriedError(
                f"its fields cannot be made ({type(error).__name__}: {error})"
            ) from error
        has_heirs = any(obstacles.heirs(cls))
        return Origin(cls, place, fields, has_heirs=has_heirs)

    def _is_abstract(self, cls: Any) -> bool:
        model = model_of(cls)
        return model is None or model._meta.abstract or any(obstacles.heirs(cls))

    def _additions(self, origin: Origin) -> Mapping[str, cst.BaseExpression] | None:
        if not obstacles.makes_own_fields(origin.cls):
            return None
        own = [
            method for method in bodies.methods(origin.node) if method.name.value == "get_fields"
        ]
        return hooks.plain_additions(own[0]) if len(own) == 1 else None

    def _with_additions(self, origin: Origin, added: Mapping[str, cst.BaseExpression]) -> Origin:
        try:
            _serializer, fields = representative(origin.cls)
        except Exception as error:
            # Likewise.
            raise NotCarriedError(str(error)) from error
        self.plan.fields[origin.cls] = fields
        return replace(origin, fields=fields, added=added)

    def _attempt(self, origin: Origin, *, optimistic: bool) -> Written:
        """Write a class; give back what it reserved where it cannot be.

        Args:
            origin: The class.
            optimistic: Whether it may nest itself as a schema, which then has to say all of it.
        """
        cls, names = origin.cls, self.plan.file_of(origin.cls).names
        name = self.plan.new_name(cls, names)
        schema = names.reserve(schema_name(name))
        self.plan.under_way[cls] = schema if optimistic else ""
        enumerations = dict(names.enumerations)
        try:
            written = equal(ClassWriter(origin, self.plan, name, schema))
            if optimistic and not written.is_type and self._names_itself(origin):
                raise NotCarriedError("it nests itself and is more than its schema")
        except BaseException:
            # Whatever happened, the names are free again.
            names.forget(name, schema)
            names.renamed.pop(cls)
            names.enumerations = enumerations
            raise
        return written

    def _names_itself(self, origin: Origin) -> bool:
        return any(origin.cls in nested_classes(bound) for bound in origin.fields.values())

    # The original goes on

    def _as_it_is(self, cls: Any, reason: str, remedy: str) -> Written:
        """Keep the original; in a new module, by a class that runs it."""
        if self.in_place or cls.__qualname__ != cls.__name__:
            # What stands in the body of another serializer is written anew with that.
            is_inside = self.in_place and obstacles.serializer_around(cls)
            outcome = Outcome.KEPT if is_inside else Outcome.BACKED
            return Written(cls, cls.__name__, outcome, reason=reason, remedy=remedy)
        names = self.plan.file_of(cls).names
        try:
            name = self.plan.new_name(cls, names)
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
            # The class is kept, and the report says why.
            names.forget(name, schema)
            names.renamed.pop(cls)
            reason = f"{reason}; {error}"
            return Written(cls, name, Outcome.KEPT, reason=reason, remedy=remedy)
        names.define(name, namespace[name])
        names.define(schema, namespace[schema])
        return Written(cls, name, Outcome.BACKED, schema, reason, remedy, [text])
