"""What the pages of one job share, and those of one preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from common.api.problems import not_found
from jobs.models import Job
from jobs.previews import pins_of
from jobs.reading import read_step_value
from jobs.selectors.glance import movement_of
from jobs.selectors.outline import Outline
from jobs.selectors.spots import Spot, spot_at
from jobs.selectors.step_panel import StepPanel
from jobs.states import PreviewMark
from workspaces.pages.base import Page, revision_of
from workspaces.permissions import Permission

_UNSHOWN = (
    "workflow__draft",
    "version__definition",
    "version__manifest",
    "rerun_of__draft",
    "rerun_of__error",
    "workflow__description",
    "dup_key",
)


@dataclass(frozen=True, kw_only=True)
class Pinning:
    """Whether the person has an output pinned for a step, and whether the preview gave one that could be."""

    key: str
    pinned: bool
    there: bool


class JobPart(Page):
    """A page or a region about the job whose number is in the address. Previews have no page here."""

    def rows(self) -> QuerySet[Job]:
        """What the number may be of."""
        return Job.objects.without_previews().defer("draft")

    def job(self) -> Job:
        """The job with what its header shows, in one query; or 404."""
        jobs = self.rows().select_related("workflow", "version", "created_by", "rerun_of")
        return self.found(jobs.defer(*_UNSHOWN), pk=self.kwargs["pk"])

    def address(self, name: str, pk: int) -> str:
        """Where a region of a job is: `detail`, `step`, `inside`, …"""
        return reverse(f"jobs:{name}", args=[pk])

    def about_step(self, panel: StepPanel) -> Mapping[str, Any]:  # noqa: ARG002 - of jobs there is nothing more
        """What else the panel of a step shows."""
        return {}

    def spot(self, outline: Outline) -> Spot:
        """The spot that the address names by `at`; or 404."""
        spot = spot_at(outline, self.request.GET.get("at", ""))
        if spot is None:
            raise not_found()
        return spot

    def number(self, name: str, *, default: int) -> int:
        """A whole number of the address, `default` for none or for what is none."""
        given = self.request.GET.get(name, "")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else default

    def revision(self) -> str:
        """Of all regions about the job: what they show moves together; or 404. It is asked for before what it stands
        for, so that nothing which happens in between is missed.
        """
        movement = movement_of(self.kwargs["pk"], self.actor.workspace.pk)
        if movement is None:
            raise not_found()
        return revision_of(self.actor.role, *movement, self.request.GET.get("at", ""))


class PreviewPart(JobPart):
    """The same about a preview, or about a workflow that it calls. Jobs have no page here."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_PREVIEW}

    def rows(self) -> QuerySet[Job]:
        """Previews and their sub-jobs."""
        return Job.objects.of_previews()

    @property
    def is_part(self) -> bool:
        """Whether it stands in the Builder, which asks with `panel=1`."""
        return "panel" in self.request.GET

    def address(self, name: str, pk: int) -> str:
        """Where a region of a preview is."""
        return reverse(f"jobs:preview_{name}", args=[pk])

    def about_step(self, panel: StepPanel) -> Mapping[str, Any]:
        """The pin that there is or may be, and what was held back. Two queries at most."""
        run = panel.found.run
        if run is None or panel.found.prefix or run.type in ("item", "turn"):
            return {}
        pins = pins_of(self.actor, panel.found.outer.workflow)
        held = run.reason == PreviewMark.HELD_BACK
        return {
            "pin": Pinning(key=run.key, pinned=run.key in pins, there="output" in panel.values and not held),
            **(self._held(panel) if held else {}),
        }

    def _held(self, panel: StepPanel) -> Mapping[str, Any]:
        """What a step that was held back would have sent. Its headers as a list: a template takes `items` for a key."""
        stored = panel.values.get("input")
        if stored is None or stored.purged or not self.actor.sees_payloads:
            return {}
        job, path = panel.found.outer, panel.found.path
        request: Any = read_step_value(actor=self.actor, job=job, path=path, stored=stored)
        headers = request.get("headers") if isinstance(request, dict) else None
        return {
            "request_held": request,
            "held_headers": list(headers.items()) if isinstance(headers, dict) else [],
        }

    def render(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """The template, told that it is about a preview: its links stay with previews."""
        given = {"previewing": True, "part": self.is_part, **context}
        return super().render(template, status=status, **given)
