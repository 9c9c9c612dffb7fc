"""The errors that nova_drf raises at programmers: where, what, remedy."""

from __future__ import annotations


class NovaError(Exception):
    """The root of nova_drf's own exceptions. None of them is meant for a client."""


class SchemaDefinitionError(NovaError, TypeError):
    """A schema or serializer class is wrong: found when the class is made or first used."""


class SettingError(NovaError, ValueError):
    """``settings.NOVA_DRF`` has a value that makes no sense."""


class UnknownSettingError(SettingError):
    """``settings.NOVA_DRF`` has a key that does not exist."""


class NPlusOneError(NovaError, AssertionError):
    """A relation is read object by object while a list is printed."""


class NPlusOneWarning(RuntimeWarning):
    """The same as a warning."""
