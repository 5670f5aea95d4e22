"""What the expressions of a part of a draft can use, with the values of the person's last preview: the Builder's picker."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse

from jobs.pages.preview import workflow_of
from jobs.previews import sample_inputs_of
from jobs.previews.last import last_preview
from workflows.builder.paths import NoSuchPlace
from workflows.builder.scope import scope_at, with_values
from workflows.builder.view import find
from workflows.checking import check_draft
from workflows.reading import parsed_text
from workspaces.pages.base import Page
from workspaces.permissions import Permission


class ScopePage(Page):
    """A fragment for the Builder, and a page for whoever has no script."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_PREVIEW}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """`at` names the part, as in the Builder's address; the whole workflow where there is none."""
        workflow = workflow_of(self, slug)
        checked = check_draft(workflow)
        try:
            path = find(checked.raw, request.GET.get("at", "")).path
        except NoSuchPlace:
            path = ""
        scope = scope_at(parsed_text(workflow.draft).partial, path, calls=checked.calls)
        preview = last_preview(self.actor, workflow)
        outputs = {key: one.value for key, one in preview.outputs.items() if not one.cut} if preview else {}
        inputs = sample_inputs_of(self.actor, workflow) or {}
        template = (
            "workflows/builder/_picker.html" if getattr(request, "htmx", False) else "jobs/preview/scope.html"
        )
        return self.render(
            template, workflow=workflow, scope=with_values(scope, outputs=outputs, inputs=inputs)
        )
