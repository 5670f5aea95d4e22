import pytest
from django.db import IntegrityError, connection, transaction

from audit import triggers
from audit.models import AuditEntry

pytestmark = pytest.mark.django_db


def refused(statement: str) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(caught.value)


def test_an_entry_cannot_be_updated(workspace, write):
    write(2)
    assert "never changed or removed" in refused("UPDATE audit_entry SET label = 'x' WHERE seq = 1")
    assert not AuditEntry.objects.filter(label="x").exists()


def test_an_entry_cannot_be_deleted(workspace, write):
    write(2)
    assert "never changed or removed" in refused("DELETE FROM audit_entry WHERE seq = 2")
    assert AuditEntry.objects.count() == 2


def test_the_orm_is_refused_as_well(workspace, write):
    write(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(actor="somebody else")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.get().delete()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_the_table_cannot_be_truncated(workspace, write):
    write(1)
    assert "never changed or removed" in refused("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE audit_entry")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no replica sessions")
def test_a_session_that_plays_a_replica_is_refused(workspace, write):
    write(1)
    assert "never changed" in refused("SET LOCAL session_replication_role = replica; DELETE FROM audit_entry")


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="ON CONFLICT is checked on both, this is its syntax"
)
def test_an_upsert_is_refused_on_postgresql(workspace, write):
    write(1)
    assert "never changed" in refused(
        "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (stream, seq) DO UPDATE SET label = 'x'"
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="INSERT OR REPLACE is SQLite's")
def test_insert_or_replace_is_refused_on_sqlite(workspace, write):
    write(1)
    assert "never changed" in refused("INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry")


def test_a_missing_trigger_is_noticed(workspace):
    assert triggers.missing(connection) == []
    with triggers.without_triggers(connection):
        assert "audit_entry" in triggers.missing(connection)
    assert triggers.missing(connection) == []


def test_without_triggers_entries_can_be_changed_and_afterwards_not(workspace, write):
    write(1)
    with triggers.without_triggers(connection):
        AuditEntry.objects.update(label="x")
    assert "never changed" in refused("UPDATE audit_entry SET label = 'y'")
