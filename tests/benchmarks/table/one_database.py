"""``python -m tests.benchmarks.table.one_database``: the table of one database, as JSON.

Django's settings hold for a whole process, so that each database has one of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from pathlib import Path
from typing import Any


def main() -> int:
    """Set Django up, make a database, measure all cells, and write them to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="", help="a URL; SQLite when left out")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rows", type=int, nargs="+", default=[20, 100, 1000])
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--folder", type=Path, required=True, help="for SQLite's file")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    set_up(options.database, options.folder)
    from django.db import connection

    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        from tests.benchmarks.table.models import fill

        fill(max(options.rows))
        options.output.write_text(json.dumps(_table(options)))
    finally:
        if connection.vendor == "postgresql":
            # The worker threads of async views have connections of their own, and nobody asks them.
            with connection.cursor() as cursor:
                cursor.execute(_END_OTHERS)
        connection.close()
        connection.creation.destroy_test_db(name, verbosity=0)
    return 0


def set_up(url: str, folder: Path, urls: str = "tests.benchmarks.table.urls") -> None:
    """Set Django up for one database.

    Args:
        url: The URL of the database; SQLite if it is empty.
        folder: Where the file of SQLite is kept.
        urls: The module with the URL patterns.
    """
    import django
    from django.conf import settings

    from tests.settings import database_settings

    database: dict[str, Any] = dict(database_settings(url))
    file = str(folder / "db.sqlite3")
    if not url:
        # In memory, each thread would see a database of its own.
        database |= {"NAME": file, "TEST": {"NAME": file}}
    database["OPTIONS"] = {**database.get("OPTIONS", {}), **_UNHURRIED[database["ENGINE"]]}
    settings.configure(
        SECRET_KEY="only-for-benchmarks",
        DEBUG_PROPAGATE_EXCEPTIONS=True,  # a crash is told with its traceback
        ALLOWED_HOSTS=["testserver"],
        ROOT_URLCONF=urls,
        DATABASES={"default": {**database, "CONN_MAX_AGE": None}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        INSTALLED_APPS=[
            *("django.contrib.contenttypes", "django.contrib.auth", "rest_framework"),
            *("nova_drf", "tests.benchmarks.table"),
        ],
        REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    )
    django.setup()


_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_UNHURRIED: dict[str, dict[str, str]] = {
    "django.db.backends.sqlite3": {"init_command": "PRAGMA synchronous=OFF"},
    "django.db.backends.postgresql": {"options": "-c synchronous_commit=off"},
    "django.db.backends.mysql": {},
}
"""What lets nobody wait for the disk, which would take most of the time, and none of it counts."""


def _table(options: argparse.Namespace) -> list[dict[str, Any]]:
    from tests.benchmarks.table import urls
    from tests.benchmarks.table.measuring import agreeing, asgi, cells, measured, wsgi

    sides = urls.install(peers=not options.without_peers)
    senders = {"WSGI": wsgi(), "ASGI": asgi()}
    # What all sides have imported is never garbage. To look through it takes longer than most
    # requests, and would count against whichever side it happens to.
    gc.collect()
    gc.freeze()
    table = []
    for cell in cells(options.rows):
        send = senders[cell.handler]
        answering = agreeing(cell, sides, send)
        seconds = measured(cell, answering, send, options.rounds)
        table.append({"cell": str(cell), "seconds": seconds})
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return table


if __name__ == "__main__":
    sys.exit(main())
