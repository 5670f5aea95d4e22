"""What can be done with a workflow, each as a button; what cannot stays, disabled, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from workflows.models import Workflow, WorkflowStatus
from workspaces.actors import Actor
from workspaces.permissions import Permission, can, roles_that_can


@dataclass(frozen=True, kw_only=True)
class Button:
    """A link to the page that does it. `why_not`: what stands against it, empty when nothing does."""

    label: str
    icon: str
    url: str
    why_not: str = ""
    primary: bool = False


def why_not(actor: Actor, permission: Permission) -> str:
    """Empty where `actor` may do it; else which role it takes."""
    if can(actor.role, permission):
        return ""
    return _("This takes %(roles)s; you are %(role)s.") % {
        "roles": roles_that_can(permission),
        "role": actor.role.label.lower(),
    }


def in_archive(workflow: Workflow) -> str:
    """Empty, or that nothing of it can be changed."""
    archived = workflow.status is WorkflowStatus.ARCHIVED
    return _("It is in the archive: take it out first.") if archived else ""


def buttons_of(workflow: Workflow, actor: Actor) -> list[Button]:
    """What the page of `workflow` offers."""
    slug = workflow.slug
    edit = in_archive(workflow) or why_not(actor, Permission.WORKFLOW_EDIT)
    activate, *stop = state_buttons(workflow, actor)
    return [
        *_new_job(workflow, actor),
        *_preview(workflow, actor),
        Button(label=_("Edit"), icon="pencil", url=_url("builder", slug), why_not=edit),
        activate,
        Button(label=_("Import draft"), icon="upload", url=_url("import_draft", slug), why_not=edit),
        Button(label=_("Export"), icon="download", url=_url("export", slug)),
        *stop,
    ]


def state_buttons(workflow: Workflow, actor: Actor) -> list[Button]:
    """What puts it into use and out of it."""
    slug, archived = workflow.slug, in_archive(workflow)
    inactive = (
        _("No version is active, so there is nothing to stop.") if not workflow.active_version_id else ""
    )
    activate = why_not(actor, Permission.WORKFLOW_ACTIVATE)
    return [
        Button(
            label=_("Activate"),
            icon="circle-check",
            url=_url("activate", slug),
            why_not=archived or activate,
        ),
        Button(
            label=_("Deactivate"),
            icon="pause",
            url=_url("deactivate", slug),
            why_not=archived or inactive or activate,
        ),
        _archive_or_restore(workflow, actor),
    ]


def new_job_on(workflow: Workflow, number: int, actor: Actor) -> Button | None:
    """Starting a job on that version; None where jobs have no page to be started from."""
    try:
        url = reverse("jobs:new", query={"workflow": workflow.slug, "version": number})
    except NoReverseMatch:
        return None
    reason = ""
    if workflow.status is not WorkflowStatus.ACTIVE:
        reason = _("Only an active workflow can run jobs: activate it first.")
    is_active = workflow.active_version is not None and workflow.active_version.number == number
    permission = Permission.JOB_START if is_active else Permission.JOB_PICK_VERSION
    return Button(
        label=_("New job on this version"), icon="play", url=url, why_not=reason or why_not(actor, permission)
    )


def reasons(buttons: Sequence[Button]) -> list[tuple[str, str]]:
    """Why what is disabled is disabled: each reason once, with the buttons that it is about."""
    found: dict[str, list[str]] = {}
    for button in buttons:
        if button.why_not:
            found.setdefault(button.why_not, []).append(button.label)
    return [(", ".join(dict.fromkeys(labels)), reason) for reason, labels in found.items()]


def _new_job(workflow: Workflow, actor: Actor) -> list[Button]:
    """Nothing where jobs have no page to be started from."""
    try:
        url = reverse("jobs:new", query={"workflow": workflow.slug})
    except NoReverseMatch:
        return []
    reason = ""
    if workflow.status is not WorkflowStatus.ACTIVE:
        reason = _("Only an active workflow can run jobs: activate it first.")
    reason = reason or why_not(actor, Permission.JOB_START)
    return [Button(label=_("New job"), icon="play", url=url, why_not=reason, primary=True)]


def _preview(workflow: Workflow, actor: Actor) -> list[Button]:
    """Nothing where drafts have no page to be tried on."""
    try:
        url = reverse("jobs:preview", args=[workflow.slug])
    except NoReverseMatch:
        return []
    reason = in_archive(workflow) or why_not(actor, Permission.WORKFLOW_PREVIEW)
    return [Button(label=_("Preview"), icon="flask-conical", url=url, why_not=reason)]


def _archive_or_restore(workflow: Workflow, actor: Actor) -> Button:
    reason = why_not(actor, Permission.WORKFLOW_ARCHIVE)
    if workflow.status is WorkflowStatus.ARCHIVED:
        return Button(
            label=_("Restore"), icon="archive-restore", url=_url("restore", workflow.slug), why_not=reason
        )
    return Button(label=_("Archive"), icon="archive", url=_url("archive", workflow.slug), why_not=reason)


def _url(name: str, slug: str) -> str:
    return reverse(f"workflows:{name}", args=[slug])
