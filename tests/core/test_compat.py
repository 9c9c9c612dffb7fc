"""Versions of Django and Pydantic: where they differ, we follow the installed one."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from nova_drf.core import compat


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


def test_every_function_names_the_versions_that_it_is_for() -> None:
    public = [
        value
        for name, value in vars(compat).items()
        if inspect.isfunction(value) and value.__module__ == compat.__name__
    ]
    assert public
    assert all(function.__doc__ for function in public)
