"""What is wrong with entries, heads and checkpoints: the rules alone, by the standard library alone.

`audit.verify` judges the database by them, `audit.standalone` an exported file on any machine.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

CHECKPOINT = "audit.checkpoint"

FIELDS = frozenset(
    [
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
    ]
)

LARGEST_SEQ = 2**31 - 1

CHANGED = "changed"  # the text does not give the hash
BROKEN_LINK = "broken_link"  # it does not name the hash of the entry before it
COLUMN = "column"  # a column says something else than the text
UNREADABLE = "unreadable"  # the text is not that of an entry
MISSING = "missing"  # a number is skipped
ORDER = "order"  # a number comes twice or too late
CUT = "cut"  # the head is further than the last entry
HEAD = "head"  # the head names another hash than the entry
BEYOND_HEAD = "beyond_head"  # an entry that the head does not know
NO_ROW = "no_row"  # a stream whose job or workspace is gone
CHECKPOINT_MISSING = "checkpoint_missing"  # a signed checkpoint names an entry that is gone
CHECKPOINT_DIFFERS = "checkpoint_differs"  # a signed checkpoint names another hash
CHECKPOINT_NUMBER = "checkpoint_number"  # a checkpoint is missing
SIGNATURE = "signature"  # a checkpoint's signature or digest is wrong
TRIGGERS = "triggers"  # the database would not refuse a change

Signed = Callable[[str, bytes, bytes], bool | None]
"""(key id, signature, message) → whether a known key made it; None where signatures cannot be checked at all."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: in which stream, at which entry (0: the stream as a whole), and a sentence."""

    stream: str
    seq: int
    kind: str
    sentence: str


@dataclass
class StreamChecker:
    """Judges the entries of one stream, one after the other. After a fault it goes on from what the entry itself
    says, so that one change is one finding and not one for every later entry.
    """

    stream: str
    seq: int = 0
    hash: bytes = b""
    fields: dict[str, Any] = field(default_factory=dict)
    """The body of the entry just judged; empty when it could not be read."""

    def entry(
        self,
        *,
        seq: int,
        body: str,
        prev: bytes,
        hash: bytes,  # noqa: A002 - the column's name
        columns: Mapping[str, object],
    ) -> Iterator[Finding]:
        """What is wrong with the next entry. `columns` are what is stored beside its text, by the
        names that the text uses."""
        if seq != self.seq + 1:
            yield self._out_of_order(seq)
        elif prev != self.hash:
            yield self._finding(seq, BROKEN_LINK, f"Entry {seq} does not follow from entry {seq - 1}.")
        if hashlib.sha256(prev + body.encode("utf-8", "replace")).digest() != hash:
            yield self._finding(seq, CHANGED, f"Entry {seq} was changed: its text does not give its hash.")
        yield from self._compare(seq, body, columns)
        self.seq, self.hash = seq, hash

    def _out_of_order(self, seq: int) -> Finding:
        if seq <= self.seq:
            return self._finding(seq, ORDER, f"Entry {seq} comes after entry {self.seq}.")
        gone = f"Entry {seq - 1} is" if seq - self.seq == 2 else f"Entries {self.seq + 1} to {seq - 1} are"
        return self._finding(self.seq + 1, MISSING, f"{gone} missing.")

    def _compare(self, seq: int, body: str, columns: Mapping[str, object]) -> Iterator[Finding]:
        self.fields = entry_fields(body)
        if not self.fields:
            yield self._finding(seq, UNREADABLE, f"The text of entry {seq} is not that of an entry.")
        elif not columns.items() <= self.fields.items():
            names = ", ".join(name for name, value in columns.items() if self.fields[name] != value)
            yield self._finding(
                seq, COLUMN, f"Entry {seq} was changed: its text says otherwise about {names}."
            )

    def _finding(self, seq: int, kind: str, sentence: str) -> Finding:
        return Finding(stream=self.stream, seq=seq, kind=kind, sentence=sentence)


def entry_fields(body: str) -> dict[str, Any]:
    """The members of a body; none when it is not the text of an entry."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) and fields.keys() == FIELDS else {}


def heads_digest(heads: list[list[Any]]) -> str:
    """SHA-256 of a checkpoint's list of [stream, seq, hash], as hexadecimal digits."""
    return hashlib.sha256(json.dumps(heads, separators=(",", ":")).encode()).hexdigest()


