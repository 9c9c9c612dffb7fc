"""Prints how far a clinic is, and how many of its fields have a type.

It runs in a clinic's directory: ``python -m tests.drill.figures``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from io import StringIO

import django
from django.conf import settings
from django.core.management import call_command
from pydantic import BaseModel


def main() -> None:
    """Print what ``nova_report`` counts, and the number of fields in schemas of the clinic."""
    django.setup()
    from nova_drf import Schema

    import_module(settings.ROOT_URLCONF)
    schemas = {cls for cls in _below(Schema) if not cls.__module__.startswith("nova_drf.")}
    report = StringIO()
    call_command("nova_report", "--format", "json", "--no-record", stdout=report)
    stages = json.loads(report.getvalue())["stages"]
    print(json.dumps({"stages": stages, "typed": sum(len(cls.model_fields) for cls in schemas)}))


def _below(cls: type[BaseModel]) -> Iterator[type[BaseModel]]:
    heirs: list[type[BaseModel]] = cls.__subclasses__()
    for heir in heirs:
        yield heir
        yield from _below(heir)


if __name__ == "__main__":
    main()
