"""Appending to the audit log, for everybody but a job's owner (the engine writes its entries with its own SQL)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.transaction import TransactionManagementError

from audit.chain import COLUMNS, Chained, EntryDraft, Stream, chain
from audit.models import AuditEntry, AuditStream
from common import clock
from common.canonical import Json

SYSTEM = "system"
"""The actor of entries that no person and no program asked for."""


def append(
    *,
    stream_row: AuditStream,
    workspace: AuditStream,
    drafts: Sequence[EntryDraft],
    at: datetime | None = None,
    silent: bool = False,
) -> Chained:
    """Append `drafts` to the stream of `stream_row`, which belongs to `workspace`, and move the head.

    Locks the row until the caller's transaction ends; outside a transaction it raises `TransactionManagementError`.
    The head is read from the database, and the new one is set on `stream_row` too. `silent` is for rows that keep
    no stream (previews): the sequence moves, nothing is recorded and the hash stays empty.
    """
    head_seq, head_hash = lock_head(stream_row)
    if silent:
        chained = Chained(entries=(), head_seq=head_seq + len(drafts), head_hash=b"")
    elif head_seq and not head_hash:
        raise ValueError(f"{stream_row.stream} keeps no stream: its sequence has moved without entries.")
    else:
        stream = Stream(name=stream_row.stream, workspace_id=workspace.pk, workspace_uid=str(workspace.uid))
        chained = chain(stream, drafts, head_seq=head_seq, head_hash=head_hash, at=at or clock.now())
        AuditEntry.objects.bulk_create(
            AuditEntry(**dict(zip(COLUMNS, entry.row(), strict=True))) for entry in chained.entries
        )
    _move_head(stream_row, chained)
    return chained


def record(
    *,
    workspace: AuditStream,
    action: str,
    actor: str,
    target_type: str,
    target_id: str,
    label: str,
    data: dict[str, Json] | None = None,
    request_id: str = "",
) -> None:
    """Append one entry to the workspace's own stream, in the caller's transaction."""
    draft = EntryDraft(
        action=action,
        actor=actor,
        target_type=target_type,
        target_id=target_id,
        label=label,
        data=data or {},
        request_id=request_id,
    )
    append(stream_row=workspace, workspace=workspace, drafts=[draft])


def lock_head(stream_row: AuditStream) -> tuple[int, bytes]:
    """The head of the stream as it is now, locked until the transaction ends.

    The lock leaves rows that refer to this one free to be inserted (FOR NO KEY UPDATE).
    """
    rows = type(stream_row)._base_manager.select_for_update(no_key=True)
    if not transaction.get_connection(rows.db).in_atomic_block:
        raise TransactionManagementError("An audit entry belongs into the transaction of what it tells of.")
    head_seq, head_hash = rows.values_list("head_seq", "head_hash").get(pk=stream_row.pk)
    return head_seq, bytes(head_hash)


def _move_head(stream_row: AuditStream, chained: Chained) -> None:
    rows = type(stream_row)._base_manager.filter(pk=stream_row.pk)
    rows.update(head_seq=chained.head_seq, head_hash=chained.head_hash)
    stream_row.head_seq = chained.head_seq
    stream_row.head_hash = chained.head_hash
