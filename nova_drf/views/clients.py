"""The client of a request under WSGI: whether it is there, and takes what it is sent.

WSGI says nothing of it. A server may all the same: gunicorn hands out the connection, and waitress
a function that knows.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_SOCKET = "gunicorn.socket"
_LEFT = "waitress.client_disconnected"
_LOOK = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)


def client_left(environ: Mapping[str, Any]) -> Callable[[], bool] | None:
    """Return what says whether the client of a request has left.

    Args:
        environ: The WSGI environment of the request.

    Returns:
        ``None`` where the server does not tell.
    """
    connection = environ.get(_SOCKET)
    if connection is None:
        told: Callable[[], bool] | None = environ.get(_LEFT)
        return told
    return lambda: _is_closed(connection)


def _is_closed(connection: socket.socket) -> bool:
    """Whether the other side closed a connection; nothing is taken from it."""
    try:
        # That of an encrypted connection takes no flags.
        return socket.socket.recv(connection, 1, _LOOK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@contextmanager
def patience_in_sending(environ: Mapping[str, Any], seconds: float | None) -> Iterator[None]:
    """Let the server give up on a client that takes nothing for some time, while a block runs.

    Args:
        environ: The WSGI environment of the request.
        seconds: How long; ``None`` is for ever. Servers that hand out no connection know no limit.
    """
    connection = environ.get(_SOCKET)
    if connection is None or seconds is None:
        yield
        return
    _limit_sending(connection, seconds)
    try:
        yield
    finally:
        _limit_sending(connection, 0)


def _limit_sending(connection: socket.socket, seconds: float) -> None:
    limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    except OSError:
        # The connection is closed already, so nothing is sent.
        return
