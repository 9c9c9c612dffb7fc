"""One viewset in every style: classic, on our base, with async handlers, with async hooks."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from rest_framework import filters, pagination, permissions, throttling, viewsets
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from nova_drf.views.viewsets import AsyncModelViewSet
from tests.viewsapp.models import Note, Volume
from tests.viewsapp.serializers import SERIALIZERS

CREDENTIALS = {"HTTP_AUTHORIZATION": "Token 0123456789"}


class MayWrite(permissions.BasePermission):
    """Reading is for everybody, writing for who is known; nobody may see a forbidden volume."""

    message = "Only for those who are known."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in permissions.SAFE_METHODS or bool(request.user.is_authenticated)

    def has_object_permission(self, request: Request, view: Any, obj: Volume) -> bool:
        return obj.title != "forbidden"


class MayWriteAsync(MayWrite):
    async def has_permission(self, request: Request, view: Any) -> bool:
        assert await Volume.objects.acount() >= 0
        return super().has_permission(request, view)

    async def has_object_permission(self, request: Request, view: Any, obj: Volume) -> bool:
        return super().has_object_permission(request, view, obj)


class TokenAuthenticationAsync(TokenAuthentication):
    async def authenticate(self, request: Request) -> Any:
        assert await Token.objects.acount() >= 0
        return await sync_to_async(super().authenticate)(request)


class Burst(throttling.SimpleRateThrottle):
    """Three requests with the header ``X-Burst``."""

    rate = "3/day"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        burst = request.headers.get("X-Burst")
        return burst and f"burst-{burst}-{request.path}"


class BurstAsync(Burst):
    async def allow_request(self, request: Request, view: Any) -> bool:
        return await sync_to_async(super().allow_request)(request, view)


class SearchAsync(filters.SearchFilter):
    async def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        return super().filter_queryset(request, queryset, view)


class Pages(pagination.PageNumberPagination):
    page_size = 10
    page_size_query_param = "size"
    max_page_size = 1000


class PagesAsync(Pages):
    async def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        return await sync_to_async(super().paginate_queryset)(queryset, request, view=view)


class Teapot(Exception):
    """What only the project's own exception handler knows."""


def handle(error: Exception, context: Any) -> Response | None:
    if isinstance(error, Teapot):
        return Response({"detail": "I am a teapot."}, status=418)
    return exception_handler(error, context)


async def handle_async(error: Exception, context: Any) -> Response | None:
    return await sync_to_async(handle)(error, context)


class Policies:
    """What every style has in common."""

    queryset = Volume.objects.select_related("writer__house__country")
    authentication_classes: list[Any] = [TokenAuthentication, SessionAuthentication]
    permission_classes: list[Any] = [permissions.AllowAny & MayWrite]
    throttle_classes: list[Any] = [Burst]
    filter_backends: list[Any] = [filters.SearchFilter, filters.OrderingFilter]
    search_fields = ["title"]
    ordering_fields = ["title", "pages"]
    pagination_class: Any = Pages
    serializer_class: Any

    def get_exception_handler(self) -> Any:
        return handle


class Sync(Policies):
    """A viewset as it is written today."""

    def perform_create(self, serializer: Any) -> None:
        Note.objects.create(text="created")
        serializer.save()

    def perform_update(self, serializer: Any) -> None:
        if serializer.validated_data.get("title") == "refused":
            raise ValidationError({"title": ["Refused."]}, code="refused")
        serializer.save()

    @action(detail=False)
    def longest(self, request: Request) -> Response:
        volume = self.get_queryset().order_by("-pages").first()
        return Response(self.get_serializer(volume).data)

    @action(detail=True, methods=["post"])
    def tear(self, request: Request, pk: str) -> Response:
        volume = self.get_object()
        Volume.objects.filter(pk=volume.pk).update(pages=0)
        return Response({"pages": 0}, status=202)

    @action(detail=False)
    def teapot(self, request: Request) -> Response:
        raise Teapot


class Work(Sync):
    """The hooks that do something are async, and all that is asked."""

    authentication_classes = [TokenAuthenticationAsync, SessionAuthentication]
    permission_classes = [permissions.AllowAny & (MayWriteAsync | ~permissions.AllowAny)]
    throttle_classes = [BurstAsync]
    filter_backends = [SearchAsync, filters.OrderingFilter]
    pagination_class = PagesAsync

    async def perform_create(self, serializer: Any) -> None:
        await Note.objects.acreate(text="created")
        await sync_to_async(serializer.save)()

    async def perform_update(self, serializer: Any) -> None:
        await super().perform_update(serializer)

    async def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        await super().initial(request, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        return handle_async


class Hooks(Work):
    """The hooks that make something are async, too."""

    async def get_queryset(self) -> Any:
        assert await Volume.objects.acount() >= 0
        return super().get_queryset()

    async def get_serializer_class(self) -> Any:
        return self.serializer_class


class Handlers(Sync):
    """The handlers are async."""

    async def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        queryset = await self.filter_queryset(self.get_queryset())
        page = await self.paginate_queryset(queryset)
        serializer = self.get_serializer(page, many=True)
        data = await sync_to_async(lambda: serializer.data)()
        return self.get_paginated_response(data)

    async def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        volume = await self.get_object()
        return Response(self.get_serializer(volume).data)

    async def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return await super().create(request, *args, **kwargs)

    async def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return await super().update(request, *args, **kwargs)

    async def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        volume = await self.get_object()
        await self.perform_destroy(volume)
        return Response(status=204)

    @action(detail=False)
    async def longest(self, request: Request) -> Response:
        volume = await self.get_queryset().order_by("-pages").afirst()
        return Response(self.get_serializer(volume).data)

    @action(detail=True, methods=["post"])
    async def tear(self, request: Request, pk: str) -> Response:
        volume = await self.get_object()
        await Volume.objects.filter(pk=volume.pk).aupdate(pages=0)
        return Response({"pages": 0}, status=202)

    @action(detail=False)
    async def teapot(self, request: Request) -> Response:
        raise Teapot


STYLES: dict[str, tuple[type, type]] = {
    "original": (Sync, viewsets.ModelViewSet),
    "sync": (Sync, AsyncModelViewSet),
    "hooks": (Hooks, AsyncModelViewSet),
    "handlers": (Handlers, AsyncModelViewSet),
    "both": (type("Both", (Handlers, Work), {}), AsyncModelViewSet),
}


def viewset(style: str, serializer: str) -> Any:
    """Return the viewset in a style, with the classic serializer or the schema."""
    body, base = STYLES[style]
    attributes = {"__doc__": "Volumes.", "serializer_class": SERIALIZERS[serializer]}
    return type("VolumeViewSet", (body, base), {**attributes, "__module__": __name__})
