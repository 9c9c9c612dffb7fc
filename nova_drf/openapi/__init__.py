"""drf-spectacular: schemas as components of the document. Only this package imports it.

A :class:`~nova_drf.SchemaSerializer` has real DRF fields, so that drf-spectacular's own mapping,
decorators, hooks and settings apply as they do to a classic serializer, and the same contract makes
the same document. The app's ``ready()`` imports this package, which is all that registering takes.
What makes the document is imported with the first document: most processes make none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.extensions import (
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
    OpenApiViewExtension,
)

from nova_drf.core.first_use import on_first_use
from nova_drf.openapi.library import exclude_our_docstrings
from nova_drf.openapi.registering import register_on_first_use

if TYPE_CHECKING:
    from nova_drf.openapi.converted import ConvertedSerializerExtension
    from nova_drf.openapi.extensions import (
        ModelExtension,
        PydanticFieldExtension,
        SchemaSerializerExtension,
    )
    from nova_drf.openapi.hints import HintExtension, MethodFieldExtension, ReadOnlyFieldExtension
    from nova_drf.openapi.lists import ListExtension
    from nova_drf.openapi.services import ServiceViewSetExtension

__all__ = [
    "ConvertedSerializerExtension",
    "HintExtension",
    "ListExtension",
    "MethodFieldExtension",
    "ModelExtension",
    "PydanticFieldExtension",
    "ReadOnlyFieldExtension",
    "SchemaSerializerExtension",
    "ServiceViewSetExtension",
]

__getattr__ = on_first_use(
    __name__,
    {
        "nova_drf.openapi.converted": ("ConvertedSerializerExtension",),
        "nova_drf.openapi.extensions": (
            *("ModelExtension", "PydanticFieldExtension", "SchemaSerializerExtension"),
        ),
        "nova_drf.openapi.hints": (
            *("HintExtension", "MethodFieldExtension", "ReadOnlyFieldExtension"),
        ),
        "nova_drf.openapi.lists": ("ListExtension",),
        "nova_drf.openapi.services": ("ServiceViewSetExtension",),
    },
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


for _kind, _name, _priority in (
    (OpenApiSerializerExtension, "converted.ConvertedSerializerExtension", -1),
    (OpenApiSerializerExtension, "extensions.SchemaSerializerExtension", -2),
    (OpenApiSerializerExtension, "extensions.ModelExtension", 1),
    (OpenApiSerializerExtension, "hints.HintExtension", 0),
    (OpenApiSerializerExtension, "lists.ListExtension", -2),
    (OpenApiSerializerFieldExtension, "extensions.PydanticFieldExtension", 0),
    (OpenApiSerializerFieldExtension, "hints.MethodFieldExtension", -2),
    (OpenApiSerializerFieldExtension, "hints.ReadOnlyFieldExtension", -2),
    (OpenApiViewExtension, "services.ServiceViewSetExtension", 0),
):
    register_on_first_use(_kind, f"{__name__}.{_name}", _priority)

exclude_our_docstrings()
