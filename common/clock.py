"""The one clock. Everything that asks for the time asks here."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never go back; for durations and deadlines inside one process."""
    return time.monotonic()


def rfc3339(moment: datetime) -> str:
    """`moment` as text in UTC with microseconds: the form that every hash and every API answer uses."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
