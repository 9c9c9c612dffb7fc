"""Validated input as an instance of the schema: of one object, and of the items of a list."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

from asgiref.sync import sync_to_async
from pydantic import BaseModel
from pydantic import ValidationError as PydanticValidationError
from rest_framework.serializers import ListSerializer

from nova_drf.core.overrides import usual_attributes
from nova_drf.core.payload_size import fits_on_loop
from nova_drf.mapping.async_safety import holds_only_data
from nova_drf.serializers.lists import SchemaListSerializer
from nova_drf.validation.partial_updates import merged
from nova_drf.validation.run import Validation

S = TypeVar("S", bound=BaseModel)

if TYPE_CHECKING:
    from rest_framework.serializers import Serializer

    from nova_drf.mapping.registry import Convert
    from nova_drf.validation.request_schema import CompiledRequest

    class _Base(Serializer[Any], Generic[S]):
        @overload
        def __new__(  # type: ignore[misc]  # DRF's own makes something else, too
            cls,
            instance: object = ...,
            data: object = ...,
            *,
            many: Literal[True],
            **kwargs: Any,
        ) -> SchemaListSerializer[S]: ...
        @overload
        def __new__(
            cls,
            instance: object = ...,
            data: object = ...,
            *,
            partial: bool = ...,
            many: bool = ...,
            context: Mapping[str, Any] = ...,
            **kwargs: Any,
        ) -> Self: ...
        def __new__(cls, *args: Any, **kwargs: Any) -> Any: ...
else:
    _Base = Generic


class ValidatedSchemaMixin(_Base[S]):
    """Gives a serializer, and the list around it, ``validated_schema``."""

    _schema_instance: Any = None
    _merged_schema: tuple[Any, Any] = (None, None)
    """What was sent in a partial update, and the whole that it was last laid over."""

    _items: Sequence[tuple[Any, Any]] = ()
    """What was sent for each item, as the schema, and the object that it updates."""

    if TYPE_CHECKING:

        def compiled_request(self) -> CompiledRequest: ...
        def _instance_of_text(self) -> Any: ...

    @property
    def validated_schema(self) -> S:
        """The validated input as an instance of the schema.

        After ``partial=True`` it holds the serializer's instance overlaid with what was sent, which
        ``model_fields_set`` names.

        Raises:
            AssertionError: ``is_valid()`` was not called, or found errors (as DRF's
                ``validated_data`` does).
        """
        self.validated_data  # noqa: B018  (DRF's own assertion and its words)
        if self._schema_instance is None:
            self._schema_instance = self._instance_of_text()
        if self.errors or self._schema_instance is None:
            raise AssertionError("You cannot access `.validated_schema` of invalid data.")
        sent, whole = self._merged_schema
        if sent is not self._schema_instance:
            sent, whole = self._schema_instance, self.whole_schema(self._schema_instance)
            self._merged_schema = sent, whole
        return whole  # type: ignore[no-any-return]  # whole_schema() returns what it is given

    @property
    def has_single_instance(self) -> bool:
        """Whether there is one object to update (not the list that ``many=True`` passes on)."""
        of_list = isinstance(self.parent, ListSerializer) and self.parent.instance
        return self.instance is not None and self.instance is not of_list

    @property
    def avalidated_schema(self) -> Awaitable[S]:
        """``await serializer.avalidated_schema``: what ``validated_schema`` is.

        After a partial update that reads, from the instance, what the client did not send.
        """
        return self._avalidated_schema()

    async def _avalidated_schema(self) -> S:
        instance = self.instance
        is_read = bool(getattr(self.root, "partial", False))
        if is_read and not (fits_on_loop(instance) and holds_only_data(instance)):
            return await sync_to_async(lambda: self.validated_schema)()
        return self.validated_schema

    def whole_schema(self, sent: object) -> Any:
        """Return what was sent, in a partial update laid over the instance."""
        request = self.compiled_request()
        if not (request.variant.partial and self.has_single_instance):
            return sent
        serializer: Any = self
        return merged(serializer, sent, request.shape)

    def remember_item(self, sent: object) -> None:
        """Keep what was sent for an item, if there is a list around that may be asked for it."""
        if isinstance(self.parent, ListSerializer) and self.parent.parent is None:
            items: list[Any] = vars(self).setdefault("_items", [])
            items.append((sent, self.instance))

    def item_validation(self) -> Convert | None:
        """Return what validates one item after the other; ``None`` if DRF's own way is needed.

        What is the same for all items is worked out here, once. To be asked only where no code but
        the schema has a say. An item that the schema refuses goes DRF's way, and so do the rest.
        """
        serializer: Any = self
        if serializer.read_only or not vars(self).keys() <= usual_attributes():
            return None
        request = self.compiled_request()
        run = Validation(serializer)

        def validate(data: Any) -> object:
            if data.__class__ is not dict or serializer._expects_refusal:
                return serializer.run_validation(data)
            try:
                instance = request.validate(data, run)
            except PydanticValidationError:
                serializer._expects_refusal = True
            else:
                self.remember_item(instance)
                return request.validated_data(instance, run)
            return serializer.run_validation(data)

        return validate

    def validated_items(self) -> list[Any]:
        """Return the instances of the schema that were validated as items of a list."""
        before = self.instance
        try:
            return [self._whole_item(sent, instance) for sent, instance in self._items]
        finally:
            self.instance = before

    def _whole_item(self, sent: object, instance: object) -> Any:
        self.instance = instance
        return self.whole_schema(sent)
