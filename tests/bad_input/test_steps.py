"""Jobs whose steps meet bad values: the step fails with an error that says what was wrong, the job ends, the API shows
it, and the next job runs.

One expression at a time is tried in tests/expressions/, code in tests/jobs/test_sandbox.py (ways out, bombs), addresses
that must not be reached, redirects, endless and compressed answers in tests/integrations/test_outbound*.py, requests
that must not be sent in tests/integrations/test_http_request.py, tables and workbooks in test_csv.py and
test_spreadsheet.py beside them.
"""

import io
import json
from typing import Any

import pytest

from jobs import uploads
from jobs.models import Job, StepRun
from jobs.states import JobStatus
from tests.bad_input.asking import answered, refused
from tests.bad_input.world import World
from tests.engine.lab import error_of, outputs
from tests.factories import ApiClient
from tests.integrations.servers import always, answer, serving


def run(world: World, api: ApiClient, *steps: dict[str, Any], **fields: Any) -> Job | None:
    """A job of these steps, as it is once nothing is due any more; None where the activation was refused already."""
    document = {"slug": "flow", "format": 1, "name": "Flow", "steps": list(steps), **fields}
    made = api.post("/workflows/import/?activate=true", json.dumps(document))
    if made.status_code != 201:
        assert refused(made, 409)["problems"]
        return None
    job = world.start()
    world.drain()
    job.refresh_from_db()
    return job


def failed(world: World, api: ApiClient, job: Job) -> dict[str, Any]:
    """The error of a job that must have failed, looked at from every side. Another job runs after it."""
    assert job.status == JobStatus.FAILED, (job.status, outputs(job))
    for part in ("", "steps/", "audit/", "outputs/", "wait/"):
        answered(api.get(f"/jobs/{job.pk}/{part}"))
    error: dict[str, Any] = error_of(job)
    assert error["message"]
    assert error["code"] not in ("internal_error", "interrupted"), error
    shown = api.get(f"/jobs/{job.pk}/").json()["error"]
    assert shown["happened"]
    assert shown["fix"]
    following = world.start("sums", a=1)
    world.drain()
    following.refresh_from_db()
    assert following.status == JobStatus.COMPLETED
    return error


def evaluates(expression: str) -> dict[str, Any]:
    return {"key": "s", "type": "set", "values": {"x": f"{{{{ {expression} }}}}"}}


def codes(source: str, **fields: Any) -> dict[str, Any]:
    return {"key": "s", "type": "code", "source": source, "timeout": "2s", **fields}


@pytest.mark.parametrize(
    "expression",
    [
        "1 / 0",
        "0 % 0",
        "10 ** 400 * 1.0",
        "float('nan')",
        "float('inf') - float('inf')",
        "'a' + 1",
        "null < 1",
        "{'a': 1} + [1]",
        "inputs.absent",
        "inputs.a.b.c",
        "[1, 2][5]",
        "'abc'[10]",
        "{}['é🙂']",
        "{1, 2}",
        "{ { 1 } }",
        "lambda: 1",
        "len",
        "[[x.append(x), x] for x in [[]]][0][1]",
        "'x' * 100000000",
        "[0] * 100000000",
        "10 ** 10 ** 8",
        "'%0999999999d' % 1",
        "sum(range(10 ** 11))",
        "[x for x in range(10 ** 9)]",
        "date('2026-02-30')",
        "date('9999-12-31') + days(1)",
        "date('0001-01-01') - days(1)",
        "days(10 ** 18)",
        "datetime('2026-01-01T25:00:00Z')",
        "add_months('2026-01-31', 10 ** 9)",
        "working_days('2026-01-01', 10 ** 9)",
        "decimal('1e1000000000') + 1",
        "money('twelve')",
        "int('9' * 5000)",
        "int('x')",
        "json('{', parse=True)",
        "json('[' * 5000, parse=True)",
        "regex('(', 'a')",
        "format(1, '>999999999')",
        "'{0.__class__}'.format(1)",
        "'a'.encode()",
        "sorted([1, 'a'])",
        "max([])",
        "chr(55296) + 1",
        "range(10 ** 12)",
        "zip(range(10 ** 9), range(10 ** 9))",
    ],
)
def test_an_expression_that_cannot_be_computed_fails_its_step(
    world: World, api: ApiClient, expression: str
) -> None:
    inputs = [{"key": "a", "type": "number", "required": False}]
    if job := run(world, api, evaluates(expression), inputs=inputs):
        codes = {"expression_error", "limit_exceeded", "timeout", "output_invalid"}
        assert failed(world, api, job)["code"] in codes


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    return f()\nf()",
        "try:\n    while True:\n        pass\nexcept BaseException:\n    pass",
        "while True:\n    print('flood')",
        "{1: {2, 3}}",
        "b'bytes'",
        "lambda: 1",
        "object()",
        "float('nan')",
        "[float('-inf')]",
        "x = []\nx.append(x)\nx",
        "'x' * (11 << 20)",
        "['x' * 1000] * 20_000",
        "raise Exception('\\ud800 \\x00 ' + 'é' * 100_000)",
        "raise KeyboardInterrupt",
        "import sys\nsys.exit(0)",
        "import re\nre.match('^(a+)+$', 'a' * 100 + 'b')\n1 / 0",
        "inputs['absent']",
        "del inputs\ninputs",
        "yield 1",
        "return",
        "await x",
        "\x00",
        "if 1:\n\tx = 1\n        y = 2",
        "é🙂 = 1",
    ],
)
def test_code_that_goes_wrong_fails_its_step(world: World, api: ApiClient, source: str) -> None:
    if job := run(world, api, codes(source)):
        assert failed(world, api, job)["code"] in {
            "code_error",
            "limit_exceeded",
            "timeout",
            "output_invalid",
        }


