"""Workflows from a file or a text: first tried, with every problem at its line, then kept."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.canonical import sha256_hex
from common.errors import Problem
from workflows.models import Workflow
from workflows.pages.detail import WorkflowPage, draft_source
from workflows.rehearsal import Trial, try_text
from workflows.services.importing import Imported, ImportMode, import_workflows
from workflows.services.locking import refuse_archived
from workflows.sources import numbered
from workspaces.permissions import Permission

LARGEST = 1 << 20
"""Bytes of a text on a page; larger ones go through the API or the command."""
_TOO_LARGE = gettext_lazy(
    "The text is larger than 1 MiB. Import it with manage.py import_workflow or by the API."
)


class ImportForm(forms.Form):
    """A file, or a text; the file wins. `checked` is the digest of the text that was looked at, `seen` the revisions
    of the drafts that it replaces.
    """

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("YAML or JSON, with one workflow or several. It takes the place of the text."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        max_length=LARGEST,
        widget=forms.Textarea(
            attrs={"rows": 14, "spellcheck": "false", "autocomplete": "off", "wrap": "off"}
        ),
    )
    replace = forms.BooleanField(
        label=gettext_lazy("Replace the drafts of workflows that are there already"),
        required=False,
        help_text=gettext_lazy("Without it, a slug that is taken is refused. Versions are never changed."),
    )
    checked = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=10_000, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """The text, from wherever it came, with line feeds alone; a browser sends pairs."""
        found = super().clean() or {}
        upload = found.get("file")
        if upload is not None:
            found["text"] = self._of_file(upload)
        found["text"] = (found.get("text") or "").replace("\r\n", "\n")
        if not found["text"].strip() and not self.errors:
            self.add_error("text" if upload is None else "file", _("Choose a file or write a text."))
        return found

    def _of_file(self, upload: Any) -> str:
        if upload.size > LARGEST:
            self.add_error("file", _TOO_LARGE)
            return ""
        try:
            return str(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", _("The file is no text in UTF-8. Save it as UTF-8, then choose it again."))
            return ""


class ImportPage(WorkflowPage):
    """Workflows from a file, new ones or drafts of those that are there."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_EDIT, "post": Permission.WORKFLOW_EDIT}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """An empty form."""
        return _Import(self).begin()

    def post(self, _request: HttpRequest) -> HttpResponse:
        """Check, or keep what was checked."""
        return _Import(self).go_on()


class ImportDraftPage(WorkflowPage):
    """The draft of one workflow from a file."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_EDIT, "post": Permission.WORKFLOW_EDIT}

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        """The present draft, to be replaced or mended."""
        workflow = self.workflow(slug)
        refuse_archived(workflow)
        return _Import(self, workflow).begin()

    def post(self, _request: HttpRequest, slug: str) -> HttpResponse:
        """Check, or keep what was checked."""
        workflow = self.workflow(slug)
        refuse_archived(workflow)
        return _Import(self, workflow).go_on()


