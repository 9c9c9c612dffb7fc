"""``assert_parity``: two serializers answer the same, whatever is sent and whatever is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db.models import Model
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from rest_framework.request import Request as APIRequest
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.test import APIRequestFactory

from nova_drf.core.overrides import SerializerClass
from nova_drf.testing.outcomes import (
    Outcome,
    Verdict,
    agree,
    agree_but_for_chance,
    printed,
    validated,
)
from nova_drf.testing.payloads import Request, objects, requests, sweep


@dataclass(frozen=True)
class Difference:
    """One case in which two serializers answer differently.

    Attributes:
        old: The serializer that was there.
        new: The one that is to replace it.
        given: The input or the object, as Python.
        arguments: The arguments of the serializer besides.
        incoming: Whether it is about input.
        expected: What the old one answers.
        actual: What the new one answers.
    """

    old: str
    new: str
    given: str
    arguments: str
    incoming: bool
    expected: Outcome
    actual: Outcome

    def __str__(self) -> str:
        return "\n".join(
            (
                f"{self.old} and {self.new} answer differently.",
                f"  {'sent' if self.incoming else 'stored'}: {self.given}",
                f"  {self.old}: {self.expected}",
                f"  {self.new}: {self.actual}",
                "As a test:",
                *(f"    {line}" for line in self.as_test()),
            )
        )

    def as_test(self) -> tuple[str, ...]:
        """Return the lines of a test that shows the difference."""
        arguments_text = f"data={self.given}" if self.incoming else self.given
        call = f"({arguments_text}{self.arguments})"
        if not self.incoming:
            return (f"assert {self.new}{call}.data == {self.old}{call}.data",)
        return (
            f"old, new = {self.old}{call}, {self.new}{call}",
            "assert new.is_valid() == old.is_valid()",
            "assert new.errors == old.errors",
            "assert new.validated_data == old.validated_data",
        )


class ParityError(AssertionError):
    """Two serializers answer differently.

    Args:
        difference: The smallest case that was found.
    """

    def __init__(self, difference: Difference) -> None:
        super().__init__(str(difference))
        self.difference = difference


def assert_parity(
    old: SerializerClass,
    new: SerializerClass,
    *,
    context: Mapping[str, object] | None = None,
    instances: Iterable[object] | None = None,
    examples: int = 100,
    repeat: int | None = None,
    approved: Callable[[Difference], bool] | None = None,
) -> None:
    """Check that no client can tell two serializers apart.

    Inputs are drawn from the fields and validators of both serializers: valid, nearly valid, at
    the limits, of other types, with fields missing, null and unknown, whole and partial, JSON,
    form-encoded and lists. Verdict, ``validated_data`` with types, and the error tree with codes
    are compared. Objects are the rows of ``Meta.model`` and others that were never saved, or what
    valid input became; their representation and its JSON bytes are compared. What the old
    serializer says otherwise when it is asked again, as a random default, does not count.

    Nothing is saved. But if a serializer writes while it validates, it does so here, too.
    Serializers of models read the database, so mark the test with ``django_db``.

    Args:
        old: The serializer class that is there.
        new: The one that is to replace it.
        context: The serializers' context; with a request of an anonymous user when left out.
        instances: Objects to print besides those that are drawn.
        examples: How many inputs, and how many objects, are drawn.
        repeat: A number that stands for one series of draws; the same series each time when left
            out.
        approved: Tells of a difference whether it does not count.

    Raises:
        TypeError: One of the two is no serializer class.
        ParityError: They differ; it shows the smallest case that was found, ready to be pasted
            into a test.
    """
    for cls in (old, new):
        if not (isinstance(cls, type) and issubclass(cls, BaseSerializer)):
            raise TypeError(
                f"assert_parity: {cls!r} is not a serializer class. Pass the two classes."
            )
    said = dict(_default_context() if context is None else context)
    comparison = _Comparison(old, new, said, approved)
    for instance in instances or ():
        comparison.output(instance)
    if not issubclass(old, Serializer):
        return
    serializer = old(context=comparison.context)
    strategy = requests(serializer)
    swept = {repr(request): request for request in sweep(serializer)}
    if issubclass(new, Serializer):
        replacement = new(context=comparison.context)
        strategy |= requests(replacement)
        swept |= {repr(request): request for request in sweep(replacement)}
    for request in swept.values():
        comparison.input(request)
    try:
        search(strategy, comparison.input, examples, repeat)
    except ParityError:
        comparison.leave_out_keys()
        raise
    search(objects(serializer, comparison.values), comparison.output, examples, repeat)


def _default_context() -> dict[str, object]:
    return {"request": APIRequest(APIRequestFactory().get("/")), "format": None, "view": None}


def search(
    strategy: SearchStrategy[Any],
    compare: Callable[[Any], None],
    examples: int,
    repeat: int | None = None,
) -> None:
    """Draw cases; where one differs, look for the smallest that does.

    Args:
        strategy: Draws the cases.
        compare: Is called with each; raises an exception if it differs.
        examples: How many are drawn; none for 0.
        repeat: A number that stands for one series of draws; the same series each time when left
            out.
    """
    if not examples:
        return

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=repeat is None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
            HealthCheck.large_base_example,
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
        print_blob=False,
    )
    @given(strategy)
    def searched(case: object) -> None:
        compare(case)

    (searched if repeat is None else seed(repeat)(searched))()


class _Comparison:
    """Two serializer classes under one context."""

    def __init__(
        self,
        old: SerializerClass,
        new: SerializerClass,
        context: dict[str, object],
        approved: Callable[[Difference], bool] | None,
    ) -> None:
        self.old, self.new, self.context, self.approved = old, new, context, approved

    def input(self, request: Request) -> None:
        """Compare what becomes of one request."""
        self._request = request
        arguments = {**request.arguments, "context": self.context}
        expected = validated(self.old, request.data, **arguments)
        actual = validated(self.new, request.data, **arguments)
        if agree(expected, actual) or agree_but_for_chance(
            expected, validated(self.old, request.data, **arguments), actual
        ):
            return
        self._tell(expected, actual, _as_python(request.data), request.arguments, incoming=True)

    def leave_out_keys(self) -> None:
        """Compare the last request again without each of its keys, as long as that differs.

        Hypothesis makes a case smaller by steps that do not always find the key to leave out.

        Raises:
            ParityError: A smaller request that differs.
        """
        request, smallest = self._request, None
        for key in [*request.data] if isinstance(request.data, dict) else ():
            data = request.data.copy()
            del data[key]
            try:
                self.input(replace(request, data=data))
            except ParityError as error:
                request, smallest = replace(request, data=data), error
        if smallest is not None:
            raise smallest

    def output(self, instance: object) -> None:
        """Compare how one object is printed, alone and in a list."""
        for many in (False, True):
            stored = [instance] if many else instance
            arguments: dict[str, object] = {"many": True} if many else {}
            expected = printed(self.old, stored, context=self.context, **arguments)
            actual = printed(self.new, stored, context=self.context, **arguments)
            again = partial(printed, self.old, stored, context=self.context, **arguments)
            if not (agree(expected, actual) or agree_but_for_chance(expected, again(), actual)):
                self._tell(expected, actual, _as_python(stored), arguments, incoming=False)

    def values(self, payload: object) -> object:
        """Return what the old serializer makes of a payload, or ``None`` if it refuses it."""
        serializer = self.old(data=payload, context=self.context)
        if validated(self.old, payload, context=self.context).verdict is not Verdict.VALID:
            return None
        serializer.is_valid()
        return serializer.validated_data

    def _tell(
        self,
        expected: Outcome,
        actual: Outcome,
        given_: str,
        arguments: Mapping[str, object],
        *,
        incoming: bool,
    ) -> None:
        said = "".join(f", {name}={value!r}" for name, value in arguments.items())
        names = _names(self.old, self.new)
        difference = Difference(*names, given_, said, incoming, expected, actual)
        if self.approved is None or not self.approved(difference):
            raise ParityError(difference)


def _names(old: SerializerClass, new: SerializerClass) -> tuple[str, str]:
    if old.__name__ != new.__name__:
        return old.__name__, new.__name__
    return f"Old{old.__name__}", f"New{new.__name__}"


def _as_python(value: object) -> str:
    """Return a value as an expression that makes it, as far as there is one."""
    if isinstance(value, QueryDict):
        return f"QueryDict({value.urlencode()!r})"
    if isinstance(value, list):
        return f"[{', '.join(map(_as_python, value))}]"
    if isinstance(value, Model):
        names = [field.attname for field in value._meta.concrete_fields]
        said = ", ".join(f"{name}={getattr(value, name)!r}" for name in names)
        return f"{type(value).__name__}({said})"
    return repr(value)
