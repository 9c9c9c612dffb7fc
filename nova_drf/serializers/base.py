"""What serializers share whose input and output are compiled once for their class.

They start quickly, make lists, save, and print objects with a compiled reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Model
from rest_framework.fields import empty
from rest_framework.serializers import BaseSerializer

from nova_drf.core.class_caches import forget_classes, once_per_class
from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import overrides
from nova_drf.core.ownership import Owner, owner_of
from nova_drf.core.steps import is_adapter
from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.mapping.shape import AnyField
from nova_drf.representation.objects import SchemaReader, is_in_partial_update
from nova_drf.serializers.async_methods import AsyncSerializerMixin
from nova_drf.serializers.class_bodies import ClassBodies
from nova_drf.serializers.definition import Definition
from nova_drf.serializers.dynamic_fields import UNCHANGED, Build, FieldChanges, LazyFields
from nova_drf.serializers.lists import CompiledListSerializer
from nova_drf.serializers.quick_init import (
    OF_REQUESTS,
    blank_new,
    make_list,
    makes_lists,
    remade_list,
    start,
    starts_blank,
)
from nova_drf.serializers.reading_ahead import objects_read_ahead, reads_no_more
from nova_drf.validation.unparsed import UnparsedJSON

P = TypeVar("P")

if TYPE_CHECKING:
    from rest_framework.serializers import Serializer

    _Base = Serializer[Any]
else:
    _Base = object


class CompiledSerializer(AsyncSerializerMixin, _Base):
    """A serializer whose input and output are compiled once for its class.

    Its subclasses add where the definition of the class comes from. ``super()`` in it is DRF's
    code, also where both of them are among the bases.
    """

    _list_class: ClassVar[type[CompiledListSerializer]] = CompiledListSerializer
    _starts_blank: ClassVar[bool] = False
    _makes_lists: ClassVar[bool] = False
    _bodies: ClassVar[ClassBodies | None]
    _stand_ins: list[Any] | None
    _shared_fields: Iterable[AnyField]

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls._look_at_order()

    if not TYPE_CHECKING:

        def __new__(cls, *args, **kwargs):
            if not cls._starts_blank:
                try:
                    return super().__new__(cls, *args, **kwargs)
                except TypeError:
                    if issubclass(cls, BaseSerializer):
                        raise
                    raise SchemaDefinitionError(
                        f"{cls.__module__}.{cls.__qualname__}: the mixin alone is no serializer. "
                        "Name one of DRF's behind it: class BookSerializer(SchemaBackedMixin, "
                        "serializers.ModelSerializer)."
                    ) from None
            if kwargs.pop("many", False):
                return cls.many_init(*args, **kwargs)
            return blank_new(cls, args, kwargs)

    def __init__(self, instance: Any = None, data: Any = empty, **kwargs: Any) -> None:
        self._notice_changes()
        is_quick = self._starts_blank and (not kwargs or kwargs.keys() <= OF_REQUESTS)
        if data.__class__ is UnparsedJSON and not (is_quick and self._keeps_text()):
            data = data.parse()
        if is_quick:
            start(self, instance, data, **kwargs)
        else:
            super().__init__(instance, data, **kwargs)

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> Any:
        cls._notice_changes()
        if cls._makes_lists:
            return make_list(cls, cls._list_class, args, kwargs)
        return remade_list(super().many_init(*args, **kwargs), cls._list_class)

    # What the classes in the order of this class define

    @classmethod
    def _notice_changes(cls) -> None:
        """Work out anew what has been, if somebody has changed a class that it depends on."""
        bodies = cls.__dict__.get("_bodies")
        if bodies is None:
            cls._know_bodies()
        elif bodies.have_changed():
            cls._work_out_anew()

    @classmethod
    def _look_at_order(cls) -> None:
        """Find out what the classes in the order of this class leave to DRF."""
        cls._starts_blank = starts_blank(cls, CompiledSerializer)
        cls._makes_lists = makes_lists(cls, CompiledSerializer)

    @classmethod
    def _work_out_anew(cls) -> None:
        """Forget what was worked out of this class; a method of it, or of a base, has changed."""
        forget_classes()
        cls._bodies = None
        cls._know_bodies()

    @classmethod
    def _know_bodies(cls) -> None:
        """Note what the classes in the order of this class define, before it is worked out."""
        if vars(cls).get("_bodies") is None:
            cls._look_at_order()
            cls._bodies = ClassBodies(watched_classes(cls.__mro__))

    @classmethod
    def _keeps_text(cls) -> bool:
        """Whether a body may be kept as text until it is validated, or somebody looks at it."""
        return False

    # The definition, and how this serializer differs from it

    @classmethod
    def field_builders(cls) -> Mapping[str, Build]:
        """Return what builds each field of a serializer, by name."""
        raise NotImplementedError

    def _current_definition(self) -> Definition[Any, Any] | None:
        """Return what is compiled for the class; ``None`` if DRF has to do it all."""
        raise NotImplementedError

    @property
    def _makes_own_fields(self) -> bool:
        """Whether code of the user makes the fields of each serializer."""
        raise NotImplementedError

    @property
    def has_fields_of_its_own(self) -> bool:
        """Whether its fields may be others than :meth:`field_builders` builds."""
        return self._makes_own_fields or self._current_definition() is None

    def _field_changes(self) -> FieldChanges | None:
        """Return how the fields differ from those of the class; ``None`` if that is not known."""
        if "fields" not in self.__dict__ and not self._makes_own_fields:
            return UNCHANGED
        fields = self.fields
        return fields.changes() if isinstance(fields, LazyFields) else self._changes_of(fields)

    def _changes_of(self, fields: Mapping[str, AnyField]) -> FieldChanges | None:
        """Describe fields that the user's code keeps in a mapping of its own."""
        raise NotImplementedError

    def bound_field(self, name: str) -> AnyField:
        """Return one bound field, building no other; it does not count as changed for that."""
        fields = self.fields
        field: AnyField = fields.peek(name) if isinstance(fields, LazyFields) else fields[name]
        return field

    def _compiled_input(
        self, definition: Definition[P, Any], changes: FieldChanges, hooks: frozenset[str]
    ) -> P:
        """Return what checks the input of the fields that this serializer has right now."""
        if hooks:
            changes = changes._replace(hooks=hooks)
        around = self if self.parent is None else self.root
        return definition.input(changes, bool(getattr(around, "partial", False)))

    # Saving

    @property
    def _writable_fields(self) -> Any:
        state = vars(self)
        fields = state.pop("_stand_ins", None) or state.get("_shared_fields")
        return super()._writable_fields if fields is None else fields

    @contextmanager
    def _shares_fields(self) -> Iterator[None]:
        """Let DRF, which looks for fields that it cannot write, look at those of the class."""
        definition = self._current_definition()
        if definition is not None and self._field_changes() is UNCHANGED:
            self._shared_fields = definition.writable_fields
        try:
            yield
        finally:
            vars(self).pop("_shared_fields", None)

    # Output

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Print an object with a compiled reader; nothing is validated on the way out."""
        reader = self.compiled_reader()
        if reader is None:
            return super().to_representation(instance)
        if (
            self.parent is not None
            or not isinstance(instance, Model)
            or reads_no_more(self, type(instance))
        ):
            return self._printed(reader, instance)
        with objects_read_ahead(self, (instance,)):
            return self._printed(reader, instance)

    def _printed(self, reader: SchemaReader, instance: object) -> dict[str, Any]:
        mark = begin_payload()
        try:
            return reader.read(instance, self)
        finally:
            end_payload(mark)

    def compiled_reader(self) -> SchemaReader | None:
        """Return what prints the fields that this serializer has, or ``None`` if DRF has to."""
        definition = self._current_definition()
        if definition is None or not definition.runs_output:
            return None
        is_as_declared = "fields" not in self.__dict__ and not self._makes_own_fields
        changes = UNCHANGED if is_as_declared else self._field_changes()
        if changes is None:
            return None
        reader: SchemaReader = definition.reader(changes, is_in_partial_update(self))
        return reader

    @property
    def sees_no_objects(self) -> bool:
        """Whether only its fields look at the objects of a list that it prints."""
        cls: Any = type(self)
        return not (meets_objects(cls) or self._makes_own_fields)

    def list_reader(self) -> SchemaReader | None:
        """Return what prints a list of objects, or ``None`` if each of them prints itself."""
        prints_itself = type(self).to_representation is not CompiledSerializer.to_representation
        return None if prints_itself else self.compiled_reader()


@once_per_class
def meets_objects(cls: type) -> bool:
    """Whether a method of the user's may look at the objects when a serializer is made.

    Args:
        cls: A serializer class.
    """
    return next(overrides(cls, ("__init__", "__new__", "many_init", "bind")), None) is not None


def watched_classes(classes: Iterable[type]) -> tuple[type, ...]:
    """Return those of some classes that are not ours: somebody may change what they define.

    Args:
        classes: Classes of serializers and of fields.
    """
    return tuple(
        cls
        for cls in classes
        if cls is not object and not is_adapter(cls) and owner_of(cls) is not Owner.NOVA
    )
