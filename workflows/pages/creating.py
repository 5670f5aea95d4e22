"""`/workflows/new/`: a workflow from nothing, to be built in the Builder."""

from typing import ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from common.errors import Problem
from workflows.pages.detail import WorkflowPage
from workflows.services import create_workflow
from workflows.services.copying import free_slug
from workflows.services.drafts import NAME_LENGTH
from workspaces.pages.problems import add_problem
from workspaces.permissions import Permission


class NewWorkflowForm(forms.Form):
    """Its name is enough."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, help_text=_("What people see in lists."))
    slug = forms.CharField(
        label=_("Slug"),
        required=False,
        max_length=63,
        help_text=_("Its name in addresses and in the API, for ever. Empty: made of the name."),
    )
    description = forms.CharField(
        label=_("What it is for"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NewWorkflowPage(WorkflowPage):
    """The form; then the Builder with the empty draft."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_EDIT, "post": Permission.WORKFLOW_EDIT}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """An empty form."""
        return self.render("workflows/new.html", form=NewWorkflowForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it, and go on in the Builder."""
        form = NewWorkflowForm(request.POST)
        if not form.is_valid():
            return self.render("workflows/new.html", form=form, status=422)
        name, slug = form.cleaned_data["name"], form.cleaned_data["slug"]
        try:
            workflow = create_workflow(
                actor=self.actor,
                workspace=self.actor.workspace,
                slug=slug or free_slug(self.actor.workspace, slugify(name)[:50].strip("-_") or "workflow"),
                name=name,
                description=form.cleaned_data["description"] or None,
            )
        except Problem as problem:
            add_problem(form, problem)
            return self.render("workflows/new.html", form=form, status=problem.status)
        return HttpResponseRedirect(reverse("workflows:builder", args=[workflow.slug]))
