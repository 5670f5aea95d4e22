"""Probes, the OpenAPI document, its browsable page, and what is answered where nothing is."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from common import clock
from config import api as api_root
from jobs.models import Worker
from tests.api.test_platform_auth import refused
from tests.factories import make_api

pytestmark = pytest.mark.django_db


def worker(lease):
    now = clock.now()
    return Worker.objects.create(
        cluster="c", queues="default", host="h", boot_id="b", pid_ns="n", pid=1, pid_start="1", release="r",
        started_at=now, beat_at=now, lease_until=now + timedelta(seconds=lease),
    )  # fmt: skip


def test_a_living_process_says_so_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "live"}


def test_it_is_ready_with_a_worker_that_beats(client):
    worker(30)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_it_is_not_ready_without_a_recent_beat(client):
    worker(-1)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "no worker has reported" in answer.json()["reasons"][0]
    assert int(answer["Retry-After"]) > 0


def test_the_document_is_valid_and_complete(tmp_path: Path):
    file = tmp_path / "schema.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
    document = yaml.safe_load(file.read_text())
    assert document["openapi"].startswith("3.1")
    assert {"/api/v1/me/", "/api/v1/tokens/", "/api/v1/members/{user}/", "/api/v1/audit/export/"} <= set(
        document["paths"]
    )
    ids = [
        op["operationId"]
        for path in document["paths"].values()
        for op in path.values()
        if "operationId" in op
    ]
    assert len(ids) == len(set(ids))
    for path in document["paths"].values():
        for operation in path.values():
            if "responses" in operation:
                assert "default" in operation["responses"]


def test_the_document_and_its_page_are_served_with_local_assets_only(client):
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/").content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert "://" not in page.replace("http://www.w3.org", "")


def test_every_view_of_the_api_names_a_permission_for_each_of_its_actions():
    nameless = []
    for pattern in _patterns(api_root.urlpatterns):
        view = getattr(pattern.callback, "cls", None)
        if view is None:
            continue
        actions = getattr(pattern.callback, "actions", None)
        wanted = (
            set(actions.values())
            if actions
            else {name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
        )
        nameless += [f"{view.__name__}.{name}" for name in wanted if name not in view.permission_map]
    assert nameless == []


def _patterns(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:80@evil.example"])
def test_a_foreign_host_is_refused(host, settings):
    settings.DEBUG = False
    answer = Client(raise_request_exception=False).get("/api/v1/me/", headers={"Host": host})
    refused(answer, 400, "malformed")


def test_forwarding_headers_do_not_change_the_links():
    api = make_api("admin")
    make_api("viewer", workspace=api.token.workspace)
    page = api.get("/members/?page_size=1", headers={"X-Forwarded-Host": "evil.example"}).json()
    assert page["next"].startswith("http://testserver/")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/api/", "/api/v2/jobs/", "/api/v1/nothing/", "/api/nothing"])
def test_an_address_of_the_api_that_does_not_exist_answers_a_problem(path, debug, settings):
    settings.DEBUG = debug
    client = Client(enforce_csrf_checks=True)
    refused(client.get(path), 404, "not_found")
    refused(client.post(path), 404, "not_found")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_takes_get_and_head_only(path):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(path)
    refused(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"
    assert client.head(path).status_code in (200, 503)
    assert "no-store" in client.get(path)["Cache-Control"]


def test_outside_of_the_api_a_page_is_answered(settings):
    settings.DEBUG = False
    answer = Client(raise_request_exception=False).get("/nothing-here/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
    assert answer["X-Request-ID"] in answer.content.decode()


def test_the_browsable_page_has_no_inline_script(client):
    page = client.get("/api/docs/").content.decode()
    assert "<script>" not in page
    assert client.get("/api/docs/?script=").status_code == 200
