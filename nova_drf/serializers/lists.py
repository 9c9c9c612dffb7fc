"""What ``many=True`` makes of a :class:`~nova_drf.SchemaSerializer`."""

from __future__ import annotations

from typing import Any

from django.db.models.manager import BaseManager

from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.serializers.async_methods import AsyncListSerializer
from nova_drf.validation.form_data import form_items


class SchemaListSerializer(AsyncListSerializer):
    """What ``many=True`` makes of a :class:`SchemaSerializer`: DRF's list, with async twins."""

    @property
    def _standard(self) -> type[Any]:
        return SchemaListSerializer

    def to_internal_value(self, data: Any) -> Any:
        data = form_items(data)
        child: Any = self.child
        if not (child.get_blueprint().validates_purely and child.input_plan().is_pure):
            return super().to_internal_value(data)
        mark = begin_payload(is_shared=True)
        try:
            return super().to_internal_value(data)
        finally:
            end_payload(mark)

    def to_representation(self, data: Any) -> Any:
        child: Any = self.child
        if child.represents_itself():
            return super().to_representation(data)
        iterable = data.all() if isinstance(data, BaseManager) else data
        mark = begin_payload()
        try:
            return child.reader.read_many(iterable, child)
        finally:
            end_payload(mark)
