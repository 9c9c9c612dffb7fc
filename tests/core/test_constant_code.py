"""Which functions do the same each time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from enum import Enum
from functools import wraps
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from nova_drf.core.constant_code import is_constant_code

LONGEST = 5
CHOICES = ["a", "b"]
PATTERN = re.compile("a")


class Colour(Enum):
    RED = "red"


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def around(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return around


class Constant:
    """Each of these does the same each time."""

    def defaults(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST)

    def chosen(self, **kwargs: Any) -> None:
        kwargs["choices"] = [*CHOICES, Colour.RED.value]

    def worded(self, **kwargs: Any) -> None:
        kwargs["label"] = _("Monday")

    def validated(self, **kwargs: Any) -> None:
        kwargs["validators"] = [RegexValidator(PATTERN)]

    def nested(self, **kwargs: Any) -> None:
        kwargs["child"] = serializers.CharField(max_length=max(LONGEST, 3))


class Changing:
    """Each of these may do something else each time."""

    def clock(self, **kwargs: Any) -> None:
        kwargs["max_length"] = date.today().day

    def module(self, **kwargs: Any) -> None:
        kwargs["default"] = timezone.now()

    def rows(self, **kwargs: Any) -> None:
        kwargs["choices"] = list(User.objects.all())

    def project(self, **kwargs: Any) -> None:
        kwargs["max_length"] = settings.LONGEST

    def language(self, **kwargs: Any) -> None:
        kwargs["label"] = gettext("Monday")

    def inner(self, **kwargs: Any) -> None:
        kwargs["default"] = lambda: LONGEST

    def imported(self, **kwargs: Any) -> None:
        import random

        kwargs["max_length"] = random.randint(1, 5)

    def opened(self, **kwargs: Any) -> None:
        kwargs["label"] = open("label")  # noqa: SIM115  (nobody calls it)

    @decorated
    def wrapped(self, **kwargs: Any) -> None:
        kwargs["max_length"] = LONGEST


def _functions(cls: type) -> list[Any]:
    return [value for name, value in vars(cls).items() if not name.startswith("__")]


@pytest.mark.parametrize("function", _functions(Constant))
def test_what_stays(function: Any) -> None:
    assert is_constant_code(function)


@pytest.mark.parametrize("function", [*_functions(Changing), len, print])
def test_what_may_change(function: Any) -> None:
    assert not is_constant_code(function)
