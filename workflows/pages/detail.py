"""`/workflows/SLUG/`: a workflow, its source, and itself as a file."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse

from common.api.problems import not_found
from common.canonical import loads
from workflows.checking import check_draft
from workflows.described import page_of
from workflows.exporting import export_documents, written
from workflows.gallery import entry_of
from workflows.listing import last_changes
from workflows.models import Workflow, WorkflowVersion
from workflows.pages.buttons import buttons_of, reasons
from workflows.sources import MOST_LINES, numbered, problems_in, source_of
from workspaces.pages.base import Page
from workspaces.permissions import Permission, can

_MEDIA_TYPES = {"yaml": "application/yaml", "json": "application/json"}


class WorkflowPage(Page):
    """What pages of one workflow share."""

    def workflow(self, slug: str) -> Workflow:
        """The workflow with what its pages show. `Problem` 404 for one of another workspace."""
        return self.found(
            Workflow.objects.select_related(
                "workspace", "active_version", "active_version__created_by", "created_by"
            ),
            slug=slug,
        )


class DetailPage(WorkflowPage):
    """A workflow."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        """What it takes, does and gives, what is wrong with its draft, and its versions."""
        workflow = self.workflow(slug)
        versions = workflow.versions.select_related("created_by").defer("definition", "manifest")
        buttons = buttons_of(workflow, self.actor)
        open_request = workflow.requests.open().for_lists().first()
        return self.render(
            "workflows/detail.html",
            workflow=workflow,
            data=page_of(workflow),
            page=self.slice_of(versions, ordering=["-number"]),
            buttons=buttons,
            reasons=reasons(buttons),
            open_request=open_request,
            is_own=open_request is not None and open_request.asked_by_id == self.actor.user.pk,
            changed=last_changes([workflow.pk]).get(workflow.pk),
            origin=entry_of(workflow.gallery),
        )


class SourcePage(WorkflowPage):
    """The draft as YAML."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        """With line numbers, and its problems at their lines."""
        workflow = self.workflow(slug)
        checked = check_draft(workflow)
        text = source_of(checked.raw, slug=slug)
        problems = problems_in(text, checked.problems)
        lines = numbered(text, problems)
        return self.render(
            "workflows/source.html",
            workflow=workflow,
            lines=lines,
            cut=len(lines) == MOST_LINES,
            problems=problems,
            may_edit=can(self.actor.role, Permission.WORKFLOW_EDIT) and workflow.archived_at is None,
        )


class ExportPage(WorkflowPage):
    """A workflow as a file."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """`version` is a number or `draft`, `format` is `yaml` or `json`; `with_subworkflows=1` adds what it calls."""
        workflow = self.workflow(slug)
        style = "json" if request.GET.get("format") == "json" else "yaml"
        which = request.GET.get("version", "")
        try:
            documents = export_documents(
                workflow, which=which, with_subworkflows=bool(request.GET.get("with_subworkflows"))
            )
        except WorkflowVersion.DoesNotExist as error:
            raise not_found() from error
        name = f"{slug}-{which}" if which else slug
        return HttpResponse(
            written(documents, style=style),
            content_type=_MEDIA_TYPES[style],
            headers={"Content-Disposition": f'attachment; filename="{name}.{style}"'},
        )


def draft_source(workflow: Workflow) -> str:
    """The draft as YAML, to begin an edit with."""
    return source_of(loads(workflow.draft), slug=workflow.slug)
