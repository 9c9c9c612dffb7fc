"""``SchemaSerializer``: a Pydantic schema as a real DRF serializer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from weakref import WeakSet

from pydantic import BaseModel
from pydantic import ValidationError as PydanticValidationError
from rest_framework.fields import empty
from rest_framework.serializers import ListSerializer, Serializer
from rest_framework.utils import html

from nova_drf.core.carried_errors import refusal
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.oracle import serializer_name
from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.mapping.shape import AnyField
from nova_drf.representation.fields import AnyReader
from nova_drf.serializers import persistence
from nova_drf.serializers.async_hooks import settle_attributes
from nova_drf.serializers.async_methods import with_async_twins
from nova_drf.serializers.async_schemas import AsyncSchemaSerializerMixin
from nova_drf.serializers.definition import Blueprint
from nova_drf.serializers.dynamic_fields import (
    UNCHANGED,
    Dynamics,
    LazyFields,
    dynamics_of,
    hooks_of,
)
from nova_drf.serializers.field_factory import SchemaFieldBuilder
from nova_drf.serializers.lists import SchemaListSerializer
from nova_drf.serializers.meta import check_schema, named_schemas
from nova_drf.serializers.pydantic_field import PydanticField, messages_for_forms
from nova_drf.serializers.quick_init import OF_REQUESTS, blank_new, make_list, start, starts_blank
from nova_drf.validation.errors import error_detail
from nova_drf.validation.form_data import form_values, values_as_fields_read_them
from nova_drf.validation.partial_updates import merged
from nova_drf.validation.request_schema import InputPlan
from nova_drf.validation.run import Validation

S = TypeVar("S", bound=BaseModel)

_classes: WeakSet[type[SchemaSerializer[Any]]] = WeakSet()


def serializer_classes() -> list[type[SchemaSerializer[Any]]]:
    """Return the serializer classes with a schema that have been made, for system checks."""
    bases = (cls for cls in _classes if cls._schemas is None)
    meant_as_bases = {cls for cls in bases if cls.__subclasses__() or owner_of(cls) is Owner.NOVA}
    classes = (cls for cls in _classes if cls not in meant_as_bases)
    return sorted(classes, key=lambda cls: (cls.__module__, cls.__qualname__))


if TYPE_CHECKING:
    _Base = Serializer[Any]
else:
    _Base = Serializer


class SchemaSerializer(AsyncSchemaSerializerMixin[S], _Base, Generic[S]):
    """A DRF serializer whose contract is a Pydantic schema.

    >>> class BookSerializer(SchemaSerializer[BookSchema]):
    ...     class Meta:
    ...         model = Book
    ...         read_only_fields = ("id",)

    The schema is given as the type argument, as ``Meta.schema``, or as ``Meta.request_schema``
    and ``Meta.response_schema``. A :class:`~nova_drf.Schema` carries DRF's wire semantics, a plain
    ``BaseModel`` Pydantic's; errors have DRF's shape for both. All of DRF's hooks
    (``validate_<field>``, ``validate``, ``create``, ``update``, ``to_representation``, ...) and
    fields declared in the class body work as in a classic serializer.

    With ``extra="allow"``, what a client sends beside the fields is in
    ``validated_schema.model_extra``. ``validated_data``, which is written, has nothing of it.

    ``Meta`` takes ``schema``, ``request_schema``, ``response_schema``, ``model``,
    ``read_only_fields``, ``write_only_fields``, ``validators``, ``constraint_errors`` and
    ``list_serializer_class``.
    """

    if not TYPE_CHECKING:

        @classmethod
        def __class_getitem__(cls, schema: Any) -> Any:
            # DRF's classes drop their type arguments; here the argument is the schema.
            if cls is SchemaSerializer and "__nova_conversion__" in getattr(schema, "__dict__", ()):
                return serializer_from_schema(schema)
            return vars(Generic)["__class_getitem__"].__get__(None, cls)(schema)

    _schemas: ClassVar[tuple[type[BaseModel], type[BaseModel]] | None] = None
    _blueprint: ClassVar[Blueprint]
    _starts_blank: ClassVar[bool] = False
    _stands_for: ClassVar[type[BaseModel] | None] = None
    _has_own_fields: ClassVar[bool] = False
    _schema_instance: Any = None
    _shared_fields: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        schemas = named_schemas(cls, SchemaSerializer)
        if schemas is not None:
            cls._schemas = schemas
        super().__init_subclass__(**kwargs)
        cls._has_own_fields = cls.fields is not SchemaSerializer.fields
        _classes.add(cls)
        cls._starts_blank = starts_blank(cls, SchemaSerializer)

    if not TYPE_CHECKING:

        def __new__(cls, *args, **kwargs):
            if not cls._starts_blank:
                return super().__new__(cls, *args, **kwargs)
            if kwargs.pop("many", False):
                return cls.many_init(*args, **kwargs)
            return blank_new(cls, args, kwargs)

    def __init__(self, instance: Any = None, data: Any = empty, **kwargs: Any) -> None:
        if self._starts_blank and (not kwargs or kwargs.keys() <= OF_REQUESTS):
            start(self, instance, data, **kwargs)
        else:
            super().__init__(instance, data, **kwargs)

    @classmethod
    def get_blueprint(cls) -> Blueprint:
        """Return the class's compiled metadata, made on first use.

        Raises:
            SchemaDefinitionError: The class has no schema, or its ``Meta`` does not fit it.
        """
        blueprint: Blueprint | None = cls.__dict__.get("_blueprint")
        if blueprint is None:
            if cls._schemas is None:
                raise SchemaDefinitionError(
                    f"{cls.__module__}.{cls.__qualname__}: no schema. Write "
                    "SchemaSerializer[YourSchema], or set Meta.schema."
                )
            blueprint = Blueprint(cls, *cls._schemas, base=SchemaSerializer, fields=field_builder)
            cls._blueprint = blueprint
        return blueprint

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> Any:
        made = make_list(cls, SchemaListSerializer, args, kwargs)
        if made is not None:
            return made
        made = super().many_init(*args, **kwargs)
        if type(made) is ListSerializer:
            # DRF has a hook for the list class of one serializer, but none for the default.
            made.__class__ = SchemaListSerializer
        elif isinstance(made, ListSerializer):
            list_class: Any = type(made)
            made.__class__ = with_async_twins(list_class)
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Let it be pickled, if need be by the nested schema that its class stands for."""
        reduced: Any = super().__reduce_ex__(protocol)
        make, arguments, *rest = reduced
        schema = vars(type(self)).get("_stands_for")
        return (make, arguments, *rest) if schema is None else (_blank_nested, (schema,), *rest)

    # Fields

    @cached_property
    def fields(self) -> Any:
        """DRF's fields, built one by one when somebody asks for them."""
        if type(self).get_fields is SchemaSerializer.get_fields:
            return LazyFields(self, self.get_blueprint().builders, hidden=self._endless)
        fields = LazyFields(self, {})
        for name, field in self.get_fields().items():
            fields[name] = field
        return fields

    def _endless(self) -> frozenset[str]:
        """Name the fields with which a schema that contains itself would go on for ever.

        Whoever walks ``fields`` from above sees two levels of it; deeper ones are still there.
        """
        nested = self.get_blueprint().nested
        if not nested:
            return frozenset()
        around = [serializer.get_blueprint().request.schema for serializer in self._ancestry()]
        if around.count(around[0]) < 3:
            return frozenset()
        return frozenset(name for name, schema in nested.items() if schema in around)

    def _ancestry(self) -> Iterator[SchemaSerializer[Any]]:
        """Yield the serializer and those of schemas around it."""
        field: Any = self
        while field is not None:
            if isinstance(field, SchemaSerializer):
                yield field
            field = field.parent

    def _makes_own_fields(self) -> bool:
        cls = type(self)
        return cls._has_own_fields or cls.get_fields is not SchemaSerializer.get_fields

    def get_fields(self) -> dict[str, Any]:
        """Return fresh DRF fields by wire name, as a classic serializer would declare them."""
        return {name: build() for name, build in self.get_blueprint().builders.items()}

    def bound_field(self, name: str) -> AnyField:
        """Return one bound field, without counting as somebody who may have changed it."""
        fields = self.fields
        return fields.peek(name) if isinstance(fields, LazyFields) else fields[name]

    def __getitem__(self, key: str) -> Any:
        """Return a field as a form shows it."""
        bound: Any = super().__getitem__(key)
        if isinstance(bound._field, PydanticField) and isinstance(bound.errors, dict):
            # DRF's templates show the lines of a list, and of a dictionary only the keys.
            bound.errors = messages_for_forms(bound.errors)
        return bound

    def _dynamics(self) -> Dynamics:
        """Return how this serializer's fields differ from those of its class."""
        if "fields" not in self.__dict__ and not self._makes_own_fields():
            return UNCHANGED
        fields = self.fields
        return fields.dynamics() if isinstance(fields, LazyFields) else dynamics_of(fields)

    def input_plan(self) -> InputPlan:
        """Return what checks the input of the fields that this serializer has right now."""
        is_partial = bool(getattr(self.root, "partial", False))
        blueprint, dynamics = self.get_blueprint(), self._dynamics()
        hooks = hooks_of(self)
        if dynamics is UNCHANGED and not hooks:
            return blueprint.partial_plan if is_partial else blueprint.full_plan
        return blueprint.plan(is_partial, dynamics._replace(hooks=hooks))

    # Input

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Validate with the schema; a plain ``dict`` comes out, as from every serializer."""
        settle_attributes(self)
        # The common class first: asking an abstract one costs as much as validating some fields.
        is_dict = data.__class__ is dict
        if not is_dict and not isinstance(data, Mapping):
            return super().to_internal_value(data)  # type: ignore[no-any-return]
        plan = self.input_plan()
        if not is_dict and html.is_html_input(data):
            data = form_values(self, data, plan)
        elif plan.variant.delegated:
            data = values_as_fields_read_them(self, data, plan)
        run = Validation(self)
        mark = begin_payload()
        try:
            self._schema_instance = plan.validate(data, run)
        except PydanticValidationError as error:
            # Under no name: this frame is in its traceback, and Pydantic 2.11 breaks no cycles.
            raise refusal(error_detail(error, plan.shape, data)) from error
        finally:
            end_payload(mark)
        return plan.validated_data(self._schema_instance, run)

    def get_validators(self) -> list[Any]:
        meta = getattr(self, "Meta", None)
        if getattr(meta, "validators", None) is not None:
            return list(meta.validators)  # type: ignore[union-attr]
        return list(self.get_blueprint().model_validators)

    def run_validators(self, value: Any) -> None:
        if "_validators" not in self.__dict__ and not self._may_have_validators():
            return
        if self.validators:
            with self._quiet():
                super().run_validators(value)

    def _may_have_validators(self) -> bool:
        if type(self).get_validators is not SchemaSerializer.get_validators:
            return True
        return self.get_blueprint().has_validators

    @property
    def validated_schema(self) -> S:  # type: ignore[override]
        """The validated input as an instance of the schema.

        After ``partial=True`` it holds the serializer's instance overlaid with what was sent.

        Raises:
            AssertionError: ``is_valid()`` was not called, or found errors (as DRF's
                ``validated_data`` does).
        """
        self.validated_data  # noqa: B018  (DRF's own assertion and its words)
        if self.errors or self._schema_instance is None:
            raise AssertionError("You cannot access `.validated_schema` of invalid data.")
        plan = self.input_plan()
        is_merged = plan.shape.validates_whole or not self.has_single_instance
        if plan.variant.partial and not is_merged:
            self._schema_instance = merged(self, self._schema_instance, plan.shape)
        return self._schema_instance  # type: ignore[no-any-return]

    @property
    def has_single_instance(self) -> bool:
        """Whether there is one object to update (not the list that ``many=True`` passes on)."""
        of_list = isinstance(self.parent, ListSerializer) and self.parent.instance
        return self.instance is not None and self.instance is not of_list

    @property
    def is_stored_whole(self) -> bool:
        """Whether all that it validates goes to one column of the model around it."""
        return persistence.is_stored_whole(self)

    # Output

    def to_representation(self, instance: Any) -> Any:
        """Print an object; nothing is validated on the way out."""
        mark = begin_payload(self)
        try:
            return self.reader.read(instance, self)
        finally:
            end_payload(mark)

    @classmethod
    def represents_itself(cls) -> bool:
        """Whether a subclass has its own way to print an object."""
        return cls.to_representation is not SchemaSerializer.to_representation

    @property
    def reader(self) -> AnyReader:  # type: ignore[override]
        """What prints the fields that this serializer has right now."""
        blueprint, dynamics = self.get_blueprint(), self._dynamics()
        return blueprint.plain_reader if dynamics is UNCHANGED else blueprint.reader(dynamics)

    # Saving

    def create(self, validated_data: Any) -> Any:
        if self.get_blueprint().model is None:
            return super().create(validated_data)
        with self._quiet(), self._shares_fields():
            return persistence.create(self, validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        if self.get_blueprint().model is None:
            return super().update(instance, validated_data)
        with self._quiet(), self._shares_fields():
            return persistence.update(self, instance, validated_data)

    @property
    def _writable_fields(self) -> Any:
        shared = vars(self).get("_shared_fields")
        return super()._writable_fields if shared is None else shared

    @contextmanager
    def _shares_fields(self) -> Iterator[None]:
        """Let DRF, which looks for fields that it cannot write, look at those of the class."""
        if self._dynamics() is UNCHANGED:
            self._shared_fields = self.get_blueprint().full_plan.writable_fields.values()
        try:
            yield
        finally:
            vars(self).pop("_shared_fields", None)

    def _quiet(self) -> Any:
        fields = self.fields
        return fields.quiet() if isinstance(fields, LazyFields) else nullcontext()


@cache
def nested_serializer_class(schema: type[BaseModel]) -> type[SchemaSerializer[Any]]:
    """Return the serializer that stands for a schema nested in another one."""
    made = serializer_from_schema(schema)
    made._stands_for = schema
    return made


field_builder = SchemaFieldBuilder(nested_serializer_class)
"""Builds the DRF fields of schemas."""


def _blank_nested(schema: type[BaseModel]) -> SchemaSerializer[Any]:
    """Make what the state of a pickled serializer is put into."""
    cls = nested_serializer_class(schema)
    return cls.__new__(cls)


def serializer_from_schema(
    schema: type[BaseModel], *, name: str | None = None, **meta: Any
) -> type[SchemaSerializer[Any]]:
    """Make a serializer class from a schema.

    Args:
        schema: A subclass of :class:`~nova_drf.Schema` or of ``pydantic.BaseModel``.
        name: The class's name; the schema's name and ``Serializer`` when left out.
        meta: Attributes of ``Meta``: ``model``, ``read_only_fields``, ``validators``, ...

    A schema that :func:`~nova_drf.schema_from_serializer` made gives a subclass of the serializer
    it came from, hooks and all.

    Raises:
        SchemaDefinitionError: It is no schema.

    >>> BookSerializer = serializer_from_schema(BookSchema, model=Book)
    """
    check_schema(schema, "nova_drf.serializer_from_schema")
    make_converted = vars(schema).get("__nova_serializer_class__")
    if make_converted is not None:
        return make_converted.__func__(schema, name, **meta)  # type: ignore[no-any-return]
    body = {
        "__module__": schema.__module__,
        "__doc__": schema.__doc__,
        "Meta": type("Meta", (), {"schema": schema, **meta}),
    }
    metaclass: Any = type(SchemaSerializer)
    serializer_class: type[SchemaSerializer[Any]] = metaclass(
        name or serializer_name(schema), (SchemaSerializer,), body
    )
    return serializer_class
