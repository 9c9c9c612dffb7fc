"""Rows for field libraries that projects really use; a package is imported only where it is used.

The field of the library goes on running, so its semantics are its own; the row says what its values
are, and what a client may send.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.core.files import File

from nova_drf.mapping.registry import FieldMapping, registry

if TYPE_CHECKING:
    from nova_drf.core.core_schema import Core
    from nova_drf.mapping.shape import AnyField


class LibraryMapping(FieldMapping):
    """A field of a library.

    Args:
        field_class: The field's dotted path.
        python_type: The type of its values, or that type's dotted path.
        examples: What a client may send.
    """

    match_subclasses = True

    def __init__(self, field_class: str, python_type: object, *examples: Any) -> None:
        self.field_class = field_class  # type: ignore[misc]  # here each instance has its own
        self.python_type = python_type  # type: ignore[misc]  # here each instance has its own
        self._examples = examples

    def matches(self, core: Core) -> bool:
        """The way back is the field itself: no type alone stands for it."""
        return False

    def examples(self, field: AnyField) -> Collection[Any]:
        return self._examples


_PIXEL = "R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs="
_POINT = {"type": "Point", "coordinates": [1.0, 2.0]}

LIBRARIES: tuple[LibraryMapping, ...] = (
    LibraryMapping(
        "phonenumber_field.serializerfields.PhoneNumberField",
        "phonenumber_field.phonenumber.PhoneNumber",
        *("+41524204242", "+33 1 42 68 53 00", "123", "", "x"),
    ),
    LibraryMapping(
        "djmoney.contrib.django_rest_framework.fields.MoneyField",
        "moneyed.classes.Money",
        *("1.50", 2, "x", None, "1e2"),
    ),
    LibraryMapping(
        "timezone_field.rest_framework.TimeZoneSerializerField",
        "zoneinfo.ZoneInfo",
        *("Europe/Paris", "UTC", "Mars/Base", "", 1),
    ),
    LibraryMapping(
        "taggit.serializers.TagListSerializerField",
        list[str],
        *([], ["a", "b"], '["a"]', "a", [1], None),
    ),
    LibraryMapping(
        "rest_framework_gis.fields.GeometryField", dict[str, Any], _POINT, "POINT (1 2)", "x", None
    ),
    LibraryMapping("drf_extra_fields.fields.Base64FieldMixin", File, _PIXEL, "x", "", None),
    LibraryMapping(
        "drf_extra_fields.geo_fields.PointField",
        dict[str, Any],
        *({"latitude": 1.0, "longitude": 2.0}, {"latitude": 1}, "x", None),
    ),
    LibraryMapping(
        "drf_extra_fields.fields.RangeField",
        dict[str, Any],
        *({"lower": 1, "upper": 3}, {"lower": 3}, {}, "x", None),
    ),
)
"""By library."""

for _row in LIBRARIES:
    registry.register(_row)
