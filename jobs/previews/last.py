"""What a person's last preview of a workflow gave, for whoever builds on: outputs by step."""

from collections.abc import Mapping
from dataclasses import dataclass

from common import clock
from common.canonical import Json, loads
from jobs.models import Job, Payload, Preview, StepRun
from jobs.states import JobKind, PayloadKind, StepStatus
from workflows.models import Workflow
from workflows.preview_shown import PreviewShown
from workspaces.actors import Actor

_MOST_STEPS = 1_000
_ROWS_READ = 5_000
_LARGEST = 32 * 1024
"""Bytes of an output that is told whole."""
_ALL = 512 * 1024


@dataclass(frozen=True, kw_only=True)
class LastOutput:
    """The output of a step, in a loop of the first item that has one. `cut`: it is too large to be told here, and `value`
    is null. `mark` is a `PreviewMark` or empty.
    """

    path: str
    value: Json
    cut: bool
    mark: str


@dataclass(frozen=True, kw_only=True)
class LastPreview:
    """`outputs` by the key of the step, of those that completed."""

    id: int
    status: str
    outputs: Mapping[str, LastOutput]


def last_preview(actor: Actor, workflow: Workflow) -> LastPreview | None:
    """The person's newest preview of `workflow`; None when there is none (any more). Three queries."""
    mine = Job.objects.filter(
        created_by=actor.user, workspace=actor.workspace, kind=JobKind.PREVIEW, workflow=workflow
    )
    job = mine.only("status").order_by("-id").first()
    if job is None:
        return None
    return LastPreview(id=job.pk, status=job.status, outputs=_outputs(job))


def preview_to_show(actor: Actor, workflow: Workflow) -> PreviewShown | None:
    """What the person's newest preview of `workflow` came to, for whoever decides whether it becomes active."""
    preview = (
        Preview.objects.filter(
            job__created_by=actor.user,
            job__workspace=actor.workspace,
            job__kind=JobKind.PREVIEW,
            job__workflow=workflow,
        )
        .select_related("job")
        .order_by("-job")
        .first()
    )
    if preview is None:
        return None
    return PreviewShown(
        id=preview.job_id,
        workflow=workflow.pk,
        status=preview.job.status,
        at=clock.rfc3339(preview.job.created_at),
        until=preview.until,
        effects=preview.effects,
        draft=preview.draft_digest,
    )


def _outputs(job: Job) -> dict[str, LastOutput]:
    runs = StepRun.objects.filter(job=job, status=StepStatus.COMPLETED).exclude(type__in=("item", "turn"))
    first: dict[str, tuple[str, str]] = {}
    for key, path, reason in runs.order_by("ordinal").values_list("key", "path", "reason")[:_ROWS_READ]:
        if len(first) < _MOST_STEPS:
            first.setdefault(key, (path, reason))
    sizes = Payload.objects.filter(
        job=job, kind=PayloadKind.OUTPUT, path__in=[path for path, _ in first.values()]
    )
    texts = dict(sizes.filter(bytes__lte=_LARGEST).order_by("attempt").values_list("path", "body"))
    found: dict[str, LastOutput] = {}
    told = 0
    for key, (path, reason) in first.items():
        text = texts.get(path)
        told += len(text or "")
        cut = text is None or told > _ALL
        found[key] = LastOutput(path=path, value=None if cut else loads(text or "null"), cut=cut, mark=reason)
    return found
