"""Filters of the pages of workflows."""

from django import template
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
