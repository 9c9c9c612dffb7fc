"""nova_drf: the bridge from Django REST Framework to Pydantic schemas, services and async views.

The names below load on first use, so that ``import nova_drf`` needs no configured settings and
``nova_drf.services`` never imports Django REST Framework.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova_drf.core.first_use import on_first_use

if TYPE_CHECKING:
    from nova_drf.core.markers import (
        UNSET,
        NotRequired,
        ReadOnly,
        Source,
        Unset,
        WriteOnly,
        unset,
    )
    from nova_drf.migration.convert.conversion import schema_from_serializer
    from nova_drf.migration.convert.from_model import schema_from_model
    from nova_drf.migration.convert.report import conversion_report
    from nova_drf.queries.instances import quick_instances
    from nova_drf.schemas.schema import Schema
    from nova_drf.schemas.use_field import UseField
    from nova_drf.serializers.backed import SchemaBackedMixin
    from nova_drf.serializers.from_model import FromModel
    from nova_drf.serializers.query_plans import plan_queries
    from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema

__version__ = "0.1.0"

__all__ = [
    "UNSET",
    "FromModel",
    "NotRequired",
    "ReadOnly",
    "Schema",
    "SchemaBackedMixin",
    "SchemaSerializer",
    "Source",
    "Unset",
    "UseField",
    "WriteOnly",
    "conversion_report",
    "plan_queries",
    "quick_instances",
    "schema_from_model",
    "schema_from_serializer",
    "serializer_from_schema",
    "unset",
]

__getattr__ = on_first_use(
    __name__,
    {
        "nova_drf.core.markers": (
            "NotRequired",
            "ReadOnly",
            "Source",
            "UNSET",
            "Unset",
            "WriteOnly",
            "unset",
        ),
        "nova_drf.migration.convert.conversion": ("schema_from_serializer",),
        "nova_drf.migration.convert.from_model": ("schema_from_model",),
        "nova_drf.migration.convert.report": ("conversion_report",),
        "nova_drf.queries.instances": ("quick_instances",),
        "nova_drf.schemas.schema": ("Schema",),
        "nova_drf.schemas.use_field": ("UseField",),
        "nova_drf.serializers.backed": ("SchemaBackedMixin",),
        "nova_drf.serializers.from_model": ("FromModel",),
        "nova_drf.serializers.query_plans": ("plan_queries",),
        "nova_drf.serializers.schema_serializer": ("SchemaSerializer", "serializer_from_schema"),
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
