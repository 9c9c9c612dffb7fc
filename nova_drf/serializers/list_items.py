"""What a serializer with a schema remembers of the items that it validates for a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

from pydantic import BaseModel
from rest_framework.serializers import ListSerializer

from nova_drf.serializers.lists import SchemaListSerializer

S = TypeVar("S", bound=BaseModel)

if TYPE_CHECKING:
    from rest_framework.serializers import Serializer

    class _Base(Serializer[Any], Generic[S]):
        @overload
        def __new__(  # type: ignore[misc]  # DRF's own makes something else, too
            cls, instance: Any = ..., data: Any = ..., *, many: Literal[True], **kwargs: Any
        ) -> SchemaListSerializer[S]: ...
        @overload
        def __new__(
            cls,
            instance: Any = ...,
            data: Any = ...,
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

        def whole_schema(self, sent: Any) -> Any: ...

    def remember_item(self, sent: object) -> None:
        """Keep what was sent for an item, if there is a list around that may be asked for it."""
        if isinstance(self.parent, ListSerializer) and self.parent.parent is None:
            items: list[Any] = vars(self).setdefault("_items", [])
            items.append((sent, self.instance))

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
