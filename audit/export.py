"""The audit log as files: JSON Lines with the exact texts and hashes, which anybody can verify, and CSV for reading."""

import csv
import io
import json
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

from audit import log_file, pack_check, pack_file, pack_log, pack_values, rules, signing, standalone
from audit.heads import Head, as_bytes, batched, current_heads, head_batches, workspace_of
from audit.models import AuditEntry, AuditStream
from audit.selectors import entries_of, streams_without_row
from common import clock
from common.canonical import Json

CSV_COLUMNS = (
    "at",
    "stream",
    "seq",
    "action",
    "actor",
    "target_type",
    "target_id",
    "label",
    "request_id",
    "body",
    "hash",
)


_VERIFIER = (log_file, pack_check, pack_file, pack_log, pack_values, rules, standalone)
"""What the stand-alone verifier is made of."""


def workspace_jsonl(workspace: AuditStream) -> Iterator[str]:
    """Everything in `workspace` as lines of JSON, its own stream with the checkpoints first. Streamed: entries that
    are appended meanwhile may be left out, and a line at the end says that the file is complete.
    """
    yield _opening("workspace", workspace)
    entries = yield from _streams(list(current_heads([workspace.stream]).values()))
    for batch in head_batches(workspace):
        entries += yield from _streams(batch)
    for streams in streams_without_row(workspace):
        lost = [Head(stream=stream, seq=0, hash=b"") for stream in sorted(streams)]
        for entry in entries_of(lost):
            yield _entry(entry)
            entries += 1
    yield _line({"record": "end", "entries": entries})


def stream_jsonl(stream: str) -> Iterator[str]:
    """One stream as lines of JSON; no line at all when there is no such stream."""
    workspace = workspace_of(stream)
    if workspace is None:
        return
    yield _opening("stream", workspace)
    entries = yield from _streams(list(current_heads([stream]).values()))
    yield _line({"record": "end", "entries": entries})


def heads_jsonl(workspace: AuditStream, heads: Iterable[Head]) -> Iterator[str]:
    """The streams of `heads` in `workspace`, each up to its head, as lines of JSON."""
    yield _opening("streams", workspace)
    entries = 0
    for batch in batched(heads):
        entries += yield from _streams(batch)
    yield _line({"record": "end", "entries": entries})


def entries_csv(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """`entries` as CSV, one line after the other. Cells that a spreadsheet would take for a formula get a quote in
    front of them, so the exact text is in the JSON Lines only.
    """
    yield _row(CSV_COLUMNS)
    for entry in entries:
        texts = (entry.action, entry.actor, entry.target_type, entry.target_id, entry.label, entry.request_id)
        at = clock.rfc3339(entry.at)
        yield _row((at, entry.stream, str(entry.seq), *texts, entry.body, bytes(entry.hash).hex()))


def verifier_files() -> dict[str, str]:
    """The stand-alone verifier for an evidence pack, by path: `python -m audit.standalone FILE` runs it."""
    sources = {Path(str(module.__file__)) for module in _VERIFIER}
    return {"audit/__init__.py": ""} | {
        f"audit/{source.name}": source.read_text() for source in sorted(sources)
    }


def _streams(heads: list[Head]) -> Generator[str, None, int]:
    """The entries up to the heads, and the heads; returns the number of entries."""
    until = {head.stream: head for head in heads}
    entries = 0
    seen: set[str] = set()
    for entry in entries_of(heads):
        stream, seq = entry[0], entry[1]
        if not isinstance(seq, int) or seq <= until[stream].seq:
            yield _entry(entry)
            entries += 1
            seen.add(stream)
    for head in heads:
        if head.hash or head.stream in seen:
            yield _line({"record": "head", "stream": head.stream, "seq": head.seq, "hash": head.hash.hex()})
    return entries


def _opening(scope: str, workspace: AuditStream) -> str:
    return _line(
        {
            "record": "export",
            "format": log_file.FORMAT,
            "scope": scope,
            "workspace": str(workspace.uid),
            "name": str(workspace),
            "exported_at": clock.rfc3339(clock.now()),
            "key_id": signing.own_key_id(),
        }
    )


def _entry(columns: tuple[Any, ...]) -> str:
    stream, seq, *_, body, prev, digest = columns
    return _line(
        {
            "record": "entry",
            "stream": stream,
            "seq": seq if isinstance(seq, int) else 0,
            "prev": as_bytes(prev).hex(),
            "hash": as_bytes(digest).hex(),
            "body": body if isinstance(body, str) else "",
        }
    )


def _line(record: dict[str, Json]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _row(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(_guarded(cell) for cell in cells)
    return buffer.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
