"""The fields of a definition, in one place: the parser, the JSON Schema, the YAML order and the list of step types
come from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from common.canonical import Json


class Kind(StrEnum):
    """What a field holds."""

    LINE = "line"  # a text of one line, for people
    TEXT = "text"  # a text, for people
    SOURCE = "source"  # the text of a program; never templated
    KEY = "key"
    SLUG = "slug"
    TYPE = "type"  # a step's or an input's type
    EXPRESSION = "expression"  # braces may be left out
    VALUE = "value"  # any JSON; strings may hold {{ … }}
    TEXT_VALUE = "text_value"  # a text that may hold {{ … }}
    MAP_VALUE = "map_value"  # an object whose values may hold {{ … }}
    DURATION = "duration"
    DURATION_VALUE = "duration_value"  # a duration, or a text with {{ … }}
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    CHOICE = "choice"
    CONSTANT = "constant"  # any JSON, never templated
    CODES = "codes"  # a list of error codes
    STATUSES = "statuses"  # a list of HTTP statuses or classes: 409, 5xx
    RETRY = "retry"
    STEPS = "steps"
    BRANCHES = "branches"  # of a branch step
    LANES = "lanes"  # of a parallel step
    ELSE = "else"
    CATCHES = "catches"
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    COLUMNS = "columns"
    CHOICES = "choices"
    BOUND = "bound"  # a date, time or moment: a value, `today` or `today+30d`
    LINES = "lines"  # a list of texts of one line
    SCHEMA = "schema"  # a JSON Schema
    PATTERN = "pattern"  # a regular expression


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. `minimum` and `maximum` bound a number, a duration in seconds or the length of a text."""

    name: str
    kind: Kind
    help: str
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: Json = None
    attribute: str = ""
    """Its name in the value object, where that differs."""

    @property
    def target(self) -> str:
        """Its name in the value object."""
        return self.attribute or self.name


@dataclass(frozen=True, kw_only=True)
class StepType:
    """A step type of the definition itself (leaf actions have their own: see `integrations.registry`)."""

    type: str
    title: str
    description: str
    fields: tuple[Field, ...]
    block: bool = False
    one_of: tuple[str, ...] = ()
    """Exactly one of these fields must be there."""


def table(fields: Iterable[Field]) -> Mapping[str, Field]:
    """The fields by name, in the order in which people write them."""
    return {field.name: field for field in fields}


NAME = Field(name="name", kind=Kind.LINE, maximum=200, help="What people see.")
DESCRIPTION = Field(name="description", kind=Kind.TEXT, maximum=10_000, help="A note for people.")
STEPS = Field(name="steps", kind=Kind.STEPS, required=True, help="The steps inside, from top to bottom.")

HEAD = (
    Field(
        name="key",
        kind=Kind.KEY,
        required=True,
        help="Names the step in expressions; unique in the workflow.",
    ),
    NAME,
    DESCRIPTION,
    Field(name="type", kind=Kind.TYPE, required=True, help="What the step does."),
    Field(name="when", kind=Kind.EXPRESSION, help="The step is skipped unless this is true."),
)
ON_ERROR = Field(
    name="on_error",
    kind=Kind.CHOICE,
    choices=("fail", "continue"),
    default="fail",
    help="`continue`: the step stays failed, its output is null, and the job goes on.",
)
RETRY = Field(
    name="retry", kind=Kind.RETRY, help="How often and when it is tried again: a word or an object."
)
IDEMPOTENT = Field(
    name="idempotent", kind=Kind.BOOLEAN, help="May it run twice after a worker died in the middle of it?"
)


def timeout(maximum: int) -> Field:
    """The `timeout` of a step, of at most `maximum` seconds."""
    return Field(
        name="timeout",
        kind=Kind.DURATION,
        minimum=1,
        maximum=maximum,
        default="60s",
        help="Time for each attempt.",
    )


LEAF_FIELDS = (
    Field(name="config", kind=Kind.MAP_VALUE, help="What the action needs.", default={}),
    Field(name="connection", kind=Kind.SLUG, help="A connection of the workspace."),
    timeout(24 * 3600),
    RETRY,
    IDEMPOTENT,
)

