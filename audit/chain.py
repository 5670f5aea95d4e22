"""How entries of one stream are chained. Pure: no database, no Django.

An entry's *body* is canonical text that holds every field; its hash is SHA-256(prev ‖ body), where `prev` is the hash
of the entry before it in the same stream and empty for the first. The engine builds its entries here and inserts
them with its own SQL; everybody else goes through `audit.services.append`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from common.canonical import Json, dumps
from common.clock import rfc3339

TABLE = "audit_entry"

ENTRY_FIELDS = (
    "action",
    "actor",
    "at",
    "data",
    "label",
    "request_id",
    "seq",
    "stream",
    "target_id",
    "target_type",
    "workspace",
)
"""The members of every body; none is optional."""

COLUMNS = (
    "stream",
    "seq",
    "at",
    "workspace_id",
    "action",
    "actor",
    "target_type",
    "target_id",
    "label",
    "request_id",
    "body",
    "prev",
    "hash",
)
"""The columns of `audit_entry` that an insert names, in the order of `Entry.row()`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """The stream that entries are appended to: `job:UID` or `workspace:UID`, and the workspace it belongs to."""

    name: str
    workspace_id: int
    workspace_uid: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryDraft:
    """What happened, before it has a place in a stream. Texts longer than their column are cut."""

    action: str
    actor: str
    target_type: str
    target_id: str
    label: str
    data: dict[str, Json] = field(default_factory=dict)
    request_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row of `audit_entry`, ready to be inserted."""

    stream: str
    seq: int
    at: datetime
    workspace_id: int
    action: str
    actor: str
    target_type: str
    target_id: str
    label: str
    request_id: str
    body: str
    prev: bytes
    hash: bytes

    def row(self, *, text_time: bool = False) -> tuple[object, ...]:
        """The values of `COLUMNS`; `text_time` gives `at` in the form in which Django stores it on SQLite."""
        return (
            self.stream,
            self.seq,
            str(self.at.astimezone(UTC).replace(tzinfo=None)) if text_time else self.at,
            self.workspace_id,
            self.action,
            self.actor,
            self.target_type,
            self.target_id,
            self.label,
            self.request_id,
            self.body,
            self.prev,
            self.hash,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Chained:
    """Entries with their places, and the head of the stream after them."""

    entries: tuple[Entry, ...]
    head_seq: int
    head_hash: bytes


def entry_body(
    *,
    stream: str,
    seq: int,
    at: str,
    workspace: str,
    action: str,
    actor: str,
    target_type: str,
    target_id: str,
    label: str,
    request_id: str,
    data: dict[str, Json],
) -> str:
    """The exact text that is hashed. `at` is RFC 3339, `workspace` the workspace's uid. Raises `NotJson`."""
    return dumps(
        {
            "action": action,
            "actor": actor,
            "at": at,
            "data": data,
            "label": label,
            "request_id": request_id,
            "seq": seq,
            "stream": stream,
            "target_id": target_id,
            "target_type": target_type,
            "workspace": workspace,
        }
    )


def next_hash(prev: bytes, body: str) -> bytes:
    """SHA-256(prev ‖ body)."""
    return hashlib.sha256(prev + body.encode()).digest()


def chain(
    stream: Stream, drafts: Sequence[EntryDraft], *, head_seq: int, head_hash: bytes, at: datetime
) -> Chained:
    """`drafts` as the entries that follow the head (`head_seq`, `head_hash`), all at the moment `at`.

    Raises `NotJson` when a draft's data is not JSON.
    """
    moment = rfc3339(at)
    entries = []
    for draft in drafts:
        head_seq += 1
        entry = _link(stream, draft, seq=head_seq, prev=head_hash, at=at, moment=moment)
        head_hash = entry.hash
        entries.append(entry)
    return Chained(entries=tuple(entries), head_seq=head_seq, head_hash=head_hash)


def _link(stream: Stream, draft: EntryDraft, *, seq: int, prev: bytes, at: datetime, moment: str) -> Entry:
    actor = _fit(draft.actor, 200)
    target_type = _fit(draft.target_type, 40)
    target_id = _fit(draft.target_id, 80)
    label = _fit(draft.label, 200)
    request_id = _fit(draft.request_id, 80)
    body = entry_body(
        stream=stream.name,
        seq=seq,
        at=moment,
        workspace=stream.workspace_uid,
        action=draft.action,
        actor=actor,
        target_type=target_type,
        target_id=target_id,
        label=label,
        request_id=request_id,
        data=draft.data,
    )
    return Entry(
        stream=stream.name,
        seq=seq,
        at=at,
        workspace_id=stream.workspace_id,
        action=draft.action,
        actor=actor,
        target_type=target_type,
        target_id=target_id,
        label=label,
        request_id=request_id,
        body=body,
        prev=prev,
        hash=next_hash(prev, body),
    )


def _fit(text: str, limit: int) -> str:
    """`text` as a column of `limit` characters can hold it on both databases: no NUL, no lone surrogate."""
    if len(text) <= limit and text.isprintable():
        return text
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")
    return text if len(text) <= limit else text[: limit - 1] + "…"
