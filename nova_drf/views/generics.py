"""DRF's generic views, each step of which may be ``async def``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from nova_drf.core.concurrency import settled
from nova_drf.queries import quick_instances
from nova_drf.serializers.async_hooks import settle_instance
from nova_drf.validation.unparsed import UnparsedJSON
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.bodies import serializer_of_text
from nova_drf.views.mixins import (
    AsyncCreateModelMixin,
    AsyncDestroyModelMixin,
    AsyncListModelMixin,
    AsyncRetrieveModelMixin,
    AsyncUpdateModelMixin,
)
from nova_drf.views.policies import settling
from nova_drf.views.policy_classes import answers_at_once, with_attribute
from nova_drf.views.steps import step

if TYPE_CHECKING:
    from nova_drf.views import stubs as generics
    from nova_drf.views.stubs import M, S
else:
    from rest_framework import generics

    # DRF's classes take any parameters, and forget them.
    M, S = Any, Any


class AsyncGenericAPIView(AsyncAPIView, generics.GenericAPIView[M, S]):
    """DRF's ``GenericAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.GenericAPIView``.
    """

    rows_stand_for_instances: bool = True
    """Whether ``list()`` may read rows where nobody but the serializer would see instances."""

    if not TYPE_CHECKING:  # which read the stubs

        @step
        def get_object(self) -> Any:
            """Return the object that the URL names, if who asks may have it."""
            return super().get_object()

        @step
        def filter_queryset(self, queryset: QuerySet[Any]) -> Any:
            """Filter; what a backend's ``filter_queryset`` returns may be awaitable.

            The instances that views read are made quickly, see :func:`nova_drf.quick_instances`.
            """
            queryset = quick_instances(queryset)
            backends = list(self.filter_backends)
            if all(map(answers_at_once, backends)):
                return super().filter_queryset(queryset)
            settled_backends = [lambda backend=backend: settling(backend()) for backend in backends]
            with with_attribute(self, "filter_backends", settled_backends):
                return super().filter_queryset(queryset)

        def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
            """Return a serializer; what its hooks return may be awaitable."""
            body = kwargs.get("data")
            if isinstance(body, UnparsedJSON):
                return settle_instance(serializer_of_text(self, body, args, kwargs))
            return settle_instance(super().get_serializer(*args, **kwargs))

        @property
        def paginator(self) -> Any:
            """The paginator; what its methods return may be awaitable."""
            paginator = super().paginator
            return None if paginator is None else settling(paginator)

        @step
        def paginate_queryset(self, queryset: Any) -> Any:
            """Return a page of objects, or ``None`` without pagination."""
            return settled(super().paginate_queryset(queryset))

        def get_paginated_response(self, data: Any) -> Any:
            """Return the response of a page of objects."""
            return settled(super().get_paginated_response(data))


class AsyncCreateAPIView(
    AsyncCreateModelMixin, AsyncGenericAPIView[M, S], generics.CreateAPIView[M, S]
):
    """DRF's ``CreateAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.CreateAPIView``.
    """


class AsyncListAPIView(AsyncListModelMixin, AsyncGenericAPIView[M, S], generics.ListAPIView[M, S]):
    """DRF's ``ListAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.ListAPIView``.
    """


class AsyncRetrieveAPIView(
    AsyncRetrieveModelMixin, AsyncGenericAPIView[M, S], generics.RetrieveAPIView[M, S]
):
    """DRF's ``RetrieveAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.RetrieveAPIView``.
    """


class AsyncDestroyAPIView(
    AsyncDestroyModelMixin, AsyncGenericAPIView[M, S], generics.DestroyAPIView[M, S]
):
    """DRF's ``DestroyAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.DestroyAPIView``.
    """


class AsyncUpdateAPIView(
    AsyncUpdateModelMixin, AsyncGenericAPIView[M, S], generics.UpdateAPIView[M, S]
):
    """DRF's ``UpdateAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.UpdateAPIView``.
    """


class AsyncListCreateAPIView(
    AsyncListModelMixin,
    AsyncCreateModelMixin,
    AsyncGenericAPIView[M, S],
    generics.ListCreateAPIView[M, S],
):
    """DRF's ``ListCreateAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.ListCreateAPIView``.
    """


class AsyncRetrieveUpdateAPIView(
    AsyncRetrieveModelMixin,
    AsyncUpdateModelMixin,
    AsyncGenericAPIView[M, S],
    generics.RetrieveUpdateAPIView[M, S],
):
    """DRF's ``RetrieveUpdateAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.RetrieveUpdateAPIView``.
    """


class AsyncRetrieveDestroyAPIView(
    AsyncRetrieveModelMixin,
    AsyncDestroyModelMixin,
    AsyncGenericAPIView[M, S],
    generics.RetrieveDestroyAPIView[M, S],
):
    """DRF's ``RetrieveDestroyAPIView``, each method of which may be ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.RetrieveDestroyAPIView``.
    """


class AsyncRetrieveUpdateDestroyAPIView(
    AsyncRetrieveModelMixin,
    AsyncUpdateModelMixin,
    AsyncDestroyModelMixin,
    AsyncGenericAPIView[M, S],
    generics.RetrieveUpdateDestroyAPIView[M, S],
):
    """DRF's ``RetrieveUpdateDestroyAPIView``, each method ``def`` or ``async def``.

    Follows:
        ``rest_framework.generics.RetrieveUpdateDestroyAPIView``.
    """
