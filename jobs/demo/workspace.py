"""The workspace `demo` with its user `admin` and the sample workflows. Making it again changes nothing."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from common import clock
from jobs.demo.samples import WORKFLOWS, definition_text
from workflows.definition.yaml_text import load_documents
from workflows.models import Workflow
from workflows.services.importing import import_workflows
from workspaces.actors import Actor
from workspaces.models import Role, User, Workspace
from workspaces.services import create_token, create_workspace, revoke_token

SLUG = "demo"
USER = "admin"
TOKEN_LIFETIME = timedelta(minutes=15)
"""For the sample job's token, in case the process dies before it revokes it."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The demo workspace and its user. `password` is None when the user was there already: nobody knows it then.
    `imported` names the sample workflows that were not there before.
    """

    workspace: Workspace
    user: User
    password: str | None
    imported: tuple[str, ...]

    def sentences(self) -> list[str]:
        """What people need to know of it."""
        told = [f"User {USER} exists; for a new password: .venv/bin/python manage.py changepassword {USER}"]
        if self.password is not None:
            told = [f"User {USER}, password {self.password} (shown only this once)"]
        if self.imported:
            told.append(f"Sample workflows: {', '.join(self.imported)}")
        return told


@transaction.atomic
def set_up_demo() -> Demo:
    """Make what is missing of user, workspace and sample workflows; what is there stays as people left it."""
    user, password = _user()
    workspace = Workspace.objects.filter(slug=SLUG).first()
    if workspace is None:
        workspace = create_workspace(slug=SLUG, name="Demo", admin=user, actor=None)
    return Demo(
        workspace=workspace, user=user, password=password, imported=import_missing(workspace, actor=None)
    )


@contextmanager
def short_lived_token(demo: Demo) -> Iterator[str]:
    """The key of a token that is revoked at the end."""
    token, key = create_token(
        user=demo.user,
        workspace=demo.workspace,
        role=Role.OPERATOR,
        name="sample job",
        expiry=clock.now() + TOKEN_LIFETIME,
        actor=None,
    )
    try:
        yield key
    finally:
        revoke_token(token=token, actor=None)


def _user() -> tuple[User, str | None]:
    user = User.objects.filter(username=USER).first()
    if user is not None:
        return user, None
    password = secrets.token_urlsafe(12)
    return User.objects.create_superuser(USER, password=password), password


def import_missing(workspace: Workspace, *, actor: Actor | None) -> tuple[str, ...]:
    """Import and activate the sample workflows whose slugs are free in `workspace`, and name them."""
    present = set(Workflow.objects.filter(workspace=workspace).values_list("slug", flat=True))
    missing = tuple(slug for slug in WORKFLOWS if slug not in present)
    if missing:
        documents = [document for slug in missing for document in load_documents(definition_text(slug))]
        import_workflows(actor=actor, workspace=workspace, documents=documents, activate_all=True)
    return missing
