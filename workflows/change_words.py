"""The changes between two definitions in words for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.canonical import Json
from common.looks import Look, Tone
from workflows.definition.yaml_text import dump_documents
from workflows.diff import Change

LOOKS: dict[str, Look] = {
    "added": Look(word=gettext_lazy("Added"), icon="plus", tone=Tone.GOOD),
    "removed": Look(word=gettext_lazy("Removed"), icon="minus", tone=Tone.BAD),
    "changed": Look(word=gettext_lazy("Changed"), icon="pencil", tone=Tone.BUSY),
    "moved": Look(word=gettext_lazy("Moved"), icon="move-vertical", tone=Tone.WAIT),
}
_OWNERS = {
    "steps": gettext_lazy("Step %(key)s"),
    "inputs": gettext_lazy("Input %(key)s"),
    "outputs": gettext_lazy("Output %(key)s"),
    "triggers": gettext_lazy("Trigger %(key)s"),
}
_LONGEST = 2_000


@dataclass(frozen=True, kw_only=True)
class ChangeWords:
    """A change: what of what, and the two values as text; empty where there is none."""

    look: Look
    subject: str
    field: str
    before: str
    after: str


def in_words(changes: Sequence[Change]) -> list[ChangeWords]:
    """The changes of `diff`, in their order."""
    return [_words(change) for change in changes]


def _words(change: Change) -> ChangeWords:
    section, _dot, rest = change.path.partition(".")
    if section in _OWNERS and change.key:
        subject = str(_OWNERS[section]) % {"key": change.key}
        field = rest.removeprefix(change.key).removeprefix(".")
    else:
        subject, field = _("The workflow"), change.path
    if change.kind == "moved":
        before, after = _place(change.before), _place(change.after)
    else:
        before, after = _text(change.before), _text(change.after)
    return ChangeWords(look=LOOKS[change.kind], subject=subject, field=field, before=before, after=after)


def _place(value: Json) -> str:
    """Where a thing stood: a list by its path, or a position in one."""
    if isinstance(value, int):
        return _("place %(number)s") % {"number": value + 1}
    if value == "steps":
        return _("among the outermost steps")
    return _("in %(place)s") % {"place": value}


def _text(value: Json) -> str:
    """A value as YAML; short enough to be read."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else dump_documents([value]).removesuffix("...\n").strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
