"""The sandbox's own time, in a process of its own: `python -m benchmarks.sandbox_floor`.

Each line of standard input is a JSON list: `["fib", 40]`, `["spin", 10, ROUNDS]` or `["expression", 1000]`. It runs
so many evaluations one after the other, as the engine would, and prints the seconds that they took.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from benchmarks.scratch import ROOT, Scratch
from benchmarks.workloads import EXPRESSION, FIB, SPIN


class SandboxFloor:
    """Asks the process. The first answer of each kind is slow: warm it up."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def seconds(self, *words: Any) -> float:
        """How long the evaluations took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def sandbox_floor(place: Scratch) -> Iterator[SandboxFloor]:
    """The process, while it is needed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sandbox_floor"],
        cwd=ROOT,
        env=place.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield SandboxFloor(process)
    finally:
        process.kill()
        process.wait()


def _serve() -> None:
    import django  # noqa: PLC0415 - this module is imported without settings, too

    django.setup()
    from jobs.engine.sandbox import Sandbox  # noqa: PLC0415 - as above
    from workflows.expressions.program import compile_program  # noqa: PLC0415 - as above
    from workflows.expressions.scope import Scope  # noqa: PLC0415 - as above
    from workflows.expressions.syntax import parse_value  # noqa: PLC0415 - as above

    sandbox, now, value = Sandbox(), datetime.now(UTC), parse_value({"id": EXPRESSION})

    def code(source: str, inputs: dict[str, Any]) -> None:
        sandbox.run_code(source, inputs, seconds=60, now=now, seed="floor")

    def expression(number: int) -> None:
        program = compile_program({"value": value}, Scope({"row": {"id": number}}))
        program.results(
            sandbox.evaluate(program.source, program.inputs, seconds=2, now=now, seed=f"floor{number}")
        )

    for line in sys.stdin:
        kind, count, *rest = json.loads(line)
        start = time.perf_counter()
        for number in range(count):
            if kind == "fib":
                code(FIB, {"n": 10, "before": number})
            elif kind == "spin":
                code(SPIN, {"rounds": rest[0], "before": number})
            else:
                expression(number)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    _serve()
