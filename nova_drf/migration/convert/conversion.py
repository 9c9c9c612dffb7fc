"""``schema_from_serializer``: the contract of any DRF serializer as a Pydantic schema."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import Any, ForwardRef
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict, create_model
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import (
    FIELD_ACCESS,
    INPUT_LOOP,
    OUTPUT_LOOP,
    WHOLE_INPUT,
    WHOLE_OUTPUT,
    Override,
    SerializerClass,
    all_overrides,
    overrides,
)
from nova_drf.mapping.shape import AnyField
from nova_drf.migration.convert.converted import ConvertedSchema, conversion_of
from nova_drf.migration.convert.fields import member
from nova_drf.migration.convert.names import attribute_names, schema_name
from nova_drf.migration.convert.results import Conversion, Member
from nova_drf.migration.convert.serializer import converted_serializer, make_converted_serializer
from nova_drf.serializers.backed_definition import ClassFields, depends_on_functions
from nova_drf.serializers.dynamic_fields import another
from nova_drf.serializers.schema_serializer import SchemaSerializer
from nova_drf.validation.narrow import has_field_hooks

logger = logging.getLogger("nova_drf")


def schema_from_serializer(serializer_class: SerializerClass) -> type[ConvertedSchema]:
    """Return the schema that says what a serializer class says; made once for each class.

    If a type can say everything about a field, the field becomes that type. If not, DRF's field or
    the method runs as before: in the schema, and in the serializer that
    :func:`~nova_drf.serializer_from_schema` makes of it. That serializer can stand in for the
    original. :func:`~nova_drf.conversion_report` says what happened to each field.

    Of a :class:`~nova_drf.SchemaSerializer` that adds nothing to its schema, that is the schema.

    Follows:
        ``rest_framework.serializers.Serializer.get_fields``.

    Args:
        serializer_class: Any serializer class: ``ModelSerializer``, nested, with hooks, ...

    Raises:
        SchemaDefinitionError: It is no serializer class, its fields cannot be made, it is a list of
            something, or it is made of a schema already and adds to it.
    """
    if not (isinstance(serializer_class, type) and issubclass(serializer_class, BaseSerializer)):
        raise SchemaDefinitionError(
            f"nova_drf.schema_from_serializer: {_named(serializer_class)} is not a serializer "
            "class. Pass a subclass of rest_framework.serializers.BaseSerializer."
        )
    schema: type[ConvertedSchema] = _conversions.convert(serializer_class)
    return schema


def _named(value: object) -> str:
    """Return how a message names what is no class: a serializer would print all of its fields."""
    is_serializer = isinstance(value, BaseSerializer)
    return f"an instance of {type(value).__name__}" if is_serializer else repr(value)


def conversion_for(serializer_class: SerializerClass) -> Conversion:
    """Return how a serializer class is converted.

    Args:
        serializer_class: The class.

    Raises:
        SchemaDefinitionError: Its fields cannot be made, it is a list of something, or made of a
            schema already.
    """
    schema = schema_from_serializer(serializer_class)
    conversion = conversion_of(schema)
    if conversion is None:
        raise SchemaDefinitionError(
            f"{serializer_class.__module__}.{serializer_class.__qualname__}: it is made of "
            f"{schema.__qualname__} already. There is nothing to convert."
        )
    return conversion


_DEEPEST = 16
"""How deep classes nest. Some make the next one inside whenever they are asked for their fields."""


class _Conversions:
    """All schemas that were made. A class may nest itself, also by way of another one."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._done: WeakKeyDictionary[SerializerClass, type[ConvertedSchema]] = WeakKeyDictionary()
        self._under_way: dict[SerializerClass, str] = {}
        self._open: dict[str, type[ConvertedSchema]] = {}

    def finished(self, serializer_class: SerializerClass) -> type[ConvertedSchema] | None:
        """Return the schema of a class if it is finished."""
        return self._done.get(serializer_class)

    def convert(self, serializer_class: SerializerClass) -> Any:
        """Return the schema of a class, or a reference to it while it is being made."""
        done = self._done.get(serializer_class)
        if done is not None:
            return done
        if issubclass(serializer_class, SchemaSerializer) and serializer_class._runs_by_schema:
            return _own_schema(serializer_class)
        with self._lock:
            if serializer_class in self._done:
                # Another thread was faster.
                return self._done[serializer_class]
            if serializer_class in self._under_way:
                return ForwardRef(self._under_way[serializer_class])
            if len(self._under_way) == _DEEPEST:
                raise SchemaDefinitionError(
                    f"{serializer_class.__module__}.{serializer_class.__qualname__}: more than "
                    f"{_DEEPEST} serializers nest in each other, each made by the one around "
                    "it. Declare one of them as a class of its own."
                )
            before = set(self._open)
            try:
                with self._converting(serializer_class) as placeholder:
                    schema = _convert(serializer_class, self.convert)
            except SchemaDefinitionError:
                self._forget(self._open.keys() - before)
                raise
            self._open[placeholder] = schema
            self._done[serializer_class] = schema
            if not self._under_way:
                self._close()
            return schema

    @contextmanager
    def _converting(self, serializer_class: SerializerClass) -> Iterator[str]:
        placeholder = schema_name(serializer_class.__name__)
        while placeholder in self._open or placeholder in self._under_way.values():
            placeholder = f"{placeholder}_"
        self._under_way[serializer_class] = placeholder
        try:
            yield placeholder
        finally:
            del self._under_way[serializer_class]

    def _forget(self, placeholders: set[str]) -> None:
        """Drop the schemas that were made for one that could not be: they may refer to it."""
        for placeholder in placeholders:
            del self._done[self._open.pop(placeholder).__nova_conversion__.origin]

    def _close(self) -> None:
        """Resolve the references between schemas that were made together."""
        together, self._open = self._open, {}
        for schema in together.values():
            if not schema.__pydantic_complete__:
                schema.model_rebuild(_types_namespace=together)


