"""Checkpoints: signed lists of how far the streams of a workspace have come, in the workspace's own stream.

A chain cannot show that its tail was cut or that a whole stream vanished; a checkpoint can. Its signature covers the
heads that moved since the checkpoint before and, through the hash of the entry before it, the workspace's own stream.
"""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from audit import signing
from audit.actions import Action
from audit.chain import EntryDraft
from audit.heads import workspaces
from audit.models import AuditEntry, AuditStream
from audit.rules import checkpoint_message, checkpointed_heads, entry_fields, heads_digest
from audit.services import SYSTEM, append, lock_head
from common import clock

HEADS_PER_ENTRY = 5_000
OVERLAP = timedelta(minutes=10)
"""Longer than any transaction: an entry with an older id than a checkpoint may have been committed after it."""

NamedHead = tuple[str, int, str]
"""A stream, the number of its last entry and that entry's hash in hexadecimal digits."""


def write_due_checkpoints() -> int:
    """Write a checkpoint in every workspace that needs one; how many were written. For the sweep: once a minute is
    often enough, and any number of processes may do it at once.
    """
    return sum(write_checkpoint(workspace=workspace) is not None for workspace in due_workspaces())


def due_workspaces() -> Iterator[AuditStream]:
    """The workspaces with entries that no checkpoint covers and no checkpoint since AUDIT_CHECKPOINT_SECONDS."""
    latest_start = clock.now() - timedelta(seconds=settings.AUDIT_CHECKPOINT_SECONDS)
    for workspace in workspaces():
        latest = latest_checkpoint(workspace)
        if latest and latest.at > latest_start:
            continue
        if AuditEntry.objects.filter(workspace_id=workspace.pk, pk__gt=latest.pk if latest else 0).exists():
            yield workspace


def write_checkpoint(*, workspace: AuditStream) -> AuditEntry | None:
    """Sign the heads that moved since the last checkpoint; the last entry written, None if nothing had moved or
    another process wrote a checkpoint meanwhile. The heads are gathered before the workspace is locked.
    """
    latest = latest_checkpoint(workspace)
    heads = _moved_heads(workspace, latest)
    with transaction.atomic():
        head_seq, _ = lock_head(workspace)
        newest = latest_checkpoint(workspace)
        if newest != latest or not (heads or head_seq > (latest.seq if latest else 0)):
            return None
        number = _number_of(latest) if latest else 0
        at = clock.now()
        for start in range(0, max(len(heads), 1), HEADS_PER_ENTRY):
            number += 1
            _append_checkpoint(workspace, heads[start : start + HEADS_PER_ENTRY], number=number, at=at)
    return latest_checkpoint(workspace)


def checkpoints(workspace: AuditStream) -> QuerySet[AuditEntry]:
    """The checkpoints of `workspace`, oldest first."""
    own = AuditEntry.objects.filter(workspace_id=workspace.pk, stream=workspace.stream)
    return own.filter(action=Action.AUDIT_CHECKPOINT).order_by("pk")


def latest_checkpoint(workspace: AuditStream) -> AuditEntry | None:
    """The last checkpoint of `workspace`."""
    return checkpoints(workspace).reverse().first()


def _moved_heads(workspace: AuditStream, latest: AuditEntry | None) -> list[NamedHead]:
    """Streams with entries that the checkpoints do not name yet, found by the ids of entries, not by all jobs."""
    base = checkpoints(workspace).filter(at__lte=latest.at - OVERLAP).last() if latest else None
    since = base.pk if base else 0
    known: set[NamedHead] = set()
    for body in checkpoints(workspace).filter(pk__gt=since).values_list("body", flat=True):
        known.update(checkpointed_heads(entry_fields(body)))
    later = AuditEntry.objects.filter(stream=OuterRef("stream"), seq__gt=OuterRef("seq"))
    tops = AuditEntry.objects.filter(~Exists(later), workspace_id=workspace.pk, pk__gt=since)
    rows = tops.exclude(stream=workspace.stream).order_by("stream").values_list("stream", "seq", "hash")
    heads = ((stream, seq, bytes(digest).hex()) for stream, seq, digest in rows.iterator())
    return [head for head in heads if head not in known]


def _number_of(checkpoint: AuditEntry) -> int:
    """Its number; 0 when somebody has made it unreadable. The next one is written all the same: verification tells
    that the numbers do not follow each other, and other workspaces go on being signed.
    """
    content = entry_fields(checkpoint.body).get("data")
    number = content.get("number") if isinstance(content, dict) else None
    return number if isinstance(number, int) else 0


def _append_checkpoint(workspace: AuditStream, heads: list[NamedHead], *, number: int, at: datetime) -> None:
    """Sign and append one checkpoint; the workspace's row is locked already."""
    head_seq, head_hash = lock_head(workspace)
    listed = [list(head) for head in heads]
    digest = heads_digest(listed)
    message = checkpoint_message(
        workspace=str(workspace.uid),
        seq=head_seq + 1,
        at=clock.rfc3339(at),
        prev=head_hash.hex(),
        number=number,
        digest=digest,
    )
    draft = EntryDraft(
        action=Action.AUDIT_CHECKPOINT,
        actor=SYSTEM,
        target_type="workspace",
        target_id=str(workspace.uid),
        label=f"Checkpoint {number}",
        data={
            "number": number,
            "heads": listed,
            "digest": digest,
            "key_id": signing.own_key_id(),
            "signature": base64.b64encode(signing.sign(message)).decode(),
        },
    )
    append(stream_row=workspace, workspace=workspace, drafts=[draft], at=at)
