"""`POST /workflows/{slug}/preview/`, and previews under the addresses of jobs."""

import pytest
import yaml
from django.test import Client

from audit.models import AuditEntry
from jobs.models import Job
from tests.api.jobs_support import Desk
from tests.engine.lab import statuses
from tests.previews.support import POST
from workflows.services.drafts import create_workflow

pytestmark = pytest.mark.django_db
ROLES = ("viewer", "operator", "reviewer", "auditor")


@pytest.fixture
def desk():
    desk = Desk()
    steps = [
        {"key": "a", "type": "set", "values": {"v": "{{ inputs.n + 1 }}"}},
        {"key": "b", "type": "set", "values": {"v": "{{ steps.a.output.v * 2 }}"}},
    ]
    definition = {
        "format": 1,
        "name": "Sums",
        "inputs": [{"key": "n", "type": "integer"}],
        "steps": steps,
        "outputs": [{"key": "total", "type": "integer", "value": "steps.b.output.v"}],
    }
    create_workflow(actor=desk.actor, workspace=desk.actor.workspace, slug="sums", definition=definition)
    return desk


def draft(desk, text):
    definition = {"format": 1, "name": "Flow", **yaml.safe_load(text)}
    create_workflow(actor=desk.actor, workspace=desk.actor.workspace, slug="flow", definition=definition)


def start(desk, role="builder", **body):
    return desk.api(role).post("/workflows/sums/preview/", {"inputs": {"n": 4}, **body})


def test_a_preview_is_started_and_read_like_a_job(desk):
    answer = start(desk)
    assert answer.status_code == 201
    view = answer.json()
    assert (view["workflow"], view["version"], view["digest"], view["status"]) == (
        "sums",
        None,
        None,
        "queued",
    )
    assert view["url"] == f"/workflows/sums/preview/{view['id']}/"
    assert view["inputs"] == {"n": 4}
    desk.drain()
    read = desk.api("builder").get(f"/jobs/{view['id']}/").json()
    assert (read["status"], read["outputs"], read["can_resume"]) == ("completed", {"total": 10}, False)
    steps = desk.api("builder").get(f"/jobs/{view['id']}/steps/").json()["results"]
    assert [(step["key"], step["output"]) for step in steps] == [("a", {"v": 5}), ("b", {"v": 10})]


def test_until_and_pins_are_taken(desk):
    view = start(desk, until="b", pins={"a": {"v": 50}}).json()
    desk.drain()
    [a, b] = desk.api("builder").get(f"/jobs/{view['id']}/steps/").json()["results"]
    assert (a["status"], a["reason"], a["output"]) == ("completed", "pinned", {"v": 50})
    assert b["output"] == {"v": 100}


def test_what_would_have_been_sent_is_the_input_of_a_step_that_is_held_back(desk):
    draft(desk, f"steps:{POST}")
    view = desk.api("builder").post("/workflows/flow/preview/", {}).json()
    desk.drain()
    [step] = desk.api("builder").get(f"/jobs/{view['id']}/steps/").json()["results"]
    assert (step["reason"], step["output"]) == ("held_back", None)
    assert step["input"]["url"] == "https://bank.example/pay?dry=no"


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"inputs": {}}, "inputs.n", "required"),
        ({"inputs": {"n": "x"}}, "inputs.n", "wrong_type"),
        ({"inputs": {"n": 1, "m": 2}}, "inputs.m", "unknown"),
        ({"until": "nobody"}, "until", "unknown"),
        ({"until": "x" * 64}, "until", "too_long"),
        ({"pins": {"nobody": 1}}, "pins.nobody", "unknown"),
        ({"pins": {"a": "x" * 300_000}}, "pins.a", "too_long"),
        ({"pins": []}, "pins", "wrong_type"),
        ({"effects": "perhaps"}, "effects", "wrong_type"),
        ({"more": 1}, "more", "unknown"),
    ],
)
def test_bad_input_is_refused_with_its_path_and_starts_nothing(desk, body, path, code):
    answer = start(desk, **body)
    assert answer.status_code == 422
    assert (path, code) in [(error["path"], error["code"]) for error in answer.json()["errors"]]
    assert not Job.objects.exists()


