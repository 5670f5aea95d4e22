"""The checkpoints that vouch for given heads: what an evidence pack needs of the workspace's stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.checkpoints import checkpoints
from audit.heads import BATCH_STREAMS, Head
from audit.models import AuditStream
from audit.rules import checkpointed_heads
from audit.selectors import ids_at
from common.canonical import loads

LOOKED_AT = 20
"""So many checkpoints after its last entry are looked at for a head: usually the first names it, and never a later one
than the first few, unless many thousand streams moved in between.
"""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """One entry of the workspace's stream, whole: it is verified alone."""

    id: int
    stream: str
    seq: int
    prev: bytes
    hash: bytes
    body: str


def covering_checkpoints(
    workspace: AuditStream, heads: Sequence[Head], *, until: int
) -> Iterator[Checkpoint]:
    """The checkpoints, up to the entry with the id `until`, that name `heads`, oldest first. Heads that none names
    are left out.
    """
    uncovered = _ids(heads)
    after = 0
    for place, entry in sorted(uncovered.items(), key=lambda item: item[1]):
        after = max(after, entry)
        for _ in range(LOOKED_AT):
            if place not in uncovered:
                break
            found = _next(workspace, after, until)
            if found is None:
                return
            after = found.id
            named = {(stream, seq) for stream, seq, _ in checkpointed_heads(loads(found.body))}
            if covered := named & uncovered.keys():
                yield found
                uncovered = {each: uncovered[each] for each in uncovered.keys() - covered}


def _ids(heads: Sequence[Head]) -> dict[tuple[str, int], int]:
    """Where in the log the entries are that heads name."""
    found: dict[tuple[str, int], int] = {}
    for start in range(0, len(heads), BATCH_STREAMS):
        found |= ids_at([(head.stream, head.seq) for head in heads[start : start + BATCH_STREAMS]])
    return found


def _next(workspace: AuditStream, after: int, until: int) -> Checkpoint | None:
    columns = ("pk", "stream", "seq", "prev", "hash", "body")
    rows = checkpoints(workspace).filter(pk__gt=after, pk__lte=until)
    found = rows.values_list(*columns).first()
    if found is None:
        return None
    pk, stream, seq, prev, digest, body = found
    return Checkpoint(id=pk, stream=stream, seq=seq, prev=bytes(prev), hash=bytes(digest), body=body)
