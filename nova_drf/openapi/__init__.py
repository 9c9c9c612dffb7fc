"""drf-spectacular: schemas as components of the document. Only this package imports it.

A :class:`~nova_drf.SchemaSerializer` has real DRF fields, so that drf-spectacular's own mapping,
decorators, hooks and settings apply as they do to a classic serializer, and the same contract makes
the same document. The app's ``ready()`` imports this package, which is all that registering takes.
"""

from __future__ import annotations

from nova_drf.openapi.converted import ConvertedSerializerExtension
from nova_drf.openapi.extensions import (
    ModelExtension,
    PydanticFieldExtension,
    SchemaSerializerExtension,
)
from nova_drf.openapi.hints import HintExtension, MethodFieldExtension, ReadOnlyFieldExtension
from nova_drf.openapi.library import exclude_our_docstrings
from nova_drf.openapi.lists import ListExtension
from nova_drf.openapi.services import ServiceViewSetExtension

exclude_our_docstrings()

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
