"""What clients read of a handler, in OpenAPI documents: its own docstring, or its class's."""

from __future__ import annotations

from functools import partial, partialmethod
from inspect import getdoc
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.views import APIView

from nova_drf.views import AsyncAPIView


def documented(*args: Any) -> Response:
    """What it answers."""
    return Response(len(args))


def silent(*args: Any) -> Response:
    return Response(len(args))


class Callable:
    """An object that is a handler."""

    def __call__(self, *args: Any) -> Response:
        return Response(len(args))


KINDS: dict[str, Any] = {
    "static method": staticmethod,
    "class method": classmethod,
    "partial method": partialmethod,
    # Python 3.13 warns of a bare one, which is to bind its instance one day.
    "partial": lambda function: staticmethod(partial(function)),
}
HANDLERS = {
    f"{name} of {function.__name__}": kind(function)
    for name, kind in KINDS.items()
    for function in (documented, silent)
} | {"function": documented, "silent function": silent, "object": Callable()}


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("name", HANDLERS)
def test_the_docstring_of_a_handler_is_its_own(name: str, is_async: bool) -> None:
    async def post(self: Any, request: Any) -> Response:
        return Response()

    body: dict[str, Any] = {"get": HANDLERS[name], "__doc__": "The class's."}
    theirs = type("View", (APIView,), dict(body))
    ours = type("View", (AsyncAPIView,), body | ({"post": post} if is_async else {}))

    assert getdoc(ours().get) == getdoc(theirs().get)


@pytest.mark.parametrize("name", ["initial", "check_permissions", "get_exception_handler"])
def test_the_docstring_of_a_hook_that_is_static_is_its_own(name: str) -> None:
    ours = type("View", (AsyncAPIView,), {name: staticmethod(documented)})

    assert getdoc(getattr(ours(), name)) == "What it answers."
