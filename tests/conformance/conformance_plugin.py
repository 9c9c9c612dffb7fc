"""A pytest plugin: a test suite of DRF's, or of a project, with our classes in place of DRF's.

``suite`` loads it into a run of its own, in a mode that ``NOVA_DRF_MODE`` names: ``plain`` changes
nothing; ``serializer_modes`` and ``view_modes`` have the others. ``backed+awaited_views`` is both
of them. What became of each test is written to the file that ``NOVA_DRF_OUTCOMES`` names.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import django
import pytest
import serializer_modes
import view_modes
from django.conf import settings

MODES = os.environ["NOVA_DRF_MODE"].split("+")

outcomes: dict[str, str] = {}
classes: Counter[str] = Counter()
set_up = django.setup


def set_up_and_change(*args: Any, **kwargs: Any) -> None:
    """Do what the mode says: before apps define serializers, but once views can be imported."""
    django.setup = set_up
    if MODES != ["plain"] and "nova_drf" not in settings.INSTALLED_APPS:
        # A list or a tuple, which some tests add to.
        apps = settings.INSTALLED_APPS
        settings.INSTALLED_APPS = type(apps)([*apps, "nova_drf"])
    for mode in filter(serializer_modes.MODES.get, MODES):
        serializer_modes.MODES[mode](classes)
    set_up(*args, **kwargs)
    for mode in filter(view_modes.MODES.get, MODES):
        view_modes.MODES[mode](classes)


django.setup = set_up_and_change


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what became of a test; a failure in its set-up or its end counts as well."""
    if report.when == "call" or report.outcome != "passed":
        text = report.longreprtext.strip().splitlines() if report.failed else []
        outcomes[report.nodeid] = ": ".join([report.outcome, *text[-1:]])


def pytest_sessionfinish() -> None:
    """Write down what became of everything."""
    found = {"tests": outcomes, "classes": classes}
    Path(os.environ["NOVA_DRF_OUTCOMES"]).write_text(json.dumps(found))
