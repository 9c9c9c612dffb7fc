"""``conversion_report``: what became a type, what goes on running as it is, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from nova_drf.core.exceptions import SchemaDefinitionError
from nova_drf.core.overrides import SerializerClass
from nova_drf.migration.convert.conversion import conversion_for
from nova_drf.migration.convert.results import Conversion, How, Member
from nova_drf.migration.convert.type_names import type_name


class Extent(StrEnum):
    """How much of a serializer its schema says."""

    WHOLLY = "wholly"
    """Types say everything."""
    PARTLY = "partly"
    """Some fields or hooks go on running as they are."""
    NOT = "not"
    """It cannot be converted."""


@dataclass(frozen=True)
class FieldLine:
    """What became of one field.

    Attributes:
        name: The field's name.
        attribute: The schema's attribute for it.
        how: Whether it is a type, a DRF field, or both.
        type: The type of its values, in words.
        reasons: Why the DRF field goes on running.
    """

    name: str
    attribute: str
    how: How
    type: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        renamed = "" if self.attribute == self.name else f" (attribute {self.attribute})"
        because = f": {'; '.join(self.reasons)}" if self.reasons else ""
        return f"{self.name}{renamed}: {self.how}, {self.type}{because}"


@dataclass(frozen=True)
class ConversionReport:
    """What ``schema_from_serializer`` makes of a serializer class.

    Attributes:
        serializer: The class's dotted name.
        extent: How much of it the schema says.
        fields: One line for each field.
        hooks: The methods and validators that go on running, in words.
        error: Why it cannot be converted, if it cannot.
    """

    serializer: str
    extent: Extent
    fields: tuple[FieldLine, ...] = ()
    hooks: tuple[str, ...] = ()
    error: str | None = None

    @property
    def kept(self) -> tuple[FieldLine, ...]:
        """The fields that go on running as DRF's."""
        return tuple(line for line in self.fields if line.how is not How.TYPE)

    def __str__(self) -> str:
        lines = [f"{self.serializer}: converts {self.extent}"]
        lines += [f"  {line}" for line in self.fields]
        lines += [f"  {hook}: goes on running" for hook in self.hooks]
        if self.error is not None:
            lines.append(f"  {self.error}")
        return "\n".join(lines)


def conversion_report(serializer_class: SerializerClass) -> ConversionReport:
    """Report what conversion makes of the fields and hooks of a serializer class.

    Follows:
        ``rest_framework.serializers.Serializer.get_fields``.

    Args:
        serializer_class: Any serializer class. One that cannot be converted is reported as well.

    Raises:
        SchemaDefinitionError: It is no class.
    """
    if not isinstance(serializer_class, type):
        raise SchemaDefinitionError(
            f"conversion_report: {type(serializer_class).__name__} is not a class. Pass a "
            "serializer class."
        )
    name = f"{serializer_class.__module__}.{serializer_class.__qualname__}"
    try:
        conversion = conversion_for(serializer_class)
    except SchemaDefinitionError as error:
        return ConversionReport(name, Extent.NOT, error=str(error))
    return ConversionReport(
        serializer=name,
        extent=Extent.WHOLLY if conversion.is_exact else Extent.PARTLY,
        fields=tuple(map(_line, conversion.members)),
        hooks=tuple(_hooks(conversion)),
    )


def _line(member: Member) -> FieldLine:
    return FieldLine(
        name=member.name,
        attribute=member.attribute,
        how=member.how,
        type=type_name(member.value),
        reasons=member.reasons,
    )


def _hooks(conversion: Conversion) -> Iterator[str]:
    yield from conversion.hooks
    yield from conversion.printing
    for validator in conversion.validators:
        yield type(validator).__name__ if not hasattr(validator, "__name__") else validator.__name__
