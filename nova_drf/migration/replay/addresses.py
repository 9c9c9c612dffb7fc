"""A side that is reached by an address: a server on this machine that runs the old or new code."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import local
from time import perf_counter
from typing import Any
from urllib.parse import urlencode, urlsplit

from nova_drf.core.exceptions import NovaError
from nova_drf.migration.proof.cases import Case
from nova_drf.migration.proof.comparison import Exchange


class AddressError(NovaError):
    """Nothing is sent to an address."""


@dataclass(frozen=True)
class Address:
    """Where a side is.

    Attributes:
        scheme: ``http`` or ``https``.
        host: The name or number of the machine.
        port: The port.
        prefix: What stands in front of each path.
    """

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @property
    def netloc(self) -> str:
        """The machine and the port, as the header ``Host`` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def address_of(url: str, allowed: Collection[str] = ()) -> Address:
    """Return the address that a base URL names.

    Args:
        url: The base URL.
        allowed: The machines besides this one to which requests may be sent.

    Raises:
        AddressError: It is no base URL, or another machine that was not named.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise AddressError(
            f"{url} is no base URL ({error}). Write http://127.0.0.1:8000."
        ) from error
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise AddressError(f"{url} is no base URL. Write http://127.0.0.1:8000.")
    if parts.username is not None:
        raise AddressError(
            "Write no credentials into a base URL. Write --header 'Authorization: …'."
        )
    if host not in allowed and not is_loopback(host):
        raise AddressError(
            f"{host} is another machine, and its data may be real. Write --allow-host {host} if "
            "requests may be sent there."
        )
    return Address(parts.scheme, host, port, parts.path.rstrip("/"))


def is_loopback(host: str) -> bool:
    """Whether a name stands for this machine only.

    Args:
        host: A name or an IP address.
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        pass
    if host != "localhost" and not host.endswith(".localhost"):
        return False
    try:
        addresses = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ip_address(str(information[4][0])).is_loopback for information in addresses)


@dataclass
class RemoteSide:
    """Sends requests to an address. Leaving its context closes the connections.

    Attributes:
        address: Where.
        host: The header ``Host``, which both sides get, so that the addresses in their answers are
            the same.
        headers: What is said in the head of each request.
        timeout: After how many seconds an answer is given up.
    """

    address: Address
    host: str
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    _local: Any = field(default_factory=local)
    _open: list[http.client.HTTPConnection] = field(default_factory=list)

    def __enter__(self) -> RemoteSide:
        return self

    def __exit__(self, *error: object) -> None:
        for connection in self._open:
            connection.close()

    def answer(self, case: Case) -> Exchange:
        """Send a request; what is no answer counts as an exception of the code.

        Args:
            case: The request.

        Raises:
            AddressError: There is no server.
        """
        try:
            return self._answered(case)
        except (OSError, http.client.HTTPException):
            # A connection that was kept may have been closed meanwhile.
            self._connection().close()
        try:
            return self._answered(case)
        except (OSError, http.client.HTTPException) as error:
            self._connection().close()
            return Exchange(0, crash=f"{type(error).__name__}: {error}")

    def _answered(self, case: Case) -> Exchange:
        began = perf_counter()
        try:
            status, headers, body = self._sent(case)
        except ConnectionRefusedError as error:
            raise AddressError(
                f"Nobody answers at {self.address.netloc}. Start the server, or name another URL."
            ) from error
        return Exchange(status, headers, body, seconds=perf_counter() - began)

    def _sent(self, case: Case) -> tuple[int, dict[str, str], bytes]:
        connection = self._connection()
        content, content_type = case.content()
        headers = {"Host": self.host, **dict(case.headers), **self.headers}
        if content_type:
            headers["Content-Type"] = content_type
        query = f"?{urlencode(case.query)}" if case.query else ""
        connection.request(
            case.method, f"{self.address.prefix}{case.path}{query}", content or None, headers
        )
        response = connection.getresponse()
        return response.status, _headers(response), response.read()

    def _connection(self) -> http.client.HTTPConnection:
        # Each thread keeps one.
        connection: http.client.HTTPConnection | None
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._new()
            self._local.connection = connection
            self._open.append(connection)
        return connection

    def _new(self) -> http.client.HTTPConnection:
        host, port = self.address.host, self.address.port
        if self.address.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=self.timeout, context=context)
        return http.client.HTTPConnection(host, port, timeout=self.timeout)


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        if name.lower() == "set-cookie":
            cookie = value.partition("=")[0].strip()
            headers[f"Set-Cookie {cookie}"] = value
        elif name.lower() not in ("connection", "keep-alive", "transfer-encoding"):
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
