"""Takes the evidence of a job: refuses what is too large, writes down that it was taken, then hands it out piece by
piece. What is in a pack, in the order in which it is written, is in `_members`.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import transaction

from audit import export, pack_check, services, signing
from audit.actions import Action
from audit.covering import Checkpoint, covering_checkpoints
from audit.rules import seal_message
from common import clock
from common.canonical import Json
from common.errors import Problem
from jobs.engine import payloads
from jobs.evidence import records
from jobs.evidence.archive import PIECE_BYTES, Archive
from jobs.evidence.readme import readme
from jobs.evidence.tree import Tree, read_tree, size_of
from jobs.inputs import shown
from jobs.models import Job
from jobs.states import PayloadKind
from jobs.storage import BlobMissing, open_blob
from jobs.transitions import is_silent, job_label
from workspaces.actors import Actor
from workspaces.permissions import Permission, require

LARGEST_PACK = 4 << 30
"""Bytes, before packing."""
MOST_JOBS = 100_000
_PROGRAM = Path(export.__file__).with_name("run_pack.py")
"""Not imported: it makes Python keep nothing compiled, which every process of ours would pay for at each start."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A ZIP under `name`; `pieces` are read once."""

    name: str
    pieces: Iterator[bytes]


def take_evidence(*, actor: Actor, job: Job) -> Evidence:
    """The evidence of `job` and all its sub-jobs, as `actor` may see it; an entry in the workspace's stream says so.

    Raises `Problem`: 403, 409 `no_evidence` (a preview), `evidence_too_large`.
    """
    require(actor, Permission.JOB_EVIDENCE)
    if is_silent(job):
        raise Problem(
            409, "no_evidence", f"Job #{job.pk} is a preview: previews keep no audit log. Run a job."
        )
    tree = read_tree(job)
    _require_size(tree, whole=actor.sees_payloads)
    at = clock.now()
    with transaction.atomic():
        services.record(
            workspace=actor.workspace,
            action=Action.EVIDENCE_TAKEN.value,
            actor=actor.label,
            target_type="job",
            target_id=str(job.pk),
            label=job_label(job.title, job.pk),
            data={
                "jobs": len(tree.heads),
                "payloads": actor.sees_payloads,
                "head_seq": tree.heads[job.pk].seq,
                "head_hash": tree.heads[job.pk].hash.hex(),
            },
            request_id=actor.request_id,
        )
    name = f"evidence-{actor.workspace.slug}-job-{job.pk}-{at:%Y%m%d-%H%M%S}.zip"
    return Evidence(name=name, pieces=_Writer(tree, actor, at).pieces())


def _require_size(tree: Tree, *, whole: bool) -> None:
    if len(tree.heads) > MOST_JOBS:
        found = f"{len(tree.heads):,} jobs; a pack has at most {MOST_JOBS:,}"
    elif (size := size_of(tree, whole=whole)) > LARGEST_PACK:
        found = f"about {size:,} bytes; a pack has at most {LARGEST_PACK:,}"
    else:
        return
    raise Problem(
        409,
        "evidence_too_large",
        f"The evidence of job #{tree.root.pk} has {found}. Take the evidence of its sub-jobs, each by itself.",
    )


