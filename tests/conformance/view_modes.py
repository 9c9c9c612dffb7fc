"""The views of a test suite, on our classes.

* ``replaced_views``: our classes and ``async_api_view`` stand in the places of DRF's;
* ``awaited_views``: besides, every handler of a view is made ``async def``, and the view functions
  are run on an event loop, whoever calls them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from types import FunctionType
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from serializer_modes import is_of_the_suite


def replaced_views(classes: Counter[str]) -> None:
    """Put our classes in the places of DRF's.

    Args:
        classes: Counts what became of classes.
    """
    from rest_framework import decorators, generics, views, viewsets

    from nova_drf.views import base as our_views
    from nova_drf.views import generics as our_generics
    from nova_drf.views import viewsets as our_viewsets

    for drfs, ours in ((generics, our_generics), (views, our_views), (viewsets, our_viewsets)):
        for name in dir(drfs):
            if hasattr(ours, f"Async{name}"):
                setattr(drfs, name, getattr(ours, f"Async{name}"))
                classes["replaced"] += 1
    decorators.api_view = our_views.async_api_view
    decorators.APIView = our_views.AsyncAPIView


def awaited_views(classes: Counter[str]) -> None:
    """Make the handlers of every view of the suite ``async def`` too, and run them where it calls.

    Args:
        classes: Counts what became of classes.
    """
    replaced_views(classes)
    from nova_drf.views.base import AsyncAPIView

    view_class: Any = AsyncAPIView
    as_view = view_class.as_view.__func__

    def awaited_as_view(cls: Any, *args: Any, **initkwargs: Any) -> Any:
        if is_of_the_suite(cls.__module__):
            _await_handlers(cls, args[0] if args else initkwargs.get("actions"))
        view = as_view(cls, *args, **initkwargs)
        if not iscoroutinefunction(view):
            return view
        classes["awaited"] += 1
        return wraps(view)(async_to_sync(view))

    view_class.as_view = classmethod(awaited_as_view)


MODES: Mapping[str, Callable[[Counter[str]], None]] = {
    "replaced_views": replaced_views,
    "awaited_views": awaited_views,
}


def _await_handlers(cls: Any, actions: Any) -> None:
    from nova_drf.core.class_caches import forget_classes
    from nova_drf.views.metaclass import arrange
    from nova_drf.views.steps import HTTP_METHODS

    for name in actions.values() if actions else HTTP_METHODS - {"options"}:
        handler = getattr(cls, name, None)
        if isinstance(handler, FunctionType) and not iscoroutinefunction(handler):
            setattr(cls, name, _awaited(handler))
    # As if the class had been written like that.
    arrange(cls)
    forget_classes()


def _awaited(handler: FunctionType) -> Any:
    @wraps(handler)
    async def run(*args: Any, **kwargs: Any) -> Any:
        return await sync_to_async(handler)(*args, **kwargs)

    return run
