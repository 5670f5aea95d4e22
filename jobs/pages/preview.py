"""`/workflows/SLUG/preview/`: try a draft out. With `?panel=1`, and for htmx, the part that stands in the Builder."""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common import clock
from common.api.problems import not_found
from common.canonical import Json, dumps
from common.errors import Problem
from jobs.forms.answers import Answers, blank
from jobs.forms.choice import readable_draft
from jobs.forms.controls import ChosenFile
from jobs.models import Job
from jobs.pages.answering import all_errors, answers_from, form_sections, summary_of_errors
from jobs.pages.uploading import TakesFiles
from jobs.previews import forget_pin, pins_of, sample_inputs_of, start_preview_again
from jobs.previews.samples import samples_for
from jobs.previews.starting import may_let_effects_through, started_by_form
from jobs.states import JobKind
from workflows.definition.model import Definition, Step
from workflows.models import Workflow
from workspaces.idempotency import once_for_form
from workspaces.pages.base import Page
from workspaces.permissions import Permission

_KEY = re.compile("[0-9a-f]{32}")
_SHOWN = 120
_SHOWN_FOR = timedelta(minutes=30)
"""As long a preview stays beside the draft when another part of it is chosen."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A step of the draft to run until, as a list shows it."""

    key: str
    label: str


