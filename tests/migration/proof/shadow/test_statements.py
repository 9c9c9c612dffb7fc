"""What a statement does is known before it is sent."""

from __future__ import annotations

import pytest

from nova_drf.migration.proof.shadow.statements import Effect, effect_of, written_table

READS, WRITES, OTHER = Effect.READS, Effect.WRITES, Effect.OTHER


@pytest.mark.parametrize(
    ("sql", "effect"),
    [
        ("SELECT 1", READS),
        ("  (SELECT 1) UNION (SELECT 2)", READS),
        ("-- said\n/* before */ select 1", READS),
        ("SELECT ';'", READS),
        ("SELECT * FROM a FOR UPDATE", READS),
        ("WITH a AS (SELECT 1) SELECT * FROM a", READS),
        ("SAVEPOINT a", READS),
        ("ROLLBACK TO SAVEPOINT a", READS),
        ("ROLLBACK WORK TO a", READS),
        ("SET search_path = tenant", READS),
        ("PRAGMA foreign_key_check", READS),
        ("", READS),
        ("INSERT INTO a VALUES (1)", WRITES),
        ("update a set b = 1", WRITES),
        ("DELETE FROM a;", WRITES),
        ("WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a", WRITES),
        ("EXPLAIN ANALYZE UPDATE a SET b = 1", WRITES),
        ("SELECT 1; UPDATE a SET b = 1", WRITES),
        ("UPDATE a SET b = 1; COMMIT", OTHER),
        ("COMMIT", OTHER),
        ("/* x */ commit work", OTHER),
        ("END", OTHER),
        ("ROLLBACK", OTHER),
        ("BEGIN", OTHER),
        ("SET TRANSACTION READ WRITE", OTHER),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", OTHER),
        ("SET default_transaction_read_only = off", OTHER),
        ("set local transaction_read_only = off", OTHER),
        ("SET autocommit = 1", OTHER),
        ("SET CONSTRAINTS ALL IMMEDIATE", OTHER),
        ("PRAGMA query_only = 0", OTHER),
        ("CREATE TABLE a (b int)", OTHER),
        ("TRUNCATE a", OTHER),
        ("LOCK TABLE a", OTHER),
        ("CALL a()", OTHER),
        ("COPY a FROM STDIN", OTHER),
        ("NOTIFY a", OTHER),
    ],
)
def test_the_effect(sql: str, effect: Effect) -> None:
    assert effect_of(sql) is effect


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ('INSERT INTO "shop_book" ("id") VALUES (1)', "shop_book"),
        ("UPDATE `shop_book` SET a = 1", "shop_book"),
        ("UPDATE ONLY a SET b = 1", "a"),
        ("DELETE FROM shop.book WHERE a", "shop.book"),
        ("MERGE a", "?"),
    ],
)
def test_the_table(sql: str, table: str) -> None:
    assert written_table(sql) == table