RETRY_WORDS: Mapping[str, Mapping[str, Json]] = {
    "none": {"max_attempts": 1},
    "quick": {"max_attempts": 3, "delay": "2s", "backoff": "exponential"},
    "patient": {"max_attempts": 8, "delay": "5m", "backoff": "exponential", "max_delay": "6h"},
}
RETRY_FIELDS = table(
    (
        Field(
            name="max_attempts",
            kind=Kind.INTEGER,
            minimum=1,
            maximum=20,
            default=3,
            help="Counts the first attempt.",
        ),
        Field(
            name="delay",
            kind=Kind.DURATION,
            maximum=30 * 86400,
            default="1s",
            help="Before the second attempt.",
        ),
        Field(
            name="backoff",
            kind=Kind.CHOICE,
            choices=("fixed", "exponential"),
            default="fixed",
            help="Whether the wait doubles.",
        ),
        Field(
            name="max_delay", kind=Kind.DURATION, maximum=30 * 86400, default="1h", help="The longest wait."
        ),
        Field(name="errors", kind=Kind.CODES, help="Error codes that are worth another attempt."),
        Field(name="statuses", kind=Kind.STATUSES, help="HTTP statuses that are: 409, 5xx."),
    )
)
VALUE_OF_BRANCH = Field(
    name="value", kind=Kind.EXPRESSION, help="What the branch gives; it sees its own steps."
)
BRANCH_HEAD = (
    Field(name="key", kind=Kind.KEY, required=True, help="Names the branch; unique in its step."),
    NAME,
)
STEPS_OF_BRANCH = Field(name="steps", kind=Kind.STEPS, help="The steps of the branch.")
BRANCH_FIELDS = table(
    (
        *BRANCH_HEAD,
        Field(
            name="when",
            kind=Kind.EXPRESSION,
            required=True,
            help="The first branch where this is true is taken.",
        ),
        STEPS_OF_BRANCH,
        VALUE_OF_BRANCH,
    )
)
LANE_FIELDS = table((*BRANCH_HEAD, STEPS_OF_BRANCH, VALUE_OF_BRANCH))
ELSE_FIELDS = table((STEPS_OF_BRANCH, VALUE_OF_BRANCH))
CATCH_FIELDS = table(
    (Field(name="errors", kind=Kind.CODES, help="The codes that it catches; without it, every error."), STEPS)
)
OUTPUT_FIELDS = table(
    (
        Field(name="key", kind=Kind.KEY, required=True, help="Names the output; unique."),
        Field(name="label", kind=Kind.LINE, maximum=200, help="What people see."),
        Field(name="type", kind=Kind.TYPE, required=True, help="As the types of inputs."),
        Field(name="value", kind=Kind.EXPRESSION, required=True, help="An expression that gives it."),
        Field(
            name="required",
            kind=Kind.BOOLEAN,
            default=True,
            help="Whether null fails the job with `output_invalid`.",
        ),
    )
)
DEFINITION_FIELDS = table(
    (
        Field(name="format", kind=Kind.INTEGER, required=True, minimum=1, maximum=1, help="Always 1."),
        Field(
            name="name", kind=Kind.LINE, required=True, minimum=1, maximum=200, help="The workflow's name."
        ),
        DESCRIPTION,
        Field(
            name="priority",
            kind=Kind.CHOICE,
            choices=("normal", "low", "high"),
            default="normal",
            help="Its jobs' place in the line.",
        ),
        Field(
            name="timeout",
            kind=Kind.DURATION,
            minimum=1,
            maximum=366 * 86400,
            help="The time that a whole job has.",
        ),
        Field(name="inputs", kind=Kind.INPUTS, help="What a job is given."),
        Field(name="steps", kind=Kind.STEPS, required=True, help="What a job does, from top to bottom."),
        Field(name="outputs", kind=Kind.OUTPUTS, help="What a job gives."),
    )
)
EXPORT_FIELDS = ("slug", "requires")
"""Fields of an export file that are not part of the definition."""
