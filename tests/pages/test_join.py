"""What an invitation's link opens, for whom, and that opening it changes nothing."""

import itertools
import logging
import re

import pytest
from django.test import Client

from config.logs import redact
from tests.factories import make_actor, make_invitation, make_member, make_user
from workspaces.invitations import accept_invitation, revoke_invitation
from workspaces.models import Invitation, Membership, Role, User

pytestmark = pytest.mark.django_db
NEW = {"username": "grace", "email": "grace@example.com", "password": "a-long-passphrase"}


class Visitor(Client):
    """Each test comes from an address of its own, so that no test uses up the attempts of another."""

    numbers = itertools.count(1)
    number = 0

    def __init__(self, **defaults):
        super().__init__(REMOTE_ADDR=f"10.0.0.{Visitor.number}", **defaults)


@pytest.fixture(autouse=True)
def another_address():
    Visitor.number = next(Visitor.numbers)


@pytest.fixture
def invited():
    """An open invitation and the address of its link."""
    admin = make_actor(Role.ADMIN, user=make_user("ada", first_name="Ada"))
    invitation, token = make_invitation(workspace=admin.workspace, note="Month <end>")
    return invitation, f"/join/{token}/"


def signed_in(user):
    client = Visitor()
    client.force_login(user)
    return client


def test_a_visitor_sees_who_invites_to_what_and_opening_it_changes_nothing(invited):
    invitation, path = invited
    before = (User.objects.count(), Membership.objects.count())
    client = Visitor()
    for method in (client.get, client.head):
        answer = method(path)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    page = client.get(path).content.decode()
    for words in (invitation.workspace.name, invitation.invited_by.username, "operator", "Month &lt;end&gt;"):
        assert words in page
    assert "sessionid" not in client.cookies
    assert (User.objects.count(), Membership.objects.count()) == before
    assert Invitation.objects.open().count() == 1


def test_a_new_person_makes_an_account_and_is_signed_in_where_they_were_invited(invited):
    invitation, path = invited
    client = Visitor()
    assert client.post(path, NEW)["Location"] == "/"
    member = Membership.objects.get(user__username="grace")
    assert (member.workspace_id, member.role) == (invitation.workspace_id, "operator")
    page = client.get("/").content.decode()
    assert f"Welcome to {invitation.workspace.name}. You are operator here." in page
    assert Visitor().get(path).status_code == 410


