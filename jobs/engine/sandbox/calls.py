"""One call of the sandbox: a fresh session, its limits, its clock and seed, and what came of it."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from pydantic_monty import MontyError, OSPolicy, ResourceLimits

from common.canonical import Json
from common.errors import StepError
from jobs.engine.sandbox.children import Children
from jobs.engine.sandbox.code import prepare
from jobs.engine.sandbox.failures import DEPTH, MEMORY_BYTES, step_error
from jobs.engine.sandbox.watch import Watch
from workflows.expressions.convert import TAGGED, parse_result, to_json
from workflows.expressions.paths import SHOWN_KEYS

MAX_LOG_BYTES = 64 << 10
"""What is kept of what code prints."""

MAX_PRINTED_BYTES = 16 << 20
"""Code that prints more than this is stopped."""

_GRACE = 15.0
_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined$")


@dataclass(frozen=True, kw_only=True)
class CodeResult:
    """The value of the last expression, and what was printed."""

    value: Json
    log: str


class Sandbox:
    """The sandbox of a worker process. Threads may use it at once; a call waits while all children are busy.

    Nothing lives on from one call to the next: each has a session of its own, without files, network, environment or
    objects of this process, and with a clock that stands still. Expressions and code have children of their own, so
    that an expression never waits for a long `code` step.
    """

    def __init__(self, *, children: int = 2) -> None:
        self._expressions = Children(limit=children, request_seconds=_GRACE)
        self._code = Children(limit=children, request_seconds=settings.CODE_MAX_SECONDS + _GRACE)
        self._watch = Watch()

    def evaluate(
        self,
        program_source: str,
        inputs: dict[str, object],
        *,
        seconds: float,
        now: datetime,
        seed: str,
        cancel: threading.Event | None = None,
    ) -> object:
        """What the program of some expressions gives, for its `results`. Raises `StepError`: `expression_error`,
        `timeout`, `limit_exceeded`, `interrupted`, `cancelled`.
        """
        call = _Call(
            source=program_source,
            inputs=inputs,
            seconds=seconds,
            now=now,
            seed=seed,
            log=_Log(),
            cancel=cancel,
        )
        try:
            return self._run(self._expressions, call)
        except MontyError as error:
            raise step_error(error, code="expression_error", seconds=seconds) from None

    def run_code(
        self,
        source: str,
        inputs: dict[str, Json],
        *,
        seconds: float,
        now: datetime,
        seed: str,
        cancel: threading.Event | None = None,
    ) -> CodeResult:
        """Runs the source of a `code` step, which sees `inputs["name"]`. Raises `StepError`: `code_error` with the
        line and the names that there are, `timeout`, `limit_exceeded`, `interrupted`, `cancelled`.
        """
        log = _Log()
        with _telling_names(inputs):
            prepared = prepare(source)
            call = _Call(
                source=prepared.source,
                inputs={"inputs": inputs},
                seconds=seconds,
                now=now,
                seed=seed,
                log=log,
                cancel=cancel,
            )
            try:
                raw = self._run(self._code, call)
            except MontyError as error:
                if log.flooded:
                    raise StepError(
                        "limit_exceeded", f"This prints more than {MAX_PRINTED_BYTES >> 20} MB."
                    ) from None
                raise step_error(
                    error, code="code_error", seconds=seconds, written=prepared.written
                ) from None
            return CodeResult(value=_value(raw), log=log.text())

    def close(self) -> None:
        """Ends the child processes. The sandbox can be used again."""
        self._expressions.close()
        self._code.close()

    def _run(self, children: Children, call: "_Call") -> object:
        cancel = call.cancel
        try:
            with (
                children.slot(cancel) as pool,
                pool.checkout(limits=call.limits(), os_policy=call.policy()) as session,
                self._watch.over(session.worker_pid, cancel),
            ):
                return session.feed_run(call.source, inputs=call.inputs, print_callback=call.log.add)
        except MontyError:
            if cancel is not None and cancel.is_set():
                raise StepError("cancelled", "The job was cancelled.") from None
            raise


@dataclass(frozen=True, kw_only=True)
class _Call:
    source: str
    inputs: dict[str, object]
    seconds: float
    now: datetime
    seed: str
    log: "_Log"
    cancel: threading.Event | None

    def limits(self) -> ResourceLimits:
        """Every bound is set: one that is left out means no bound."""
        return {
            "max_feed_duration_secs": self.seconds,
            "max_memory": MEMORY_BYTES,
            "max_recursion_depth": DEPTH,
            "max_suspensions": 100,
            "max_total_sleep_secs": 1.0,
        }

    def policy(self) -> OSPolicy:
        """A run again gives the same: the clock stands, chance is seeded, sleep takes no time."""
        return {"datetime": self.now, "sleep": "zero", "random_start": {"seed": self.seed}}


class _Log:
    """What is printed, up to a bound."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._kept = self._printed = 0
        self.flooded = False

    def add(self, _stream: Literal["stdout", "stderr"], text: str) -> None:
        size = len(text)
        self._printed += size
        if self._kept < MAX_LOG_BYTES:
            part = text[: MAX_LOG_BYTES - self._kept]
            self._parts.append(part)
            self._kept += len(part)
        if self._printed > MAX_PRINTED_BYTES:
            self.flooded = True
            raise ValueError("too much is printed")

    def text(self) -> str:
        log = "".join(self._parts)
        if self._printed > self._kept:
            log += f"\n… cut here: {self._printed} characters were printed, {self._kept} are kept\n"
        return log


@contextmanager
def _telling_names(inputs: Mapping[str, Json]) -> Iterator[None]:
    """An error of code tells, besides the line, which inputs there are; and how one is read that was named like a variable."""
    try:
        yield
    except StepError as error:
        if error.code == "code_error":
            error.detail = {"line": error.detail["line"], "available": list(inputs)[:SHOWN_KEYS]}
            if (name := _UNDEFINED.search(error.message)) and name[1] in inputs:
                error.message += f". Write inputs[{name[1]!r}]: code reads its inputs so."
        raise


def _value(raw: object) -> Json:
    """The value of the last expression. Raises `StepError` (`code_error`) for what is not JSON."""
    try:
        value = parse_result(raw, shown="The value of the last expression")
        return to_json(value) if isinstance(raw, str) and raw.startswith(TAGGED) else value
    except StepError as error:
        raise StepError("code_error", error.message, detail={"line": None}) from None
