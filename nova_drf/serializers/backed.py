"""``SchemaBackedMixin``: an existing serializer class, run on pydantic-core."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models.manager import BaseManager
from django.utils.functional import cached_property
from rest_framework.fields import Field, empty
from rest_framework.serializers import ListSerializer

from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.mapping.shape import AnyField
from nova_drf.representation.objects import is_in_partial_update
from nova_drf.serializers.async_hooks import settle_attributes
from nova_drf.serializers.async_methods import (
    AsyncListSerializer,
    AsyncSerializerMixin,
    with_async_twins,
)
from nova_drf.serializers.backed_definition import Arrangement, ClassPlans, Plans
from nova_drf.serializers.backed_representation import FieldsReader
from nova_drf.serializers.dynamic_fields import hooks_of
from nova_drf.serializers.method_order import LayerMetaclass, drf_super
from nova_drf.serializers.quick_init import OF_REQUESTS, blank_new, make_list, start, starts_blank
from nova_drf.serializers.templates import Snapshot, is_unchanged, same_construction, snapshot
from nova_drf.serializers.tracked_fields import TrackedFields


class BackedListSerializer(AsyncListSerializer):
    """What ``many=True`` makes of a backed serializer: DRF's list, printed in one go."""

    def to_representation(self, data: Any) -> Any:
        child: Any = self.child
        is_ours = type(child).to_representation is SchemaBackedMixin.to_representation
        reader = child.compiled_reader() if is_ours else None
        if reader is None:
            return super().to_representation(data)
        iterable = data.all() if isinstance(data, BaseManager) else data
        mark = begin_payload()
        try:
            return reader.read_many(iterable, child)
        finally:
            end_payload(mark)


