"""`/workflows/`, per actor and with bad input."""

from typing import Any

import pytest

from common.canonical import loads
from tests.factories import ApiClient, make_api, make_workspace
from tests.workflows.conftest import call, definition
from workflows.models import Workflow
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def api(workspace: Workspace) -> ApiClient:
    return make_api("builder", workspace=workspace)


def create(api: ApiClient, slug: str = "sums", **fields: Any) -> Any:
    return api.post("/workflows/", {"slug": slug, "definition": definition(), **fields})


def edit(api: ApiClient, body: Any, *, slug: str = "sums", match: str | None = '"1"') -> Any:
    headers = {} if match is None else {"If-Match": match}
    return api.patch(f"/workflows/{slug}/", body, content_type="application/json", headers=headers)


def test_creating_answers_with_the_whole_workflow(api: ApiClient) -> None:
    answer = create(api, name="Adds", description="Why")
    assert answer.status_code == 201
    body = answer.json()
    assert body["slug"] == "sums"
    assert (body["name"], body["description"]) == ("Adds", "Why")
    assert body["draft"] == {**definition(), "name": "Adds", "description": "Why"}
    assert (body["status"], body["active_version"], body["problems"], body["callers"]) == (
        "draft",
        None,
        [],
        [],
    )
    assert answer["ETag"] == '"1"'
    assert api.get("/workflows/sums/").json() == body


def test_the_same_idempotency_key_creates_once(api: ApiClient) -> None:
    body = {"slug": "sums", "definition": definition()}
    first = api.post("/workflows/", body, headers={"Idempotency-Key": "k"})
    again = api.post("/workflows/", body, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({}, "slug", "required"),
        ({"slug": 5}, "slug", "wrong_type"),
        ({"slug": "Sums"}, "slug", "pattern"),
        ({"slug": "import"}, "slug", "pattern"),
        ({"slug": "sums", "definition": []}, "definition", "wrong_type"),
        ({"slug": "sums", "definition": None}, "definition", "wrong_type"),
        ({"slug": "sums", "name": ""}, "name", "required"),
        ({"slug": "sums", "name": "a\nb"}, "name", "format"),
        ({"slug": "sums", "name": "n" * 201}, "name", "too_long"),
        ({"slug": "sums", "description": 3}, "description", "wrong_type"),
        ({"slug": "sums", "draft": {}}, "draft", "unknown"),
        ({"slug": "sums", "workspace": 1}, "workspace", "unknown"),
        ({"slug": "sums", "active_version": 1}, "active_version", "unknown"),
        ({"slug": "sums", "created_by": "admin"}, "created_by", "unknown"),
    ],
)
def test_what_is_wrong_with_a_body_is_told_by_path(api: ApiClient, body: Any, path: str, code: str) -> None:
    answer = api.post("/workflows/", body)
    assert answer.status_code == 422
    assert (path, code) in [(error["path"], error["code"]) for error in answer.json()["errors"]]
    assert not Workflow.objects.exists()


def test_a_taken_slug_is_409(api: ApiClient) -> None:
    create(api)
    answer = create(api)
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")


def test_editing_needs_the_etag_of_the_draft(api: ApiClient) -> None:
    create(api)
    assert edit(api, {"name": "Other"}, match=None).status_code == 428
    answer = edit(api, {"name": "Other"})
    assert (answer.status_code, answer["ETag"], answer.json()["draft"]["name"]) == (200, '"2"', "Other")
    stale = edit(api, {"name": "Third"})
    assert (stale.status_code, stale.json()["code"], stale.json()["revision"]) == (409, "draft_changed", 2)
    assert edit(api, {"name": "Third"}, match="nonsense").status_code == 409
    assert edit(api, {"name": "Third"}, match="*").status_code == 200


