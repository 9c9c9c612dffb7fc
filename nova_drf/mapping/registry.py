"""The registry of mappings: which Pydantic type and which DRF field mean the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.module_loading import import_string

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.ownership import Owner, is_written_in, owner_of
from nova_drf.mapping.described import Described
from nova_drf.mapping.inputs import Inputs
from nova_drf.mapping.oracle import oracle_maker
from nova_drf.mapping.shape import Convert as Convert
from nova_drf.mapping.shape import PrintColumn as PrintColumn

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


class FieldMapping:
    """One row: a Pydantic type, the DRF field that means the same, and all else about the two.

    Subclass it in an app's ``nova_mappings.py``, where it is found, and set :attr:`core_type` (or
    override :meth:`matches`) and :attr:`field_class`. What is not overridden runs the DRF field
    itself, so a row of two lines is already exact; the other hooks make it faster, and tell forms,
    documents, tests and generated code what there is to know.

    Attributes:
        core_type: The ``type`` of the core schema that Pydantic makes for the Python type.
        python_type: The annotation that stands for this row, for types with a core schema of
            their own.
        field_class: The DRF field, or its dotted path when its package is optional.
        native: The classes whose instances DRF's field prints unchanged.
        needs_context: Whether the DRF field reads the serializer's context, and so must be bound.
        prints_in_any_model: Whether DRF's field prints the value in a ``BaseModel`` that is no
            schema of ours too, because Pydantic cannot.
        match_subclasses: Whether the row is also for subclasses of :attr:`field_class`.
        runs_itself: Whether DRF's field validates every value itself, however it was made.
        input: The attributes of the DRF field that :meth:`fast` knows as options.
        output: The attributes that change what the DRF field prints and nothing else.
        required_arguments: What the constructor of the DRF field demands.
        model_fields: The model fields that hold such values. A subclass does not inherit them.
        stored_values: What may stand in their columns, for tests that draw objects.
        openapi_types: The names of drf-spectacular's ``OpenApiTypes`` that stand for the type. A
            subclass does not inherit them.
        json_schema: The JSON schema of a value, where drf-spectacular does not know the field.
        iso_setting: The setting of DRF's that has to ask for ISO 8601 alone where
            :meth:`in_json` is to run; empty if none has to.
        widget: The dotted path of the widget that shows the field in a form; empty for that of
            the class above.
    """

    core_type: ClassVar[str] = ""
    python_type: ClassVar[object] = None
    field_class: ClassVar[type[AnyField] | str]
    native: ClassVar[tuple[type, ...]] = ()
    needs_context: ClassVar[bool] = False
    prints_in_any_model: ClassVar[bool] = False
    match_subclasses: ClassVar[bool] = False
    runs_itself: ClassVar[bool] = False
    input: ClassVar[tuple[str, ...]] = ()
    output: ClassVar[tuple[str, ...]] = ()
    required_arguments: ClassVar[Mapping[str, Any]] = {}
    model_fields: ClassVar[tuple[type, ...]] = ()
    stored_values: ClassVar[tuple[Any, ...]] = ()
    openapi_types: ClassVar[tuple[str, ...]] = ()
    json_schema: ClassVar[Mapping[str, Any] | None] = None
    iso_setting: ClassVar[str] = ""
    widget: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        # These say of which types a row is the one: what derives from it is for other types.
        for name in ("model_fields", "openapi_types"):
            if name not in vars(cls):
                setattr(cls, name, ())

    def matches(self, core: Core) -> bool:
        """Whether this row is for values with that core schema."""
        return bool(core["type"] == self.core_type)

    def load_field_class(self) -> type[AnyField]:
        """Return the DRF field's class, importing it when it is named by its path."""
        if isinstance(self.field_class, str):
            field_class: type[AnyField] = import_string(self.field_class)
            return field_class
        return self.field_class

    def options(self, core: Core) -> dict[str, Any]:
        """Return the keyword arguments of the DRF field: the constraints in DRF's words."""
        return {}

    def remainder(self, core: Core) -> Core | None:
        """Return a core schema for the constraints that DRF's field has no argument for."""
        return None

    def fast(self, shape: TypeShape) -> Core | None:
        """Return a narrow validator that runs without Python, or ``None``.

        Whatever it accepts, DRF's field must accept with the same value; what it refuses goes to
        DRF's field, so it may refuse anything.
        """
        return None

    def in_json(self, shape: TypeShape) -> Core | None:
        """Return a narrow validator like :meth:`fast` for values that lie in the text of JSON.

        It may count on the setting that :attr:`iso_setting` names. The value that it returns is the
        one for ``validated_data``, once :meth:`of_json` had it.
        """
        return self.fast(shape)

    def of_json(self, shape: TypeShape) -> Convert | None:
        """Return what turns the value of :meth:`in_json` into the one for ``validated_data``."""
        return self.validated(shape)

    def alone(self, shape: TypeShape) -> Core | None:
        """Return a validator that decides as DRF's field does all by itself, or ``None``."""
        return None

    def typed(self, shape: TypeShape) -> Convert | None:
        """Return what turns the value of DRF's field into the value that the annotation names."""
        return None

    def given_as(self, shape: TypeShape) -> Convert | None:
        """Return what turns a value of the annotated type into what DRF's field takes for it.

        A schema that is built in Python is given such values, which no parser makes.
        """
        return None

    def validated(self, shape: TypeShape) -> Convert | None:
        """Return what turns the schema's value into the one for ``validated_data``."""
        return None

    def native_types(self, shape: TypeShape) -> Collection[type]:
        """Return the classes whose instances DRF's field prints unchanged."""
        return self.native

    def column(self, shape: TypeShape) -> Mapping[type, PrintColumn]:
        """Return what prints many instances of exactly these classes at once.

        It is for all values of a field in a list of objects. What it returns may return ``None``
        where it cannot print them, or not under the settings that hold at the time; then
        :meth:`represent` prints them one by one.
        """
        return {}

    def represent(self, shape: TypeShape) -> Convert:
        """Return what turns a value that is not :attr:`native` into a primitive."""
        field = oracle_maker(shape)

        def represent(value: object) -> object:
            return field().to_representation(value)

        return represent

    def describe(self, field: AnyField) -> Any:
        """Return the annotation that says what a field of :attr:`field_class` says.

        It is for fields of a project's own, on the way from a serializer to a schema.

        Args:
            field: The field, bound to its serializer.

        Returns:
            :attr:`python_type`; override it to add constraints. ``None`` if there is no such type.
        """
        if isinstance(self.python_type, str):
            return import_string(self.python_type)
        return self.python_type

    def examples(self, field: AnyField) -> Collection[Any]:
        """Return values that a client may send to the field, for tests that draw input."""
        return ()

    def left(self, field: AnyField) -> tuple[str, ...]:
        """Return what the annotation does not say about a field, in words.

        As long as it is not empty, the field goes on running behind its type, which is always
        right. A row that is asked for the type itself (:meth:`matches`) may return nothing.
        """
        return (f"{type(field).__name__} has its own semantics",)

    # What a field of DRF's own class :attr:`field_class` was made with

    def description(self, field: AnyField) -> Described | None:
        """Return what a field of DRF's own says, in Python's words; ``None`` if no type says it."""
        return Described(self.python_type)

    def field_options(self, field: AnyField) -> dict[str, Any]:
        """Return the options of a field as :meth:`options` would name them."""
        state = vars(field)
        return {name: state[name] for name in self.input if state.get(name) is not None}

    def field_core(self, field: AnyField) -> Core:
        """Return the core schema that stands for the values of a field."""
        return {"type": self.core_type}

    def field_arguments(self, field: AnyField) -> dict[str, Any]:
        """Return the arguments that give another field the same options and their validators."""
        state = vars(field)
        arguments = {name: state[name] for name in self.input if name in _LIMITS}
        return {**self.required_arguments, **arguments}

    def is_steady(self, field: AnyField) -> bool:
        """Whether DRF would make the same field at any time: no function says what it takes."""
        return has_steady_limits(field)

    def is_narrow(self, field: AnyField) -> bool:
        """Whether :meth:`fast` takes nothing that a field with these options would refuse."""
        return True

    # For forms, tests and generated code

    def widget_attributes(self, field: AnyField) -> dict[str, str]:
        """Return what the input of a form says about the field, beside its limits."""
        return {}

    def inputs(self, field: AnyField) -> Inputs | None:
        """Return what to send to a field where :meth:`examples` are none; ``None`` for anything."""
        return None

    def source_arguments(self, value: object) -> str | None:
        """Return the arguments, as source code, with which a value's class makes an equal value.

        ``None`` if there are none.
        """
        return None


