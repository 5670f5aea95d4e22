"""What comes in as a body, and the problem documents that refuse it."""

import gzip
import json

import pytest

from tests.api.test_platform_auth import refused
from tests.factories import make_api
from workspaces.models import Token

pytestmark = pytest.mark.django_db

GOOD = {"name": "nightly", "role": "viewer"}


@pytest.fixture
def api():
    return make_api("admin")


def send(api, body, content_type="application/json", **extra):
    return api.post("/tokens/", body, content_type=content_type, **extra)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "name"),
        (b"{", "line 1"),
        (b"nonsense", "line 1"),
        (b"[]", "expected a JSON object, got a list of 0"),
        (b'"x"', "expected a JSON object, got the text 'x'"),
        (b"null", "got null"),
        (b'{"name": "a", "name": "b"}', "comes twice"),
        (b'{"name": {"x": 1, "x": 2}}', "comes twice"),
        (b'{"name": NaN}', "NaN is not JSON"),
        (b'{"name": Infinity}', "Infinity is not JSON"),
        (b'{"name": -Infinity}', "-Infinity is not JSON"),
        (b'{"name": 1e400}', "too large"),
        (b'{"name": -1e400}', "too large"),
        (b'{"name": ' + b"9" * 5000 + b"}", "4,300 digits"),
        (b'{"name": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "deep"),
        (b'{"name": ' + b"[" * 101 + b"]" * 101 + b"}", "deep"),
        (b'{"name": "\xff"}', "0xFF"),
        (b"\xef\xbb\xbf{}", "line 1"),
        (b'{"name": "a"} {"name": "b"}', "line 1"),
        (b"{'name': 'a'}", "line 1"),
        (b'{"name": "a",}', "line 1"),
        (b'{"name": "a\nb"}', "line 1"),
    ],
)
def test_what_two_readers_could_understand_differently_is_malformed(api, body, says):
    answer = send(api, body)
    if body == b"":
        refused(answer, 422, "invalid")
    else:
        assert says in refused(answer, 400, "malformed")["detail"]


def test_a_hundred_levels_are_read(api):
    body = b'{"name": ' + b"[" * 99 + b"]" * 99 + b', "role": "viewer"}'
    assert refused(send(api, body), 422, "invalid")["errors"][0]["code"] == "wrong_type"


def test_a_mebibyte_is_the_limit(api):
    padding = b" " * ((1 << 20) - len(json.dumps(GOOD)))
    assert send(api, json.dumps(GOOD).encode() + padding).status_code == 201
    assert (
        "1 MiB" in refused(send(api, json.dumps(GOOD).encode() + padding + b" "), 413, "too_large")["detail"]
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/yaml",
        "",
    ],
)
def test_another_content_type_is_refused(api, content_type):
    refused(send(api, json.dumps(GOOD).encode(), content_type), 415, "unsupported_media_type")


def test_a_compressed_body_is_refused_unread(api):
    bomb = gzip.compress(b" " * 10_000_000)
    answer = send(api, bomb, headers={"Content-Encoding": "gzip"})
    refused(answer, 415, "unsupported_encoding")


def test_a_body_in_chunks_of_which_nothing_would_be_read_is_refused(api):
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    refused(api.generic("POST", "/tokens/", b"", **chunked), 411, "length_required")
    assert Token.objects.count() == 1


def test_the_methods_that_an_address_names_are_those_it_takes(api):
    answer = api.put("/tokens/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, HEAD")
    assert api.options("/tokens/").status_code == 405


