"""The step types that are not leaf actions."""

from collections.abc import Mapping

from workflows.definition.fields import (
    HEAD,
    IDEMPOTENT,
    ON_ERROR,
    RETRY,
    STEPS,
    Field,
    Kind,
    StepType,
    table,
    timeout,
)

CODE_MAX_SECONDS = 300

_INPUTS = Field(
    name="inputs", kind=Kind.MAP_VALUE, help="Names and what they are: constants or {{ … }}.", default={}
)
_COLLECT = Field(
    name="collect", kind=Kind.EXPRESSION, help="What one turn gives; without it, its last step's output."
)

_TYPES = (
    StepType(
        type="set",
        title="Set values",
        description="Names values for the steps after it. Its output is the object of them.",
        fields=(
            Field(
                name="values",
                kind=Kind.MAP_VALUE,
                required=True,
                help="Names and values: constants or {{ … }}.",
            ),
        ),
    ),
    StepType(
        type="code",
        title="Code",
        description="Runs a short Python program in the sandbox. Its output is the value of the last expression.",
        fields=(
            Field(name="source", kind=Kind.SOURCE, required=True, maximum=100_000, help="The program."),
            _INPUTS,
            timeout(CODE_MAX_SECONDS),
            RETRY,
            IDEMPOTENT,
        ),
    ),
    StepType(
        type="delay",
        title="Wait",
        description="Waits for a time, or until a moment. Holds no worker.",
        fields=(
            Field(name="duration", kind=Kind.DURATION_VALUE, help="How long: 90s, 15m, 2h, 3d."),
            Field(name="until", kind=Kind.TEXT_VALUE, help="A date or moment; one that is past: no wait."),
        ),
        one_of=("duration", "until"),
    ),
    StepType(
        type="branch",
        title="Branch",
        description="Takes the first branch whose `when` is true. Its output is {taken, value}.",
        fields=(
            Field(
                name="branches",
                kind=Kind.BRANCHES,
                required=True,
                help="In the order in which they are tried.",
            ),
            Field(name="else", attribute="otherwise", kind=Kind.ELSE, help="Taken when no branch is."),
        ),
        block=True,
    ),
    StepType(
        type="parallel",
        title="Parallel",
        description="Runs its branches at the same time. Its output has each branch's value under its key.",
        fields=(
            Field(name="branches", kind=Kind.LANES, required=True, help="What runs at the same time."),
            Field(
                name="wait_for",
                kind=Kind.CHOICE,
                choices=("all", "any"),
                default="all",
                help="`any`: the first to end wins, the others are cancelled.",
            ),
        ),
        block=True,
    ),
    StepType(
        type="for_each",
        title="For each",
        description="Runs its steps for each item of a list. Its output is the list of what the items gave.",
        fields=(
            Field(name="items", kind=Kind.EXPRESSION, required=True, help="A list of at most 100,000 items."),
            Field(
                name="as",
                attribute="item_name",
                kind=Kind.KEY,
                default="item",
                help="The item's name inside.",
            ),
            Field(
                name="concurrency",
                kind=Kind.INTEGER,
                minimum=1,
                maximum=100,
                default=1,
                help="How many items may run at the same time.",
            ),
            STEPS,
            _COLLECT,
            Field(
                name="on_item_error",
                kind=Kind.CHOICE,
                choices=("fail", "continue"),
                default="fail",
                help="`continue`: an item that failed gives null.",
            ),
            Field(
                name="max_failures",
                kind=Kind.INTEGER,
                minimum=0,
                maximum=100_000,
                help="Under `continue`: the block fails when more items than this failed.",
            ),
            Field(name="spread", kind=Kind.BOOLEAN, default=False, help="Share the items among workers."),
        ),
        block=True,
    ),
    StepType(
        type="repeat",
        title="Repeat",
        description="Runs its steps again and again until a condition is true. Its output is the list of turns.",
        fields=(
            STEPS,
            Field(name="until", kind=Kind.EXPRESSION, help="Ends when this is true after a turn."),
            Field(
                name="max_times",
                kind=Kind.INTEGER,
                required=True,
                minimum=1,
                maximum=1000,
                help="The most turns.",
            ),
            Field(name="delay", kind=Kind.DURATION_VALUE, help="The wait between turns."),
            _COLLECT,
            Field(
                name="on_exhausted",
                kind=Kind.CHOICE,
                choices=("fail", "continue"),
                default="fail",
                help="What happens when `until` was not true after the last turn.",
            ),
        ),
        block=True,
    ),
    StepType(
        type="try",
        title="Try",
        description="Runs its steps and catches their errors. Its output is {failed, error}.",
        fields=(
            STEPS,
            Field(name="catch", kind=Kind.CATCHES, help="What runs on an error; `error` is in scope."),
            Field(
                name="finally",
                attribute="finally_",
                kind=Kind.STEPS,
                help="Runs in any case, also on a cancel.",
            ),
        ),
        block=True,
    ),
    StepType(
        type="workflow",
        title="Run a workflow",
        description="Runs another workflow of the workspace as a sub-job. Its output is the sub-job's outputs.",
        fields=(
            Field(name="workflow", kind=Kind.SLUG, required=True, help="The slug of the workflow."),
            _INPUTS,
            RETRY,
        ),
    ),
    StepType(
        type="fail",
        title="Fail",
        description="Fails, like any step that fails.",
        fields=(
            Field(name="message", kind=Kind.TEXT_VALUE, required=True, help="What people read."),
            Field(name="reason", kind=Kind.TEXT_VALUE, help="A code of your own, for programs."),
            Field(name="details", kind=Kind.VALUE, help="Whatever helps to find out more."),
        ),
    ),
    StepType(
        type="finish",
        title="Finish",
        description="Ends this workflow as completed, now.",
        fields=(
            Field(
                name="outputs",
                kind=Kind.MAP_VALUE,
                help="The workflow's outputs; those left out are null.",
                default={},
            ),
        ),
    ),
)

STEP_TYPES: Mapping[str, StepType] = {step_type.type: step_type for step_type in _TYPES}


def fields_of(step_type: StepType) -> Mapping[str, Field]:
    """All fields of a step of that type, in the order in which people write them."""
    return table((*HEAD, *step_type.fields, ON_ERROR))


STEP_FIELDS: Mapping[str, Mapping[str, Field]] = {
    step_type.type: fields_of(step_type) for step_type in _TYPES
}
