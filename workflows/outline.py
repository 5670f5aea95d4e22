"""The steps of a definition as lines under each other, as people read them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from workflows.definition.model import Definition, ParallelStep, Step, TryStep, WorkflowStep
from workflows.definition.places import Body, Role, bodies
from workflows.words import step_type_word

MOST_LINES = 300
"""Lines that an outline has at most; the source has the rest."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A step, or the heading of a list of steps inside a block (then `key` is empty). `calls`: a workflow's slug;
    `href`: where the step is written; `about`: what its author says of it.
    """

    depth: int
    text: str
    key: str = ""
    kind: str = ""
    href: str = ""
    condition: str = ""
    calls: str = ""
    about: str = ""
    tolerated: bool = False


def outline_of(definition: Definition, *, link: Callable[[Step], str]) -> list[Line]:
    """The lines, blocks before what is inside them; at most `MOST_LINES` and one more that says that some are missing."""
    found: list[Line] = []
    for line in _lines(definition.steps, 0, link):
        if len(found) == MOST_LINES:
            return [*found, Line(depth=0, text=_("… and more steps, which the source shows."))]
        found.append(line)
    return found


def _lines(steps: tuple[Step, ...], depth: int, link: Callable[[Step], str]) -> Iterator[Line]:
    for step in steps:
        yield _step(step, depth, link(step))
        for body in bodies(step):
            heading, condition = _heading(body)
            if not body.steps and not heading:
                continue
            if heading:
                yield Line(depth=depth + 1, text=heading, condition=condition)
            yield from _lines(body.steps, depth + 2 if heading else depth + 1, link)


def _step(step: Step, depth: int, href: str) -> Line:
    return Line(
        depth=depth,
        text=step.name or step.key,
        key=step.key,
        kind=step_type_word(step.type),
        href=href,
        condition=step.when.source if step.when else "",
        calls=step.workflow if isinstance(step, WorkflowStep) else "",
        about=step.description,
        tolerated=step.on_error == "continue",
    )


def _heading(body: Body) -> tuple[str, str]:
    """What stands above a list of steps in a block, and the condition under which it runs."""
    block = body.block
    if body.role in (Role.BRANCH, Role.LANE):
        branches = getattr(block, "branches", ())
        if body.number >= len(branches):
            return (_("Otherwise") if body.steps else ""), ""
        branch = branches[body.number]
        condition = branch.when.source if branch.when and not isinstance(block, ParallelStep) else ""
        return branch.name or branch.key, condition
    if body.role is Role.CATCH and isinstance(block, TryStep):
        errors = ", ".join(sorted(block.catch[body.number].errors))
        return (_("On %(codes)s") % {"codes": errors}) if errors else _("On any error"), ""
    if body.role is Role.FINALLY:
        return (_("In any case") if body.steps else ""), ""
    return "", ""
