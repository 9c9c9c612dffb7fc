"""Whose docstrings are the library's, and so no texts of a project's document."""

from __future__ import annotations

import sys
from functools import lru_cache

from drf_spectacular.plumbing import get_lib_doc_excludes
from drf_spectacular.settings import spectacular_settings
from pydantic import BaseModel

from nova_drf.core.ownership import classes_of, our_modules

SETTING = "GET_LIB_DOC_EXCLUDES"


def library_classes() -> list[type]:
    """Return where drf-spectacular stops when it looks for a text among a class's bases.

    They are its own (DRF's classes) and those of nova_drf that are in use. It is the default of
    the setting ``GET_LIB_DOC_EXCLUDES`` of drf-spectacular.
    """
    return [*get_lib_doc_excludes(), *_classes_in(frozenset(our_modules()))]


@lru_cache(maxsize=1)
def _classes_in(modules: frozenset[str]) -> tuple[type, ...]:
    """Return the classes of ours that projects inherit from; schemas have texts of their own."""
    return tuple(
        cls
        for name in modules
        for cls in classes_of(sys.modules[name])
        if not issubclass(cls, (BaseModel, Exception)) and cls.__doc__
    )


def exclude_our_docstrings() -> None:
    """Make :func:`library_classes` the default; what the project's settings say stays."""
    if SETTING not in spectacular_settings.user_settings:
        setattr(spectacular_settings, SETTING, library_classes)
