"""What activating a definition would come to, before anybody does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.canonical import Json, loads
from workflows.checking import Checked, check_text
from workflows.diff import Change, diff
from workflows.manifest import Frozen, freeze
from workflows.models import Workflow
from workflows.selectors import Caller, callers_of


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A workflow that is called: the version that is pinned now, and the one that would be; None: none."""

    slug: str
    before: int | None
    after: int | None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """`digest` is that of the version which would be active, empty while errors stand. `same_as`: the number of the
    version that holds exactly this already. `before` is the active definition, empty where none is active. `callers`
    call this workflow and go on with the version that they pin.
    """

    checked: Checked
    digest: str
    same_as: int | None
    before: Json
    changes: Sequence[Change]
    pins: Sequence[Pin]
    callers: Sequence[Caller]


def propose(workflow: Workflow, text: str | None = None) -> Proposal:
    """Look at a canonical `text` (None: the draft) of `workflow`, which comes with its active version."""
    checked = check_text(workflow, workflow.draft if text is None else text)
    active = workflow.active_version
    before = loads(active.definition) if active else {}
    frozen = None if checked.has_errors else freeze_checked(checked)
    same = frozen and workflow.versions.filter(digest=frozen.digest).values_list("number", flat=True).first()
    old = loads(active.manifest)["workflows"] if active else {}
    return Proposal(
        checked=checked,
        digest=frozen.digest if frozen else "",
        same_as=same or None,
        before=before,
        changes=diff(before, checked.raw) if active else [],
        pins=_pins(old, loads(frozen.manifest)["workflows"]) if frozen else [],
        callers=callers_of(workflow),
    )


def freeze_checked(checked: Checked) -> Frozen:
    """What was checked without errors, frozen with what it uses and calls."""
    return freeze(checked.raw, actions=checked.actions, callees=checked.callees, reachable=checked.reachable)


def _pins(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Pin]:
    """Every workflow that is called before or after."""
    return [
        Pin(slug=slug, before=_number(before, slug), after=_number(after, slug))
        for slug in sorted({*before, *after})
    ]


def _number(pinned: Mapping[str, Json], slug: str) -> int | None:
    return pinned[slug]["number"] if slug in pinned else None
