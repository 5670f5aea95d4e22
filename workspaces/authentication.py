"""Who calls the API: a token's owner, or the person of a browser session. Each becomes an `Actor`, by one query."""

import hmac
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, CharField, F, QuerySet
from django.http import HttpRequest, HttpResponse
from knox.crypto import hash_token
from rest_framework.authentication import BaseAuthentication, CSRFCheck, get_authorization_header
from rest_framework.request import Request

from common import clock
from common.errors import Problem
from common.prepared import Given, Prepared
from workspaces.actors import Actor
from workspaces.models import Membership, Role, Token, User
from workspaces.permissions import lower

SESSION_WORKSPACE = "workspace"
"""The session's key that holds the id of the current workspace."""

_FOUND = "_memberships"
_CHALLENGE = {"WWW-Authenticate": 'Token realm="workledger"'}
_LAST_USED_PRECISION = timedelta(minutes=1)
_LONGEST_KEY = 200


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token KEY`. Unknown, expired, revoked, or its owner left: 401 `invalid_token`, all alike."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """The token's owner and actor; None when the request names no token. Raises `Problem` 401."""
        words = get_authorization_header(request).split()
        if not words:
            return None
        if words[0].lower() != b"token" or len(words) != 2:
            raise _refused("expected the header Authorization: Token KEY, with one key and nothing else")
        actor = token_actor(words[1].decode("latin-1"), request_id=request_id_of(request))
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF names it
        """What a client without credentials is told to send."""
        return _CHALLENGE["WWW-Authenticate"]


class SessionAuthentication(BaseAuthentication):
    """The browser's session, with CSRF on everything that writes, in the session's current workspace."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """The signed-in user and actor; None for a visitor. Raises `Problem` 403 `csrf` or `no_workspace`."""
        plain: HttpRequest = request._request
        user = getattr(plain, "user", None)
        if not isinstance(user, User) or not user.is_active:
            return None
        check = CSRFCheck(lambda _: None)  # type: ignore[arg-type]
        check.process_request(plain)
        if reason := check.process_view(plain, _no_view, (), {}):
            raise Problem(403, "csrf", f"The request lacks a valid CSRF token: {reason} Reload the page.")
        actor = session_actor(plain)
        if actor is None:
            raise Problem(
                403, "no_workspace", "You are not a member of any workspace. Ask an admin to add you."
            )
        return user, actor


def token_actor(key: str, *, request_id: str = "") -> Actor:
    """The actor behind a token's key. Raises `Problem` 401 `invalid_token`.

    The row is found by the key's SHA-512, so the time it takes says nothing about any key that exists.
    """
    token = _find(hash_token(key)) if key.isascii() and len(key) <= _LONGEST_KEY else None
    if token is None or (token.expiry is not None and token.expiry <= clock.now()):
        raise _refused("this token is unknown, expired or revoked; make a new one under Settings, Tokens")
    owner_role = Role(token.owner_role)  # type: ignore[attr-defined]
    granted: bool = token.owner_sees_payloads  # type: ignore[attr-defined]
    return Actor(
        user=token.user,
        workspace=token.workspace,
        role=lower(Role(token.role), owner_role),
        token=token,
        sees_payloads=granted or Role.AUDITOR not in (owner_role, token.role),
        request_id=request_id,
    )


def session_actor(request: HttpRequest) -> Actor | None:
    """The signed-in person in the session's current workspace, or in their first one; None without any.

    A workspace that the person has left, or that is archived, counts as not chosen.
    """
    if not isinstance(request.user, User):
        return None
    chosen = request.session.get(SESSION_WORKSPACE)
    found = session_memberships(request)
    membership = next((each for each in found if each.workspace_id == chosen), found[0] if found else None)
    if membership is None:
        return None
    return membership_actor(membership, user=request.user, request_id=request_id_of(request))


def session_memberships(request: HttpRequest) -> list[Membership]:
    """What the signed-in person can choose from, in the order they joined; asked once for each request."""
    found: list[Membership] | None = getattr(request, _FOUND, None)
    if found is None:
        found = []
        if isinstance(request.user, User):
            found = _MEMBERSHIPS_OF.rows(user=request.user.pk)
        setattr(request, _FOUND, found)
    return found


def membership_actor(membership: Membership, *, user: User, request_id: str = "") -> Actor:
    """A member in person."""
    role = Role(membership.role)
    return Actor(
        user=user,
        workspace=membership.workspace,
        role=role,
        sees_payloads=membership.sees_payloads or role is not Role.AUDITOR,
        request_id=request_id,
    )


def note_use(token: Token) -> None:
    """Write down that the token was used, unless that was written within the last minute."""
    now = clock.now()
    if is_stale(token.last_used_at, now):
        due = Token.objects.filter(pk=token.pk).exclude(last_used_at__gt=now - _LAST_USED_PRECISION)
        due.update(last_used_at=now)


def is_stale(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether a token's last-used time is due to be written anew."""
    return last_used_at is None or last_used_at <= now - _LAST_USED_PRECISION


def request_id_of(request: HttpRequest | Request) -> str:
    """The id that the middleware gave to the request; empty outside of one."""
    return str(getattr(request, "request_id", ""))


def _memberships() -> QuerySet[Membership]:
    rows = Membership.objects.filter(user=Given("user", BigIntegerField()), workspace__archived_at=None)
    return rows.select_related("workspace").order_by("id")


_MEMBERSHIPS_OF = Prepared(_memberships)


def _valid_tokens() -> QuerySet[Token]:
    """Tokens that let somebody in, each with its owner's role."""
    tokens: QuerySet[Token] = (
        Token.objects.filter(
            digest=Given("digest", CharField()),
            revoked_at=None,
            user__is_active=True,
            workspace__archived_at=None,
            workspace__memberships__user=F("user"),
        )
        .select_related("user", "workspace")
        .annotate(
            owner_role=F("workspace__memberships__role"),
            owner_sees_payloads=F("workspace__memberships__sees_payloads"),
        )
    )
    return tokens


_VALID_TOKENS = Prepared(_valid_tokens)


def _find(digest: str) -> Token | None:
    token = next(iter(_VALID_TOKENS.rows(digest=digest)), None)
    return token if token is not None and hmac.compare_digest(token.digest, digest) else None


def _no_view(_request: HttpRequest) -> HttpResponse:
    """What the CSRF check is told to protect; it looks only whether the view is exempt."""
    return HttpResponse()


def _refused(why: str) -> Problem:
    return Problem(401, "invalid_token", f"{why[0].upper()}{why[1:]}.", headers=dict(_CHALLENGE))
