"""``SchemaSerializer``: a Pydantic schema as a real DRF serializer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from weakref import WeakSet

from pydantic import BaseModel
from pydantic import ValidationError as PydanticValidationError
from rest_framework.serializers import Serializer
from rest_framework.utils import html

from nova_drf.core.carried_errors import refusal
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import hooks_of
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.mapping.async_safety import holds_only_data
from nova_drf.mapping.oracle import serializer_name
from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.mapping.shape import AnyField
from nova_drf.serializers import persistence, plain_writes
from nova_drf.serializers.async_hooks import settle_attributes
from nova_drf.serializers.async_methods import object_to_print
from nova_drf.serializers.base import CompiledSerializer
from nova_drf.serializers.definition import Definition
from nova_drf.serializers.dynamic_fields import (
    UNCHANGED,
    Build,
    FieldChanges,
    LazyFields,
    all_changed,
)
from nova_drf.serializers.field_factory import SchemaFieldBuilder
from nova_drf.serializers.input_names import InputNamesMixin
from nova_drf.serializers.json_input import JSONInputMixin
from nova_drf.serializers.lists import CompiledListSerializer, SchemaListSerializer
from nova_drf.serializers.meta import check_schema, class_label, named_schemas
from nova_drf.serializers.method_order import SchemaMetaclass
from nova_drf.serializers.plain_writes import writes_columns
from nova_drf.serializers.schema_definition import SchemaDefinition
from nova_drf.serializers.validated_schema import ValidatedSchemaMixin
from nova_drf.validation.errors import error_detail
from nova_drf.validation.form_data import form_values, values_as_fields_read_them
from nova_drf.validation.request_schema import CompiledRequest
from nova_drf.validation.run import Validation
from nova_drf.validation.unparsed import UnparsedJSON

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


class SchemaSerializer(
    InputNamesMixin,
    ValidatedSchemaMixin[S],
    JSONInputMixin,
    CompiledSerializer,
    _Base,
    Generic[S],
    metaclass=SchemaMetaclass,
):
    """A DRF serializer whose contract is a Pydantic schema.

    >>> class BookSerializer(SchemaSerializer[BookSchema]):
    ...     class Meta:
    ...         model = Book
    ...         read_only_fields = ("id",)

    The schema is given as the type argument, as ``Meta.schema``, or as ``Meta.request_schema``
    and ``Meta.response_schema``. A :class:`~nova_drf.Schema` has DRF's semantics, any other
    ``BaseModel`` Pydantic's; errors have DRF's shape for both. All of DRF's hooks
    (``validate_<field>``, ``validate``, ``create``, ``update``, ``to_representation``, ...) and
    fields declared in the class body work as in a classic serializer.

    With ``extra="allow"``, what a client sends beside the fields is in
    ``validated_schema.model_extra``. ``validated_data``, which is written, has nothing of it.

    ``Meta`` takes ``schema``, ``request_schema``, ``response_schema``, ``model``,
    ``read_only_fields``, ``write_only_fields``, ``validators``, ``constraint_errors``,
    ``query_plan``, ``bulk_create`` and ``list_serializer_class``.

    Follows:
        ``rest_framework.serializers.Serializer``, and ``ModelSerializer`` with ``Meta.model``.
    """

    if not TYPE_CHECKING:

        @classmethod
        def __class_getitem__(cls, schema: object) -> object:
            # DRF's classes drop their type arguments; here the argument is the schema.
            if cls is SchemaSerializer and "__nova_conversion__" in getattr(schema, "__dict__", ()):
                return serializer_from_schema(schema)
            return vars(Generic)["__class_getitem__"].__get__(None, cls)(schema)

    _runs_by_schema: ClassVar[bool] = True
    _schemas: ClassVar[tuple[type[BaseModel], type[BaseModel]] | None] = None
    _definition: ClassVar[SchemaDefinition | None]
    _stands_for: ClassVar[type[BaseModel] | None] = None
    _has_own_fields: ClassVar[bool] = False
    _list_class: ClassVar[type[CompiledListSerializer]] = SchemaListSerializer

    def __init_subclass__(cls, **kwargs: object) -> None:
        schemas = named_schemas(cls, SchemaSerializer)
        if schemas is not None:
            cls._schemas = schemas
        super().__init_subclass__(**kwargs)
        _classes.add(cls)

    @classmethod
    def _know_bodies(cls) -> None:
        super()._know_bodies()
        cls._has_own_fields = cls.fields is not SchemaSerializer.fields

    @classmethod
    def _work_out_anew(cls) -> None:
        super()._work_out_anew()
        cls._definition = None

    # The definition

    @classmethod
    def get_definition(cls) -> SchemaDefinition:
        """Return the class's compiled definition, made on first use.

        Raises:
            SchemaDefinitionError: The class has no schema, or its ``Meta`` does not fit it.
        """
        definition: SchemaDefinition | None = cls.__dict__.get("_definition")
        if definition is None:
            if cls._schemas is None:
                raise SchemaDefinitionError(
                    f"{class_label(cls)}: no schema. Write SchemaSerializer[YourSchema], or set "
                    "Meta.schema."
                )
            cls._know_bodies()
            definition = SchemaDefinition(
                cls, *cls._schemas, base=SchemaSerializer, fields=field_builder
            )
            cls._definition = definition
        return definition

    @classmethod
    def field_builders(cls) -> Mapping[str, Build]:
        return cls.get_definition().builders

    def _current_definition(self) -> Definition[Any, Any] | None:
        return self.get_definition()

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
            return LazyFields(self, self.get_definition().builders, hidden=self._endless)
        return LazyFields.holding(self, self.get_fields())

    def _endless(self) -> frozenset[str]:
        """Name the fields with which a schema that contains itself would go on for ever."""
        around: list[SchemaDefinition] = []
        field: AnyField = self
        while field is not None:
            if isinstance(field, SchemaSerializer):
                around.append(field.get_definition())
            field = field.parent
        return around[0].endless(around)

    @property
    def _makes_own_fields(self) -> bool:
        cls = type(self)
        return cls._has_own_fields or cls.get_fields is not SchemaSerializer.get_fields

    def _changes_of(self, fields: Mapping[str, AnyField]) -> FieldChanges | None:
        return all_changed(fields)

    def get_fields(self) -> dict[str, Any]:
        """Return fresh DRF fields by name, as a classic serializer would declare them."""
        return {name: build() for name, build in self.get_definition().builders.items()}

    def compiled_request(self, hooks: frozenset[str] | None = None) -> CompiledRequest:
        """Return what checks the input of the fields that this serializer has right now.

        Args:
            hooks: The ``validate_<field>`` methods that were set on it, for callers that know them.
        """
        changes = self._field_changes() or all_changed(self.fields)
        set_on_it = hooks_of(self) if hooks is None else hooks
        return self._compiled_input(self.get_definition(), changes, set_on_it)

    # Input

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Validate with the schema; a ``dict`` comes out, as from every serializer."""
        if data.__class__ is UnparsedJSON:
            return self._take_values()  # type: ignore[no-any-return]  # a dictionary
        hooks = settle_attributes(self)
        # The common class first: asking an abstract one costs as much as validating some fields.
        is_dict = data.__class__ is dict
        if not is_dict and not isinstance(data, Mapping):
            return super().to_internal_value(data)  # type: ignore[no-any-return]  # DRF returns any
        request = self.compiled_request(hooks)
        if not is_dict and html.is_html_input(data):
            data = form_values(self, data, request)
        elif request.variant.delegated:
            data = values_as_fields_read_them(self, data, request)
        run = Validation(self)
        mark = begin_payload()
        try:
            if is_dict and self._expects_refusal:
                self._refuse(data)
            self._schema_instance = request.validate(data, run)
        except PydanticValidationError as error:
            self._expects_refusal = True
            # Under no name: this frame is in its traceback, and Pydantic 2.11 breaks no cycles.
            raise refusal(error_detail(error, request.shape, data)) from error
        finally:
            end_payload(mark)
        if self.parent is not None:
            self.remember_item(self._schema_instance)
        return request.validated_data(self._schema_instance, run)

    def get_validators(self) -> list[Any]:
        meta = getattr(self, "Meta", None)
        if getattr(meta, "validators", None) is not None:
            return list(meta.validators)  # type: ignore[union-attr]  # `meta` has them
        definition = self.get_definition()
        if definition.model is None or self._field_changes() is UNCHANGED:
            return list(definition.validators_of(None))
        with self._quiet():
            return list(definition.validators_of(self.fields))

    def run_validators(self, value: Any) -> None:
        if self._may_have_validators() and self.validators:
            with self._quiet():
                super().run_validators(value)

    def _may_have_validators(self) -> bool:
        """Whether to ask for them is worth making the fields."""
        definition = self.get_definition()
        is_drfs = type(self).get_validators is SchemaSerializer.get_validators
        if definition.has_validators or not is_drfs or "_validators" in self.__dict__:
            return True
        return definition.model is not None and self._field_changes() is not UNCHANGED

    @property
    def is_stored_whole(self) -> bool:
        """Whether all that it validates goes to one column of the model around it."""
        return persistence.is_stored_whole(self)

    # Async

    @property
    def validation_is_async_safe(self) -> bool:
        """Whether ``is_valid()`` cannot touch the database.

        It may where a line of the user's code, a unique check or a relation has a say, and where
        validators of the whole see an object from the database.
        """
        if self.validators or not self.get_definition().input_is_async_safe:
            return False
        return self.compiled_request().is_async_safe

    @property
    def representation_is_async_safe(self) -> bool:
        """Whether reading ``data`` cannot touch the database: data, printed as it is."""
        return self.output_is_async_safe and holds_only_data(object_to_print(self))

    @property
    def output_is_async_safe(self) -> bool:
        """Whether no bound field, property or method of the user prints anything."""
        reader = self.compiled_reader() if self.get_definition().output_is_async_safe else None
        return reader is not None and reader.is_async_safe

    # Saving

    def create(self, validated_data: Any) -> Any:
        model = self.get_definition().model
        if model is None:
            return super().create(validated_data)
        if writes_columns(model, validated_data):
            return plain_writes.create(self, validated_data)
        with self._quiet(), self._shares_fields():
            return persistence.create(self, validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        model = self.get_definition().model
        if model is None:
            return super().update(instance, validated_data)
        if isinstance(instance, model) and writes_columns(type(instance), validated_data):
            return plain_writes.update(instance, validated_data)
        with self._quiet(), self._shares_fields():
            return persistence.update(self, instance, validated_data)

    def _quiet(self) -> Any:
        fields = self.fields
        return fields.quiet() if isinstance(fields, LazyFields) else nullcontext()


@cache
def nested_serializer_class(schema: type[BaseModel]) -> type[SchemaSerializer[Any]]:
    """Return the serializer that stands for a schema nested in another one."""
    serializer_class = serializer_from_schema(schema)
    serializer_class._stands_for = schema
    return serializer_class


field_builder = SchemaFieldBuilder(nested_serializer_class)
"""Builds the DRF fields of schemas."""


def _blank_nested(schema: type[BaseModel]) -> SchemaSerializer[Any]:
    """Make what the state of a pickled serializer is put into."""
    cls = nested_serializer_class(schema)
    return cls.__new__(cls)


def serializer_from_schema(
    schema: type[S], *, name: str | None = None, **meta: object
) -> type[SchemaSerializer[S]]:
    """Make a serializer class from a schema.

    Follows:
        ``rest_framework.serializers.Serializer``.

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
        return make_converted.__func__(schema, name, **meta)  # type: ignore[no-any-return]  # a converted schema holds it as data
    body = {
        "__module__": schema.__module__,
        "__doc__": schema.__doc__,
        "Meta": type("Meta", (), {"schema": schema, **meta}),
    }
    metaclass: Any = type(SchemaSerializer)
    serializer_class: type[SchemaSerializer[S]] = metaclass(
        name or serializer_name(schema), (SchemaSerializer,), body
    )
    return serializer_class
