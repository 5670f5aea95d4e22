"""The panel of one step: beside the list of steps, or alone as a page. Tabs are links."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.canonical import Json
from common.errors import Problem
from jobs.api.hiding import require_payloads
from jobs.downloads import text_response
from jobs.models import Job
from jobs.pages.base import JobPart
from jobs.reading import read_step_text, read_step_value
from jobs.selectors.logs import LogPart, log_part
from jobs.selectors.step_panel import StepPanel, step_panel
from jobs.states import PayloadKind
from workspaces.pages.base import revision_of
from workspaces.permissions import Permission

TABS: dict[str, Promise] = {
    "summary": _("Summary"),
    "input": _("Input"),
    "output": _("Output"),
    "log": _("Log"),
    "attempts": _("Attempts"),
}
_VALUE_TABS = ("input", "output", "log")


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab; `count` stands beside its word where there is something to count."""

    key: str
    word: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The value of a tab: `there` is false where nothing was stored, `hidden` from whom may not see it."""

    there: bool = False
    hidden: bool = False
    purged: bool = False
    value: Json = None
    path: str = ""
    download: str = ""
    log: LogPart | None = None


def step_context(page: JobPart, job: Job, path: str, tab: str, *, alone: bool) -> dict[str, Any]:
    """What `jobs/_step.html` needs, also for the page of the job. That an auditor reads a value is recorded.

    Raises `Problem` 404.
    """
    panel = step_panel(job, path, sees_payloads=page.actor.sees_payloads)
    return _context(page, panel, tab if tab in TABS else "summary", alone=alone)


class StepPage(JobPart):
    """A page, and for a request of htmx the panel alone, or 204 while nothing changed."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}
    alone = "jobs/step.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """`?path=` names the step, `?tab=` the tab. No value is read, and no reading recorded, for a 204."""
        job = self.found(self.rows().select_related("workflow"), pk=pk)
        path, tab = request.GET.get("path", ""), request.GET.get("tab", "summary")
        tab = tab if tab in TABS else "summary"
        htmx = bool(getattr(request, "htmx", False))
        alone = not htmx or "alone" in request.GET
        panel = step_panel(job, path, sees_payloads=self.actor.sees_payloads)
        if request.GET.get("revision") == _revision(panel, tab):
            return HttpResponse(status=204)
        template = "jobs/_step.html" if htmx else self.alone
        return self.render(template, job=job, **_context(self, panel, tab, alone=alone))


class StepValue(JobPart):
    """The whole input, output or log of a step as a file."""

    permissions: ClassVar = {"get": Permission.JOB_VIEW}

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """`?path=` names the step, `?kind=` which of them."""
        job = self.found(self.rows(), pk=pk)
        path, kind = request.GET.get("path", ""), request.GET.get("kind", "")
        panel = step_panel(job, path, sees_payloads=self.actor.sees_payloads)
        require_payloads(self.actor)
        stored = panel.values.get(kind)
        if stored is None:
            raise Problem(404, "not_found", "There is no such value.")
        text = read_step_text(actor=self.actor, job=job, path=path, stored=stored)
        ending, media_type = ("txt", "text/plain") if kind == "log" else ("json", "application/json")
        return text_response(text, name=f"job-{job.pk}-{path}-{kind}.{ending}", media_type=media_type)


def _context(page: JobPart, panel: StepPanel, tab: str, *, alone: bool) -> dict[str, Any]:
    return {
        "panel": panel,
        "tab": tab,
        "tab_label": TABS[tab],
        "tabs": [_tab(page, panel, key, current=key == tab) for key in TABS],
        "shown": _shown(page, panel, tab) if tab in _VALUE_TABS else None,
        "alone": alone,
        "poll_url": _address(page, panel, tab) + ("&alone=1" if alone else ""),
        "step_revision": _revision(panel, tab),
        **page.about_step(panel),
    }


def _revision(panel: StepPanel, tab: str) -> str:
    return revision_of(tab, *panel.parts)


def _tab(page: JobPart, panel: StepPanel, key: str, *, current: bool) -> Tab:
    count = len(panel.attempts) if key == "attempts" and len(panel.attempts) > 1 else None
    return Tab(key=key, word=str(TABS[key]), url=_address(page, panel, key), current=current, count=count)


def _address(page: JobPart, panel: StepPanel, tab: str) -> str:
    query = urlencode({"path": panel.found.path, "tab": tab})
    return f"{page.address('step', panel.found.outer.pk)}?{query}"


def _shown(page: JobPart, panel: StepPanel, tab: str) -> Shown:
    stored = panel.values.get(tab)
    if not page.actor.sees_payloads:
        return Shown(hidden=True)
    if stored is None:
        return Shown()
    if stored.purged:
        return Shown(there=True, purged=True)
    outer = panel.found.outer
    value = read_step_value(actor=page.actor, job=outer, path=panel.found.path, stored=stored)
    query = urlencode({"path": panel.found.path, "kind": tab})
    download = f"{page.address('step_value', outer.pk)}?{query}"
    if stored.kind == PayloadKind.LOG:
        return Shown(there=True, log=log_part(str(value)), download=download)
    return Shown(there=True, value=value, path=_path(panel, tab), download=download)


def _path(panel: StepPanel, tab: str) -> str:
    """How an expression reads the value, where one can."""
    run = panel.found.run
    if tab == "output" and run is not None and run.type not in ("item", "turn"):
        return f"steps.{panel.found.step.key}.output"
    if tab == "input" and run is not None and run.type == "item":
        return str(getattr(panel.found.step, "item_name", ""))
    return ""
