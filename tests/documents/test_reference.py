"""Every public name is described, with its arguments, and used in an example that runs."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import resolve_name
from textwrap import dedent
from typing import Any

import pytest

from nova_drf.core.ownership import Owner, owner_of
from tests.test_guide import BLOCK, PAGES

ROOT = Path(__file__).resolve().parents[2]
DOORS = (
    *("nova_drf", "nova_drf.drift", "nova_drf.forms", "nova_drf.generics", "nova_drf.migration"),
    *("nova_drf.models", "nova_drf.parsers", "nova_drf.renderers", "nova_drf.services"),
    *("nova_drf.streaming", "nova_drf.testing", "nova_drf.views", "nova_drf.viewsets"),
)
OF_MODELS = ("InvalidRow", "SchemaValidated", "SchemaValidatedQuerySet")
"""The public names of a module that Django imports as an app's models, so that it is no door."""


def public_names() -> Iterator[tuple[str, str]]:
    for door in DOORS:
        module = import_module(door)
        for name in getattr(module, "__all__", OF_MODELS):
            if not (hasattr(import_module(door), name) and _is_of_drf(getattr(module, name))):
                yield door, name


def _is_of_drf(value: Any) -> bool:
    return (isinstance(value, type) and owner_of(value) is Owner.DRF) or (
        getattr(value, "__module__", "").startswith("rest_framework")
    )


NAMES = list(public_names())

OWN = {
    **dict.fromkeys(
        ("Flag", "Header", "Limits", "Percentage", "Setting", "Shadow"),
        "what chooses between two views; DRF has one",
    ),
    **dict.fromkeys(
        ("Difference", "ParityError", "assert_parity", "NPlusOneError", "no_n_plus_one"),
        "what compares, or counts; the installed DRF is one of its sides",
    ),
    **dict.fromkeys(
        ("ContractError", "ContractMismatch", "ServiceDefinitionError"),
        "mistakes of programmers about signatures",
    ),
    **dict.fromkeys(
        ("ServiceContext", "contract_of", "service_action", "service_classes"),
        "services, which know nothing of DRF",
    ),
    **dict.fromkeys(("ServiceTask", "service_task"), "what runs it is Celery, or Django Tasks"),
    **dict.fromkeys(("explain", "prepare"), "what tells of, or does, our own work"),
    "Conflict": "a status, 409, that no exception of DRF's has",
    "Event": "the HTML standard",
}
"""The names that follow nothing of DRF, Django or Pydantic, and what they rest on instead."""

FOLLOWS = re.compile(r"^(\s*)Follows:\n((?:\1[ ]+.*\n?)+)", re.MULTILINE)
DOTTED = re.compile(r"``((?:rest_framework|django|pydantic)\.[\w.]+)``")


def _used_in_examples() -> set[tuple[str, str]]:
    """Return what the tested blocks of README, guide and reference import, and from where."""
    used = set()
    for page in PAGES:
        for language, code in BLOCK.findall(page.read_text()):
            if language != "python":
                continue
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.ImportFrom) and node.module:
                    used |= {(node.module, alias.name) for alias in node.names}
                elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    used.add((f"nova_drf.{node.value.id}", node.attr))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    # Looked up in a loop: getattr(generics, "AsyncListAPIView").
                    used.add(("nova_drf.generics", node.value))
    return used


USED = _used_in_examples()


def test_there_are_public_names() -> None:
    assert len(NAMES) > 90


@pytest.mark.parametrize(("door", "name"), NAMES, ids=lambda part: part)
def test_a_public_name_is_described_and_has_an_example(door: str, name: str) -> None:
    value = getattr(import_module(door), name)
    assert inspect.getdoc(value), "it has no docstring"
    undescribed = [argument for argument in _arguments(value) if not _is_described(value, argument)]
    assert undescribed == [], "its docstring misses arguments"
    assert (door, name) in USED, "no block of the guide or the reference uses it"


def _arguments(value: Any) -> list[str]:
    """Return the arguments of a function or a class of ours that its docstring has to name."""
    if isinstance(value, type):
        is_described_here = owner_of(value) is Owner.NOVA and "__init__" in vars(value)
    else:
        is_described_here = inspect.isfunction(value)
    if not is_described_here:
        return []
    try:
        parameters = inspect.signature(value).parameters
    except (TypeError, ValueError):
        return []
    return [name for name in parameters if name not in ("self", "args") and name[0] != "_"]


def _is_described(value: Any, argument: str) -> bool:
    classes = value.__mro__ if isinstance(value, type) else (value,)
    texts = (text for part in classes for text in (part.__doc__, part.__init__.__doc__) if text)
    return any(re.search(rf"^\s+\*{{0,2}}{argument}:", text, re.MULTILINE) for text in texts)


def _own_docstring(door: str, name: str) -> str:
    """Return the text of a name itself: that below an alias, and none that is inherited."""
    value = getattr(import_module(door), name)
    if isinstance(value, type) or inspect.isfunction(value):
        return inspect.cleandoc(value.__doc__ or "")
    if name == "atomic":
        return inspect.cleandoc(type(value).__doc__ or "")
    body = ast.parse((ROOT / "nova_drf/core/markers.py").read_text()).body
    for node, below in pairwise(body):
        is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if is_text and re.search(rf"^\s*{name}\b.* = ", ast.unparse(node), re.MULTILINE):
            return str(ast.literal_eval(ast.unparse(below)))
    return ""


@pytest.mark.parametrize(("door", "name"), NAMES, ids=lambda part: part)
def test_a_public_name_tells_whose_behaviour_it_follows(door: str, name: str) -> None:
    found = FOLLOWS.search(_own_docstring(door, name))
    if name in OWN:
        assert found is None, "it is told to be the library's own"
        return
    assert found, "its docstring has no section ``Follows:``"
    sources = DOTTED.findall(found[2])
    assert sources, "it names nothing of DRF, Django or Pydantic"
    for source in sources:
        resolve_name(source)  # raises an error for what the installed version does not have


def test_doors_list_their_names() -> None:
    """Editors and the reference ask for them."""
    for door in DOORS:
        module = import_module(door)
        assert {*getattr(module, "__all__", OF_MODELS)} <= {*dir(module)}


def test_the_classes_that_are_raised_are_told() -> None:
    """A function of a door that raises names it in ``Raises``, as far as its own body says it."""
    silent = []
    for door, name in NAMES:
        value = getattr(import_module(door), name)
        if not inspect.isfunction(value):
            continue
        body = ast.parse(dedent(inspect.getsource(value)))
        raised = {
            ast.unparse(node.exc.func)
            for node in ast.walk(body)
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        }
        silent += [
            f"{door}.{name}: {error}" for error in raised if error not in (value.__doc__ or "")
        ]
    assert silent == []
