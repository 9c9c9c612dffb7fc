"""A pytest plugin: the serializers of a test suite, run by ours.

``tests.conformance.serializers`` loads it into a run of DRF's own tests. Every serializer class
that the tests define is changed as it is made, in the way that ``NOVA_DRF_MODE`` names:

* ``plain``: not at all;
* ``backed``: :class:`~nova_drf.SchemaBackedMixin` is put in front of its bases;
* ``replaced``: it inherits from our versions of DRF's own classes, put in their places;
* ``round_trip``: it is converted to a schema and back, wherever it can be.

What became of each test is written to the file that ``NOVA_DRF_OUTCOMES`` names.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CellType, FunctionType
from typing import Any

import pytest

MODE = os.environ.get("NOVA_DRF_MODE", "plain")

outcomes: dict[str, str] = {}
classes: Counter[str] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Change how serializer classes are made, once the suite has configured Django."""
    if MODE == "plain":
        return
    from rest_framework.serializers import SerializerMetaclass

    make: Any = SerializerMetaclass.__new__
    if MODE == "replaced":
        _replace_drfs_own()
        return
    change = {"backed": _backed, "round_trip": _round_trip}[MODE]

    def changed(mcs: Any, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> Any:
        if not str(body.get("__module__")).startswith("tests."):
            return make(mcs, name, bases, body)
        return change(make, mcs, name, bases, body)

    SerializerMetaclass.__new__ = staticmethod(changed)  # type: ignore[assignment]


def _replace_drfs_own() -> None:
    from rest_framework import serializers

    from nova_drf import SchemaBackedMixin

    for name in ("Serializer", "ModelSerializer", "HyperlinkedModelSerializer"):
        bases = (SchemaBackedMixin, getattr(serializers, name))
        setattr(serializers, name, type(SchemaBackedMixin)(name, bases, {"__module__": __name__}))
        classes["replaced"] += 1


def _backed(make: Any, mcs: Any, name: str, bases: tuple[type, ...], body: Any) -> Any:
    from nova_drf import SchemaBackedMixin

    if any(issubclass(base, SchemaBackedMixin) for base in bases):
        return make(mcs, name, bases, body)
    classes["backed"] += 1
    return type(SchemaBackedMixin)(name, (SchemaBackedMixin, *bases), body)


def _round_trip(make: Any, mcs: Any, name: str, bases: tuple[type, ...], body: Any) -> Any:
    from rest_framework.serializers import SerializerMetaclass

    from nova_drf import schema_from_serializer, serializer_from_schema
    from nova_drf.exceptions import SchemaDefinitionError

    if "schema" in vars(body.get("Meta", object)):
        # It is the class that we make of another one.
        return make(mcs, name, bases, body)
    origins = tuple(_origin(base) for base in bases)
    body, finish = _with_own_cell(body)
    origin = make(SerializerMetaclass, name, origins, body)
    try:
        made = serializer_from_schema(schema_from_serializer(origin))
        classes["converted"] += 1
    except SchemaDefinitionError:
        # An abstract class, or one about whose fields DRF itself complains.
        classes["not converted"] += 1
        classes["not converted, though DRF can make it"] += _can_be_made(origin)
        made = origin
    finish(origin, made)
    return made


def _can_be_made(serializer_class: Any) -> bool:
    try:
        return bool(serializer_class().fields is not None)
    except Exception:
        return False


def _with_own_cell(body: dict[str, Any]) -> tuple[dict[str, Any], Callable[[type, type], None]]:
    """Let ``super()`` in a class's methods mean that class, whatever its name gets bound to.

    Python insists that the cell ``__class__`` holds what the class statement makes.

    Args:
        body: The body of the class.

    Returns:
        The body with methods that look into a cell of ours, and what fills both cells.
    """
    given = body.get("__classcell__")
    if given is None:
        return body, lambda origin, made: None
    own = CellType()

    def finish(origin: type, made: type) -> None:
        own.cell_contents, given.cell_contents = origin, made

    methods = {
        name: _looking_into(value, given, own) if isinstance(value, FunctionType) else value
        for name, value in body.items()
        if name != "__classcell__"
    }
    return methods, finish


def _looking_into(method: FunctionType, given: CellType, own: CellType) -> FunctionType:
    closure = tuple(own if cell is given else cell for cell in method.__closure__ or ())
    names = (method.__code__, method.__globals__, method.__name__, method.__defaults__)
    made = FunctionType(*names, closure or None)
    made.__kwdefaults__, made.__doc__ = method.__kwdefaults__, method.__doc__
    made.__dict__.update(vars(method))
    return made


def _origin(base: Any) -> Any:
    """Return what a class was converted from, for whoever inherits from it."""
    return base.get_origin() if hasattr(base, "get_origin") else base


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
