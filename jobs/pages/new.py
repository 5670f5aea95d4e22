"""New job: choose an active workflow, fill in the form made from its inputs, execute; or run a former job again."""

import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.canonical import Json
from common.errors import Problem
from jobs.forms.answers import Answers, blank
from jobs.forms.changes import sentences_of
from jobs.forms.choice import Choice, choice_of, former_values, input_changes
from jobs.forms.controls import ChosenFile
from jobs.models.job import Priority, Source
from jobs.pages.answering import all_errors, answers_from, form_sections, summary_of_errors
from jobs.pages.uploading import TakesFiles
from jobs.services import OnDuplicate, RerunVersion, start_job
from workflows.definition.wording import capital
from workflows.models import Workflow, WorkflowStatus
from workflows.selectors import frozen_definition
from workspaces.idempotency import once_for_form
from workspaces.permissions import Permission, can, roles_that_can

MOST_WORKFLOWS = 1000
_MOST_VERSIONS = 50
_KEY = re.compile("[0-9a-f]{32}")


class NewJobPage(TakesFiles):
    """`?workflow=slug` skips the choice (`&version=3` for builders); `?from=ID` runs a job again
    (`&version=same|active`).
    """

    permissions: ClassVar = {"get": Permission.JOB_START, "post": Permission.JOB_START}

    def get(self, request: HttpRequest) -> HttpResponse:
        """The choice, or the form with defaults or with the inputs of the former job."""
        try:
            choice = choice_of(self.actor, request.GET.dict())
        except Problem as problem:
            return self._choose(problem)
        if choice is None:
            return self._choose()
        zone, former = timezone.get_current_timezone(), choice.former
        values = former_values(self.actor, former) if former is not None else None
        answers = blank(choice.definition, zone, former=former, values=values)
        return self._form(choice, answers, purged=former is not None and values is None)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start the job, or show the form again with everything that was typed and every error."""
        try:
            choice = choice_of(self.actor, request.GET.dict())
        except Problem as problem:
            return self._choose(problem)
        if choice is None:
            return self._choose(Problem(422, "invalid", _("Choose a workflow first.")))
        answers = answers_from(self, choice.definition, seal_for=self._seal_for(choice))
        try:
            self._require_shown_version(choice)
            job_id = self._start(choice, answers)
        except Problem as problem:
            if problem.status == 403:
                raise
            return self._form(choice, answers, problem=problem)
        return HttpResponseRedirect(job_url(job_id))

    def _require_shown_version(self, choice: Choice) -> None:
        """Between showing the form and sending it, another version may have become the active one."""
        shown = self.request.POST.get("form_version", "")
        if shown != str(choice.version.number):
            raise Problem(
                409,
                "version_changed",
                _(
                    "The workflow has changed meanwhile: version %(now)s is the active one. What you typed is still "
                    "here. Look at it again, then execute the job."
                )
                % {"now": choice.version.number},
            )

    def _start(self, choice: Choice, answers: Answers) -> int:
        if answers.errors:
            raise all_errors(self, choice.definition, answers)

        def create() -> Json:
            started = start_job(
                actor=self.actor,
                workflow=choice.workflow.slug,
                inputs=answers.given,
                version=choice.version.number,
                title=answers.title,
                reference=answers.reference,
                priority=answers.priority,
                on_duplicate=OnDuplicate.REJECT if answers.only_once else OnDuplicate.ALLOW,
                source=Source.UI,
                rerun_of=choice.former,
            )
            return {"job": started.job.pk}

        key = self.request.POST.get("form_key", "")
        if not _KEY.fullmatch(key):
            raise Problem(
                422, "invalid", _("The form was incomplete. Look at it again, then execute the job.")
            )
        content = [choice.query, answers.given, answers.title, answers.reference, answers.priority]
        try:
            made, repeated = once_for_form(actor=self.actor, key=key, content=content, create=create)
        except Problem as problem:
            if problem.code == "idempotency_conflict":
                problem.detail = _(
                    "This form has started a job already, with other inputs. To start another one with these, "
                    "execute the job again."
                )
            raise
        if repeated:
            messages.info(
                self.request, _("This form had started this job already; no second one was started.")
            )
        return int(made["job"])

    # ---------------------------------------------------------------- what is shown
    def _choose(self, problem: Problem | None = None) -> HttpResponse:
        """The choice of a workflow; `problem` says why the one that was asked for cannot be run."""
        if problem is not None and problem.status in (403, 404):
            raise problem
        status = problem.status if problem and self.request.method == "POST" else 200
        return self.render(
            "jobs/new.html",
            status=status,
            workflows=self._workflows(),
            problem=problem,
            choosing=True,
            may_build=can(self.actor.role, Permission.WORKFLOW_ACTIVATE),
            builders=roles_that_can(Permission.WORKFLOW_ACTIVATE),
        )

    def _workflows(self) -> list[tuple[str, str]]:
        """Slug and name of what can be run; the slug is told where two have one name."""
        active = Workflow.objects.of(self.actor.workspace).with_status(WorkflowStatus.ACTIVE)
        rows = list(active.order_by("name", "slug").values_list("slug", "name")[:MOST_WORKFLOWS])
        names = [name for _slug, name in rows]
        return [(slug, f"{name} ({slug})" if names.count(name) > 1 else name) for slug, name in rows]

    def _form(
        self, choice: Choice, answers: Answers, *, problem: Problem | None = None, purged: bool = False
    ) -> HttpResponse:
        errors = list(problem.errors) if problem else []
        sections = form_sections(self, choice.definition, answers, errors)
        return self.render(
            "jobs/new.html",
            status=problem.status if problem else 200,
            choice=choice,
            answers=answers,
            sections=sections,
            conditional=any(one.show_when is not None for one in choice.definition.inputs),
            summary=summary_of_errors(choice.definition, sections, errors),
            problem=problem,
            running=job_url(problem.extra["job"]) if problem and "job" in problem.extra else "",
            title_errors=[capital(e.message) for e in errors if e.path == "title"],
            reference_errors=[capital(e.message) for e in errors if e.path == "reference"],
            form_key=uuid.uuid4().hex,
            priorities=Priority.choices,
            more_open=bool(answers.title or answers.reference or answers.only_once)
            or any(e.path in ("title", "reference") for e in errors),
            versions=self._versions(choice),
            purged=purged,
            new_file=ChosenFile(id="", value=None),
            **_again(choice),
        )

    def _versions(self, choice: Choice) -> list[Mapping[str, Any]]:
        """For whoever may run an older version: the newest ones."""
        if choice.former is not None or not can(self.actor.role, Permission.JOB_PICK_VERSION):
            return []
        versions = choice.workflow.versions.order_by("-number")
        return list(versions.values("number", "note")[:_MOST_VERSIONS])

    def _seal_for(self, choice: Choice) -> str:
        return f"form:{self.actor.workspace.pk}:{self.actor.user.pk}:{choice.workflow.pk}"


def job_url(job_id: int) -> str:
    """The page of a job."""
    try:
        return reverse("jobs:detail", args=[job_id])
    except NoReverseMatch:
        return f"/jobs/{job_id}/"


def _again(choice: Choice) -> dict[str, Any]:
    """What the form says of the job that it runs again."""
    former = choice.former
    if former is None or former.version_id is None:
        return {}
    changes: list[str] = []
    if choice.other_version:
        before, _manifest = frozen_definition(former.version_id)
        changes = sentences_of(input_changes(former.version_id, choice.version.pk), before, choice.definition)
    secrets = [one.label or one.key for one in choice.definition.inputs if one.secret]
    return {
        "former_url": job_url(former.pk),
        "changes": changes,
        "secrets": secrets,
        "same": RerunVersion.SAME.value,
        "active": RerunVersion.ACTIVE.value,
        "differs": choice.workflow.active_version_id != former.version_id,
    }
