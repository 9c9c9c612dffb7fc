"""Numbers and truth values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic_core import core_schema
from rest_framework import fields as drf
from rest_framework.settings import api_settings

from nova_drf.mapping.registry import Convert, FieldMapping, PrintColumn
from nova_drf.mapping.rows.constraints import only, renamed
from nova_drf.mapping.rows.text import fast_text

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField, TypeShape


class BooleanMapping(FieldMapping):
    """``bool`` and ``BooleanField``."""

    core_type = "bool"
    python_type: ClassVar[Any] = bool
    field_class = drf.BooleanField
    native: ClassVar[tuple[type, ...]] = (bool,)

    def fast(self, shape: TypeShape) -> Core | None:
        return dict(core_schema.bool_schema(strict=True))


class IntegerMapping(FieldMapping):
    """``int`` and ``IntegerField``. Exclusive bounds and multiples stay Pydantic's.

    Instances of subclasses of ``int``, which no parser makes, are taken for their number.
    """

    core_type = "int"
    python_type: ClassVar[Any] = int
    field_class: ClassVar[type[AnyField] | str] = drf.IntegerField
    native: ClassVar[tuple[type, ...]] = (int,)

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


class FloatMapping(IntegerMapping):
    """``float`` and ``FloatField``."""

    core_type = "float"
    python_type: ClassVar[Any] = float
    field_class = drf.FloatField
    native: ClassVar[tuple[type, ...]] = (float,)

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


class DecimalMapping(FieldMapping):
    """``Decimal`` and ``DecimalField``, which quantizes to its decimal places."""

    core_type = "decimal"
    python_type: ClassVar[Any] = Decimal
    field_class = drf.DecimalField

    def options(self, core: Core) -> dict[str, Any]:
        bounds = renamed(core, ge="min_value", le="max_value")
        return {
            "max_digits": core.get("max_digits"),
            "decimal_places": core.get("decimal_places"),
            **{name: _exact_decimal(bound) for name, bound in bounds.items()},
        }

    def remainder(self, core: Core) -> Core | None:
        return only(core, "gt", "lt", "multiple_of")

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

        def represent(value: Any) -> Any:
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


def _is_quantized(shape: TypeShape) -> Callable[[Decimal], bool] | None:
    """Return what says whether ``str()`` gives a number with the decimal places of the field.

    ``None`` where there is no saying. With more than six places ``str()`` writes ``0E-7``.
    """
    places = shape.options["decimal_places"]
    if places is None or not 0 < places <= 6:
        return None
    return Decimal((0, (1,), -places)).same_quantum


def _exact_decimal(bound: Any) -> Any:
    return bound if isinstance(bound, (int, Decimal)) else Decimal(str(bound))
