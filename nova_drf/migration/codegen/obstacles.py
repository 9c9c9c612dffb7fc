"""What keeps a serializer class from being written anew: it then goes on running as it is."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from types import CodeType
from typing import Any

import libcst as cst
import libcst.matchers as m
from rest_framework.serializers import (
    BaseSerializer,
    HyperlinkedModelSerializer,
    ModelSerializer,
    Serializer,
)

from nova_drf.core.overrides import (
    FIELD_BUILDING,
    INPUT_LOOP,
    OUTPUT_LOOP,
    is_users,
    override,
    overrides,
)
from nova_drf.core.ownership import subclasses
from nova_drf.migration.codegen.arguments import WRITTEN_AS_THEY_ARE
from nova_drf.migration.codegen.bindings import names_outside
from nova_drf.migration.codegen.bodies import (
    SAID_BY_SCHEMA,
    assigned_value,
    attributes_used,
    declarations,
    meta_of,
    methods,
    names_bound,
)
from nova_drf.migration.codegen.elsewhere import read_metas
from nova_drf.migration.codegen.origins import Origin, meta_option
from nova_drf.migration.codegen.running import NotCarriedError, is_trial
from nova_drf.migration.codegen.sources import Place, place_of
from nova_drf.serializers.schema_serializer import SchemaSerializer

DRF_BASES: tuple[Any, ...] = (Serializer, ModelSerializer, HyperlinkedModelSerializer)
"""The classes in whose place :class:`~nova_drf.SchemaSerializer` can stand."""

_ONLY_OF_MODELS = {
    name for name in {*dir(ModelSerializer)} - {*dir(SchemaSerializer)} if not name.startswith("__")
}
"""The API of ``ModelSerializer`` that a serializer with a schema does not have."""

_OF_INSTANCES = frozenset(
    (
        *("context", "_context", "instance", "initial_data", "parent", "root", "partial"),
        *("_kwargs", "_args", "request"),
    )
)
"""What differs between the serializers of a class."""


def check_kind(cls: type) -> None:
    """Refuse a class that has no fields.

    Raises:
        NotCarriedError: It is one.
    """
    if not issubclass(cls, Serializer):
        raise NotCarriedError(
            f"{cls.__name__} is no Serializer: its methods say all of it",
            "Derive it from Serializer and declare its fields.",
        )


def check_model(old: type, new: type) -> None:
    """Refuse a class that would write a model which the original only names.

    Raises:
        NotCarriedError: It would.
    """
    if not issubclass(old, ModelSerializer) and getattr(getattr(new, "Meta", None), "model", None):
        raise NotCarriedError(
            "it names a model in Meta, but does not write it",
            "Take Meta.model away, or derive it from ModelSerializer.",
        )


def serializer_around(cls: type) -> str:
    """Return the name of the serializer in whose body a class stands, if it stands in one.

    Nothing above that could name the schema of the class.
    """
    outer: object = sys.modules[cls.__module__]
    for step in cls.__qualname__.split(".")[:-1]:
        outer = getattr(outer, step, None)
    is_serializer = isinstance(outer, type) and issubclass(outer, BaseSerializer)
    return getattr(outer, "__name__", "") if is_serializer else ""


def check(cls: type[Serializer[Any]]) -> None:
    """Refuse a class that cannot be written, as far as that can be seen without its source.

    Raises:
        NotCarriedError: It cannot.
    """
    for method in overrides(cls, (*INPUT_LOOP, *OUTPUT_LOOP)):
        raise NotCarriedError(
            f"{method} takes DRF's loop apart",
            "Move what it does to to_internal_value() or to_representation().",
        )
    for method in overrides(cls, FIELD_BUILDING):
        asked = sorted(_names_in(_code_of(vars(method.owner)[method.name])) & _OF_INSTANCES)
        if asked:
            raise NotCarriedError(
                f"{method} looks at {asked[0]} to make fields",
                "Let it depend on the class only, and change fields in __init__().",
            )


def check_options(cls: type) -> None:
    """Refuse a class whose ``Meta`` has the names of fields from elsewhere.

    Raises:
        NotCarriedError: Another deployment may have others.
    """
    for option in ("fields", "exclude", "read_only_fields"):
        said = meta_option(cls, option)
        if said is not None and _is_worked_out(said[1]):
            raise NotCarriedError(f"Meta.{option} is worked out", "List the names of the fields.")


def _is_worked_out(expression: cst.BaseExpression) -> bool:
    calls = m.findall(expression, m.Call())
    is_harmless = all(m.matches(call, _HARMLESS) for call in calls)
    return not is_harmless or bool(m.findall(expression, _OUTSIDE))


def check_given(place: Place) -> None:
    """Refuse a class that is another one each time that the function around it is called.

    Limits and texts may be what the function is given, since they are written as they are.

    Raises:
        NotCarriedError: Its bases, its ``Meta`` or what makes its fields come from there.
    """
    known = {*vars(place.source.module), *dir(builtins), *names_bound(place.body)}
    parts: list[cst.CSTNode] = [*place.body.bases]
    meta = meta_of(place.body)
    options = {} if meta is None else declarations(meta)
    parts += [options[name] for name in options.keys() & {*SAID_BY_SCHEMA, "model"}]
    for statement in declarations(place.body).values():
        value = assigned_value(statement)
        parts += [value.func] if isinstance(value, cst.Call) else []
        parts += [
            argument.value
            for argument in (value.args if isinstance(value, cst.Call) else ())
            if argument.keyword is None or argument.keyword.value not in WRITTEN_AS_THEY_ARE
        ]
    given = {name for part in parts for name in names_outside(part)} - known
    if given:
        raise NotCarriedError(
            f"the function around it is given {min(given)}",
            "Define it at the top of the module.",
        )


_HARMLESS = m.Call(
    m.OneOf(*map(m.Name, ("frozenset", "get_user_model", "list", "set", "sorted", "tuple")))
    | m.Attribute(attr=m.OneOf(*map(m.Name, ("copy", "difference", "get_fields", "keys", "union"))))
    | m.Name(m.MatchRegex(r"\w+Serializer"))
)
"""Calls that come to the same wherever the code runs with the same models."""

_OUTSIDE = m.Name("settings") | m.Name("environ") | m.Name("getenv")


def _code_of(value: object) -> CodeType | None:
    return getattr(getattr(value, "__func__", value), "__code__", None)


def _names_in(code: CodeType | None) -> set[str]:
    if code is None:
        return set()
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return {*code.co_names}.union(*map(_names_in, inner))


def needs_model_serializer(origin: Origin) -> bool:
    """Whether the code of a class uses what only ``ModelSerializer`` has."""
    if not issubclass(origin.cls, ModelSerializer):
        return False
    return bool(attributes_used(origin.node) & _ONLY_OF_MODELS) or reads_options(origin.cls)


def reads_options(cls: type) -> bool:
    """Whether methods of a class, or of those above it, read what a schema says from ``Meta``.

    An option of the project's own stays in any case.
    """
    places = (place_of(base) for base in cls.__mro__ if is_users(base))
    return any(
        len(m.findall(method, _META)) > len(m.findall(method, _OWN_OPTION))
        for place in places
        if place is not None
        for method in methods(place.body)
    )


_META = m.Attribute(attr=m.Name("Meta"))
_SAID = m.OneOf(*map(m.Name, SAID_BY_SCHEMA), m.Name("model"))
_SAID_TEXT: m.MatchIfTrue[str] = m.MatchIfTrue(
    lambda text: text.strip("\"'") in {*SAID_BY_SCHEMA, "model"}
)
_OWN_OPTION = m.Attribute(_META, m.DoesNotMatch(_SAID)) | m.Call(
    m.Name("getattr") | m.Name("hasattr"),
    [m.Arg(_META), m.Arg(m.SimpleString(m.DoesNotMatch(_SAID_TEXT))), m.ZeroOrMore()],
)


def is_read_elsewhere(cls: type) -> bool:
    """Whether code of the project reads ``Meta`` of a class, that of its heirs' ``Meta`` apart."""
    return cls.__name__ in read_metas(cls.__module__.partition(".")[0])


def heirs(cls: type) -> Iterator[type]:
    """Yield the classes that derive from a class and can be found by their names.

    What nova_drf made of it does not count, nor what some function makes and forgets.
    """
    for heir in subclasses(cls):
        is_new = issubclass(heir, SchemaSerializer) or is_trial(heir)
        if not is_new and is_users(heir) and is_importable(heir):
            yield heir


def is_derived_from(cls: type) -> bool:
    """Whether classes that can be found by their names derive from a class, converted ones too."""
    classes: list[type] = cls.__subclasses__()
    return any(is_importable(one) and is_users(one) for one in classes)


def is_importable(cls: type) -> bool:
    """Whether a class is what its name stands for at the top of its module."""
    return getattr(sys.modules.get(cls.__module__), cls.__name__, None) is cls


def makes_own_fields(cls: type) -> bool:
    """Whether a class, or one above it, has a ``get_fields`` of its own."""
    return override(cls, "get_fields") is not None