def checkpoint_message(*, workspace: str, seq: int, at: str, prev: str, number: int, digest: str) -> bytes:
    """What the signature of a checkpoint covers: its place, all entries of its stream before it (through the hash
    `prev`), its number, and through the digest the heads of all streams that had moved.
    """
    fields = {"at": at, "digest": digest, "number": number, "prev": prev, "seq": seq, "workspace": workspace}
    return b"workledger checkpoint 1\n" + json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


@dataclass
class CheckpointChecker:
    """Judges the checkpoints of one workspace in order, and names the heads that they vouch for."""

    signed: Signed
    number: int = 0
    at: str = ""
    unsure: int = 0
    """Checkpoints whose signature could not be checked."""

    def checkpoint(self, judged: StreamChecker, prev: bytes) -> Iterator[Finding]:
        """What is wrong with a checkpoint, the entry that `judged` has judged last."""
        stream, seq, fields = judged.stream, judged.seq, judged.fields
        try:
            data = fields["data"]
            number, heads, digest = int(data["number"]), data["heads"], str(data["digest"])
            key_id, signature = str(data["key_id"]), base64.b64decode(data["signature"])
        except (KeyError, TypeError, ValueError, OverflowError):
            yield Finding(stream=stream, seq=seq, kind=SIGNATURE, sentence="This is no checkpoint of ours.")
            return
        if number != self.number + 1:
            sentence = f"Checkpoint {number} follows checkpoint {self.number}: one in between is missing."
            yield Finding(stream=stream, seq=seq, kind=CHECKPOINT_NUMBER, sentence=sentence)
        self.number, self.at = number, str(fields["at"])
        message = checkpoint_message(
            workspace=str(fields["workspace"]),
            seq=seq,
            at=self.at,
            prev=prev.hex(),
            number=number,
            digest=digest,
        )
        right = self.signed(key_id, signature, message)
        if right is None:
            self.unsure += 1
        if right is False or heads_digest(heads) != digest:
            sentence = (
                f"The signature of checkpoint {number} is wrong: it or an entry before it was changed, or it was made"
                f" with a key that is not known here (key {key_id})."
            )
            yield Finding(stream=stream, seq=seq, kind=SIGNATURE, sentence=sentence)


def checkpointed_heads(fields: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """(stream, seq, hash) of what a checkpoint vouches for; nothing when it is not a checkpoint of ours.

    Only what an entry can have, so that a database can be asked for it; what else a list holds is no head of ours, and
    the signature says so.
    """
    data = fields.get("data")
    heads = data.get("heads") if isinstance(data, dict) else None
    for head in heads if isinstance(heads, list) else []:
        if isinstance(head, list) and [type(part) for part in head] == [str, int, str]:
            stream, seq, digest = head
            if stream.isprintable() and 0 < seq <= LARGEST_SEQ:
                yield stream, seq, digest


def against_checkpoint(stream: str, seq: int, expected: str, found: str | None) -> Iterator[Finding]:
    """What is wrong with an entry that a checkpoint vouches for; `found` is its hash, None when it is gone."""
    if found is None:
        sentence = f"Entry {seq} is missing: a signed checkpoint names it."
        yield Finding(stream=stream, seq=seq, kind=CHECKPOINT_MISSING, sentence=sentence)
    elif found != expected:
        sentence = f"Entry {seq} or one before it was changed: a signed checkpoint names another hash."
        yield Finding(stream=stream, seq=seq, kind=CHECKPOINT_DIFFERS, sentence=sentence)


def against_head(
    stream: str, *, head_seq: int, head_hash: bytes, last: int, at_head: bytes
) -> Iterator[Finding]:
    """What is wrong between a stream's head and its entries: `last` is the last number, `at_head` the hash of the
    entry that the head names.
    """
    if last < head_seq:
        gone = f"Entry {head_seq} is" if last == head_seq - 1 else f"Entries {last + 1} to {head_seq} are"
        yield Finding(stream=stream, seq=last + 1, kind=CUT, sentence=f"{gone} missing at the end.")
    elif at_head != head_hash:
        sentence = f"The head of the stream names another hash than entry {head_seq} has."
        yield Finding(stream=stream, seq=head_seq, kind=HEAD, sentence=sentence)


def seal_message(manifest: str) -> bytes:
    """What the seal of an evidence pack signs: the digest of its manifest, in hexadecimal, which has all others."""
    return b"workledger evidence 1\n" + manifest.encode()


def key_id(public_key: bytes) -> str:
    """A short name of a public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def decode_key(text: str) -> bytes:
    """The 32 bytes of a key written in base64url, with or without padding. Raises `ValueError`."""
    key = base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
    if len(key) != 32:
        raise ValueError(f"A key has 32 bytes; this one has {len(key)}.")
    return key