def test_editing_answers_with_the_problems_of_the_draft(api: ApiClient) -> None:
    create(api)
    answer = edit(api, {"definition": definition({"key": "a", "type": "nonsense"})})
    assert answer.status_code == 200
    assert answer.json()["problems"][0].keys() == {"level", "code", "path", "message", "fix"}
    refused = api.post("/workflows/sums/activate/")
    assert (refused.status_code, refused.json()["code"]) == (409, "has_problems")
    assert refused.json()["problems"] == answer.json()["problems"]


@pytest.mark.parametrize(
    "body",
    [{"slug": "other"}, {"draft": {}}, {"active_version": 1}, {"archived_at": None}, {"status": "active"}],
)
def test_nothing_but_the_draft_can_be_patched(api: ApiClient, body: Any) -> None:
    before = create(api).json()
    answer = edit(api, body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown")
    assert api.get("/workflows/sums/").json() == before


def test_activating_answers_with_the_version(api: ApiClient) -> None:
    create(api)
    first = api.post("/workflows/sums/activate/", {"note": "First"})
    assert first.status_code == 200
    assert first.json() == {"number": 1, "digest": first.json()["digest"], "created": True, "callers": []}
    assert api.post("/workflows/sums/activate/").json()["created"] is False
    shown = api.get("/workflows/sums/").json()
    assert shown["status"] == "active"
    assert shown["active_version"]["number"] == 1
    assert shown["active_version"]["digest"] == first.json()["digest"]


def test_activating_what_changed_meanwhile_is_refused_where_the_etag_is_sent(api: ApiClient) -> None:
    create(api)
    edit(api, {"name": "Other"})
    answer = api.post("/workflows/sums/activate/", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "draft_changed")


@pytest.mark.parametrize("body", [{"note": 1}, {"note": "n" * 501}, {"version": 3}])
def test_activating_takes_a_note_and_nothing_else(api: ApiClient, body: Any) -> None:
    create(api)
    assert api.post("/workflows/sums/activate/", body).status_code == 422


def test_a_new_version_names_the_callers_that_keep_the_earlier_one(api: ApiClient) -> None:
    create(api, "inner")
    api.post("/workflows/inner/activate/")
    create(api, "outer", definition=definition(call("inner")))
    api.post("/workflows/outer/activate/")
    edit(api, {"name": "Newer"}, slug="inner")
    answer = api.post("/workflows/inner/activate/").json()
    caller = {"slug": "outer", "name": "Sums", "version": 1, "calls": 1}
    assert answer["callers"] == [caller]
    assert api.get("/workflows/inner/").json()["callers"] == [caller]


def test_deactivating_and_archiving(api: ApiClient) -> None:
    create(api)
    api.post("/workflows/sums/activate/")
    assert api.post("/workflows/sums/deactivate/").json()["status"] == "draft"
    assert api.post("/workflows/sums/archive/", {}).json()["status"] == "archived"
    answer = edit(api, {"name": "Other"})
    assert (answer.status_code, answer.json()["code"]) == (409, "workflow_archived")
    assert api.post("/workflows/sums/archive/", {"reason": "x"}).status_code == 422
    assert api.post("/workflows/sums/restore/").json()["status"] == "draft"
    assert edit(api, {"name": "Other"}).status_code == 200


def test_deleting_archives(api: ApiClient) -> None:
    create(api)
    assert api.delete("/workflows/sums/").status_code == 204
    assert api.get("/workflows/sums/").json()["status"] == "archived"


def test_the_list_is_filtered_by_status_and_text(api: ApiClient) -> None:
    for slug in ("alpha", "beta", "gamma"):
        create(api, slug, name=slug.title())
    api.post("/workflows/alpha/activate/")
    api.post("/workflows/gamma/archive/")

    def listed(query: str) -> list[str]:
        return [row["slug"] for row in api.get(f"/workflows/?{query}").json()["results"]]

    assert listed("") == ["alpha", "beta", "gamma"]
    assert listed("ordering=-slug") == ["gamma", "beta", "alpha"]
    assert listed("status=active") == ["alpha"]
    assert listed("status=draft") == ["beta"]
    assert listed("status=archived") == ["gamma"]
    assert listed("search=ET") == ["beta"]
    assert api.get("/workflows/?status=nonsense").status_code == 422
    assert api.get("/workflows/?workspace=1").status_code == 422


def test_a_row_of_the_list_has_no_definition(api: ApiClient) -> None:
    create(api)
    api.post("/workflows/sums/activate/")
    row = api.get("/workflows/").json()["results"][0]
    assert row["active_version"] == 1
    assert "draft" not in row


def test_the_list_costs_the_same_however_long_it_is(api: ApiClient, django_assert_num_queries: Any) -> None:
    for number in range(12):
        create(api, f"w{number}")
        api.post(f"/workflows/w{number}/activate/")
    api.get("/workflows/")
    with django_assert_num_queries(2):  # token with membership, the page
        assert len(api.get("/workflows/").json()["results"]) == 12


def test_one_workflow_costs_the_same_however_much_it_calls(
    api: ApiClient, django_assert_max_num_queries: Any
) -> None:
    slugs = [f"w{number}" for number in range(8)]
    for slug in slugs:
        create(api, slug)
        api.post(f"/workflows/{slug}/activate/")
    create(api, definition=definition(*[call(slug) for slug in slugs]))
    api.get("/workflows/sums/")
    with django_assert_max_num_queries(4):  # token with membership, workflow, what it calls, who calls it
        assert api.get("/workflows/sums/").json()["problems"] == []


def every_request(api: ApiClient) -> dict[str, Any]:
    """Each request of this API on the workflow `sums`, and the lowest role that may make it."""
    api.post("/workflows/sums/activate/")
    return {
        "list": lambda who: who.get("/workflows/"),
        "detail": lambda who: who.get("/workflows/sums/"),
        "versions": lambda who: who.get("/workflows/sums/versions/"),
        "version": lambda who: who.get("/workflows/sums/versions/1/"),
        "diff": lambda who: who.get("/workflows/sums/versions/1/diff/draft/"),
        "create": lambda who: create(who, "other"),
        "edit": lambda who: edit(who, {"name": "Other"}, match="*"),
        "activate": lambda who: who.post("/workflows/sums/activate/"),
        "deactivate": lambda who: who.post("/workflows/sums/deactivate/"),
        "archive": lambda who: who.post("/workflows/sums/archive/"),
        "restore": lambda who: who.post("/workflows/sums/restore/"),
        "delete": lambda who: who.delete("/workflows/sums/"),
    }


READS = {"list", "detail", "versions", "version", "diff"}


@pytest.mark.parametrize("role", ["viewer", "operator", "reviewer", "builder", "admin", "auditor"])
def test_each_role_may_what_the_table_says(api: ApiClient, workspace: Workspace, role: str) -> None:
    create(api)
    who = make_api(role, workspace=workspace)
    for name, request in every_request(api).items():
        allowed = name in READS or role in ("builder", "admin")
        assert (request(who).status_code < 300) is allowed, (name, role)
        if not allowed:
            assert request(who).status_code == 403


def test_anonymous_callers_get_401(api: ApiClient) -> None:
    create(api)
    for name, request in every_request(api).items():
        assert request(ApiClient()).status_code == 401, name


def test_a_workflow_of_another_workspace_is_404(api: ApiClient) -> None:
    create(api)
    stranger = make_api("admin")
    for name, request in every_request(api).items():
        if name == "list":
            assert request(stranger).json()["results"] == []
        elif name != "create":
            assert request(stranger).status_code == 404, name


def test_drafts_survive_as_they_were_sent(api: ApiClient) -> None:
    odd = definition({"key": "a", "type": "set", "values": {"nul": "a\x00b", "lone": "\ud800", "big": 2**70}})
    create(api)
    assert edit(api, {"definition": odd}).status_code == 200
    assert loads(api.get("/workflows/sums/").content)["draft"] == odd
