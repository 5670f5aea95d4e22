"""Who gets in: tokens and sessions at `GET /me/`."""

from datetime import timedelta

import pytest
from django.test import Client

from common import clock
from tests.factories import ApiClient, make_api, make_member, make_token, make_user, make_workspace
from workspaces.models import Membership, Role, Token

pytestmark = pytest.mark.django_db


def refused(response, status, code):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["request_id"] == response["X-Request-ID"]
    assert body["type"] == f"/docs/problems/#{code}"
    assert set(body) >= {"title", "detail"}
    return body


def test_a_token_is_told_who_it_is():
    api = make_api(Role.OPERATOR)
    answer = api.get("/me/").json()
    assert answer["user"] == api.token.user.username
    workspace = api.token.workspace
    assert answer["workspace"] == {"slug": workspace.slug, "name": workspace.name, "four_eyes": False}
    assert answer["role"] == "operator"
    assert answer["token"]["id"] == str(api.token.uid)
    assert "job.start" in answer["permissions"]
    assert "workflow.edit" not in answer["permissions"]
    assert answer["sees_payloads"] is True


def test_a_call_by_token_costs_one_query(django_assert_num_queries):
    api = make_api()
    api.get("/me/")
    with django_assert_num_queries(1):
        assert api.get("/me/").status_code == 200


def test_the_last_use_is_written_at_most_once_a_minute():
    api = make_api()
    api.get("/me/")
    first = Token.objects.get(pk=api.token.pk).last_used_at
    assert first is not None
    api.get("/me/")
    assert Token.objects.get(pk=api.token.pk).last_used_at == first
    before = clock.now() - timedelta(seconds=61)
    Token.objects.filter(pk=api.token.pk).update(last_used_at=before)
    api.get("/me/")
    assert Token.objects.get(pk=api.token.pk).last_used_at > before


def test_nobody_gets_in_without_a_token():
    answer = ApiClient().get("/me/")
    refused(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Token")


@pytest.mark.parametrize(
    "header",
    [
        "Token",
        "Token a b",
        "Token nonsense",
        "Bearer nonsense",
        "Basic YTpi",
        "Token \xe4",
        "Token " + "x" * 5000,
    ],
)
def test_an_unreadable_or_unknown_token_is_refused(header):
    answer = ApiClient().get("/me/", headers={"Authorization": header})
    refused(answer, 401, "invalid_token")
    assert answer["WWW-Authenticate"].startswith("Token")


def test_two_tokens_are_none():
    _, one = make_token()
    _, two = make_token()
    refused(
        ApiClient().get("/me/", headers={"Authorization": f"Token {one}, Token {two}"}), 401, "invalid_token"
    )


def test_a_token_in_the_address_does_not_count():
    _, key = make_token()
    refused(ApiClient().get(f"/me/?token={key}"), 401, "not_authenticated")


def test_the_visible_prefix_is_not_the_key():
    token, _ = make_token()
    refused(ApiClient(token.token_key).get("/me/"), 401, "invalid_token")
    refused(ApiClient(token.digest).get("/me/"), 401, "invalid_token")


@pytest.mark.parametrize("spoil", ["expired", "revoked", "removed", "inactive", "archived"])
def test_a_token_that_holds_no_longer_is_refused(spoil):
    api = make_api()
    now = clock.now()
    tokens = Token.objects.filter(pk=api.token.pk)
    if spoil == "expired":
        tokens.update(expiry=now)
    elif spoil == "revoked":
        tokens.update(revoked_at=now)
    elif spoil == "removed":
        Membership.objects.filter(user=api.token.user).delete()
    elif spoil == "inactive":
        type(api.token.user).objects.filter(pk=api.token.user.pk).update(is_active=False)
    else:
        type(api.token.workspace).objects.filter(pk=api.token.workspace.pk).update(archived_at=now)
    refused(api.get("/me/"), 401, "invalid_token")


def test_a_token_of_one_workspace_does_not_become_its_owners_other_membership():
    api = make_api(Role.VIEWER)
    make_member(Role.ADMIN, user=api.token.user)
    answer = api.get("/me/").json()
    assert (answer["workspace"]["slug"], answer["role"]) == (api.token.workspace.slug, "viewer")


def test_a_token_falls_with_its_owners_role():
    api = make_api(Role.BUILDER)
    Membership.objects.filter(user=api.token.user).update(role=Role.VIEWER)
    assert api.get("/me/").json()["role"] == "viewer"


@pytest.mark.parametrize(
    ("owner", "granted", "token", "role", "sees"),
    [
        (Role.ADMIN, False, Role.AUDITOR, "auditor", False),
        (Role.ADMIN, True, Role.AUDITOR, "auditor", True),
        (Role.AUDITOR, False, Role.VIEWER, "viewer", False),
        (Role.AUDITOR, True, Role.VIEWER, "viewer", True),
        (Role.AUDITOR, False, Role.AUDITOR, "auditor", False),
        (Role.ADMIN, False, Role.VIEWER, "viewer", True),
    ],
)
def test_payloads_are_seen_unless_an_auditor_lacks_the_grant(owner, granted, token, role, sees):
    made, key = make_token(token, owner_role=owner)
    Membership.objects.filter(user=made.user).update(sees_payloads=granted)
    answer = ApiClient(key).get("/me/").json()
    assert (answer["role"], answer["sees_payloads"]) == (role, sees)


def signed_in(user, **options):
    client = Client(raise_request_exception=False, **options)
    client.force_login(user)
    return client


def test_a_browser_session_works_in_its_current_workspace():
    user = make_user()
    first, second = make_workspace(), make_workspace()
    make_member(Role.VIEWER, workspace=first, user=user)
    make_member(Role.ADMIN, workspace=second, user=user)
    client = signed_in(user)
    assert client.get("/api/v1/me/").json()["workspace"]["slug"] == first.slug
    session = client.session
    session["workspace"] = second.pk
    session.save()
    answer = client.get("/api/v1/me/").json()
    assert (answer["workspace"]["slug"], answer["role"], answer["token"]) == (second.slug, "admin", None)
    session["workspace"] = make_workspace().pk
    session.save()
    assert client.get("/api/v1/me/").json()["workspace"]["slug"] == first.slug


def test_a_session_without_membership_is_told_so():
    refused(signed_in(make_user()).get("/api/v1/me/"), 403, "no_workspace")


def test_a_session_needs_the_csrf_token_to_write():
    member = make_member(Role.ADMIN)
    client = signed_in(member.user, enforce_csrf_checks=True)
    body = {"name": "n", "role": "viewer"}
    refused(client.post("/api/v1/tokens/", body, content_type="application/json"), 403, "csrf")
    client.get("/admin/login/?next=/")
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(
        "/api/v1/tokens/", body, content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert answer.status_code == 201, answer.content


def test_a_token_needs_no_csrf_even_beside_a_session():
    member = make_member(Role.ADMIN)
    client = signed_in(member.user, enforce_csrf_checks=True)
    _, key = make_token(Role.VIEWER)
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Token {key}"})
    assert answer.json()["role"] == "viewer"
