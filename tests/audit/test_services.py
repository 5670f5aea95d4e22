import itertools
import threading

import pytest
from django.db import connection, connections, transaction
from django.db.transaction import TransactionManagementError

from audit.models import AuditEntry
from audit.services import append, record
from tests.audit.conftest import draft
from workspaces.models import Workspace


def test_appending_inserts_linked_entries_and_moves_the_head(workspace, write):
    write(2)
    write(1)
    entries = list(AuditEntry.objects.order_by("seq"))
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert {entry.stream for entry in entries} == {f"workspace:{workspace.uid}"}
    assert [bytes(entry.prev) for entry in entries[1:]] == [bytes(entry.hash) for entry in entries[:-1]]
    stored = Workspace.objects.get()
    assert (stored.head_seq, bytes(stored.head_hash)) == (3, bytes(entries[-1].hash))
    assert (workspace.head_seq, workspace.head_hash) == (3, bytes(entries[-1].hash))


def test_the_head_is_read_from_the_database_not_from_the_row_in_hand(workspace, write):
    stale = Workspace.objects.get()
    write(3)
    write(1, row=stale)
    assert stale.head_seq == 4


def test_one_append_costs_three_queries_however_many_entries(workspace, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(3):
        append(stream_row=workspace, workspace=workspace, drafts=[draft(n) for n in range(50)])


@pytest.mark.django_db(transaction=True)
def test_appending_outside_a_transaction_is_refused():
    workspace = Workspace.objects.create(slug="acme", name="Acme")
    with pytest.raises(TransactionManagementError):
        append(stream_row=workspace, workspace=workspace, drafts=[draft()])


def test_a_row_without_a_stream_moves_its_sequence_and_records_nothing(workspace):
    with transaction.atomic():
        append(stream_row=workspace, workspace=workspace, drafts=[draft(), draft()], silent=True)
    assert (workspace.head_seq, workspace.head_hash) == (2, b"")
    assert not AuditEntry.objects.exists()
    with pytest.raises(ValueError, match="keeps no stream"), transaction.atomic():
        append(stream_row=workspace, workspace=workspace, drafts=[draft()])


def test_record_writes_one_entry_to_the_workspace(workspace):
    with transaction.atomic():
        record(
            workspace=workspace,
            action="member.added",
            actor="user:ada",
            target_type="user",
            target_id="5",
            label="Bob",
            data={"role": "viewer"},
        )
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.label, entry.workspace_id) == ("member.added", "Bob", workspace.pk)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_appends_from_many_threads_make_one_unbroken_chain():
    workspace = Workspace.objects.create(slug="acme", name="Acme")

    def work() -> None:
        try:
            for number in range(20):
                with transaction.atomic():
                    append(stream_row=workspace, workspace=workspace, drafts=[draft(number)])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = list(AuditEntry.objects.order_by("seq"))
    assert [entry.seq for entry in entries] == list(range(1, 81))
    assert all(bytes(a.hash) == bytes(b.prev) for a, b in itertools.pairwise(entries))
