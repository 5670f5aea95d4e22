"""Follows secrets through a definition: where one would reach an output, a title, a file name or a message, it would
be shown. A tainted place is a path such as `inputs.password` or `steps.login.output.token`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from workflows.definition import model
from workflows.definition.check_calls import CalledWorkflow
from workflows.definition.problems import ProblemList
from workflows.expressions.syntax import Expression, Reference, Value

Path = tuple[str | int, ...]

PASSES_ON = frozenset({"text.render", "json.parse", "csv.write", "spreadsheet.write"})
"""Actions whose output holds what their config holds; what a service answers is searched for secrets when it comes."""
_FIX = "Leave the secret out here; use it only where it is needed, such as in the headers of a request."
_ROUNDS = 10
"""A repeat may hand a secret from one turn to the next; what is new after so many rounds is searched for at run time."""


@dataclass
class _Taint:
    """The tainted places so far, and the problems."""

    resolve: Callable[[str], CalledWorkflow | None]
    places: set[Path]
    shown: dict[str, str] = field(default_factory=dict)
    """The path and message of each place where a secret would be shown."""

    def has(self, expression: Expression | None) -> bool:
        """Whether an expression reads a tainted place, something in it or something around it."""
        return expression is not None and any(self._reads(reference) for reference in expression.references)

    def has_value(self, value: Value | None) -> bool:
        return value is not None and any(self.has(expression) for expression in value.expressions)

    def _reads(self, reference: Reference) -> bool:
        path: Path = (
            reference.root,
            *(str(part) if isinstance(part, str) else part for part in reference.parts),
        )
        return any(path[: len(place)] == place or place[: len(path)] == path for place in self.places)

    def members(self, value: Value) -> Iterable[str]:
        """The names of an object's members that are tainted."""
        for path, expression in zip(value.paths, value.expressions, strict=True):
            if self.has(expression):
                yield next(
                    name for name in value.raw if path == name or path.startswith((f"{name}.", f"{name}["))
                )

    def show(self, path: str, what: str) -> None:
        self.shown.setdefault(path, f"A secret would be shown in {what}.")


def check_secrets(
    definition: model.Definition, resolve: Callable[[str], CalledWorkflow | None], problems: ProblemList
) -> None:
    """Tell every place where a secret input would be shown."""
    secrets: set[Path] = {("inputs", one.key) for one in definition.inputs if one.secret}
    if not secrets:
        return
    taint = _Taint(resolve=resolve, places=secrets)
    for _ in range(_ROUNDS):
        before = len(taint.places)
        for step in definition.walk():
            _follow(step, taint)
        if len(taint.places) == before:
            break
    for index, output in enumerate(definition.outputs):
        if taint.has(output.value):
            taint.show(f"outputs[{index}].value", f"the output '{output.key}'")
    for path, message in taint.shown.items():
        problems.error("secret_shown", path, message, _FIX)


def _follow(step: model.Step, taint: _Taint) -> None:
    output: Path = ("steps", step.key, "output")
    if isinstance(step, model.SetStep):
        taint.places |= {(*output, name) for name in taint.members(step.values)}
    elif isinstance(step, model.CodeStep):
        if taint.has_value(step.inputs):
            taint.places.add(output)
    elif isinstance(step, model.LeafStep):
        _follow_leaf(step, output, taint)
    elif isinstance(step, model.WorkflowStep):
        _follow_call(step, taint)
    elif isinstance(step, model.FailStep):
        for name, value in (("message", step.message), ("reason", step.reason), ("details", step.details)):
            if taint.has_value(value):
                taint.show(f"{step.where}.{name}", "the error of a step")
    elif isinstance(step, model.FinishStep):
        for name in taint.members(step.outputs):
            taint.show(f"{step.where}.outputs.{name}", f"the output '{name}'")
    else:
        _follow_block(step, output, taint)


def _follow_leaf(step: model.LeafStep, output: Path, taint: _Taint) -> None:
    tainted = set(taint.members(step.config))
    if "filename" in tainted:
        taint.show(f"{step.where}.config.filename", "the name of a file")
    if tainted and step.type in PASSES_ON:
        taint.places.add(output)


def _follow_call(step: model.WorkflowStep, taint: _Taint) -> None:
    called = taint.resolve(step.workflow)
    secret = {one.key for one in called.inputs if one.secret} if called else set()
    for name in taint.members(step.inputs):
        if called is not None and name not in secret:
            taint.show(
                f"{step.where}.inputs.{name}", f"the input '{name}' of the sub-job, which is not secret"
            )


def _follow_block(step: model.Step, output: Path, taint: _Taint) -> None:
    if isinstance(step, model.BranchStep | model.ParallelStep):
        for branch in step.branches:
            if _gives(branch.value, branch.steps, taint, always=isinstance(step, model.ParallelStep)):
                taint.places.add((*output, branch.key if isinstance(step, model.ParallelStep) else "value"))
        if isinstance(step, model.BranchStep) and step.otherwise and taint.has(step.otherwise.value):
            taint.places.add((*output, "value"))
    elif isinstance(step, model.ForEachStep):
        if taint.has(step.items):
            taint.places.add((step.item_name,))
        if _gives(step.collect, step.steps, taint, always=True):
            taint.places.add(output)
    elif isinstance(step, model.RepeatStep) and _gives(step.collect, step.steps, taint, always=True):
        taint.places |= {output, ("last",)}


def _gives(value: Expression | None, steps: tuple[model.Step, ...], taint: _Taint, *, always: bool) -> bool:
    """Whether the value of a list of steps is tainted; without one it is its last step's output, where `always`."""
    if value is not None:
        return taint.has(value)
    last: Path = ("steps", steps[-1].key, "output") if steps else ()
    return always and bool(steps) and any(place[: len(last)] == last for place in taint.places)
