"""Judges the lines of an exported audit log. By the standard library alone, with `cryptography` where it is there."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.rules import (
    CHECKPOINT,
    NO_ROW,
    CheckpointChecker,
    Finding,
    Signed,
    StreamChecker,
    against_checkpoint,
    against_head,
    checkpointed_heads,
    decode_key,
    key_id,
)

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    CHECKS_SIGNATURES = False
else:
    CHECKS_SIGNATURES = True

FORMAT = 1
"""The form of the export that this program reads; the export's first line names its own."""


class Unreadable(Exception):  # noqa: N818 - what the file is
    """The file is not a JSON Lines export of ours."""


@dataclass
class FileCheck:
    """Judges the lines of an export. The workspace's stream comes first in it, so that checkpoints are known."""

    signed: Signed
    findings: list[Finding] = field(default_factory=list)
    entries: int = 0
    streams: int = 0
    complete: bool = False
    scope: str = ""
    scopes: Sequence[str] = ("workspace", "stream")
    """What it may say of itself. Some streams of a workspace are in evidence packs alone, which vouch for them."""
    watch: Callable[[StreamChecker], None] | None = None
    """Is told of each entry that was judged."""
    vouched: dict[tuple[str, int], str] = field(default_factory=dict)
    """Hashes that checkpoints name, by stream and number, until the entry has come."""
    checkpoints: CheckpointChecker = field(init=False)
    _streams: dict[str, StreamChecker] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checkpoints = CheckpointChecker(signed=self.signed)

    def run(self, lines: Iterable[str]) -> None:
        """Judge all lines. Raises `Unreadable`."""
        for number, line in enumerate(lines, 1):
            try:
                self._line(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise Unreadable(f"Line {number} is not a line of an audit export.") from error
        if self.scope == "workspace" or (self.scope == "stream" and self.streams > 1):
            for (stream, seq), expected in self.vouched.items():
                self.findings += against_checkpoint(stream, seq, expected, None)
        for stream in self._streams:
            sentence = "The stream has entries, but its job or workspace is gone."
            self.findings.append(Finding(stream=stream, seq=0, kind=NO_ROW, sentence=sentence))

    def _line(self, line: dict[str, Any]) -> None:
        if line["record"] == "export":
            if line["format"] != FORMAT or line["scope"] not in self.scopes:
                raise ValueError(line["format"])
            self.scope = line["scope"]
        elif not self.scope:
            raise ValueError("an export says first what it is")
        elif line["record"] == "entry":
            self._entry(line)
        elif line["record"] == "head":
            last = self._streams.get(line["stream"], StreamChecker(line["stream"]))
            self.findings += against_head(
                line["stream"],
                head_seq=line["seq"],
                head_hash=bytes.fromhex(line["hash"]),
                last=last.seq,
                at_head=last.hash,
            )
            self._streams.pop(line["stream"], None)
        elif line["record"] == "end":
            self.complete = line["entries"] == self.entries

    def _entry(self, line: dict[str, Any]) -> None:
        stream, seq, prev = line["stream"], line["seq"], bytes.fromhex(line["prev"])
        if stream not in self._streams:
            self._streams[stream] = StreamChecker(stream)
            self.streams += 1
        checker = self._streams[stream]
        columns = {"stream": stream, "seq": seq}
        self.findings += checker.entry(
            seq=seq, body=line["body"], prev=prev, hash=bytes.fromhex(line["hash"]), columns=columns
        )
        self.entries += 1
        expected = self.vouched.pop((stream, seq), None)
        if expected is not None:
            self.findings += against_checkpoint(stream, seq, expected, line["hash"])
        if checker.fields.get("action") == CHECKPOINT:
            self.findings += self.checkpoints.checkpoint(checker, prev)
            self.vouched |= {(name, at): digest for name, at, digest in checkpointed_heads(checker.fields)}
        if self.watch:
            self.watch(checker)


def signed_by(public_keys: list[str]) -> Signed:
    """Checks signatures with `public_keys` (base64url). Raises `ValueError` when one is not a key."""
    known = {key_id(raw): raw for raw in map(decode_key, public_keys)}

    def check(key: str, signature: bytes, message: bytes) -> bool:
        if key not in known:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(known[key]).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return check


def unsigned(key: str, signature: bytes, message: bytes) -> bool | None:  # noqa: ARG001 - the form of `Signed`
    """For a machine that cannot check signatures."""
    return None