_conversions = _Conversions()


def _convert(serializer_class: SerializerClass, schema_of: Any) -> type[ConvertedSchema]:
    serializer, fields = representative(serializer_class)
    members: list[Member] = []
    for name, attribute in attribute_names(fields).items():
        bound = fields[name]
        make = partial(_made_anew, serializer_class, name, bound)
        members.append(member(name, attribute, bound, schema_of, make))
    validators, complaint = _validators(serializer)
    conversion = Conversion(
        origin=serializer_class,
        members=tuple(members),
        hooks=(*map(str, input_hooks(serializer_class)), *complaint),
        printing=tuple(map(str, overrides(serializer_class, (*WHOLE_OUTPUT, *OUTPUT_LOOP)))),
        validators=validators,
        schema_of=_conversions.finished,
        make_serializer=converted_serializer,
    )
    conversion.schema = _model(serializer_class, conversion)
    conversion.schema.__nova_conversion__ = conversion
    conversion.schema.__nova_serializer_class__ = staticmethod(make_converted_serializer)
    return conversion.schema


def _own_schema(serializer_class: type[SchemaSerializer[Any]]) -> type[BaseModel]:
    """Return the schema that a serializer class was made of.

    Raises:
        SchemaDefinitionError: The class adds something to it, which the schema could not say.
    """
    definition = serializer_class.get_definition()
    schema = definition.request.schema
    own = [*map(str, all_overrides(serializer_class)), *map(str, input_hooks(serializer_class))]
    if own or definition.has_validators or not definition.is_schema_alone:
        raise SchemaDefinitionError(
            f"{serializer_class.__module__}.{serializer_class.__qualname__}: it is made of "
            f"{schema.__qualname__} already, and adds to it "
            f"({', '.join(dict.fromkeys(own)) or 'by its Meta or its fields'}). Use the class "
            f"itself, or {schema.__qualname__}."
        )
    return schema


