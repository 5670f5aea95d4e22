"""Times and durations in words. `static/workledger/times.js` says the same words later, from the same templates."""

from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import clock

WORDS: dict[str, Promise] = {
    "now": _("just now"),
    "seconds_ago": _("{} s ago"),
    "minutes_ago": _("{} min ago"),
    "hours_ago": _("{} h ago"),
    "days_ago": _("{} d ago"),
    "seconds_ahead": _("in {} s"),
    "minutes_ahead": _("in {} min"),
    "hours_ahead": _("in {} h"),
    "days_ahead": _("in {} d"),
}
"""By unit and direction; the page hands them to the script."""

_UNITS = (("seconds", 60, 1), ("minutes", 3600, 60), ("hours", 86_400, 3600), ("days", 8 * 86_400, 86_400))
_NOW_SECONDS = 3


def zone_named(name: str) -> tzinfo:
    """The time zone; UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def relative(moment: datetime, *, now: datetime | None = None) -> str:
    """`3 min ago`, `in 2 h`; beyond a week the date, in the zone that is active."""
    seconds = ((now or clock.now()) - moment).total_seconds()
    if abs(seconds) < _NOW_SECONDS:
        return str(WORDS["now"])
    direction = "ago" if seconds > 0 else "ahead"
    for unit, below, size in _UNITS:
        if abs(seconds) < below:
            whole = seconds // size if seconds > 0 else ceil(-seconds / size)
            return str(WORDS[f"{unit}_{direction}"]).format(int(whole))
    return date_format(timezone.localtime(moment), "j M Y")


def absolute(moment: datetime) -> str:
    """The whole moment with seconds and zone, in the zone that is active: `2026-11-22 23:49:12 CET`."""
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def duration(length: timedelta) -> str:
    """`120 ms`, `3.4 s`, `3 m 20 s`, `1 h 02 m`, `2 d 03 h`."""
    seconds = max(length.total_seconds(), 0.0)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} m"
    return f"{whole // 86_400} d {whole % 86_400 // 3600:02} h"
