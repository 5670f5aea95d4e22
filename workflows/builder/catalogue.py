"""What can be added: the step types in groups, in plain words, and the types of values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.registry import all_actions
from workflows.definition.input_types import COLUMN_TYPES, INPUT_FIELDS
from workflows.definition.not_yet import NOT_YET_AVAILABLE
from workflows.words import VALUE_TYPES, step_icon, step_type_word


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing that can be added. `later`: this release does not have it yet."""

    type: str
    title: str
    text: str
    icon: str = ""
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class OfferGroup:
    """Offers under one heading."""

    title: str
    offers: Sequence[Offer]


_TEXTS: Mapping[str, Promise] = {
    "set": _("Name values, or work out new ones from those that are there."),
    "code": _("A short program in Python, for what the other steps cannot do."),
    "csv.read": _("Rows out of a CSV file."),
    "csv.write": _("A CSV file out of rows."),
    "spreadsheet.read": _("Rows out of an Excel workbook."),
    "spreadsheet.write": _("An Excel workbook out of rows."),
    "json.parse": _("Values out of a text or file in JSON."),
    "text.render": _("A letter, a note or a report with values filled in; as a file if you like."),
    "branch": _("Do one thing or another, depending on conditions."),
    "parallel": _("Do several things at the same time."),
    "for_each": _("Do the same for each entry of a list."),
    "repeat": _("Do the same again and again until a condition is true."),
    "try": _("Say what is done if steps fail."),
    "workflow": _("Run another workflow as a part of this one."),
    "fail": _("End with an error of your own."),
    "finish": _("End here, as completed."),
    "delay": _("Wait for some time, or until a moment."),
    "http.request": _("Call another system over HTTP."),
    "approval": _("Ask somebody to approve before it goes on."),
    "form": _("Ask somebody for values before it goes on."),
    "callback": _("Wait until another system answers."),
}
_ICONS = {
    "csv": "table",
    "spreadsheet": "sheet",
    "json": "braces",
    "text": "file-text",
    "http": "globe",
    "approval": "user-check",
    "form": "clipboard-list",
    "callback": "webhook",
}
_GROUPS: Sequence[tuple[Promise, Sequence[str]]] = (
    (
        _("Data"),
        (
            "set",
            "csv.read",
            "csv.write",
            "spreadsheet.read",
            "spreadsheet.write",
            "json.parse",
            "text.render",
            "code",
        ),
    ),
    (_("Logic"), ("branch", "for_each", "repeat", "parallel", "try", "workflow", "fail", "finish")),
    (_("People"), ("approval", "form")),
    (_("Time"), ("delay",)),
    (_("Connections"), ("http.request", "callback")),
)


def step_offers() -> list[OfferGroup]:
    """Every step type, in groups; actions that no group names come last."""
    known = {type_ for _title, types in _GROUPS for type_ in types}
    others = [action.type for action in all_actions() if action.type not in known]
    groups = [OfferGroup(title=str(title), offers=[_offer(one) for one in types]) for title, types in _GROUPS]
    return (
        [*groups, OfferGroup(title=str(_("More")), offers=[_offer(one) for one in others])]
        if others
        else groups
    )


def value_offers(*, columns: bool = False) -> list[Offer]:
    """The types of inputs and outputs, or of columns."""
    names = COLUMN_TYPES if columns else tuple(INPUT_FIELDS)
    return [Offer(type=name, title=str(VALUE_TYPES[name]), text="") for name in names]


@lru_cache(maxsize=256)
def icon_of(type_: str) -> str:
    """The icon of a step type."""
    return _ICONS.get(type_.partition(".")[0]) or step_icon(type_)


_LATER_TITLES: Mapping[str, Promise] = {
    "approval": _("Approval"),
    "form": _("Form"),
    "callback": _("Callback"),
}


def _offer(type_: str) -> Offer:
    later = type_ in NOT_YET_AVAILABLE["step type"]
    title = str(_LATER_TITLES[type_]) if later else step_type_word(type_)
    action = next((one for one in all_actions() if one.type == type_), None)
    text = str(_TEXTS[type_]) if type_ in _TEXTS else action.description if action else ""
    return Offer(type=type_, title=title, text=text, icon=icon_of(type_), later=later)
