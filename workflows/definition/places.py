"""Where every expression of a definition stands, and what has run by then.

A place is the way down to it: for each list of steps on the way, which list and the position in it. The list of a
loop's or branch's `collect` or `value` is its own list, at its end: these see the steps before them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from workflows.definition import model
from workflows.expressions.syntax import Expression, Value


class Role(StrEnum):
    """What a list of steps is in its block."""

    TOP = "top"
    BRANCH = "branch"
    LANE = "lane"
    ITEM = "item"
    TURN = "turn"
    TRY = "try"
    CATCH = "catch"
    FINALLY = "finally"


@dataclass(frozen=True, kw_only=True, eq=False)
class Body:
    """A list of steps. `block` is the step that it is in; None at the top. `number` counts within its role."""

    role: Role
    steps: tuple[model.Step, ...]
    block: model.Step | None = None
    number: int = 0

    @property
    def where(self) -> tuple[str, Role, int]:
        """What tells one list from another."""
        return self.block.where if self.block else "", self.role, self.number


Place = tuple[tuple[Body, int], ...]


@dataclass(frozen=True, kw_only=True)
class Site:
    """An expression, where it is written, and the place that it sees things from."""

    expression: Expression
    path: str
    place: Place
    step: model.Step | None


@dataclass
class Layout:
    """All places of a definition. `places` has each step's own place by its key."""

    places: dict[str, Place] = field(default_factory=dict)
    steps: dict[str, model.Step] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)


class Has(IntEnum):
    """What is known about a step, seen from a place. The greater the worse."""

    RUN = 0
    """It has ended: completed, skipped by its own condition, or failed and tolerated."""
    PERHAPS_RUN = 1
    NOT_RUN = 2
    BEEN_INSIDE_A_LOOP = 3
    """It has run once for every item or turn, so that there is not one output."""


def layout(definition: model.Definition) -> Layout:
    """The places and expressions of a definition."""
    found = Layout()
    top = Body(role=Role.TOP, steps=definition.steps)
    _lay_out(top, (), found)
    end = ((top, len(definition.steps)),)
    for index, output in enumerate(definition.outputs):
        found.sites.append(
            Site(expression=output.value, path=f"outputs[{index}].value", place=end, step=None)
        )
    return found


def _lay_out(body: Body, outer: Place, found: Layout) -> None:
    for index, step in enumerate(body.steps):
        place = (*outer, (body, index))
        found.places.setdefault(step.key, place)
        found.steps.setdefault(step.key, step)
        found.sites.extend(_sites(step, place))
        for inner in bodies(step):
            _lay_out(inner, place, found)


def bodies(step: model.Step) -> Iterator[Body]:
    """The lists of steps inside a step, with what they are."""
    if isinstance(step, model.BranchStep):
        branches = (*step.branches, *((step.otherwise,) if step.otherwise else ()))
        for number, branch in enumerate(branches):
            yield Body(role=Role.BRANCH, steps=branch.steps, block=step, number=number)
    elif isinstance(step, model.ParallelStep):
        for number, branch in enumerate(step.branches):
            yield Body(role=Role.LANE, steps=branch.steps, block=step, number=number)
    elif isinstance(step, model.ForEachStep | model.RepeatStep):
        role = Role.ITEM if isinstance(step, model.ForEachStep) else Role.TURN
        yield Body(role=role, steps=step.steps, block=step)
    elif isinstance(step, model.TryStep):
        yield Body(role=Role.TRY, steps=step.steps, block=step)
        for number, catch in enumerate(step.catch):
            yield Body(role=Role.CATCH, steps=catch.steps, block=step, number=number)
        yield Body(role=Role.FINALLY, steps=step.finally_, block=step)


def _sites(step: model.Step, place: Place) -> Iterator[Site]:
    for name, expression in _own_expressions(step):
        yield Site(expression=expression, path=f"{step.where}.{name}", place=place, step=step)
    for name, value in values_of(step):
        for inner, expression in zip(value.paths, value.expressions, strict=True):
            joined = f"{name}{inner if inner.startswith('[') else f'.{inner}' if inner else ''}"
            yield Site(expression=expression, path=f"{step.where}.{joined}", place=place, step=step)
    for name, expression, body in inner_expressions(step):
        inside = (*place, (body, len(body.steps)))
        yield Site(expression=expression, path=f"{step.where}.{name}", place=inside, step=step)


