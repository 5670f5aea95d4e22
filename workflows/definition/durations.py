"""Durations as people write them: `90s`, `15m`, `2h`, `3d`, or a number of seconds."""

import math
import re

from common.canonical import Json

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PATTERN = re.compile(r"([0-9]{1,12})([smhd])")
MAX_SECONDS = 100 * 365 * 86400
"""A hundred years: what is longer is a mistake, and would not fit a date."""


def parse_duration(raw: Json) -> float | None:
    """Seconds of a duration, or None if `raw` is not one. Never negative, never above `MAX_SECONDS`."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | float):
        if (isinstance(raw, float) and not math.isfinite(raw)) or not 0 <= raw <= MAX_SECONDS:
            return None
        return float(raw)
    match = _PATTERN.fullmatch(raw) if isinstance(raw, str) else None
    if match is None:
        return None
    seconds = int(match[1]) * _SECONDS[match[2]]
    return float(seconds) if seconds <= MAX_SECONDS else None


def duration_text(seconds: float) -> str:
    """`seconds` in the largest unit that gives a whole number: 7200 is `2h`."""
    for unit in ("d", "h", "m"):
        size = _SECONDS[unit]
        if seconds >= size and seconds % size == 0:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:g}s"