def test_a_draft_with_problems_is_refused_unless_they_stand_behind_until(desk):
    draft(
        desk,
        """
steps:
  - {key: a, type: set, values: {v: 1}}
  - {key: loop, type: for_each, items: "[1, 2]", steps: [{key: in, type: set, values: {v: 1}}, {key: odd, type: no.such}]}
  - {key: b, type: set, values: {v: "{{ steps.nobody.output }}"}}
outputs: [{key: x, type: text, value: steps.nobody.output}]
""",
    )
    api = desk.api("builder")
    answer = api.post("/workflows/flow/preview/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "has_problems")
    assert {problem["path"] for problem in answer.json()["problems"]} == {
        "steps[1].steps[1].type",
        "steps[2].values.v",
    }
    assert api.post("/workflows/flow/preview/", {"until": "loop"}).status_code == 409
    first = api.post("/workflows/flow/preview/", {"until": "a"}).json()["id"]
    inside = api.post("/workflows/flow/preview/", {"until": "in"}).json()["id"]
    desk.drain()
    assert statuses(Job.objects.get(pk=first)) == {"a": "completed"}
    assert statuses(Job.objects.get(pk=inside))["loop[0].in"] == "completed"


def test_outputs_that_cannot_be_read_are_left_out(desk):
    draft(
        desk,
        """
steps: [{key: a, type: set, values: {v: 1}}]
outputs: [{key: bad, type: text, value: steps.nobody.output}, {key: good, type: integer, value: steps.a.output.v}]
""",
    )
    number = desk.api("builder").post("/workflows/flow/preview/", {}).json()["id"]
    desk.drain()
    assert desk.api("builder").get(f"/jobs/{number}/outputs/").json() == {"good": 1}


def test_its_address_and_those_of_its_sub_jobs_are_pages_of_previews(desk):
    desk.api("builder").post("/workflows/sums/activate/", {})
    draft(desk, "steps: [{key: a, type: workflow, workflow: sums, inputs: {n: 1}}]")
    number = desk.api("builder").post("/workflows/flow/preview/", {}).json()["id"]
    desk.drain()
    pages = Client()
    pages.force_login(desk.actor.user)
    for job in Job.objects.order_by("pk"):
        view = desk.api("builder").get(f"/jobs/{job.pk}/").json()
        assert view["url"].startswith("/workflows/flow/" if job.pk == number else "/workflows/sums/")
        assert pages.get(view["url"]).status_code == 200
    assert Job.objects.count() == 2
    (step,) = desk.api("builder").get(f"/jobs/{number}/steps/").json()["results"]
    assert step["job"]["url"] == view["url"]


def test_a_sub_workflow_that_is_not_active_refuses_it(desk):
    draft(desk, "steps: [{key: a, type: workflow, workflow: sums, inputs: {n: 1}}]")
    answer = desk.api("builder").post("/workflows/flow/preview/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "has_problems")


def test_an_archived_workflow_is_not_previewed(desk):
    desk.api("builder").post("/workflows/sums/archive/", {})
    answer = start(desk)
    assert (answer.status_code, answer.json()["code"]) == (409, "workflow_archived")


@pytest.mark.parametrize("role", ROLES)
def test_it_takes_a_builder_and_nobody_else_sees_one(desk, role):
    assert start(desk, role).status_code == 403
    number = start(desk).json()["id"]
    desk.drain()
    for part in ("", "steps/", "outputs/", "audit/", "evidence/", "wait/"):
        assert desk.api(role).get(f"/jobs/{number}/{part}").status_code == 404, part
    for part in ("cancel/", "resume/", "rerun/"):
        if role in ("operator", "reviewer"):
            assert desk.api(role).post(f"/jobs/{number}/{part}", {}).status_code == 404, part


def test_strangers_get_404(desk):
    answer = desk.stranger().post("/workflows/sums/preview/", {"inputs": {"n": 1}})
    assert answer.status_code == 404
    number = start(desk).json()["id"]
    assert desk.stranger().get(f"/jobs/{number}/").status_code == 404
    assert desk.anonymous().post("/workflows/sums/preview/", {}).status_code == 401


def test_it_is_in_no_list_and_no_duplicate_of_a_job(desk):
    desk.api("builder").post("/workflows/sums/activate/", {})
    start(desk)
    assert desk.api("builder").get("/jobs/").json()["results"] == []
    again = desk.api("builder").post(
        "/jobs/", {"workflow": "sums", "inputs": {"n": 4}, "on_duplicate": "reject"}
    )
    assert again.status_code == 201


def test_it_is_cancelled_but_neither_resumed_nor_run_again(desk):
    number = start(desk).json()["id"]
    api = desk.api("builder")
    assert api.post(f"/jobs/{number}/cancel/", {}).json()["status"] == "cancelled"
    for verb in ("resume", "rerun"):
        answer = api.post(f"/jobs/{number}/{verb}/", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "is_preview")
    assert api.get(f"/jobs/{number}/evidence/").json()["code"] == "no_evidence"


def test_the_log_of_the_workspace_tells_who_started_one_with_what(desk):
    number = start(desk, until="b", pins={"a": {"v": 1}}, effects=True).json()["id"]
    entry = AuditEntry.objects.get(action="preview.started")
    assert (entry.stream, entry.label) == (desk.actor.workspace.stream, "sums")
    assert f'"preview":{number}' in entry.body
    assert '"effects":true' in entry.body
    assert '"pins":["a"]' in entry.body


def test_the_same_idempotency_key_starts_one_preview(desk):
    body = {"inputs": {"n": 4}}
    api = desk.api("builder")
    first, second = (
        api.post("/workflows/sums/preview/", body, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert first.json()["id"] == second.json()["id"]
    assert Job.objects.count() == 1
