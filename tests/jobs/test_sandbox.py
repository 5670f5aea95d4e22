"""What hostile or careless code can do to the worker that runs it: nothing."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.canonical import dumps
from common.errors import StepError
from jobs.engine.sandbox import CodeResult, Sandbox
from workflows.expressions.evaluate import compile_program
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import ExpressionSyntaxError, parse_expression

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox()
    yield box
    box.close()


def run(sandbox: Sandbox, source: str, seconds: float = 2.0, **inputs: Any) -> CodeResult:
    return sandbox.run_code(source, inputs, seconds=seconds, now=NOW, seed="job:path:0")


def evaluate(sandbox: Sandbox, text: str, **names: object) -> Any:
    program = compile_program({"it": parse_expression(text)}, Scope(names))
    try:
        raw = sandbox.evaluate(program.source, program.inputs, seconds=2.0, now=NOW, seed="s")
    except StepError as error:
        raise program.explain(error) from None
    return program.results(raw)["it"]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 1", 2),
        ("", None),
        ("x = 1", None),
        ("a = 1; b = 2; a + b", 3),
        ("(1\n + 2)  # note", 3),
        ("'é'; ('a'\n 'ü')", "aü"),
        ("'''a\n  b'''", "a\n  b"),
        ("def f(row):\n    return row['n'] * 2\n\n[f(row) for row in inputs['rows']]", [2, 4]),
        ("date('2026-01-30') + days(3)", "2026-02-02"),
        ("money(3, 'EUR')", "EUR 3.00"),
        ("import json\njson.dumps({'a': 1})", '{"a": 1}'),
        ("json({'a': 1})", '{"a": 1}'),
        ("from datetime import datetime\ndatetime.now()", "2026-03-01T12:00:00"),
        ("import time\ntime.sleep(1000)\ntime.time()", NOW.timestamp()),
        ("10 ** 400", 10**400),
        ("(1, {2: 3})", [1, {"2": 3}]),
        ("from decimal import Decimal\nDecimal('1.5')", 1.5),
        ("import re\nre.match('^(a+)+$', 'a' * 5000 + 'b')", None),
    ],
)
def test_code_gives_the_value_of_its_last_expression(sandbox: Sandbox, source: str, value: object) -> None:
    assert run(sandbox, source, rows=[{"n": 1}, {"n": 2}]).value == value


def test_what_is_printed_is_the_log(sandbox: Sandbox) -> None:
    result = run(sandbox, "print('a', 1)\nprint('b')\n3")
    assert result == CodeResult(value=3, log="a 1\nb\n")


def test_a_long_log_is_cut_with_a_note(sandbox: Sandbox) -> None:
    result = run(sandbox, "for n in range(1000):\n    print('x' * 999)\n1")
    assert result.value == 1
    assert len(result.log) < 66_000
    assert result.log.endswith("… cut here: 1000000 characters were printed, 65536 are kept\n")


def test_the_same_seed_gives_the_same_chance(sandbox: Sandbox) -> None:
    source = "import random\n[random.random(), random.randint(1, 1000000)]"
    first = run(sandbox, source).value
    assert run(sandbox, source).value == first
    assert sandbox.run_code(source, {}, seconds=2, now=NOW, seed="other").value != first


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("x = 1\nraise ValueError('boom')", 2, "line 2: ValueError: boom"),
        ("def f():\n    return 1 / 0\n\n\nf()", 2, "line 2: ZeroDivisionError: division by zero"),
        ("money(3)\n\nmoney('x')", 3, "line 3: ValueError: decimal(): expected a number"),
        ("inputs['nope']", 1, "line 1: KeyError: nope"),
        ("x = 1\ny = (", 2, "line 2: this cannot be read"),
        ("  x", 1, "unexpected indent"),
        ("nope", 1, "name 'nope' is not defined"),
        ("class A(dict):\n    pass", 1, "does not yet support"),
        ("x = []\nx.append(x)\nx", None, "Circular reference"),
        ("{1, 2}", None, "it is a set"),
        ("lambda: 1", None, "it is a function"),
        ("class A:\n    pass\nA()", None, "expected JSON"),
        ("b'x'", None, "expected JSON"),
        ("float('inf')", None, "Infinity"),
        ("x = 1\nfor n in range(150):\n    x = [x]\nx", None, "more than 100 levels"),
        ("raise SystemExit(3)", None, ""),
        ("exit()", 1, "not defined"),
        ("'\x00'", None, "null bytes"),
        ("#" + "x" * 100_000, None, "at most 100000"),
        ("(" * 5000 + "1" + ")" * 5000, 1, "nested"),
        ("+".join(["1"] * 20_000), None, "nested"),
    ],
)
def test_an_error_of_code_names_the_line(sandbox: Sandbox, source: str, line: int | None, said: str) -> None:
    with pytest.raises(StepError) as caught:
        run(sandbox, source)
    assert caught.value.code == "code_error"
    assert said in caught.value.message
    assert caught.value.detail["line"] == line


@pytest.mark.parametrize(
    "source",
    [
        "open('/etc/passwd').read()",
        "import os\nos.environ",
        "import os\nos.system('id')",
        "import os\nos.listdir('/')",
        "import pathlib\npathlib.Path('/etc/passwd').read_text()",
        "import subprocess",
        "import socket",
        "import ctypes",
        "import importlib",
        "__import__('os')",
        "().__class__.__bases__",
        "(lambda: 1).__globals__",
        "inputs.__class__",
        "'{0.__class__.__mro__}'.format('')",
        "globals()",
        "__builtins__",
        "input()",
        "breakpoint()",
        "compile('1', '', 'eval')",
        "eval('open(\"/etc/passwd\")')",
        "exec('import socket')",
    ],
)
def test_there_is_no_way_out(sandbox: Sandbox, source: str) -> None:
    with pytest.raises(StepError) as caught:
        run(sandbox, source)
    assert caught.value.code == "code_error"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("while True:\n    pass", "timeout"),
        (
            "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
            "timeout",
        ),
        ("try:\n    while True:\n        pass\nexcept BaseException:\n    pass\n'escaped'", "timeout"),
        ("sum(range(10 ** 12))", "timeout"),
        ("x = 'a'\nwhile True:\n    x += x", "limit_exceeded"),
        ("def f():\n    return f()\nf()", "limit_exceeded"),
        ("10 ** 10 ** 9", "limit_exceeded"),
        ("'a' * (100 << 20)", "limit_exceeded"),
        ("[0] * 10 ** 9", "limit_exceeded"),
        ("'%1000000000d' % 1", "limit_exceeded"),
        ("'a'.center(2000000000)", "limit_exceeded"),
        ("x = 'a' * 10 ** 6\n[x] * 200", "limit_exceeded"),
        ("a = [1] * 10\nfor n in range(12):\n    a = [a] * 10\na", "limit_exceeded"),
        ("x = 1\nfor n in range(5000):\n    x = [x]\nx", "limit_exceeded"),
        ("while True:\n    print('x' * 10000)", "limit_exceeded"),
    ],
)
def test_time_memory_depth_and_print_are_bounded(sandbox: Sandbox, source: str, code: str) -> None:
    with pytest.raises(StepError) as caught:
        run(sandbox, source, seconds=0.5)
    assert caught.value.code == code or (code, caught.value.code) == ("limit_exceeded", "timeout")
    assert run(sandbox, "1").value == 1


def test_an_expression_has_the_same_bounds(sandbox: Sandbox) -> None:
    for text, code in (("10 ** 10 ** 9", "limit_exceeded"), ("'a' * (100 << 20)", "limit_exceeded")):
        with pytest.raises(StepError) as caught:
            evaluate(sandbox, text)
        assert caught.value.code == code
        assert caught.value.message.startswith(text)


def test_nothing_is_left_from_one_call_to_the_next(sandbox: Sandbox) -> None:
    run(sandbox, "kept = 1")
    with pytest.raises(StepError, match="'kept' is not defined"):
        run(sandbox, "kept")


def test_a_killed_child_is_an_error_of_its_call_only(sandbox: Sandbox) -> None:
    run(sandbox, "1")
    errors: list[StepError] = []

    def endless() -> None:
        try:
            run(sandbox, "while True:\n    pass", seconds=30)
        except StepError as error:
            errors.append(error)

    thread = threading.Thread(target=endless)
    thread.start()
    deadline = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < deadline:
        for child in children(busy=True):
            os.kill(child, signal.SIGKILL)
        thread.join(0.05)
    assert [error.code for error in errors] == ["interrupted"]
    assert errors[0].retryable
    assert run(sandbox, "1 + 1").value == 2


def test_a_child_killed_while_idle_is_not_noticed(sandbox: Sandbox) -> None:
    run(sandbox, "1")
    for child in children():
        os.kill(child, signal.SIGKILL)
    for _ in range(2):  # the pool finds out now, or when it uses the child
        with contextlib.suppress(StepError):
            run(sandbox, "1")
    assert run(sandbox, "2").value == 2


def test_a_cancelled_call_ends_at_once(sandbox: Sandbox) -> None:
    cancel = threading.Event()
    timer = threading.Timer(0.1, cancel.set)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(StepError) as caught:
        sandbox.run_code("while True:\n    pass", {}, seconds=60, now=NOW, seed="s", cancel=cancel)
    assert caught.value.code == "cancelled"
    assert time.monotonic() - begun < 20
    assert run(sandbox, "1").value == 1


def test_a_call_that_waits_for_a_child_can_be_cancelled() -> None:
    box = Sandbox(children=1)
    cancel = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(
            box.run_code, "while True:\n    pass", {}, seconds=60, now=NOW, seed="s", cancel=cancel
        )
        second = threads.submit(
            box.run_code, "while True:\n    pass", {}, seconds=60, now=NOW, seed="s", cancel=cancel
        )
        assert evaluate(box, "1 + 1") == 2  # expressions do not wait for code
        cancel.set()
        for call in (first, second):
            error = call.exception(timeout=20)
            assert isinstance(error, StepError)
            assert error.code == "cancelled"
    box.close()


def test_threads_share_the_children(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(
            threads.map(lambda n: run(sandbox, "inputs['n'] * 2", seconds=20, n=n).value, range(200))
        )
    assert found == [n * 2 for n in range(200)]


def test_a_closed_sandbox_starts_again() -> None:
    box = Sandbox()
    assert run(box, "1").value == 1
    box.close()
    box.close()
    assert run(box, "2").value == 2
    box.close()


def test_a_forked_process_refuses_instead_of_waiting_for_ever(sandbox: Sandbox) -> None:
    run(sandbox, "1")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            run(sandbox, "1")
        except RuntimeError as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    assert b"before this process was forked" in os.read(reading, 1000)
    os.close(reading)
    assert run(sandbox, "3").value == 3


@pytest.mark.parametrize(
    "value",
    ["\ud800", float("nan"), 10**5000, {"a": "\x00"}, "x" * (80 << 20)],
    ids=["surrogate", "nan", "5,000 digits", "nul", "80 MB"],
)
def test_odd_inputs_are_at_most_an_error_of_the_step(sandbox: Sandbox, value: object) -> None:
    with contextlib.suppress(StepError):
        assert run(sandbox, "len(str(type(inputs['x']))) > 0", x=value).value is True
    with contextlib.suppress(StepError):
        assert evaluate(sandbox, "[x][:0]", x=value) == []


WORDS = [
    *(
        "inputs",
        "inputs.a",
        "row",
        "row.x",
        "steps.s.output.y",
        "x",
        "len",
        "sum",
        "date",
        "regex",
        "json",
        "money",
        "first",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        "'",
        '"',
        "''",
        "f'{",
        "}'",
        "lambda",
        "for",
        "in",
        "if",
        "else",
        "not",
    ),
    *(
        "and",
        "or",
        "+",
        "-",
        "*",
        "**",
        "/",
        "//",
        "%",
        "<",
        "==",
        "=",
        "is",
        "1",
        "2.5",
        "10",
        "'a'",
        "null",
        "true",
        "_",
    ),
    *(
        "__class__",
        ".upper()",
        ".get('a')",
        ".items()",
        "[0]",
        "[-1]",
        "[::2]",
        "}}",
        "{{",
        "\n",
        "#",
        "\\",
        "é",
        "🙂",
        "\x00",
    ),
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=30))
def test_any_text_gives_json_or_a_told_error(sandbox: Sandbox, text: str) -> None:
    with contextlib.suppress(StepError, ExpressionSyntaxError):
        dumps(evaluate(sandbox, text, inputs={"a": [1, {"b": None}]}, row={"x": "t"}))


EXPRESSIONS = st.recursive(
    st.sampled_from(
        [
            "inputs.a",
            "row.x",
            "row",
            "1",
            "2.5",
            "'é'",
            "null",
            "true",
            "[]",
            "{}",
            "date('2026-01-31')",
            "decimal('1.5')",
        ]
    ),
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "==", "<", "and", "or", "in"]), inner
        ).map(lambda three: f"({three[0]} {three[1]} {three[2]})"),
        st.tuples(
            st.sampled_from(["len", "str", "sum", "sorted", "first", "json", "money", "list", "int", "days"]),
            inner,
        ).map(lambda two: f"{two[0]}({two[1]})"),
        st.tuples(
            inner, st.sampled_from([".x", "[0]", "['b']", ".upper()", ".get('b')", "[1:]", ".year"])
        ).map("".join),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]} for i in [{two[1]}]]"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} if {three[1]} else {three[2]})"),
        inner.map(lambda one: "f'{" + one.replace("'", '"') + "}'"),
        st.tuples(inner, inner).map(lambda two: f"{{'k': {two[0]}, 'l': ({two[1]},)}}"),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EXPRESSIONS)
def test_any_well_formed_expression_gives_json_or_a_told_error(sandbox: Sandbox, text: str) -> None:
    with contextlib.suppress(StepError, ExpressionSyntaxError):
        dumps(evaluate(sandbox, text, inputs={"a": [1, {"b": None}]}, row={"x": "t"}))


def children(*, busy: bool = False) -> list[int]:
    """The sandbox's child processes of this process; with `busy` those that have used the processor for a while."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            ours = fields[1] == str(os.getpid()) and "monty" in (folder / "cmdline").read_text()
            if ours and (not busy or int(fields[11]) > 10):
                found.append(int(folder.name))
    return found
