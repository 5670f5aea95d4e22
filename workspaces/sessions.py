"""Who is signed in: Django's sessions and allauth's sign-in, with the two look-ups of every request prepared."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import BigIntegerField, CharField, DateTimeField, QuerySet

from common import clock
from common.prepared import Given, Prepared
from workspaces.models import User


class SessionStore(DatabaseSessions):
    """The name is what `SESSION_ENGINE` looks for."""

    def _get_session_from_db(self) -> Session | None:
        found = _SESSIONS.rows(key=self.session_key, now=clock.now())
        if not found:
            self._session_key = None
        return found[0] if found else None


class SignInBackend(AuthenticationBackend):
    """Sign-in by user name or by e-mail address."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session; None for one who is gone or no longer active."""
        return next(filter(self.user_can_authenticate, _USERS.rows(pk=user_id)), None)


def _sessions() -> QuerySet[Session]:
    now = Given("now", DateTimeField())
    return Session.objects.filter(session_key=Given("key", CharField()), expire_date__gt=now)


def _users() -> QuerySet[User]:
    return User.objects.filter(pk=Given("pk", BigIntegerField()))


_SESSIONS, _USERS = Prepared(_sessions), Prepared(_users)