class SchemaBackedMixin(AsyncSerializerMixin, metaclass=LayerMetaclass):
    """Put it in front of a serializer's bases, and what can runs on pydantic-core.

    >>> class BookSerializer(SchemaBackedMixin, serializers.ModelSerializer): ...

    The class keeps its fields, hooks and API, and gives the same answers: what the narrow
    validators do not take, and what was customised, goes through DRF's own code. Taking the mixin
    away takes everything back. ``manage.py check`` says what keeps a class from being run this
    way.

    With ``Meta.constraint_errors = True`` a row that only the database refuses, since another
    request was quicker, is an error of validation instead of an ``IntegrityError``.

    Async code has ``ais_valid``, ``asave`` and ``adata``, each of them one step in a worker thread.
    """

    _of_layer: ClassVar[bool] = True
    _class_plans: ClassVar[ClassPlans]
    _fresh: dict[str, tuple[AnyField, Snapshot]]
    _nova_plans: Plans | None
    _stand_ins: list[Any] | None
    _shared_fields: Sequence[AnyField]
    _class_validators: list[Any]
    _starts_blank: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._starts_blank = starts_blank(cls, SchemaBackedMixin)

    if not TYPE_CHECKING:

        def __new__(cls, *args, **kwargs):
            if not cls._starts_blank:
                return drf_super(cls, cls).__new__(cls, *args, **kwargs)
            if kwargs.pop("many", False):
                return cls.many_init(*args, **kwargs)
            return blank_new(cls, args, kwargs)

    def __init__(self, instance: Any = None, data: Any = empty, **kwargs: Any) -> None:
        if self._starts_blank and (not kwargs or kwargs.keys() <= OF_REQUESTS):
            start(self, instance, data, **kwargs)
        else:
            drf_super(type(self), self).__init__(instance, data, **kwargs)

    @classmethod
    def class_plans(cls) -> ClassPlans:
        """Return what is compiled for this class; nothing is, before the first use."""
        plans = cls.__dict__.get("_class_plans")
        if plans is None:
            plans = cls._class_plans = ClassPlans(cls)  # type: ignore[arg-type]
        return plans

    def _plans(self) -> Plans | None:
        """Return what is compiled, as it is when the serializer is first used.

        That is when DRF makes the serializer's fields.
        """
        if "_nova_plans" not in self.__dict__:
            instances_own = "_declared_fields" in self.__dict__
            self._nova_plans = None if instances_own else self.class_plans().current()
        return self._nova_plans

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> Any:
        made = make_list(cls, BackedListSerializer, args, kwargs)
        if made is not None:
            return made
        made = drf_super(cls, cls).many_init(*args, **kwargs)
        if type(made) is ListSerializer:
            # DRF has a hook for the list class of one serializer, but none for the default.
            made.__class__ = BackedListSerializer
        elif isinstance(made, ListSerializer):
            list_class: Any = type(made)
            made.__class__ = with_async_twins(list_class)
        return made

    # Fields

    @cached_property
    def fields(self) -> Any:
        """DRF's fields; built one by one where the class leaves their making to DRF."""
        plans = self._plans()
        if plans is not None and not self.class_plans().makes_each_anew:
            return TrackedFields(self, plans.builders())
        fields = TrackedFields(self, {})
        made = self.get_fields()
        fresh = vars(self).pop("_fresh", {})
        for name, field in made.items():
            is_fresh = name in fresh and fresh[name][0] is field and is_unchanged(*fresh[name])
            fields[name] = field
            if is_fresh:
                fields.vouch_for(name)
        return fields

    def get_fields(self) -> Any:
        """Return fresh fields by name, and remember how they were made."""
        plans = self._plans()
        if plans is None:
            return drf_super(type(self), self).get_fields()
        template = plans.template
        if self.class_plans().infers_fields_itself:
            made = drf_super(type(self), self).get_fields()
            fresh = {
                name: field
                for name, field in made.items()
                if name in template.fields and same_construction(field, template.fields[name])
            }
        else:
            made = fresh = {name: template.copy(name) for name in template.fields}
        self._fresh = {name: (field, snapshot(field)) for name, field in fresh.items()}
        return dict(made)

    def bound_field(self, name: str) -> AnyField:
        """Return one bound field, building no other."""
        fields = self.fields
        return fields.peek(name) if isinstance(fields, TrackedFields) else fields[name]

    def _arrangement(self, plans: Plans, *, incoming: bool) -> Arrangement | None:
        """Return which fields there are; ``None`` if the user's own ``fields`` are not ours."""
        if "fields" not in self.__dict__ and not self.class_plans().asks_each_instance:
            return plans.writable if incoming else plans.readable
        fields = self.fields
        if not isinstance(fields, TrackedFields):
            return None
        return plans.arranged(fields, incoming=incoming)

    # Input

    @property
    def _writable_fields(self) -> Any:
        stand_ins = vars(self).pop("_stand_ins", None) or vars(self).get("_shared_fields")
        return drf_super(type(self), self)._writable_fields if stand_ins is None else stand_ins

    def to_internal_value(self, data: Any) -> Any:
        """Validate in one pass through pydantic-core; what it leaves goes through DRF's loop."""
        settle_attributes(self)
        plan = self._input_plan()
        if plan is None or not plan.is_useful:
            return drf_super(type(self), self).to_internal_value(data)
        if data.__class__ is not dict:
            fields = None if plan.is_partial else plan.fields(self)
            return self._in_drfs_loop(data, fields)
        mark = begin_payload()
        try:
            values = plan.values(data)
        finally:
            end_payload(mark)
        finished = None if hooks_of(self) else plan.finished(values)
        if finished is not None:
            return finished
        return self._in_drfs_loop(data, plan.stand_ins(values, data, self))

    def _in_drfs_loop(self, data: Any, fields: list[Any] | None) -> Any:
        """Let DRF's loop go through these fields, or stand-ins for some, instead of its own."""
        self._stand_ins = fields
        try:
            return drf_super(type(self), self).to_internal_value(data)
        finally:
            vars(self).pop("_stand_ins", None)

    def _input_plan(self) -> Any:
        plans = self._plans()
        if plans is None or not plans.runs_input:
            return None
        arrangement = self._arrangement(plans, incoming=True)
        if arrangement is None:
            return None
        return plans.input(arrangement, bool(getattr(self.root, "partial", False)))

    def run_validators(self, value: Any) -> None:
        plans = self._plans()
        if plans is None or not self._has_class_validators(plans):
            drf_super(type(self), self).run_validators(value)
        elif plans.validators:
            Field.run_validators(self, {**value})

    def _has_class_validators(self, plans: Plans) -> bool:
        """Whether the validators are those of the class, and see nothing but the values."""
        if plans.validators is None or plans.shows_read_only_defaults:
            return False
        if self.class_plans().asks_each_instance:
            return False
        fields = self.__dict__.get("fields")
        if fields is not None and not (isinstance(fields, TrackedFields) and fields.is_left_alone):
            return False
        if "_validators" not in self.__dict__:
            self._class_validators = self.validators = list(plans.validators)
        return self.__dict__["_validators"] is self.__dict__.get("_class_validators")

    # Saving

    def create(self, validated_data: Any) -> Any:
        with self._shares_fields():
            return drf_super(type(self), self).create(validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        with self._shares_fields():
            return drf_super(type(self), self).update(instance, validated_data)

    @contextmanager
    def _shares_fields(self) -> Iterator[None]:
        """Let DRF, which looks for fields that it cannot write, look at those of the class."""
        plans = self._plans()
        if plans is not None and self._arrangement(plans, incoming=True) is plans.writable:
            self._shared_fields = plans.writable_fields
        try:
            yield
        finally:
            vars(self).pop("_shared_fields", None)

    # Output

    def to_representation(self, instance: Any) -> Any:
        """Print an object with a compiled reader."""
        reader = self.compiled_reader()
        if reader is None:
            return drf_super(type(self), self).to_representation(instance)
        mark = begin_payload()
        try:
            return reader.read(instance, self)
        finally:
            end_payload(mark)

    def compiled_reader(self) -> FieldsReader | None:
        """Return what prints the fields that this serializer has, or ``None`` if DRF has to."""
        plans = self._plans()
        if plans is None or not plans.runs_output:
            return None
        arrangement = self._arrangement(plans, incoming=False)
        if arrangement is None:
            return None
        return plans.reader(arrangement, is_in_partial_update(self))
