"""Whoever tampers may leave what no program of ours writes: it is a finding, and not the end of the verification."""

import json

import pytest
from django.db import connection

from audit import export, rules
from audit.chain import next_hash
from audit.checkpoints import write_checkpoint
from audit.models import AuditEntry
from audit.triggers import without_triggers
from audit.verify import verify_workspace


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL keeps values of the column's type alone"
)
@pytest.mark.parametrize("value", ["'abc'", "1.5", "-1", "99999999999", "x'c328'", "''", "char(0)"])
@pytest.mark.parametrize("column", ["stream", "seq", "at", "body", "prev", "hash"])
def test_a_value_of_another_type_is_a_finding_and_not_the_end_of_the_verification(
    make_job, workspace, column, value
):
    job = make_job()
    with without_triggers(connection), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE audit_entry SET {column} = {value} WHERE stream = %s AND seq = 2", [job.stream]
        )
    assert not verify_workspace(workspace).ok
    if (column, value) != ("at", "x'c328'"):  # which the database's own driver does not give out
        assert list(export.workspace_jsonl(workspace))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="as above")
@pytest.mark.parametrize("change", ["uid = 'abc'", "head_seq = 'abc'", "head_hash = 'abc'", "head_hash = -1"])
def test_a_head_of_another_type_is_a_finding(make_job, workspace, change):
    job = make_job()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE jobs_job SET {change} WHERE id = %s", [job.pk])
    assert not verify_workspace(workspace).ok


_HEADS = {"heads": [["job:\0", 1, ""], ["job:a", 10**30, ""], ["job:a", -1, ""], [1, 2, 3]]}


@pytest.mark.parametrize(
    "change", [{"number": float("inf")}, {"number": None}, {"signature": "é"}, {"heads": 5}, _HEADS, None]
)
def test_a_checkpoint_that_is_none_is_a_finding_and_others_go_on_being_written(workspace, write, change):
    write(2)
    entry = write_checkpoint(workspace=workspace)
    assert entry
    fields = json.loads(entry.body)
    if change is None:
        fields["data"], fields["seq"] = [], "x"
    else:
        fields["data"] |= change
    body = json.dumps(fields)
    with without_triggers(connection):
        changed = AuditEntry.objects.filter(pk=entry.pk)
        changed.update(body=body, hash=next_hash(bytes(entry.prev), body))
    found = {(each.stream, each.seq, each.kind) for each in verify_workspace(workspace).findings}
    assert (workspace.stream, entry.seq, rules.SIGNATURE) in found
    write(1)
    assert write_checkpoint(workspace=workspace) is not None
