"""What a shadow may not reach: other machines and programs, and files.

An audit hook of Python sees every connection that Python's own sockets make. What a library does
in C by itself is not seen.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

_CONNECTS = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_LOOKS_UP = frozenset(("socket.getaddrinfo", "socket.gethostbyname"))
_RUNS = frozenset(
    {
        *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork"),
        *("os.forkpty", "pty.spawn", "os.kill", "os.killpg"),
    }
)
_CHANGES = frozenset(
    {
        *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink"),
        *("os.truncate", "os.chmod", "os.chown", "os.utime"),
    }
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class RefusedConnection(ConnectionRefusedError):
    """A shadow may only reach the databases."""


class RefusedFile(PermissionError):
    """A shadow may only write temporary files."""


class RefusedProgram(PermissionError):
    """A shadow may run no other program."""


class Outside:
    """Refuses what would reach the outside, once it is closed.

    Args:
        databases: ``settings.DATABASES``.
        note_refusal: Is told what was refused.
    """

    def __init__(
        self, databases: Mapping[str, Mapping[str, Any]], note_refusal: Callable[[str], object]
    ) -> None:
        self._note_refusal = note_refusal
        self._hosts = {str(database.get("HOST") or "localhost") for database in databases.values()}
        self._addresses = set(_addresses(databases.values()))
        self._files = {str(database.get("NAME")) for database in databases.values()}
        self._is_closed = False
        self._temporary = Path(tempfile.gettempdir()).resolve()
        # It can never be taken away again, and does nothing while the outside is open.
        sys.addaudithook(self._look)

    def close(self) -> None:
        """Refuse it from now on, in all threads: also what works on between two requests."""
        self._is_closed = True

    def open(self) -> None:
        """Refuse nothing from now on."""
        self._is_closed = False

    def _look(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._is_closed:
            return
        if event == "open":
            self._look_at_file(event, args[0], args[2])
        elif event in _CONNECTS:
            self._look_at_address(args[1])
        elif event in _LOOKS_UP:
            if _text(args[0]) not in self._hosts and not _is_address(_text(args[0])):
                self._refuse(RefusedConnection, f"look up {_text(args[0])}")
        elif event in _RUNS:
            self._refuse(RefusedProgram, event)
        elif event in _CHANGES or (
            event == "sqlite3.connect" and _text(args[0]) not in self._files
        ):
            self._look_at_file(event, args[0], os.O_WRONLY)

    def _look_at_file(self, event: str, path: object, flags: object) -> None:
        if not isinstance(flags, int) or not flags & _WRITING or isinstance(path, int):
            return
        text = _text(path)
        if text == os.devnull or text == ":memory:":
            return
        if not Path(os.path.realpath(text)).is_relative_to(self._temporary):
            self._refuse(RefusedFile, f"{event} {Path(text).name}")

    def _look_at_address(self, address: object) -> None:
        known = tuple(address[:2]) if isinstance(address, tuple) else _text(address)
        if known not in self._addresses:
            shown = ":".join(map(str, known)) if isinstance(known, tuple) else known
            self._refuse(RefusedConnection, f"connect to {shown}")

    def _refuse(self, error: type[OSError], what: str) -> None:
        self._note_refusal(what)
        raise error(f"A shadow may not do this: {what}")


def _addresses(databases: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int] | str]:
    """Yield the addresses at which the databases are."""
    for database in databases:
        host, port = str(database.get("HOST") or "localhost"), database.get("PORT") or None
        if host.startswith("/"):
            yield f"{host}/.s.PGSQL.{port or 5432}"
            yield host
            continue
        if "sqlite" in str(database.get("ENGINE")):
            continue
        port = int(port or (3306 if "mysql" in str(database.get("ENGINE")) else 5432))
        yield (host, port)
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            # A database that cannot be reached is told when it is asked.
            continue
        for *_, address in addresses:
            yield (str(address[0]), port)


def _is_address(host: str) -> bool:
    """Whether nobody is asked where that is; to connect to it is another thing."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _text(value: object) -> str:
    return os.fsdecode(value) if isinstance(value, (bytes, str, os.PathLike)) else str(value)
