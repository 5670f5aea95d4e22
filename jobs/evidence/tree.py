"""The jobs of a pack: one job and all that it started, with their heads at one moment."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Q, QuerySet, Sum

from audit.checkpoints import latest_checkpoint
from audit.heads import Head
from jobs.engine import payloads
from jobs.models import File, Job, Payload, StepRun
from jobs.states import PayloadKind
from jobs.storage import file_ids

Item = TypeVar("Item")
CHUNK = 500
_COLUMNS = ("pk", "uid", "head_seq", "head_hash")


@dataclass(frozen=True, kw_only=True)
class Tree:
    """`heads` by the ids of the jobs, in their order. What the pack has of the log ends there."""

    root: Job
    heads: dict[int, Head]
    checkpointed: int
    """The id of the last checkpoint before that moment."""

    def chunks(self) -> Iterator[list[int]]:
        """The ids of the jobs, some at a time."""
        return in_chunks(self.heads)

    def moved(self) -> list[str]:
        """The streams that have gone on since."""
        found = []
        for ids in self.chunks():
            now = Job.objects.filter(pk__in=ids).values_list("pk", "head_seq")
            found += [self.heads[pk].stream for pk, seq in now.order_by("pk") if seq != self.heads[pk].seq]
        return found


def read_tree(root: Job) -> Tree:
    """The job and its sub-jobs, their sub-jobs and so on. Of an outermost job all are read at once; of a sub-job
    depth by depth, so that a job is never read before the one that started it.
    """
    latest = latest_checkpoint(root.workspace)
    if root.root_id is None:
        rows = list(_rows(Job.objects.filter(Q(pk=root.pk) | Q(root=root.pk))))
    else:
        rows = list(_rows(Job.objects.filter(pk=root.pk)))
        depth = rows
        while depth:
            parents = [row[0] for row in depth]
            depth = []
            for chunk in in_chunks(parents):
                depth += _rows(Job.objects.filter(parent__in=chunk))
            rows += depth
    heads = {
        pk: Head(stream=f"job:{uid}", seq=seq, hash=bytes(digest)) for pk, uid, seq, digest in sorted(rows)
    }
    return Tree(root=root, heads=heads, checkpointed=latest.pk if latest else 0)


def files_of(tree: Tree) -> Iterator[QuerySet[File]]:
    """The files that the jobs made and those that went into the first of them, some at a time; one may come twice."""
    stored = payloads.read(tree.root.pk, "", PayloadKind.INPUTS)
    given = sorted(file_ids(stored) if stored else ())
    own = File.objects.filter(workspace=tree.root.workspace_id)
    for chunk in in_chunks(given):
        yield own.filter(pk__in=chunk)
    for ids in tree.chunks():
        yield own.filter(job__in=ids)


def size_of(tree: Tree, *, whole: bool) -> int:
    """About how many bytes the pack will have; `whole`: with values and files."""
    each_row = 1 << 10
    total = each_row * sum(head.seq for head in tree.heads.values())
    for ids in tree.chunks():
        total += each_row * StepRun.objects.filter(job__in=ids).count()
        if whole:
            total += _sum(Payload.objects.filter(job__in=ids, purged_at=None), "bytes")
    if whole:
        total += sum(_sum(files, "blob__bytes") for files in files_of(tree))
    return total


def in_chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """`items`, as many at a time as one query may name."""
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _rows(jobs: QuerySet[Job]) -> Sequence[tuple[Any, ...]]:
    return list(jobs.values_list(*_COLUMNS))


def _sum(rows: QuerySet[Any], column: str) -> int:
    return rows.aggregate(total=Sum(column))["total"] or 0