def _own_expressions(step: model.Step) -> Iterator[tuple[str, Expression]]:
    """Those that are evaluated before anything inside the step runs. A branch's `when` is one of them."""
    if step.when is not None:
        yield "when", step.when
    if isinstance(step, model.ForEachStep):
        yield "items", step.items
    if isinstance(step, model.BranchStep):
        for number, branch in enumerate(step.branches):
            if branch.when is not None:
                yield f"branches[{number}].when", branch.when


def values_of(step: model.Step) -> Iterator[tuple[str, Value]]:
    """The fields of a step that may hold templates."""
    for name in (
        "config",
        "values",
        "inputs",
        "duration",
        "until",
        "message",
        "reason",
        "details",
        "outputs",
        "delay",
    ):
        value = getattr(step, name, None)
        if isinstance(value, Value) and not value.constant:
            yield name, value


def inner_expressions(step: model.Step) -> Iterator[tuple[str, Expression, Body]]:
    """Those that see the steps inside: `collect`, `until`, and the values of branches."""
    inside = list(bodies(step))
    if isinstance(step, model.BranchStep | model.ParallelStep):
        for number, branch in enumerate(step.branches):
            if branch.value is not None:
                yield f"branches[{number}].value", branch.value, inside[number]
        if isinstance(step, model.BranchStep) and step.otherwise and step.otherwise.value is not None:
            yield "else.value", step.otherwise.value, inside[-1]
    if isinstance(step, model.ForEachStep | model.RepeatStep) and step.collect is not None:
        yield "collect", step.collect, inside[0]
    if isinstance(step, model.RepeatStep) and step.until is not None:
        yield "until", step.until, inside[0]


def has_run(seen_from: Place, target: Place) -> Has:
    """What is known about the step at `target`, seen from another place."""
    for level, ((here, position), (there, other)) in enumerate(zip(seen_from, target, strict=False)):
        if here is not there and here.where != there.where:
            return max(_between(here, there), _inside(target, level))
        if position > other:
            return max(_ended(there.steps[other], alone=level + 1 == len(target)), _inside(target, level + 1))
        if position < other:
            return Has.NOT_RUN
    return Has.NOT_RUN


def _between(here: Body, there: Body) -> Has:
    """Two lists of the same block: only those of a `try` follow each other."""
    order = (Role.TRY, Role.CATCH, Role.FINALLY)
    if here.role in order and there.role in order and order.index(there.role) < order.index(here.role):
        return Has.PERHAPS_RUN
    return Has.NOT_RUN


def _inside(target: Place, level: int) -> Has:
    """What the blocks from `level` down to the target make of it, once the outermost has ended."""
    worst = Has.RUN
    for number, (body, index) in enumerate(target[level:], start=level):
        worst = max(worst, _of_role(body))
        if number + 1 < len(target):
            worst = max(worst, _ended(body.steps[index], alone=False))
    return worst


def _of_role(body: Body) -> Has:
    block = body.block
    if body.role in (Role.ITEM, Role.TURN):
        return Has.BEEN_INSIDE_A_LOOP
    if body.role in (Role.BRANCH, Role.CATCH):
        return Has.PERHAPS_RUN
    if body.role == Role.LANE and isinstance(block, model.ParallelStep) and block.wait_for == "any":
        return Has.PERHAPS_RUN
    if body.role == Role.TRY and isinstance(block, model.TryStep) and block.catch:
        return Has.PERHAPS_RUN
    return Has.RUN


def _ended(step: model.Step, *, alone: bool) -> Has:
    """A step that has ended; when it is not the target itself, what is inside it may have been skipped with it."""
    if not alone and (step.when is not None or step.on_error == "continue"):
        return Has.PERHAPS_RUN
    return Has.RUN
