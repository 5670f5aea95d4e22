"""Activating by two people through the API."""

from typing import Any

import pytest

from tests.factories import ApiClient, make_api
from tests.workflows.conftest import call, definition
from workspaces.models import Role
from workspaces.services import change_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> ApiClient:
    api = make_api(Role.BUILDER)
    change_workspace(workspace=api.token.workspace, four_eyes=True, actor=None)
    return api


@pytest.fixture
def other(api: ApiClient) -> ApiClient:
    return make_api(Role.BUILDER, workspace=api.token.workspace)


def create(api: ApiClient, slug: str = "sums", *steps: Any) -> None:
    body = {"slug": slug, "definition": definition(*steps)}
    assert api.post("/workflows/", body).status_code == 201


def ask(api: ApiClient, slug: str = "sums", **fields: Any) -> dict[str, Any]:
    answer = api.post(f"/workflows/{slug}/activate/", fields)
    assert answer.status_code == 202, answer.json()
    request: dict[str, Any] = answer.json()["request"]
    return request


def test_activating_answers_202_with_the_request_and_another_token_approves_it(
    api: ApiClient, other: ApiClient
) -> None:
    create(api)
    request = ask(api, note="First")
    assert request == {
        "id": request["id"],
        "workflow": "sums",
        "status": "requested",
        "digest": request["digest"],
        "revision": 1,
        "note": "First",
        "preview": None,
        "asked_by": api.token.user.username,
        "asked_at": request["asked_at"],
        "decided_by": None,
        "decided_at": None,
        "comment": "",
        "version": None,
    }
    path = f"/activation-requests/{request['id']}/"
    shown = other.get(path).json()
    assert (shown["definition"], shown["problems"]) == (definition(), [])
    own = api.post(f"{path}approve/", {})
    assert (own.status_code, own.json()["code"]) == (403, "own_request")
    stale = other.post(f"{path}approve/", {"version_digest": "sha256:other"})
    assert (stale.status_code, stale.json()["code"]) == (409, "request_changed")
    approved = other.post(f"{path}approve/", {"version_digest": shown["version_digest"]})
    assert approved.status_code == 200
    assert approved.json()["number"] == 1
    assert approved.json()["digest"] == shown["version_digest"]
    late = other.post(f"{path}refuse/", {"comment": "Too late"})
    assert (late.status_code, late.json()["code"], late.json()["decision"]) == (
        409,
        "already_decided",
        "approved",
    )
    done = api.get(path).json()
    assert (done["status"], done["version"], done["decided_by"]) == (
        "approved",
        1,
        other.token.user.username,
    )
    assert (done["problems"], done["version_digest"]) == ([], "")
    assert api.get("/workflows/sums/").json()["status"] == "active"
    assert api.post("/workflows/sums/activate/", {}).status_code == 200


