"""The serializer of a converted schema: the original's hooks, run on pydantic-core."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from pydantic import BaseModel

from nova_drf.migration.convert.converted import ConvertedSchema, conversion_of, instance_of
from nova_drf.serializers.backed import SchemaBackedMixin
from nova_drf.serializers.base import CompiledSerializer
from nova_drf.serializers.method_order import metaclass_with
from nova_drf.serializers.schema_serializer import SchemaSerializer


class ConvertedSerializer(SchemaBackedMixin, SchemaSerializer[Any]):
    """A :class:`~nova_drf.SchemaSerializer` that is a subclass of the serializer it replaces.

    Its fields, hooks, ``Meta`` and class attributes are the original's. What SchemaSerializer
    adds is there as well: ``validated_schema`` and the async entry points.
    """

    _of_layer: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: object) -> None:
        meta: Any = cls.__dict__.get("Meta")
        above = getattr(super(cls, cls), "Meta", None)
        if meta is not None and above is not None and not issubclass(meta, above):
            # What a subclass's Meta leaves out, the original's says.
            cls.Meta = type("Meta", (meta, above), {})  # type: ignore[attr-defined]  # each subclass has one
        super().__init_subclass__(**kwargs)

    def get_validators(self) -> Any:
        return super(CompiledSerializer, self).get_validators()

    def create(self, validated_data: object) -> Any:
        return super(CompiledSerializer, self).create(validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        return super(CompiledSerializer, self).update(instance, validated_data)

    @classmethod
    def get_origin(cls) -> type:
        """Return the serializer class that this one replaces."""
        return cls.Meta.schema.__nova_conversion__.origin  # type: ignore[attr-defined, no-any-return]  # each subclass has one

    @property
    def validated_schema(self) -> object:
        """The validated input as an instance of the schema."""
        values = self.validated_data
        if self.errors:
            raise AssertionError("You cannot access `.validated_schema` of invalid data.")
        return instance_of(type(self).Meta.schema, values)  # type: ignore[attr-defined]  # each subclass has one


@cache
def converted_serializer(schema: type[ConvertedSchema]) -> type[ConvertedSerializer]:
    """Return the serializer class of a converted schema, a drop-in for the one it came from."""
    return make_converted_serializer(schema)


def make_converted_serializer(
    schema: type[BaseModel], name: str | None = None, **meta: object
) -> type[ConvertedSerializer]:
    """Make a serializer class for a converted schema.

    Args:
        schema: What ``schema_from_serializer`` returned.
        name: The class's name; that of the original when left out.
        meta: Attributes of ``Meta`` that differ from the original's.
    """
    conversion = conversion_of(schema)
    assert conversion is not None  # noqa: S101  # for type checkers
    origin: Any = conversion.origin
    bases = (origin.Meta,) if hasattr(origin, "Meta") else ()
    body = {
        "__module__": origin.__module__,
        "__qualname__": name or origin.__qualname__,
        "__doc__": origin.__doc__,
        "Meta": type("Meta", bases, {"schema": schema, **meta}),
    }
    metaclass: Any = metaclass_with(type(origin))
    converted: type[ConvertedSerializer] = metaclass(
        name or origin.__name__, (ConvertedSerializer, origin), body
    )
    return converted
