"""Lists that are read and printed without instances, where only the serializer would see them.

DRF's own ``list()`` runs, with something that stands for the view: what it paginates are rows, and
what it puts into the response is printed columns.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.functional import SimpleLazyObject
from rest_framework import mixins, pagination
from rest_framework.response import Response
from rest_framework.serializers import ListSerializer

from nova_drf.core.ownership import Owner, owner_of
from nova_drf.core.settings import get_setting
from nova_drf.mapping.payload_settings import begin_payload, end_payload
from nova_drf.queries.ordering import columns_besides
from nova_drf.queries.relations import obstacle_to_lists
from nova_drf.queries.rows import as_rows, columns_of, obstacle_of_model, obstacle_to_rows
from nova_drf.representation.row_plans import RowPlan, row_plan
from nova_drf.serializers.base import meets_objects
from nova_drf.serializers.lists import CompiledListSerializer, SchemaListSerializer
from nova_drf.serializers.reading_ahead import query_plan_of
from nova_drf.views.ownership import is_of_drf, steps_are_drfs
from nova_drf.views.responses import PrintedRows, RowsResponse, writes_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from rest_framework.request import Request

_STEPS = ("get_serializer", "paginate_queryset", "paginator")
"""What of a view would see the instances; ``get_paginated_response`` sees what is printed."""

_OWN = (*_STEPS, "get_paginated_response", "pagination_class", "rows_stand_for_instances")
"""What one view may have of its own, rather than its class."""

_LISTS = (CompiledListSerializer, SchemaListSerializer)
_LIST: Any = mixins.ListModelMixin.list
_IS_DRFS = is_of_drf(_LIST)
_PAGINATORS: tuple[Any, ...] = (
    pagination.PageNumberPagination,
    pagination.LimitOffsetPagination,
)
_RESPONSES = [base.get_paginated_response for base in _PAGINATORS]

_PAGING = ("paginate_queryset", "get_page_number", "get_count", "page", "__setattr__")
"""What of a paginator would see the instances while it makes a page of them."""


def _paging(paginator: Any) -> list[Any]:
    return [getattr(paginator, name, None) for name in (*_PAGING, "__getattribute__")]


_DRFS_PAGING = [_paging(base) for base in _PAGINATORS if is_of_drf(base.paginate_queryset)]


def list_rows(view: Any, request: Request, *args: object, **kwargs: object) -> Response | None:
    """Answer as DRF's ``list()`` does, from rows; ``None`` if it has to be DRF's own.

    Args:
        view: The view of one request.
        request: The request, and what else the action was called with.
    """
    cls: Any = type(view)
    if obstacle_of_view(cls) is not None or not vars(view).keys().isdisjoint(_OWN):
        return None
    if not get_setting("ROWS_STAND_FOR_INSTANCES"):
        return None
    if not writes_rows(request.accepted_renderer, request.accepted_media_type):
        return None
    listing = _Listing(view)
    response = _LIST(listing, request, *args, **kwargs)
    rows: PrintedRows | None = listing.printed
    return response if rows is None else RowsResponse.of(response, rows)


def obstacle_of_view(cls: Any) -> str | None:
    """Return why a view class lists instances, whatever it is asked for.

    Args:
        cls: The view class.

    Returns:
        A reason for programmers; ``None`` if it depends on the queryset and the serializer.
    """
    if not getattr(cls, "rows_stand_for_instances", False):
        return "`rows_stand_for_instances` is not set, or it is no generic view of nova_drf"
    if not steps_are_drfs(cls, _STEPS):
        changed = next(name for name in _STEPS if not steps_are_drfs(cls, (name,)))
        return f"`{changed}` is the project's own, and may look at the instances"
    if mixins.ListModelMixin.list is not _LIST or not _IS_DRFS:
        return "another `list()` stands in the place of DRF's"
    paginator = cls.pagination_class
    if paginator is None or _pages_without_looking(paginator):
        return None
    return f"{paginator.__qualname__} may look at the instances"


def _passes_rows_on(cls: Any) -> bool:
    """Whether no code of the project gets what was printed, before the response has it."""
    paginator = cls.pagination_class
    return paginator is None or (
        steps_are_drfs(cls, ("get_paginated_response",))
        and any(paginator.get_paginated_response is own for own in _RESPONSES)
    )


def _pages_without_looking(paginator: Any) -> bool:
    if not any(_paging(paginator) == own for own in _DRFS_PAGING):
        return False
    divider = getattr(paginator, "django_paginator_class", None)
    return divider is None or _is_djangos(divider)


@cache
def _is_djangos(divider: object) -> bool:
    return owner_of(divider) is Owner.DJANGO


def _show_instances(paginator: Any, queryset: QuerySet[Any], rows: Sequence[object]) -> Any:
    """Let a page be one of instances, which are read if somebody asks for them.

    Args:
        paginator: What has made a page of rows.
        queryset: What gives the instances.
        rows: The rows of the page.

    Returns:
        What gives those of the page.
    """
    page = getattr(paginator, "page", None)
    first = paginator.offset if page is None else max(page.start_index() - 1, 0)
    last = first + len(rows)
    # As DRF does, who asks gets a list.
    instances = SimpleLazyObject(lambda: list(queryset[first:last]))
    if page is not None:
        page.paginator.object_list, page.object_list = queryset, instances
    return instances


class _Listing:
    """Stands for a view in DRF's ``list()``.

    Args:
        view: The view, which is asked for all else.

    Attributes:
        passes_rows_on: Whether the response may have rows in it.
        printed: The rows that it has.
    """

    def __init__(self, view: Any) -> None:
        view_class: Any = type(view)
        self._view = view
        self._rows: Any = None
        self._instances: Any = None
        self._plan: RowPlan | None = None
        self._serializer: Any = None
        self.passes_rows_on = _passes_rows_on(view_class)
        self.printed: PrintedRows | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def paginate_queryset(self, queryset: Any) -> Any:
        """Paginate rows, if they can stand for the instances."""
        if obstacle_to_rows(queryset) is None:
            self._serializer = self._view.get_serializer([], many=True)
            plan = plan_of(self._serializer, queryset)
            if isinstance(plan, RowPlan):
                besides = columns_besides(queryset, plan.relations) or ()
                self._plan, self._rows = plan, as_rows(queryset, plan.paths, besides)
        if self._plan is None:
            return self._view.paginate_queryset(queryset)
        page = self._view.paginate_queryset(self._rows)
        self._instances = queryset
        if page is not None:
            self._instances = _show_instances(self._view.paginator, queryset, page)
        return page

    def get_serializer(self, objects: Any, **kwargs: Any) -> Any:
        """Return a serializer, or what stands for one that has printed rows."""
        if self._plan is None:
            return self._serializer_of(objects, **kwargs)
        if type(objects) is list:
            batches = self._plan.batches(objects)
        else:
            # Those of the whole queryset, which shall not keep them.
            batches = columns_of(self._rows, self._plan.at_once)
        printed = PrintedRows(self._view.request.accepted_renderer, self._serializer)
        mark = begin_payload()
        try:
            for columns in batches:
                batch = self._plan.of_columns(columns, self._rows.db)
                if batch is not None:
                    printed.add(batch)
        finally:
            end_payload(mark)
        self._rows = None
        if not printed:
            return self._serializer
        # Whoever has the response may ask what was printed.
        self._serializer.instance = self._serializer.child.instance = self._instances
        return _Printed(printed, self)

    def _serializer_of(self, objects: Any, **kwargs: Any) -> Any:
        """Return a serializer of instances; the one that was asked for a plan, if that can be."""
        serializer = self._serializer
        if type(serializer) not in (ListSerializer, *_LISTS):
            return self._view.get_serializer(objects, **kwargs)
        child_class: Any = type(serializer.child)
        if meets_objects(child_class) or "fields" in vars(serializer.child):
            return self._view.get_serializer(objects, **kwargs)
        serializer.instance = serializer.child.instance = objects
        return serializer


class _Printed:
    """Stands for a serializer that has printed rows.

    Args:
        rows: What it printed.
        listing: What is to know that they are in the response.
    """

    def __init__(self, rows: PrintedRows, listing: _Listing) -> None:
        self._rows = rows
        self._listing = listing

    @property
    def data(self) -> Any:
        """The rows; or dictionaries, where code of the project may look at them."""
        if not self._listing.passes_rows_on:
            return self._rows.data()
        self._listing.printed = self._rows
        return self._rows


def plan_of(serializer: Any, queryset: QuerySet[Any]) -> RowPlan | str:
    """Return what prints the rows of a model as a list serializer does; or why nothing does.

    Args:
        serializer: What ``get_serializer(..., many=True)`` returned.
        queryset: One without an :func:`~nova_drf.queries.rows.obstacle_to_rows`.
    """
    if type(serializer) not in _LISTS:
        return "the list serializer is the project's own, or DRF's"
    name = type(serializer.child).__qualname__
    if not serializer.child.sees_no_objects:
        return f"{name} has code that may look at the instances"
    reader = serializer.child.list_reader()
    if reader is None:
        return f"{name} prints each object by itself"
    model: Any = queryset.model
    plan = row_plan(reader, model)
    if isinstance(plan, str):
        return plan
    obstacles = (
        _obstacle_of_order(queryset, plan),
        obstacle_to_lists(queryset, plan.lists, query_plan_of(type(serializer.child))),
        *map(obstacle_of_model, plan.models),
    )
    return next((obstacle for obstacle in obstacles if obstacle is not None), plan)


def _obstacle_of_order(queryset: QuerySet[Any], plan: RowPlan) -> str | None:
    if columns_besides(queryset, plan.relations) is not None:
        return None
    return "its ordering leaves ties, and rows would need joins that its instances do not"