def test_what_does_not_fit_is_told_at_its_field_and_the_password_is_not_sent_back(invited):
    _, path = invited
    answer = Visitor().post(path, {**NEW, "username": "ada", "password": "zqxj"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_username_error"' in page
    assert 'id="id_password_error"' in page
    assert "zqxj" not in page
    assert Visitor().post(path, {}).status_code == 422


def test_an_address_that_was_invited_is_filled_in_and_stands():
    _, token = make_invitation(email="grace@example.com")
    page = Visitor().get(f"/join/{token}/").content.decode()
    (field,) = re.findall(r'<input type="email"[^>]*>', page)
    assert 'value="grace@example.com"' in field
    assert "disabled" in field
    Visitor().post(f"/join/{token}/", {**NEW, "email": "mallory@example.com"})
    assert User.objects.get(username="grace").email == "grace@example.com"


def test_somebody_with_an_account_signs_in_and_joins_with_one_click(invited):
    invitation, path = invited
    make_user("grace")
    client = Visitor()
    page = client.get(path).content.decode()
    (door,) = re.findall(r'href="(/account/sign-in/\?next=[^"]+)"', page)
    answer = client.post(door, {"login": "grace", "password": "password", "next": path})
    assert answer["Location"] == path
    page = client.get(path).content.decode()
    assert "You are signed in as grace." in page
    assert "Make an account" not in page
    assert not Membership.objects.filter(user__username="grace").exists()
    assert client.post(path)["Location"] == "/"
    assert Membership.objects.get(user__username="grace").workspace_id == invitation.workspace_id
    assert invitation.workspace.name in client.get("/").content.decode()


def test_who_is_in_another_workspace_looks_at_the_new_one_after_joining(invited):
    invitation, path = invited
    client = signed_in(make_member(Role.ADMIN).user)
    client.post(path)
    assert client.get("/settings/workspace/").context["actor"].workspace == invitation.workspace


@pytest.mark.parametrize("end", ["unknown", "used", "revoked", "expired"])
def test_an_invitation_that_is_over_says_so_and_tells_no_more(invited, end):
    invitation, path = invited
    if end == "unknown":
        path = "/join/nothing/"
    elif end == "used":
        accept_invitation(token=path.split("/")[2], user=make_user("secret-person"))
    elif end == "revoked":
        revoke_invitation(invitation=invitation, actor=make_actor(Role.ADMIN, workspace=invitation.workspace))
    else:
        made = invitation.created_at.replace(year=2020)
        Invitation.objects.update(created_at=made, expires_at=made.replace(year=2021))
    for client in (Visitor(), signed_in(make_user())):
        for answer in (client.get(path), client.post(path, NEW)):
            page = answer.content.decode()
            assert answer.status_code == (404 if end == "unknown" else 410)
            assert answer["Cache-Control"] == "no-store"
            for secret in (invitation.workspace.name, invitation.invited_by.username, "secret-person"):
                assert secret not in page
    assert not User.objects.filter(username="grace").exists()


def test_each_end_has_a_page_of_its_own(invited):
    _, path = invited
    accept_invitation(token=path.split("/")[2], user=make_user())
    assert "This invitation has been used" in Visitor().get(path).content.decode()
    assert "There is no such invitation" in Visitor().get("/join/nothing/").content.decode()


def test_an_invitation_for_somebody_else_says_neither_for_whom_nor_where_to():
    invitation, token = make_invitation(email="grace@example.com")
    client = signed_in(make_user("mallory", email="mallory@example.com"))
    for answer in (client.get(f"/join/{token}/"), client.post(f"/join/{token}/")):
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "grace@example.com" not in page
        assert invitation.workspace.name not in page
        assert "Sign out" in page
    assert Invitation.objects.open().count() == 1


def test_a_member_is_led_to_the_overview(invited):
    invitation, path = invited
    client = signed_in(make_member(Role.VIEWER, workspace=invitation.workspace).user)
    answer = client.get(path)
    assert answer.status_code == 409
    assert "You are a member already" in answer.content.decode()
    assert client.post(path).status_code == 409
    assert Invitation.objects.open().count() == 1


def test_nobody_signs_up_without_an_invitation():
    assert Visitor().get("/account/sign-up/").status_code in (302, 404)
    assert Visitor().post("/account/signup/", NEW).status_code in (302, 404)
    assert not User.objects.exists()


def test_a_form_from_elsewhere_is_refused(invited):
    _, path = invited
    client = Visitor(enforce_csrf_checks=True)
    assert client.post(path, NEW).status_code == 403
    assert not User.objects.filter(username="grace").exists()


def test_attempts_are_limited():
    client = Visitor()
    answers = {client.get("/join/nothing/").status_code for _ in range(70)}
    assert answers == {404, 429}
    answer = client.get("/join/nothing/")
    assert int(answer["Retry-After"]) > 0
    assert "Too many attempts" in answer.content.decode()


def test_the_secret_of_a_link_is_in_no_log(invited, caplog):
    invitation, path = invited
    token = path.split("/")[2]
    with caplog.at_level(logging.DEBUG):
        Visitor().get(path)
        Visitor(enforce_csrf_checks=True).post(path, NEW)
        Visitor().post(path, NEW)
        Visitor().get(path)
    said = [redact(None, "", {"event": record.getMessage(), **record.__dict__}) for record in caplog.records]
    assert said
    for each in said:
        assert token not in " ".join(value for value in each.values() if isinstance(value, str))
        assert invitation.digest not in str(each["event"])


def test_a_link_costs_few_queries(invited, django_assert_num_queries):
    _, path = invited
    with django_assert_num_queries(1):
        Visitor().get(path)
    client = signed_in(make_user())
    with django_assert_num_queries(4):  # session and person; the invitation; whether they are a member
        client.get(path)
