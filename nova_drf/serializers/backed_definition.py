"""The compiled plans of one serializer class, for each set of fields that was met."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

from rest_framework.serializers import Serializer

from nova_drf.core.overrides import (
    FIELD_BUILDING,
    INPUT_LOOP,
    OUTPUT_LOOP,
    override,
    overrides,
)
from nova_drf.core.settings import get_setting
from nova_drf.mapping.shape import AnyField
from nova_drf.serializers.backed_representation import FieldsReader
from nova_drf.serializers.templates import Template
from nova_drf.serializers.tracked_fields import TrackedFields
from nova_drf.validation.field_loop import InputPlan
from nova_drf.validation.narrow import read_only_defaults

logger = logging.getLogger("nova_drf")

_CLASS_STATES = 8
"""How many states of a class (its ``Meta`` may be changed at run time) keep their plans."""


@dataclass(frozen=True)
class Arrangement:
    """Which fields a serializer has in one direction.

    Attributes:
        names: Their names, in order.
        own: Those that are not as the class made them, and so run themselves.
    """

    names: tuple[str, ...]
    own: frozenset[str] = frozenset()


class Plans:
    """What is compiled for a serializer class in one state.

    Args:
        template: The fields of the class.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        cls = template.serializer_class
        self.serializer_class = cls
        self.runs_input = not any(overrides(cls, INPUT_LOOP))
        self.runs_output = not any(overrides(cls, OUTPUT_LOOP))
        variants = lru_cache(maxsize=get_setting("VARIANTS_PER_CLASS"))
        self.input: Callable[[Arrangement, bool], InputPlan] = variants(self._input)
        self.reader: Callable[[Arrangement, bool], FieldsReader] = variants(self._reader)
        self.writable = Arrangement(
            tuple(name for name, field in template.fields.items() if not field.read_only)
        )
        self.readable = Arrangement(
            tuple(name for name, field in template.fields.items() if not field.write_only)
        )

    def _input(self, arrangement: Arrangement, partial_update: bool) -> InputPlan:
        cls, names = self.serializer_class, arrangement.names
        hooked = frozenset(name for name in names if hasattr(cls, f"validate_{name}"))
        return InputPlan(names, self._known(arrangement), hooked, partial=partial_update)

    def _reader(self, arrangement: Arrangement, in_partial_update: bool) -> FieldsReader:
        return FieldsReader(
            arrangement.names,
            self._known(arrangement),
            self.template.serializer,
            in_partial_update=in_partial_update,
        )

    def _known(self, arrangement: Arrangement) -> dict[str, AnyField]:
        return {
            name: self.template.fields[name]
            for name in arrangement.names
            if name not in arrangement.own
        }

    @cached_property
    def taken_over(self) -> frozenset[str]:
        """The fields of which a change must be noticed, because a plan does their work."""
        read = self.reader(self.readable, False)
        plan = self.input(self.writable, False)
        return frozenset(plan.narrow_names | read.taken_over)

    @cached_property
    def writable_fields(self) -> tuple[AnyField, ...]:
        """The class's own fields that take input, for who only looks at them."""
        return tuple(self.template.fields[name] for name in self.writable.names)

    def builders(self) -> dict[str, Callable[[], AnyField]]:
        """Return what builds each field of an instance."""
        return {name: partial(self.template.copy, name) for name in self.template.fields}

    def arranged(self, fields: TrackedFields, *, incoming: bool) -> Arrangement:
        """Return which fields a serializer has, once somebody had their hands on them.

        Args:
            fields: The serializer's fields.
            incoming: Whether it is about input.
        """
        if fields.is_left_alone:
            return self.writable if incoming else self.readable
        hidden = "read_only" if incoming else "write_only"
        names: list[str] = []
        own: list[str] = []
        for name in fields:
            pristine = self._is_pristine(fields, name)
            field = self.template.fields[name] if pristine else fields.peek(name)
            if not getattr(field, hidden):
                names.append(name)
                if not pristine:
                    own.append(name)
        return Arrangement(tuple(names), frozenset(own))

    def _is_pristine(self, fields: TrackedFields, name: str) -> bool:
        if name not in self.template.fields:
            return False
        if name in self.taken_over or name not in fields.fields:
            return name not in fields.touched or fields.is_pristine(name)
        field, original = fields.fields[name], self.template.fields[name]
        return (field.read_only, field.write_only) == (original.read_only, original.write_only)

    # What DRF's run_validators needs to know

    @cached_property
    def shows_read_only_defaults(self) -> bool:
        """Whether validators of the whole payload see defaults of read-only fields."""
        return read_only_defaults(self.template.fields)

    @cached_property
    def validators(self) -> tuple[Any, ...] | None:
        """The validators of the whole payload, or ``None`` where each instance must be asked."""
        names = (
            "get_validators",
            "get_unique_together_validators",
            "get_unique_for_date_validators",
            "get_unique_together_constraints",
            # Those of unique columns depend on the fields.
            "fields",
        )
        if any(overrides(self.serializer_class, names)):
            return None
        return tuple(self.template.serializer.validators)


class ClassPlans:
    """The plans of a serializer class, whatever states it goes through.

    Args:
        serializer_class: The class.
    """

    def __init__(self, serializer_class: type[Serializer[Any]]) -> None:
        self.serializer_class = serializer_class
        self.infers_fields_itself = any(overrides(serializer_class, FIELD_BUILDING))
        self.makes_each_anew = (
            self.infers_fields_itself or override(serializer_class, "get_fields") is not None
        )
        self.asks_each_instance = (
            self.makes_each_anew or override(serializer_class, "fields") is not None
        )
        self.reason: str | None = None
        if not issubclass(serializer_class, Serializer):
            self.reason = "it is a BaseSerializer, which has no fields"
        self._states: list[Plans] = []

    def current(self) -> Plans | None:
        """Return the plans for the class as it is now, or ``None`` if DRF has to do it all."""
        for plans in self._states:
            if plans.template.holds():
                return plans
        return self._compiled() if self.reason is None else None

    def _compiled(self) -> Plans | None:
        try:
            plans = Plans(Template(self.serializer_class))
        except Exception as error:
            # Whatever it is, DRF meets it as well, on an instance: it is DRF's to report.
            name = self.serializer_class.__qualname__
            self.reason = f"its fields cannot be made without an instance ({error!r})"
            logger.info("%s runs on DRF's own code: %s", name, self.reason)
            return None
        self._states = [plans, *self._states[: _CLASS_STATES - 1]]
        return plans
