"""Words of the job page."""

import json
from datetime import timedelta
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jobs.states import LOOKS
from workspaces.pages.times import duration

register = template.Library()

_REASONS: dict[str, Promise] = {
    "when": _("its condition was false"),
    "branch": _("another branch was taken"),
    "not_reached": _("the job ended before it"),
}


@register.filter
def why_skipped(reason: str) -> str | Promise:
    """Why a step did not run."""
    return _REASONS.get(reason, reason)


@register.filter
def tone(status: str) -> str:
    """The colour's name of a status, for a bar."""
    return LOOKS[status].tone.value


@register.filter
def word(status: str) -> str | Promise:
    """The status in words."""
    return LOOKS[status].word


@register.filter
def pretty(value: Any) -> str:
    """JSON as people read it; what no page can hold (half of a character) is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text if text.isascii() or _can_be_sent(text) else json.dumps(value, indent=2)


@register.filter
def actor_words(actor: str) -> str:
    """Who did it, in short: of a worker the beginning of its number."""
    return actor[:15] if actor.startswith("worker:") else actor


@register.filter
def length_words(length: timedelta) -> str:
    """A length of time: `3 m 20 s`."""
    return duration(length)


def _can_be_sent(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