class _Writer:
    """Writes one pack."""

    def __init__(self, tree: Tree, actor: Actor, at: datetime) -> None:
        self.tree, self.actor, self.at = tree, actor, at
        self.whole = actor.sees_payloads
        self.archive = Archive(at)
        self.large: dict[str, None] = {}
        """Digests of files and of values too large for a line, each to be a member."""
        self.missing: list[str] = []

    def pieces(self) -> Iterator[bytes]:
        """The whole ZIP."""
        yield from self._members()
        yield from self._closing()
        yield from self.archive.end()

    def _members(self) -> Iterator[bytes]:
        text, tree, whole = self.archive.text, self.tree, self.whole
        yield from text("README.txt", [readme(tree.root, self.actor, at=self.at, jobs=len(tree.heads))])
        yield from self._verifier()
        yield from self._versions()
        yield from text("jobs.jsonl", records.job_lines(tree))
        yield from text("steps.jsonl", records.step_lines(tree, whole=whole))
        yield from text("values.jsonl", records.value_lines(tree, self.large, whole=whole))
        yield from text("files.jsonl", records.file_lines(tree, self.large, whole=whole))
        if whole:
            yield from self._plain("inputs.json", PayloadKind.INPUTS)
            yield from self._plain("outputs.json", PayloadKind.OUTPUTS)
            yield from self._files()
        heads = list(tree.heads.values())
        yield from text("audit.jsonl", export.heads_jsonl(self.actor.workspace, heads))
        covering = covering_checkpoints(self.actor.workspace, heads, until=tree.checkpointed)
        yield from text("checkpoints.jsonl", map(_checkpoint_line, covering))

    def _verifier(self) -> Iterator[bytes]:
        """`verify.py` for the unpacked folder, and the same as `__main__.py`, by which Python runs the ZIP itself."""
        program = _PROGRAM.read_text(encoding="utf-8")
        sources = {"verify.py": program, "__main__.py": program, **export.verifier_files()}
        for name, source in sources.items():
            yield from self.archive.text(name, [source])

    def _versions(self) -> Iterator[bytes]:
        lines = []
        for version in records.versions_of(self.tree):
            folder = f"versions/{version.workflow.slug}-{version.number}"
            yield from self.archive.text(f"{folder}/definition.json", [version.definition])
            yield from self.archive.text(f"{folder}/manifest.json", [version.manifest])
            lines.append(records.version_line(version))
        yield from self.archive.text("versions.jsonl", lines)

    def _plain(self, name: str, kind: PayloadKind) -> Iterator[bytes]:
        """The job's own inputs or outputs once more, for reading, secrets masked."""
        value = payloads.read(self.tree.root.pk, "", kind)
        if value is not None:
            masked = shown(value) if kind is PayloadKind.INPUTS else value
            text = json.dumps(masked, ensure_ascii=False, indent=2, sort_keys=True)
            yield from self.archive.member(name, [f"{text}\n".encode("utf-8", "backslashreplace")])

    def _files(self) -> Iterator[bytes]:
        for sha256 in self.large:
            try:
                opened = open_blob(sha256)
            except BlobMissing:
                self.missing.append(sha256)
                continue
            with opened:
                pieces = iter(partial(opened.read, PIECE_BYTES), b"")
                yield from self.archive.member(f"files/{sha256}", pieces, packed=False)

    def _closing(self) -> Iterator[bytes]:
        """The manifest, which names what was written with digests, and the seal upon it."""
        manifest = json.dumps(self._manifest(), ensure_ascii=False, indent=1) + "\n"
        digest = hashlib.sha256(manifest.encode()).hexdigest()
        yield from self.archive.text(pack_check.MANIFEST, [manifest])
        seal = {
            "manifest": digest,
            "key_id": signing.own_key_id(),
            "public_key": signing.public_key(),
            "signature": signing.sign(seal_message(digest)).hex(),
        }
        yield from self.archive.text(pack_check.SEAL, [json.dumps(seal, indent=1) + "\n"])

    def _manifest(self) -> dict[str, Json]:
        root, workspace = self.tree.root, self.actor.workspace
        assert root.version is not None
        return {
            "format": pack_check.FORMAT,
            "job": {
                "id": root.pk,
                "stream": root.stream,
                "workflow": root.workflow.slug,
                "version": root.version.number,
                "digest": root.version.digest,
                "status": root.status,
                "ended": root.ended,
            },
            "workspace": {"uid": str(workspace.uid), "slug": workspace.slug, "name": workspace.name},
            "taken_at": clock.rfc3339(self.at),
            "taken_by": self.actor.label,
            "request_id": self.actor.request_id,
            "payloads": self.whole,
            "moved": self.tree.moved(),
            "missing": self.missing,
            "members": dict(self.archive.members),
        }


def _checkpoint_line(checkpoint: Checkpoint) -> str:
    return records.line(
        {
            "stream": checkpoint.stream,
            "seq": checkpoint.seq,
            "prev": checkpoint.prev.hex(),
            "hash": checkpoint.hash.hex(),
            "body": checkpoint.body,
        }
    )
