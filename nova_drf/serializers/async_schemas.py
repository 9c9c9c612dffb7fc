"""The async entry points of a serializer that is made of a schema."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from asgiref.sync import sync_to_async
from pydantic import BaseModel

from nova_drf.core.payload_size import fits_on_loop
from nova_drf.mapping.async_safety import is_plain
from nova_drf.serializers.async_methods import AsyncSerializerMixin, object_to_print

if TYPE_CHECKING:
    from nova_drf.representation.objects import SchemaReader
    from nova_drf.serializers.definition import Blueprint
    from nova_drf.validation.request_schema import InputPlan

S = TypeVar("S", bound=BaseModel)


class AsyncSchemaSerializerMixin(AsyncSerializerMixin, Generic[S]):
    """Adds async entry points to a serializer that is made of a schema."""

    if TYPE_CHECKING:
        get_blueprint: Callable[[], Blueprint]
        reader: SchemaReader
        validated_schema: S
        input_plan: Callable[[], InputPlan]

    @property
    def validation_is_pure(self) -> bool:
        """Whether ``is_valid()`` cannot touch the database.

        It may where a line of the user's code, a unique check or a relation has a say, and where
        validators of the whole see an object from the database.
        """
        if self.validators or not self.get_blueprint().validates_purely:
            return False
        return self.input_plan().is_pure

    @property
    def representation_is_pure(self) -> bool:
        """Whether reading ``data`` cannot touch the database: data, printed as it is."""
        return self.prints_purely and is_plain(object_to_print(self))

    @property
    def prints_purely(self) -> bool:
        """Whether no bound field, property or method of the user prints anything."""
        return self.get_blueprint().prints_purely and self.reader.is_async_safe

    @property
    def avalidated_schema(self) -> Awaitable[S]:
        """``await serializer.avalidated_schema``: what ``validated_schema`` is.

        After a partial update that reads, from the instance, what the client did not send.
        """
        return self._avalidated_schema()

    async def _avalidated_schema(self) -> S:
        instance = self.instance
        is_read = bool(getattr(self.root, "partial", False))
        if is_read and not (fits_on_loop(instance) and is_plain(instance)):
            return await sync_to_async(lambda: self.validated_schema)()
        return self.validated_schema
