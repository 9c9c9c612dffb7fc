"""Which requests are recorded, and what of them: ``NOVA_DRF["RECORDING"]``.

.. code-block:: python

    NOVA_DRF = {"RECORDING": {"SHARE": 1, "FILE": "traffic.jsonl"}}
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, resolve
from django.utils.encoding import escape_uri_path

from nova_drf.core.settings import get_setting
from nova_drf.migration.inventory import project_directory
from nova_drf.migration.proof.shadow.redaction import REDACTED
from nova_drf.migration.replay.redaction import RequestRedactor
from nova_drf.migration.replay.traffic import (
    FORM_TYPE,
    JSON_TYPE,
    METHODS,
    RecordedRequest,
    kept_headers,
)

logger = logging.getLogger("nova_drf.replay")


@dataclass(frozen=True)
class Options:
    """What ``NOVA_DRF["RECORDING"]`` says, each under its name in capitals.

    Attributes:
        share: How many of a hundred requests are recorded.
        file: The file, in ``BASE_DIR``.
        max_bytes: How large the file may become; then nothing more is recorded.
        body_bytes: How long a body may be; requests with a longer one are not recorded.
        headers: Further headers that are kept.
        secret_names: Further names of fields and parameters whose values are never kept.
        users: Whether the keys of the users are kept, so that the same users ask again.
    """

    share: float = 0.0
    file: str = "nova_traffic.jsonl"
    max_bytes: int = 50_000_000
    body_bytes: int = 64_000
    headers: tuple[str, ...] = ()
    secret_names: tuple[str, ...] = ()
    users: bool = True


def recording_options() -> Options:
    """Return what the setting says.

    Raises:
        ImproperlyConfigured: It has a key that does not exist, or a share that is none.
    """
    said: Mapping[str, Any] = get_setting("RECORDING")
    names = [field.name.upper() for field in fields(Options)]
    for key in said:
        if key not in names:
            near = get_close_matches(str(key), names, n=1, cutoff=0.0)[0]
            raise ImproperlyConfigured(
                f'settings.NOVA_DRF["RECORDING"]: there is no key {key!r}. Did you mean {near!r}?'
            )
    options = Options(**{name.lower(): value for name, value in said.items()})
    if not 0 <= options.share <= 100:
        raise ImproperlyConfigured(
            f'settings.NOVA_DRF["RECORDING"]: SHARE is {options.share!r}. Write a number from 0 to '
            "100."
        )
    return options


class Recorder:
    """Records requests to the endpoints of DRF's.

    Args:
        options: Which, and what of them.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.file = project_directory() / options.file
        self._redactor = RequestRedactor(options.secret_names)
        self._lock = Lock()
        self._is_full = False

    def begin(self, request: Any) -> RecordedRequest | None:
        """Return a request as it is recorded; ``None`` if it is not.

        Args:
            request: Django's request, whose body nobody has read.
        """
        # Chosen by chance, and not for secrecy.
        is_chosen = random.random() * 100 < self.options.share  # noqa: S311
        if not is_chosen or self._is_full or request.method not in METHODS:
            return None
        path = self._path(request)
        content_type, length = request.content_type, request.META.get("CONTENT_LENGTH") or "0"
        if path is None or not length.isdecimal() or int(length) > self.options.body_bytes:
            return None
        body = self._body(request, content_type) if int(length) else b""
        if body is None:
            return None
        headers = dict(kept_headers(request.headers.items(), self.options.headers))
        if not body:
            headers.pop("Content-Type", None)
        query = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
        return RecordedRequest(
            method=request.method,
            path=path,
            query=tuple(self._redactor.pairs(query)),
            headers={name: self._redactor.text(value) for name, value in headers.items()},
            body=body,
        )

    def _path(self, request: Any) -> str | None:
        """Return the path as it is sent, without what is secret.

        Returns:
            The path, or ``None`` if it is no endpoint of DRF's.
        """
        try:
            match = resolve(request.path_info, getattr(request, "urlconf", None))
        except Resolver404:
            return None
        if not hasattr(match.func, "cls"):
            return None
        path: str = request.path_info
        for name, value in match.kwargs.items():
            if self._redactor.hides(name):
                path = path.replace(str(value), REDACTED)
        return escape_uri_path(self._redactor.text(path))

    def _body(self, request: Any, content_type: str) -> bytes | None:
        """Return the body without what is secret; ``None`` if it cannot be looked through."""
        if content_type not in (JSON_TYPE, FORM_TYPE):
            return None
        body: bytes = request.body
        try:
            if content_type == FORM_TYPE:
                pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
                return urlencode(self._redactor.pairs(pairs)).encode()
            return json.dumps(self._redactor.document(json.loads(body))).encode()
        except ValueError:
            return None

    def write(self, recorded: RecordedRequest) -> None:
        """Write a request into the file.

        Args:
            recorded: The request.
        """
        line = recorded.as_line().encode()
        with self._lock, self.file.open("ab", buffering=0) as file:
            if file.tell() + len(line) > self.options.max_bytes:
                self._is_full = True
                logger.warning("%s is full; nothing more is recorded", self.file)
                return
            file.write(line)
