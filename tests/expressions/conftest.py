"""A job in the middle of its work, and ways to evaluate text in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from common.errors import StepError
from jobs.engine.sandbox import Sandbox
from workflows.expressions.evaluate import compile_program, fill
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import parse_value

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Ran:
    """A step as the engine shows it to expressions."""

    key: str
    status: str = "completed"
    reason: str = ""
    output: object = None
    error: object = None

    def read(self, name: str) -> object:
        return getattr(self, name, None)


ROWS = [{"name": f"row {n}", "amount": n, "tags": ["a"]} for n in range(5)]
STEPS = {
    "rows": Ran("rows", output={"rows": ROWS, "items": [7], "text": "Hello", "empty": None}),
    "skipped": Ran("skipped", status="skipped", reason="when"),
    "elsewhere": Ran("elsewhere", status="skipped", reason="branch"),
    "broken": Ran("broken", status="failed", error={"code": "http_error"}),
    "later": Ran("later", status="pending"),
}


@pytest.fixture
def scope() -> Scope:
    values: dict[str, object] = {
        "inputs": {
            "limit": 500,
            "report": "r.csv",
            "due": date(2026, 1, 31),
            "at": time(9, 30),
            "seen": datetime(2026, 1, 31, 12, tzinfo=UTC),
            "wait": timedelta(minutes=90),
            "nothing": None,
            "agreed": True,
            "a.b[0]": "odd key",
            "ключ 🙂": "emoji",
        },
        "job": {"id": "job_1", "today": date(2026, 3, 1)},
    }
    return Scope(values, STEPS.get, step_keys=lambda: list(STEPS))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox()
    yield box
    box.close()


@pytest.fixture
def value_of(scope: Scope, sandbox: Sandbox) -> Callable[..., Any]:
    """The JSON of any value with templates in it, in place or in the sandbox."""

    def evaluate(raw: object, **names: object) -> Any:
        value = parse_value(raw)
        place = scope.child(**names) if names else scope
        if value.plain:
            return fill(value, place)
        program = compile_program({"it": value}, place)
        try:
            found = sandbox.evaluate(program.source, program.inputs, seconds=2.0, now=NOW, seed="s")
        except StepError as error:
            raise program.explain(error) from None
        return program.results(found)["it"]

    return evaluate


@pytest.fixture
def error_of(value_of: Callable[..., Any]) -> Callable[..., StepError]:
    """The error that evaluating gives."""

    def fail(raw: object, **names: object) -> StepError:
        with pytest.raises(StepError) as caught:
            value_of(raw, **names)
        return caught.value

    return fail
