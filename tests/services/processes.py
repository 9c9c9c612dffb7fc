"""What tests with real workers need: a database, processes, and a cable that can be cut."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psycopg

ROOT = Path(__file__).resolve().parents[2]
POSTGRESQL = "postgresql://postgres@127.0.0.1:5432"
REDIS, RABBITMQ = ("127.0.0.1", 6379), ("127.0.0.1", 5672)


def answers(address: tuple[str, int]) -> bool:
    """Whether something listens there."""
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return False
    return True


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for something to become true; returns whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


class Cable:
    """Forwards a local port to a broker, until somebody cuts it.

    Args:
        target: The broker.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._down = Event()
        self.cuts = 0
        Thread(target=self._accept, daemon=True).start()

    def cut(self, seconds: float = 0.0) -> None:
        """Break all connections, and refuse new ones for a while."""
        self._down.set()
        self.cuts += len(self._pairs)
        for pair in list(self._pairs):
            self._close(pair)
        time.sleep(seconds)
        self._down.clear()

    def close(self) -> None:
        """End for good."""
        self.cut()
        self._down.set()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            if self._down.is_set():
                inner.close()
                continue
            pair = (inner, socket.create_connection(self.target))
            self._pairs.add(pair)
            Thread(target=self._forward, args=(pair,), daemon=True).start()

    def _forward(self, pair: tuple[socket.socket, socket.socket]) -> None:
        other = {pair[0]: pair[1], pair[1]: pair[0]}
        with selectors.DefaultSelector() as selector:
            try:
                for one in pair:
                    selector.register(one, selectors.EVENT_READ)
                while True:
                    for key, _ in selector.select():
                        source: Any = key.fileobj
                        data = source.recv(65536)
                        if not data:
                            return
                        other[source].sendall(data)
            except (OSError, ValueError):
                return
            finally:
                self._close(pair)

    def _close(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._pairs.discard(pair)
        for one in pair:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by the other side
        for one in pair:
            one.close()


@dataclass
class Database:
    """A database that several processes share.

    Args:
        environment: What names it, for the processes.
        connect: Opens a connection.
    """

    environment: dict[str, str]
    connect: Callable[[], Any]

    def rows(self, query: str) -> list[Any]:
        """Ask a question."""
        connection = self.connect()
        try:
            return list(connection.execute(query).fetchall())
        finally:
            connection.close()

    def marks(self) -> Counter[int]:
        """Return how often each job left a mark."""
        return Counter(dict(self.rows("SELECT number, COUNT(*) FROM servicesapp_mark GROUP BY 1")))


@contextmanager
def shared_database(folder: Path, **environment: str) -> Iterator[Database]:
    """Make a database with tables: on PostgreSQL where it answers, or a file of SQLite's."""
    with _new_database(folder) as database:
        migrate = "from django.core.management import call_command\n"
        migrate += "call_command('migrate', run_syncdb=True, verbosity=0)"
        Processes({**database.environment, **environment}, folder / "log").run(migrate)
        yield database


@contextmanager
def _new_database(folder: Path) -> Iterator[Database]:
    if not answers(("127.0.0.1", 5432)):
        file = str(folder / "jobs.sqlite3")
        yield Database({"NOVA_SQLITE": file}, lambda: sqlite3.connect(file, timeout=30))
        return
    name = f"nova_jobs_{uuid4().hex[:12]}"
    with psycopg.connect(f"{POSTGRESQL}/test", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        url = f"{POSTGRESQL}/{name}"
        yield Database({"DATABASE_URL": url}, lambda: psycopg.connect(url, autocommit=True))
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Processes:
    """Python processes of one project.

    Args:
        environment: Their environment, besides this process's.
        log: A file for what they print.
    """

    environment: dict[str, str]
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, code: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a process, in a group of its own."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", f"import django; django.setup()\n{code}"],
                cwd=ROOT,
                env=self._environment(environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def run(self, code: str, **environment: str) -> str:
        """Run a process to its end, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            cwd=ROOT,
            env=self._environment(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def worker(self, concurrency: int = 2, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker of Celery's, with a pool of processes."""
        options = ["--pool=prefork", f"--concurrency={concurrency}", "--loglevel=warning"]
        arguments = ["worker", *options, "--without-gossip", "--without-mingle"]
        code = f"from tests.servicesapp.workers import app\napp.worker_main({arguments!r})"
        return self.start(code, **environment)

    def relay(self, *options: str) -> subprocess.Popen[bytes]:
        """Start the relay of the outbox."""
        return self.start(
            f"from django.core.management import call_command\n"
            f"call_command('nova_relay', *{options!r})"
        )

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process and its children."""
        if process in self.running:
            self.running.remove(process)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def kill_all(self) -> None:
        """Kill what still runs."""
        for process in list(self.running):
            self.kill(process)

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        settings = {"DJANGO_SETTINGS_MODULE": "tests.servicesapp.worker_settings"}
        return {**inherited, **settings, **self.environment, **more}


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes of a worker's pool."""
    try:
        text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    except OSError:
        return []
    return [int(pid) for pid in text.split()]