@pytest.mark.parametrize(
    "items",
    [
        "'abc'",
        "1",
        "{'a': 1}",
        "inputs.nothing",
        "inputs.any",
        "[x for x in range(100_001)]",
        "range(10 ** 9)",
        "zip([1], 2)",
    ],
)
def test_a_loop_over_what_is_no_list_fails_before_its_first_item(
    world: World, api: ApiClient, items: str
) -> None:
    inputs = [
        {"key": key, "type": type_, "required": False}
        for key, type_ in (("nothing", "list"), ("any", "object"))
    ]
    loop = {"key": "l", "type": "for_each", "items": items, "steps": [evaluates("1 + 1")]}
    if job := run(world, api, loop, inputs=inputs):
        assert failed(world, api, job)["code"] in {
            "expression_error",
            "limit_exceeded",
            "wrong_type",
            "timeout",
        }
        assert StepRun.objects.filter(job=job).count() == 1


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


def upload(world: World, name: str, content: bytes) -> str:
    stored = uploads.store_upload(
        actor=world.actor, name=name, media_type="application/octet-stream", content=io.BytesIO(content)
    )
    return uploads.add_file(actor=world.actor, stored=stored).pk


FILES = {
    "no table at all": ("csv.read", b"\x00\x01\x02\xff" * 1000),
    "10,000 columns": ("csv.read", b",".join(b"c%d" % n for n in range(10_000)) + b"\n" + b"," * 9_999),
    "100,000 columns": ("csv.read", b"," * 100_000 + b"\n" + b"," * 100_000),
    "one line of 20 MB": ("csv.read", b"x" * (20 << 20)),
    "a quote that never ends": ("csv.read", b'a,b\n"' + b"x\n" * 200_000),
    "columns of the same name": ("csv.read", b"a,a,a\n1,2,3\n"),
    "formulas": ("csv.read", b"a\n=cmd|' /C calc'!A0\n+1\n-1\n@x\n"),
    "mixed encodings": ("csv.read", "é\n".encode() + b"\xe9\n"),
    "JSON that is deep": ("json.parse", b"[" * 100_000),
    "JSON that is no JSON": ("json.parse", b"{'a': 1}"),
    "JSON with NaN": ("json.parse", b"[NaN]"),
    "an empty file": ("json.parse", b""),
    "a workbook that is none": ("spreadsheet.read", b"PK\x03\x04" + b"\x00" * 1000),
    "a page as a workbook": ("spreadsheet.read", b"<html><script>alert(1)</script></html>"),
    "an empty workbook": ("spreadsheet.read", b""),
    "a picture with a program": ("spreadsheet.read", b"GIF89a/*" + b"x" * 100 + b"*/=1;alert(1)"),
}


@pytest.mark.parametrize("name", FILES)
def test_any_file_is_read_or_fails_the_step(world: World, api: ApiClient, name: str) -> None:
    type_, content = FILES[name]
    world.workflow(
        json.dumps(
            {
                "inputs": [{"key": "f", "type": "file"}],
                "steps": [
                    {"key": "s", "type": type_, "config": {"file": "{{ inputs.f }}"}, "timeout": "30s"}
                ],
            }
        )
    )
    job = world.start(f=upload(world, "x.csv", content))
    world.drain()
    job.refresh_from_db()
    if job.status == JobStatus.COMPLETED:
        assert api.get(f"/jobs/{job.pk}/steps/").status_code == 200
        return
    assert failed(world, api, job)["code"] in {"bad_response", "wrong_type", "limit_exceeded"}
