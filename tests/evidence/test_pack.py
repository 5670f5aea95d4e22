"""What a pack has, for whom, and what it costs; that its verifier runs by itself. Forgeries are in test_forged.py."""

import io
import json
import subprocess
import sys
import tracemalloc
import zipfile

import pytest

from audit import signing
from audit.actions import Action
from audit.checkpoints import write_checkpoint
from audit.models import AuditEntry
from common.clock import now
from common.errors import Problem
from jobs import services
from jobs.evidence import pack as packs
from jobs.evidence import take_evidence
from jobs.models import Job, Payload, StepRun
from jobs.storage.blobs import blob_path
from tests.evidence.conftest import lines, members, pack_of
from tests.factories import make_actor
from workspaces.models import Role


def test_a_true_pack_is_verified_by_itself_with_and_without_packages(desk, job, verify):
    write_checkpoint(workspace=desk.actor.workspace)
    pack = pack_of(desk.actor, job)
    status, told = verify(pack)
    assert status == 0, told
    assert "Nothing wrong was found." in told
    assert "NOT" not in told
    assert "3 jobs, 8 steps" in told
    assert "1 checkpoints, 18 values and 2 files checked" in told
    status, told = verify(pack, packages=False)
    assert status == 0, told
    assert "signatures of the seal and the checkpoints were NOT checked" in told


def test_its_program_is_put_in_but_not_imported(desk, job):
    assert members(pack_of(desk.actor, job))["verify.py"] == packs._PROGRAM.read_bytes()
    assert "audit.run_pack" not in sys.modules


def test_the_key_can_be_given_by_who_verifies(desk, job, verify):
    pack = pack_of(desk.actor, job)
    status, told = verify(pack, "--public-key", signing.public_key())
    assert (status, "Compare it" in told) == (0, False), told
    status, told = verify(pack, "--public-key", "B" * 43 + "=")
    assert status == 1
    assert "made with a key that was not expected" in told


def test_the_unpacked_folder_is_verified_by_the_file_in_it(desk, job, tmp_path):
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(pack_of(desk.actor, job))) as opened:
        opened.extractall(folder)
    command = [sys.executable, "-S", "verify.py"]
    for _ in range(2):  # the first run leaves nothing behind that the second would find
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (folder / "files" / "added").write_text("x")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "WRONG in files/added: The manifest does not know this member." in done.stdout


def test_it_has_everything_and_says_so(desk, job):
    found = members(pack_of(desk.actor, job))
    assert list(found)[:1] == ["README.txt"]
    assert list(found)[-2:] == ["manifest.json", "seal.json"]
    assert "python3 verify.py" in found["README.txt"].decode()
    assert {"versions/caller-1/definition.json", "versions/callee-1/manifest.json"} <= found.keys()
    assert [line["kind"] for line in lines(found["jobs.jsonl"])] == ["job", "subjob", "subjob"]
    assert json.loads(found["outputs.json"])["file"]["name"] == "out.csv"
    files = lines(found["files.jsonl"])
    assert sorted(each["name"] for each in files) == ["a.csv", "out.csv"]
    assert all(f"files/{each['sha256']}" in found for each in files)
    assert json.loads(found["manifest.json"])["payloads"] is True


def test_a_secret_input_is_nowhere_in_it(desk, job):
    found = members(pack_of(desk.actor, job))
    assert not [name for name, member in found.items() if b"hunter2" in member]
    assert json.loads(found["inputs.json"])["password"] == "•••"


def test_what_steps_made_of_a_secret_is_masked_in_it_and_verifies_all_the_same(desk, judge):
    text = """
    inputs: [{key: password, type: text, secret: true}]
    steps:
      - {key: login, type: set, values: {header: "Bearer {{ inputs.password }}"}}
      - key: each
        type: for_each
        items: "[inputs.password, 'plain']"
        steps: [{key: use, type: code, source: "len(inputs['t'])", inputs: {t: "{{ item }}"}}]
    """
    desk.workflow(text, "login")
    job = desk.start("login", password="hunter2-secret")
    desk.drain()
    pack = pack_of(desk.actor, job)
    found = members(pack)
    assert not [name for name, member in found.items() if b"hunter2" in member]
    kinds = {(line["path"], line["kind"]) for line in lines(found["values.jsonl"])}
    assert {("login", "s_output"), ("each", "s_items")} <= kinds
    status, told = judge(pack)
    assert status == 0, told


