"""`/tokens/` and `/members/`: role by role, and nothing of other workspaces."""

import pytest

from tests.api.test_platform_auth import refused
from tests.factories import ApiClient, make_api, make_member, make_user
from workspaces.models import Membership, Role, Token

pytestmark = pytest.mark.django_db


def test_a_token_is_made_listed_and_revoked():
    api = make_api("operator")
    made = api.post(
        "/tokens/", {"name": "nightly", "role": "viewer", "expires_at": "2040-01-01T01:00:00+01:00"}
    )
    assert made.status_code == 201
    token = made.json()
    assert token["expires_at"] == "2040-01-01T00:00:00.000000Z"
    assert token["key"].startswith(token["prefix"])
    other = ApiClient(token["key"])
    assert other.get("/me/").json()["role"] == "viewer"
    listed = api.get("/tokens/").json()["results"]
    assert [each["name"] for each in listed] == ["nightly", "test"]
    assert all("key" not in each and "digest" not in each for each in listed)
    assert api.get(f"/tokens/{token['id']}/").json()["last_used_at"] is not None
    assert api.delete(f"/tokens/{token['id']}/").status_code == 204
    refused(other.get("/me/"), 401, "invalid_token")
    assert api.get(f"/tokens/{token['id']}/").json()["revoked_at"] is not None
    assert api.delete(f"/tokens/{token['id']}/").status_code == 204


def test_a_token_may_revoke_itself():
    api = make_api("viewer")
    assert api.delete(f"/tokens/{api.token.uid}/").status_code == 204
    refused(api.get("/me/"), 401, "invalid_token")


@pytest.mark.parametrize("role", ["viewer", "operator", "reviewer", "builder", "auditor"])
def test_only_an_admin_sees_the_tokens_of_others(role):
    api = make_api(role)
    other = make_api("viewer", workspace=api.token.workspace)
    assert [token["id"] for token in api.get("/tokens/").json()["results"]] == [str(api.token.uid)]
    refused(api.get(f"/tokens/{other.token.uid}/"), 404, "not_found")
    refused(api.delete(f"/tokens/{other.token.uid}/"), 404, "not_found")
    admin = make_api("admin", workspace=api.token.workspace)
    assert len(admin.get("/tokens/").json()["results"]) == 3
    assert admin.delete(f"/tokens/{other.token.uid}/").status_code == 204
    refused(other.get("/me/"), 401, "invalid_token")


def test_a_stranger_finds_no_token_and_no_member():
    api, stranger = make_api("viewer"), make_api("admin")
    refused(stranger.get(f"/tokens/{api.token.uid}/"), 404, "not_found")
    refused(stranger.delete(f"/tokens/{api.token.uid}/"), 404, "not_found")
    path = f"/members/{api.token.user.username}/"
    refused(stranger.get(path), 404, "not_found")
    refused(stranger.patch(path, {"role": "viewer"}, content_type="application/json"), 404, "not_found")
    refused(stranger.delete(path), 404, "not_found")
    assert api.get("/me/").status_code == 200


def test_a_token_asks_for_no_more_than_it_has():
    api = make_api("operator")
    answer = api.post("/tokens/", {"name": "n", "role": "admin"})
    assert refused(answer, 422, "invalid")["errors"][0] == {
        "path": "role",
        "code": "too_large",
        "message": "expected at most the role operator, got admin",
    }


def test_members_are_added_changed_and_removed():
    api = make_api("admin")
    user = make_user("grace.hopper@navy")
    path = "/members/grace.hopper@navy/"
    added = api.post("/members/", {"user": user.username, "role": "auditor", "sees_payloads": True})
    assert added.status_code == 201
    assert added.json() == api.get(path).json()
    assert added.json()["sees_payloads"] is True
    changed = api.patch(path, {"role": "builder"}, content_type="application/json").json()
    assert (changed["role"], changed["sees_payloads"]) == ("builder", True)
    assert api.delete(path).status_code == 204
    refused(api.get(path), 404, "not_found")
    actions = [entry["action"] for entry in api.get("/audit/").json()["results"]]
    assert actions[:3] == ["member.removed", "member.changed", "member.added"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_everybody_sees_the_members_but_only_an_admin_changes_them(role):
    api = make_api(role)
    member = make_member("viewer", workspace=api.token.workspace)
    path = f"/members/{member.user.username}/"
    assert api.get("/members/").status_code == api.get(path).status_code == 200
    answers = [
        api.post("/members/", {"user": make_user().username, "role": "viewer"}),
        api.patch(path, {"role": "admin"}, content_type="application/json"),
        api.delete(path),
    ]
    for answer in answers:
        assert "the role admin" in refused(answer, 403, "role_too_low")["detail"]
    assert Membership.objects.get(pk=member.pk).role == Role.VIEWER


def test_nobody_unknown_or_inactive_is_added():
    api = make_api("admin")
    for name in ("nobody", make_user(is_active=False).username):
        (error,) = refused(api.post("/members/", {"user": name, "role": "viewer"}), 422, "invalid")["errors"]
        assert (error["path"], error["code"]) == ("user", "not_a_choice")


@pytest.mark.parametrize("field", ["id", "user", "workspace", "email"])
def test_a_change_takes_no_other_field(field):
    api = make_api("admin")
    member = make_member("viewer", workspace=api.token.workspace)
    path = f"/members/{member.user.username}/"
    answer = api.patch(path, {field: "x"}, content_type="application/json")
    assert refused(answer, 422, "invalid")["errors"][0]["code"] == "unknown"
    refused(api.put(path, {"role": "viewer"}, content_type="application/json"), 405, "method_not_allowed")


def test_the_last_admin_is_kept():
    api = make_api("admin")
    path = f"/members/{api.token.user.username}/"
    refused(api.delete(path), 409, "last_admin")
    refused(api.patch(path, {"role": "viewer"}, content_type="application/json"), 409, "last_admin")
    assert Token.objects.get(pk=api.token.pk).revoked_at is None
