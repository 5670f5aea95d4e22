"""Tampering with each of 1,000 entries is found, and nothing else is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from audit.chain import Entry, Stream, chain, next_hash
from audit.rules import (
    BROKEN_LINK,
    CHANGED,
    COLUMN,
    MISSING,
    ORDER,
    UNREADABLE,
    StreamChecker,
    against_head,
)
from common.clock import rfc3339
from tests.audit.conftest import draft

STREAM = Stream(name="job:7", workspace_id=3, workspace_uid="1f0e")
COUNT = 1_000


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    drafts = [draft(number) for number in range(COUNT)]
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return list(chain(STREAM, drafts, head_seq=0, head_hash=b"", at=at).entries)


def found(entries: list[Entry], after: Entry | None = None) -> list[tuple[int, str]]:
    checker = StreamChecker(STREAM.name)
    if after:
        checker.seq, checker.hash = after.seq, after.hash
    return [(each.seq, each.kind) for entry in entries for each in judged(checker, entry)]


def judged(checker: StreamChecker, entry: Entry):
    columns = {
        "stream": entry.stream,
        "seq": entry.seq,
        "at": rfc3339(entry.at),
        "workspace": STREAM.workspace_uid,
        "action": entry.action,
        "actor": entry.actor,
        "target_type": entry.target_type,
        "target_id": entry.target_id,
        "label": entry.label,
        "request_id": entry.request_id,
    }
    return checker.entry(seq=entry.seq, body=entry.body, prev=entry.prev, hash=entry.hash, columns=columns)


def around(entries: list[Entry], place: int, changed: list[Entry]) -> list[tuple[int, str]]:
    """What is found when the entry at `place` (and the next) is replaced, judged from two before to three after:
    a checker knows only the entry before, so the rest cannot matter.
    """
    start = max(place - 2, 0)
    window = entries[start:place] + changed + entries[place + 2 : place + 5]
    return found(window, after=entries[start - 1] if start else None)


def test_an_untouched_stream_has_no_findings(entries):
    assert found(entries) == []


def test_a_changed_text_is_found_in_each_of_a_thousand_whole_streams(entries):
    for place in range(COUNT):
        other = replace(entries[place], body=entries[place].body.replace('"amount":1.0', '"amount":2.0'))
        assert found([*entries[:place], other, *entries[place + 1 :]]) == [(place + 1, CHANGED)]


@pytest.mark.parametrize(
    "column", ["at", "action", "actor", "target_type", "target_id", "label", "request_id", "stream"]
)
def test_a_changed_column_is_found_at_each_entry(entries, column):
    value = datetime(2020, 1, 1, tzinfo=UTC) if column == "at" else "tampered"
    for place in range(COUNT):
        changed = [replace(entries[place], **{column: value}), *entries[place + 1 : place + 2]]
        assert around(entries, place, changed) == [(place + 1, COLUMN)]


def test_a_text_and_hash_changed_together_break_the_link_after_them(entries):
    for place in range(COUNT - 1):
        body = entries[place].body.replace('"amount":1.0', '"amount":2.0')
        changed = replace(entries[place], body=body, hash=next_hash(entries[place].prev, body))
        assert around(entries, place, [changed, entries[place + 1]]) == [(place + 2, BROKEN_LINK)]


def test_a_missing_entry_is_found_wherever_it_was(entries):
    for place in range(COUNT - 1):
        assert around(entries, place, [entries[place + 1]]) == [(place + 1, MISSING)]


def test_an_added_entry_is_found_wherever_it_is(entries):
    for place in range(COUNT - 1):
        added = chain(
            STREAM,
            [draft(0)],
            head_seq=entries[place].seq,
            head_hash=entries[place].hash,
            at=entries[0].at,
        ).entries[0]
        changed = [entries[place], added, entries[place + 1]]
        assert (place + 2, ORDER) in around(entries, place, changed)


def test_two_entries_that_changed_places_are_found(entries):
    for place in range(COUNT - 1):
        one, two = entries[place], entries[place + 1]
        swapped = [replace(two, seq=one.seq), replace(one, seq=two.seq)]
        findings = around(entries, place, swapped)
        assert {(one.seq, COLUMN), (two.seq, COLUMN), (one.seq, BROKEN_LINK)} <= set(findings)


def test_a_text_that_is_no_entry_is_found(entries):
    for body in ("", "[]", "null", '{"a":1}', "\udcff"):
        assert found([replace(entries[0], body=body)]) == [(1, CHANGED), (1, UNREADABLE)]


def test_a_cut_tail_shows_against_the_head():
    (cut,) = against_head("job:7", head_seq=5, head_hash=b"x", last=3, at_head=b"")
    assert cut.sentence == "Entries 4 to 5 are missing at the end."
    (cut,) = against_head("job:7", head_seq=5, head_hash=b"x", last=4, at_head=b"")
    assert cut.sentence == "Entry 5 is missing at the end."
    assert not list(against_head("job:7", head_seq=5, head_hash=b"x", last=5, at_head=b"x"))
