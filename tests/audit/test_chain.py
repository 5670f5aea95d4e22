import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.chain import COLUMNS, ENTRY_FIELDS, EntryDraft, Stream, chain, entry_body, next_hash
from common.canonical import NotJson

AT = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
STREAM = Stream(name="job:7", workspace_id=3, workspace_uid="1f0e")


def draft(**changes) -> EntryDraft:
    return EntryDraft(
        **{
            "action": "job.created",
            "actor": "user:ada",
            "target_type": "job",
            "target_id": "7",
            "label": "Job #7",
            **changes,
        }
    )


def test_the_body_is_canonical_text_with_every_field():
    body = entry_body(
        stream="job:7",
        seq=1,
        at="2026-03-01T12:00:00.000005Z",
        workspace="1f0e",
        action="job.created",
        actor="user:ada",
        target_type="job",
        target_id="7",
        label="Zoë",
        request_id="",
        data={"b": 1.0, "a": None},
    )
    assert body == (
        '{"action":"job.created","actor":"user:ada","at":"2026-03-01T12:00:00.000005Z","data":{"a":null,"b":1.0},'
        '"label":"Zoë","request_id":"","seq":1,"stream":"job:7","target_id":"7","target_type":"job",'
        '"workspace":"1f0e"}'
    )
    assert tuple(json.loads(body)) == ENTRY_FIELDS


def test_a_hash_covers_the_hash_before_it_and_the_body():
    assert next_hash(b"", "ä") == hashlib.sha256("ä".encode()).digest()
    assert next_hash(b"\x01" * 32, "x") == hashlib.sha256(b"\x01" * 32 + b"x").digest()


def test_drafts_become_linked_entries_that_follow_the_head():
    first = chain(STREAM, [draft()], head_seq=0, head_hash=b"", at=AT)
    later = chain(STREAM, [draft(), draft()], head_seq=1, head_hash=first.head_hash, at=AT)
    assert [entry.seq for entry in later.entries] == [2, 3]
    assert first.entries[0].prev == b""
    assert later.entries[0].prev == first.entries[0].hash
    assert later.entries[1].prev == later.entries[0].hash
    assert (later.head_seq, later.head_hash) == (3, later.entries[1].hash)


def test_chaining_the_same_drafts_together_or_one_by_one_gives_the_same_hashes():
    together = chain(STREAM, [draft(label=str(n)) for n in range(5)], head_seq=0, head_hash=b"", at=AT)
    seq, head = 0, b""
    for n in range(5):
        one = chain(STREAM, [draft(label=str(n))], head_seq=seq, head_hash=head, at=AT)
        seq, head = one.head_seq, one.head_hash
    assert (seq, head) == (together.head_seq, together.head_hash)


def test_a_row_has_the_columns_in_order_and_the_time_as_the_database_stores_it():
    at = datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    entry = chain(STREAM, [draft()], head_seq=0, head_hash=b"", at=at).entries[0]
    row = dict(zip(COLUMNS, entry.row(), strict=True))
    assert row["at"] == at
    assert row["hash"] == entry.hash
    assert dict(zip(COLUMNS, entry.row(text_time=True), strict=True))["at"] == "2026-03-01 12:00:00"
    assert json.loads(entry.body)["at"] == "2026-03-01T12:00:00.000000Z"


def test_texts_that_a_column_cannot_hold_are_cut_and_cleaned_before_they_are_hashed():
    entry = chain(
        STREAM, [draft(label="x" * 300, actor="a\0b\ud800c")], head_seq=0, head_hash=b"", at=AT
    ).entries[0]
    assert entry.label == "x" * 199 + "…"
    assert entry.actor == "a�b�c"
    assert json.loads(entry.body)["label"] == entry.label


def test_data_that_is_not_json_is_refused():
    with pytest.raises(NotJson):
        chain(STREAM, [draft(data={"x": float("nan")})], head_seq=0, head_hash=b"", at=AT)


@given(st.text(alphabet=st.characters(), max_size=250), st.dictionaries(st.text(), st.integers() | st.text()))
def test_any_text_and_data_survive_in_a_body_that_can_be_stored(label, data):
    entry = chain(STREAM, [draft(label=label, data=data)], head_seq=0, head_hash=b"", at=AT).entries[0]
    assert "\0" not in entry.body + entry.label
    entry.body.encode()
    assert json.loads(entry.body)["data"] == data
    assert json.loads(entry.body)["label"] == entry.label
    assert len(entry.label) <= 200


def test_the_chain_needs_no_django():
    code = "import audit.chain, sys; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