@pytest.mark.parametrize(
    ("change", "path", "code", "says"),
    [
        ({"name": None}, "name", "wrong_type", "expected a text, got null"),
        ({"name": 5}, "name", "wrong_type", "expected a text, got the number 5"),
        ({"name": True}, "name", "wrong_type", "expected a text, got true"),
        ({"name": ["a"]}, "name", "wrong_type", "expected a text, got a list of 1"),
        ({"name": {"a": 1}}, "name", "wrong_type", "expected a text, got an object"),
        ({"name": 10**30}, "name", "wrong_type", "got a very large number"),
        ({"name": ""}, "name", "required", "got an empty text"),
        ({"name": " "}, "name", "required", "got an empty text"),
        ({"name": "x" * 101}, "name", "too_long", "expected at most 100 characters, got 101"),
        ({"name": "a\x00b"}, "name", "format", "got the character U+0000; remove it"),
        ({"name": "a\ud800b"}, "name", "format", "got half of a surrogate pair"),
        ({"name": "a\u202eb"}, "name", "format", "U+202E"),
        ({"role": "owner"}, "role", "not_a_choice", "expected one of viewer, operator"),
        ({"role": 1}, "role", "not_a_choice", "got the number 1"),
        ({"expires_at": "tomorrow"}, "expires_at", "format", "2026-11-22T09:00:00Z, got the text 'tomorrow'"),
        ({"expires_at": 5}, "expires_at", "wrong_type", "got the number 5"),
        ({"expires_at": "2030-01-01T00:00:00"}, "expires_at", "format", "with its zone"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "too_small", "a moment to come"),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at", "format", "got the text"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at", "format", "got the text"),
        ({"colour": 1}, "colour", "unknown", "expected only expires_at, name, role"),
        ({"id": "x"}, "id", "unknown", "got 'id'"),
        ({"workspace": "x"}, "workspace", "unknown", "got 'workspace'"),
        ({"user": "root"}, "user", "unknown", "got 'user'"),
        ({"__proto__": {}}, "__proto__", "unknown", "got '__proto__'"),
    ],
)
def test_a_field_that_is_not_valid_is_told_with_what_was_expected_and_what_came(
    api, change, path, code, says
):
    answer = send(api, json.dumps({**GOOD, **change}))
    (error,) = refused(answer, 422, "invalid")["errors"]
    assert (error["path"], error["code"]) == (path, code)
    assert says in error["message"]


def test_all_faults_are_told_at_once(api):
    errors = refused(send(api, {"role": "owner", "colour": 1, "expires_at": 4}), 422, "invalid")["errors"]
    assert {(error["path"], error["code"]) for error in errors} == {
        ("name", "required"),
        ("role", "not_a_choice"),
        ("colour", "unknown"),
        ("expires_at", "wrong_type"),
    }


def test_nothing_was_made_by_what_was_refused(api):
    send(api, {"role": "owner"})
    send(api, b"{")
    assert Token.objects.filter(workspace=api.token.workspace).count() == 1


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_a_method_that_is_not_there_is_405(api, method):
    answer = getattr(api, method)("/me/")
    refused(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_the_method_cannot_be_overridden(api):
    answer = api.post(f"/tokens/{api.token.uid}/", {}, headers={"X-HTTP-Method-Override": "DELETE"})
    refused(answer, 405, "method_not_allowed")


def test_head_answers_without_a_body(api):
    answer = api.head("/me/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/nothing/", "/me", "/tokens", "/tokens/abc/", "/members/a%00b/", "/../me/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_address_is_a_problem_document(api, path, method):
    refused(getattr(api, method)(path), 404, "not_found")


def test_an_address_without_its_slash_is_told(api):
    assert "end with a slash" in api.post("/tokens", GOOD).json()["detail"]


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 80])
def test_a_sane_request_id_is_kept(api, given):
    assert api.get("/me/", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 81, "a\tb", "<script>", "é"])
def test_any_other_request_id_is_replaced(api, given):
    made = api.get("/me/", headers={"X-Request-ID": given})["X-Request-ID"]
    assert len(made) == 32
    assert made != given


def test_the_request_id_is_in_the_audit_log(api):
    send(api, GOOD, headers={"X-Request-ID": "trace-7"})
    entries = api.get("/audit/?action=token.created").json()["results"]
    assert entries[0]["request_id"] == "trace-7"


def test_too_many_requests_are_told_when_to_come_back(api, settings):
    settings.API_RATE_PER_MINUTE = 3
    assert [api.get("/me/").status_code for _ in range(3)] == [200] * 3
    answer = api.get("/me/")
    refused(answer, 429, "rate_limited")
    assert 1 <= int(answer["Retry-After"]) <= 20
    assert make_api().get("/me/").status_code == 200
    settings.API_RATE_PER_MINUTE = 0
    assert api.get("/me/").status_code == 200


def test_a_machinery_failure_is_told_without_its_text(api, monkeypatch, caplog):
    def fail(*_args, **_kwargs):
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("rest_framework.views.APIView.http_method_not_allowed", fail)
    answer = api.put("/me/")
    body = refused(answer, 500, "internal_error")
    assert "secret reason" not in answer.content.decode()
    assert any(body["request_id"] == getattr(record, "request_id", "") for record in caplog.records)
