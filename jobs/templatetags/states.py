"""`{% state job.status %}`: the one place where the state of a job or a step becomes something to look at."""

from django import template
from django.utils.safestring import SafeString

from jobs.states import LOOKS
from workspaces.templatetags.pages import pill

register = template.Library()


@register.simple_tag
def state(status: str) -> SafeString:
    """The pill of a job's or step run's status."""
    return pill(LOOKS[status])
