"""What of a service's docstring clients read, in the OpenAPI document and the browsable API."""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import getdoc

from nova_drf.core.ownership import Owner, owner_of

_SECTION = re.compile(
    r"^(?:(?:Args|Arguments|Parameters|Returns|Yields|Raises|Example|Examples)\s*:?\s*$"
    r"|:(?:param|type|returns?|rtype|raises?)\b)",
    re.MULTILINE,
)


def text_for_clients(function: Callable[..., object]) -> str | None:
    """Return what a method does, in the words of its docstring.

    Sections on its arguments, results and exceptions are for those who call it in Python. What a
    library's own method does, a project has not said: there the viewset's docstring counts.

    Args:
        function: A method of a service.
    """
    text = getdoc(function)
    if text is None or owner_of(function) is Owner.NOVA:
        return None
    section = _SECTION.search(text)
    return (text if section is None else text[: section.start()]).strip() or None
