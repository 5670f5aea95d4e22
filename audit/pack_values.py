"""The values and files of an evidence pack, held against the commitments in its log."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from audit.pack_file import Pack
from audit.pack_log import Find, PackLog

_SEALED, _MASK = "$sealed", "•••"


class PackValues:
    """Each commitment of the log has its value, and each value its commitment: SHA-256(salt ‖ stored bytes)."""

    def __init__(self, pack: Pack, log: PackLog, find: Find) -> None:
        self.pack, self.log, self.find = pack, log, find
        self.hidden = False
        """The pack was taken by somebody who may not see values."""
        self.absent: set[str] = set()
        """Digests whose bytes the installation itself had lost."""
        self.checked = self.unseen = self.removed = self.files = self.loose = self.newer = 0
        self._named: dict[str, set[str]] = {}
        """The digests of files that values name, by id."""
        self._plain: dict[str, tuple[int, Any]] = {}

    def value(self, line: dict[str, Any]) -> None:
        """One value; `body` is its stored text, or `sha256` names the member that has it."""
        stream, path, kind = line["stream"], line["path"], line["kind"]
        place = f"the {kind} of {f'step {path} of ' if path else ''}{self.log.named(stream)}"
        if self.log.committed.pop(line["commitment"], None) != (stream, path, kind):
            if stream in self.log.moved:
                self.newer += 1
            else:
                self.find("values.jsonl", f"The log does not know {place}.")
        if line["purged_at"]:
            self.removed += 1
        elif self.hidden:
            self.unseen += 1
        else:
            self._content(line, place)

    def _content(self, line: dict[str, Any], place: str) -> None:
        salt = bytes.fromhex(line["salt"])
        if line["body"] is None and line["sha256"] in self.absent:
            self.find("values.jsonl", f"{place[0].upper()}{place[1:]} was lost by the installation.")
            return
        stored = self._stored(line)
        commitment = hashlib.sha256(salt + stored).hexdigest()
        for file_id, sha256 in _files_in(json.loads(stored)):
            self._named.setdefault(file_id, set()).add(sha256)
        if commitment != line["commitment"]:
            self.find(
                "values.jsonl", f"{place[0].upper()}{place[1:]} was changed: it does not give its commitment."
            )
        self.checked += 1
        if line["path"] == "" and self.log.root is not None and line["stream"] == self.log.root["stream"]:
            self._remember(line)

    def _remember(self, line: dict[str, Any]) -> None:
        """The newest inputs and outputs of the job itself."""
        if line["attempt"] >= self._plain.get(line["kind"], (0, None))[0]:
            self._plain[line["kind"]] = (line["attempt"], json.loads(self._stored(line)))

    def _stored(self, line: dict[str, Any]) -> bytes:
        """The exact bytes of a value: large ones are members of their own."""
        body: str | None = line["body"]
        return self.pack.read(f"files/{line['sha256']}") if body is None else body.encode()

    def plain(self, name: str, kind: str) -> None:
        """The copy for reading says what the value says; secret inputs are masked in it."""
        shown = json.loads(self.pack.read(name))
        stored = self._plain[kind][1] if kind in self._plain else None
        if isinstance(stored, dict):
            stored = {
                key: _MASK if isinstance(value, dict) and _SEALED in value else value
                for key, value in stored.items()
            }
        if shown != stored:
            self.find(name, f"It was changed: it is not what values.jsonl has as {kind}.")

    def file(self, line: dict[str, Any]) -> None:
        """A file: its bytes give its digest, and a value of the job names it."""
        if self.hidden:
            return
        if line["sha256"] in self.absent:
            self.find("files.jsonl", f"The bytes of the file {line['id']} were lost by the installation.")
            return
        if self.pack.digest(f"files/{line['sha256']}") != (line["sha256"], line["bytes"]):
            self.find("files.jsonl", f"The bytes of the file {line['id']} do not give its digest.")
        self.files += 1
        if line["id"] not in self._named:
            self.loose += 1
        elif line["sha256"] not in self._named[line["id"]]:
            self.find("files.jsonl", f"The values of the job name another digest for the file {line['id']}.")

    def finish(self) -> None:
        """After the last value: none is missing."""
        for stream, path, kind in self.log.committed.values():
            step = f"step {path} of " if path else ""
            self.find(
                "values.jsonl", f"The {kind} of {step}{self.log.named(stream)} is missing: its log has it."
            )

    def notes(self) -> Iterator[str]:
        """What could not be checked."""
        if self.unseen:
            yield (
                f"{self.unseen} values were NOT checked: the pack was taken by somebody who may not see inputs, outputs and"
                " files, so it has their commitments alone."
            )
        if self.removed:
            yield (
                f"{self.removed} values were removed after their retention: the log proves that they were there, not what"
                " they said."
            )
        if self.loose:
            yield f"{self.loose} files are named by no value in the text of this pack: only the seal vouches for them."
        if self.newer:
            yield f"{self.newer} values are newer than the log in this pack and were NOT compared with it."


def _files_in(value: Any) -> Iterator[tuple[str, str]]:
    """Id and digest of each file that a value names."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            if isinstance(one.get("id"), str) and isinstance(one.get("sha256"), str):
                yield one["id"], one["sha256"]
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)
