"""A parsed definition: frozen value objects, one class per kind of step.

`parse.py` makes them from JSON, `checks.py` says what is wrong with them, the engine walks them. A field that can
hold `{{ … }}` is a `Value`; a field that is an expression anyway is an `Expression`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from common.canonical import Json
from workflows.expressions.syntax import Expression, Value

OnError = Literal["fail", "continue"]


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How often and when a failed step is tried again. `errors` and `statuses` empty: transient errors only."""

    max_attempts: int = 3
    delay: float = 1.0
    backoff: Literal["fixed", "exponential"] = "fixed"
    max_delay: float = 3600.0
    errors: frozenset[str] = frozenset()
    statuses: tuple[str, ...] = ()
    """Status patterns: `409`, `5xx`."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What every step has. `where` is its path in the definition: `steps[2].branches[0].steps[1]`."""

    key: str
    type: str
    where: str
    name: str = ""
    description: str = ""
    when: Expression | None = None
    timeout: float | None = None
    retry: Retry | None = None
    """None: the default of the step's type."""
    on_error: OnError = "fail"
    idempotent: bool | None = None
    """None: the default of the step's type."""

    def bodies(self) -> "Iterator[tuple[Step, ...]]":
        """The lists of steps inside it."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class LeafStep(Step):
    """Runs the action that its type names."""

    config: Value
    connection: str = ""


@dataclass(frozen=True, kw_only=True)
class SetStep(Step):
    values: Value


@dataclass(frozen=True, kw_only=True)
class CodeStep(Step):
    source: str
    inputs: Value


@dataclass(frozen=True, kw_only=True)
class DelayStep(Step):
    """Exactly one of the two is set."""

    duration: Value | None = None
    until: Value | None = None


@dataclass(frozen=True, kw_only=True)
class FailStep(Step):
    message: Value
    reason: Value
    details: Value


@dataclass(frozen=True, kw_only=True)
class FinishStep(Step):
    outputs: Value


@dataclass(frozen=True, kw_only=True)
class WorkflowStep(Step):
    workflow: str
    inputs: Value


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A branch of `branch` (with `when`) or of `parallel`. The else of a `branch` has the key `else`."""

    key: str
    name: str = ""
    when: Expression | None = None
    steps: tuple[Step, ...] = ()
    value: Expression | None = None


@dataclass(frozen=True, kw_only=True)
class BranchStep(Step):
    branches: tuple[Branch, ...]
    otherwise: Branch | None = None

    def bodies(self) -> Iterator[tuple[Step, ...]]:
        yield from (branch.steps for branch in self.branches)
        if self.otherwise:
            yield self.otherwise.steps


@dataclass(frozen=True, kw_only=True)
class ParallelStep(Step):
    branches: tuple[Branch, ...]
    wait_for: Literal["all", "any"] = "all"

    def bodies(self) -> Iterator[tuple[Step, ...]]:
        yield from (branch.steps for branch in self.branches)


@dataclass(frozen=True, kw_only=True)
class ForEachStep(Step):
    items: Expression
    steps: tuple[Step, ...]
    item_name: str = "item"
    """`as` in the definition."""
    concurrency: int = 1
    collect: Expression | None = None
    on_item_error: OnError = "fail"
    max_failures: int | None = None
    spread: bool = False

    def bodies(self) -> Iterator[tuple[Step, ...]]:
        yield self.steps


@dataclass(frozen=True, kw_only=True)
class RepeatStep(Step):
    steps: tuple[Step, ...]
    max_times: int
    until: Expression | None = None
    delay: Value | None = None
    collect: Expression | None = None
    on_exhausted: OnError = "fail"

    def bodies(self) -> Iterator[tuple[Step, ...]]:
        yield self.steps


@dataclass(frozen=True, kw_only=True)
class Catch:
    """`errors` empty: every error."""

    errors: frozenset[str]
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class TryStep(Step):
    steps: tuple[Step, ...]
    catch: tuple[Catch, ...] = ()
    finally_: tuple[Step, ...] = ()

    def bodies(self) -> Iterator[tuple[Step, ...]]:
        yield self.steps
        yield from (catch.steps for catch in self.catch)
        yield self.finally_


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input, or one column of a table. `constraints` holds the fields of its type as given, and the `min_length` that
    every secret has.
    """

    key: str
    type: str
    label: str = ""
    help: str = ""
    section: str = ""
    required: bool = True
    default: Json = None
    show_when: Expression | None = None
    constraints: dict[str, Json] = field(default_factory=dict)
    columns: "tuple[Input, ...]" = ()
    """Of a table."""

    @property
    def secret(self) -> bool:
        """Whether its value is stored encrypted and never shown."""
        return self.constraints.get("secret") is True


@dataclass(frozen=True, kw_only=True)
class Output:
    key: str
    type: str
    value: Expression
    label: str = ""
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A whole workflow. `timeout` is the job's time limit in seconds."""

    format: int
    name: str
    description: str = ""
    inputs: tuple[Input, ...] = ()
    steps: tuple[Step, ...] = ()
    outputs: tuple[Output, ...] = ()
    timeout: float | None = None
    priority: str = "normal"

    def walk(self) -> Iterator[Step]:
        """Every step, blocks before what is inside them."""
        pending = [iter(self.steps)]
        while pending:
            for step in pending[-1]:
                yield step
                pending.append(inner for body in step.bodies() for inner in body)
                break
            else:
                pending.pop()
