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

_HOMES = {
    "FromModel": "serializers.from_model",
    "UNSET": "core.markers",
    "NotRequired": "core.markers",
    "ReadOnly": "core.markers",
    "Schema": "schemas.schema",
    "SchemaBackedMixin": "serializers.backed",
    "SchemaSerializer": "serializers.schema_serializer",
    "Source": "core.markers",
    "Unset": "core.markers",
    "UseField": "schemas.use_field",
    "WriteOnly": "core.markers",
    "conversion_report": "migration.convert.report",
    "plan_queries": "serializers.query_plans",
    "quick_instances": "queries.instances",
    "schema_from_model": "migration.convert.from_model",
    "schema_from_serializer": "migration.convert.conversion",
    "serializer_from_schema": "serializers.schema_serializer",
    "unset": "core.markers",
}

__getattr__ = on_first_use(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
