"""Judges an evidence pack, member after member. By the standard library alone, with `cryptography` where it is there.

What a pack has is written by `jobs.evidence`; docs/audit.md says what each check proves.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from audit.log_file import CHECKS_SIGNATURES, FileCheck, Unreadable, signed_by, unsigned
from audit.pack_file import Pack
from audit.pack_log import PackLog
from audit.pack_values import PackValues
from audit.rules import (
    CheckpointChecker,
    Signed,
    StreamChecker,
    against_checkpoint,
    checkpointed_heads,
    decode_key,
    key_id,
    seal_message,
)

FORMAT = 1
"""The form of the pack that this program reads; its manifest names its own."""
SHOWN = 100
"""So many findings are told; the others are counted."""
MANIFEST, SEAL = "manifest.json", "seal.json"
_WRONG = (KeyError, TypeError, ValueError, AttributeError, RecursionError, zipfile.BadZipFile, zlib.error)
"""What reading a member that was tampered with raises."""


class PackCheck:
    """One run. `findings` are sentences with the place they are about, `notes` what could not be checked and why."""

    def __init__(self, pack: Pack, public_keys: list[str]) -> None:
        self.pack = pack
        self.public_keys = public_keys
        self.signed: Signed = unsigned
        self.findings: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.manifest: dict[str, Any] = {}
        self.checkpoints = 0
        self.log = PackLog(self.find)
        self.values = PackValues(pack, self.log, self.find)

    def find(self, place: str, sentence: str) -> None:
        """Note something that is wrong."""
        self.findings.append((place, sentence))

    def run(self) -> None:
        """Judge everything. Raises `Unreadable` when this is no evidence pack."""
        self._manifest()
        self._judge(SEAL, self._seal)
        self._members()
        self.values.hidden = not self.manifest["payloads"]
        self.values.absent = set(self.manifest["missing"])
        self.log.moved = set(self.manifest["moved"])
        self._lines("versions.jsonl", self.log.version, self._texts)
        self._lines("jobs.jsonl", self.log.job)
        self._lines("checkpoints.jsonl", self._checkpoint)
        self._judge("audit.jsonl", self._audit)
        self.log.finish()
        self._lines("values.jsonl", self.values.value)
        self._lines("files.jsonl", self.values.file)
        self._lines("steps.jsonl", self.log.step)
        self.log.steps_finished()
        if not self.values.hidden:
            self._judge("inputs.json", lambda: self.values.plain("inputs.json", "inputs"))
            if "outputs.json" in self.pack.names:
                self._judge("outputs.json", lambda: self.values.plain("outputs.json", "outputs"))
        self.values.finish()
        if self.log.root is not None and self.log.root["stream"] != self.manifest["job"]["stream"]:
            self.find(MANIFEST, "It is about another job than the pack.")

    def told(self) -> Iterator[str]:
        """What was read, every finding, what was not checked, and the result."""
        job = self.manifest["job"]
        yield (
            f"Evidence of job #{job['id']} ({job['status']}), version {job['version']} of {job['workflow']}, workspace "
            f"{self.manifest['workspace']['slug']}; taken {self.manifest['taken_at']} by {self.manifest['taken_by']}."
        )
        yield (
            f"{len(self.log.jobs)} jobs, {self.log.steps} steps, {self.log.entries} audit entries, {self.checkpoints} "
            f"checkpoints, {self.values.checked} values and {self.values.files} files checked."
        )
        for place, sentence in self.findings[:SHOWN]:
            yield f"WRONG in {place}: {sentence}"
        if len(self.findings) > SHOWN:
            yield f"WRONG: {len(self.findings) - SHOWN} more findings are not shown."
        yield from self.notes
        yield from self.log.notes()
        yield from self.values.notes()
        yield f"{len(self.findings)} things are wrong." if self.findings else "Nothing wrong was found."

    # ------------------------------------------------------------ the pack as a whole
    def _manifest(self) -> None:
        try:
            manifest = json.loads(self.pack.read(MANIFEST))
            if manifest["format"] != FORMAT:
                raise Unreadable(f"The pack has the form {manifest['format']}; this program reads {FORMAT}.")
            for name in ("payloads", "missing", "moved", "taken_at", "taken_by", "workspace", "members"):
                manifest[name]
            for name in ("id", "stream", "status", "version", "workflow"):
                manifest["job"][name]
            self.manifest = manifest
        except _WRONG as error:
            raise Unreadable(f"This is no evidence pack: {MANIFEST} is missing or cannot be read.") from error

    def _seal(self) -> None:
        seal = json.loads(self.pack.read(SEAL))
        digest, _ = self.pack.digest(MANIFEST)
        if seal["manifest"] != digest:
            self.find(MANIFEST, "It was changed: the seal names another digest.")
        if key_id(decode_key(seal["public_key"])) != seal["key_id"]:
            self.find(SEAL, "It was changed: the public key has another name than the seal says.")
        if not CHECKS_SIGNATURES:
            self.notes.append(
                "The signatures of the seal and the checkpoints were NOT checked: the Python package 'cryptography' is "
                "missing here."
            )
            return
        self.signed = signed_by(self.public_keys or [seal["public_key"]])
        if not self.signed(seal["key_id"], bytes.fromhex(seal["signature"]), seal_message(digest)):
            self.find(
                SEAL, f"The signature is wrong, or made with a key that was not expected ({seal['key_id']})."
            )
        elif not self.public_keys:
            self.notes.append(
                f"Signatures were checked with the key in the pack, {seal['public_key']}. Compare it with the "
                "installation's own, or give that as --public-key."
            )

    def _members(self) -> None:
        members = self.manifest["members"]
        for name in self.pack.twice:
            self.find(name, "The ZIP has this member twice.")
        for name in sorted(self.pack.names - members.keys() - {MANIFEST, SEAL}):
            self.find(name, "The manifest does not know this member.")
        for name, said in members.items():
            if name not in self.pack.names:
                self.find(name, "This member is missing.")
                continue
            try:
                found = self.pack.digest(name)
                if found != (said["sha256"], said["bytes"]):
                    self.find(name, "It was changed: the manifest names another digest.")
            except _WRONG as error:
                self.find(name, f"It was changed or damaged and cannot be read: {error}.")

    # ------------------------------------------------------------ members
    def _judge(self, name: str, check: Callable[[], None]) -> None:
        """Let `check` judge a member; one that it trips over is a finding."""
        try:
            check()
        except Unreadable as error:
            self.find(name, str(error))
        except _WRONG:
            self.find(name, "It is missing or cannot be read: it was changed or damaged.")

    def _lines(self, name: str, *checks: Callable[[dict[str, Any]], None]) -> None:
        """Let `checks` judge each line of a member; after one that they trip over the others are still judged."""
        lines = self._read(name)
        for number, line in lines:
            try:
                for check in checks:
                    check(line)
            except _WRONG:
                self.find(name, f"Line {number} is not what belongs there: it was changed or damaged.")

    def _read(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            yield from self.pack.lines(name)
        except _WRONG:
            self.find(name, "It is missing, or ends in what cannot be read: it was changed or damaged.")

    def _texts(self, line: dict[str, Any]) -> None:
        """The definition and manifest of a version give its digest, which is that of RFC 8785 over the two."""
        texts = [
            self.pack.read(f"versions/{line['slug']}-{line['number']}/{name}.json")
            for name in ("definition", "manifest")
        ]
        sha256 = hashlib.sha256(b'{"definition":' + texts[0] + b',"manifest":' + texts[1] + b"}")
        if line["digest"] != f"sha256:{sha256.hexdigest()}":
            self.find(
                "versions.jsonl",
                f"Version {line['number']} of {line['slug']}: definition and manifest do not give its digest.",
            )
        self.log.calls(line, json.loads(texts[1]))

    def _checkpoint(self, line: dict[str, Any]) -> None:
        """A checkpoint alone: its text, its signature, and what it vouches for."""
        prev = bytes.fromhex(line["prev"])
        judged = StreamChecker(line["stream"], seq=line["seq"] - 1, hash=prev)
        columns = {
            "stream": line["stream"],
            "seq": line["seq"],
            "workspace": self.manifest["workspace"]["uid"],
        }
        found = list(
            judged.entry(
                seq=line["seq"],
                body=line["body"],
                prev=prev,
                hash=bytes.fromhex(line["hash"]),
                columns=columns,
            )
        )
        alone = CheckpointChecker(signed=self.signed, number=judged.fields["data"]["number"] - 1)
        found += alone.checkpoint(judged, prev)
        for finding in found:
            self.find("checkpoints.jsonl", finding.sentence)
        self.checkpoints += 1
        for stream, seq, digest in checkpointed_heads(judged.fields):
            if stream in self.log.jobs:
                self.log.vouched[stream, seq] = digest

    def _audit(self) -> None:
        """The entries: each of its own, and what it says of values, steps and sub-jobs."""
        file = FileCheck(
            signed=self.signed, watch=self.log.entry, vouched=dict(self.log.vouched), scopes=("streams",)
        )
        try:
            with self.pack.open("audit.jsonl") as opened:
                file.run(line.decode() for line in opened)
        finally:
            for finding in file.findings:
                self.find("audit.jsonl", f"{self.log.named(finding.stream)}: {finding.sentence}")
        for (stream, seq), digest in file.vouched.items():
            for finding in against_checkpoint(stream, seq, digest, None):
                self.find("audit.jsonl", f"{self.log.named(stream)}: {finding.sentence}")
        if not file.complete:
            self.find("audit.jsonl", "It is not complete: it was cut, or lines were removed.")