def test_the_same_key_asks_once(api: ApiClient) -> None:
    create(api)
    headers = {"Idempotency-Key": "once"}
    answers = [api.post("/workflows/sums/activate/", {"note": "n"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_refusing_takes_a_comment_and_withdrawing_takes_who_asked(api: ApiClient, other: ApiClient) -> None:
    create(api)
    path = f"/activation-requests/{ask(api)['id']}/"
    for body in ({}, {"comment": ""}, {"comment": "n" * 501}, {"comment": 5}):
        assert other.post(f"{path}refuse/", body).status_code == 422
    assert other.post(f"{path}withdraw/", {}).json()["code"] == "forbidden"
    assert other.post(f"{path}refuse/", {"comment": "No"}).json()["comment"] == "No"
    path = f"/activation-requests/{ask(api)['id']}/"
    assert api.post(f"{path}withdraw/", {}).json()["status"] == "withdrawn"


def test_requests_are_found_by_status_and_workflow(
    api: ApiClient, other: ApiClient, django_assert_num_queries: Any
) -> None:
    for slug in ("one", "two", "three"):
        create(api, slug)
        request = ask(api, slug)
    other.post(f"/activation-requests/{request['id']}/refuse/", {"comment": "No"})
    with django_assert_num_queries(2):  # token with membership, the page
        everything = api.get("/activation-requests/").json()["results"]
    assert [each["workflow"] for each in everything] == ["three", "two", "one"]
    for query, slugs in {
        "?status=requested": ["two", "one"],
        "?status=refused": ["three"],
        "?workflow=one": ["one"],
    }.items():
        results = api.get(f"/activation-requests/{query}").json()["results"]
        assert [each["workflow"] for each in results] == slugs
    assert api.get("/activation-requests/?status=granted").status_code == 422


@pytest.mark.parametrize("role", Role)
def test_everybody_sees_requests_and_who_may_activate_decides(api: ApiClient, role: Role) -> None:
    create(api)
    path = f"/activation-requests/{ask(api)['id']}/"
    member = make_api(role, workspace=api.token.workspace)
    assert member.get("/activation-requests/").status_code == 200
    assert member.get(path).status_code == 200
    may = role in (Role.BUILDER, Role.ADMIN)
    assert member.post(f"{path}approve/", {}).status_code == (200 if may else 403)


def test_strangers_find_none_of_it(api: ApiClient) -> None:
    create(api)
    path = f"/activation-requests/{ask(api)['id']}/"
    stranger = make_api(Role.ADMIN)
    assert stranger.get("/activation-requests/").json()["results"] == []
    assert stranger.get(path).status_code == 404
    for action, body in {"approve": {}, "refuse": {"comment": "No"}, "withdraw": {}}.items():
        assert stranger.post(f"{path}{action}/", body).status_code == 404
    assert api.get("/activation-requests/999999999999999999/").status_code == 404


def test_an_import_asks_and_reactivating_asks(api: ApiClient, other: ApiClient) -> None:
    documents = {
        "workflows": [{"slug": "inner", **definition()}, {"slug": "outer", **definition(call("inner"))}]
    }
    answer = api.post("/workflows/import/?activate=true", documents)
    assert answer.status_code == 201
    found = answer.json()["workflows"]
    assert [(each["slug"], each["version"]) for each in found] == [("inner", None), ("outer", None)]
    for each in found:
        path = f"/activation-requests/{each['request']['id']}/approve/"
        assert other.post(path, {}).status_code == 200
    api.patch("/workflows/inner/", {"name": "Inner two"}, headers={"If-Match": "*"})
    approved = other.post(f"/activation-requests/{ask(api, 'inner')['id']}/approve/", {}).json()
    assert [each["slug"] for each in approved["callers"]] == ["outer"]
    answer = api.post("/workflows/outer/reactivate/", {"note": "Anew"})
    assert answer.status_code == 202
    assert (answer.json()["request"]["revision"], answer.json()["request"]["note"]) == (None, "Anew")


def test_one_person_reactivates_where_that_is_enough() -> None:
    api = make_api(Role.BUILDER)
    create(api, "inner")
    create(api, "outer", call("inner"))
    for slug in ("inner", "outer"):
        assert api.post(f"/workflows/{slug}/activate/", {}).status_code == 200
    api.patch("/workflows/inner/", {"name": "Inner two"}, headers={"If-Match": "*"})
    api.post("/workflows/inner/activate/", {})
    answer = api.post("/workflows/outer/reactivate/", {})
    assert (answer.status_code, answer.json()["number"], answer.json()["created"]) == (200, 2, True)
    low = make_api(Role.OPERATOR, workspace=api.token.workspace)
    assert low.post("/workflows/outer/reactivate/", {}).status_code == 403
    assert make_api(Role.ADMIN).post("/workflows/outer/reactivate/", {}).status_code == 404
    create(api, "unfinished")
    inactive = api.post("/workflows/unfinished/reactivate/", {})
    assert (inactive.status_code, inactive.json()["code"]) == (409, "workflow_not_active")


def test_who_calls_learns_whether_it_takes_two(api: ApiClient) -> None:
    assert api.get("/me/").json()["workspace"]["four_eyes"] is True
