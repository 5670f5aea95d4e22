"""Requests that cannot be made and answers that cannot be kept, in a job.

What the client itself refuses is in tests/integrations/: addresses in all their forms, names that change theirs,
redirects, endless, slow and compressed answers (test_outbound*.py), headers and bodies (test_http_request.py).
"""

import json
from typing import Any

import pytest

from jobs.states import JobStatus
from tests.bad_input.running import failed, run
from tests.bad_input.world import World
from tests.factories import ApiClient
from tests.integrations.servers import always, answer, serving


def request(**config: Any) -> dict[str, Any]:
    return {"key": "s", "type": "http.request", "config": config, "retry": "none", "timeout": "5s"}


@pytest.mark.parametrize(
    "config",
    [
        {"url": "{{ inputs.url }}"},
        {"url": "{{ 'http://127.0.0.1:1/' + '\\r\\nX: 1' }}"},
        {"url": "{{ 'http://127.0.0.1/\\x00' }}"},
        {"url": "{{ 'http://' + 'a' * 10000 + '/' }}"},
        {"url": "http://user:secret@127.0.0.1/"},
        {"url": "http://127.0.0.1:99999/"},
        {"url": "http://xn--/"},
        {"url": "http://{{ 'ö' * 300 }}.example/"},
        {"url": "http://\u2488\u2488.example/"},
        {"url": "file:///etc/passwd"},
        {"url": "gopher://127.0.0.1/"},
        {"url": "http://169.254.169.254/latest/meta-data/"},
        {"url": "http://[::ffff:169.254.169.254]/"},
        {"url": "http://10.0.0.1:22/"},
        {"url": "https://127.0.0.1:1/", "headers": {"A": "{{ 'b\\r\\nC: d' }}"}},
        {"url": "https://127.0.0.1:1/", "headers": {"": "x"}},
        {"url": "https://127.0.0.1:1/", "headers": {"A": "{{ 'x' * 100_000 }}"}},
        {"url": "https://127.0.0.1:1/", "query": {"a": "{{ {'b': 1} }}"}},
        {"url": "https://127.0.0.1:1/", "method": "POST", "body": "{{ [1] }}"},
        {"url": "https://127.0.0.1:1/", "method": "POST", "json": {}, "form": {}},
        {"url": "https://127.0.0.1:1/", "method": "POST", "file": "{{ 'file_' + '0' * 32 }}"},
        {"url": "https://127.0.0.1:1/", "method": "POST", "file": "../../etc/passwd"},
        {"url": "https://127.0.0.1:1/", "method": "POST", "multipart": {"a": {"path": "/etc/passwd"}}},
        {"url": "https://127.0.0.1:1/", "method": "{{ 'GET / HTTP/1.1\\r\\nX: y' }}"},
        {"url": "https://127.0.0.1:1/", "redirects": -1},
        {"url": "https://127.0.0.1:1/", "accept_statuses": ["{{ 'any thing' }}"]},
    ],
)
def test_a_request_that_cannot_be_made_fails_its_step(
    world: World, api: ApiClient, settings: Any, config: dict[str, Any]
) -> None:
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.0/8"]
    inputs = [{"key": "url", "type": "object", "required": False}]
    if job := run(world, api, request(**config), inputs=inputs):
        error = failed(world, api, job)
        assert error["code"] in {"wrong_type", "network_error", "expression_error", "limit_exceeded"}
        assert "secret" not in json.dumps(error)


BROKEN_ANSWERS = {
    "HTML that says it is JSON": answer(200, b"<html>", {"Content-Type": "application/json"}),
    "JSON cut off": answer(200, b'{"a": ', {"Content-Type": "application/json"}),
    "a lone surrogate": answer(200, b'{"a": "\\ud800"}', {"Content-Type": "application/json"}),
    "NUL": answer(200, b'{"a\\u0000": "\\u0000"}', {"Content-Type": "application/json"}),
    "keys twice": answer(200, b'{"a": 1, "a": 2}', {"Content-Type": "application/json"}),
    "a huge integer": answer(200, b"1" * 4000, {"Content-Type": "application/json"}),
    "JSON 101 deep": answer(200, b"[" * 150 + b"]" * 150, {"Content-Type": "application/json"}),
    "no content with a body": b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    "a length of 1e30": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\nhello",
    "a header without a name": b"HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n",
    "a header that is no text": b"HTTP/1.1 200 OK\r\nX: \xff\xfe\x01\r\nContent-Length: 0\r\n\r\n",
    "a type that is none": answer(200, b"\xff\xd8\xff", {"Content-Type": "/;;=\xff"}),
    "a file name that climbs": answer(
        200, b"x", {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="../../../etc/x"'}
    ),
    "a redirect to itself": answer(302, b"", {"Location": "/"}),
    "a redirect to nowhere": answer(302, b"", {"Location": ""}),
    "a redirect without an address": answer(302, b""),
    "a redirect with a password": answer(302, b"", {"Location": "http://u:p@127.0.0.1:1/"}),
    "a redirect to a file": answer(302, b"", {"Location": "file:///etc/passwd"}),
    "status 000": b"HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n",
    "status 999": answer(999, b"x" * 10_000),
    "401 with a challenge that is none": answer(401, b"", {"WWW-Authenticate": "\xff"}),
    "429 for ever": answer(429, b"", {"Retry-After": "9" * 40}),
    "503 since long ago": answer(503, b"", {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    "nothing at all": b"",
    "only noise": b"\x00\xff" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN_ANSWERS)
def test_any_answer_of_a_service_is_kept_or_fails_the_step(
    world: World, api: ApiClient, settings: Any, name: str
) -> None:
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.0/8"]

    def respond(connection: Any, seen: Any) -> bool:
        always(BROKEN_ANSWERS[name])(connection, seen)
        return False

    with serving(respond) as server:
        job = run(world, api, request(url=server.url))
    assert job
    if job.status == JobStatus.COMPLETED:
        for part in ("", "steps/", "outputs/"):
            assert api.get(f"/jobs/{job.pk}/{part}").status_code == 200
        return
    code = failed(world, api, job)["code"]
    assert code in {"bad_response", "network_error", "http_error", "rate_limited", "limit_exceeded"}
