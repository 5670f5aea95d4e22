"""What a pack says of versions, jobs, steps, values and files: one line of JSON each, read a page at a time."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from common import clock
from common.canonical import Json, dumps, loads
from jobs.evidence.tree import Tree, files_of
from jobs.models import File, Job, Payload, StepRun
from jobs.selectors import shown_error
from workflows.models import WorkflowVersion

Row = TypeVar("Row", bound=Model)
PAGE = 1_000
VALUES_PAGE = 100
"""Values may have 64 KiB each in their row."""
VERSIONS_PAGE = 10


def versions_of(tree: Tree) -> Iterator[WorkflowVersion]:
    """The versions that the jobs run, whole."""
    ids: set[int] = set()
    for chunk in tree.chunks():
        ids.update(Job.objects.filter(pk__in=chunk).values_list("version", flat=True).distinct())
    rows = WorkflowVersion.objects.filter(pk__in=ids).select_related("workflow").defer("workflow__draft")
    return _pages(rows, ("pk",), VERSIONS_PAGE)


def version_line(version: WorkflowVersion) -> str:
    """Its texts are members of their own."""
    return line(
        {
            "id": version.pk,
            "slug": version.workflow.slug,
            "name": version.workflow.name,
            "number": version.number,
            "digest": version.digest,
            "created_at": clock.rfc3339(version.created_at),
        }
    )


def job_lines(tree: Tree) -> Iterator[str]:
    """The jobs, those that started others before these; heads are those of the tree."""
    for ids in tree.chunks():
        rows = Job.objects.filter(pk__in=ids).select_related("workflow", "version", "created_by", "parent")
        columns = (
            "uid", "kind", "status", "title", "reference", "source", "generation", "parent_path", "created_at",
            "started_at", "finished_at", "error_code", "error_summary", "workflow__slug", "version__number",
            "version__digest", "created_by__username", "parent__uid",
        )  # fmt: skip
        for job in _pages(rows.only(*columns), ("pk",), PAGE):
            yield line(_job(job, tree))


def step_lines(tree: Tree, *, whole: bool) -> Iterator[str]:
    """The step runs of all jobs, each job's in the order of their starts."""
    for ids in tree.chunks():
        rows = StepRun.objects.filter(job__in=ids).order_by()
        for run in _pages(rows, ("job_id", "ordinal", "pk"), PAGE):
            yield line(_step(run, tree, whole=whole))


def value_lines(tree: Tree, large: dict[str, None], *, whole: bool) -> Iterator[str]:
    """All values with their commitments; `whole`: with salt and exact text. `large` gets the digests of those whose
    text is to be a member of its own.
    """
    for ids in tree.chunks():
        rows = Payload.objects.filter(job__in=ids)
        rows = rows if whole else rows.defer("body", "salt")
        for value in _pages(rows, ("job_id", "pk"), VALUES_PAGE):
            content: dict[str, Json] = {
                "stream": tree.heads[value.job_id].stream,
                "path": value.path,
                "kind": value.kind,
                "attempt": value.attempt,
                "commitment": bytes(value.commitment).hex(),
                "purged_at": clock.rfc3339(value.purged_at) if value.purged_at else None,
            }
            if whole and value.purged_at is None:
                content["salt"] = bytes(value.salt or b"").hex()
                content["body"] = value.body
                content["sha256"] = value.blob_id
                if value.blob_id:
                    large[value.blob_id] = None
            yield line(content)


def file_lines(tree: Tree, large: dict[str, None], *, whole: bool) -> Iterator[str]:
    """The files; `whole`: with name and digest, which say something of what is in them."""
    seen: set[str] = set()
    for files in files_of(tree):
        rows = files.select_related("blob").order_by()
        for file in _pages(rows, ("pk",), PAGE):
            if file.pk in seen:
                continue
            seen.add(file.pk)
            made_by = tree.heads.get(file.job_id or 0)
            content: dict[str, Json] = {
                "id": file.pk,
                "made_by": made_by.stream if made_by else None,
                "created_at": clock.rfc3339(file.created_at),
            }
            if whole:
                content |= _file(file)
                large[file.blob_id] = None
            yield line(content)


def line(content: dict[str, Json]) -> str:
    """One object on a line of its own."""
    return dumps(content) + "\n"


def _job(job: Job, tree: Tree) -> dict[str, Json]:
    assert job.version is not None
    head = tree.heads[job.pk]
    return {
        "id": job.pk,
        "stream": head.stream,
        "kind": job.kind,
        "workflow": job.workflow.slug,
        "version": job.version.number,
        "version_id": job.version_id,
        "digest": job.version.digest,
        "status": job.status,
        "title": job.title,
        "reference": job.reference,
        "source": job.source,
        "resumed": job.generation,
        "parent": job.parent.stream if job.parent else None,
        "parent_path": job.parent_path,
        "created_by": job.created_by.username if job.created_by else None,
        "created_at": clock.rfc3339(job.created_at),
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
        "error": {"code": job.error_code, "message": job.error_summary} if job.error_code else None,
        "head_seq": head.seq,
        "head_hash": head.hash.hex(),
    }


def _step(run: StepRun, tree: Tree, *, whole: bool) -> dict[str, Json]:
    stream = tree.heads[run.job_id].stream
    child = tree.heads.get(run.child_id or 0)
    attempts: list[dict[str, Any]] = loads(run.attempts) if run.attempts else []
    if not whole:
        attempts = [each | {"error": each["error"] and each["error"] | {"detail": None}} for each in attempts]
    return {
        "stream": stream,
        "path": run.path,
        "key": run.key,
        "type": run.type,
        "status": run.status,
        "reason": run.reason,
        "attempt": run.attempt,
        "attempts": attempts,
        "idempotency_key": f"{stream.removeprefix('job:')}:{run.path}:{run.key_generation}",
        "error": shown_error(run.error, whole=whole),
        "decision": loads(run.decision) if run.decision else None,
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at),
        "job": child.stream if child else None,
        "action_version": run.action_version,
        "release": run.release,
    }


def _file(file: File) -> dict[str, Json]:
    return {
        "name": file.name,
        "media_type": file.media_type,
        "bytes": file.blob.bytes,
        "sha256": file.blob_id,
    }


def _moment(value: Any) -> str | None:
    return clock.rfc3339(value) if value else None


def _pages(rows: QuerySet[Row], order: Sequence[str], size: int) -> Iterator[Row]:
    """All rows, by pages: nothing stays open in the database while somebody downloads slowly. `order` names columns
    that are unique together.
    """
    page = list(rows.order_by(*order)[:size])
    while page:
        yield from page
        if len(page) < size:
            return
        after = [(name, getattr(page[-1], name)) for name in order]
        page = list(rows.filter(_beyond(after)).order_by(*order)[:size])


def _beyond(after: list[tuple[str, Any]]) -> Q:
    (name, value), *rest = after
    beyond = Q(**{f"{name}__gt": value})
    return beyond | (Q(**{name: value}) & _beyond(rest)) if rest else beyond
