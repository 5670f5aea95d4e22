"""The workflows that are measured, as definitions that the API takes."""

from typing import Any

Definition = dict[str, Any]

STEPS = 40
"""Steps of W1 and W1e."""
ITEMS = 1_000
"""Items of the loops of W5."""
LONG_STEPS = 10
"""Steps of W2."""
IO_SECONDS = 0.010
IO_CONCURRENCY = 32

FIB = """\
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

inputs["before"] + fib(inputs["n"])
"""

EXPRESSION = "{{ row.id * 2 }}"

SPIN = """\
total = 0
for number in range(inputs["rounds"]):
    total = (total * 31 + number) % 1000003
total
"""


def light_code() -> Definition:
    """W1: 40 `code` steps one after the other; each computes fib(10) and adds it to what the step before gave."""
    return _whole(
        "w1", [_code(n, FIB, {"n": 10, "before": _last(n, 0)}) for n in range(STEPS)], _output(STEPS - 1)
    )


def effects(method: str, *, slug: str) -> Definition:
    """W1e: 40 `http.request` steps one after the other; each sends what the one before was answered.

    The address is an input, so that one definition serves every run. PUT may run twice, POST may not.
    """
    steps = [
        {
            "key": f"s{n}",
            "type": "http.request",
            "config": {
                "method": method,
                "url": "{{ inputs.url }}",
                "headers": {"X-Run": "{{ inputs.run }}", "X-Step": str(n)},
                "json": {"n": n, "before": _last(n, 0, ".body.n")},
            },
        }
        for n in range(STEPS)
    ]
    inputs = [{"key": "url", "type": "text"}, {"key": "run", "type": "text"}]
    return _whole(slug, steps, _output(STEPS - 1, ".body.n"), inputs)


def long_code() -> Definition:
    """W2: 10 `code` steps one after the other, each of as much computing as the input `rounds` says."""
    steps = [
        _code(n, SPIN, {"rounds": "{{ inputs.rounds }}", "before": _last(n, 0)}) for n in range(LONG_STEPS)
    ]
    return _whole("w2", steps, _output(LONG_STEPS - 1), [{"key": "rounds", "type": "integer"}])


def one_step() -> Definition:
    """W3, W4, S4: one `set` step."""
    steps = [{"key": "s0", "type": "set", "values": {"n": "{{ inputs.n }}"}}]
    return _whole("one", steps, _output(0, ".n"), [{"key": "n", "type": "integer"}])


def one_call() -> Definition:
    """S4 with I/O: one step that calls a service which takes its time."""
    step = {"key": "s0", "type": "http.request", "config": {"method": "PUT", "url": "{{ inputs.url }}"}}
    return _whole("call", [step], [], [{"key": "url", "type": "text"}])


def waits() -> Definition:
    """S2: a job that goes on for hours, and meanwhile does nothing."""
    return _whole("waits", [{"key": "wait", "type": "delay", "duration": "6h"}], [])


def moves() -> Definition:
    """S2: a job that goes on for hours, and takes a step every five seconds."""
    step = {"key": "wait", "type": "delay", "duration": "5s"}
    loop = {"key": "loop", "type": "for_each", "items": "range(4000)", "as": "row", "steps": [step]}
    return _whole("moves", [loop], [])


def loop_plain() -> Definition:
    """W5: 1,000 items, each one `set` of plain references."""
    return _loop("w5", [{"key": "s", "type": "set", "values": {"id": "{{ row.id }}", "at": "{{ index }}"}}])


def loop_expression() -> Definition:
    """W5 with an expression: each item evaluates `row.id * 2`."""
    return _loop("w5x", [{"key": "s", "type": "set", "values": {"id": EXPRESSION}}])


def loop_io() -> Definition:
    """W5 with I/O: each item calls a service that answers after 10 ms; 32 at a time."""
    step = {"key": "s", "type": "http.request", "config": {"method": "PUT", "url": "{{ inputs.url }}"}}
    return _loop("w5io", [step], concurrency=IO_CONCURRENCY, inputs=[{"key": "url", "type": "text"}])


SEQUENCES = ("W1", "W1e", "W3")
LOOPS = ("W5", "W5x", "W5io")


def profiled(name: str, echo: str) -> tuple[Definition, dict[str, Any]]:
    """The definition of a workload and the inputs of a job of it."""
    if name == "W1":
        return light_code(), {}
    if name == "W3":
        return one_step(), {"n": 1}
    if name == "W1e":
        return effects("POST", slug="w1e"), {"url": f"{echo}/", "run": "profile"}
    loop = {"W5": loop_plain, "W5x": loop_expression, "W5io": loop_io}[name]()
    url = {"url": f"{echo}/wait/{IO_SECONDS * 1000:g}"} if name == "W5io" else {}
    return loop, {"items": items(), **url}


def items(count: int = ITEMS) -> list[dict[str, int]]:
    """The list that the loops walk."""
    return [{"id": number} for number in range(count)]


def _loop(
    slug: str, steps: list[Definition], concurrency: int = 1, inputs: list[Definition] | None = None
) -> Definition:
    loop = {
        "key": "loop",
        "type": "for_each",
        "items": "inputs.items",
        "as": "row",
        "concurrency": concurrency,
        "steps": steps,
        "collect": "index",
    }
    total = {"key": "total", "type": "integer", "value": "len(steps.loop.output)"}
    return _whole(slug, [loop], [total], [{"key": "items", "type": "list"}, *(inputs or [])])


def _code(n: int, source: str, inputs: Definition) -> Definition:
    return {"key": f"s{n}", "type": "code", "source": source, "inputs": inputs}


def _last(n: int, first: int, rest: str = "") -> Any:
    return f"{{{{ steps.s{n - 1}.output{rest} }}}}" if n else first


def _output(n: int, rest: str = "") -> list[Definition]:
    return [{"key": "result", "type": "number", "value": f"steps.s{n}.output{rest}"}]


def _whole(
    slug: str, steps: list[Definition], outputs: list[Definition], inputs: list[Definition] | None = None
) -> Definition:
    return {
        "format": 1,
        "name": slug,
        "inputs": inputs or [],
        "steps": steps,
        "outputs": outputs,
    }
