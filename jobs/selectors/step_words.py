"""What a step has decided, and why it did not run, in sentences."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from jobs.selectors.step_found import FoundStep
from jobs.selectors.unreached import PENDING
from jobs.states import JobKind, JobStatus, StepStatus
from workflows.definition.model import (
    BranchStep,
    FinishStep,
    ForEachStep,
    ParallelStep,
    RepeatStep,
    Step,
    TryStep,
)


def why_not_run(found: FoundStep) -> str:
    """Why it was skipped or has not begun; empty for a step that ran."""
    previewing = found.outer.kind == JobKind.PREVIEW
    if found.status == PENDING:
        queued = found.job.status == JobStatus.QUEUED and found.job.started_at is None
        in_line = gettext("the preview is queued") if previewing else gettext("the job is queued")
        why = in_line if queued else gettext("what stands before it has not ended")
        return gettext("It has not begun: {}.").format(why)
    if found.status != StepStatus.SKIPPED:
        return ""
    ended = gettext("the preview ended before it was reached") if previewing else ""
    own = found.step.when is not None and found.run is not None
    why = {
        "branch": gettext("it stands in a branch that was not taken"),
        "when": gettext("its condition was not true")
        if own
        else gettext("a block around it was skipped, because its condition was not true"),
    }.get(found.reason, ended or gettext("the job ended before it was reached"))
    return gettext("It did not run: {}.").format(why)


def decisions(found: FoundStep, decision: Mapping[str, Any]) -> list[str]:
    """What steered the walk: the branch taken, the number of items, how a loop ended, what was caught."""
    if found.run is not None and found.run.type in ("item", "turn"):
        return list(_of_turn(decision))
    say = _SENTENCES.get(type(found.step))
    return list(say(found.step, decision)) if say else []


def _of_branch(step: BranchStep, decision: Mapping[str, Any]) -> Iterator[str]:
    if "taken" not in decision:
        return
    taken = decision["taken"]
    if taken is None:
        yield gettext("No branch was true, so none was taken.")
    elif taken == "else":
        yield gettext("No branch was true, so the other way was taken.")
    else:
        name = next((branch.name for branch in step.branches if branch.key == taken), "")
        yield gettext("The branch “{}” was taken.").format(name or taken)


def _of_parallel(step: ParallelStep, decision: Mapping[str, Any]) -> Iterator[str]:
    branches = decision.get("branches") or []
    if branches:
        yield ngettext("{} branch.", "{} branches side by side.", len(branches)).format(len(branches))
    if (winner := decision.get("winner")) is not None:
        name = next((branch.name for branch in step.branches if branch.key == winner), "")
        yield gettext("The branch “{}” ended first; the others were stopped.").format(name or winner)


def _of_loop(_step: ForEachStep, decision: Mapping[str, Any]) -> Iterator[str]:
    if "count" in decision:
        count = decision["count"]
        yield (
            ngettext("{} item.", "{} items.", count).format(count)
            if count
            else gettext("The list was empty, so nothing ran.")
        )


def _of_turn(decision: Mapping[str, Any]) -> Iterator[str]:
    if "until" in decision:
        yield (
            gettext("After this turn the loop's condition was true, so it ended.")
            if decision["until"]
            else gettext("After this turn the loop's condition was not yet true.")
        )


def _of_try(_step: TryStep, decision: Mapping[str, Any]) -> Iterator[str]:
    error = decision.get("error")
    if isinstance(error, dict):
        caught = decision.get("caught") is not None
        words = gettext("It caught {}: {}") if caught else gettext("Nothing caught {}: {}")
        yield words.format(error.get("code", ""), error.get("message", ""))
    phase = {
        "body": gettext("It was last in its own steps."),
        "catch": gettext("It was last in the steps for an error."),
        "finally": gettext("It was last in the steps that run in any case."),
    }.get(str(decision.get("phase", "")))
    if phase:
        yield phase


def _of_repeat(_step: RepeatStep, decision: Mapping[str, Any]) -> Iterator[str]:
    if turns := decision.get("turns"):
        yield ngettext("At most {} turn.", "At most {} turns.", turns).format(turns)


def _of_finish(_step: FinishStep, decision: Mapping[str, Any]) -> Iterator[str]:
    if "outputs" in decision:
        yield gettext("It ended the workflow here, as completed.")


_SENTENCES: Mapping[type[Step], Callable[..., Iterator[str]]] = {
    BranchStep: _of_branch,
    ParallelStep: _of_parallel,
    ForEachStep: _of_loop,
    RepeatStep: _of_repeat,
    TryStep: _of_try,
    FinishStep: _of_finish,
}
