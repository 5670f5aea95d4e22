"""Jobs whose steps meet bad values: the step fails with an error that says what was wrong, the job ends, the API shows
it, and the next job runs.

One expression at a time is tried in tests/expressions/, code in tests/jobs/test_sandbox.py (ways out, bombs), tables and
workbooks in tests/integrations/test_csv.py and test_spreadsheet.py, requests in test_http_step.py beside this.
"""

import io
import json
from typing import Any

import pytest

from jobs import uploads
from jobs.models import StepRun
from jobs.states import JobStatus
from tests.bad_input.running import failed, run
from tests.bad_input.world import World
from tests.factories import ApiClient


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
