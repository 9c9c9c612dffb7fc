"""Numbers and truth values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from pydantic_core import core_schema
from rest_framework import fields as drf
from rest_framework.settings import api_settings

from nova_drf.mapping.described import Described
from nova_drf.mapping.drf_versions import big_integer_fields
from nova_drf.mapping.inputs import Inputs, Numbers, bounds, numbers
from nova_drf.mapping.registry import Convert, FieldMapping, PrintColumn
from nova_drf.mapping.rows.constraints import only, renamed
from nova_drf.mapping.rows.text import fast_text

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


class BooleanMapping(FieldMapping):
    """``bool`` and ``BooleanField``."""

    core_type = "bool"
    python_type: ClassVar[object] = bool
    field_class = drf.BooleanField
    native: ClassVar[tuple[type, ...]] = (bool,)
    model_fields = (models.BooleanField,)
    stored_values = (True, False)
    openapi_types = ("BOOL",)
    widget = "django.forms.CheckboxInput"

    def fast(self, shape: TypeShape) -> Core | None:
        return dict(core_schema.bool_schema(strict=True))

    def inputs(self, field: AnyField) -> Inputs | None:
        return Inputs((True, False), ("true", "off", "Yes", "TRUE", "0", 0, 1, 2, 1.0))


class IntegerMapping(FieldMapping):
    """``int`` and ``IntegerField``. Exclusive bounds and multiples stay Pydantic's.

    Instances of subclasses of ``int``, which no parser makes, are taken for their number.
    """

    core_type = "int"
    python_type: ClassVar[object] = int
    field_class: ClassVar[type[AnyField] | str] = drf.IntegerField
    native: ClassVar[tuple[type, ...]] = (int,)
    input: ClassVar[tuple[str, ...]] = ("max_value", "min_value")
    model_fields: ClassVar[tuple[type, ...]] = (models.IntegerField,)
    stored_values: ClassVar[tuple[Any, ...]] = (0, -1, 10**12)
    openapi_types: ClassVar[tuple[str, ...]] = ("INT", "INT32", "INT64")
    widget = "django.forms.NumberInput"
    bound_types: ClassVar[tuple[type, ...]] = (int,)
    """The classes of bounds with which pydantic-core compares as Python does."""

    def options(self, core: Core) -> dict[str, Any]:
        return renamed(core, ge="min_value", le="max_value")

    def remainder(self, core: Core) -> Core | None:
        return only(core, "gt", "lt", "multiple_of")

    def fast(self, shape: TypeShape) -> Core | None:
        return dict(
            core_schema.int_schema(
                strict=True,
                ge=shape.options.get("min_value"),
                le=shape.options.get("max_value"),
            )
        )

    def description(self, field: AnyField) -> Described | None:
        constraints = bound_constraints(field)
        fractions = [bound for bound in constraints.values() if bound != int(bound)]
        constraints = {name: int(bound) for name, bound in constraints.items()}
        return Described(
            int, constraints, BOUNDS, tuple(f"the bound {bound}" for bound in fractions)
        )

    def is_narrow(self, field: AnyField) -> bool:
        set_bounds = (field.min_value, field.max_value)
        return all(bound is None or bound.__class__ in self.bound_types for bound in set_bounds)

    def inputs(self, field: AnyField) -> Inputs | None:
        return numbers(field, step=1, places=0)


BOUNDS = frozenset(("min_value", "max_value"))
"""The attributes of DRF's fields that :func:`bound_constraints` stand for."""


def bound_constraints(field: AnyField) -> dict[str, Any]:
    """Return what ``Field`` says about the bounds of a DRF field."""
    set_bounds = {"ge": field.min_value, "le": field.max_value}
    return {name: bound for name, bound in set_bounds.items() if bound is not None}


class BigIntegerMapping(IntegerMapping):
    """``BigIntegerField``, which has words of its own, and a setting by which it prints text.

    Args:
        field_class: The class; DRF 3.16 has none.
    """

    output = ("coerce_to_string",)

    def __init__(self, field_class: type[AnyField]) -> None:
        self.field_class = field_class  # type: ignore[misc]  # here each instance has its own

    def matches(self, core: Core) -> bool:
        return False

    def description(self, field: AnyField) -> Described | None:
        described = super().description(field)
        if described is None or (field.read_only and not api_settings.COERCE_BIGINT_TO_STRING):
            return described
        return described._replace(left=(*described.left, "the words of BigIntegerField"))


BIG_INTEGERS = tuple(BigIntegerMapping(field_class) for field_class in big_integer_fields())


class FloatMapping(IntegerMapping):
    """``float`` and ``FloatField``."""

    core_type = "float"
    python_type: ClassVar[object] = float
    field_class = drf.FloatField
    native: ClassVar[tuple[type, ...]] = (float,)
    model_fields = (models.FloatField,)
    stored_values = (0.0, 1e22, -1.5)
    openapi_types = ("NUMBER", "FLOAT", "DOUBLE")
    bound_types = (int, float)

    def remainder(self, core: Core) -> Core | None:
        # DRF before 3.18.1 takes infinity; a schema may say that it does not.
        finite = core if core.get("allow_inf_nan") is False else {**core, "allow_inf_nan": None}
        return only(finite, "gt", "lt", "multiple_of", "allow_inf_nan")

    def fast(self, shape: TypeShape) -> Core | None:
        return dict(
            core_schema.float_schema(
                strict=True,
                allow_inf_nan=False,
                ge=shape.options.get("min_value"),
                le=shape.options.get("max_value"),
            )
        )

    def description(self, field: AnyField) -> Described | None:
        return Described(float, bound_constraints(field), BOUNDS)

    def widget_attributes(self, field: AnyField) -> dict[str, str]:
        return {"step": "any"}

    def inputs(self, field: AnyField) -> Inputs | None:
        return numbers(field, step=0.5)


