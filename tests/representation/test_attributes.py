"""Which attributes are called: DRF's own answer, asked once for each method."""

from __future__ import annotations

from functools import partial, partialmethod
from typing import Any

import pytest
from rest_framework import fields
from rest_framework.fields import BuiltinSignatureError

from nova_drf.representation import attributes as methods


class Odd:
    def plain(self) -> str:
        return "plain"

    def needing(self, what: str) -> str:
        return what

    def with_defaults(self, *args: str, what: str = "default") -> str:
        return what

    given = partialmethod(needing, what="given")
    ungiven = partialmethod(needing)

    @staticmethod
    def static() -> str:
        return "static"

    @classmethod
    def of_class(cls) -> str:
        return "class"

    def __call__(self) -> str:
        return "called"


ODD = Odd()
VALUES: dict[str, Any] = {
    **{name: getattr(ODD, name) for name in vars(Odd) if not name.startswith("_")},
    "object": ODD,
    "class": Odd,
    "text": "text",
    "lambda": lambda: "lambda",
    "partial of a function": partial(Odd.plain, ODD),
    "partial of a method": partial(ODD.needing, "sent"),
    "partial of nothing": partial(ODD.needing),
    "partial of a partial": partial(partial(ODD.needing), "sent"),
}


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "_needs_nothing", {})


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_what_drf_calls_is_called(value: Any) -> None:
    for _ in range(2):
        assert bool(methods.is_called(value)) == bool(fields.is_simple_callable(value))


def test_builtins_are_refused_as_by_drf() -> None:
    with pytest.raises(BuiltinSignatureError):
        methods.is_called("text".upper)


def test_a_signature_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(methods, "is_simple_callable", lambda value: asked.append(value) or True)
    for odd in (Odd(), Odd()):
        assert methods.is_called(odd.plain)
        assert methods.is_called(odd.given)
    assert len(asked) == 2


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "_METHODS", 2)
    for _ in range(5):
        made = type("Made", (), {"method": lambda self: None})()
        assert methods.is_called(made.method)
        assert len(methods._needs_nothing) <= 2
