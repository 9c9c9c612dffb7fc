"""``Meta`` and the type argument of a serializer class, read and checked."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from django.db.models import Model
from pydantic import BaseModel
from rest_framework.serializers import ModelSerializer

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.mapping.shape import Shape


def class_label(cls: type) -> str:
    """Return how messages name a serializer class."""
    return f"{cls.__module__}.{cls.__qualname__}"


class Options(NamedTuple):
    """What the ``Meta`` of a serializer class says.

    Attributes:
        meta: The ``Meta`` itself, if there is one.
        model: Its ``model``.
        read_only: Its ``read_only_fields``.
        write_only: Its ``write_only_fields``.
    """

    meta: Any
    model: Any
    read_only: frozenset[str] = frozenset()
    write_only: frozenset[str] = frozenset()

    @classmethod
    def of(cls, serializer_class: type, *, only_model: bool = False) -> Options:
        """Return what a class says.

        Args:
            serializer_class: The class.
            only_model: Whether the schema says what the other options do.

        Raises:
            SchemaDefinitionError: Something in it has the wrong type.
        """
        meta: object = getattr(serializer_class, "Meta", None)
        model = _model(serializer_class, meta)
        if only_model:
            return cls(meta, model)
        read_only = _names(serializer_class, meta, "read_only_fields")
        return cls(meta, model, read_only, _names(serializer_class, meta, "write_only_fields"))


def _model(cls: type, meta: object) -> object:
    model = getattr(meta, "model", None)
    if model is not None and not (isinstance(model, type) and issubclass(model, Model)):
        raise SchemaDefinitionError(
            f"{class_label(cls)}.Meta.model: {model!r} is not a Django model. "
            "Name the model's class."
        )
    return model


def _names(cls: type, meta: object, option: str) -> frozenset[str]:
    names = getattr(meta, option, None) or ()
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise SchemaDefinitionError(
            f"{class_label(cls)}.Meta.{option}: expected a list or tuple of field names, "
            f"got {names!r}. Write it as a tuple of strings."
        )
    return frozenset(names)


def check_names(cls: type, options: Options, request: Shape, response: Shape) -> None:
    """Refuse options that name fields which are not there, or contradict each other.

    Args:
        cls: The serializer class.
        options: What its ``Meta`` says.
        request: The fields that clients send, as the class has them.
        response: Those that clients get.

    Raises:
        SchemaDefinitionError: They do.
    """
    fields = (*request.fields.values(), *response.fields.values())
    known = {name for field in fields for name in (field.name, *field.keys)}
    for option, names in (
        ("read_only_fields", options.read_only),
        ("write_only_fields", options.write_only),
    ):
        # What a Meta inherits is about another class's fields as well; DRF passes over it, and in
        # a class that is one of DRF's own over all of it.
        own = option in vars(options.meta or object) and not issubclass(cls, ModelSerializer)
        for name in sorted(names - known if own else ()):
            raise SchemaDefinitionError(
                f"{class_label(cls)}.Meta.{option}: {request.schema.__name__} has no field "
                f"{name!r}. Its fields are: {', '.join(sorted(known))}."
            )
    for name in sorted(options.read_only & options.write_only):
        raise SchemaDefinitionError(
            f"{class_label(cls)}.Meta: {name!r} is in read_only_fields and in write_only_fields. "
            "Keep one of the two."
        )
    for field in fields:
        if field.read_only and field.write_only:
            raise SchemaDefinitionError(
                f"{class_label(cls)}: {field.field_name!r} is read-only and write-only. "
                "Keep one of the two."
            )


def named_schemas(cls: type, base: type) -> tuple[type[BaseModel], type[BaseModel]] | None:
    """Return what a serializer class says its request and response schemas are.

    Args:
        cls: The class.
        base: The generic class of ours whose type argument is a schema.

    Raises:
        SchemaDefinitionError: What it names is no schema, or the two contradict each other.
    """
    meta = cls.__dict__.get("Meta")
    single = getattr(meta, "schema", None)
    request: Any = getattr(meta, "request_schema", None) or single
    response: Any = getattr(meta, "response_schema", None) or single
    argument = _type_argument(cls, base)
    if isinstance(argument, type) and issubclass(argument, BaseModel):
        request, response = request or argument, response or argument
    elif argument is not None and not request:
        check_schema(argument, class_label(cls))
    if request is None and response is None:
        return None
    request, response = request or response, response or request
    if isinstance(argument, type) and argument not in (request, response):
        raise SchemaDefinitionError(
            f"{class_label(cls)}: {argument.__name__} is its type argument, "
            f"but its Meta names {request.__name__}. Keep one of the two."
        )
    for schema in (request, response):
        check_schema(schema, class_label(cls))
    return request, response


def _type_argument(cls: type, base: type) -> Any:
    """Return what stands in brackets behind a base class; ``None`` where it names nothing yet."""
    argument = None
    for parent in cls.__dict__.get("__orig_bases__", ()):
        origin = get_origin(parent)
        if isinstance(origin, type) and issubclass(origin, base):
            first = get_args(parent)[0]
            if first is not Any and not isinstance(first, TypeVar):
                argument = first
    return argument


def check_schema(schema: object, where: str) -> None:
    """Refuse what is no Pydantic model.

    Args:
        schema: What somebody named as a schema.
        where: Who did.

    Raises:
        SchemaDefinitionError: It is none.
    """
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        raise SchemaDefinitionError(
            f"{where}: {schema!r} is not a Pydantic model. "
            "Pass a subclass of nova_drf.Schema or pydantic.BaseModel."
        )
