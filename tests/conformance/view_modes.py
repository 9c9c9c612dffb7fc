"""A pytest plugin: the views of a test suite, on our classes.

``tests.conformance.test_views_suite`` loads it into a run of DRF's own tests, in a mode that
``NOVA_DRF_MODE`` names:

* ``plain``: nothing is changed;
* ``replaced``: our classes and ``async_api_view`` stand in the places of DRF's;
* ``awaited``: besides, every handler of a view is made ``async def``, and the view functions are
  run on an event loop, whoever calls them.

What became of each test is written to the file that ``NOVA_DRF_OUTCOMES`` names.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from functools import wraps
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async

MODE = os.environ.get("NOVA_DRF_MODE", "plain")

outcomes: dict[str, str] = {}
classes: Counter[str] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Put our classes in place, once the suite has configured Django."""
    if MODE == "plain":
        return
    from rest_framework import decorators, generics, views, viewsets

    from nova_drf import generics as our_generics
    from nova_drf import views as our_views
    from nova_drf import viewsets as our_viewsets

    for drfs, ours in ((generics, our_generics), (views, our_views), (viewsets, our_viewsets)):
        for name in dir(drfs):
            if hasattr(ours, f"Async{name}"):
                setattr(drfs, name, getattr(ours, f"Async{name}"))
                classes["replaced"] += 1
    decorators.api_view = our_views.async_api_view  # type: ignore[assignment]
    decorators.APIView = our_views.AsyncAPIView  # type: ignore[attr-defined]
    if MODE == "awaited":
        _await_all(our_views.AsyncAPIView)


def _await_all(view_class: Any) -> None:
    """Make the handlers of every view of the suite ``async def``, and run them where it calls."""
    as_view = view_class.as_view.__func__

    def awaited_as_view(cls: Any, *args: Any, **initkwargs: Any) -> Any:
        if cls.__module__.startswith("tests."):
            _await_handlers(cls, args[0] if args else initkwargs.get("actions"))
        view = as_view(cls, *args, **initkwargs)
        if not iscoroutinefunction(view):
            return view
        classes["awaited"] += 1
        return wraps(view)(async_to_sync(view))

    view_class.as_view = classmethod(awaited_as_view)


def _await_handlers(cls: Any, actions: Any) -> None:
    from nova_drf.dispatch import HTTP_METHODS, arrange, plan_of

    for name in actions.values() if actions else HTTP_METHODS - {"options"}:
        handler = getattr(cls, name, None)
        if isinstance(handler, FunctionType) and not iscoroutinefunction(handler):
            setattr(cls, name, _awaited(handler))
    # As if the class had been written like that.
    arrange(cls)
    plan_of.cache_clear()


def _awaited(handler: FunctionType) -> Any:
    @wraps(handler)
    async def run(*args: Any, **kwargs: Any) -> Any:
        return await sync_to_async(handler)(*args, **kwargs)

    return run


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what became of a test; a failure in its set-up or its end counts as well."""
    if report.when == "call" or report.outcome != "passed":
        text = report.longreprtext.strip().splitlines() if report.failed else []
        outcomes[report.nodeid] = ": ".join([report.outcome, *text[-1:]])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write down what became of everything."""
    path = os.environ.get("NOVA_DRF_OUTCOMES")
    if path:
        Path(path).write_text(json.dumps({"tests": outcomes, "classes": classes}))
