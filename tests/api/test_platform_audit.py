"""`/audit/`: the log is read, filtered, verified and exported, by admins and auditors only."""

import csv
import io
import json
import threading

import pytest

from audit.models import AuditEntry
from common import seats
from tests.api.test_platform_auth import refused
from tests.factories import make_api
from workspaces.models import Role
from workspaces.services import change_workspace

pytestmark = pytest.mark.django_db

PATHS = ["/audit/", "/audit/verify/", "/audit/export/?format=csv", "/audit/export/?format=jsonl"]


@pytest.fixture
def api():
    return make_api("auditor")


def text(answer):
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", Role)
def test_the_log_is_for_admins_and_auditors(path, role):
    answer = make_api(role).get(path)
    if answer.streaming:
        text(answer)  # an export keeps its seat until it is read or closed
    if role in (Role.ADMIN, Role.AUDITOR):
        assert answer.status_code == 200
    else:
        assert "the role admin or the role auditor" in refused(answer, 403, "role_too_low")["detail"]


def test_an_entry_shows_what_happened_and_its_place_in_the_chain(api):
    (entry,) = api.get("/audit/").json()["results"]
    row = AuditEntry.objects.get()
    assert entry["action"] == "token.created"
    assert entry["stream"] == f"workspace:{api.token.workspace.uid}"
    assert entry["seq"] == 1
    assert entry["data"]["role"] == "auditor"
    assert entry["previous_hash"] == ""
    assert entry["hash"] == bytes(row.hash).hex()
    assert entry["at"].endswith("Z")


def test_another_workspaces_log_is_not_seen(api):
    make_api("admin")
    assert len(api.get("/audit/").json()["results"]) == 1
    other = AuditEntry.objects.exclude(workspace=api.token.workspace).get()
    assert api.get("/audit/", {"stream": other.stream}).json()["results"] == []
    assert other.stream not in text(api.get("/audit/export/?format=csv"))
    assert str(other.workspace.uid) not in text(api.get("/audit/export/?format=jsonl"))


def test_the_log_is_filtered(api):
    workspace = api.token.workspace
    change_workspace(workspace=workspace, name="Ledgers of May", actor=None)
    found = lambda **query: [e["action"] for e in api.get("/audit/", query).json()["results"]]  # noqa: E731
    assert found() == ["workspace.changed", "token.created"]
    assert found(action="workspace.changed") == ["workspace.changed"]
    assert found(action=["workspace.changed", "token.created"]) == ["workspace.changed", "token.created"]
    assert found(actor="system", target_type="token") == ["token.created"]
    assert found(target_type="token", target_id=str(api.token.uid)) == ["token.created"]
    assert found(search="of may") == ["workspace.changed"]
    assert found(search=str(api.token.uid)) == ["token.created"]
    assert found(created_after="2099-01-01T00:00:00Z") == []
    assert found(created_before="2099-01-01T00:00:00Z", ordering="id") == [
        "token.created",
        "workspace.changed",
    ]
    assert found(stream="job:none") == []


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ({"action": "no.such"}, "action", "not_a_choice"),
        ({"created_after": "yesterday"}, "created_after", "format"),
        ({"actor": "a\x00b"}, "actor", "format"),
        ({"body__contains": "x"}, "body__contains", "unknown"),
    ],
)
def test_a_filter_that_is_wrong_or_unknown_is_refused(api, query, path, code):
    (error,) = refused(api.get("/audit/", query), 422, "invalid")["errors"]
    assert (error["path"], error["code"]) == (path, code)


def test_verifying_reports_and_leaves_an_entry(api):
    report = api.get("/audit/verify/").json()
    assert report["ok"] is True
    assert (report["entries"], report["found"], report["findings"]) == (1, 0, [])
    entry = api.get("/audit/?action=audit.verified").json()["results"][0]
    assert entry["actor"].startswith("token:")
    assert entry["data"] == {"entries": 1, "findings": 0, "streams": report["streams"]}


def test_the_csv_is_filtered_guarded_and_leaves_an_entry(api):
    workspace = api.token.workspace
    change_workspace(workspace=workspace, name='=cmd|"/c calc"!A1', actor=None)
    answer = api.get("/audit/export/", {"format": "csv", "action": "workspace.changed"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="audit-{workspace.slug}-')
    assert answer["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.DictReader(io.StringIO(text(answer))))
    assert [row["action"] for row in rows] == ["workspace.changed"]
    assert rows[0]["label"].startswith("'=")
    entry = api.get("/audit/?action=audit.exported").json()["results"][0]
    assert entry["data"] == {"format": "csv", "filters": {"action": "workspace.changed"}}


def test_the_jsonl_holds_the_exact_texts(api):
    answer = api.get("/audit/export/?format=jsonl")
    assert answer["Content-Type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in text(answer).splitlines()]
    assert lines[0]["record"] == "export"
    assert lines[-1]["record"] == "end"
    bodies = [line["body"] for line in lines if line["record"] == "entry"]
    assert AuditEntry.objects.earliest("id").body in bodies


def test_an_export_takes_a_known_form_and_no_filter_that_would_break_the_chain(api):
    assert refused(api.get("/audit/export/"), 422, "invalid")["errors"][0]["path"] == "format"
    assert refused(api.get("/audit/export/?format=xlsx"), 422, "invalid")["errors"][0]["path"] == "format"
    refused(api.get("/audit/export/?format=jsonl&actor=system"), 422, "invalid")
    assert not AuditEntry.objects.filter(action="audit.exported").exists()


def test_verifying_and_exporting_leave_half_of_the_threads_to_others(api, monkeypatch):
    monkeypatch.setattr(seats, "_free", threading.BoundedSemaphore(1))
    answer = api.get("/audit/export/?format=jsonl")
    for path in PATHS[1:]:
        busy = api.get(path)
        refused(busy, 503, "busy")
        assert int(busy["Retry-After"]) > 0
    assert AuditEntry.objects.filter(action="audit.exported").count() == 1
    assert text(answer)
    assert api.get("/audit/verify/").status_code == 200
    assert text(api.get("/audit/export/?format=csv"))
    assert api.get("/audit/verify/").status_code == 200


def test_nothing_can_be_written_to_the_log(api):
    for method in ("post", "put", "patch", "delete"):
        refused(getattr(api, method)("/audit/"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"action": "done"}, "Expected one of job.created, job.started"),
        (
            {"created_after": "yesterday"},
            "Expected a moment like 2026-11-22T09:00:00Z. Got the text 'yesterday'.",
        ),
    ],
)
def test_a_filter_says_what_it_takes(query, says):
    (error,) = refused(make_api("auditor").get("/audit/", query), 422, "invalid")["errors"]
    assert says in error["message"]
