"""Verifies the audit log in the database: every entry, every link, every head, every checkpoint.

The log of a living system moves while it is read. Therefore a head is read before its entries, and entries beyond it
are judged against the head as it is afterwards. Time is linear in the number of entries; memory holds one batch.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection

from audit import signing, triggers
from audit.chain import TABLE
from audit.checkpoints import checkpoints
from audit.heads import BATCH_STREAMS, Head, as_bytes, current_heads, head_batches, workspace_of
from audit.models import AuditStream
from audit.rules import (
    BEYOND_HEAD,
    CHECKPOINT,
    NO_ROW,
    TRIGGERS,
    UNREADABLE,
    CheckpointChecker,
    Finding,
    StreamChecker,
    against_checkpoint,
    against_head,
    checkpointed_heads,
    entry_fields,
)
from audit.selectors import entries_of, hashes_at, streams_without_row
from common.clock import rfc3339

FINDINGS_KEPT = 1_000
PROGRESS_EVERY = 10_000

Progress = Callable[[int], None]
"""Is told the number of entries read so far, now and then."""


@dataclass(kw_only=True)
class Report:
    """What a verification has read and found. Of very many findings the first thousand are kept."""

    subject: str
    """What was verified: a workspace or a stream."""
    streams: int = 0
    entries: int = 0
    checkpoints: int = 0
    checkpointed_until: str = ""
    """The time of the last checkpoint, RFC 3339: what is younger is protected by its chain and head alone."""
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing wrong was found."""
        return not self.found

    def add(self, findings: Iterable[Finding]) -> None:
        """Count findings and keep the first ones."""
        for finding in findings:
            self.found += 1
            if len(self.findings) < FINDINGS_KEPT:
                self.findings.append(finding)


def verify_workspace(workspace: AuditStream, *, progress: Progress | None = None) -> Report:
    """Verify everything in `workspace`: its own stream, those of its jobs, and all checkpoints."""
    work = Verification(workspace, Report(subject=str(workspace)), progress)
    work.triggers()
    for part in (work.own_stream, work.other_streams, work.streams_without_row, work.checkpointed_heads):
        work.as_far_as_readable(part)
    return work.report


def verify_stream(stream: str, *, progress: Progress | None = None) -> Report:
    """Verify one stream, and what the checkpoints of its workspace say of it."""
    report = Report(subject=stream)
    workspace = workspace_of(stream)
    if workspace is None:
        sentence = "There is no such stream: neither a row nor an entry has this name."
        report.add([Finding(stream=stream, seq=0, kind=NO_ROW, sentence=sentence)])
        return report
    work = Verification(workspace, report, progress)
    work.triggers()
    if stream == workspace.stream:
        work.own_stream()
    else:
        heads = current_heads([stream])
        work.streams(list(heads.values()))
        work.without_row({stream} - heads.keys())
    work.checkpointed_heads(only=stream)
    return report


