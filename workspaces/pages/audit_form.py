"""The filters of the audit log as controls and as chips; what they do is in `workspaces.filters`."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.actions import Action
from workspaces.filters import AuditFilter
from workspaces.told import actor_words, grouped_actions

LABELS: dict[str, Promise] = {
    "action": _("Happened"),
    "actor": _("By"),
    "stream": _("Stream"),
    "target_type": _("About"),
    "target_id": _("Number or id"),
    "created_after": _("From"),
    "created_before": _("Before"),
    "search": _("Name"),
}
TARGETS = {
    "job": _("Job"),
    "workflow": _("Workflow"),
    "workspace": _("Workspace"),
    "member": _("Member"),
    "token": _("Token"),
    "file": _("File"),
}
"""The types of what entries are about, in words."""


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A filter that is on. `without` is the query without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, kw_only=True)
class Control:
    """One field of the form, with its value and what is wrong with it."""

    name: str
    label: str
    value: str
    errors: list[str]


class FilterForm:
    """What the template shows: one control for each filter. Actions that are on already stay on: the select adds one."""

    def __init__(self, given: QueryDict, filters: AuditFilter, *, people: list[str]) -> None:
        self._given, self._errors = given, filters.errors
        self.people = people
        self.actions = grouped_actions()
        self.chosen_actions = given.getlist("action")
        self.targets = [(value, str(words)) for value, words in TARGETS.items()]

    @property
    def open(self) -> bool:
        """Whether the seldom used filters are in use."""
        seldom = ("target_type", "target_id", "created_after", "created_before", "stream")
        return bool(self._errors) or any(self._given.get(name) for name in seldom)

    @property
    def controls(self) -> dict[str, Control]:
        """By name."""
        return {name: self._control(name) for name in LABELS}

    def _control(self, name: str) -> Control:
        found = [str(message) for message in self._errors.get(name, [])]
        return Control(
            name=name, label=str(LABELS[name]), value=self._given.get(name, "").strip(), errors=found
        )


def chips_of(given: QueryDict) -> list[Chip]:
    """The filters of the address, each with the address without it."""
    chips = []
    for name, label in LABELS.items():
        for value in given.getlist(name):
            if value.strip():
                chips.append(
                    Chip(
                        label=str(label),
                        value=_words(name, value.strip()),
                        without=_without(given, name, value),
                    )
                )
    return chips


def _words(name: str, value: str) -> str:
    if name == "action" and value in Action.values:
        return str(Action(value).label)
    if name == "actor":
        return actor_words(value)
    if name == "target_type" and value in TARGETS:
        return str(TARGETS[value])
    return value.replace("T", " ", 1) if name.startswith("created_") else value


def _without(given: QueryDict, name: str, value: str) -> str:
    rest = given.copy()
    rest.setlist(name, [each for each in given.getlist(name) if each != value])
    if not rest.getlist(name):
        del rest[name]
    rest.pop("cursor", None)
    return f"?{rest.urlencode()}" if rest else reverse("audit:list")
