"""Whether a function does the same whenever it is called with the same arguments."""

from __future__ import annotations

import dis
import re
from enum import Enum
from functools import cache
from inspect import getclosurevars
from types import CodeType, FunctionType, ModuleType

from django.core import validators
from django.utils import translation
from django.utils.functional import Promise
from rest_framework import fields, relations, serializers

from nova_drf.core.ownership import is_written_in
from nova_drf.core.value_classes import VALUE_CLASSES

_CONTAINERS = frozenset((list, tuple, dict, set, frozenset))
_MODULES = (fields, relations, serializers, validators, re)
_FUNCTIONS = frozenset((translation.gettext_lazy, translation.pgettext_lazy, fields.empty))
_BUILTINS = frozenset(
    (super, dict, list, tuple, set, frozenset, str, int, float, bool, len, isinstance, min, max)
)


@cache
def is_constant_code(function: object) -> bool:
    """Whether all that a function uses, beside its arguments, stays as it is.

    The clock, the database, settings and what belongs to a tenant does not. The answer must be
    true rather than clever: what is not known to stay may change.

    Args:
        function: The function, such as an ``__init__`` that gives its class its arguments.
    """
    if not isinstance(function, FunctionType) or not _is_simple(function.__code__):
        return False
    used = getclosurevars(function)
    around = [value for name, value in used.nonlocals.items() if name != "__class__"]
    if not all(value in _BUILTINS for value in used.builtins.values()):
        return False
    return all(map(_is_constant, (*around, *used.globals.values())))


def _is_simple(code: CodeType) -> bool:
    """Whether there is no function inside a function, and no import."""
    if any(isinstance(constant, CodeType) for constant in code.co_consts):
        return False
    return all(step.opname != "IMPORT_NAME" for step in dis.get_instructions(code))


def _is_constant(value: object) -> bool:
    if value.__class__ in VALUE_CLASSES or value.__class__ in _CONTAINERS:
        return True
    if isinstance(value, (re.Pattern, Enum, Promise)):
        return True
    if isinstance(value, ModuleType):
        return value in _MODULES
    if isinstance(value, type):
        # An enumeration, or a class of DRF's or Django's validators; a model or a date may look
        # at the database or the clock.
        return issubclass(value, Enum) or is_written_in(value, *_MODULES)
    return isinstance(value, FunctionType) and value in _FUNCTIONS
