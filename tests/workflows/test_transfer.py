"""Workflows as files: what is exported can be imported and is the same."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.canonical import loads
from tests.factories import ApiClient, make_api, make_workspace
from tests.workflows.conftest import MakeWorkflow, active, call, definition
from workflows import services
from workflows.definition.yaml_text import dump_documents, load_documents
from workflows.models import Workflow, WorkflowVersion
from workspaces.actors import Actor

pytestmark = pytest.mark.django_db


def document(slug: str, *steps: Any, **fields: Any) -> dict[str, Any]:
    return {"slug": slug, **definition(*steps, **fields)}


@pytest.fixture
def api(builder: Actor) -> ApiClient:
    return make_api("builder", workspace=builder.workspace)


@pytest.fixture
def elsewhere() -> ApiClient:
    """A client of another workspace, which is empty."""
    return make_api("builder", workspace=make_workspace("elsewhere"))


def post(api: ApiClient, text: str, query: str = "", content_type: str = "application/yaml") -> Any:
    return api.post(f"/workflows/import/{query}", text, content_type=content_type)


def digests(slug: str = "outer") -> list[str]:
    versions = WorkflowVersion.objects.filter(workflow__slug=slug).order_by("workflow__workspace")
    return list(versions.values_list("digest", flat=True))


@pytest.mark.parametrize("style", ["yaml", "json"])
def test_importing_an_export_gives_the_same_digest(
    api: ApiClient, elsewhere: ApiClient, make_workflow: MakeWorkflow, style: str
) -> None:
    odd = {"key": "odd", "type": "set", "values": {"yes": "no", "one": 1.5, "n": None, "text": "a\nb\x00 é"}}
    make_workflow("inner", odd)
    make_workflow("outer", call("inner"), description="on: off\n", timeout="2h")
    exported = api.get(f"/workflows/outer/export/?format={style}&with_subworkflows=true")
    assert exported["Content-Type"] == f"application/{style}"
    assert exported["Content-Disposition"] == f'attachment; filename="outer.{style}"'
    answer = post(elsewhere, exported.content.decode(), "?activate=true", f"application/{style}")
    assert answer.status_code == 201
    assert [row["slug"] for row in answer.json()["workflows"]] == ["inner", "outer"]
    here, there = digests()
    assert here == there == answer.json()["workflows"][1]["version"]["digest"]


def test_callees_come_first_each_once(api: ApiClient, make_workflow: MakeWorkflow) -> None:
    for slug, *called in (("z",), ("m", "z"), ("a", "z", "m")):
        make_workflow(slug, *[call(each) for each in called])
    text = api.get("/workflows/a/export/?with_subworkflows=true").content
    assert [found["slug"] for found in load_documents(text)] == ["z", "m", "a"]
    alone = load_documents(api.get("/workflows/a/export/").content)
    assert [found["slug"] for found in alone] == ["a"]


def test_the_versions_that_are_pinned_are_exported(
    api: ApiClient, builder: Actor, make_workflow: MakeWorkflow
) -> None:
    inner = make_workflow("inner", name="First")
    make_workflow("outer", call("inner"))
    services.save_draft(actor=builder, workflow=inner, expected_revision=None, name="Second")
    services.activate(actor=builder, workflow=inner)

    def names(query: str) -> list[str]:
        text = api.get(f"/workflows/outer/export/?with_subworkflows=true{query}").content
        return [found["name"] for found in load_documents(text)]

    assert names("") == ["First", "Sums"]
    assert names("&version=draft") == ["Second", "Sums"]
    assert api.get("/workflows/outer/export/?version=7").status_code == 404


def test_slug_and_requires_of_a_file_do_not_belong_to_the_definition(api: ApiClient) -> None:
    post(api, dump_documents([document("copy", requires={"connections": []})]))
    assert loads(Workflow.objects.get(slug="copy").draft) == definition()


def test_an_import_lists_what_became_of_each_document(api: ApiClient) -> None:
    text = dump_documents([document("outer", call("inner")), document("inner")])
    answer = post(api, text)
    assert answer.status_code == 201
    inner, outer = answer.json()["workflows"]
    drafted = {"created": True, "draft": 1, "version": None, "request": None}
    assert inner == {"slug": "inner", "problems": [], **drafted}
    assert outer["slug"] == "outer"
    assert Workflow.objects.filter(active_version=None).count() == 2


def test_creating_refuses_a_slug_that_is_taken_and_keeps_nothing(
    api: ApiClient, make_workflow: MakeWorkflow
) -> None:
    make_workflow("b")
    answer = post(api, dump_documents([document("a"), document("b")]))
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")
    assert list(Workflow.objects.values_list("slug", flat=True)) == ["b"]


def test_draft_mode_sets_the_draft_and_leaves_the_active_version(
    api: ApiClient, make_workflow: MakeWorkflow
) -> None:
    make_workflow("a")
    answer = post(api, dump_documents([document("a", name="Newer"), document("b")]), "?mode=draft")
    assert answer.status_code == 200
    rows = answer.json()["workflows"]
    assert [(row["slug"], row["created"], row["draft"]) for row in rows] == [("a", False, 2), ("b", True, 1)]
    workflow = Workflow.objects.get(slug="a")
    assert (workflow.name, active(workflow).number) == ("Newer", 1)


def test_activating_with_problems_keeps_nothing(api: ApiClient) -> None:
    wrong = document("b", {"key": "x", "type": "nonsense"})
    answer = post(api, dump_documents([document("a"), wrong]), "?activate=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "has_problems")
    assert answer.json()["workflow"] == "b"
    assert answer.json()["problems"]
    assert not Workflow.objects.exists()
    assert not WorkflowVersion.objects.exists()


def test_json_comes_as_one_workflow_or_as_a_list_of_them(api: ApiClient) -> None:
    assert api.post("/workflows/import/", document("a")).status_code == 201
    assert api.post("/workflows/import/", {"workflows": [document("b"), document("c")]}).status_code == 201
    assert Workflow.objects.count() == 3


@pytest.mark.parametrize(("name", "text"), [("w.yaml", "slug: a\nname: A\n"), ("w.json", '{"slug": "a"}')])
def test_a_form_brings_a_file(api: ApiClient, name: str, text: str) -> None:
    boundary = "BoUnDaRyStRiNg"
    upload = SimpleUploadedFile(name, text.encode())
    answer = api.generic(
        "POST",
        "/workflows/import/",
        _form(upload, boundary),
        content_type=f"multipart/form-data; boundary={boundary}",
    )
    assert answer.status_code == 201
    assert Workflow.objects.get().slug == "a"


def _form(upload: SimpleUploadedFile, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{upload.name}"\r\n\r\n'
    content: bytes = upload.read()
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


@pytest.mark.parametrize(
    ("text", "status", "path"),
    [
        ("", 422, "workflows[0].slug"),
        ("# nothing", 422, "workflows"),
        ("[1, 2", 400, None),
        ("a: 1\na: 2\n", 400, None),
        ("- 1\n", 422, "workflows[0]"),
        ("name: X\n", 422, "workflows[0].slug"),
        ("slug: 3\n", 422, "workflows[0].slug"),
        ("slug: A B\n", 422, "workflows[0].slug"),
        ('slug: "a\\0"\n', 422, "workflows[0].slug"),
        ("slug: a\n---\nslug: a\n", 422, "workflows[1].slug"),
        ("---\n".join([f"slug: a{n}\n" for n in range(101)]), 422, "workflows"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), 400, None),
    ],
)
def test_what_cannot_be_imported_is_told(api: ApiClient, text: str, status: int, path: str | None) -> None:
    answer = post(api, text)
    assert answer.status_code == status
    if path:
        assert path in [error["path"] for error in answer.json()["errors"]]
    assert not Workflow.objects.exists()


def test_a_file_of_more_than_10_mib_is_413(api: ApiClient) -> None:
    assert post(api, "#" * (10 << 20) + "\nslug: a\n").status_code == 413


def test_other_media_types_are_415(api: ApiClient) -> None:
    assert post(api, "slug: a", content_type="text/plain").status_code == 415


@pytest.mark.parametrize("query", ["?mode=other", "?activate=yes", "?format=yaml"])
def test_unknown_parameters_are_refused(api: ApiClient, query: str) -> None:
    assert post(api, "slug: a", query).status_code == 422


def test_the_same_key_imports_once(api: ApiClient) -> None:
    def again() -> Any:
        return api.post(
            "/workflows/import/",
            "slug: a",
            content_type="application/yaml",
            headers={"Idempotency-Key": "k"},
        )

    assert again().json() == again().json()


def test_a_viewer_exports_and_does_not_import(builder: Actor, make_workflow: MakeWorkflow) -> None:
    make_workflow("a")
    viewer = make_api("viewer", workspace=builder.workspace)
    assert viewer.get("/workflows/a/export/").status_code == 200
    assert post(viewer, "slug: b").status_code == 403


def test_strangers_and_anonymous_callers_get_nothing(
    elsewhere: ApiClient, make_workflow: MakeWorkflow
) -> None:
    make_workflow("a")
    assert elsewhere.get("/workflows/a/export/").status_code == 404
    assert ApiClient().get("/workflows/a/export/").status_code == 401
    assert post(ApiClient(), "slug: b").status_code == 401


def test_exporting_costs_the_same_however_much_is_called(
    api: ApiClient, make_workflow: MakeWorkflow, django_assert_max_num_queries: Any
) -> None:
    slugs = [make_workflow(f"w{number}").slug for number in range(8)]
    make_workflow("outer", *[call(slug) for slug in slugs])
    api.get("/workflows/outer/export/")
    with django_assert_max_num_queries(5):  # token, workflow, definition, manifest, callees
        found = json.loads(api.get("/workflows/outer/export/?format=json&with_subworkflows=true").content)
    assert len(found["workflows"]) == 9
