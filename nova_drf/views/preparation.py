"""What is worked out when something is first used, worked out before the first request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import get_resolver

from nova_drf.serializers.dynamic_fields import UNCHANGED
from nova_drf.serializers.method_order import backed_classes
from nova_drf.serializers.schema_serializer import serializer_classes

logger = logging.getLogger("nova_drf")


def prepare() -> int:
    """Compile what requests will use: the serializers that the project's URLs import.

    Call it where a process starts that answers requests, after Django is set up: in ``wsgi.py`` or
    ``asgi.py``, behind ``get_wsgi_application()``, or in a hook of the server before it forks. With
    ``NOVA_DRF = {"PREPARE_AT_START": True}`` the app does so itself, in every process.

    A class that cannot be compiled is logged; using it, or ``manage.py check``, says what is wrong.

    Returns:
        How many classes were compiled.
    """
    if getattr(settings, "ROOT_URLCONF", None):
        get_resolver().url_patterns  # noqa: B018  # imports it
    by_schema = [_prepared(_with_schema, cls) for cls in serializer_classes()]
    backed = [_prepared(_backed, cls) for cls in backed_classes()]
    return sum([*by_schema, *backed])


def _prepared(compile_: Callable[[Any], None], cls: type) -> bool:
    try:
        compile_(cls)
    except Exception:
        # Whatever it is, the process can answer other requests.
        logger.warning("%s cannot be prepared.", cls.__qualname__, exc_info=True)
        return False
    return True


def _with_schema(cls: Any) -> None:
    definition = cls.get_definition()
    for partial in (False, True):
        definition.input(UNCHANGED, partial)
        if cls.takes_text():
            definition.text_input(partial)
    definition.reader(UNCHANGED, False)


def _backed(cls: Any) -> None:
    definition = cls.backed_class().definition()
    if definition is not None and definition.runs_input:
        definition.input(UNCHANGED, False)
    if definition is not None and definition.runs_output:
        definition.reader(UNCHANGED, False)
