"""What the pages of one job share."""

from django.db.models import Q, QuerySet

from common.api.problems import not_found
from jobs.models import Job
from jobs.selectors.glance import movement_of
from jobs.selectors.outline import Outline
from jobs.selectors.spots import Spot, spot_at
from jobs.states import JobKind
from workspaces.pages.base import Page, revision_of


class JobPart(Page):
    """A page or a region about the job whose number is in the address. Previews have no page here."""

    def job(self) -> Job:
        """The job with what its header shows, in one query; or 404."""
        jobs = (
            _shown_jobs()
            .select_related("workflow", "version", "created_by", "rerun_of")
            .defer("draft", "workflow__draft", "version__definition", "version__manifest", "rerun_of__draft")
            .defer("rerun_of__error", "workflow__description", "dup_key")
        )
        return self.found(jobs, pk=self.kwargs["pk"])

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


def _shown_jobs() -> QuerySet[Job]:
    jobs = Job.objects.exclude(kind=JobKind.PREVIEW)
    return jobs.filter(Q(root__isnull=True) | ~Q(root__kind=JobKind.PREVIEW))
