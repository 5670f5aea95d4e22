"""What the addresses of the matrix name, made in a workspace: each gives the arguments of the address."""

from audit.models import AuditEntry
from jobs.engine.claim import claim_next
from jobs.engine.runner import run_job
from jobs.previews import start_preview
from jobs.services import start_job
from jobs.storage import put_bytes, register
from tests.engine.lab import LabWorker
from tests.factories import make_invitation, make_member, make_token
from workflows.gallery import entry_of
from workflows.models import ActivationRequest, Workflow
from workflows.services import activate, activate_or_ask, archive, copy_from_gallery, create_workflow
from workspaces.actors import Actor
from workspaces.models import Membership, Role
from workspaces.services import change_workspace


def a_file(place: Actor) -> list[object]:
    """A file of the workspace."""
    digest = put_bytes(b"text")
    file = register(
        workspace_id=place.workspace.pk, name="a.txt", media_type="text/plain", sha256=digest, size=4
    )
    return [file.pk]


def a_job(place: Actor) -> list[object]:
    """A queued job of the workspace, whose first step has the key `a`."""
    definition = {"format": 1, "name": "Flow", "steps": [{"key": "a", "type": "set", "values": {"b": 1}}]}
    workflow = create_workflow(actor=place, workspace=place.workspace, slug="flow", definition=definition)
    activate(actor=place, workflow=workflow)
    return [start_job(actor=place, workflow="flow", inputs={}).job.pk]


def a_workflow(place: Actor) -> list[object]:
    """The slug of a draft."""
    return [_draft(place).slug]


def a_copy(place: Actor) -> list[object]:
    """The slug of a copy from the gallery."""
    entry = entry_of("invoice-check")
    assert entry is not None
    return [copy_from_gallery(actor=place, workspace=place.workspace, entry=entry).workflow.slug]


def an_archived_workflow(place: Actor) -> list[object]:
    """The slug of a workflow that can be restored."""
    return [archive(actor=place, workflow=_draft(place)).slug]


def a_version(place: Actor) -> list[object]:
    """The slug and number of an active version."""
    workflow = _draft(place)
    return [workflow.slug, activate(actor=place, workflow=workflow).version.number]


def an_active_workflow(place: Actor) -> list[object]:
    """The slug of a workflow with a version."""
    return a_version(place)[:1]


def a_request(place: Actor) -> list[object]:
    """The slug of a workflow, and the number of a request to activate it."""
    workflow = _draft(place)
    change_workspace(workspace=place.workspace, four_eyes=True, actor=None)
    place.workspace.refresh_from_db()
    asked = activate_or_ask(actor=place, workflow=workflow)
    assert isinstance(asked, ActivationRequest)
    return [workflow.slug, asked.pk]


def _draft(place: Actor) -> Workflow:
    steps = [{"key": "a", "type": "set", "values": {"x": 1}}]
    definition = {"format": 1, "name": "Sums", "steps": steps}
    return create_workflow(actor=place, workspace=place.workspace, slug="sums", definition=definition)


def a_finished_job(place: Actor) -> list[object]:
    """A job as `a_job` makes it, run to its end."""
    args = a_job(place)
    _run_one()
    return args


def _run_one() -> None:
    worker = LabWorker()
    claim = claim_next(worker, ["default"], 1_000_000)
    assert claim is not None
    run_job(claim, worker)  # type: ignore[arg-type]


def a_preview(place: Actor) -> list[object]:
    """The number of a queued preview, whose first step has the key `a`."""
    return [start_preview(actor=place, workflow=_draft(place), inputs={}).job.pk]


def a_preview_of(place: Actor) -> list[object]:
    """The slug of its workflow, and its number."""
    return ["sums", *a_preview(place)]


def a_finished_preview(place: Actor) -> list[object]:
    """A preview as `a_preview` makes it, run to its end."""
    args = a_preview(place)
    _run_one()
    return args


def an_entry(place: Actor) -> list[object]:
    """An entry of the workspace's log."""
    a_job(place)
    return list(AuditEntry.objects.filter(workspace=place.workspace).values_list("pk", flat=True)[:1])


def a_member(place: Actor) -> list[object]:
    """The name of one."""
    return [make_member(Role.VIEWER, workspace=place.workspace).user.username]


def an_invitation(place: Actor) -> list[object]:
    """An open one."""
    return [make_invitation(workspace=place.workspace)[0].uid]


def a_token(place: Actor) -> list[object]:
    """Of the newest member, who asks: one's own is all that most may see."""
    owner = Membership.objects.filter(workspace=place.workspace).latest("id").user
    return [make_token(Role.VIEWER, workspace=place.workspace, user=owner)[0].uid]
