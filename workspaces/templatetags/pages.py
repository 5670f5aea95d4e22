"""Tags of every page; settings make them available without `{% load %}`."""

from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from lucide.templatetags.lucide import lucide

from common import clock
from common.looks import Look
from workspaces.pages.times import WORDS, absolute, duration, relative

NOTHING = "\N{EN DASH}"
"""Shown where a time is missing."""

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 18) -> SafeString:
    """An icon of lucide's in the colour of the text. It says nothing to a screen reader: a word stands beside it."""
    return SafeString(lucide(name, size=size, aria_hidden="true", focusable="false"))


@register.simple_tag
def pill(look: Look) -> SafeString:
    """A state: icon, word and colour."""
    return format_html(
        '<span class="state state-{}">{}<span>{}</span></span>',
        look.tone.value,
        icon(look.icon, 14),
        look.word,
    )


@register.simple_tag
def moment(value: datetime | None) -> SafeString | str:
    """A moment relative to now, absolute in the person's zone as its title; the script keeps it fresh."""
    if value is None:
        return NOTHING
    return format_html(
        '<time datetime="{}" title="{}" data-moment>{}</time>',
        clock.rfc3339(value),
        absolute(value),
        relative(value),
    )


@register.simple_tag(name="duration")
def duration_between(start: datetime | None, end: datetime | None = None) -> SafeString | str:
    """How long from `start` to `end`; without an end it is still running, and the script counts on."""
    if start is None:
        return NOTHING
    if end is not None:
        return duration(end - start)
    return format_html(
        '<span data-running-since="{}">{}</span>', clock.rfc3339(start), duration(clock.now() - start)
    )


@register.simple_tag
def poll(url: str, revision: str, seconds: int = 3) -> SafeString:
    """The attributes of a live region: it asks `url` whether anything is new since `revision`, and is swapped as a
    whole. Leave the tag out once its subject is finished: that ends the asking.
    """
    return format_html(
        'data-poll hx-get="{}{}revision={}" hx-trigger="every {}s, poll-now" hx-swap="morph:outerHTML" hx-target="this"',
        url,
        "&" if "?" in url else "?",
        revision,
        seconds,
    )


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form's field: label, control, help and errors, tied together."""
    widget = bound.field.widget
    is_check = isinstance(widget, CheckboxInput)
    look = "form-check-input" if is_check else "form-select" if isinstance(widget, Select) else "form-control"
    if bound.errors:
        look += " is-invalid"
    return {"field": bound, "control": bound.as_widget(attrs={"class": look}), "is_check": is_check}


@register.simple_tag
def words() -> dict[str, str]:
    """What the scripts of a page say, for `json_script`."""
    said = {
        **WORDS,
        "sign_in_url": reverse("account_login"),
        "sign_in": gettext("Sign in again"),
        "signed_out": gettext("You have been signed out, so this page no longer keeps up."),
        "offline": gettext(
            "The server does not answer. What you see may be old; it is asked again and again."
        ),
        "failed": gettext("The server did not accept that. Reload the page and try again."),
        "reload": gettext("Reload"),
        "copied": gettext("Copied"),
        "not_copied": gettext("The browser did not allow to copy. Select the text and copy it by hand."),
    }
    return {name: str(text) for name, text in said.items()}
