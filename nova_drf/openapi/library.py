"""Whose docstrings are the library's, and so no texts of a project's document."""

from __future__ import annotations

import sys
from inspect import getmembers, isclass
from typing import Any

from drf_spectacular.plumbing import get_lib_doc_excludes
from drf_spectacular.settings import spectacular_settings

SETTING = "GET_LIB_DOC_EXCLUDES"

_MODULES = (
    "nova_drf.backing.mixin",
    "nova_drf.convert.serializer",
    "nova_drf.serializers",
    "nova_drf.views",
    "nova_drf.generics",
    "nova_drf.viewsets",
    "nova_drf.service_viewsets",
)
"""Where the classes are that projects inherit from."""


def library_classes() -> list[Any]:
    """Return where drf-spectacular stops when it looks for a text among a class's bases.

    They are its own (DRF's classes) and those of nova_drf that are in use. It is the default of
    the setting ``GET_LIB_DOC_EXCLUDES`` of drf-spectacular.
    """
    used = [sys.modules[name] for name in _MODULES if name in sys.modules]
    return [
        *get_lib_doc_excludes(),
        *(
            cls
            for module in used
            for _, cls in getmembers(module, isclass)
            if cls.__module__ == module.__name__
        ),
    ]


def exclude_our_docstrings() -> None:
    """Make :func:`library_classes` the default; what the project's settings say stays."""
    if SETTING not in spectacular_settings.user_settings:
        setattr(spectacular_settings, SETTING, library_classes)
