"""What a view class does where there is a choice, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from rest_framework.serializers import ListSerializer

from nova_drf.core.settings import get_setting
from nova_drf.queries.rows import obstacle_to_rows
from nova_drf.representation.row_plans import RowPlan
from nova_drf.serializers.query_plans import QueryPlan, query_plan
from nova_drf.views.base import OPENING, AsyncAPIView
from nova_drf.views.ownership import steps_are_drfs
from nova_drf.views.rows import obstacle_of_view, plan_of


def explain(view_class: type[object]) -> str:
    """Say whether ``list()`` of a view reads rows, of which columns, or why it makes instances.

    >>> explain(BookViewSet)
    'BookViewSet.list() reads rows: id, title, author__name'

    Of instances, a second and a third line name the relations that the queryset says nothing
    about: those that are read by one query each, and those that are read object by object.

    Args:
        view_class: A generic view or a viewset. What its methods decide for each request, such as
            a ``get_queryset()`` of its own, is not known here; then the columns are left out.
    """
    name = f"{view_class.__qualname__}.list()"
    return "\n".join(f"{name} {line}" for line in _lines(view_class))


def explain_opening(view_class: type[object]) -> str:
    """Say whether requests to a view are opened without detours, or why DRF opens them.

    >>> explain_opening(BookViewSet)
    'BookViewSet opens requests without detours'

    Either way the same is done; see :mod:`nova_drf.views.opening`.

    Follows:
        ``rest_framework.views.APIView.initial``.

    Args:
        view_class: A view class.
    """
    name = view_class.__qualname__
    if not issubclass(view_class, AsyncAPIView):
        return f"{name} opens requests as DRF does: it is no view of nova_drf"
    obstacle = next(OPENING.obstacles(view_class), None)
    how = "without detours" if obstacle is None else f"as DRF does: {obstacle}"
    return f"{name} opens requests {how}"


def _lines(view_class: Any) -> Iterator[str]:
    decides = not steps_are_drfs(view_class, ("get_queryset", "get_serializer_class"))
    obstacle = _obstacle_of_class(view_class)
    if obstacle is not None:
        yield f"makes instances: {obstacle}"
    elif decides:
        yield "decides at each request, by its own get_queryset() or get_serializer_class()"
    has_queryset = getattr(view_class, "queryset", None) is not None
    if decides or (obstacle is not None and not has_queryset):
        return
    view = view_class()
    queryset, serializer = view.get_queryset(), view.get_serializer_class()(many=True)
    if obstacle is None:
        plan = _row_plan(serializer, queryset)
        if isinstance(plan, RowPlan):
            yield f"reads rows: {', '.join((*plan.paths, *plan.lists))}"
            return
        yield f"makes instances: {plan}"
    if isinstance(queryset, QuerySet) and isinstance(serializer, ListSerializer):
        yield from _lines_of_relations(query_plan(serializer.child, queryset))


def _obstacle_of_class(view_class: object) -> str | None:
    obstacle = obstacle_of_view(view_class)
    if obstacle is None and not get_setting("ROWS_STAND_FOR_INSTANCES"):
        return "NOVA_DRF['ROWS_STAND_FOR_INSTANCES'] is off"
    return obstacle


def _row_plan(serializer: Any, queryset: Any) -> RowPlan | str:
    return obstacle_to_rows(queryset) or plan_of(serializer, queryset)


def _lines_of_relations(plan: QueryPlan) -> Iterator[str]:
    if plan.at_once:
        yield f"reads by one query each: {', '.join(plan.at_once)}"
    if plan.one_by_one:
        reasons = (f"{path} ({reason})" for path, reason in plan.one_by_one.items())
        yield f"reads object by object: {', '.join(reasons)}"
