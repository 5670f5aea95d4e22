"""`/files/`: bytes come whole or not at all, keep their digest, and go out as attachments."""

import hashlib
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from audit.models import AuditEntry
from jobs.models import File
from jobs.storage.blobs import stored_blobs
from tests.api.jobs_support import Desk, post_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def upload(name="a.csv", content=b"a,b\n1,2\n", kind="text/csv"):
    return SimpleUploadedFile(name, content, kind)


def read(answer) -> bytes:
    return b"".join(answer.streaming_content)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def send(api, body: bytes, kind: str = MULTIPART_CONTENT, **environ):
    """Post these very bytes, which the test client would encode anew."""
    return api.generic("POST", "/files/", body, content_type=kind, **environ)


def raw(disposition: str, content: bytes = b"x", extra: str = "") -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{extra}\r\n".encode(
        "utf-8", "surrogateescape"
    )
    return head + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def test_an_upload_is_described_kept_and_given_back(desk):
    content = b"a,b\n1,2\n"
    made = desk.upload(desk.api())
    assert made["id"].startswith("file_")
    assert made == {
        "id": made["id"],
        "name": "a.csv",
        "media_type": "text/csv",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert desk.api("viewer").get(f"/files/{made['id']}/").json() == made
    answer = desk.api("viewer").get(f"/files/{made['id']}/content/")
    assert read(answer) == content
    assert answer["Content-Type"] == "text/csv"
    assert answer["Content-Length"] == "8"
    assert answer["Content-Disposition"] == 'attachment; filename="a.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["ETag"] == f'"{made["sha256"]}"'
    unchanged = desk.api().get(f"/files/{made['id']}/content/", headers={"If-None-Match": answer["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_an_upload_is_told_in_the_log_without_its_content(desk):
    made = desk.upload(desk.api())
    entry = AuditEntry.objects.get(action="file.uploaded")
    assert (entry.target_id, entry.label, entry.actor) == (
        made["id"],
        "a.csv",
        f"token:test ({desk.user('operator').username})",
    )
    assert made["sha256"] not in entry.body


def test_large_files_pass_through_the_disk(desk, settings):
    content = os.urandom(3 << 20)
    made = desk.upload(desk.api(), "big.bin", content, "application/octet-stream")
    assert read(desk.api().get(f"/files/{made['id']}/content/")) == content


def test_an_empty_file_is_a_file(desk):
    made = desk.upload(desk.api(), "empty.txt", b"", "text/plain")
    assert made["bytes"] == 0
    assert read(desk.api().get(f"/files/{made['id']}/content/")) == b""


@pytest.mark.parametrize("over", [1, 2 << 20])
def test_a_file_over_the_limit_leaves_nothing(desk, settings, over):
    settings.MAX_FILE_BYTES = 2 << 20
    assert desk.upload(desk.api(), content=b"x" * (2 << 20))["bytes"] == 2 << 20
    before, open_before = set(stored_blobs()), open_descriptors()
    answer = post_file(desk.api(), upload(content=b"y" * ((2 << 20) + over)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert set(stored_blobs()) == before
    assert open_descriptors() <= open_before
    assert File.objects.count() == 1


@pytest.mark.parametrize("length", [-100, -3, 10])
def test_a_form_that_is_cut_off_stores_nothing(desk, length):
    body = raw('name="file"; filename="a.txt"', b"x" * 200)
    environ: dict[str, Any] = {"CONTENT_LENGTH": str(len(body) + length), "wsgi.input": BytesIO(body)}
    answer = send(desk.api(), body, **environ)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not File.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\report.xls", "report.xls"),
        (".htaccess", "htaccess"),
        ("trailing. ", "trailing"),
        ("CON", "_CON"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("é ü.txt", "é ü.txt"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_names_are_cleaned(desk, given, kept):
    body = raw(f'name="file"; filename="{given}"'.replace("\\", "\\\\"))
    answer = send(desk.api(), body)
    assert answer.status_code == 201, answer.content
    assert answer.json()["name"] == kept


@pytest.mark.parametrize("name", ["..", ".", "", "/"])
def test_a_part_without_a_name_is_no_file(desk, name):
    answer = send(desk.api(), raw(f'name="file"; filename="{name}"'))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "file"


def test_a_name_cannot_forge_a_header(desk):
    made = desk.upload(desk.api(), 'a"; filename=evil.html\r\nX: y.txt', b"x", "text/html")
    answer = desk.api().get(f"/files/{made['id']}/content/")
    assert "X" not in answer
    assert answer["Content-Disposition"].startswith("attachment; ")


def test_what_a_browser_would_run_is_an_attachment_in_a_sandbox(desk):
    made = desk.upload(desk.api(), "a.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")
    answer = desk.api().get(f"/files/{made['id']}/content/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("name", "declared", "kept"),
    [
        ("a.csv", "", "text/csv"),
        ("a.pdf", "application/octet-stream", "application/pdf"),
        ("a.unknown", "", "application/octet-stream"),
        ("a.txt", "text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ("a.txt", "not a media type", "application/octet-stream"),
    ],
)
def test_the_media_type_is_what_was_declared_or_what_the_name_says(desk, name, declared, kept):
    header = f"Content-Type: {declared}\r\n" if declared else ""
    body = raw(f'name="file"; filename="{name}"', extra=header)
    answer = send(desk.api(), body)
    assert answer.json()["media_type"] == kept


def test_only_one_file_in_its_own_field_is_taken(desk):
    api = desk.api()
    two = post_file(api, upload(), upload("b.csv"))
    assert (two.status_code, two.json()["errors"][0]["path"]) == (422, "file")
    for answer in (post_file(api, upload(), id="file_1"), post_file(api, upload(), field="other")):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown")
    assert post_file(api).status_code == 422
    assert not File.objects.exists()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"file": "x"}', "application/json", 415),
        (b"x", "application/octet-stream", 415),
        (b"x", "multipart/form-data", 400),
        (b"nothing like a form", MULTIPART_CONTENT, 400),
        (b"", MULTIPART_CONTENT, 422),
    ],
)
def test_what_is_not_a_form_is_refused(desk, body, kind, status):
    answer = send(desk.api(), body, kind)
    assert answer.status_code == status, answer.content


def test_a_key_makes_one_file(desk):
    headers = {"Idempotency-Key": "k"}
    first = post_file(desk.api(), upload(), headers=headers)
    again = post_file(desk.api(), upload(), headers=headers)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert File.objects.count() == 1
    other = post_file(desk.api(), upload(content=b"other"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_equal_bytes_are_stored_once(desk):
    first, second = desk.upload(desk.api()), desk.upload(desk.api(), "b.csv")
    assert first["id"] != second["id"]
    assert first["sha256"] == second["sha256"]


@pytest.mark.parametrize(
    ("role", "uploads", "reads"),
    [("viewer", 403, 200), ("operator", 201, 200), ("auditor", 403, 403), ("auditor+", 403, 200)],
)
def test_who_uploads_and_who_reads(desk, role, uploads, reads):
    made = desk.upload(desk.api("builder"))
    assert post_file(desk.api(role), upload()).status_code == uploads
    assert desk.api(role).get(f"/files/{made['id']}/").status_code == reads
    assert desk.api(role).get(f"/files/{made['id']}/content/").status_code == reads
    assert desk.api(role).get(f"/files/file_{'0' * 32}/").status_code == 404
    assert desk.api(role).get(f"/files/file_{'0' * 32}/content/").status_code == 404


def test_an_auditor_without_the_grant_is_told_so_and_one_with_it_leaves_an_entry(desk):
    made = desk.upload(desk.api())
    hidden = desk.api("auditor").get(f"/files/{made['id']}/content/")
    assert hidden.json()["code"] == "payloads_hidden"
    assert not AuditEntry.objects.filter(action="payload.read").exists()
    read(desk.api("auditor+").get(f"/files/{made['id']}/content/"))
    assert AuditEntry.objects.get(action="payload.read").target_id == made["id"]


def test_strangers_and_visitors_get_nothing(desk):
    made = desk.upload(desk.api())
    for path in (f"/files/{made['id']}/", f"/files/{made['id']}/content/"):
        assert desk.stranger().get(path).status_code == 404
        assert desk.anonymous().get(path).status_code == 401
    assert post_file(desk.anonymous(), upload()).status_code == 401
    assert desk.api().get(f"/files/file_{'0' * 32}/").status_code == 404
    assert desk.api().get("/files/../../etc/passwd/").status_code == 404


def test_a_browser_session_uploads_with_its_csrf_token_only(desk):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(desk.user("operator"))
    form = {"file": upload()}
    assert browser.post("/api/v1/files/", form).status_code == 403
    assert not File.objects.exists()
    browser.cookies["csrftoken"] = "a" * 32
    answer = browser.post("/api/v1/files/", {"file": upload()}, headers={"X-CSRFToken": "a" * 32})
    assert answer.status_code == 201, answer.content


def test_nothing_temporary_stays(desk, storage: Path):
    desk.upload(desk.api(), content=os.urandom(2 << 20))
    assert [path.name for path in storage.iterdir() if len(path.name) != 2] == []
