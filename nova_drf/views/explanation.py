"""What a view class does where there is a choice, in words."""

from __future__ import annotations

from typing import Any

from nova_drf.core.settings import get_setting
from nova_drf.queries.rows import obstacle_to_rows
from nova_drf.representation.row_plans import RowPlan
from nova_drf.views.ownership import steps_are_drfs
from nova_drf.views.rows import obstacle_of_view, plan_of


def explain(view_class: type[object]) -> str:
    """Say whether ``list()`` of a view reads rows, of which columns, or why it makes instances.

    >>> explain(BookViewSet)
    'BookViewSet.list() reads rows: id, title, author__name'

    Args:
        view_class: A generic view or a viewset. What its methods decide for each request, such as
            a ``get_queryset()`` of its own, is not known here; then the columns are left out.
    """
    reads = _reading(view_class)
    name = f"{view_class.__qualname__}.list()"
    if isinstance(reads, RowPlan):
        return f"{name} reads rows: {', '.join((*reads.paths, *reads.lists))}"
    return f"{name} {reads}"


def _reading(view_class: Any) -> RowPlan | str:
    obstacle = obstacle_of_view(view_class)
    if obstacle is not None:
        return f"makes instances: {obstacle}"
    if not get_setting("ROWS_STAND_FOR_INSTANCES"):
        return "makes instances: NOVA_DRF['ROWS_STAND_FOR_INSTANCES'] is off"
    if not steps_are_drfs(view_class, ("get_queryset", "get_serializer_class")):
        return "decides at each request, by its own get_queryset() or get_serializer_class()"
    view = view_class()
    queryset = view.get_queryset()
    obstacle = obstacle_to_rows(queryset)
    if obstacle is not None:
        return f"makes instances: {obstacle}"
    plan = plan_of(view.get_serializer_class()(many=True), queryset)
    return f"makes instances: {plan}" if isinstance(plan, str) else plan