class Verification:
    """One run. Each method judges one kind of thing and adds to the report."""

    def __init__(self, workspace: AuditStream, report: Report, progress: Progress | None) -> None:
        self.workspace = workspace
        self.workspace_uid = str(workspace.uid)
        self.report = report
        self.progress = progress

    def as_far_as_readable(self, part: Callable[[], None]) -> None:
        """One part of the work. A value that cannot be read at all (a row's id that is none) ends it with a finding."""
        try:
            part()
        except (ValueError, TypeError) as error:
            sentence = f"A row holds what nobody can read ({error}); what comes after it was not verified."
            self.report.add([Finding(stream="", seq=0, kind=UNREADABLE, sentence=sentence)])

    def triggers(self) -> None:
        """The database refuses changes."""
        if TABLE in triggers.missing(connection):
            sentence = (
                "The triggers that refuse changes of the audit log are missing. Run: manage.py migrate audit"
            )
            self.report.add([Finding(stream="", seq=0, kind=TRIGGERS, sentence=sentence)])

    def own_stream(self) -> None:
        """The workspace's stream, with the checkpoints in it."""
        heads = current_heads([self.workspace.stream])
        checker = CheckpointChecker(signed=signing.signed)

        def watch(judged: StreamChecker, prev: bytes) -> None:
            if judged.fields.get("action") == CHECKPOINT:
                self.report.checkpoints += 1
                self.report.add(checker.checkpoint(judged, prev))

        self.streams(list(heads.values()), watch)
        self.report.checkpointed_until = checker.at

    def other_streams(self) -> None:
        """The streams of all other rows of the workspace."""
        for batch in head_batches(self.workspace):
            self.streams(batch)

    def streams(self, heads: list[Head], watch: Callable[[StreamChecker, bytes], None] | None = None) -> None:
        """The streams of rows: their entries, and their heads against them."""
        judged = {head.stream: StreamChecker(head.stream) for head in heads}
        wanted = {head.stream: head.seq for head in heads}
        at_head: dict[str, bytes] = {}
        for checker, prev in self._judge(entries_of(heads), judged):
            if checker.seq == wanted[checker.stream]:
                at_head[checker.stream] = checker.hash
            if watch:
                watch(checker, prev)
        for head in heads:
            last = judged[head.stream].seq
            if not last and not head.hash:
                continue  # nothing has happened yet, or a preview: it keeps no stream
            self.report.streams += 1
            self.report.add(
                against_head(
                    head.stream,
                    head_seq=head.seq,
                    head_hash=head.hash,
                    last=last,
                    at_head=at_head.get(head.stream, b""),
                )
            )
        self._beyond([judged[head.stream] for head in heads if judged[head.stream].seq > head.seq])

    def streams_without_row(self) -> None:
        """Entries of this workspace whose job or workspace is gone."""
        for chunk in streams_without_row(self.workspace):
            self.without_row(chunk)

    def without_row(self, streams: set[str]) -> None:
        """Streams that have entries and no row."""
        judged = {stream: StreamChecker(stream) for stream in sorted(streams)}
        for stream in judged:
            sentence = "The stream has entries here, but its job or workspace is gone or belongs elsewhere."
            self.report.add([Finding(stream=stream, seq=0, kind=NO_ROW, sentence=sentence)])
        self.report.streams += len(judged)
        heads = [Head(stream=stream, seq=0, hash=b"") for stream in judged]
        for _ in self._judge(entries_of(heads), judged):
            pass

    def checkpointed_heads(self, only: str = "") -> None:
        """Every entry that a checkpoint names is there, with that hash."""
        for body in checkpoints(self.workspace).values_list("body", flat=True).iterator(chunk_size=1):
            heads = (head for head in checkpointed_heads(entry_fields(body)) if not only or head[0] == only)
            while chunk := list(islice(heads, BATCH_STREAMS)):
                stored = hashes_at([(stream, seq) for stream, seq, _ in chunk])
                for stream, seq, expected in chunk:
                    self.report.add(against_checkpoint(stream, seq, expected, stored.get((stream, seq))))

    def _judge(
        self, rows: Iterator[tuple[Any, ...]], judged: dict[str, StreamChecker]
    ) -> Iterator[tuple[StreamChecker, bytes]]:
        for row in map(_readable, rows):
            stream, seq, at, workspace_id, action, actor, kind, target, label, request_id, *texts = row
            body, prev, digest = texts
            checker = judged[stream]
            columns = {
                "stream": stream,
                "seq": seq,
                "at": at,
                "workspace": self.workspace_uid if workspace_id == self.workspace.pk else f"#{workspace_id}",
                "action": action,
                "actor": actor,
                "target_type": kind,
                "target_id": target,
                "label": label,
                "request_id": request_id,
            }
            self.report.add(checker.entry(seq=seq, body=body, prev=prev, hash=digest, columns=columns))
            self.report.entries += 1
            if self.progress and self.report.entries % PROGRESS_EVERY == 0:
                self.progress(self.report.entries)
            yield checker, prev

    def _beyond(self, further: list[StreamChecker]) -> None:
        """Entries after the head: right if the head has moved since it was read."""
        heads = current_heads(checker.stream for checker in further)
        for checker in further:
            head = heads.get(checker.stream)
            if head is None or checker.seq > head.seq:
                sentence = f"Entry {checker.seq} is beyond the head of the stream, which is at {head.seq if head else 0}."
                self.report.add(
                    [Finding(stream=checker.stream, seq=checker.seq, kind=BEYOND_HEAD, sentence=sentence)]
                )


def _readable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of `audit_entry` as its columns should be typed. SQLite keeps a value of any type in any column, so whoever
    tampers may leave one there; it becomes what no entry has, and so a finding like every other change.
    """
    stream, seq, at, *texts, body, prev, digest = row
    return (
        stream,
        seq if isinstance(seq, int) else 0,
        rfc3339(at) if at else "",
        *texts,
        body if isinstance(body, str) else "",
        as_bytes(prev),
        as_bytes(digest),
    )
