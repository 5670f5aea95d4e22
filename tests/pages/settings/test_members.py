"""The first page, and members: who sees and changes whom, and what that ends."""

import pytest

from common import clock
from tests.factories import ApiClient, make_member, make_token, make_user
from tests.pages.settings.support import signed_in, text
from workspaces.models import Membership, Role

pytestmark = pytest.mark.django_db


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
