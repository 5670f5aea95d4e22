"""Durations and points in time as steps give them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from common.canonical import Json
from common.errors import StepError
from workflows.definition.durations import parse_duration


def later(moment: datetime, seconds: float) -> datetime:
    """`seconds` after `moment`, at most some ten years."""
    return moment + timedelta(seconds=min(seconds, 315_360_000.0))


def seconds_of(value: Json) -> float:
    """A duration (`15m`, or a number of seconds) in seconds; below 0 counts as 0. Raises `StepError`."""
    seconds = parse_duration(value)
    if seconds is None:
        raise StepError("wrong_type", f"Expected a duration such as 90s, 15m, 2h or 3d, got {value!r}.")
    return max(0.0, seconds)


def due_time(value: Json, time_zone: str) -> datetime:
    """A date or a date with a time; without an offset it is meant in the job's time zone. Raises `StepError`."""
    zone = ZoneInfo(time_zone)
    if isinstance(value, str):
        try:
            if len(value) == 10:
                return datetime.combine(date.fromisoformat(value), time(), zone).astimezone(UTC)
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise StepError("wrong_type", f"Expected a date such as 2026-01-31 or 2026-01-31T09:00, got {value!r}.")
