"""What an SQL statement does: it reads, it writes, or it is none of the shadow's business."""

from __future__ import annotations

import re
from enum import Enum, auto

import sqlparse

_READS = frozenset(
    {
        *("SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN", "DESCRIBE", "DESC", "FETCH"),
        *("DECLARE", "CLOSE", "MOVE", "SAVEPOINT", "RELEASE", "PRAGMA", "SET"),
    }
)
_WRITES = frozenset(("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"))

_COMMENTS = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\()*", re.DOTALL)
_WRITES_WITHIN = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE\s+(?:ONLY\s+)?\S+\s+SET|DELETE\s+FROM|MERGE\s+INTO)\b",
    re.IGNORECASE,
)
_OF_TRANSACTIONS = re.compile(
    r"SET\s+(?:SESSION\s+|LOCAL\s+|GLOBAL\s+|@@\S*)?"
    r"(?:TRANSACTION|CHARACTERISTICS|AUTOCOMMIT|\w*transaction_read_only|CONSTRAINTS)\b",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\b(?:INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM)\s+([\w.\"`\[\]]+)", re.IGNORECASE)


class Effect(Enum):
    """What a statement does."""

    READS = auto()
    WRITES = auto()
    OTHER = auto()
    """It ends or begins a transaction, changes the schema, locks a table, ..."""


def effect_of(sql: str) -> Effect:
    """Return what one or several statements do; the worst of them counts.

    Args:
        sql: The text.
    """
    statements = sqlparse.split(sql) if ";" in sql.rstrip().rstrip(";") else [sql]
    effects = {_effect_of_one(statement) for statement in statements if statement.strip(" \n\t;")}
    for effect in (Effect.OTHER, Effect.WRITES):
        if effect in effects:
            return effect
    return Effect.READS


def _effect_of_one(sql: str) -> Effect:
    text = sql[_COMMENTS.match(sql).end() :]  # type: ignore[union-attr]  # it matches nothing, too
    word = re.match(r"\w*", text)[0].upper()  # type: ignore[index]  # it matches nothing, too
    if word in _WRITES:
        return Effect.WRITES
    if word == "ROLLBACK" and re.match(r"ROLLBACK\s+(?:\w+\s+)?TO\b", text, re.IGNORECASE):
        return Effect.READS
    if word not in _READS or (word == "SET" and _OF_TRANSACTIONS.match(text)):
        return Effect.OTHER
    if word == "PRAGMA" and "=" in text:
        return Effect.OTHER
    if word in ("WITH", "EXPLAIN") and _WRITES_WITHIN.search(text):
        return Effect.WRITES
    return Effect.READS


def written_table(sql: str) -> str:
    """Return the table that a statement writes to.

    Args:
        sql: The statement.
    """
    match = _TABLE.search(sql)
    return re.sub(r"[\"`\[\]]", "", match[1]) if match else "?"
