"""What an earlier walk of `catch` and `finally` has left: a resume walks these steps anew, and may come to fewer."""

from collections.abc import Iterable, Iterator
from itertools import count

from jobs.engine.place import Place
from jobs.engine.rows import StepRow
from jobs.engine.run import JobRun
from jobs.states import StepStatus
from workflows.definition.model import ForEachStep, RepeatStep, Step, TryStep


def set_aside_unreached(run: JobRun, step: TryStep, place: Place) -> None:
    """Let what only an earlier walk came to be skipped in this one; what it did stays among the attempts."""
    if run.generation:
        for part in (*(catch.steps for catch in step.catch), step.finally_):
            for row in _rows(run, part, place.prefix):
                if row.generation < run.generation and row.ended and row.status is not StepStatus.SKIPPED:
                    run.next_attempt(row)
                    run.skip(row, "not_reached")


def _rows(run: JobRun, steps: Iterable[Step], prefix: str) -> Iterator[StepRow]:
    """The rows that `steps` have in one place, with those of everything inside."""
    for step in steps:
        path = prefix + step.key
        if path in run.rows:
            yield run.rows[path]
        inside = [step for body in step.bodies() for step in body]
        if not isinstance(step, ForEachStep | RepeatStep):
            yield from _rows(run, inside, prefix)
            continue
        for index in count():
            part = f"{path}[{index}]"
            if part not in run.rows:
                break
            yield run.rows[part]
            yield from _rows(run, inside, f"{part}.")
