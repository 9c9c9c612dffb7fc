"""The exceptions as plain Python: messages, codes, details, and how they travel."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.utils.translation import gettext, override

from nova_drf.services import (
    AlreadyExists,
    Conflict,
    Invalid,
    InvalidArguments,
    NotFound,
    PermissionDenied,
    Problem,
    Service,
    ServiceError,
)
from nova_drf.services.errors import problem_tree, walk


@pytest.mark.parametrize(
    ("kind", "code", "also"),
    [
        (ServiceError, "error", Exception),
        (NotFound, "not_found", LookupError),
        (PermissionDenied, "permission_denied", DjangoPermissionDenied),
        (Conflict, "conflict", ServiceError),
        (AlreadyExists, "unique", Conflict),
        (Invalid, "invalid", ValueError),
    ],
)
def test_the_family(kind: type[ServiceError], code: str, also: type[Exception]) -> None:
    error = kind()
    assert isinstance(error, also)
    assert error.code == code
    assert str(error)
    assert kind("Because.", code="why").code == "why"
    assert str(kind("Because.")) == "Because."


def test_the_detail_of_a_single_problem() -> None:
    assert Conflict("Sold.", code="sold").detail == Problem("Sold.", "sold")
    assert str(Problem("Sold.", "sold")) == "Sold."


@pytest.mark.parametrize(
    ("given", "detail", "words"),
    [
        ("No.", [Problem("No.", "invalid")], "No."),
        (Problem("No.", "x"), [Problem("No.", "x")], "No."),
        (["No.", Problem("Never.", "x")], [("No.", "invalid"), ("Never.", "x")], "No.; Never."),
        ({"a": "No."}, {"a": [("No.", "invalid")]}, "a: No."),
        ({"": "No."}, [("No.", "invalid")], "No."),
        (
            {"lines": {2: {"sku": ["Unknown."]}}},
            {"lines": {2: {"sku": [("Unknown.", "invalid")]}}},
            "lines.2.sku: Unknown.",
        ),
        ([{}, {"a": "No."}], {1: {"a": [("No.", "invalid")]}}, "1.a: No."),
    ],
)
def test_the_detail_of_invalid(given: Any, detail: Any, words: str) -> None:
    error = Invalid(given)
    assert error.detail == detail
    assert str(error) == words


def test_a_field_and_a_code() -> None:
    error = Invalid("Nothing is left.", field="quantity", code="sold_out")
    assert error.detail == {"quantity": [("Nothing is left.", "sold_out")]}
    assert Invalid().detail == [Problem("Invalid input.", "invalid")]
    assert list(walk(error.detail)) == [(("quantity",), Problem("Nothing is left.", "sold_out"))]


def test_messages_are_translated_late() -> None:
    with override("de"):
        german = gettext("You do not have permission to perform this action.")
        assert str(PermissionDenied()) == german
    assert str(PermissionDenied()) != german


class Basket(Service):
    def put(self, lines: list[dict[str, int]], pair: tuple[int, list[int]] = (1, [])) -> None: ...


def test_arguments_by_place() -> None:
    with pytest.raises(InvalidArguments) as caught:
        Basket().put([{"a": 1}, {"a": "x"}], (1, ["y"]))
    assert {path: problem.code for path, problem in walk(caught.value.detail)} == {
        ("lines", 1, "a"): "int_parsing",
        ("pair", 1, 0): "int_parsing",
    }


@pytest.mark.parametrize(
    "error",
    [Conflict("Sold.", code="sold"), Invalid({"a": "No."}, code="x"), NotFound(), AlreadyExists()],
)
def test_errors_travel_between_processes(error: ServiceError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert copy.detail == error.detail
    assert copy.code == error.code
    assert str(copy) == str(error)


def test_problems_of_a_value_and_of_its_parts() -> None:
    whole, part = Problem("All wrong.", "x"), Problem("No.", "y")
    expected = {"a": {"__all__": [whole], "b": [part]}}
    assert problem_tree([(("a",), whole), (("a", "b"), part)]) == expected
    assert problem_tree([(("a", "b"), part), (("a",), whole)]) == expected
    assert problem_tree([((), whole)]) == {"__all__": [whole]}
