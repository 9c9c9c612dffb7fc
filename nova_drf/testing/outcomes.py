"""What a client could tell two serializers apart by: verdicts, values, errors, bytes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from django.core.files import File
from django.db.models import Model, QuerySet
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.renderers import JSONRenderer

from nova_drf.core.overrides import SerializerClass


class Verdict(StrEnum):
    """What became of an input or an object."""

    VALID = "valid"
    INVALID = "invalid"
    PRINTED = "printed"
    CRASHED = "crashed"
    """An exception that is no answer: a client would get status 500."""


@dataclass(frozen=True)
class Outcome:
    """What a serializer made of an input, or of an object.

    Attributes:
        verdict: What became of it.
        value: The validated data, or what was printed, in a form that knows its types.
        errors: The error tree, each error with its text and code.
        crash: The exception's class, for :attr:`Verdict.CRASHED`.
        shown: The same for a reader; it does not count in comparisons.
    """

    verdict: Verdict
    value: Any = None
    errors: Any = None
    crash: str | None = None
    shown: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.verdict}: {self.shown}"


def agree(old: Outcome, new: Outcome) -> bool:
    """Whether a client cannot tell two outcomes apart.

    Where the old serializer crashes on input, the new one may crash or refuse; where it crashes on
    an object, the new one may print it. An answer of status 500 is nobody's contract.
    """
    if old.verdict is Verdict.CRASHED:
        return new.verdict is not Verdict.VALID
    return old == new


def agree_but_for_chance(old: Outcome, again: Outcome, new: Outcome) -> bool:
    """Whether two outcomes differ only where the old serializer differs from itself.

    A default may be random, or the time.

    Args:
        old: What the old serializer made of something.
        again: What it made of the same a second time.
        new: What the new one made of it.
    """
    return old.verdict is again.verdict is new.verdict and all(
        _alike_but_for_chance(*values)
        for values in (
            (old.value, again.value, new.value),
            (old.errors, again.errors, new.errors),
            (old.crash, again.crash, new.crash),
        )
    )


def _alike_but_for_chance(old: Any, again: Any, new: Any) -> bool:
    if old == again:
        return bool(old == new)
    if isinstance(old, (list, tuple)) and len(old) == len(again) == len(new):
        return all(map(_alike_but_for_chance, old, again, new))
    return type(old) is type(again) is type(new) and not isinstance(old, (list, tuple))


def validated(serializer_class: SerializerClass, data: object, **arguments: Any) -> Outcome:
    """Validate an input.

    Args:
        serializer_class: The class of the serializer.
        data: The input, as a parser would give it.
        arguments: Further arguments of the serializer: ``partial``, ``many``, ``context``, ...
    """

    def validate() -> Outcome:
        serializer = serializer_class(data=_own(data), **arguments)
        if serializer.is_valid():
            values = serializer.validated_data
            return Outcome(Verdict.VALID, value=typed(values), shown=repr(values))
        # DRF quotes what was sent, also half of a surrogate pair, which no answer can hold.
        JSONRenderer().render(serializer.errors)
        errors = error_tree(serializer.errors)
        return Outcome(Verdict.INVALID, errors=errors, shown=repr(errors))

    return _answered(validate)


def _own(data: object) -> object:
    """Copy a payload: some serializers change what they are given."""
    if type(data) is dict:
        return {key: _own(value) for key, value in data.items()}
    return [_own(value) for value in data] if type(data) is list else data


def printed(serializer_class: SerializerClass, instance: object, **arguments: Any) -> Outcome:
    """Print an object: its primitives with their types and order, and the bytes of its JSON.

    Args:
        serializer_class: The class of the serializer.
        instance: The object.
        arguments: Further arguments of the serializer: ``many``, ``context``, ...
    """

    def represent() -> Outcome:
        data = serializer_class(instance, **arguments).data
        rendered = JSONRenderer().render(data)
        return Outcome(Verdict.PRINTED, value=(primitive(data), rendered), shown=rendered.decode())

    return _answered(represent)


def _answered(work: Callable[[], Outcome]) -> Outcome:
    try:
        return work()
    except APIException as answer:
        errors = (answer.status_code, error_tree(answer.detail))
        return Outcome(Verdict.INVALID, errors=errors, shown=repr(errors))
    except Exception as error:
        # A crash is an outcome, too: both sides have to crash in the same way.
        name = type(error).__name__
        return Outcome(Verdict.CRASHED, crash=name, shown=f"{name}: {error}")


# Comparable forms


def typed(value: object) -> object:
    """Return a value together with its types, so that ``True`` differs from ``1``.

    Objects of the database are equal if they are the same row, files if they are the same file.
    """
    if isinstance(value, Mapping):
        return ("mapping", [(typed(key), typed(item)) for key, item in value.items()])
    if isinstance(value, (list, tuple, QuerySet)):
        return (type(value).__name__, [typed(item) for item in value])
    if isinstance(value, (set, frozenset)):
        return (type(value).__name__, sorted((typed(item) for item in value), key=repr))
    if isinstance(value, Model):
        return (value._meta.label, value.pk) if value.pk is not None else _unsaved(value)
    if isinstance(value, (datetime, time)):
        return (type(value).__name__, value.isoformat(), str(value.tzinfo), value.fold)
    return _typed_leaf(value)


def _unsaved(value: Model) -> object:
    names = [field.attname for field in value._meta.concrete_fields]
    return (value._meta.label, [(name, typed(getattr(value, name))) for name in names])


def _typed_leaf(value: object) -> object:
    if isinstance(value, Iterator):
        # What it yields, the rendered bytes tell.
        return type(value).__name__
    if isinstance(value, File):
        return (type(value).__name__, value.name, value.size)
    if isinstance(value, float) and math.isnan(value):
        return ("float", "nan")
    if "__repr__" not in {name for cls in type(value).__mro__[:-1] for name in vars(cls)}:
        state = getattr(value, "__dict__", None)
        return (type(value).__name__, typed(state) if state else "")
    return (type(value).__name__, repr(value))


def primitive(data: object) -> object:
    """Return printed data in a form that knows types and the order of keys."""
    if isinstance(data, Mapping):
        return ("mapping", [(key, primitive(value)) for key, value in data.items()])
    if isinstance(data, (list, tuple)):
        return [primitive(item) for item in data]
    return typed(data)


def error_tree(detail: object) -> object:
    """Return an error tree in which each error is its text and its code."""
    if isinstance(detail, Mapping):
        return {key: error_tree(value) for key, value in detail.items()}
    if isinstance(detail, (list, tuple)):
        return [error_tree(value) for value in detail]
    return (str(detail), detail.code if isinstance(detail, ErrorDetail) else None)
