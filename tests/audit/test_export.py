import csv
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import export, signing
from audit.actions import Action
from audit.chain import EntryDraft
from audit.checkpoints import write_checkpoint
from audit.models import AuditEntry
from audit.services import append
from audit.triggers import without_triggers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A machine that has the verifier and nothing else of ours."""
    for path, source in export.verifier_files().items():
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(source)
    return tmp_path


def verifier(folder: Path, lines: list[str], *arguments: str, packages: bool = False) -> tuple[int, str]:
    """Run the verifier by itself; without `packages` Python sees its standard library only (-S)."""
    (folder / "log.jsonl").write_text("".join(lines), encoding="utf-8")
    command = [
        sys.executable,
        *([] if packages else ["-S"]),
        "-m",
        "audit.standalone",
        "log.jsonl",
        *arguments,
    ]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def lines(workspace, write, make_job) -> list[str]:
    write(2)
    for _ in range(3):
        make_job(4)
    write_checkpoint(workspace=workspace)
    make_job(1)
    return list(export.workspace_jsonl(workspace))


def test_a_true_export_is_verified_without_django_and_without_packages(folder, lines):
    status, told = verifier(folder, lines)
    assert status == 0, told
    assert "16 entries in 5 streams, 1 checkpoints." in told
    assert (
        "signatures of 1 checkpoints were NOT checked: the Python package 'cryptography' is missing here"
        in told
    )
    assert "Nothing wrong was found." in told


def test_with_the_public_key_signatures_are_checked(folder, lines):
    status, told = verifier(folder, lines, "--public-key", signing.public_key(), packages=True)
    assert status == 0, told
    assert "NOT checked" not in told
    status, told = verifier(folder, lines, "--public-key", "B" * 43 + "=", packages=True)
    assert status == 1
    assert "The signature of checkpoint 1 is wrong" in told


def test_the_verifier_imports_nothing_but_the_standard_library(folder):
    code = "import audit.standalone, sys; print(sorted({m.split('.')[0] for m in sys.modules} - sys.stdlib_module_names))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "audit" in done.stdout
    assert "django" not in done.stdout
    assert "common" not in done.stdout


@pytest.mark.parametrize("kind", ["changed", "removed", "swapped", "cut", "stream gone", "head gone"])
def test_a_tampered_export_is_found(folder, lines, kind):
    entry = next(n for n, line in enumerate(lines) if '"stream":"job:' in line and '"seq":2,' in line)
    stream = json.loads(lines[entry])["stream"]
    if kind == "changed":
        lines[entry] = lines[entry].replace("Expense report", "Expensive report")
    elif kind == "removed":
        del lines[entry + 1]
    elif kind == "swapped":
        lines[entry], lines[entry + 1] = lines[entry + 1], lines[entry]
    elif kind == "cut":
        del lines[-3:]
    elif kind == "stream gone":
        lines = [line for line in lines if json.loads(line).get("stream") != stream]
    elif kind == "head gone":
        lines = [line for line in lines if '"head"' not in line or stream not in line or '"entry"' in line]
    status, told = verifier(folder, lines)
    assert status == 1, told
    assert "Nothing wrong was found." not in told


def test_a_workspace_that_says_it_is_one_stream_must_still_have_what_its_checkpoints_name(folder, lines):
    gone = next(
        json.loads(line)["stream"] for line in lines if '"stream":"job:' in line and '"seq":4' in line
    )
    kept = [line for line in lines if json.loads(line).get("stream") != gone]
    kept[0] = kept[0].replace('"scope":"workspace"', '"scope":"stream"')
    kept[-1] = json.dumps({"record": "end", "entries": sum('"record":"entry"' in line for line in kept)})
    status, told = verifier(folder, kept)
    assert status == 1, told
    assert "a signed checkpoint names it" in told


@pytest.mark.parametrize("first", ['{"record":"end","entries":0}\n', "[" * 100_000 + "\n"])
def test_a_file_that_does_not_begin_as_an_export_is_refused(folder, first):
    assert verifier(folder, [first]) == (2, "Line 1 is not a line of an audit export.\n")


def test_a_file_that_is_no_export_is_refused(folder):
    status, told = verifier(folder, ["hello\n"])
    assert status == 2
    assert told == "Line 1 is not a line of an audit export.\n"


def test_a_stream_that_was_tampered_with_in_the_database_shows_in_its_export(folder, make_job):
    job = make_job(3)
    assert verifier(folder, list(export.stream_jsonl(job.stream)))[0] == 0
    with without_triggers(connection):
        AuditEntry.objects.filter(stream=job.stream, seq=3).delete()
    status, told = verifier(folder, list(export.stream_jsonl(job.stream)))
    assert status == 1
    assert "Entry 3 is missing at the end." in told


def test_an_unknown_stream_exports_nothing(workspace):
    assert list(export.stream_jsonl("job:x")) == []


def test_csv_keeps_spreadsheets_from_calculating(workspace):
    draft = EntryDraft(
        action=Action.MEMBER_ADDED,
        actor="user:ada",
        target_type="user",
        target_id="5",
        label='=HYPERLINK("http://example.com")',
        data={},
    )
    with transaction.atomic():
        append(stream_row=workspace, workspace=workspace, drafts=[draft])
    header, row = csv.reader(StringIO("".join(export.entries_csv(AuditEntry.objects.all()))))
    assert tuple(header) == export.CSV_COLUMNS
    cells = dict(zip(header, row, strict=True))
    assert cells["label"] == '\'=HYPERLINK("http://example.com")'
    assert cells["at"].endswith("Z")
    assert len(cells["hash"]) == 64


def test_the_command_writes_a_file_that_can_be_verified(workspace, make_job, folder, tmp_path):
    make_job(2)
    call_command("audit_checkpoint", stdout=StringIO())
    call_command("export_audit", "--workspace", "acme", "--output", str(tmp_path / "out.jsonl"))
    assert verifier(folder, (tmp_path / "out.jsonl").read_text().splitlines(keepends=True))[0] == 0
    with pytest.raises(CommandError, match="no workspace with the slug 'nowhere'"):
        call_command("export_audit", "--workspace", "nowhere")
    with pytest.raises(CommandError, match="cannot be written: No such file"):
        call_command("export_audit", "--workspace", "acme", "--output", str(tmp_path / "no" / "out.jsonl"))
