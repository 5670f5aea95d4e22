"""Links from one page of the admin to others."""

import json
from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from common.canonical import Json
from jobs.models import Job

LARGEST_ID = 2**63 - 1


def page_of(row: Any, text: str = "") -> str | SafeString:
    """A link to the page of a row; nothing for none."""
    if row is None:
        return ""
    meta = row._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(row.pk)])
    return format_html('<a href="{}">{}</a>', address, text or str(row))


def job_page(job_id: int | None) -> str | SafeString:
    """A link to a job that need not be read for it."""
    return page_of(Job(pk=job_id)) if job_id else ""


def list_of(model: str, text: str, **query: Any) -> SafeString:
    """A link to a list, narrowed by `query`."""
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:{model}_changelist"), urlencode(query), text)


def job_number(text: str) -> int | None:
    """The number of a job that somebody typed: `1042` or `#1042`."""
    digits = text.strip().removeprefix("#")
    valid = digits.isascii() and digits.isdigit() and len(digits) < 20 and int(digits) <= LARGEST_ID
    return int(digits) if valid else None


def pretty(value: Json) -> SafeString:
    """JSON as indented text that no content can break out of."""
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=True, sort_keys=True))


def is_list(request: HttpRequest) -> bool:
    """Whether the page is a list of rows, not the page of one."""
    match = request.resolver_match
    return match is not None and str(match.url_name).endswith("_changelist")
