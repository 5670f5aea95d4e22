import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F

from audit import rules, signing
from audit.chain import next_hash
from audit.checkpoints import write_checkpoint
from audit.heads import head_batches
from audit.models import AuditEntry
from audit.services import append
from audit.triggers import drop_all, without_triggers
from audit.verify import Report, Verification, verify_stream, verify_workspace
from common.clock import now
from jobs.models import Job
from tests.audit.conftest import draft
from workspaces.models import Workspace


def kinds(report) -> list[tuple[str, int, str]]:
    return [(finding.stream, finding.seq, finding.kind) for finding in report.findings]


def tamper(stream: str, at_seq: int, **changes) -> None:
    with without_triggers(connection):
        AuditEntry.objects.filter(stream=stream, seq=at_seq).update(**changes)


def remove(**which) -> None:
    with without_triggers(connection):
        AuditEntry.objects.filter(**which).delete()


def rewrite(row) -> None:
    """What somebody with all rights to the database, but without the signing key, would do: change the first entry
    and calculate every hash anew, the head's too.
    """
    prev = b""
    with without_triggers(connection):
        for entry in AuditEntry.objects.filter(stream=row.stream).order_by("seq"):
            entry.body = entry.body.replace('"amount":1.0', '"amount":900.0')
            entry.prev, entry.hash = prev, next_hash(prev, entry.body)
            entry.save()
            prev = entry.hash
    type(row).objects.filter(pk=row.pk).update(head_hash=prev)


def test_an_untouched_workspace_has_no_findings(workspace, write, make_job):
    write(5)
    jobs = [make_job(n) for n in range(6)]
    write_checkpoint(workspace=workspace)
    report = verify_workspace(workspace)
    assert report.ok, report.findings
    assert report.streams == len(jobs)  # the one without entries has none, the workspace has its own
    assert (report.entries, report.checkpoints) == (5 + 15 + 1, 1)
    assert report.checkpointed_until.endswith("Z")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("label", "Something else"),
        ("actor", "user:nobody"),
        ("action", "job.completed"),
        ("request_id", ""),
        ("target_id", "9"),
        ("at", now() - timedelta(days=1)),
    ],
)
def test_a_changed_column_is_found(make_job, workspace, column, value):
    job = make_job()
    tamper(job.stream, 2, **{column: value})
    assert kinds(verify_workspace(workspace)) == [(job.stream, 2, rules.COLUMN)]


def test_an_entry_moved_to_another_workspace_is_found(make_job, workspace):
    job = make_job()
    other = Workspace.objects.create(slug="other", name="Other")
    tamper(job.stream, 2, workspace_id=other.pk)
    assert kinds(verify_workspace(workspace)) == [(job.stream, 2, rules.COLUMN)]


def test_a_changed_text_is_found(make_job, workspace):
    job = make_job()
    body = AuditEntry.objects.get(stream=job.stream, seq=2).body
    tamper(job.stream, 2, body=body.replace("1.0", "2.0"))
    assert kinds(verify_workspace(workspace)) == [(job.stream, 2, rules.CHANGED)]
    assert kinds(verify_stream(job.stream)) == [(job.stream, 2, rules.CHANGED)]


def test_removed_and_cut_entries_are_found(make_job, workspace):
    middle, tail = make_job(), make_job()
    remove(stream=middle.stream, seq=2)
    remove(stream=tail.stream, seq=3)
    assert set(kinds(verify_workspace(workspace))) == {
        (middle.stream, 2, rules.MISSING),
        (tail.stream, 3, rules.CUT),
    }


def test_entries_in_another_order_are_found(make_job, workspace):
    job = make_job(5)
    for seq, moved in ((2, 99), (4, 2), (99, 4)):
        tamper(job.stream, seq, seq=moved)
    found = kinds(verify_workspace(workspace))
    assert {(job.stream, 2, rules.COLUMN), (job.stream, 4, rules.COLUMN)} <= set(found)
    assert {(job.stream, 2, rules.BROKEN_LINK), (job.stream, 4, rules.BROKEN_LINK)} <= set(found)


def test_an_entry_that_the_head_does_not_know_is_found(make_job, workspace):
    job = make_job()
    with transaction.atomic():
        append(stream_row=job, workspace=workspace, drafts=[draft()])
    Job.objects.update(head_seq=3, head_hash=AuditEntry.objects.get(stream=job.stream, seq=3).hash)
    assert kinds(verify_workspace(workspace)) == [(job.stream, 4, rules.BEYOND_HEAD)]


def test_a_head_that_says_otherwise_is_found(make_job, workspace):
    job = make_job()
    Job.objects.update(head_hash=b"\x01" * 32)
    assert kinds(verify_workspace(workspace)) == [(job.stream, 3, rules.HEAD)]
    Job.objects.update(head_hash=b"")
    assert kinds(verify_workspace(workspace)) == [(job.stream, 3, rules.HEAD)]


def test_entries_that_come_while_verifying_are_not_mistaken_for_tampering(make_job, workspace):
    job = make_job()
    work = Verification(workspace, Report(subject="Acme"), None)
    (heads,) = head_batches(workspace)
    with transaction.atomic():
        append(stream_row=job, workspace=workspace, drafts=[draft(), draft()])
    work.streams(heads)
    assert (work.report.entries, work.report.found) == (5, 0)


