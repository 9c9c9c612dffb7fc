"""A system check for classic views whose guards only an async view would await."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.urls import get_resolver

from nova_drf.checks.messages import distinct
from nova_drf.core.concurrency import is_awaited
from nova_drf.migration.endpoints import dotted_name, endpoints
from nova_drf.views.base import AsyncAPIView
from nova_drf.views.ownership import steps_are_drfs
from nova_drf.views.policy_classes import ASKED, MEMBERS, leaves_of, listed

_CALLED = (
    *("check_permissions", "check_object_permissions", "check_throttles", "initial"),
    *("get_queryset", "filter_queryset", "get_object", "paginate_queryset"),
    *("perform_create", "perform_update", "perform_destroy", "perform_authentication"),
)
"""The hooks that DRF's views call without awaiting what they return."""

_DISPATCHING = ("dispatch", "initialize_request")
"""A project that has its own may await what it likes."""


def check_views(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """``nova_drf.E005``: a classic view has a guard that is ``async def``, which nobody awaits.

    To DRF a coroutine is true: such a permission lets everybody in.
    """
    return distinct(
        Error(
            f"{dotted_name(cls)}: {guard}() is `async def`, and DRF's own view does not await it: "
            "it takes the coroutine for a yes.",
            hint="Derive the view from the class of the same name in nova_drf.views.base, "
            "nova_drf.views.generics or nova_drf.views.viewsets, or write a `def`.",
            obj=cls,
            id="nova_drf.E005",
        )
        for cls in routed_views()
        if not issubclass(cls, AsyncAPIView) and steps_are_drfs(cls, _DISPATCHING)
        for guard in _awaited_guards(cls)
    )


def routed_views() -> Iterable[Any]:
    """Return the views of the project's routes, each once."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return ()
    return dict.fromkeys(each.view for each in endpoints(get_resolver().url_patterns))


def _awaited_guards(cls: Any) -> Iterator[str]:
    """Name the methods of a view, and of what it asks, that only return a coroutine."""
    for name in _CALLED:
        if is_awaited(getattr(cls, name, None)):
            yield f"{cls.__qualname__}.{name}"
    for attribute in MEMBERS:
        for member in listed(getattr(cls, attribute, None)):
            for leaf in leaves_of(member):
                for name in ASKED:
                    if is_awaited(getattr(leaf, name, None)):
                        yield f"{leaf.__qualname__}.{name}"
