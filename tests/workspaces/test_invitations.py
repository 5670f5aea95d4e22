"""Invitations: who makes them, who may use them, that each works once, and what is kept of its secret."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from audit.models import AuditEntry
from common import clock
from common.errors import Problem
from tests.factories import make_actor, make_invitation, make_member, make_user
from workspaces import services
from workspaces.invitation_mail import can_mail, send_invitation
from workspaces.invitations import (
    LONGEST_DAYS,
    accept_as_new_person,
    accept_invitation,
    find_invitation,
    invite,
    revoke_invitation,
)
from workspaces.models import Invitation, Membership, Role, User

pytestmark = pytest.mark.django_db
PASSPHRASE = "a-long-passphrase"


def entries(workspace):
    return list(AuditEntry.objects.filter(workspace=workspace).order_by("id"))


def refused(call):
    with pytest.raises(Problem) as problem:
        call()
    return problem.value.errors[0].path if problem.value.errors else problem.value.code


def new_person(token, **given):
    return accept_as_new_person(
        **{"token": token, "username": "grace", "email": "grace@example.com", "password": PASSPHRASE, **given}
    )


def test_an_invitation_makes_a_member_once():
    invitation, token = make_invitation(role=Role.REVIEWER)
    user = make_user()
    member = accept_invitation(token=token, user=user, request_id="r1")
    assert (member.role, member.workspace_id, member.sees_payloads) == (
        "reviewer",
        invitation.workspace_id,
        False,
    )
    assert refused(lambda: accept_invitation(token=token, user=make_user())) == "invitation_used"
    accepted, added = entries(invitation.workspace)[-2:]
    assert (accepted.action, added.action) == ("invitation.accepted", "member.added")
    assert accepted.actor == added.actor == f"user:{user.username}"
    assert accepted.request_id == "r1"
    assert f'"invited_by":"{invitation.invited_by.username}"' in accepted.body


def test_only_a_hash_of_the_secret_is_stored_and_the_log_has_neither():
    invitation, token = make_invitation(email="grace@example.com", note="Welcome")
    assert invitation.digest != token
    assert len(token) >= 43
    stored = " ".join(str(getattr(invitation, each.attname)) for each in Invitation._meta.fields)
    assert token not in stored
    (entry,) = entries(invitation.workspace)
    assert entry.action == "invitation.created"
    assert token not in entry.body
    assert invitation.digest not in entry.body


def test_somebody_new_gets_an_account_in_the_workspaces_time_zone():
    admin = make_actor(Role.ADMIN)
    services.change_workspace(workspace=admin.workspace, time_zone="Europe/Berlin", actor=admin)
    admin.workspace.refresh_from_db()
    _, token = invite(role=Role.OPERATOR, actor=admin)
    member = new_person(token)
    person = User.objects.get(username="grace")
    assert member.user == person
    assert (person.email, person.time_zone) == ("grace@example.com", "Europe/Berlin")
    assert person.check_password(PASSPHRASE)
    assert not person.is_superuser


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"username": ""}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"username": "ADA"}, "username"),
        ({"username": "ada@example.com"}, "username"),
        ({"email": ""}, "email"),
        ({"email": "nowhere"}, "email"),
        ({"email": "ADA@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "39857203948"}, "password"),
    ],
)
def test_an_account_that_does_not_fit_is_refused_and_the_invitation_stays_open(given, path):
    make_user("ada", email="ada@example.com")
    invitation, token = make_invitation()
    before = User.objects.count()
    assert refused(lambda: new_person(token, **given)) == path
    assert User.objects.count() == before
    assert find_invitation(token) == invitation


def test_an_invitation_to_an_address_is_for_the_person_who_has_it():
    _, token = make_invitation(email="Grace@example.com")
    assert (
        refused(lambda: accept_invitation(token=token, user=make_user(email="ada@example.com")))
        == "forbidden"
    )
    assert refused(lambda: accept_invitation(token=token, user=make_user())) == "forbidden"
    assert accept_invitation(token=token, user=make_user(email="grace@example.com"))


def test_a_new_account_gets_the_address_that_was_invited_whatever_is_sent():
    _, token = make_invitation(email="grace@example.com")
    assert new_person(token, email="mallory@example.com").user.email == "grace@example.com"


def test_a_member_has_nothing_to_accept_and_leaves_the_invitation_open():
    invitation, token = make_invitation()
    member = make_member(Role.VIEWER, workspace=invitation.workspace)
    assert refused(lambda: accept_invitation(token=token, user=member.user)) == "member_already"
    assert find_invitation(token)


@pytest.mark.parametrize("token", ["", "nothing", "é" * 43, "x" * 5000])
def test_an_unknown_link_is_not_found(token):
    assert refused(lambda: find_invitation(token)) == "not_found"


def test_what_was_not_used_in_time_is_over():
    _, token = make_invitation(days=1)
    long_ago = clock.now() - timedelta(days=2)
    Invitation.objects.update(created_at=long_ago, expires_at=long_ago + timedelta(days=1))
    assert refused(lambda: accept_invitation(token=token, user=make_user())) == "invitation_expired"
    assert refused(lambda: new_person(token)) == "invitation_expired"
    assert not Invitation.objects.open().exists()


def test_a_revoked_invitation_is_over_and_revoking_again_changes_nothing():
    admin = make_actor(Role.ADMIN)
    invitation, token = invite(role=Role.VIEWER, actor=admin)
    for _ in range(2):
        revoke_invitation(invitation=invitation, actor=admin)
    assert refused(lambda: new_person(token)) == "invitation_revoked"
    assert [each.action for each in entries(admin.workspace)] == ["invitation.created", "invitation.revoked"]


def test_an_accepted_invitation_is_not_revoked_any_more():
    admin = make_actor(Role.ADMIN)
    invitation, token = invite(role=Role.VIEWER, actor=admin)
    accept_invitation(token=token, user=make_user())
    revoke_invitation(invitation=invitation, actor=admin)
    assert refused(lambda: find_invitation(token)) == "invitation_used"


def test_who_is_admin_no_longer_leaves_no_open_invitation_behind():
    admin = make_actor(Role.ADMIN)
    for end in ("demoted", "removed", "switched off"):
        leaver = make_actor(Role.ADMIN, workspace=admin.workspace)
        _, token = invite(role=Role.ADMIN, actor=leaver)
        member = Membership.objects.get(workspace=admin.workspace, user=leaver.user)
        if end == "demoted":
            services.change_role(membership=member, role=Role.VIEWER, actor=admin)
        elif end == "removed":
            services.remove_member(membership=member, actor=admin)
        else:
            User.objects.filter(pk=leaver.user.pk).update(is_active=False)
        assert refused(lambda link=token: new_person(link)) == "invitation_revoked", end


def test_an_archived_workspace_takes_nobody_in():
    invitation, token = make_invitation()
    invitation.workspace.archived_at = clock.now()
    invitation.workspace.save()
    assert refused(lambda: accept_invitation(token=token, user=make_user())) == "invitation_revoked"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_admin_invites_and_revokes(role):
    actor = make_actor(role)
    invitation, _ = make_invitation(workspace=actor.workspace)
    assert refused(lambda: invite(role=Role.VIEWER, actor=actor)) == "role_too_low"
    assert refused(lambda: revoke_invitation(invitation=invitation, actor=actor)) == "role_too_low"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"email": "nowhere"}, "email"),
        ({"email": "Ada@example.com"}, "email"),
        ({"note": "two\nlines"}, "note"),
        ({"note": "x" * 201}, "note"),
        ({"days": 0}, "days"),
        ({"days": LONGEST_DAYS + 1}, "days"),
    ],
)
def test_an_invitation_that_does_not_fit_is_refused(given, path):
    admin = make_actor(Role.ADMIN, user=make_user(email="ada@example.com"))
    assert refused(lambda: invite(role=Role.VIEWER, actor=admin, **given)) == path


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("workspaces_invitation_role", {"role": "king"}),
        ("workspaces_invitation_lasts", {"expires_at": clock.now() - timedelta(days=9)}),
        ("workspaces_invitation_acceptance", {"accepted_at": clock.now()}),
    ],
)
def test_the_database_refuses_what_must_never_be(name, change):
    invitation, _ = make_invitation()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(**change)


def test_the_database_refuses_one_that_is_accepted_and_revoked():
    invitation, token = make_invitation()
    accept_invitation(token=token, user=make_user())
    with pytest.raises(IntegrityError, match="workspaces_invitation_one_end"), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(revoked_at=clock.now())


def test_the_mail_has_the_link_and_says_who_invites_to_what():
    invitation, token = make_invitation(email="grace@example.com", note="Month end is yours & mine")
    assert send_invitation(invitation=invitation, link=f"https://workledger.example/join/{token}/")
    (sent,) = mail.outbox
    assert sent.to == ["grace@example.com"]
    assert invitation.workspace.name in sent.subject
    for text in (token, invitation.invited_by.username, "operator", "Month end is yours & mine"):
        assert text in sent.body


def test_a_mail_server_that_does_not_answer_is_told_and_the_log_has_no_link(settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    invitation, token = make_invitation(email="grace@example.com")
    assert not send_invitation(invitation=invitation, link=f"https://workledger.example/join/{token}/")
    assert "could not be mailed" in caplog.text
    assert token not in caplog.text


def test_without_a_mail_server_nothing_is_mailed_for_the_log_would_have_the_link(settings):
    assert can_mail()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert not can_mail()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("new", [False, True], ids=["members", "new-people"])
def test_of_two_who_accept_at_the_same_moment_one_becomes_a_member(new):
    invitation, token = make_invitation()
    users = [make_user() for _ in range(4)]
    people = User.objects.count()
    start = threading.Barrier(4)
    outcomes = []

    def accept(number):
        start.wait()
        try:
            if new:
                accept_as_new_person(
                    token=token,
                    username=f"new{number}",
                    email=f"new{number}@example.com",
                    password=PASSPHRASE,
                )
            else:
                accept_invitation(token=token, user=users[number])
            outcomes.append("joined")
        except Problem as problem:
            outcomes.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[number]) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["invitation_used"] * 3 + ["joined"]
    assert Membership.objects.filter(workspace=invitation.workspace).count() == 2
    assert User.objects.count() == people + int(new)
