"""``JSONRenderer``: DRF's, for responses that hold instances of schemas and models as well."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from rest_framework import renderers
from rest_framework.utils import encoders

from nova_drf.serializers.schema_serializer import nested_serializer_class


class JSONEncoder(encoders.JSONEncoder):
    """DRF's encoder, which would print a Pydantic model as a list of pairs.

    Follows:
        ``rest_framework.utils.encoders.JSONEncoder``.
    """

    def default(self, obj: Any) -> Any:
        if isinstance(obj, BaseModel):
            return nested_serializer_class(type(obj))(obj).data
        return super().default(obj)


class JSONRenderer(renderers.JSONRenderer):
    """DRF's renderer, to which a view may give instances: ``Response(BookSchema(...))``.

    They are printed as their serializer prints them: a :class:`~nova_drf.Schema` in DRF's way, a
    plain ``BaseModel`` in Pydantic's.

    Follows:
        ``rest_framework.renderers.JSONRenderer``.
    """

    encoder_class = JSONEncoder
