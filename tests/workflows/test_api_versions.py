"""`/workflows/{slug}/versions/`."""

from typing import Any

import pytest

from tests.factories import ApiClient, make_api
from tests.workflows.conftest import definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> ApiClient:
    """A client whose workspace has the workflow `sums` with three versions, the third active, and a newer draft."""
    api = make_api("builder")
    api.post("/workflows/", {"slug": "sums", "definition": definition()})
    for number in (2, 3, 4):
        api.post("/workflows/sums/activate/", {"note": f"Number {number - 1}"})
        body = {"definition": definition(name=f"Draft {number}")}
        api.patch("/workflows/sums/", body, content_type="application/json", headers={"If-Match": "*"})
    return api


def test_versions_are_listed_newest_first_without_their_definitions(api: ApiClient) -> None:
    rows = api.get("/workflows/sums/versions/").json()["results"]
    assert [(row["number"], row["active"], row["note"]) for row in rows] == [
        (3, True, "Number 3"),
        (2, False, "Number 2"),
        (1, False, "Number 1"),
    ]
    assert rows[0].keys() == {"number", "digest", "active", "note", "created_at", "created_by"}


def test_versions_come_in_pages(api: ApiClient) -> None:
    page = api.get("/workflows/sums/versions/?page_size=2").json()
    rest = api.get(page["next"].split("testserver")[1]).json()
    assert [row["number"] for row in [*page["results"], *rest["results"]]] == [3, 2, 1]


def test_the_list_costs_the_same_however_long_it_is(api: ApiClient, django_assert_num_queries: Any) -> None:
    api.get("/workflows/sums/versions/")
    with django_assert_num_queries(3):  # token with membership, workflow, the page
        api.get("/workflows/sums/versions/")


def test_a_version_has_its_definition_and_manifest(api: ApiClient) -> None:
    body = api.get("/workflows/sums/versions/2/").json()
    assert body["definition"] == definition(name="Draft 2")
    assert body["manifest"] == {"workflows": {}, "closure": [], "actions": {}, "expressions": 1}
    assert body["digest"].startswith("sha256:")


def test_the_difference_of_two_versions_and_of_a_version_and_the_draft(api: ApiClient) -> None:
    change = {"kind": "changed", "path": "name", "key": "", "before": "Sums", "after": "Draft 3"}
    assert api.get("/workflows/sums/versions/1/diff/3/").json() == {"a": "1", "b": "3", "changes": [change]}
    draft = api.get("/workflows/sums/versions/1/diff/draft/").json()
    assert draft == {"a": "1", "b": "draft", "changes": [{**change, "after": "Draft 4"}]}


@pytest.mark.parametrize(
    "path", ["9/", "0/", "x/", "9999999999999999999999/", "1/diff/9/", "9/diff/1/", "1/diff/x/", "draft/"]
)
def test_what_is_no_version_is_404(api: ApiClient, path: str) -> None:
    assert api.get(f"/workflows/sums/versions/{path}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_changes_a_version(api: ApiClient, method: str) -> None:
    answer = getattr(api, method)("/workflows/sums/versions/1/", {}, content_type="application/json")
    assert answer.status_code == 405
