"""The settings: who sees and changes what, what is shown once, and what the pages cost."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from audit import signing
from audit.models import AuditEntry
from common import clock
from tests.factories import ApiClient, make_actor, make_invitation, make_member, make_token, make_user
from workspaces.authentication import SESSION_WORKSPACE
from workspaces.models import Invitation, Membership, Role, Token, Workspace

pytestmark = pytest.mark.django_db
SHELL = 3
"""Queries of every page: session, person, workspaces."""


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin():
    return make_actor(Role.ADMIN, user=make_user("ada", first_name="Ada", last_name="Lovelace"))


@pytest.fixture
def client(admin):
    return signed_in(admin.user)


@pytest.fixture
def viewer(admin):
    return make_member(Role.VIEWER, workspace=admin.workspace)


def text(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def log_of(workspace):
    return " ".join(AuditEntry.objects.filter(workspace=workspace).values_list("body", flat=True))


def test_the_first_page_offers_what_the_role_may(client, viewer):
    page = text(client, "/settings/")
    for words in ("Members and roles", "Invitations", "those of all members", "proves the audit log"):
        assert words in page
    page = text(signed_in(viewer.user), "/settings/")
    assert "Members and roles" in page
    for words in ("Invitations", "those of all members", "proves the audit log"):
        assert words not in page


def test_settings_stand_in_the_sidebar(client):
    assert '<a href="/settings/" aria-current="page">' in text(client, "/settings/members/")


# ---------------------------------------------------------------- members
def test_the_members_are_listed_with_role_grant_and_sign_in(client, admin):
    grace = make_user("grace", email="grace@example.com", last_login=clock.now())
    make_member(Role.AUDITOR, workspace=admin.workspace, user=grace, sees_payloads=True)
    make_member(user=make_user("stranger"))
    page = text(client, "/settings/members/")
    for words in ("Ada Lovelace", "(you)", "grace@example.com", "with inputs, outputs and files", "never"):
        assert words in page
    assert "stranger" not in page


def test_a_viewer_sees_members_and_no_buttons_or_sign_ins(viewer):
    page = text(signed_in(viewer.user), "/settings/members/")
    assert "Last sign-in" not in page
    assert "Invite somebody" not in page
    assert "Admins invite, change and remove members." in page


def test_a_role_and_a_grant_are_changed(client, viewer):
    address = f"/settings/members/{viewer.user.username}/"
    answer = client.post(address, {"role": "auditor", "sees_payloads": "on"})
    assert answer["Location"] == "/settings/members/"
    viewer.refresh_from_db()
    assert (viewer.role, viewer.sees_payloads) == ("auditor", True)
    client.post(address, {"role": "builder", "sees_payloads": "on"})
    viewer.refresh_from_db()
    assert (viewer.role, viewer.sees_payloads) == ("builder", False)
    assert client.post(address, {"role": "king"}).status_code == 422


def test_the_last_admin_cannot_be_changed_or_removed_and_is_told_why(client, admin):
    page = text(client, "/settings/members/ada/")
    assert "Make somebody else an admin first." in page
    assert "Remove ada now" not in page
    answer = client.post("/settings/members/ada/", {"role": "viewer"})
    assert answer.status_code == 409
    assert "keeps at least one admin" in answer.content.decode()
    assert client.post("/settings/members/ada/remove/").status_code == 409
    assert Membership.objects.get(user=admin.user).role == Role.ADMIN


def test_a_removed_member_is_gone_and_their_token_stops(client, admin):
    token, key = make_token(Role.OPERATOR, workspace=admin.workspace)
    assert ApiClient(key).get("/me/").status_code == 200
    address = f"/settings/members/{token.user.username}/"
    assert "1 token works now." in text(client, address)
    assert client.post(f"{address}remove/")["Location"] == "/settings/members/"
    assert ApiClient(key).get("/me/").status_code == 401
    assert client.get(address).status_code == 404


def test_who_removes_themselves_lands_on_the_overview(client, admin):
    make_member(Role.ADMIN, workspace=admin.workspace)
    assert client.post("/settings/members/ada/remove/")["Location"] == "/"
    assert "You are not in a workspace yet" in client.get("/").content.decode()


# ---------------------------------------------------------------- invitations
def made_link(client, **given):
    answer = client.post("/settings/invitations/new/", {"role": "operator", "days": "7", **given})
    assert answer.status_code == 201
    return answer, answer.context["link"]


def test_the_link_is_shown_once_on_a_page_that_nobody_keeps(client, admin, settings):
    settings.BASE_URL = "https://workledger.example"
    answer, link = made_link(client)
    token = link.removeprefix("https://workledger.example/join/").removesuffix("/")
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.decode().count(token) == 1
    invitation = Invitation.objects.get()
    for path in ("/settings/invitations/", f"/settings/invitations/{invitation.uid}/", "/settings/"):
        assert token not in text(client, path)
        assert invitation.digest not in text(client, path)
    assert token not in log_of(admin.workspace)


def test_an_invitation_with_an_address_is_mailed(client):
    answer, link = made_link(client, email="grace@example.com")
    assert "was mailed to grace@example.com" in answer.content.decode()
    assert link in mail.outbox[0].body


def test_a_failed_mail_is_told_and_the_invitation_stands(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer, _ = made_link(client, email="grace@example.com")
    assert "did not take the mail" in answer.content.decode()
    assert Invitation.objects.open().count() == 1


def test_without_a_mail_server_the_admin_passes_the_link_on(client, settings, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "No mail server is set up" in text(client, "/settings/invitations/new/")
    answer, link = made_link(client, email="grace@example.com")
    assert "nothing was sent" in answer.content.decode()
    assert link not in "".join(capsys.readouterr())


def test_what_does_not_fit_is_told_at_its_field(client):
    answer = client.post("/settings/invitations/new/", {"role": "viewer", "days": "7", "email": "nowhere"})
    assert answer.status_code == 422
    assert 'id="id_email_error"' in answer.content.decode()
    answer = client.post("/settings/invitations/new/", {"days": "7"})
    assert "Choose a role." in answer.content.decode()
    assert client.post("/settings/invitations/new/", {"role": "viewer", "days": "31"}).status_code == 422


def test_open_invitations_are_listed_and_revoked(client, admin):
    invitation, token = make_invitation(workspace=admin.workspace, email="grace@example.com", note="For May")
    make_invitation(email="stranger@example.com")
    page = text(client, "/settings/invitations/")
    assert "grace@example.com" in page
    assert "For May" in page
    assert "stranger" not in page
    assert client.post(f"/settings/invitations/{invitation.uid}/")["Location"] == "/settings/invitations/"
    assert "No invitation is open" in text(client, "/settings/invitations/")
    assert Client().get(f"/join/{token}/").status_code == 410
    assert client.get(f"/settings/invitations/{invitation.uid}/").status_code == 404


# ---------------------------------------------------------------- tokens
def test_a_key_is_shown_once_on_a_page_that_nobody_keeps_and_works(client, admin):
    answer = client.post("/settings/tokens/new/", {"name": "nightly", "role": "operator", "expires_at": "30"})
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    key, token = answer.context["key"], Token.objects.get()
    assert answer.content.decode().count(key) == 1
    assert ApiClient(key).get("/me/").json()["role"] == "operator"
    assert timedelta(days=29) < token.expiry - clock.now() <= timedelta(days=30)
    for path in ("/settings/tokens/", f"/settings/tokens/{token.uid}/", "/settings/tokens/?whose=all"):
        page = text(client, path)
        assert "nightly" in page
        assert token.token_key in page
        assert key not in page
        assert token.digest not in page
    assert key not in log_of(admin.workspace)


def test_a_token_has_at_most_the_role_of_its_maker(viewer):
    client = signed_in(viewer.user)
    assert 'value="operator"' not in text(client, "/settings/tokens/new/")
    answer = client.post("/settings/tokens/new/", {"name": "x", "role": "operator"})
    assert answer.status_code == 422
    assert "expected at most the role viewer" in answer.content.decode()
    answer = client.post("/settings/tokens/new/", {"name": "two\nlines", "role": "viewer"})
    assert 'id="id_name_error"' in answer.content.decode()
    assert not Token.objects.exists()


def test_others_tokens_are_for_admins(client, admin, viewer):
    token, key = make_token(Role.OPERATOR, workspace=admin.workspace, name="import")
    address = f"/settings/tokens/{token.uid}/"
    assert "import" not in text(client, "/settings/tokens/")
    page = text(client, "/settings/tokens/?whose=all")
    assert "import" in page
    assert token.user.username in page
    stranger = signed_in(viewer.user)
    assert "import" not in text(stranger, "/settings/tokens/?whose=all")
    assert stranger.get(address).status_code == stranger.post(address).status_code == 404
    assert client.post(address)["Location"] == "/settings/tokens/?whose=all"
    assert ApiClient(key).get("/me/").status_code == 401
    assert "Revoked" in text(client, address)


def test_the_role_in_force_is_shown_beside_the_one_it_was_made_with(client, admin):
    token, _ = make_token(Role.BUILDER, workspace=admin.workspace)
    Membership.objects.filter(user=token.user).update(role=Role.VIEWER)
    page = text(client, "/settings/tokens/?whose=all")
    assert "Viewer" in page
    assert "made as builder" in page


def test_the_state_of_a_token_is_in_words(client, admin):
    expired, _ = make_token(Role.VIEWER, workspace=admin.workspace, expiry=clock.now() + timedelta(days=1))
    Token.objects.filter(pk=expired.pk).update(expiry=clock.now() - timedelta(days=1))
    idle, _ = make_token(Role.VIEWER, workspace=admin.workspace)
    idle.user.is_active = False
    idle.user.save()
    page = text(client, "/settings/tokens/?whose=all")
    assert "Expired" in page
    assert "Owner inactive" in page
    assert client.get("/settings/").context["counts"].tokens == 0


# ---------------------------------------------------------------- the workspace
def test_the_workspace_is_changed_by_admins_and_seen_by_all(client, admin, viewer):
    assert "disabled" not in text(client, "/settings/workspace/").split("id_name")[1][:200]
    answer = client.post("/settings/workspace/", {"name": "Month end", "time_zone": "Europe/Berlin"})
    assert answer["Location"] == "/settings/workspace/"
    workspace = Workspace.objects.get(pk=admin.workspace.pk)
    assert (workspace.name, workspace.time_zone) == ("Month end", "Europe/Berlin")
    page = text(signed_in(viewer.user), "/settings/workspace/")
    assert "Month end" in page
    assert "Changing this takes the role admin." in page
    wrong = client.post("/settings/workspace/", {"name": "zero\u200bwidth", "time_zone": "Europe/Berlin"})
    assert wrong.status_code == 422
    assert "remove it" in wrong.content.decode()


def test_the_public_key_is_for_those_who_read_the_log_and_the_private_one_for_nobody(
    client, admin, viewer, settings
):
    auditor = signed_in(make_member(Role.AUDITOR, workspace=admin.workspace).user)
    for who in (client, auditor):
        page = text(who, "/settings/workspace/")
        assert signing.public_key() in page
        assert signing.own_key_id() in page
        assert settings.AUDIT_SIGNING_KEY not in page
    assert signing.public_key() not in text(signed_in(viewer.user), "/settings/workspace/")


def test_who_runs_the_installation_makes_another_workspace_and_is_there(client, admin):
    assert "New workspace" not in text(client, "/settings/workspace/")
    admin.user.is_superuser = True
    admin.user.save()
    assert "New workspace" in text(client, "/settings/workspace/")
    given = {"name": "Second", "slug": "Not a slug", "time_zone": "UTC"}
    text(client, "/settings/workspace/new/")
    assert client.post("/settings/workspace/new/", given).status_code == 422
    answer = client.post("/settings/workspace/new/", {**given, "slug": "second"})
    assert answer["Location"] == "/settings/"
    made = Workspace.objects.get(slug="second")
    assert client.session[SESSION_WORKSPACE] == made.pk
    assert Membership.objects.get(workspace=made).user == admin.user


# ---------------------------------------------------------------- what they cost
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/settings/", 3),
        ("/settings/members/", 1),
        ("/settings/members/ada/", 3),
        ("/settings/invitations/", 1),
        ("/settings/invitations/new/", 0),
        ("/settings/tokens/", 1),
        ("/settings/tokens/?whose=all", 1),
        ("/settings/tokens/new/", 0),
        ("/settings/workspace/", 0),
    ],
)
def test_a_page_costs_the_same_however_many_there_are(
    client, admin, path, queries, django_assert_num_queries
):
    for _ in range(4):
        make_token(Role.VIEWER, workspace=admin.workspace)
        make_token(Role.VIEWER, workspace=admin.workspace, user=admin.user)
        make_invitation(workspace=admin.workspace)
    with django_assert_num_queries(SHELL + queries):
        assert client.get(path).status_code == 200
