"""What a serializer with a schema remembers of the items that it validates for a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

from pydantic import BaseModel
from pydantic import ValidationError as PydanticValidationError
from rest_framework.serializers import ListSerializer

from nova_drf.core.overrides import usual_attributes
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
            cls, instance: object = ..., data: object = ..., *, many: Literal[True], **kwargs: Any
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


class ListItemsMixin(_Base[S]):
    """Gives the list around a serializer its ``validated_schema``."""

    _items: Sequence[tuple[Any, Any]] = ()
    """What was sent for each item, as the schema, and the object that it updates."""

    if TYPE_CHECKING:

        @property
        def has_single_instance(self) -> bool: ...
        def compiled_request(self) -> CompiledRequest: ...

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
