"""Triggers that refuse to change or remove the rows of a table: what was recorded stays as it was recorded.

UPDATE and DELETE are refused on both databases, TRUNCATE on PostgreSQL. On SQLite `INSERT OR REPLACE` is refused too,
as long as `PRAGMA recursive_triggers=ON` is set on the connection (settings do that); SQLite has no TRUNCATE, and a
migration that alters a protected table there builds it anew without triggers, so it has to call `create` at its end.

An app protects a table of its own with `protect(TABLE)` in its models and `create` in a migration. Tests that flush
tables call `drop_all` before and `create_all` after.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

_protected: set[str] = set()

_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The rows of % are never changed or removed; % was refused.', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def protect(table: str) -> None:
    """Name a table whose triggers `drop_all` and `create_all` are to drop and make again."""
    _protected.add(table)


def create(connection: BaseDatabaseWrapper, table: str) -> None:
    """Make the triggers of `table`, also if they are there already."""
    drop(connection, table)
    statements = _postgresql(table) if connection.vendor == "postgresql" else _sqlite(table)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper, table: str) -> None:
    """Remove the triggers of `table`, if there are any."""
    place = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _names(connection, table):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The protected tables that lack a trigger now."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return [table for table in sorted(_protected) if not present.issuperset(_names(connection, table))]


def drop_all(connection: BaseDatabaseWrapper) -> None:
    """Remove the triggers of every protected table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            # A table with foreign keys still to be checked cannot lose a trigger.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in _existing(connection):
        drop(connection, table)


def create_all(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers of every protected table."""
    for table in _existing(connection):
        create(connection, table)


@contextmanager
def without_triggers(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """A block in which protected tables can be changed: for tests that tamper, and for nothing else."""
    drop_all(connection)
    try:
        yield
    finally:
        create_all(connection)


def _existing(connection: BaseDatabaseWrapper) -> list[str]:
    return sorted(_protected.intersection(connection.introspection.table_names()))


def _names(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    names = [f"{table}_no_update", f"{table}_no_delete"]
    return [*names, f"{table}_no_truncate"] if connection.vendor == "postgresql" else names


def _postgresql(table: str) -> list[str]:
    made = [_FUNCTION]
    for move, level in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        name = f"{table}_no_{move}"
        made += [
            f"CREATE TRIGGER {name} BEFORE {move} ON {table} FOR EACH {level} EXECUTE FUNCTION audit_refuse_change()",
            # ALWAYS: a session that plays a replica is refused too.
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        ]
    return made


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{move.lower()} BEFORE {move} ON {table} BEGIN"
        f" SELECT RAISE(ABORT, 'The rows of {table} are never changed or removed; {move} was refused.'); END"
        for move in ("UPDATE", "DELETE")
    ]
