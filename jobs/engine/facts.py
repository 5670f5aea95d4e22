"""What an owner reads once per claim: the frozen definition, the inputs, the names that expressions see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from django.db.models import BigIntegerField, QuerySet

from common.canonical import Json, loads
from common.prepared import Given, Prepared
from common.secrets import SecretUnreadable
from jobs.engine import payloads
from jobs.engine.claim import Claim
from jobs.engine.previewing import Previewing
from jobs.engine.rows import StepRow, WaitRow
from jobs.inputs import today_in, unseal
from jobs.models import Job, Payload, Preview, Wait
from jobs.states import JobKind, PayloadKind, StepStatus, WaitKind, WaitOutcome
from workflows.definition.model import Definition
from workflows.models import WorkflowVersion
from workflows.reading import frozen_text
from workflows.selectors import called_version, frozen_definition, version_pinned


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is read once per claim besides the claim itself."""

    definition: Definition
    actions: Mapping[str, int]
    """The version of each action that the manifest pins."""
    called: Callable[[str], WorkflowVersion]
    """The version of a workflow that a step calls, by slug."""
    inputs: dict[str, Json]
    secrets: list[str]
    unreadable: str
    """Why the secret inputs cannot be read; empty when they can."""
    scope: dict[str, dict[str, object]]
    workspace_uid: str
    silent: bool
    previewing: Previewing | None


@dataclass(frozen=True, kw_only=True)
class _Runs:
    """What a job runs: a frozen version, or a draft that has no `number`. `called` gives the version of a workflow that
    it calls, by slug.
    """

    definition: Definition
    manifest: dict[str, Any]
    slug: str
    number: int | None
    called: Callable[[str], WorkflowVersion]


def read_facts(claim: Claim) -> Facts:
    """Everything about a claimed job but its step runs. Secrets that cannot be read do not raise: the owner tells."""
    names, stored = _read_names_and_inputs(claim.id)
    uid, workspace_slug, workspace_name, username, root_kind = names
    preview = JobKind.PREVIEW in (claim.kind, root_kind)
    what = _draft(claim) if claim.version_id is None else _version(claim.version_id)
    definition = what.definition
    unreadable = ""
    try:
        inputs, secrets = unseal(definition, stored, job_uid=str(claim.uid))
    except SecretUnreadable as error:
        inputs, secrets, unreadable = {}, [], f"A secret input cannot be read: {error}"
    return Facts(
        definition=definition,
        actions=what.manifest["actions"],
        called=what.called,
        inputs=inputs,
        secrets=secrets,
        unreadable=unreadable,
        scope={
            "job": {
                "id": claim.id,
                "created_at": claim.created_at,
                "today": today_in(claim.time_zone, claim.started_at),
                "started_by": username or "system",
                "reference": claim.reference,
                "workflow": what.slug,
                "version": what.number,
            },
            "workspace": {"slug": workspace_slug, "name": workspace_name, "time_zone": claim.time_zone},
        },
        workspace_uid=str(uid),
        silent=preview,
        previewing=_previewing(claim) if preview else None,
    )


def _version(version_id: int) -> _Runs:
    definition, manifest = frozen_definition(version_id)
    slug, number = _version_label(version_id)
    return _Runs(
        definition=definition,
        manifest=manifest,
        slug=slug,
        number=number,
        called=partial(called_version, version_id),
    )


def _draft(claim: Claim) -> _Runs:
    """What a preview runs: its own copy of the draft, with the versions that were active when it was started."""
    assert claim.draft is not None, "a job without a version is a preview"
    manifest, slug = Preview.objects.values_list("manifest", "job__workflow__slug").get(job=claim.id)
    pinned = loads(manifest)
    return _Runs(
        definition=frozen_text(claim.draft),
        manifest=pinned,
        slug=slug,
        number=None,
        called=partial(version_pinned, pinned, workspace_id=claim.workspace_id),
    )


def _previewing(claim: Claim) -> Previewing:
    """What was asked of the preview that this is, or that this is a sub-job of."""
    asked = Preview.objects.only("effects", "until", "pins").get(job=claim.root_id or claim.id)
    if claim.root_id is not None:
        return Previewing(effects=asked.effects)
    return Previewing(effects=asked.effects, until=asked.until, pins=loads(asked.pins))


def _read_names_and_inputs(job_id: int) -> tuple[tuple[Any, ...], dict[str, Json]]:
    """What the claim does not say, in one query."""
    [found] = _NAMES_AND_INPUTS.rows(job=job_id)
    return found[2:], payloads.stored_value(*found[:2]) or {}


def _names_and_inputs() -> QuerySet[Payload, tuple[Any, ...]]:
    inputs = Payload.objects.filter(job=Given("job", BigIntegerField()), path="", kind=PayloadKind.INPUTS)
    return inputs.values_list(
        "body",
        "blob_id",
        "job__workspace__uid",
        "job__workspace__slug",
        "job__workspace__name",
        "job__created_by__username",
        "job__root__kind",
    )


_NAMES_AND_INPUTS = Prepared(_names_and_inputs)


@lru_cache(maxsize=512)
def _version_label(version_id: int) -> tuple[str, int]:
    """Slug and number of a version; neither ever changes."""
    found = Job.objects.filter(version_id=version_id).values_list("workflow__slug", "version__number").first()
    assert found is not None
    return found[0], found[1]


def read_waits(claim: Claim, rows: dict[str, StepRow]) -> dict[tuple[str, str], WaitRow]:
    """The newest wait of each kind for every step that waits."""
    waiting = [row.path for row in rows.values() if row.status is StepStatus.WAITING]
    found: dict[tuple[str, str], WaitRow] = {}
    for start in range(0, len(waiting), 500):
        waits = Wait.objects.filter(job_id=claim.id, path__in=waiting[start : start + 500]).order_by("id")
        for wait in waits:
            found[wait.path, wait.kind] = WaitRow(
                wait.path,
                WaitKind(wait.kind),
                wait.generation,
                wait.attempt,
                wait.since,
                wait.due_at,
                WaitOutcome(wait.outcome) if wait.outcome else None,
            )
    return found