def _made_anew(serializer_class: Any, name: str, bound: AnyField) -> AnyField:
    """Make a field as DRF does for another serializer.

    Args:
        serializer_class: Its class.
        name: The field's name.
        bound: The field of one serializer, for which the user's code may have made it.
    """
    declared = serializer_class._declared_fields.get(name)
    if declared is not None:
        return copy.deepcopy(declared)
    try:
        fields = serializer_class().get_fields()
    except Exception:
        # The project's code runs, which may ask for a request or for anything else.
        logger.debug("%s cannot be made without arguments", name, exc_info=True)
        return ClassFields(serializer_class).make(name)
    return fields[name] if name in fields else another(bound)


def _validators(serializer: object) -> tuple[tuple[object, ...], tuple[str, ...]]:
    """Return the validators of the whole payload, and DRF's complaint if it cannot make them.

    DRF makes them when it first validates, so such a serializer prints all the same.
    """
    try:
        return tuple(getattr(serializer, "validators", ())), ()
    except Exception as error:
        # Whatever it is, it is reported as what DRF would say.
        logger.debug("%s has no validators", type(serializer).__qualname__, exc_info=True)
        return (), (f"get_validators ({type(error).__name__}: {error})",)


def _model(serializer_class: SerializerClass, conversion: Conversion) -> type[ConvertedSchema]:
    definitions: dict[str, Any] = {
        member.attribute: (member.annotation, member.default) for member in conversion.members
    }
    return create_model(
        schema_name(serializer_class.__name__),
        __base__=_base(conversion),
        __module__=serializer_class.__module__,
        __doc__=serializer_class.__doc__,
        **definitions,
    )


def _base(conversion: Conversion) -> type[ConvertedSchema]:
    """Return a base that knows the conversion while the model is made."""
    body: dict[str, Any] = {"__nova_conversion__": conversion, "__module__": __name__}
    if not conversion.is_exact:
        # Hooks put more into ``validated_data`` than there are fields.
        body["model_config"] = ConfigDict(extra="allow")
    metaclass: Any = type(ConvertedSchema)
    base: type[ConvertedSchema] = metaclass("ConvertedSchema", (ConvertedSchema,), body)
    return base


def input_hooks(serializer_class: type) -> Iterator[Override | str]:
    """Yield the methods of a class that make its input more than that of its fields."""
    names = (*WHOLE_INPUT, *INPUT_LOOP, *FIELD_ACCESS, "validate", "get_validators", "__init__")
    yield from overrides(serializer_class, names)
    if has_field_hooks(serializer_class):
        yield "validate_<field>"


def representative(serializer_class: SerializerClass) -> tuple[object, Mapping[str, AnyField]]:
    """Return a serializer of a class, and its fields.

    Args:
        serializer_class: The class.

    Raises:
        SchemaDefinitionError: There is no way to make its fields.
    """
    where = f"{serializer_class.__module__}.{serializer_class.__qualname__}"
    if issubclass(serializer_class, ListSerializer):
        raise SchemaDefinitionError(
            f"{where}: it is a list of what another serializer says. Convert that one, and use "
            "many=True or list[...]."
        )
    if not issubclass(serializer_class, Serializer):
        try:
            return serializer_class(), {}
        except Exception as error:
            # Whatever the project's code raises: the message passes it on.
            raise _cannot_be_made(where, error) from error
    makes_them_itself = any(overrides(serializer_class, ("__init__", "__new__", *FIELD_ACCESS)))
    if depends_on_functions(serializer_class) and not makes_them_itself:
        of_class = ClassFields(serializer_class)
        return of_class.serializer, of_class.fields
    try:
        serializer = serializer_class()
        return serializer, dict(serializer.fields)
    except Exception as error:
        # Whatever the project's code raises without a request; the class alone is read next.
        logger.debug("%s cannot be made without arguments", where, exc_info=True)
        reason = error
    try:
        class_fields = ClassFields(serializer_class)
    except Exception as error:
        # As above; what failed first is the reason.
        raise _cannot_be_made(where, reason) from error
    return class_fields.serializer, class_fields.fields


def _cannot_be_made(where: str, reason: Exception) -> SchemaDefinitionError:
    return SchemaDefinitionError(
        f"{where}: its fields cannot be made ({type(reason).__name__}: {reason}). "
        "Convert a subclass that can be made without arguments, such as the concrete ones "
        "of an abstract class."
    )
