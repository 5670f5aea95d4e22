"""Links from one page of the admin to others."""

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from jobs.models import Job
from jobs.selectors import shown_error

LARGEST_ID = 2**63 - 1
NOTHING = "-"
"""What a page has where there is nothing, as Django writes it."""
_ERROR_LINES = (
    ("message", "Message"), ("code", "Code"), ("step", "Step"), ("path", "Path"), ("reason", "Reason"),
    ("happened", "What happened"), ("fix", "Fix"), ("prevent", "Prevent it"),
)  # fmt: skip


def page_of(row: Any, text: str = "") -> str | SafeString:
    """A link to the page of a row; a dash for none."""
    if row is None:
        return NOTHING
    meta = row._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(row.pk)])
    return format_html('<a href="{}">{}</a>', address, text or str(row))


def job_page(job_id: int | None) -> str | SafeString:
    """A link to a job that need not be read for it."""
    return page_of(Job(pk=job_id)) if job_id else NOTHING


def list_of(model: str, text: str, **query: Any) -> SafeString:
    """A link to a list, narrowed by `query`."""
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:{model}_changelist"), urlencode(query), text)


def job_number(text: str) -> int | None:
    """The number of a job that somebody typed: `1042` or `#1042`."""
    digits = text.strip().removeprefix("#")
    valid = digits.isascii() and digits.isdigit() and len(digits) < 20 and int(digits) <= LARGEST_ID
    return int(digits) if valid else None


def error_text(stored: str) -> str | SafeString:
    """A stored error as people read it, but its detail, which may hold what a service answered."""
    error: Any = shown_error(stored, whole=False)
    if not error:
        return NOTHING
    lines = [(label, error[name]) for name, label in _ERROR_LINES if error.get(name)]
    if error.get("help_url"):
        code = format_html('<a href="{}">{}</a>', error["help_url"], error["code"])
        lines = [(label, code if label == "Code" else text) for label, text in lines]
    return format_html('<dl class="problem">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", lines))


def is_list(request: HttpRequest) -> bool:
    """Whether the page is a list of rows, not the page of one."""
    match = request.resolver_match
    return match is not None and str(match.url_name).endswith("_changelist")