class DecimalMapping(IntegerMapping):
    """``Decimal`` and ``DecimalField``, which quantizes to its decimal places."""

    core_type = "decimal"
    python_type: ClassVar[object] = Decimal
    field_class = drf.DecimalField
    native: ClassVar[tuple[type, ...]] = ()
    input = ("max_value", "min_value", "max_digits", "decimal_places", "max_whole_digits")
    output = ("coerce_to_string", "normalize_output")
    required_arguments: ClassVar[Mapping[str, Any]] = {"max_digits": None, "decimal_places": None}
    model_fields = (models.DecimalField,)
    stored_values = (Decimal("1.5"), Decimal("1E+2"), Decimal("-0.005"))
    openapi_types = ("DECIMAL",)
    bound_types = (int, Decimal)

    def options(self, core: Core) -> dict[str, Any]:
        bounds = renamed(core, ge="min_value", le="max_value")
        return {
            "max_digits": core.get("max_digits"),
            "decimal_places": core.get("decimal_places"),
            **{name: _exact_decimal(bound) for name, bound in bounds.items()},
        }

    def fast(self, shape: TypeShape) -> Core | None:
        digits, places = shape.options["max_digits"], shape.options["decimal_places"]
        if digits is None or places is None or digits <= places:
            return None
        # Text with exactly the field's decimal places needs no quantizing.
        fraction = rf"\.[0-9]{{{places}}}" if places else ""
        text = fast_text(rf"^-?[0-9]{{1,{digits - places}}}{fraction}$")
        number = core_schema.decimal_schema(
            strict=False, ge=shape.options.get("min_value"), le=shape.options.get("max_value")
        )
        return dict(core_schema.chain_schema([text, number]))

    def represent(self, shape: TypeShape) -> Convert:
        is_quantized = _is_quantized(shape)
        exact = super().represent(shape)
        if is_quantized is None:
            return exact

        def represent(value: Any) -> object:
            is_text = value.__class__ is Decimal and api_settings.COERCE_DECIMAL_TO_STRING
            return str(value) if is_text and is_quantized(value) else exact(value)

        return represent

    def column(self, shape: TypeShape) -> Mapping[type, PrintColumn]:
        is_quantized = _is_quantized(shape)
        if is_quantized is None:
            return {}

        def printed(values: Sequence[Decimal]) -> Sequence[str] | None:
            is_text = api_settings.COERCE_DECIMAL_TO_STRING and all(map(is_quantized, values))
            return list(map(str, values)) if is_text else None

        return {Decimal: printed}

    def description(self, field: AnyField) -> Described | None:
        digits = {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
        # Pydantic may make a decimal of other digits of a float, and messages quote the digits.
        constraints = {
            name: Decimal(str(limit)) if isinstance(limit, float) else limit
            for name, limit in {**digits, **bound_constraints(field)}.items()
            if limit is not None
        }
        return Described(Decimal, constraints, BOUNDS | {*digits, "max_whole_digits"})

    def field_options(self, field: AnyField) -> dict[str, Any]:
        digits = {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
        return {**super().field_options(field), **digits}

    def widget_attributes(self, field: AnyField) -> dict[str, str]:
        places = field.decimal_places
        return {} if places is None else {"step": f"{10.0**-places:.{places}f}"}

    def inputs(self, field: AnyField) -> Inputs | None:
        places = 2 if field.decimal_places is None else field.decimal_places
        whole = 4 if field.max_digits is None else max(field.max_digits - places, 0)
        low, high = bounds(field)
        least = Decimal(-(10 ** min(whole, 6)) + 1) if low is None else Decimal(str(low))
        most = Decimal(10 ** min(whole, 6) - 1) if high is None else Decimal(str(high))
        good = Numbers(min(least, most), most, places, only_text=True)
        too_long = ("1." + "0" * (places + 1), "9" * (whole + 1))
        at_bounds = [str(bound) for bound in (low, high) if bound is not None]
        return Inputs(good, (*too_long, ".5", "1e2", " 1 ", "-0", 1, 1.5, "1,5", *at_bounds))

    def source_arguments(self, value: object) -> str | None:
        return f'"{value}"'


def _is_quantized(shape: TypeShape) -> Callable[[Decimal], bool] | None:
    """Return what says whether ``str()`` gives a number with the decimal places of the field.

    ``None`` where there is no saying. With more than six places ``str()`` writes ``0E-7``.
    """
    places = shape.options["decimal_places"]
    if places is None or not 0 < places <= 6:
        return None
    return Decimal((0, (1,), -places)).same_quantum


def _exact_decimal(bound: AnyField) -> object:
    return bound if isinstance(bound, (int, Decimal)) else Decimal(str(bound))
