"""Reading many entries with little memory."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection

from audit.chain import COLUMNS, TABLE
from audit.heads import BATCH_ENTRIES, BATCH_STREAMS, Head, current_heads
from audit.models import AuditEntry, AuditStream

PAGE = 2_000


def streams_without_row(workspace: AuditStream) -> Iterator[set[str]]:
    """The streams with entries in `workspace` whose job is gone or belongs to another workspace now, by chunks that
    may be empty.
    """
    own = AuditEntry.objects.filter(workspace_id=workspace.pk).order_by("stream")
    streams = own.values_list("stream", flat=True).distinct().iterator()
    while chunk := set(map(str, islice(streams, BATCH_STREAMS))):
        yield chunk - current_heads(chunk, within=workspace).keys()


def entries_of(heads: list[Head]) -> Iterator[tuple[Any, ...]]:
    """The entries of streams, each stream in order: short streams by one query, long ones by pages.

    Each is a tuple of the values of `audit.chain.COLUMNS`.
    """
    short = [head.stream for head in heads if head.seq <= BATCH_ENTRIES]
    if short:
        rows = AuditEntry.objects.filter(stream__in=short).order_by("stream", "seq")
        yield from rows.values_list(*COLUMNS).iterator(chunk_size=PAGE)
    for head in heads:
        if head.seq > BATCH_ENTRIES:
            yield from _paged(head.stream)


def _paged(stream: str) -> Iterator[tuple[Any, ...]]:
    rows = AuditEntry.objects.filter(stream=stream).order_by("seq").values_list(*COLUMNS)
    after: int | None = None
    while page := list(rows[:PAGE] if after is None else rows.filter(seq__gt=after)[:PAGE]):
        yield from page
        after = page[-1][1]
        if not isinstance(after, int):
            return  # no number of ours; on SQLite such ones come last


def first_since(moment: datetime) -> int:
    """The id from which on entries are `moment` or younger, found by some twenty looks at the primary key: an index by
    time would cost every step of every job. Entries whose order by id and by time differs may lie on both sides.
    """
    rows = AuditEntry.objects.order_by("pk").values_list("pk", "at")
    oldest, newest = rows.first(), rows.last()  # one query for both would read the whole index on SQLite
    if oldest is None or newest is None:
        return 0
    low, high = oldest[0], newest[0] + 1
    while low < high:
        middle = (low + high) // 2
        found = rows.filter(pk__gte=middle, pk__lt=high).first()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = found[0] + 1
    return low


def hashes_at(places: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The hashes of the entries at `places` that exist."""
    return {(stream, seq): bytes(digest).hex() for stream, seq, digest in _at(places, "hash")}


def ids_at(places: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """The ids of the entries at `places` that exist."""
    return {(stream, seq): pk for stream, seq, pk in _at(places, "id")}


def _at(places: list[tuple[str, int]], column: str) -> list[tuple[Any, ...]]:
    values = ", ".join(["(%s, %s)"] * len(places))
    query = f"SELECT stream, seq, {column} FROM {TABLE} WHERE (stream, seq) IN (VALUES {values})"  # noqa: S608 - no input
    with connection.cursor() as cursor:
        cursor.execute(query, [part for place in places for part in place])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
