"""The workspace itself, and what all settings pages cost."""

import pytest

from audit import signing
from tests.factories import make_invitation, make_member, make_token
from tests.pages.settings.support import signed_in, text
from workspaces.authentication import SESSION_WORKSPACE
from workspaces.models import Membership, Role, Workspace

pytestmark = pytest.mark.django_db
SHELL = 3
"""Queries of every page: session, person, workspaces."""


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
