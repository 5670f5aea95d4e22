"""Short ways to call a sandbox."""

from datetime import UTC, datetime
from typing import Any

from common.errors import StepError
from jobs.engine.sandbox import CodeResult, Sandbox
from workflows.expressions.evaluate import compile_program
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import parse_expression

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(sandbox: Sandbox, source: str, seconds: float = 2.0, **inputs: Any) -> CodeResult:
    return sandbox.run_code(source, inputs, seconds=seconds, now=NOW, seed="job:path:0")


def evaluate(sandbox: Sandbox, text: str, **names: object) -> Any:
    program = compile_program({"it": parse_expression(text)}, Scope(names))
    try:
        raw = sandbox.evaluate(program.source, program.inputs, seconds=2.0, now=NOW, seed="s")
    except StepError as error:
        raise program.explain(error) from None
    return program.results(raw)["it"]
