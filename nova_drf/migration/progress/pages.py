"""The report as one HTML page that needs nothing else: no network, no script, no static files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.template import Context, Engine
from django.template.base import Template

from nova_drf.migration.progress.burnup import SERIES, chart
from nova_drf.migration.progress.report import ProgressReport
from nova_drf.migration.progress.stages import Side, Stage


def as_html(report: ProgressReport, title: str = "") -> str:
    """Return a report as a page.

    Args:
        report: The report.
        title: What the project is called.
    """
    context = {
        "report": report,
        "title": title,
        "chart": chart(report.counts),
        "series": SERIES,
        "stages": [stage.value for stage in Stage],
        "sides": [side.value for side in Side],
    }
    # Times are told in UTC, whatever the zone of the project.
    return _template().render(Context(context, use_tz=False))


@cache
def _template() -> Template:
    # An engine of its own: the project's templates and their settings have no part in it, and
    # all that stands in the page is escaped.
    engine = Engine(dirs=[str(Path(__file__).with_name("templates"))], autoescape=True)
    return engine.get_template("report.html")
