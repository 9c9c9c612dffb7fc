"""A request and the old code's answer as plain data, on their way to the child process."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from nova_drf.migration.proof.comparison import Exchange
from nova_drf.migration.proof.shadow.options import Writes

_BYTES = ("body", "content")


@dataclass
class Sample:
    """One request that is compared.

    Attributes:
        switch: The name of the switch.
        action: The action.
        environ: The request, as WSGI has it; texts only.
        body: Its body.
        user: The key of the session's user; empty if that is nobody, or was not asked for.
        urlconf: The URL configuration, if the request has one of its own.
        status: The status that the old code answered.
        headers: Its headers, cookies among them.
        content: Its body.
        writes: How it is compared if it may write.
        seconds: How long one answer may take.
    """

    switch: str
    action: str
    environ: dict[str, str]
    body: bytes = b""
    user: str = ""
    urlconf: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    writes: str = Writes.ROLLED_BACK
    seconds: float = 2.0

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.environ.get("REQUEST_METHOD", "GET")

    @property
    def answer(self) -> Exchange:
        """What the old code answered."""
        return Exchange(self.status, self.headers, self.content)

    def encoded(self) -> bytes:
        """Return it as bytes."""
        data = dict(vars(self))
        for name in _BYTES:
            data[name] = b64encode(data[name]).decode()
        return json.dumps(data).encode()

    @classmethod
    def decoded(cls, data: bytes) -> Sample:
        """Return what :meth:`encoded` made bytes of.

        Args:
            data: The bytes.
        """
        values: dict[str, Any] = json.loads(data)
        for name in _BYTES:
            values[name] = b64decode(values[name])
        return cls(**{said.name: values[said.name] for said in fields(cls)})


def headers_of(response: Any) -> dict[str, str]:
    """Return the headers of a response, cookies among them, as :class:`Exchange` has them.

    Args:
        response: Django's response.
    """
    cookies: Mapping[str, Any] = response.cookies
    told = {f"Set-Cookie {name}": cookie.OutputString() for name, cookie in cookies.items()}
    return {**response.headers, **told}
