"""Which columns a unique key of a table has, as the database's own catalogue says it."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connections, transaction

from nova_drf.core.concurrency import runs_on_loop


def columns_of_key(alias: str, table: str, key: str) -> tuple[str, ...] | None:
    """Return the columns of a unique key; ``None`` where the catalogue cannot be asked.

    MySQL and MariaDB name a key after its first column, and keep the name when the column gets
    another one. Their transactions go on after a statement that failed, so that they can be asked.
    PostgreSQL and SQLite name the columns themselves.

    Args:
        alias: The database.
        table: ``Meta.db_table``.
        key: The name of the key.
    """
    connection: Any = connections[alias]
    if connection.vendor != "mysql" or runs_on_loop():
        return None
    is_broken = connection.in_atomic_block and transaction.get_rollback(using=alias)
    try:
        if is_broken:
            transaction.set_rollback(False, using=alias)
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, table).get(key)
    except DatabaseError:
        return None  # The connection is lost, or there is no such table any more.
    finally:
        if is_broken:
            transaction.set_rollback(True, using=alias)
    return None if found is None else tuple(found["columns"])
