"""What the machine itself needs, measured beside ours: commits, the same rows by the bare driver, bare requests."""

import http.client
import itertools
import json
import time
import uuid
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from benchmarks.scratch import Scratch

_names = itertools.count(1)
Row = dict[str, Any]


def bare_commits(place: Scratch, count: int) -> float:
    """Seconds for `count` INSERTs of 100 bytes, each committed by itself, on one warm connection."""
    with closing(place.connect()) as connection:
        table, mark = f"floor_{next(_names)}", place.mark
        connection.execute(f"CREATE TABLE {table} (n integer PRIMARY KEY, body text)")
        insert = f"INSERT INTO {table} VALUES ({mark}, {mark})"
        for number in range(10):
            connection.execute(insert, (-1 - number, "x" * 100))
        start = time.perf_counter()
        for number in range(count):
            connection.execute(insert, (number, "x" * 100))
        took = time.perf_counter() - start
        connection.execute(f"DROP TABLE {table}")
    return took


def bare_requests(url: str, count: int) -> float:
    """Seconds for `count` requests one after the other on one warm connection."""
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port)) as connection:
        for number in range(count + 5):
            if number == 5:
                start = time.perf_counter()
            body = json.dumps({"n": number, "before": number - 1}).encode()
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
        return time.perf_counter() - start


def same_rows(place: Scratch, job: int) -> float:
    """Seconds for a plain loop that writes what a finished job of effect steps has written, into the same tables and
    with as many commits: each ends one step, starts the next, and appends one audit entry.
    """
    with closing(place.connect()) as connection:
        copy = _Copy(place, connection, job)
        start = time.perf_counter()
        copy.write()
        return time.perf_counter() - start


class _Copy:
    """The rows of a job, ready to be written once more as those of another."""

    def __init__(self, place: Scratch, connection: Any, job: int) -> None:
        self._place, self._connection = place, connection
        [row] = self._read("jobs_job", "id", job)
        row.pop("id")
        uid = uuid.uuid4()
        row["uid"] = uid if place.database == "postgresql" else uid.hex
        self._stream = f"job:{uid}"
        self._job = self._insert_job(row)
        self._steps = self._read("jobs_steprun", "job_id", job, order="ordinal")
        self._payloads = self._read("jobs_payload", "job_id", job)
        [(stream,)] = place.query("SELECT uid FROM jobs_job WHERE id=?", job)
        self._entries = self._read("audit_entry", "stream", f"job:{uuid.UUID(str(stream))}", order="seq")
        for each in (*self._steps, *self._payloads, *self._entries):
            each.pop("id")
        for each in (*self._steps, *self._payloads):
            each["job_id"] = self._job
        for each in self._entries:
            each["stream"] = self._stream

    def write(self) -> None:
        """One commit for each step, and one for the end."""
        for number in range(len(self._steps) + 1):
            ended = self._steps[number - 1] if number else None
            started = self._steps[number] if number < len(self._steps) else None
            self._commit(number, ended, started)

    def _commit(self, number: int, ended: Row | None, started: Row | None) -> None:
        run, mark = self._connection.execute, self._place.mark
        run("BEGIN" if self._place.database == "postgresql" else "BEGIN IMMEDIATE")
        entry = self._entries[min(number, len(self._entries) - 1)]
        guard = f"UPDATE jobs_job SET head_seq={mark}, head_hash={mark}, done={mark} WHERE id={mark}"
        run(guard, (number + 1, entry["hash"], number, self._job))
        if ended is not None:
            change = f"UPDATE jobs_steprun SET status={mark}, finished_at={mark} WHERE job_id={mark} AND path={mark}"
            run(change, (ended["status"], ended["finished_at"], self._job, ended["path"]))
            self._write_values(ended["path"], "output")
        if started is not None:
            self._insert("jobs_steprun", {**started, "status": "in_progress", "finished_at": None})
            self._write_values(started["path"], "input")
        self._insert("audit_entry", {**entry, "seq": number + 1})
        run("COMMIT")

    def _write_values(self, path: str, kind: str) -> None:
        for payload in self._payloads:
            if (payload["path"], payload["kind"]) == (path, kind):
                self._insert("jobs_payload", payload)

    def _insert(self, table: str, row: Row) -> None:
        marks = ", ".join([self._place.mark] * len(row))
        self._connection.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )

    def _insert_job(self, row: Row) -> int:
        marks = ", ".join([self._place.mark] * len(row))
        sql = f"INSERT INTO jobs_job ({', '.join(row)}) VALUES ({marks}) RETURNING id"
        return int(self._connection.execute(sql, tuple(row.values())).fetchone()[0])

    def _read(self, table: str, column: str, value: Any, order: str = "id") -> list[Row]:
        sql = f"SELECT * FROM {table} WHERE {column}={self._place.mark} ORDER BY {order}"
        found = self._connection.execute(sql, (value,))
        names = [each[0] for each in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
