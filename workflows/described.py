"""A workflow as its page shows it: what it takes, does and gives, whom it calls and who calls it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from common.canonical import Json, loads
from workflows.calls import slugs_called
from workflows.checking import Checked, check_draft
from workflows.definition.input_words import constraint_words
from workflows.definition.model import Definition, Input, Output, Step
from workflows.definition.yaml_lines import lines_of
from workflows.graph import Graph, lay_out
from workflows.models import Workflow, WorkflowVersion
from workflows.outline import Line, outline_of
from workflows.reading import parsed_text
from workflows.selectors import Caller, callers_of, frozen_of
from workflows.sources import PlacedProblem, problems_in, source_of
from workflows.words import VALUE_TYPES

_PROBLEMS_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class ValueRow:
    """An input or an output."""

    key: str
    label: str
    help: str
    type: str
    required: bool
    constraints: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Called:
    """A workflow that is called: the version that is pinned (None: by a draft) and the one that is active there (None:
    none is). `name` is empty where the workspace has no such workflow.
    """

    slug: str
    name: str
    pinned: int | None
    active: int | None

    @property
    def newer(self) -> bool:
        """Whether a newer version than the pinned one is active."""
        return self.pinned is not None and self.active is not None and self.active > self.pinned


@dataclass(frozen=True, kw_only=True)
class Described:
    """What a definition says, in rows and as a picture; nothing of one that cannot be read."""

    description: str
    inputs: Sequence[ValueRow] = ()
    outputs: Sequence[ValueRow] = ()
    outline: Sequence[Line] = ()
    graph: Graph | None = None
    calls: Sequence[Called] = ()


@dataclass(frozen=True, kw_only=True)
class WorkflowPageData:
    """A whole workflow. `shown` describes its active version, or its draft where none is active."""

    shown: Described
    shows_draft: bool
    checked: Checked
    problems: Sequence[PlacedProblem]
    unactivated: bool
    callers: Sequence[Caller]

    @property
    def first_problems(self) -> Sequence[PlacedProblem]:
        """As many as the page has room for; the source shows all."""
        return self.problems[:_PROBLEMS_SHOWN]

    @property
    def more_problems(self) -> int:
        """How many others there are."""
        return max(len(self.problems) - _PROBLEMS_SHOWN, 0)


def page_of(workflow: Workflow) -> WorkflowPageData:
    """Everything of `workflow`, which comes with its active version."""
    checked = check_draft(workflow)
    active = workflow.active_version
    draft_text = source_of(checked.raw, slug=workflow.slug) if checked.problems or active is None else ""
    problems = problems_in(draft_text, checked.problems)
    return WorkflowPageData(
        shown=_version(active, workflow) if active else _draft(workflow, draft_text, problems),
        shows_draft=active is None,
        checked=checked,
        problems=problems,
        unactivated=workflow.has_unactivated,
        callers=callers_of(workflow),
    )


def calls_pinned(version: WorkflowVersion, *, workspace_id: int) -> list[Called]:
    """The workflows that a version calls itself, with what is active there now."""
    pins = {slug: pin["number"] for slug, pin in loads(version.manifest)["workflows"].items()}
    return _called(pins, workspace_id)


def _version(version: WorkflowVersion, workflow: Workflow) -> Described:
    address = reverse("workflows:version", args=[workflow.slug, version.number])
    text = source_of(loads(version.definition), slug=workflow.slug)
    calls = calls_pinned(version, workspace_id=workflow.workspace_id)
    return describe(frozen_of(version)[0], calls=calls, link=_linker(address, text))


def _draft(workflow: Workflow, text: str, problems: Sequence[PlacedProblem]) -> Described:
    """The draft, as far as it can be read."""
    definition = parsed_text(workflow.draft).partial
    if definition is None:
        return Described(description=workflow.description)
    address = reverse("workflows:source", args=[workflow.slug])
    calls = _called(dict.fromkeys(slugs_called(definition)), workflow.workspace_id)
    link = _linker(address, text)
    return describe(definition, calls=calls, link=link, problems=_by_step(definition, problems))


def describe(
    definition: Definition,
    *,
    link: Callable[[Step], str],
    calls: Sequence[Called] = (),
    problems: Mapping[str, str] | None = None,
) -> Described:
    """What `definition` says. `link` leads from a step to where it is written, `problems` go by the step's key."""
    return Described(
        description=definition.description,
        inputs=[_input(each) for each in definition.inputs],
        outputs=[_output(each) for each in definition.outputs],
        outline=outline_of(definition, link=link),
        graph=lay_out(definition, link=link, problems=problems) if definition.steps else None,
        calls=calls,
    )


def _linker(address: str, text: str) -> Callable[[Step], str]:
    """Leads from a step to the line in which it is written."""
    lines = lines_of(text)

    def link(step: Step) -> str:
        line = lines.of(step.where)
        return f"{address}#L{line}" if line else address

    return link


def _by_step(definition: Definition, problems: Sequence[PlacedProblem]) -> dict[str, str]:
    """The first error of each step, by the step's key: that of the innermost step that it stands in."""
    keys = {step.where: step.key for step in definition.walk()}
    found: dict[str, str] = {}
    for each in problems:
        path = each.problem.path
        while path and path not in keys:
            path = path[: max(path.rfind("."), path.rfind("[") if path.endswith("]") else -1, 0)]
        if path in keys and each.problem.level == "error":
            found.setdefault(keys[path], each.problem.message)
    return found


def actions_pinned(version: WorkflowVersion) -> dict[str, Json]:
    """What the manifest of a version pins beside workflows: actions and the expression language."""
    manifest = loads(version.manifest)
    return {"actions": sorted(manifest["actions"].items()), "expressions": manifest["expressions"]}


def _input(one: Input) -> ValueRow:
    return ValueRow(
        key=one.key,
        label=one.label or one.key,
        help=one.help,
        type=str(VALUE_TYPES.get(one.type, one.type)),
        required=one.required and one.default is None,
        constraints=constraint_words(one),
    )


def _output(one: Output) -> ValueRow:
    return ValueRow(
        key=one.key,
        label=one.label or one.key,
        help="",
        type=str(VALUE_TYPES.get(one.type, one.type)),
        required=one.required,
        constraints=[] if one.required else [_("may be empty")],
    )


def _called(pins: dict[str, int | None], workspace_id: int) -> list[Called]:
    if not pins:
        return []
    rows = Workflow.objects.filter(workspace=workspace_id, slug__in=pins)
    known = {
        slug: (name, number)
        for slug, name, number in rows.values_list("slug", "name", "active_version__number")
    }
    return [
        Called(
            slug=slug,
            name=known.get(slug, ("", None))[0],
            pinned=pins[slug],
            active=known.get(slug, ("", None))[1],
        )
        for slug in sorted(pins)
    ]
