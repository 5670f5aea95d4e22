"""Filters of the pages of workflows."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from audit.services import SYSTEM

register = template.Library()


@register.filter
def actor_words(label: str) -> str:
    """Who did it, as people read it: `ada` for `user:ada`, `token nightly (ada)` for `token:nightly (ada)`."""
    if label == SYSTEM:
        return _("the system")
    kind, colon, name = label.partition(":")
    if not colon:
        return label
    return name if kind == "user" else f"{kind} {name}"


@register.filter
def coded(text: str) -> SafeString:
    """The text with what stands between backticks as code."""
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S308 - it is escaped first
