"""The serializers of a test suite, run by ours.

Every serializer class that the suite or its project writes is changed where it is written:

* ``backed``: :class:`~nova_drf.SchemaBackedMixin` is put in front of its bases;
* ``replaced``: it inherits from our versions of DRF's own classes, put in their places;
* ``round_trip``: its name stands for what comes of converting it to a schema and back, wherever it
  can be converted.
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import resolve_bases
from typing import Any

ClassStatement = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""What makes a class, from what does so usually, its bases and its keyword arguments."""


def is_of_the_suite(module: object) -> bool:
    """Whether a class is the suite's or its project's: neither DRF's nor ours.

    Args:
        module: The name of the module that defines it.
    """
    return str(module).partition(".")[0] not in ("rest_framework", "nova_drf")


def backed(classes: Counter[str]) -> None:
    """Put our mixin in front of every class.

    Args:
        classes: Counts what became of classes.
    """

    def statement(make: Callable[..., Any], bases: tuple[Any, ...], keywords: Any) -> Any:
        from nova_drf import SchemaBackedMixin

        if not any(issubclass(base, SchemaBackedMixin) for base in resolve_bases(bases)):
            bases = (SchemaBackedMixin, *bases)
            classes["backed"] += 1
        given = [keywords.pop("metaclass", type), *map(type, resolve_bases(bases))]
        return make(*bases, metaclass=_metaclass(given), **keywords)

    _write_by(statement)


def replaced(classes: Counter[str]) -> None:
    """Put our classes in the places of DRF's.

    Args:
        classes: Counts what became of classes.
    """
    from rest_framework import serializers

    from nova_drf import SchemaBackedMixin

    metaclass = type(SchemaBackedMixin)
    above: Any = SchemaBackedMixin
    for name in ("Serializer", "ModelSerializer", "HyperlinkedModelSerializer"):
        above = metaclass(name, (above, getattr(serializers, name)), {"__module__": __name__})
        setattr(serializers, name, above)
        classes["replaced"] += 1
    # Some derive a metaclass of their own from it.
    serializers.SerializerMetaclass = metaclass


def round_trip(classes: Counter[str]) -> None:
    """Convert every class to a schema, and that back.

    Args:
        classes: Counts what became of classes.
    """
    converting: list[Any] = []

    def statement(make: Callable[..., Any], bases: tuple[Any, ...], keywords: Any) -> Any:
        from nova_drf import schema_from_serializer, serializer_from_schema
        from nova_drf.core.exceptions import SchemaDefinitionError

        origin = make(*map(_origin, bases), **keywords)
        if converting:
            # Its fields write classes of their own.
            return origin
        converting.append(origin)
        try:
            made = serializer_from_schema(schema_from_serializer(origin))
            classes["converted"] += 1
        except SchemaDefinitionError:
            # An abstract class, or one about whose fields DRF itself complains.
            classes["not converted"] += 1
            classes["not converted, though DRF can make it"] += _can_be_made(origin)
            made = origin
        except ImportError:
            # It names a class that the module is yet to write.
            made = origin
        finally:
            converting.clear()
        return made

    _write_by(statement)


MODES: Mapping[str, Callable[[Counter[str]], None]] = {
    "backed": backed,
    "replaced": replaced,
    "round_trip": round_trip,
}


def _write_by(statement: ClassStatement) -> None:
    """Let the class statements of serializers do something else."""
    from rest_framework.serializers import SerializerMetaclass

    build = builtins.__build_class__

    def changed(body: Any, name: str, /, *bases: Any, **keywords: Any) -> Any:
        def make(*bases: Any, **keywords: Any) -> Any:
            return build(body, name, *bases, **keywords)

        is_serializer = any(isinstance(base, SerializerMetaclass) for base in resolve_bases(bases))
        if is_serializer and is_of_the_suite(body.__module__):
            return statement(make, bases, keywords)
        return make(*bases, **keywords)

    builtins.__build_class__ = changed


def _metaclass(given: Sequence[type]) -> type:
    """Return a metaclass that is all of the given ones."""
    needed = [one for one in given if not any(one in other.__mro__[1:] for other in given)]
    together = tuple(dict.fromkeys(needed))
    return together[0] if len(together) == 1 else type("Together", together, {})


def _origin(base: Any) -> Any:
    """Return what a class was converted from, for whoever inherits from it."""
    return base.get_origin() if hasattr(base, "get_origin") else base


def _can_be_made(serializer_class: Any) -> bool:
    try:
        return bool(serializer_class().fields is not None)
    except Exception:
        # Whatever it needs, it cannot be made here.
        return False