def test_the_order_of_members_and_lines_is_always_the_same(desk, job):
    first, second = members(pack_of(desk.actor, job)), members(pack_of(desk.actor, job))
    assert list(first) == list(second)
    for name in first.keys() - {"README.txt", "manifest.json", "seal.json", "audit.jsonl"}:
        assert first[name] == second[name], name


def test_an_auditor_without_the_grant_gets_no_value_no_salt_and_no_file(desk, job, judge):
    auditor = make_actor(Role.AUDITOR, workspace=desk.actor.workspace)
    pack = pack_of(auditor, job)
    found = members(pack)
    assert not [name for name in found if name.startswith("files/")]
    assert "inputs.json" not in found
    values = lines(found["values.jsonl"])
    assert values
    assert not [value for value in values if value.keys() & {"salt", "body", "sha256"}]
    assert not [file for file in lines(found["files.jsonl"]) if file.keys() & {"name", "sha256"}]
    assert "WITHOUT VALUES" in found["README.txt"].decode()
    assert json.loads(found["manifest.json"])["payloads"] is False
    status, told = judge(pack)
    assert status == 0, told
    assert "18 values were NOT checked" in told


def test_taking_it_is_an_entry_of_the_workspace(desk, job):
    auditor = make_actor(Role.AUDITOR, workspace=desk.actor.workspace, sees_payloads=True)
    pack_of(auditor, job)
    entry = AuditEntry.objects.get(action=Action.EVIDENCE_TAKEN)
    assert entry.stream == desk.actor.workspace.stream
    assert (entry.actor, entry.target_type, entry.target_id) == (auditor.label, "job", str(job.pk))
    said = json.loads(entry.body)["data"]
    assert (said["jobs"], said["payloads"], said["head_seq"]) == (3, True, job.head_seq)


def test_a_job_that_has_not_ended_says_so(desk, judge):
    desk.workflow("steps: [{key: a, type: set, values: {}}, {key: b, type: delay, duration: 1h}]")
    job = desk.start()
    for _ in range(2):
        pack = pack_of(desk.actor, Job.objects.get(pk=job.pk))
        status, told = judge(pack)
        assert status == 0, told
        assert "1 of the jobs had not ended" in told
        assert "THE JOB HAD NOT ENDED" in members(pack)["README.txt"].decode()
        desk.drain()


def test_a_job_that_goes_on_while_it_is_taken_is_no_finding(desk, judge):
    desk.workflow("steps: [{key: a, type: set, values: {}}, {key: b, type: set, values: {x: 1}}]")
    job = desk.start()
    evidence = take_evidence(actor=desk.actor, job=job)
    desk.drain()
    status, told = judge(b"".join(evidence.pieces))
    assert status == 0, told
    assert "values are newer than the log" in told


def test_a_failed_job_that_was_resumed_is_verified_with_its_attempts(desk, judge):
    desk.workflow(
        """
        inputs: [{key: n, type: number}]
        steps: [{key: d, type: set, values: {x: "{{ 1 / inputs.n }}"}}]
        outputs: [{key: x, type: number, value: steps.d.output.x}]
        """,
        "divide",
    )
    desk.workflow(
        """
        inputs: [{key: n, type: number}]
        steps:
          - {key: before, type: parallel, branches: [{key: a, steps: [{key: s, type: set, values: {}}]}]}
          - {key: call, type: workflow, workflow: divide, inputs: {n: "{{ inputs.n }}"}}
        """
    )
    job = desk.start(n=0)
    desk.drain()
    for _ in range(2):
        pack = pack_of(desk.actor, Job.objects.get(pk=job.pk))
        status, told = judge(pack)
        assert status == 0, told
        services.resume_job(actor=desk.actor, job=Job.objects.get(pk=job.pk))
        desk.drain()
    steps = {line["path"]: line for line in lines(members(pack)["steps.jsonl"])}
    assert len(steps["call"]["attempts"]) == 1
    inner = Job.objects.get(parent=job)
    status, told = judge(pack_of(desk.actor, inner))
    assert status == 0, told