_LIMITS = frozenset(("max_length", "min_length", "max_value", "min_value"))


def has_steady_limits(field: AnyField) -> bool:
    """Whether the limits of a field are values, not functions that return some."""
    return not any(callable(vars(field).get(name)) for name in _LIMITS)


class Registry:
    """An ordered set of rows; the one that was registered last wins.

    Args:
        parent: Where to look on when no row of its own matches.
    """

    def __init__(self, parent: Registry | None = None) -> None:
        self._parent = parent
        self._rows: list[FieldMapping] = []

    def register(self, mapping: FieldMapping) -> FieldMapping:
        """Add a row, before all rows that are there."""
        self._rows.insert(0, mapping)
        return mapping

    def register_those_in(self, module: ModuleType) -> None:
        """Add a row of each class that a module, or a package, defines, the last one in front.

        A class without a :attr:`FieldMapping.field_class` is there to be derived from. One of which
        the module registers an instance itself is left at that.

        Args:
            module: A project's ``nova_mappings``.

        Raises:
            SchemaDefinitionError: A class cannot be made without arguments.
        """
        registered = {type(row) for row in self}
        for cls in _rows_in(module):
            if cls not in registered:
                self.register(_made(cls))

    def child(self) -> Registry:
        """Return a registry that has all rows of this one and can get more of its own."""
        return Registry(parent=self)

    @contextmanager
    def override(self, *mappings: FieldMapping) -> Iterator[Registry]:
        """Register rows for the length of a ``with`` block."""
        rows = list(self._rows)
        for mapping in mappings:
            self.register(mapping)
        try:
            yield self
        finally:
            self._rows[:] = rows

    def __iter__(self) -> Iterator[FieldMapping]:
        yield from self._rows
        if self._parent is not None:
            yield from self._parent

    def for_core(self, core: Core) -> FieldMapping | None:
        """Return the row for a core schema, or ``None`` when only Pydantic knows the type."""
        return next((mapping for mapping in self if mapping.matches(core)), None)

    def for_field(self, field_class: type) -> FieldMapping | None:
        """Return the row for a class of DRF fields, or for the nearest class above it.

        Rows for DRF's own classes are not asked: what those mean is not up to a row.
        """
        order = list(field_class.__mro__)
        loaded = [(row, _loaded(row, order)) for row in self]
        fitting = [
            (order.index(cls), row)
            for row, cls in loaded
            if cls is not None and (cls is field_class or row.match_subclasses)
        ]
        return min(fitting, key=lambda distance: distance[0], default=(0, None))[1]

    def for_model_field(self, field_class: type) -> FieldMapping | None:
        """Return the row that names a class of model fields, or the nearest class above it."""
        for cls in field_class.__mro__:
            for mapping in self:
                if cls in mapping.model_fields:
                    return mapping
        return None

    def for_openapi_type(self, name: str) -> FieldMapping | None:
        """Return the row that one of drf-spectacular's ``OpenApiTypes`` stands for, by its name."""
        return next((mapping for mapping in self if name in mapping.openapi_types), None)

    def for_value(self, value: object) -> FieldMapping | None:
        """Return the row for a value's class, or for the nearest class above it."""
        rows = (self.for_python_type(cls) for cls in type(value).__mro__)
        return next((row for row in rows if row is not None), None)

    def for_python_type(self, annotation: object) -> FieldMapping | None:
        """Return the row that names this annotation as its :attr:`FieldMapping.python_type`."""
        return next(
            (
                mapping
                for mapping in self
                if mapping.python_type is not None and mapping.python_type == annotation
            ),
            None,
        )


