"""A serializer class that is to be written: its source code, and where its fields are declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import libcst as cst
from rest_framework.serializers import HyperlinkedModelSerializer, ModelSerializer

from nova_drf.core.overrides import FIELD_BUILDING, definer, is_users
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.codegen import bodies
from nova_drf.migration.codegen.annotations import call_source
from nova_drf.migration.codegen.arguments import Arguments, Column, arguments_of, text_source
from nova_drf.migration.codegen.bindings import names_outside
from nova_drf.migration.codegen.fields import Declared
from nova_drf.migration.codegen.names import CannotWriteError, Names
from nova_drf.migration.codegen.sources import Place, SourceModule, Writer, place_of
from nova_drf.migration.convert.attribute_types import model_of
from nova_drf.migration.convert.names import attribute_names

INFERENCE = (
    *FIELD_BUILDING,
    *("serializer_field_mapping", "serializer_related_field", "serializer_related_to_field"),
    *("serializer_url_field", "serializer_choice_field"),
)
"""What decides which field ``ModelSerializer`` infers for a column."""


_USED_BY_SCHEMAS = frozenset(
    (
        *("bool", "dict", "float", "int", "list", "set", "str", "tuple"),
        *("Annotated", "Any", "Field", "FromModel", "Literal", "NotRequired", "ReadOnly"),
        *("Source", "StringConstraints", "UseField", "WriteOnly", "unset"),
    )
)
"""What a schema may say in any line: no attribute of it has such a name, which would hide it."""


@dataclass
class Origin:
    """A serializer class that is to be written, and its source code.

    Attributes:
        cls: The class.
        place: Where its body stands.
        fields: Its fields, bound.
        added: The fields that its ``get_fields`` adds, where it does nothing else.
        of_bases: The fields that the bases of the new class declare in their bodies.
        has_heirs: Whether other classes derive from it.
    """

    cls: Any
    place: Place
    fields: Mapping[str, AnyField]
    added: Mapping[str, cst.BaseExpression] = field(default_factory=dict)
    of_bases: frozenset[str] = frozenset()
    has_heirs: bool = False

    @property
    def source(self) -> SourceModule:
        """Its module."""
        return self.place.source

    @property
    def node(self) -> cst.ClassDef:
        """Its body."""
        return self.place.body

    @property
    def model(self) -> Any:
        """Its ``Meta.model``."""
        return model_of(self.cls)

    def declared(self, names: Names) -> Iterator[Declared]:
        """Yield what there is to know about each field, for writing it into a file."""
        own = bodies.declarations(self.node)
        for name, attribute in attribute_names(self.fields, _USED_BY_SCHEMAS).items():
            bound = self.fields[name]
            arguments, made_by = self._made_by(name, bound, names)
            of_base, is_own = name in self.of_bases, name in own
            yield Declared(name, attribute, bound, arguments, made_by, of_base, is_own)

    def _made_by(
        self, name: str, bound: AnyField, names: Names
    ) -> tuple[Arguments | None, Callable[[], str]]:
        declaration = self._declaration(name)
        if declaration is not None:
            place, value = declaration
            if _needs_its_class(value, place.body):
                return None, str
            write = Writer(place.source, names)
            return arguments_of(value, bound, write), partial(write, value)
        if name in self.cls._declared_fields or self.model is None:
            return None, str
        column = Column(self.model, str(bound.source))
        said = meta_option(self.cls, "extra_kwargs")
        source, kwargs = (self.source, None) if said is None else (said[0].source, said[1])
        expressions = _entries(_entries(kwargs).get(name))
        if name in (getattr(self.cls.Meta, "read_only_fields", None) or ()):
            expressions["read_only"] = cst.Name("True")
        extra = Arguments(expressions, bound, Writer(source, names), column)
        return extra, partial(self._inferred, name, extra, names)

    def _declaration(self, name: str) -> tuple[Place, cst.BaseExpression] | None:
        """Return where a field is declared, and the expression."""
        if name in self.added:
            return self.place, self.added[name]
        for base in self.cls.__mro__ if name in self.cls._declared_fields else ():
            if vars(base).get("_declared_fields", vars(base)).get(name) is None:
                continue
            place = place_of(base)
            statement = None if place is None else bodies.declarations(place.body).get(name)
            if place is not None and statement is not None:
                return place, bodies.assigned_value(statement)
        return None

    # What is inferred

    def _inferred(self, name: str, extra: Arguments, names: Names) -> str:
        """Return the call that asks the model for a field."""
        model, depth = (self._written_option(option, names) for option in ("model", "depth"))
        arguments = {} if depth is None else {"depth": depth}
        base = self._inferring_class()
        if base is HyperlinkedModelSerializer and self._is_column(name):
            base = ModelSerializer
        if base is HyperlinkedModelSerializer:
            serializers = names.use("rest_framework", "serializers")
            arguments = {"base": f"{serializers}.{base.__name__}", **arguments}
        elif base is not ModelSerializer:
            arguments = {"base": names.use_object(base), **arguments}
        arguments |= {key: extra.write(value) for key, value in extra.expressions.items()}
        callee = names.use("nova_drf", "FromModel")
        model = names.use_object(self.model) if model is None else model
        return call_source(callee, arguments, model, text_source(name))

    def _written_option(self, name: str, names: Names) -> str | None:
        option = meta_option(self.cls, name)
        if option is None:
            return None
        place, value = option
        return Writer(place.source, names)(value)

    def _is_column(self, name: str) -> bool:
        columns = self.model._meta.fields
        return any(column.name == name and not column.is_relation for column in columns)

    def _inferring_class(self) -> type[ModelSerializer[Any]]:
        """Return the class that says how fields are inferred.

        Raises:
            CannotWriteError: The class that is written does so itself.
        """
        owners = _inferring(self.cls)
        if any(is_users(owner) for owner in owners):
            # The most general one of those that do as it does; a mixin alone infers nothing.
            above: list[type[ModelSerializer[Any]]] = [
                base for base in self.cls.__mro__[1:] if issubclass(base, ModelSerializer)
            ]
            alike = [base for base in above if _inferring(base) == owners]
            if not alike:
                raise CannotWriteError("the class infers its fields itself")
            return alike[-1]
        is_linked = issubclass(self.cls, HyperlinkedModelSerializer)
        return HyperlinkedModelSerializer if is_linked else ModelSerializer


def meta_option(cls: type, name: str) -> tuple[Place, cst.BaseExpression] | None:
    """Return an option of ``Meta`` as it is written, there or in what it derives from."""
    metas: tuple[type, ...] = getattr(getattr(cls, "Meta", None), "__mro__", ())
    home = next((meta for meta in metas if name in vars(meta)), None)
    place = None if home is None else place_of(home)
    statement = None if place is None else bodies.declarations(place.body).get(name)
    if place is None or statement is None:
        return None
    return place, bodies.assigned_value(statement)


def _inferring(cls: type) -> list[type]:
    """Return the classes that say which fields a class infers."""
    owners = (definer(cls, name) for name in INFERENCE)
    return [owner for owner in owners if owner is not None]


def _entries(dictionary: cst.BaseExpression | None) -> dict[str, cst.BaseExpression]:
    """Return the values of a dictionary that is written out, by those keys that are texts."""
    return {
        str(element.key.evaluated_value): element.value
        for element in (dictionary.elements if isinstance(dictionary, cst.Dict) else ())
        if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString)
    }


def _needs_its_class(value: cst.BaseExpression, node: cst.ClassDef) -> bool:
    """Whether a declaration names what only exists in the body of its class."""
    bound = bodies.names_bound(node)
    words = {*re.findall(r"\w+", cst.Module([]).code_for_node(value))}
    return bool(words & bound) and bool(names_outside(value) & bound)
