"""What ``many=True`` makes of a serializer whose input and output are compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models.manager import BaseManager
from pydantic import BaseModel

from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.serializers.async_methods import AsyncListSerializer
from nova_drf.serializers.bulk_create import created_together
from nova_drf.serializers.list_lookups import looked_up_together
from nova_drf.serializers.n_plus_one import watched_for_n_plus_one
from nova_drf.serializers.reading_ahead import may_be_looked_at, objects_read_ahead
from nova_drf.validation.form_data import form_items

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from nova_drf.mapping.registry import Convert

S = TypeVar("S", bound=BaseModel)


class CompiledListSerializer(AsyncListSerializer):
    """DRF's list, with async methods, printed at once where the items print nothing themselves."""

    @property
    def _standard(self) -> type[Any]:
        return CompiledListSerializer

    def create(self, validated_data: Any) -> Any:
        created = created_together(self.child, validated_data)
        return super().create(validated_data) if created is None else created

    def to_representation(self, data: Any) -> Any:
        child: Any = self.child
        objects = data.all() if isinstance(data, BaseManager) else data
        reader = child.list_reader()
        if reader is None and not may_be_looked_at(objects, child):
            return super().to_representation(data)
        # Once, so that a queryset that is asked for several things asks the database once.
        objects = list(objects)
        with watched_for_n_plus_one(), objects_read_ahead(child, objects):
            if reader is None:
                return super().to_representation(objects)
            mark = begin_payload()
            try:
                return reader.read_many(objects, child)
            finally:
                end_payload(mark)


class SchemaListSerializer(CompiledListSerializer, Generic[S]):
    """The same for a serializer that is made of a schema.

    Other lists validate in DRF's own method, which counts the frames above it to warn of who called
    ``is_valid()``.
    """

    _validate_item: Convert | None = None
    """Validates an item of the list that is being validated, where only the schema has a say."""

    @property
    def _standard(self) -> type[Any]:
        return SchemaListSerializer

    def to_internal_value(self, data: object) -> Any:
        data = form_items(data)
        child: Any = self.child
        if not child.validation_is_async_safe:
            with looked_up_together(child, data):
                return super().to_internal_value(data)
        mark = begin_payload(is_shared=True)
        self._validate_item = child.item_validation()
        try:
            return super().to_internal_value(data)
        finally:
            self._validate_item = None
            end_payload(mark)

    def run_child_validation(self, data: object) -> Any:
        validate = self._validate_item
        return super().run_child_validation(data) if validate is None else validate(data)

    if TYPE_CHECKING:

        @property
        def validated_schema(self) -> list[S]: ...
        @property
        def avalidated_schema(self) -> Awaitable[list[S]]: ...