class _Import:
    """One request of either page. `only`: the workflow whose draft is replaced."""

    def __init__(self, page: WorkflowPage, only: Workflow | None = None) -> None:
        self._page = page
        self._only = only

    def begin(self) -> HttpResponse:
        """The form as it is opened."""
        if self._only is None:
            return self._show(ImportForm())
        initial = {"text": draft_source(self._only), "seen": _written(_revisions(self._only))}
        return self._show(ImportForm(initial=initial))

    def go_on(self) -> HttpResponse:
        """Try the text; keep it when that is asked for and it is the one that was looked at."""
        request = self._page.request
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form, status=422)
        text, action = form.cleaned_data["text"], request.POST.get("action", "check")
        trial = self._try(text, replace=form.cleaned_data["replace"])
        refused = self._conflict(form, trial)
        if action in ("import", "activate") and trial.can_import and not refused:
            if form.cleaned_data["checked"] != sha256_hex(text):
                refused = _("The text is not the one that was checked. Look at it as it is now, then go on.")
            elif action == "import" or trial.can_activate:
                try:
                    return self._keep(trial, form.cleaned_data["seen"], activate=action == "activate")
                except Problem as problem:
                    refused = problem.detail
        status = 409 if refused else 200 if trial.can_import else 422
        return self._show(self._bound_again(form), trial=trial, text=text, refused=refused, status=status)

    def _try(self, text: str, *, replace: bool) -> Trial:
        actor = self._page.actor
        if self._only is not None:
            return try_text(text, actor=actor, mode=ImportMode.DRAFT, only=self._only.slug)
        return try_text(text, actor=actor, mode=ImportMode.DRAFT if replace else ImportMode.CREATE)

    def _conflict(self, form: ImportForm, trial: Trial) -> str:
        """What to say when a draft moved on since it was looked at; a first look at other workflows is none."""
        seen = _read(form.cleaned_data["seen"])
        for slug, revision in trial.revisions.items():
            if slug in seen and seen[slug] != revision:
                return _(
                    "Somebody changed the draft of %(slug)s meanwhile. Your text is kept here, and nothing was "
                    "imported. Compare it with the draft as it is now, then import it if it shall still replace it."
                ) % {"slug": slug}
        return ""

    def _keep(self, trial: Trial, seen: str, *, activate: bool) -> HttpResponse:
        actor = self._page.actor
        imported = import_workflows(
            actor=actor,
            workspace=actor.workspace,
            documents=trial.documents,
            mode=ImportMode.DRAFT,
            activate_all=activate,
            expected=_read(seen),
        )
        for sentence in _done(imported, activated=activate):
            messages.success(self._page.request, sentence)
        if len(imported) == 1:
            return HttpResponseRedirect(reverse("workflows:detail", args=[imported[0].workflow.slug]))
        return HttpResponseRedirect(reverse("workflows:list"))

    def _bound_again(self, form: ImportForm) -> ImportForm:
        """A fresh form with the text in its field, wherever it came from: a browser sends no file twice."""
        kept = form.cleaned_data
        return ImportForm(initial={"text": kept["text"], "replace": kept["replace"]})

    def _show(
        self,
        form: ImportForm,
        *,
        trial: Trial | None = None,
        text: str = "",
        refused: str = "",
        status: int = 200,
    ) -> HttpResponse:
        if trial is not None:
            form.initial.update(checked=sha256_hex(text), seen=_written(trial.revisions))
        if self._only is not None:
            del form.fields["replace"]
        return self._page.render(
            "workflows/import.html",
            status=status,
            form=form,
            trial=trial,
            lines=numbered(text, trial.all_problems) if trial else [],
            takes_two=self._page.actor.workspace.four_eyes,
            workflow=self._only,
            refused=refused,
        )


def _revisions(workflow: Workflow) -> dict[str, int]:
    return {workflow.slug: workflow.draft_revision}


def _written(revisions: dict[str, int]) -> str:
    """`a:3,b:1`, for a hidden field."""
    return ",".join(f"{slug}:{revision}" for slug, revision in revisions.items())


def _read(seen: str) -> dict[str, int]:
    pairs = (each.rpartition(":") for each in seen.split(",") if each)
    return {
        slug: int(number)
        for slug, _colon, number in pairs
        if number.isascii() and number.isdigit() and len(number) < 10
    }


def _done(imported: list[Imported], *, activated: bool) -> list[str]:
    """A sentence for those that are active, one for those that were asked for, or one for drafts."""
    if not activated:
        return [
            ngettext(
                "The draft of %(slugs)s is imported. Activate it to run jobs.",
                "The drafts of %(slugs)s are imported. Activate them to run jobs.",
                len(imported),
            )
            % _slugs(imported)
        ]
    active = [each for each in imported if each.activation]
    asked = [each for each in imported if each.request]
    sentences = []
    if active:
        words = ngettext(
            "%(slugs)s is imported and active: jobs can run.",
            "%(slugs)s are imported and active: jobs can run.",
            len(active),
        )
        sentences.append(words % _slugs(active))
    if asked:
        words = ngettext(
            "The draft of %(slugs)s is imported, and you asked to activate it: a second person decides.",
            "The drafts of %(slugs)s are imported, and you asked to activate them: a second person decides.",
            len(asked),
        )
        sentences.append(words % _slugs(asked))
    return sentences


def _slugs(imported: list[Imported]) -> dict[str, str]:
    return {"slugs": ", ".join(each.workflow.slug for each in imported)}
