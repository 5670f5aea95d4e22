"""Checks names: those that hide others, and steps that nothing can reach."""

import keyword
from itertools import pairwise

from workflows.definition.model import Definition, FailStep, FinishStep, ForEachStep, Input, Step
from workflows.definition.places import Layout, bodies
from workflows.definition.problems import ProblemList
from workflows.definition.wording import quoted
from workflows.expressions.functions import FUNCTION_NAMES, METHOD_NAMES, ROOTS

_TAKEN = ROOTS | FUNCTION_NAMES | {"true", "false", "null"} | frozenset(word for word in keyword.kwlist)


def check_names(definition: Definition, places: Layout, problems: ProblemList) -> None:
    """Check the keys of inputs, columns and steps, the names of items, and what comes after an end."""
    for index, one in enumerate(definition.inputs):
        _check_input(one, f"inputs[{index}]", problems)
    for step in places.steps.values():
        _check_key(step.key, "steps", f"{step.where}.key", problems)
        if isinstance(step, ForEachStep) and step.item_name in _TAKEN:
            problems.error(
                "reserved_name",
                f"{step.where}.as",
                f"The name {quoted(step.item_name)} is taken by the expression language.",
                "Choose another name for the item.",
            )
    _check_reachable(definition.steps, problems)
    for step in places.steps.values():
        for body in bodies(step):
            _check_reachable(body.steps, problems)


def _check_input(one: Input, path: str, problems: ProblemList) -> None:
    _check_key(one.key, "inputs", f"{path}.key", problems)
    for index, column in enumerate(one.columns):
        _check_key(column.key, "row", f"{path}.columns[{index}].key", problems)


def _check_key(key: str, owner: str, path: str, problems: ProblemList) -> None:
    if keyword.iskeyword(key):
        problems.warning(
            "reserved_word",
            path,
            f"{owner}.{key} cannot be written, for {key} is a word of the expression language.",
            f"Write {owner}['{key}'], or choose another key.",
        )
    elif key in METHOD_NAMES:
        problems.warning(
            "shadows_method",
            path,
            f"{quoted(key)} is also the name of a method; {owner}.{key} reads the key.",
            "Choose another key if that could be mistaken.",
        )


def _check_reachable(steps: tuple[Step, ...], problems: ProblemList) -> None:
    for step, following in pairwise(steps):
        ends = isinstance(step, FinishStep) or (isinstance(step, FailStep) and step.on_error == "fail")
        if ends and step.when is None:
            problems.warning(
                "unreachable",
                following.where,
                f"The step *{following.name or following.key}* is never reached.",
                f"Give the step *{step.name or step.key}* before it a `when`, or take this one out.",
            )
