"""Jobs of every kind, their packs, and the verifier run as anybody would run it: by itself, in a folder of its own."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from audit import pack_check, standalone
from jobs import uploads
from jobs.evidence import take_evidence
from jobs.models import Job
from tests.api.jobs_support import Desk
from workspaces.actors import Actor

CALLEE = """
inputs: [{key: row, type: object}]
steps: [{key: s, type: set, values: {double: "{{ inputs.row.n * 2 }}"}}]
outputs: [{key: double, type: number, value: steps.s.output.double}]
"""
CALLER = """
inputs:
  - {key: rows, type: list}
  - {key: report, type: file}
  - {key: password, type: text, secret: true}
steps:
  - key: each
    type: for_each
    items: inputs.rows
    steps:
      - {key: check, type: workflow, workflow: callee, inputs: {row: "{{ item }}"}}
  - {key: write, type: csv.write, config: {rows: "{{ inputs.rows }}", filename: out.csv}}
outputs: [{key: file, type: file, value: steps.write.output.file}]
"""
Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


@pytest.fixture
def job(desk: Desk) -> Job:
    """One that ended well, with sub-jobs in a loop, an uploaded file, one that a step made, and a secret."""
    desk.workflow(CALLEE, "callee")
    desk.workflow(CALLER, "caller")
    stored = uploads.store_upload(
        actor=desk.actor, name="a.csv", media_type="text/csv", content=io.BytesIO(b"a,b\n1,2\n")
    )
    report = uploads.add_file(actor=desk.actor, stored=stored)
    made = desk.start("caller", rows=[{"n": 1}, {"n": 2}], report=report.pk, password="hunter2-secret")
    desk.drain()
    made.refresh_from_db()
    assert made.status == "completed", made.error
    return made


def pack_of(actor: Actor, job: Job) -> bytes:
    return b"".join(take_evidence(actor=actor, job=job).pieces)


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    """Run a pack by itself; without `packages` Python sees its standard library only (-S)."""

    def run(pack: bytes, *arguments: str, packages: bool = True) -> tuple[int, str]:
        path = tmp_path / "pack.zip"
        path.write_bytes(pack)
        command = [sys.executable, *([] if packages else ["-S"]), str(path), *arguments]
        environment = {"PATH": os.environ["PATH"]}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


def members(pack: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, member in content.items():
            made.writestr(name, member)
    return buffer.getvalue()


def lines(member: bytes) -> list[dict]:
    return [json.loads(line) for line in member.splitlines()]


@pytest.fixture
def judge(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Verify:
    """The same in this process, which is quicker; without `packages` no signature is checked."""

    def run(pack: bytes, *arguments: str, packages: bool = True) -> tuple[int, str]:
        path = tmp_path / "judged.zip"
        path.write_bytes(pack)
        monkeypatch.setattr(pack_check, "CHECKS_SIGNATURES", packages)
        status = standalone.main([str(path), *arguments])
        told = capsys.readouterr()
        return status, told.out + told.err

    return run


def resealed(content: dict[str, bytes]) -> bytes:
    """A pack whose manifest and seal fit what was forged, but for the signature, which takes the key."""
    manifest = json.loads(content["manifest.json"])
    manifest["members"] = {
        name: {"sha256": hashlib.sha256(member).hexdigest(), "bytes": len(member)}
        for name, member in content.items()
        if name not in ("manifest.json", "seal.json")
    }
    content["manifest.json"] = json.dumps(manifest).encode()
    seal = json.loads(content["seal.json"])
    seal["manifest"] = hashlib.sha256(content["manifest.json"]).hexdigest()
    content["seal.json"] = json.dumps(seal).encode()
    return packed(content)


def joined(records: list[dict]) -> bytes:
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()
