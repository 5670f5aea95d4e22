"""How types of values and of steps are called where people read them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.registry import get_action
from workflows.definition.step_types import STEP_TYPES

VALUE_TYPES: Mapping[str, Promise] = {
    "text": _("Text"),
    "number": _("Number"),
    "integer": _("Whole number"),
    "boolean": _("Yes or no"),
    "date": _("Date"),
    "time": _("Time"),
    "datetime": _("Date and time"),
    "duration": _("Duration"),
    "choice": _("Choice"),
    "multiple_choice": _("Choices"),
    "email": _("E-mail address"),
    "url": _("Web address"),
    "file": _("File"),
    "files": _("Files"),
    "table": _("Table"),
    "object": _("Object"),
    "list": _("List"),
}
"""By the type of an input or output."""

_STEP_TYPES: Mapping[str, Promise] = {
    "set": _("Set values"),
    "code": _("Code"),
    "delay": _("Wait"),
    "branch": _("Branch"),
    "parallel": _("Parallel"),
    "for_each": _("For each"),
    "repeat": _("Repeat"),
    "try": _("Try"),
    "workflow": _("Run a workflow"),
    "fail": _("Fail"),
    "finish": _("Finish"),
    "item": _("Item of a loop"),
    "turn": _("Turn of a loop"),
}


def step_type_word(type_: str) -> str:
    """The step type in words: `For each`, `Read a CSV file`; the type itself for one that this release has not."""
    if type_ in _STEP_TYPES:
        return str(_STEP_TYPES[type_])
    if type_ in STEP_TYPES:
        return STEP_TYPES[type_].title
    action = get_action(type_)
    return action.title if action else type_


STEP_ICONS: Mapping[str, str] = {
    "set": "equal",
    "code": "code",
    "delay": "timer",
    "branch": "split",
    "parallel": "columns-3",
    "for_each": "repeat",
    "repeat": "refresh-cw",
    "try": "shield",
    "workflow": "workflow",
    "fail": "octagon-x",
    "finish": "flag",
    "item": "box",
    "turn": "rotate-cw",
}
"""Icons of lucide's."""


def step_icon(type_: str) -> str:
    """The icon of a step type."""
    return STEP_ICONS.get(type_, "plug")
