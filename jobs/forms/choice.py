"""What the address of the form names: a workflow and its version, or a job to run again."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from common.api.problems import not_found
from common.canonical import Json, loads
from common.errors import Problem
from jobs.engine import payloads
from jobs.inputs import shown
from jobs.models import Job
from jobs.runnable import version_to_run
from jobs.services import RerunVersion, require_outermost
from jobs.states import PayloadKind
from jobs.transitions import job_label
from workflows.definition.model import Definition
from workflows.diff import Change, diff
from workflows.models import Workflow, WorkflowVersion
from workflows.reading import parsed_text
from workflows.selectors import frozen_definition
from workspaces.actors import Actor
from workspaces.permissions import Permission, require
from workspaces.reading import record_payload_reading

_LARGEST = 18
"""Digits of an id."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The version that will run, and the job that it runs again, if any. `picked`: the address names the version."""

    version: WorkflowVersion
    former: Job | None = None
    picked: bool = False

    @property
    def workflow(self) -> Workflow:
        """Its workflow, which is active."""
        return self.version.workflow

    @cached_property
    def definition(self) -> Definition:
        """The frozen definition."""
        return frozen_definition(self.version.pk)[0]

    @property
    def is_active(self) -> bool:
        """Whether it is the version that new jobs run."""
        return self.workflow.active_version_id == self.version.pk

    @property
    def query(self) -> str:
        """The address's query for this choice."""
        if self.former is not None:
            which = RerunVersion.ACTIVE if self.is_active else RerunVersion.SAME
            return urlencode({"from": self.former.pk, "version": which.value})
        version = {"version": self.version.number} if self.picked else {}
        return urlencode({"workflow": self.workflow.slug, **version})

    @property
    def other_version(self) -> bool:
        """Whether the former job ran another version."""
        return self.former is not None and self.former.version_id != self.version.pk


def choice_of(actor: Actor, query: Mapping[str, str]) -> Choice | None:
    """What a query names; None when it names nothing. Raises `Problem` 404, and what `version_to_run` raises."""
    if query.get("from"):
        return _again(actor, query["from"], query.get("version", ""))
    slug = query.get("workflow", "")
    if not slug:
        return None
    number = query.get("version", "")
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):
        raise not_found()
    try:
        version = version_to_run(actor=actor, workflow=slug, number=int(number) if number else None)
    except Problem as problem:
        if any(error.code == "unknown" for error in problem.errors):
            raise not_found() from problem
        raise
    return Choice(version=version, picked=bool(number))


def definition_of(actor: Actor, query: Mapping[str, str]) -> Definition:
    """The definition whose form a query names: with `draft` that of a preview, else that of a job. Raises `Problem` 403,
    404, and what `version_to_run` raises.
    """
    slug = query.get("draft", "")
    if slug:
        require(actor, Permission.WORKFLOW_PREVIEW)
        draft = Workflow.objects.filter(workspace=actor.workspace, slug=slug).first()
        if draft is None:
            raise not_found()
        return readable_draft(draft)
    choice = choice_of(actor, query)
    if choice is None:
        raise not_found()
    return choice.definition


def readable_draft(workflow: Workflow) -> Definition:
    """What can be read of the draft; of one that cannot be read at all an empty definition, so that a start says why."""
    return parsed_text(workflow.draft).partial or Definition(format=1, name=workflow.name)


def former_values(actor: Actor, job: Job) -> dict[str, Json] | None:
    """The inputs of a job, without its secrets, for whoever may see them; None when they were purged. That an
    auditor reads them is recorded.
    """
    if not actor.sees_payloads:
        return {}
    values: dict[str, Json] | None = shown(payloads.read(job.pk, "", PayloadKind.INPUTS))
    if values is not None:
        target = ("job", str(job.pk), job_label(job.title, job.pk))
        record_payload_reading(actor=actor, target=target, paths=["inputs"])
        assert job.version_id is not None
        secret = {one.key for one in frozen_definition(job.version_id)[0].inputs if one.secret}
        values = {key: value for key, value in values.items() if key not in secret}
    return values


def input_changes(former: int, now: int) -> list[Change]:
    """What differs between the inputs of two versions, by their ids."""
    texts = dict(WorkflowVersion.objects.filter(pk__in=(former, now)).values_list("pk", "definition"))
    before, after = ({"inputs": loads(texts[pk]).get("inputs", [])} for pk in (former, now))
    return diff(before, after)


def _again(actor: Actor, number: str, which: str) -> Choice:
    jobs = Job.objects.select_related("workflow", "version").defer(
        "workflow__draft", "workflow__description", "version__definition", "version__manifest", "error"
    )
    known = number.isascii() and number.isdigit() and len(number) <= _LARGEST
    former = jobs.filter(workspace=actor.workspace, pk=int(number)).first() if known else None
    if former is None or former.version is None:  # a preview has none
        raise not_found()
    require_outermost(former, "run again")
    same = former.version.number if which == RerunVersion.SAME else None
    version = version_to_run(actor=actor, workflow=former.workflow.slug, number=same, rerun_of=former)
    return Choice(version=version, former=former)