def _rows_in(module: ModuleType) -> Iterator[type[FieldMapping]]:
    """Yield the classes of rows that a module defines; their names may be several."""
    classes = dict.fromkeys(value for value in vars(module).values() if isinstance(value, type))
    for cls in classes:
        is_row = issubclass(cls, FieldMapping) and hasattr(cls, "field_class")
        if is_row and is_written_in(cls, module):
            yield cls


def _made(cls: type[FieldMapping]) -> FieldMapping:
    try:
        return cls()
    except TypeError as error:
        raise SchemaDefinitionError(
            f"{cls.__module__}.{cls.__qualname__}: cannot be made without arguments ({error}). "
            "Register an instance in the same module: registry.register(...)."
        ) from error


def _loaded(row: FieldMapping, classes: list[type]) -> type | None:
    """Return a row's field class if it is one of these; it is imported only where it may be."""
    cls = row.field_class
    if isinstance(cls, str):
        package, name = cls.partition(".")[0], cls.rpartition(".")[2]
        alike = (each for each in classes if each.__name__ == name)
        if not any(each.__module__.partition(".")[0] == package for each in alike):
            return None
        cls = row.load_field_class()
    return cls if cls in classes and owner_of(cls) is not Owner.DRF else None


registry = Registry()
"""The registry that schemas use. ``nova_drf.mapping.builtin`` holds the built-in rows."""
