"""Objects that tests of every app need: people, workspaces, actors, tokens, and a client of the API."""

import itertools
from datetime import datetime
from typing import Any

from django.test import Client

from workspaces.actors import Actor
from workspaces.invitations import invite
from workspaces.models import Invitation, Membership, Role, Token, User, Workspace
from workspaces.services import create_token

_numbers = itertools.count(1)


def make_user(username: str = "", **fields: Any) -> User:
    """A user; the password is `password`."""
    username = username or f"user{next(_numbers)}"
    return User.objects.create_user(username=username, password="password", **fields)


def make_workspace(slug: str = "", **fields: Any) -> Workspace:
    """A workspace without members."""
    slug = slug or f"workspace{next(_numbers)}"
    return Workspace.objects.create(slug=slug, name=fields.pop("name", slug.title()), **fields)


def make_member(
    role: Role | str = Role.BUILDER,
    *,
    workspace: Workspace | None = None,
    user: User | None = None,
    sees_payloads: bool = False,
) -> Membership:
    """A membership, with a user and a workspace of its own unless they are given."""
    return Membership.objects.create(
        workspace=workspace or make_workspace(),
        user=user or make_user(),
        role=Role(role),
        sees_payloads=sees_payloads,
    )


def make_actor(
    role: Role | str = Role.BUILDER,
    *,
    workspace: Workspace | None = None,
    user: User | None = None,
    sees_payloads: bool | None = None,
    request_id: str = "",
) -> Actor:
    """A member in person. `sees_payloads` is what the role gives, unless it is given."""
    granted = bool(sees_payloads)
    member = make_member(role, workspace=workspace, user=user, sees_payloads=granted)
    return Actor(
        user=member.user,
        workspace=member.workspace,
        role=Role(member.role),
        sees_payloads=granted if sees_payloads is not None else member.role != Role.AUDITOR,
        request_id=request_id,
    )


def make_token(
    role: Role | str = Role.BUILDER,
    *,
    workspace: Workspace | None = None,
    user: User | None = None,
    owner_role: Role | str | None = None,
    name: str = "test",
    expiry: datetime | None = None,
) -> tuple[Token, str]:
    """A token and its key; its owner becomes a member (as `owner_role`, or the token's role) if they are none."""
    workspace = workspace or make_workspace()
    user = user or make_user()
    Membership.objects.get_or_create(
        workspace=workspace, user=user, defaults={"role": Role(owner_role or role)}
    )
    return create_token(user=user, workspace=workspace, role=Role(role), name=name, expiry=expiry, actor=None)


def make_invitation(
    *, workspace: Workspace | None = None, role: Role | str = Role.OPERATOR, **given: Any
) -> tuple[Invitation, str]:
    """An open invitation by a new admin, and the secret of its link."""
    return invite(role=Role(role), actor=make_actor(Role.ADMIN, workspace=workspace), **given)


class ApiClient(Client):
    """Calls the API as a token: `api.get("/jobs/")`, `api.post("/jobs/", {...})`. Paths are below `/api/v1`.

    What is posted goes as JSON unless `content_type` says otherwise.
    """

    token: Token

    def __init__(self, key: str = "", **defaults: Any) -> None:
        headers = {"Authorization": f"Token {key}"} if key else {}
        super().__init__(raise_request_exception=False, headers=headers, **defaults)

    def generic(self, method: str, path: Any, *args: Any, **extra: Any) -> Any:
        """Any request; a path that does not begin with `/api/` is below `/api/v1`."""
        whole = path if path.startswith(("/api/", "http")) else f"/api/v1{path}"
        return super().generic(method, whole, *args, **extra)

    def post(self, path: Any, data: Any = None, content_type: str = "application/json", **extra: Any) -> Any:  # type: ignore[override]
        """POST, as JSON by default."""
        return super().post(path, data, content_type=content_type, **extra)

    def patch(self, path: Any, data: Any = "", content_type: str = "application/json", **extra: Any) -> Any:  # type: ignore[override]
        """PATCH, as JSON by default."""
        return super().patch(path, data, content_type=content_type, **extra)


def make_api(role: Role | str = Role.BUILDER, *, workspace: Workspace | None = None) -> ApiClient:
    """A client with a fresh token of that role; `api.token` is the token."""
    token, key = make_token(role, workspace=workspace)
    api = ApiClient(key)
    api.token = token
    return api
