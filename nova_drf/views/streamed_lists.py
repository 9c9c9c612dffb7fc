"""Lists that are sent while they are read: one piece after the other, however long they are.

What a client gets is what ``list()`` would answer without a paginator, as a JSON array or, if it
asks for them, as JSON lines. Only one piece is in memory at a time; on PostgreSQL a cursor of the
server's holds the rest.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import StreamingHttpResponse
from rest_framework.renderers import JSONRenderer

from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.queries import quick_instances
from nova_drf.queries.ordering import columns_besides
from nova_drf.queries.rows import as_rows, obstacle_to_rows
from nova_drf.representation.row_plans import RowPlan
from nova_drf.views.ownership import steps_are_drfs
from nova_drf.views.rows import plan_of
from nova_drf.views.streaming import JSONLinesRenderer, StreamResponse

if TYPE_CHECKING:
    from django.db.models import QuerySet

T = TypeVar("T")

PIECE = 1000
"""How many objects are read, printed and sent together."""


def stream_list(
    view: object, queryset: QuerySet[Any], *, chunk_size: int = PIECE
) -> StreamingHttpResponse:
    """Return a response that sends the objects of a queryset, piece by piece.

    >>> class Export(AsyncGenericAPIView):
    ...     queryset = Book.objects.order_by("id")
    ...     serializer_class = BookSerializer
    ...
    ...     def get(self, request):
    ...         return stream_list(self, self.filter_queryset(self.get_queryset()))

    The view's ``get_serializer()`` prints each piece. The client gets JSON lines if
    :class:`~nova_drf.streaming.JSONLinesRenderer` was accepted, and a JSON array otherwise. The
    first piece is made at once, so that what is wrong with it is an ordinary error; but not in a
    transaction, which ends before the response is sent. What goes wrong later cuts the response
    off: the client sees that it is not whole.

    Follows:
        ``rest_framework.mixins.ListModelMixin.list``, without pages.

    Args:
        view: The view, whose request has been negotiated.
        queryset: What is listed. Give it an ordering.
        chunk_size: How many objects there are in a piece.
    """
    parts = _parts(view, queryset, chunk_size)
    if not connections[queryset.db].in_atomic_block:
        parts = _begun(parts)
    return _response(view, parts)


async def astream_list(
    view: object, queryset: QuerySet[Any], *, chunk_size: int = PIECE
) -> StreamingHttpResponse:
    """Return the same from a handler that is ``async def``; what asks the database has a thread.

    Follows:
        ``rest_framework.mixins.ListModelMixin.list``, without pages.

    Args:
        view: The view. The other arguments are those of :func:`stream_list`.
        queryset: What is listed.
        chunk_size: How many objects there are in a piece.
    """
    return await sync_to_async(stream_list)(view, queryset, chunk_size=chunk_size)


def _response(view: Any, parts: Generator[bytes, None, None]) -> StreamingHttpResponse:
    renderer = _renderer(view)
    if isinstance(view.request._request, ASGIRequest):
        return StreamResponse(_in_thread(parts), content_type=renderer.media_type)
    return StreamingHttpResponse(parts, content_type=renderer.media_type)


async def _in_thread(parts: Generator[bytes, None, None]) -> AsyncGenerator[bytes, None]:
    """Make each part in the thread of the request, as the client takes them."""
    try:
        while (part := await sync_to_async(lambda: next(parts, None))()) is not None:
            yield part
    finally:
        await sync_to_async(parts.close)()


def _begun(parts: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    first = list(islice(parts, 1))
    return _continued(first, parts)


def _continued(
    first: list[bytes], parts: Generator[bytes, None, None]
) -> Generator[bytes, None, None]:
    with closing(parts):
        yield from first
        yield from parts


def _renderer(view: Any) -> Any:
    renderer = view.request.accepted_renderer
    return renderer if isinstance(renderer, JSONRenderer) else JSONRenderer()


def _parts(view: object, queryset: object, size: int) -> Generator[bytes, None, None]:
    renderer = _renderer(view)
    pieces = _printed_pieces(view, queryset, size)
    with closing(pieces):
        if isinstance(renderer, JSONLinesRenderer):
            for items in pieces:
                yield b"".join(map(renderer.render, items))
        else:
            yield from _array(view, renderer, pieces)


def _array(view: Any, renderer: Any, pieces: Iterable[list[Any]]) -> Iterator[bytes]:
    """Yield the text of one array, in which all pieces are."""
    media_type = view.request.accepted_media_type if renderer is _accepted(view) else None
    context = view.get_renderer_context()

    def text(items: list[Any]) -> bytes:
        return bytes(renderer.render(items, media_type, context))

    # What is around and between two items, whatever the settings of the renderer are.
    opening, between, end = text([0, 0]).split(b"0")
    before = opening
    for items in pieces:
        written = text(items)
        yield before + written[len(opening) : len(written) - len(end)]
        before = between
    yield text([]) if before is opening else end


def _accepted(view: Any) -> Any:
    return view.request.accepted_renderer


# What is printed


def _printed_pieces(view: Any, queryset: Any, size: int) -> Generator[list[Any], None, None]:
    """Yield the primitives of some objects at a time: of rows, if nobody would see instances."""
    plan = _row_plan(view, queryset)
    if plan is None:
        instances = quick_instances(queryset).iterator(chunk_size=size)
        for objects in _pieces(instances, size):
            serializer = view.get_serializer(objects, many=True)
            yield list(serializer.data)
            _let_go(serializer)
        return
    besides = columns_besides(queryset, plan.relations) or ()
    rows = as_rows(queryset, plan.paths, besides)
    for piece in _pieces(rows.iterator(chunk_size=size), size):
        mark = begin_payload()
        try:
            printed = plan.printed(piece, rows.db)
        finally:
            end_payload(mark)
        yield [] if printed is None else printed.dictionaries()


def _let_go(serializer: Any) -> None:
    """Let a serializer go of its objects now: it and its child refer to each other, and stay."""
    for holder in (serializer, getattr(serializer, "child", serializer)):
        holder.instance, holder._args = None, ()
        vars(holder).pop("_data", None)


def _pieces(items: Iterator[T], size: int) -> Iterator[list[T]]:
    for first in items:
        yield [first, *islice(items, size - 1)]


def _row_plan(view: Any, queryset: Any) -> RowPlan | None:
    cls: Any = type(view)
    may_read_rows = getattr(cls, "rows_stand_for_instances", False)
    if not may_read_rows or not steps_are_drfs(cls, ("get_serializer",)):
        return None
    if "get_serializer" in vars(view) or obstacle_to_rows(queryset) is not None:
        return None
    plan = plan_of(view.get_serializer([], many=True), queryset)
    return plan if isinstance(plan, RowPlan) else None
