import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from audit import checkpoints
from audit.checkpoints import due_workspaces, write_checkpoint, write_due_checkpoints
from audit.models import AuditEntry
from audit.services import append
from audit.triggers import without_triggers
from audit.verify import verify_workspace
from tests.audit.conftest import draft
from workspaces.models import Workspace


def heads(entry: AuditEntry | None) -> list[tuple[str, int]]:
    assert entry
    return [(stream, seq) for stream, seq, _ in json.loads(entry.body)["data"]["heads"]]


def grow(job) -> None:
    with transaction.atomic():
        append(stream_row=job, workspace=job.workspace, drafts=[draft()])


def test_a_checkpoint_names_the_streams_that_moved_since_the_one_before(workspace, make_job):
    jobs = [make_job(2) for _ in range(3)]
    first = write_checkpoint(workspace=workspace)
    assert heads(first) == sorted((job.stream, 2) for job in jobs)
    grow(jobs[1])
    assert heads(write_checkpoint(workspace=workspace)) == [(jobs[1].stream, 3)]
    assert verify_workspace(workspace).ok


def test_without_anything_new_no_checkpoint_is_written(workspace, make_job):
    assert write_checkpoint(workspace=workspace) is None
    make_job(1)
    assert write_checkpoint(workspace=workspace)
    assert write_checkpoint(workspace=workspace) is None


def test_entries_of_the_workspace_alone_are_signed_too(workspace, write):
    write(2)
    entry = write_checkpoint(workspace=workspace)
    assert heads(entry) == []
    assert verify_workspace(workspace).checkpoints == 1


def test_rows_that_keep_no_stream_are_not_named(workspace, make_job):
    preview = make_job(0)
    type(preview).objects.filter(pk=preview.pk).update(head_seq=4)
    assert write_checkpoint(workspace=workspace) is None


def test_many_heads_are_spread_over_several_entries(workspace, make_job, monkeypatch):
    monkeypatch.setattr(checkpoints, "HEADS_PER_ENTRY", 2)
    for _ in range(5):
        make_job(1)
    last = write_checkpoint(workspace=workspace)
    assert last
    assert json.loads(last.body)["data"]["number"] == 3
    assert len(heads(last)) == 1
    report = verify_workspace(workspace)
    assert report.ok
    assert report.checkpoints == 3
    assert write_checkpoint(workspace=workspace) is None


def test_an_entry_that_is_committed_late_is_named_by_the_next_checkpoint(workspace, make_job):
    """Ids are given before the commit: an older id can appear after a checkpoint was written."""
    late, other = make_job(1), make_job(1)
    entry = AuditEntry.objects.get(stream=late.stream)
    with without_triggers(connection):
        AuditEntry.objects.filter(pk=entry.pk).delete()
    assert heads(write_checkpoint(workspace=workspace)) == [(other.stream, 1)]
    entry.save(force_insert=True)
    grow(other)
    named = heads(write_checkpoint(workspace=workspace))
    assert named == sorted([(late.stream, 1), (other.stream, 2)])


def test_a_workspace_is_due_when_something_happened_and_its_last_checkpoint_is_old(
    workspace, make_job, settings
):
    assert write_due_checkpoints() == 0
    make_job(1)
    assert list(due_workspaces()) == [workspace]
    assert write_due_checkpoints() == 1
    make_job(1)
    assert list(due_workspaces()) == []
    settings.AUDIT_CHECKPOINT_SECONDS = timedelta(0).total_seconds()
    assert write_due_checkpoints() == 1
    assert write_due_checkpoints() == 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_write_one_checkpoint():
    workspace = Workspace.objects.create(slug="acme", name="Acme")
    with transaction.atomic():
        append(stream_row=workspace, workspace=workspace, drafts=[draft()])
    ready = threading.Barrier(3)

    def work() -> None:
        try:
            ready.wait()
            write_checkpoint(workspace=workspace)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AuditEntry.objects.filter(action="audit.checkpoint").count() == 1
    assert verify_workspace(workspace).ok
