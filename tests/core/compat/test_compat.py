"""Versions of Django and Pydantic: where they differ, we follow the installed one."""

from __future__ import annotations

import inspect
from contextvars import copy_context
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from pydantic import BaseModel, Field, ValidationError

from nova_drf.core import compat
from nova_drf.core.core_schema import Core, rewrite


def test_default_factories_wait_for_all_of_their_data_or_do_not() -> None:
    called: list[dict[str, Any]] = []

    def make(data: dict[str, Any]) -> int:
        called.append(data)
        return 1

    class Made(BaseModel):
        a: int
        b: int = Field(default_factory=make)

    with pytest.raises(ValidationError):
        Made.model_validate({"a": "x"})
    assert (not called) is compat.factories_wait()


def test_a_patient_factory_is_called_with_complete_data_only() -> None:
    made = compat.patient_factory(lambda data: data["a"] + 1, frozenset(("a",)))
    assert made({"a": 1}) == 2
    assert made({}) is None


class Leaf(BaseModel):
    """A model in a model."""

    v: int


class Branch(BaseModel):
    """A model that holds another."""

    leaf: Leaf


@pytest.mark.parametrize("can_compile_anew", [True, False])
def test_the_models_in_a_tree_are_compiled_anew(
    can_compile_anew: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an argument of pydantic-core's, or as the models look unfinished to older ones."""
    if can_compile_anew and not compat.can_compile_anew():
        pytest.skip("this pydantic-core has no such argument")
    monkeypatch.setattr(compat, "can_compile_anew", lambda: can_compile_anew)

    def as_text(node: Core) -> Core | None:
        return {"type": "str"} if node["type"] == "int" else None

    validator = compat.compiled_anew(
        rewrite(Branch.__pydantic_core_schema__, as_text), [Branch, Leaf]
    )
    assert validator.validate_python({"leaf": {"v": "text"}}).leaf.v == "text"
    assert Branch.model_validate({"leaf": {"v": "5"}}).leaf.v == 5
    assert Leaf.__pydantic_complete__
    assert Branch.__pydantic_complete__


def test_no_attribute_of_a_model_is_set_where_pydantic_core_needs_none() -> None:
    if not compat.can_compile_anew():
        pytest.skip("this pydantic-core has no such argument")
    written: list[str] = []

    class Watching(type(BaseModel)):
        def __setattr__(cls, name: str, value: object) -> None:
            written.append(name)
            super().__setattr__(name, value)

    class Watched(BaseModel, metaclass=Watching):
        v: int

    written.clear()
    compat.compiled_anew(Watched.__pydantic_core_schema__, [Watched])
    assert written == []


async def test_asgiref_notes_that_a_hop_is_under_way() -> None:
    def noted() -> list[object]:
        return [copy_context()[variable] for variable in compat.OF_HOPS]

    assert await sync_to_async(noted)() == [True]
    assert noted() == [False]


def test_every_function_names_the_versions_that_it_is_for() -> None:
    public = [
        value
        for name, value in vars(compat).items()
        if inspect.isfunction(value) and value.__module__ == compat.__name__
    ]
    assert public
    assert all(function.__doc__ for function in public)


@pytest.mark.django_db(transaction=True)
def test_a_durable_block_stands_where_it_is_allowed_only() -> None:
    with transaction.atomic():
        with pytest.raises(RuntimeError, match="durable"), transaction.atomic(durable=True):
            raise AssertionError
        compat.allow_durable(connection)
        with transaction.atomic(durable=True):
            assert connection.in_atomic_block