@dataclass(frozen=True, kw_only=True)
class ShownPin:
    """A kept pin: the step's name, the beginning of its output, and whether it is to be used."""

    key: str
    name: str
    text: str
    used: bool


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the form asks for, besides inputs. `pins` None: all that are kept."""

    until: str = ""
    pins: frozenset[str] | None = None
    effects: bool = False


def workflow_of(page: Page, slug: str) -> Workflow:
    """The workflow whose draft is tried out; or 404."""
    return page.found(Workflow.objects.select_related("workspace"), slug=slug)


class PreviewPage(TakesFiles):
    """The form: inputs, the step to run until, pins, effects. A POST starts, and leads to the preview that runs."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_PREVIEW, "post": Permission.WORKFLOW_PREVIEW}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """With what the person tried last. `?until=KEY` chooses a step. Beside the draft, without `until`, the preview
        that the person ran last stays where it is for a while.
        """
        workflow = workflow_of(self, slug)
        if self._is_part and "until" not in request.GET and (number := self._shown_lately(workflow)):
            return HttpResponseRedirect(reverse("jobs:preview_run", args=[slug, number]) + "?panel=1")
        definition = readable_draft(workflow)
        zone = timezone.get_current_timezone()
        answers = blank(definition, zone, values=sample_inputs_of(self.actor, workflow))
        return self._form(workflow, definition, answers, Asked(until=request.GET.get("until", "")))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Start, or show the form again with everything that was typed and every error. `again`: the number of a
        preview to repeat with the draft as it is now. `do=fill` starts nothing: the form as it was filled in, for the
        draft as it is now.
        """
        workflow = workflow_of(self, slug)
        definition = readable_draft(workflow)
        asked = Asked(
            until=request.POST.get("until", ""),
            pins=frozenset(request.POST.getlist("pin")),
            effects=request.POST.get("effects") == "yes",
        )
        again = self._again(workflow)
        seal_for = f"preview:{self.actor.workspace.pk}:{self.actor.user.pk}:{workflow.pk}"
        answers = (
            blank(definition, timezone.get_current_timezone(), values=sample_inputs_of(self.actor, workflow))
            if again
            else answers_from(self, definition, seal_for=seal_for)
        )
        if request.POST.get("do") == "fill":
            return self._form(workflow, definition, answers, asked, filled=True)
        try:
            number = self._start(workflow, definition, answers, asked, again)
        except Problem as problem:
            if problem.status == 403:
                raise
            asked = Asked(until=asked.until) if again else asked
            return self._form(workflow, definition, answers, asked, problem=problem)
        panel = "?panel=1" if self._is_part else ""
        return HttpResponseRedirect(reverse("jobs:preview_run", args=[slug, number]) + panel)

    @property
    def _is_part(self) -> bool:
        return bool(getattr(self.request, "htmx", False)) or "panel" in self.request.GET

    def _shown_lately(self, workflow: Workflow) -> int | None:
        mine = Job.objects.filter(
            kind=JobKind.PREVIEW,
            workflow=workflow,
            workspace=self.actor.workspace,
            created_by=self.actor.user,
            created_at__gt=clock.now() - _SHOWN_FOR,
        )
        return mine.order_by("-id").values_list("pk", flat=True).first()

    def _again(self, workflow: Workflow) -> Job | None:
        number = self.request.POST.get("again", "")
        if not number:
            return None
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            raise not_found()
        rows = Job.objects.filter(kind=JobKind.PREVIEW, workflow=workflow).select_related("workflow")
        return self.found(rows, pk=int(number))

    def _start(
        self, workflow: Workflow, definition: Definition, answers: Answers, asked: Asked, again: Job | None
    ) -> int:
        if answers.errors:
            raise all_errors(self, definition, answers)

        def create() -> Json:
            if again is not None:
                return {"preview": start_preview_again(actor=self.actor, preview=again).job.pk}
            started = started_by_form(
                actor=self.actor,
                workflow=workflow,
                inputs=answers.given,
                until=asked.until,
                pins=asked.pins or frozenset(),
                effects=asked.effects,
            )
            return {"preview": started.job.pk}

        key = self.request.POST.get("form_key", "")
        if not _KEY.fullmatch(key):
            raise Problem(
                422, "invalid", _("The form was incomplete. Look at it again, then run the preview.")
            )
        typed = [answers.given, asked.until, sorted(asked.pins or ()), asked.effects]
        content: Json = [workflow.pk, again.pk if again else typed]
        made, _repeated = once_for_form(actor=self.actor, key=key, content=content, create=create)
        return int(made["preview"])

    def _form(
        self,
        workflow: Workflow,
        definition: Definition,
        answers: Answers,
        asked: Asked,
        *,
        problem: Problem | None = None,
        filled: bool = False,
    ) -> HttpResponse:
        errors = list(problem.errors) if problem else []
        sections = form_sections(self, definition, answers, errors)
        status = problem.status if problem else 200
        return self.render(
            "jobs/preview/_form.html" if self._is_part else "jobs/preview/form.html",
            status=422 if problem and self._is_part else status,
            workflow=workflow,
            sections=sections,
            conditional=any(one.show_when is not None for one in definition.inputs),
            new_file=ChosenFile(id="", value=None),
            summary=summary_of_errors(definition, sections, errors),
            problem=problem,
            problems=problem.extra.get("problems", [])[:20] if problem else [],
            choices=list(_choices(definition.steps, 0)),
            asked=asked,
            pins=self._pins(workflow, definition, asked),
            samples=samples_for(workflow),
            may_let_effects_through=may_let_effects_through(self.actor),
            form_key=uuid.uuid4().hex,
            part=self._is_part,
            filled=filled,
        )

    def _pins(self, workflow: Workflow, definition: Definition, asked: Asked) -> list[ShownPin]:
        """Those of steps that there still are, in the order of the definition."""
        kept = pins_of(self.actor, workflow)
        return [
            ShownPin(
                key=step.key,
                name=step.name or step.key,
                text=_short(kept[step.key]),
                used=asked.pins is None or step.key in asked.pins,
            )
            for step in definition.walk()
            if step.key in kept
        ]


class ForgetPin(Page):
    """`/workflows/SLUG/preview/pins/`: takes a pin off."""

    permissions: ClassVar = {"post": Permission.WORKFLOW_PREVIEW}

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Back to the form."""
        workflow = workflow_of(self, slug)
        forget_pin(actor=self.actor, workflow=workflow, key=request.POST.get("key", ""))
        panel = "?panel=1&until=" if getattr(request, "htmx", False) else ""
        return HttpResponseRedirect(reverse("jobs:preview", args=[slug]) + panel)


def _choices(steps: Sequence[Step], depth: int) -> Iterator[Choice]:
    for step in steps:
        indent = "\N{EM SPACE}" * depth
        yield Choice(key=step.key, label=indent + (step.name or step.key))
        for body in step.bodies():
            yield from _choices(body, depth + 1)


def _short(value: Json) -> str:
    text = dumps(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "\N{HORIZONTAL ELLIPSIS}"
