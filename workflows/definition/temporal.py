"""Dates, times and moments as texts, and bounds such as `today+30d`."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TypeVar

T = TypeVar("T", date, datetime, time)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_TODAY = re.compile(r"today(?:([+-])([0-9]{1,6})d)?", re.ASCII)


def parse_date(text: str) -> date | None:
    """The date of `YYYY-MM-DD`, or None."""
    return _read(date.fromisoformat, text) if _DATE.fullmatch(text) else None


def parse_time(text: str) -> time | None:
    """The time of `HH:MM` or `HH:MM:SS`, or None."""
    return _read(time.fromisoformat, text) if _TIME.fullmatch(text) else None


def parse_moment(text: str) -> datetime | None:
    """The moment of an RFC 3339 text with an offset, or None. Digits beyond microseconds are cut."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    day, clock, fraction, offset = match.groups()
    offset = "+00:00" if offset in "Zz" else offset
    return _read(datetime.fromisoformat, f"{day}T{clock}{(fraction or '.0')[:7]:0<7}{offset}")


def parse_today(text: str, today: date) -> date | None:
    """The date of `today`, `today+30d` or `today-1d`; None for another text or a date beyond the calendar."""
    match = _TODAY.fullmatch(text)
    if match is None:
        return None
    days = int(match[2] or 0) * (-1 if match[1] == "-" else 1)
    try:
        return today + timedelta(days=days)
    except OverflowError:
        return None


def is_bound(text: str) -> bool:
    """Whether a text can bound a date, a time or a moment."""
    return bool(
        _TODAY.fullmatch(text) or parse_date(text) or parse_time(text) is not None or parse_moment(text)
    )


def bound_fits(type_: str, text: str) -> bool:
    """Whether a bound is one for a `date`, a `time` or a `datetime`; a moment may be bounded by a day."""
    if type_ == "time":
        return parse_time(text) is not None
    is_day = bool(_TODAY.fullmatch(text)) or parse_date(text) is not None
    return is_day or (type_ == "datetime" and parse_moment(text) is not None)


def _read(parse: Callable[[str], T], text: str) -> T | None:
    try:
        return parse(text)
    except ValueError:
        return None
