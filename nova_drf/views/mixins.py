"""DRF's mixins with their actions and hooks as steps.

In the order of a view of ours each stands right in front of the one of DRF's that it is named
after, wherever that one stands (see ``metaclass``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from nova_drf.core.steps import Adapter
from nova_drf.views import known_answers
from nova_drf.views.bodies import with_text
from nova_drf.views.object_responses import ObjectResponse
from nova_drf.views.rows import list_rows
from nova_drf.views.steps import step

if TYPE_CHECKING:
    from nova_drf.views import stubs as mixins
else:
    from rest_framework import mixins

    _RETRIEVE = mixins.RetrieveModelMixin.retrieve


class AsyncCreateModelMixin(Adapter, mixins.CreateModelMixin):
    """DRF's ``CreateModelMixin``, callable in a thread and awaited on the event loop."""

    if not TYPE_CHECKING:  # which read the stubs

        @step
        def create(self, request: Request, *args: Any, **kwargs: Any) -> Any:
            request = with_text(self, request)
            if known_answers.writes_as_drf():
                return known_answers.create(self, request)
            return super().create(request, *args, **kwargs)

        @step
        def perform_create(self, serializer: BaseSerializer[Any]) -> None:
            super().perform_create(serializer)


class AsyncListModelMixin(Adapter, mixins.ListModelMixin):
    """DRF's ``ListModelMixin``, callable in a thread and awaited on the event loop."""

    if not TYPE_CHECKING:  # which read the stubs

        @step
        def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
            response = list_rows(self, request, *args, **kwargs)
            return super().list(request, *args, **kwargs) if response is None else response


class AsyncRetrieveModelMixin(Adapter, mixins.RetrieveModelMixin):
    """DRF's ``RetrieveModelMixin``, callable in a thread and awaited on the event loop."""

    if not TYPE_CHECKING:  # which read the stubs

        @step
        def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
            if mixins.RetrieveModelMixin.retrieve is _RETRIEVE and mixins.Response is Response:
                # What DRF's does, with a response of ours.
                return ObjectResponse.of(self.get_serializer(self.get_object()).data)
            return super().retrieve(request, *args, **kwargs)


class AsyncUpdateModelMixin(Adapter, mixins.UpdateModelMixin):
    """DRF's ``UpdateModelMixin``, callable in a thread and awaited on the event loop.

    ``partial_update`` is DRF's own: it returns what ``update`` returns.
    """

    if not TYPE_CHECKING:  # which read the stubs

        @step
        def update(self, request: Request, *args: Any, **kwargs: Any) -> Any:
            request = with_text(self, request)
            if known_answers.writes_as_drf():
                return known_answers.update(self, request, partial=kwargs.get("partial", False))
            return super().update(request, *args, **kwargs)

        @step
        def perform_update(self, serializer: BaseSerializer[Any]) -> None:
            super().perform_update(serializer)


class AsyncDestroyModelMixin(Adapter, mixins.DestroyModelMixin):
    """DRF's ``DestroyModelMixin``, callable in a thread and awaited on the event loop."""

    if not TYPE_CHECKING:  # which read the stubs

        @step
        def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Any:
            return super().destroy(request, *args, **kwargs)

        @step
        def perform_destroy(self, instance: Any) -> None:
            super().perform_destroy(instance)


ADAPTERS: dict[type, type] = {
    mixins.CreateModelMixin: AsyncCreateModelMixin,
    mixins.ListModelMixin: AsyncListModelMixin,
    mixins.RetrieveModelMixin: AsyncRetrieveModelMixin,
    mixins.UpdateModelMixin: AsyncUpdateModelMixin,
    mixins.DestroyModelMixin: AsyncDestroyModelMixin,
}
"""DRF's mixins, and what stands in front of each."""
