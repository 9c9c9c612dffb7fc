"""The installed DRF as the oracle: what it and we make of the same input, in comparable form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from pydantic import create_model
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import BaseSerializer, Serializer

from nova_drf import Schema
from nova_drf.serializers.schema_serializer import SchemaSerializer, serializer_from_schema

SerializerClass = type[BaseSerializer[Any]]

CRASHED = "crashed"
"""The verdict where DRF lets an exception escape that is no API exception (status 500)."""


class Unknown:
    """An object that no field knows. Its ``repr`` has no address, so that test names are stable."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Outcome:
    """What a serializer made of an input.

    Attributes:
        verdict: ``"valid"``, ``"invalid"`` or :data:`CRASHED`.
        value: The validated data with the type of every part.
        errors: The error tree with the text and code of every error.
    """

    verdict: str
    value: Any = None
    errors: Any = None


def typed(value: Any) -> Any:
    """Return a value together with its types, so that ``True`` differs from ``1``."""
    if isinstance(value, Mapping):
        return ("mapping", type(value).__name__, [(typed(k), typed(v)) for k, v in value.items()])
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [typed(one) for one in value])
    if isinstance(value, (set, frozenset)):
        return (type(value).__name__, sorted((typed(one) for one in value), key=repr))
    if isinstance(value, (datetime, time)):
        return (type(value).__name__, value.isoformat(), str(value.tzinfo), value.fold)
    return (type(value).__name__, repr(value))


def error_tree(detail: Any) -> Any:
    """Return an error tree in which each error is its text and its code."""
    if isinstance(detail, Mapping):
        return {key: error_tree(value) for key, value in detail.items()}
    if isinstance(detail, list):
        return [error_tree(value) for value in detail]
    assert isinstance(detail, ErrorDetail), f"{detail!r} in an error tree"
    return (str(detail), detail.code)


def outcome(serializer_class: SerializerClass, data: Any, **arguments: Any) -> Outcome:
    """Validate with a serializer.

    Args:
        serializer_class: DRF's or ours.
        data: The input, as a parser would give it.
        arguments: Further arguments of the serializer: ``partial``, ``many``, ``context``, ...
    """
    serializer = serializer_class(data=data, **arguments)
    try:
        valid = serializer.is_valid()
    except APIException:
        raise
    except Exception as error:
        # An error is an answer, too: both sides have to give the same.
        return Outcome(CRASHED, errors=f"{type(error).__name__}: {error}")
    if valid:
        return Outcome("valid", value=typed(serializer.validated_data))
    try:
        JSONRenderer().render(serializer.errors)
    except ValueError as error:
        return Outcome(CRASHED, errors=f"The answer cannot be sent: {error}")
    return Outcome("invalid", errors=error_tree(serializer.errors))


def printed(serializer_class: SerializerClass, instance: Any, **arguments: Any) -> bytes | None:
    """Return the JSON bytes of an object, or ``None`` where that crashes.

    Args:
        serializer_class: DRF's or ours.
        instance: The object, or a list of them with ``many=True``.
        arguments: Further arguments of the serializer.
    """
    try:
        return bytes(JSONRenderer().render(serializer_class(instance, **arguments).data))
    except Exception:
        # An error is an answer, too: both sides have to give the same.
        return None


def assert_same_verdict(
    classic: SerializerClass, ours: SerializerClass, data: Any, **arguments: Any
) -> Outcome:
    """Check that both take the same input, with the same values, or refuse it in the same words.

    Where DRF would answer with status 500, we have to refuse. Returns our outcome.
    """
    expected = outcome(classic, data, **arguments)
    actual = outcome(ours, data, **arguments)
    agree = actual.verdict == "invalid" if expected.verdict == CRASHED else actual == expected
    assert agree, f"{data!r}\nDRF:  {expected}\nours: {actual}"
    return actual


def assert_same_print(
    classic: SerializerClass, ours: SerializerClass, instance: Any, **arguments: Any
) -> bytes | None:
    """Check that both print the same bytes; what crashes DRF may do as it likes here.

    Returns our bytes.
    """
    expected = printed(classic, instance, **arguments)
    actual = printed(ours, instance, **arguments)
    agree = expected is None or actual == expected
    assert agree, f"{instance!r}\nDRF:  {expected!r}\nours: {actual!r}"
    return actual


def echoed(serializer_class: SerializerClass, data: Any, **arguments: Any) -> bytes | None:
    """Return the JSON bytes of ``data`` after validation, or ``None`` where that crashes.

    Without an instance that is the validated data, or what was sent if it was refused.
    """
    serializer = serializer_class(data=data, **arguments)
    try:
        serializer.is_valid()
        return bytes(JSONRenderer().render(serializer.data))
    except Exception:
        # An error is an answer, too: both sides have to give the same.
        return None


def assert_same_echo(
    classic: SerializerClass, ours: SerializerClass, data: Any, **arguments: Any
) -> None:
    """Check that both show the same bytes of what they were sent; what crashes DRF may differ."""
    expected = echoed(classic, data, **arguments)
    actual = echoed(ours, data, **arguments)
    agree = expected is None or actual == expected
    assert agree, f"{data!r}\nDRF:  {expected!r}\nours: {actual!r}"


class Side:
    """One value as the only field, ``v``, of a classic serializer and of ours.

    Args:
        annotation: What a ``Schema`` says of it; with a default, ``(annotation, default)``.
        field: The classic field.
    """

    def __init__(self, annotation: Any, field: Any) -> None:
        declared = annotation if isinstance(annotation, tuple) else (annotation, ...)
        schema = create_model("OneValue", __base__=Schema, v=declared)
        self.schema: type[Schema] = schema
        self.ours: type[SchemaSerializer[Any]] = serializer_from_schema(schema)
        self.classic: type[Serializer[Any]] = type("Classic", (Serializer,), {"v": field})

    def check(self, value: Any, **arguments: Any) -> Outcome:
        """Send a value to both, which have to agree; return the outcome."""
        return assert_same_verdict(self.classic, self.ours, {"v": value}, **arguments)

    def accepts(self, value: Any, **arguments: Any) -> Any:
        """Send a value that both have to accept with the same result, and return that."""
        outcome = self.check(value, **arguments)
        assert outcome.verdict == "valid", outcome
        serializer = self.ours(data={"v": value}, **arguments)
        serializer.is_valid()
        return serializer.validated_data["v"]

    def refuses(self, value: Any, **arguments: Any) -> str:
        """Send a value that both have to refuse in the same words; return the first code."""
        outcome = self.check(value, **arguments)
        assert outcome.verdict == "invalid", outcome
        return first_code(outcome.errors)

    def prints(self, stored: Any) -> Any:
        """Print a stored value with both, which have to agree to the byte; return it parsed."""
        body = assert_same_print(self.classic, self.ours, {"v": stored})
        assert body is not None, f"neither prints {stored!r}"
        return json.loads(body)["v"]


def first_code(errors: Any) -> str:
    """Return the code of the first error in a tree from :func:`error_tree`."""
    while isinstance(errors, dict):
        errors = next(iter(errors.values()))
    if isinstance(errors, list):
        return first_code(errors[0])
    return str(errors[1])
