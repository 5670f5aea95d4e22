"""`for_each`: the steps once for each item, in order or side by side."""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any

from common.canonical import Json
from common.errors import StepError
from jobs.engine.frames import AnyOf, Breathe, Frame, Request, StepFailed, Unwind, Walk
from jobs.engine.interpreter.steps import begin_again, evaluate, show, stays, walk_sequence, walks
from jobs.engine.place import Place
from jobs.engine.rows import UNREAD, StepRow
from jobs.engine.run import JobRun
from jobs.engine.scope import last_output, place_scope
from jobs.states import PayloadKind, StepStatus
from workflows.definition.model import ForEachStep, RepeatStep

MAX_ITEMS = 100_000
LISTED_ERRORS = 1_000
"""So many failed items are listed one by one in `steps.KEY.errors`; `failed` counts them all."""


@dataclass(kw_only=True)
class Loop:
    """A `for_each` under way. `values` has a place per item; UNREAD: completed by an earlier owner."""

    step: ForEachStep
    place: Place
    row: StepRow
    items: list[Json]
    values: list[Any]
    failures: dict[int, dict[str, Json]] = field(default_factory=dict)

    @property
    def gives_up(self) -> bool:
        """Whether too many items have failed to begin another."""
        most = self.step.max_failures
        return self.step.on_item_error == "continue" and most is not None and len(self.failures) > most


@walks(ForEachStep)
def walk_for_each(run: JobRun, step: ForEachStep, place: Place, row: StepRow) -> Walk:
    """The steps once for each item, up to `concurrency` at a time; the list of what was collected."""
    items = yield from _items(run, step, place, row)
    loop = Loop(step=step, place=place, row=row, items=items, values=[None] * len(items))
    if step.concurrency == 1:
        yield from _one_by_one(run, loop)
    else:
        yield from _side_by_side(run, loop)
    if place.frame.unwinding and place.frame.must_stop:
        raise place.frame.unwinding
    if loop.failures:
        _count_failures(loop)
    _read_values(run, loop)
    run.complete(row, loop.values)


def _items(run: JobRun, step: ForEachStep, place: Place, row: StepRow) -> Generator[Request, Any, list[Json]]:
    """The list, evaluated once and stored before anything inside the block."""
    if "count" in row.decision:
        return list(run.kept(row.path, PayloadKind.ITEMS) or [])
    items = yield from evaluate(run, step.items, place, row)
    if isinstance(items, dict):
        items = [{"key": key, "value": value} for key, value in items.items()]
    if not isinstance(items, list):
        raise StepError(
            "wrong_type",
            f"`items` must be a list, got {_kind(items)}.",
            detail={"expression": step.items.source},
        )
    if len(items) > MAX_ITEMS:
        raise StepError("limit_exceeded", f"A loop takes at most {MAX_ITEMS:,} items, got {len(items):,}.")
    stored, kept = run.keep(row, PayloadKind.ITEMS, items)
    run.decide(row, stored, count=len(items))
    if place.counts:
        run.total += len(items)
    return list(kept)


def _one_by_one(run: JobRun, loop: Loop) -> Walk:
    for index in range(len(loop.items)):
        if loop.gives_up:
            return
        yield from _walk_item(run, loop, index, loop.place.frame)
        if run.recorder.wants_commit:
            yield Breathe()


def _side_by_side(run: JobRun, loop: Loop) -> Walk:
    active: list[Frame] = []
    for index in range(len(loop.items)):
        if loop.gives_up or (loop.place.frame.must_stop and not _begun(run, loop, index)):
            break
        active.append(_spawn_item(run, loop, index))
        active = _unfinished(active)
        while len(active) >= loop.step.concurrency:
            yield AnyOf(active)
            active = _unfinished(active)
        if run.recorder.wants_commit:
            yield Breathe()
            active = _unfinished(active)
    while active:
        yield AnyOf(active)
        active = _unfinished(active)


def _spawn_item(run: JobRun, loop: Loop, index: int) -> Frame:
    return run.driver.spawn(loop.place.frame, lambda frame: _walk_item(run, loop, index, frame))


