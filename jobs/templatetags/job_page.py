"""Words of the job page."""

import json
from datetime import timedelta
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jobs.states import LOOKS, PreviewMark
from workspaces.pages.times import duration

register = template.Library()

_REASONS: dict[str, Promise] = {
    "when": _("its condition was false"),
    "branch": _("another branch was taken"),
    "not_reached": _("the job ended before it"),
    PreviewMark.PINNED: _("not run: this is the pinned output"),
    PreviewMark.HELD_BACK: _("held back: nothing was sent"),
    PreviewMark.SHORTENED: _("waited for a moment only"),
    PreviewMark.STOPPED: _("the preview ended inside it"),
}


@register.simple_tag(takes_context=True)
def region(context: Context, name: str, pk: int) -> str:
    """Where a region of a job is, or of a preview on a preview's page: `detail`, `step`, `step_list`, …"""
    return reverse(f"jobs:preview_{name}" if context.get("previewing") else f"jobs:{name}", args=[pk])


@register.filter
def why_skipped(reason: str) -> str | Promise:
    """Why a step did not run, or not as it would in a job."""
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
