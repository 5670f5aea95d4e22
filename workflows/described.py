"""A workflow as its page shows it: what it takes, does and gives, whom it calls and who calls it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.canonical import Json, loads
from workflows.calls import slugs_called
from workflows.checking import Checked, check_draft
from workflows.definition.input_words import constraint_words, type_words
from workflows.definition.model import Definition, Input, Output
from workflows.models import Workflow, WorkflowVersion
from workflows.outline import Line, outline_of
from workflows.selectors import Caller, callers_of, frozen_of
from workflows.sources import PlacedProblem, problems_in, source_of


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
    """What a definition says, in rows."""

    description: str
    inputs: Sequence[ValueRow]
    outputs: Sequence[ValueRow]
    outline: Sequence[Line]
    calls: Sequence[Called]
    definition: Definition | None


@dataclass(frozen=True, kw_only=True)
class WorkflowPageData:
    """A whole workflow. `shown` describes its active version, or its draft where none is active."""

    shown: Described
    shows_draft: bool
    checked: Checked
    problems: Sequence[PlacedProblem]
    unactivated: bool
    callers: Sequence[Caller]


def page_of(workflow: Workflow) -> WorkflowPageData:
    """Everything of `workflow`, which comes with its active version."""
    checked = check_draft(workflow)
    active = workflow.active_version
    if active is not None:
        shown = describe_version(active, workspace_id=workflow.workspace_id)
    else:
        slugs = slugs_called(checked.definition) if checked.definition else set()
        calls = _called(dict.fromkeys(slugs), workflow.workspace_id)
        shown = describe(checked.definition, calls=calls, description=workflow.description)
    text = source_of(checked.raw, slug=workflow.slug) if checked.problems else ""
    return WorkflowPageData(
        shown=shown,
        shows_draft=active is None,
        checked=checked,
        problems=problems_in(text, checked.problems),
        unactivated=active is not None and active.definition != workflow.draft,
        callers=callers_of(workflow),
    )


def describe_version(version: WorkflowVersion, *, workspace_id: int) -> Described:
    """A frozen version in rows."""
    definition, manifest = frozen_of(version)
    pins = {slug: pin["number"] for slug, pin in manifest["workflows"].items()}
    return describe(definition, calls=_called(pins, workspace_id), description=definition.description)


def describe(definition: Definition | None, *, calls: Sequence[Called], description: str) -> Described:
    """A definition in rows; nothing of one that cannot be read."""
    if definition is None:
        return Described(
            description=description, inputs=[], outputs=[], outline=[], calls=calls, definition=None
        )
    return Described(
        description=description,
        inputs=[_input(each) for each in definition.inputs],
        outputs=[_output(each) for each in definition.outputs],
        outline=outline_of(definition),
        calls=calls,
        definition=definition,
    )


def actions_pinned(version: WorkflowVersion) -> dict[str, Json]:
    """What the manifest of a version pins beside workflows: actions and the expression language."""
    manifest = loads(version.manifest)
    return {"actions": sorted(manifest["actions"].items()), "expressions": manifest["expressions"]}


def _input(one: Input) -> ValueRow:
    return ValueRow(
        key=one.key,
        label=one.label or one.key,
        help=one.help,
        type=type_words(one.type),
        required=one.required and one.default is None,
        constraints=constraint_words(one),
    )


def _output(one: Output) -> ValueRow:
    return ValueRow(
        key=one.key,
        label=one.label or one.key,
        help="",
        type=type_words(one.type),
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