def _unfinished(frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if not frame.done]


def _begun(run: JobRun, loop: Loop, index: int) -> bool:
    return f"{loop.row.path}[{index}]" in run.rows


def _walk_item(run: JobRun, loop: Loop, index: int, frame: Frame) -> Walk:
    """One item. Its failure is noted in the loop, never raised."""
    step, path = loop.step, f"{loop.row.path}[{index}]"
    row = run.rows.get(path)
    place = replace(loop.place, frame=frame)
    counted = row is not None and row.status is StepStatus.COMPLETED
    if row is not None and row.ended:
        try:
            kept = stays(run, row, place, tolerated=False)
        except StepFailed as failure:
            loop.failures[index] = failure.error
            return
        if kept:
            loop.values[index] = row.value if row.status is StepStatus.COMPLETED else None
            return
        begin_again(run, row, place)
    elif row is None and frame.unwinding and frame.must_stop:
        raise frame.unwinding
    row = row or run.new_row(path, step.key, "item")
    scope = place_scope(
        run,
        place.scope,
        (*place.prefixes, path + "."),
        {step.item_name: loop.items[index], "index": index},
    )
    inner = replace(place, scope=scope, prefixes=(*place.prefixes, path + "."), counts=False)
    try:
        loop.values[index] = yield from walk_turn(run, row, inner, step)
    except (StepFailed, StepError) as failure:
        error = failure.error if isinstance(failure, StepFailed) else run.error_of(failure, row)
        loop.failures[index] = {**error, "detail": _with_index(error.get("detail"), index)}
        run.fail(row, loop.failures[index])
    except Unwind as unwind:
        run.halt(row, unwind.cause)
        raise
    finally:
        forget_inner_rows(run, row)
    if place.counts and not counted:
        run.done += 1


def walk_turn(
    run: JobRun, row: StepRow, inner: Place, step: ForEachStep | RepeatStep
) -> Generator[Request, Any, Json]:
    """The steps of one item or turn, and what it collects."""
    if run.careful and not row.stored:
        yield from show(run, row)
    elif not row.stored:
        run.recorder.touch(row)
    yield from walk_sequence(run, step.steps, inner)
    if step.collect is not None:
        value = yield from evaluate(run, step.collect, inner, row)
    else:
        value = last_output(run, step.steps, inner.prefix)
    if isinstance(step, ForEachStep):
        run.complete(row, value)
    return row.value if row.value is not UNREAD else value


def forget_inner_rows(run: JobRun, row: StepRow) -> None:
    """Let go of the rows inside an item that has ended; the database has them, or will with the next commit."""
    if row.ended:
        for path in run.inner_paths.pop(row.path + ".", ()):
            run.rows.pop(path, None)


def _with_index(detail: Json, index: int) -> dict[str, Json]:
    return {**detail, "index": index} if isinstance(detail, dict) else {"index": index}


def _count_failures(loop: Loop) -> None:
    """Note which items failed; fail the block where that is not tolerated."""
    failures = sorted(loop.failures.items())
    loop.row.decision = {
        **loop.row.decision,
        "failed": len(failures),
        "errors": [
            {"index": index, "code": error["code"], "message": error["message"]}
            for index, error in failures[:LISTED_ERRORS]
        ],
    }
    if loop.step.on_item_error == "fail" or loop.gives_up:
        raise StepFailed(failures[0][1])
    for index, _ in failures:
        loop.values[index] = None


def _read_values(run: JobRun, loop: Loop) -> None:
    """Fetch what earlier owners collected."""
    missing = {
        f"{loop.row.path}[{index}]": index for index, value in enumerate(loop.values) if value is UNREAD
    }
    for path, value in run.kept_many(missing, PayloadKind.OUTPUT):
        loop.values[missing[path]] = value
    for index in missing.values():
        if loop.values[index] is UNREAD:
            loop.values[index] = None


def _kind(value: Json) -> str:
    names = {
        type(None): "null",
        bool: "true or false",
        str: "a text",
        dict: "an object",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), type(value).__name__)
