"""What can be wrong with a definition, in words that people can act on."""

from dataclasses import dataclass, field
from typing import Literal

from common.canonical import Json

Level = Literal["error", "warning"]

MAX_PROBLEMS = 200
"""More are not collected: nobody reads them, and a hostile definition could make a million."""

CODES: dict[str, str] = {
    "wrong_type": "A field has a value of the wrong kind.",
    "unknown_field": "There is no such field here.",
    "missing_field": "A field that is needed is not there.",
    "invalid_value": "A field's value is outside what it allows.",
    "no_effect": "A field has no effect beside the others.",
    "unknown_error_code": "No error has such a code.",
    "invalid_key": "A key is not small letters, digits and underscores.",
    "duplicate_key": "A key is used twice.",
    "reserved_name": "A name is taken by the expression language.",
    "shadows_method": "A name is that of a method, which it hides in expressions.",
    "reserved_word": "A name is a word of the expression language, so that a dot cannot reach it.",
    "unknown_step_type": "There is no such step type.",
    "unknown_input_type": "There is no such type of input or output.",
    "expression_invalid": "An expression does not parse.",
    "expression_too_long": "An expression is longer than it may be.",
    "too_large": "The definition, or a number in it, is too large.",
    "too_many_steps": "The definition has too many steps.",
    "too_deep": "Blocks or values are nested too deep.",
    "not_json": "A value cannot be written as JSON text.",
    "not_yet_available": "The definition uses what this release does not have yet.",
    "unknown_name": "An expression uses a name that does not exist there.",
    "unknown_input": "An expression names an input that does not exist.",
    "unknown_step": "An expression names a step that does not exist.",
    "unknown_attribute": "An expression asks a step, the job or the workspace for what it does not have.",
    "not_run_before": "An expression refers to a step that cannot have run before.",
    "may_not_have_run": "An expression refers to a step that may not have run.",
    "may_be_skipped": "An expression goes into the output of a step that may be skipped.",
    "inside_loop": "An expression refers to a step inside a loop from outside it.",
    "unreachable": "A step can never be reached.",
    "invalid_config": "A step's config does not fit its action.",
    "workflow_missing": "The workflow that a step calls does not exist in this workspace.",
    "workflow_inactive": "The workflow that a step calls is not active.",
    "workflow_cycle": "The workflow would call itself.",
    "inputs_do_not_fit": "The inputs given to a called workflow do not fit it.",
    "unknown_output": "A finish step sets an output that the workflow does not declare.",
    "missing_output": "A finish step leaves out an output that is required.",
    "output_type": "An output can never have the type that it declares.",
    "secret_shown": "A secret would be shown.",
    "too_many_problems": "There are more problems than are listed.",
}
"""Every code, for the docs."""


@dataclass(frozen=True, kw_only=True)
class DefinitionProblem:
    """One thing wrong with a definition. `path` says where: `steps[2].config.url`; only errors stop an activation."""

    code: str
    path: str
    message: str
    fix: str
    level: Level = "error"

    def as_json(self) -> dict[str, Json]:
        """The form of the API."""
        return {
            "level": self.level,
            "code": self.code,
            "path": self.path,
            "message": self.message,
            "fix": self.fix,
        }


@dataclass
class ProblemList:
    """Collects problems, up to `MAX_PROBLEMS`."""

    found: list[DefinitionProblem] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether what is added from now on is not listed."""
        return len(self.found) > MAX_PROBLEMS

    def error(self, code: str, path: str, message: str, fix: str) -> None:
        """Add an error."""
        self.add(DefinitionProblem(code=code, path=path, message=message, fix=fix))

    def warning(self, code: str, path: str, message: str, fix: str) -> None:
        """Add a warning, which does not stop an activation."""
        self.add(DefinitionProblem(code=code, path=path, message=message, fix=fix, level="warning"))

    def add(self, problem: DefinitionProblem) -> None:
        """Add a problem; after the last one that fits, one that says that there are more."""
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(problem)
        elif len(self.found) == MAX_PROBLEMS:
            self.found.append(
                DefinitionProblem(
                    code="too_many_problems",
                    path="",
                    message=f"There are more than {MAX_PROBLEMS} problems; the others are not listed.",
                    fix="Solve some of these first.",
                )
            )


def has_errors(problems: "tuple[DefinitionProblem, ...] | list[DefinitionProblem]") -> bool:
    """Whether any of them stops an activation."""
    return any(problem.level == "error" for problem in problems)