def test_a_row_that_keeps_no_stream_is_passed_over(make_job, workspace):
    job = make_job(0)
    Job.objects.filter(pk=job.pk).update(head_seq=F("head_seq") + 7)
    assert verify_workspace(workspace).ok


def test_a_cut_tail_whose_head_was_moved_back_is_found_through_the_checkpoint(make_job, workspace):
    job = make_job(5)
    write_checkpoint(workspace=workspace)
    remove(stream=job.stream, seq__gt=3)
    last = AuditEntry.objects.get(stream=job.stream, seq=3)
    Job.objects.update(head_seq=3, head_hash=last.hash)
    assert kinds(verify_workspace(workspace)) == [(job.stream, 5, rules.CHECKPOINT_MISSING)]
    assert kinds(verify_stream(job.stream)) == [(job.stream, 5, rules.CHECKPOINT_MISSING)]


def test_a_vanished_stream_is_found_through_the_checkpoint(make_job, workspace):
    gone, kept = make_job(), make_job()
    write_checkpoint(workspace=workspace)
    remove(stream=gone.stream)
    Job.objects.filter(pk=gone.pk).delete()
    assert kinds(verify_workspace(workspace)) == [(gone.stream, 3, rules.CHECKPOINT_MISSING)]
    assert verify_stream(kept.stream).ok


def test_a_job_that_vanished_but_for_its_entries_is_found(make_job, workspace):
    job = make_job()
    Job.objects.filter(pk=job.pk).delete()
    assert kinds(verify_workspace(workspace)) == [(job.stream, 0, rules.NO_ROW)]
    assert kinds(verify_stream(job.stream)) == [(job.stream, 0, rules.NO_ROW)]


def test_a_job_that_was_moved_to_another_workspace_is_missed_where_it_was(make_job, workspace):
    job = make_job()
    other = Workspace.objects.create(slug="other", name="Other")
    Job.objects.filter(pk=job.pk).update(workspace=other)
    assert kinds(verify_workspace(workspace)) == [(job.stream, 0, rules.NO_ROW)]
    assert not verify_workspace(other).ok


def test_a_history_written_anew_with_right_hashes_is_found_through_the_checkpoint(make_job, workspace):
    job = make_job()
    write_checkpoint(workspace=workspace)
    rewrite(job)
    assert kinds(verify_workspace(workspace)) == [(job.stream, 3, rules.CHECKPOINT_DIFFERS)]


def test_a_workspace_stream_written_anew_does_not_give_the_signature(workspace, write):
    write(3)
    write_checkpoint(workspace=workspace)
    rewrite(workspace)
    assert kinds(verify_workspace(workspace)) == [(workspace.stream, 4, rules.SIGNATURE)]


def test_a_checkpoint_of_another_key_is_not_believed(workspace, write, settings):
    write(1)
    write_checkpoint(workspace=workspace)
    settings.AUDIT_SIGNING_KEY = "B" * 43 + "="
    assert kinds(verify_workspace(workspace)) == [(workspace.stream, 2, rules.SIGNATURE)]


def test_a_checkpoint_of_a_former_key_is_believed(workspace, write, settings):
    write(1)
    write_checkpoint(workspace=workspace)
    settings.AUDIT_FORMER_PUBLIC_KEYS = [signing.public_key()]
    settings.AUDIT_SIGNING_KEY = "B" * 43 + "="
    write(1)
    write_checkpoint(workspace=workspace)
    assert verify_workspace(workspace).ok


def test_a_stream_that_never_was_is_said_to_be_unknown(workspace):
    for name in ("job:5e0c7b61-8d5e-4a8e-bb9c-3e1d3a2b4c5d", "job:x", "nonsense"):
        assert kinds(verify_stream(name)) == [(name, 0, rules.NO_ROW)]


def test_missing_triggers_are_found(workspace):
    drop_all(connection)
    assert kinds(verify_workspace(workspace)) == [("", 0, rules.TRIGGERS)]


def test_a_long_stream_is_read_by_pages(workspace, write, monkeypatch):
    monkeypatch.setattr("audit.selectors.PAGE", 10)
    monkeypatch.setattr("audit.selectors.BATCH_ENTRIES", 20)
    write(57)
    assert verify_workspace(workspace).entries == 57
    remove(stream=workspace.stream, seq=30)
    assert kinds(verify_workspace(workspace)) == [(workspace.stream, 30, rules.MISSING)]


def test_the_number_of_queries_does_not_grow_with_the_number_of_jobs(
    workspace, make_job, django_assert_max_num_queries
):
    for _ in range(30):
        make_job(2)
    write_checkpoint(workspace=workspace)
    with django_assert_max_num_queries(15):
        assert verify_workspace(workspace).entries == 61


def test_the_command_says_what_it_found_and_fails(workspace, make_job):
    out = StringIO()
    job = make_job()
    call_command("verify_audit", stdout=out)
    assert "Nothing wrong was found." in out.getvalue()
    tamper(job.stream, 2, label="x")
    with pytest.raises(SystemExit) as caught:
        call_command("verify_audit", "--workspace", "acme", stdout=out)
    assert caught.value.code == 1
    assert f"{job.stream} #2: Entry 2 was changed: its text says otherwise about label." in out.getvalue()


def test_the_command_answers_programs_in_json(workspace, make_job):
    out = StringIO()
    job = make_job()
    call_command("verify_audit", "--stream", job.stream, "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["ok"], answer["entries"], answer["findings"]) == (True, 3, [])
