"""Checks what steps say about failures: delays that would be cut, codes that no error has, bounds without effect."""

from collections.abc import Iterable

from integrations.guidance import CODES
from workflows.definition.durations import duration_text
from workflows.definition.model import ForEachStep, Retry, Step, TryStep
from workflows.definition.problems import ProblemList
from workflows.definition.wording import quoted, suggest


def check_failures(step: Step, problems: ProblemList) -> None:
    """Check one step."""
    if step.retry is not None:
        _check_retry(step.retry, f"{step.where}.retry", problems)
    if isinstance(step, TryStep):
        for number, catch in enumerate(step.catch):
            _check_codes(catch.errors, f"{step.where}.catch[{number}].errors", problems)
    if isinstance(step, ForEachStep) and step.max_failures is not None and step.on_item_error == "fail":
        problems.warning(
            "no_effect",
            f"{step.where}.max_failures",
            "max_failures has no effect under `on_item_error: fail`: the block fails with the first item that does.",
            "Write `on_item_error: continue`, or take max_failures out.",
        )


def _check_retry(retry: Retry, path: str, problems: ProblemList) -> None:
    if retry.delay > retry.max_delay:
        delay, most = duration_text(retry.delay), duration_text(retry.max_delay)
        problems.error(
            "invalid_value",
            f"{path}.delay",
            f"The delay of {delay} is above max_delay, {most}, and would be cut to it.",
            f"Write `max_delay: {delay}` or more, or a shorter delay.",
        )
    _check_codes(retry.errors, f"{path}.errors", problems)


def _check_codes(codes: Iterable[str], path: str, problems: ProblemList) -> None:
    for code in sorted(set(codes) - CODES):
        problems.error(
            "unknown_error_code",
            path,
            f"No error has the code {quoted(code)}.",
            suggest(code, CODES, otherwise="A reason of your own is that of the code 'step_failed'."),
        )
