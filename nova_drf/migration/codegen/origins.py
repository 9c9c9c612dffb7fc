"""A serializer class that is to be written: its source code, and where its fields are declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import libcst as cst
import libcst.matchers as m
from rest_framework.serializers import HyperlinkedModelSerializer, ModelSerializer

from nova_drf.core.overrides import FIELD_BUILDING, definer, is_users
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen import bodies
from nova_drf.migration.codegen.annotations import call_source
from nova_drf.migration.codegen.arguments import (
    Arguments,
    Column,
    Limits,
    arguments_of,
    text_source,
)
from nova_drf.migration.codegen.bindings import names_outside
from nova_drf.migration.codegen.fields import Given
from nova_drf.migration.codegen.layout import one_line
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.sources import SourceModule, place_of
from nova_drf.migration.convert.names import attribute_name

INFERENCE = (
    *FIELD_BUILDING,
    *("serializer_field_mapping", "serializer_related_field", "serializer_related_to_field"),
    *("serializer_url_field", "serializer_choice_field"),
)
"""What decides which field ``ModelSerializer`` infers for a column."""


class Writer:
    """Writes the expressions of one module for a file.

    Args:
        source: The module.
        names: The names of the file.
    """

    def __init__(self, source: SourceModule, names: Names) -> None:
        self.source = source
        self.names = names

    def __call__(self, expression: cst.BaseExpression) -> str:
        return one_line(self.source.moved(expression, self.names))


@dataclass
class Origin:
    """A serializer class that is to be written, and its source code.

    Attributes:
        cls: The class.
        source: Its module.
        node: Its body.
        fields: Its fields, bound.
        added: The fields that its ``get_fields`` adds, where it does nothing else.
        of_bases: The fields that the bases of the new class declare in their bodies.
        has_heirs: Whether other classes derive from it.
    """

    cls: Any
    source: SourceModule
    node: cst.ClassDef
    fields: Mapping[str, AnyField]
    added: Mapping[str, cst.BaseExpression] = field(default_factory=dict)
    of_bases: frozenset[str] = frozenset()
    has_heirs: bool = False

    @property
    def model(self) -> Any:
        """Its ``Meta.model``."""
        return getattr(getattr(self.cls, "Meta", None), "model", None)

    def given(self, names: Names) -> Iterator[Given]:
        """Yield what there is to know about each field, for writing it into a file."""
        as_they_are = {name for name in self.fields if attribute_name(name) == name}
        attributes: set[str] = set()
        own = bodies.declarations(self.node)
        for name, bound in self.fields.items():
            taken = as_they_are | attributes
            attribute = name if name in as_they_are else attribute_name(name, taken)
            attributes.add(attribute)
            limits, made_by = self._made_by(name, bound, names)
            yield Given(
                name,
                attribute,
                bound,
                limits,
                made_by,
                of_base=name in self.of_bases,
                is_own=name in own,
            )

    def _made_by(self, name: str, bound: AnyField, names: Names) -> tuple[Limits | None, str]:
        found = self._declaration(name)
        if found is not None:
            source, node, value = found
            if _needs_its_class(value, node):
                return None, ""
            write = Writer(source, names)
            return arguments_of(value, bound, write), write(value)
        if name in self.cls._declared_fields or self.model is None:
            return None, ""
        extra = Arguments(self._extra(name), bound, Writer(self.source, names))
        try:
            made_by = self._inferred(name, extra, names)
        except CannotWriteError:
            made_by = ""
        return Column(self.model, str(bound.source), extra), made_by

    def _declaration(self, name: str) -> tuple[SourceModule, cst.ClassDef, Any] | None:
        """Return where a field is declared: the module, the class body, and the expression."""
        if name in self.added:
            return self.source, self.node, self.added[name]
        if name not in self.cls._declared_fields:
            return None
        for base in self.cls.__mro__:
            if vars(base).get("_declared_fields", vars(base)).get(name) is None:
                continue
            place = place_of(base)
            statement = None if place is None else bodies.declarations(place.node).get(name)
            if place is not None and statement is not None:
                return place.source, place.node, bodies.assigned_value(statement)
        return None

    # What is inferred

    def _extra(self, name: str) -> Mapping[str, cst.BaseExpression]:
        """Return what ``Meta.extra_kwargs`` says about a field, where it is written out."""
        said = self.option("extra_kwargs")
        entries = said.elements if isinstance(said, cst.Dict) else ()
        given = _entries(entries).get(name)
        extra = _entries(given.elements) if isinstance(given, cst.Dict) else {}
        if name in (getattr(self.cls.Meta, "read_only_fields", None) or ()):
            extra = {**extra, "read_only": cst.Name("True")}
        return extra

    def option(self, name: str) -> cst.BaseExpression | None:
        """Return an option of ``Meta`` as it is written, in the class itself."""
        meta = bodies.meta_of(self.node)
        found = None if meta is None else bodies.declarations(meta).get(name)
        return None if found is None else bodies.assigned_value(found)

    def _inferred(self, name: str, extra: Arguments, names: Names) -> str:
        """Return the call that asks the model for a field."""
        model = self.option("model")
        named = names.use_object(self.model) if model is None else extra.write(model)
        arguments = {key: extra.write(value) for key, value in extra.given.items()}
        depth = self.option("depth")
        if depth is not None:
            arguments = {"depth": extra.write(depth), **arguments}
        base = self._inferring_class()
        if base is HyperlinkedModelSerializer and self._is_column(name):
            base = ModelSerializer
        if base is HyperlinkedModelSerializer:
            serializers = names.use("rest_framework", "serializers")
            arguments = {"base": f"{serializers}.{base.__name__}", **arguments}
        elif base is not ModelSerializer:
            arguments = {"base": names.use_object(base), **arguments}
        callee = names.use("nova_drf", "FromModel")
        return call_source(callee, arguments, named, text_source(name))

    def _is_column(self, name: str) -> bool:
        return any(one.name == name and not one.is_relation for one in self.model._meta.fields)

    def _inferring_class(self) -> Any:
        """Return the class that says how fields are inferred.

        Raises:
            CannotWriteError: The class that is written does so itself.
        """
        owners = _inferring(self.cls)
        if any(is_users(owner) for owner in owners):
            # The most general one of those that do as it does; a mixin alone infers nothing.
            above = [one for one in self.cls.__mro__[1:] if issubclass(one, ModelSerializer)]
            alike = [one for one in above if _inferring(one) == owners]
            if not alike:
                raise CannotWriteError("the class infers its fields itself")
            return alike[-1]
        is_linked = issubclass(self.cls, HyperlinkedModelSerializer)
        return HyperlinkedModelSerializer if is_linked else ModelSerializer


def _inferring(cls: type) -> list[type]:
    """Return the classes that say which fields a class infers."""
    found = (definer(cls, name) for name in INFERENCE)
    return [owner for owner in found if owner is not None]


def _entries(elements: Any) -> dict[str, cst.BaseExpression]:
    return {
        str(one.key.evaluated_value): one.value
        for one in elements
        if isinstance(one, cst.DictElement) and isinstance(one.key, cst.SimpleString)
    }


def _needs_its_class(value: cst.BaseExpression, node: cst.ClassDef) -> bool:
    """Whether a declaration names what only exists in the body of its class."""
    bound = bodies.names_bound(node)
    mentioned = {name.value for name in m.findall(value, m.Name())}  # type: ignore[attr-defined]
    return bool(mentioned & bound) and bool(names_outside(value) & bound)
