"""Tokens: the key is shown once, nobody hands out more than they have, those of others are for admins."""

from datetime import timedelta

import pytest

from common import clock
from tests.factories import ApiClient, make_token
from tests.pages.settings.support import log_of, signed_in, text
from workspaces.models import Membership, Role, Token

pytestmark = pytest.mark.django_db


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
    assert "Expected at most the role viewer" in answer.content.decode()
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