def test_a_removed_value_is_told_and_is_no_finding(desk, job, judge):
    purged = Payload.objects.filter(job=job, kind="output")
    purged.update(body=None, blob=None, salt=None, purged_at=now())
    status, told = judge(pack_of(desk.actor, job))
    assert status == 0, told
    assert "values were removed after their retention" in told


def test_bytes_that_the_storage_has_lost_are_a_finding_and_the_rest_is_there(desk, job, judge):
    lost = job.files.get().blob_id
    blob_path(lost).rename(blob_path(lost).with_suffix(".away"))
    status, told = judge(pack_of(desk.actor, job))
    blob_path(lost).with_suffix(".away").rename(blob_path(lost))
    assert status == 1
    assert "were lost by the installation" in told


def test_a_large_value_is_a_member_of_its_own(desk, judge):
    desk.workflow(
        """
        inputs: [{key: text, type: text}]
        steps: [{key: a, type: text.render, config: {text: "{{ inputs.text }}"}}]
        """
    )
    job = desk.start(text="ü\n" * 70_000)
    desk.drain()
    job.refresh_from_db()
    pack = pack_of(desk.actor, job)
    assert [name for name in members(pack) if name.startswith("files/")]
    status, told = judge(pack)
    assert status == 0, told


def test_a_preview_has_no_evidence(desk, job):
    preview = Job(workspace=desk.actor.workspace, workflow=job.workflow, kind="preview", draft="{}", pk=9)
    with pytest.raises(Problem, match="no_evidence"):
        take_evidence(actor=desk.actor, job=preview)


@pytest.mark.parametrize(("limit", "value"), [("LARGEST_PACK", 1000), ("MOST_JOBS", 2)])
def test_what_is_too_large_is_refused_before_anything_is_written(desk, job, monkeypatch, limit, value):
    monkeypatch.setattr(packs, limit, value)
    with pytest.raises(Problem, match="evidence_too_large"):
        take_evidence(actor=desk.actor, job=job)
    assert not AuditEntry.objects.filter(action=Action.EVIDENCE_TAKEN).exists()


def test_a_loop_of_a_thousand_items_costs_few_queries_and_little_memory(
    desk, judge, django_assert_max_num_queries
):
    desk.workflow(
        """
        inputs: [{key: n, type: number}]
        steps:
          - key: each
            type: for_each
            items: range(int(inputs.n))
            steps: [{key: s, type: set, values: {x: "{{ item }}"}}]
        """
    )
    job = desk.start(n=1000)
    desk.drain()
    job.refresh_from_db()
    assert StepRun.objects.filter(job=job).count() == 2001
    pack_of(desk.actor, job)
    with django_assert_max_num_queries(60):
        pieces = list(take_evidence(actor=desk.actor, job=job).pieces)
    assert max(map(len, pieces)) < 1 << 20
    pack = b"".join(pieces)
    status, told = judge(pack)
    assert status == 0, told
    tracemalloc.start()
    size = sum(len(piece) for piece in take_evidence(actor=desk.actor, job=job).pieces)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 100_000
    assert peak < 12 << 20


def test_a_hundred_sub_jobs_cost_as_many_queries_as_three(desk, django_assert_max_num_queries, job, judge):
    many = desk.start(
        "caller", rows=[{"n": n} for n in range(100)], report=job.files.get().pk, password="hunter2-secret"
    )
    desk.drain()
    many.refresh_from_db()
    with django_assert_max_num_queries(60):
        pack = pack_of(desk.actor, many)
    status, told = judge(pack)
    assert status == 0, told
    assert "101 jobs" in told
