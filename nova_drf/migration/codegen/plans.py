"""What is known while classes are written: what became of those before, and their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from nova_drf.core.overrides import is_users
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen.comparison import own_fields
from nova_drf.migration.codegen.names import Import, Names
from nova_drf.migration.codegen.outcomes import File, Outcome, Written
from nova_drf.migration.codegen.running import NotCarriedError
from nova_drf.migration.codegen.sources import Place, place_of
from nova_drf.serializers.schema_serializer import SchemaSerializer


class Plan:
    """What became of classes, and where those that follow find it.

    Args:
        file_of: Returns the file into which a class goes.
        wanted: Whether a class is to be written when another one needs it.
        in_place: Whether the classes replace the originals, which have to work without them.
    """

    def __init__(
        self, file_of: Callable[[type], File], wanted: Callable[[type], bool], *, in_place: bool
    ) -> None:
        self.file_of = file_of
        self.wanted = wanted
        self.in_place = in_place
        self.written: dict[type, Written] = {}
        self.under_way: dict[type, str] = {}
        """The classes that are begun, with the schemas that those which nest them may name."""
        self.fields: dict[type, Mapping[str, AnyField]] = {}
        """The fields of original classes."""

    def is_ours(self, cls: type) -> bool:
        """Whether a class is a serializer that is written too."""
        is_serializer = issubclass(cls, BaseSerializer) and not issubclass(cls, ListSerializer)
        if not is_serializer or issubclass(cls, SchemaSerializer) or not is_users(cls):
            return False
        return self.wanted(cls)

    def fields_of(self, cls: Any) -> Mapping[str, AnyField]:
        """Return the fields of an original class: what it declares, infers and always adds."""
        if cls not in self.fields:
            self.fields[cls] = own_fields(cls)
        return self.fields[cls]

    # Names

    def new_name(self, cls: type, names: Names) -> str:
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
            steps = [step for step in cls.__module__.split(".") if step != "serializers"]
            while names.is_taken(name) and steps:
                name = f"{steps.pop().title().replace('_', '')}{name}"
        names.defined.setdefault(name, None)
        names.renamed[cls] = name
        return name

    def nested_name(self, cls: type, place: Place, file: File) -> str:
        """Return the schema that says all of a nested serializer, or nothing."""
        written = self.written.get(cls)
        if not self.is_in_reach(cls, place, file):
            return ""
        if written is None:
            return self.under_way.get(cls, "")
        return self.schema_name(written, file) if written.is_type else ""

    def loose_name(self, cls: type, place: Place, file: File) -> str:
        """Return the type of what a nested serializer validates that goes on running."""
        written = self.written.get(cls)
        has_class = written is not None and written.outcome is Outcome.WRITTEN
        if written is not None and has_class and self.is_in_reach(cls, place, file):
            return self.schema_name(written, file)
        anything = file.names.use("typing", "Any")
        return f"dict[str, {anything}]" if issubclass(cls, Serializer) else anything

    def schema_name(self, written: Written, file: File) -> str:
        """Return what a file calls the schema of a class, which it imports if it has to."""
        home = self.file_of(written.cls).names
        if home is file.names:
            return written.schema
        return file.names.use(home.module, written.schema)

    def is_in_reach(self, cls: type, place: Place, file: File) -> bool:
        """Whether what is written for a class is there for one that stands elsewhere.

        It may be defined under a condition, or in a function; or a file may not be able to import
        it without a circle of imports.

        Args:
            cls: The class.
            place: Where the other one stands.
            file: The file of that.
        """
        there = place_of(cls)
        if not self.is_ours(cls) or file.imported is None or there is None:
            return True
        if self.file_of(cls) is file:
            return there.is_in_reach_of(place)
        return not there.blocks and cls.__module__ in file.imported
