"""One value as a person types it and as the job gets it.

Reading never refuses: what is no number stays the text that it is, and the check of inputs says, in the words of the
API, what was expected and what came. Only what cannot be read at all is a `Misread`.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from django.utils.translation import gettext as _

from common.api.bodies import loads_strictly
from common.canonical import Json, dumps
from common.errors import Problem
from workflows.definition.durations import duration_text
from workflows.definition.model import Input
from workflows.definition.temporal import parse_moment
from workflows.definition.wording import quoted

_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?", re.ASCII)
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?", re.ASCII)
JSON_TYPES = frozenset({"object", "list"})


class Misread(ValueError):  # noqa: N818 - it says what is wrong
    """What was typed cannot be read. The message says what was expected and what came."""


def to_json(one: Input, typed: Sequence[str], zone: tzinfo) -> Json:
    """The value of what was typed; None for nothing. Not for tables. Raises `Misread`."""
    if one.type in ("multiple_choice", "files"):
        return list(typed) or (None if one.default is None else [])
    if one.type == "boolean" and one.default is not None:
        return bool(typed)  # a box that is not ticked is not sent
    text = (typed[-1] if typed else "").replace("\r\n", "\n")
    if one.type != "text":
        text = text.strip()
    read = _READ.get(one.type)
    return None if not text else text if read is None else read(text, one, zone)


def to_typed(one: Input, value: Json, zone: tzinfo) -> list[str]:
    """What to show in the field for a value; of files their ids. Not for tables; nothing for a secret."""
    if value is None or one.secret:
        return []
    if one.type in ("multiple_choice", "files"):
        return [_id(item) for item in value] if isinstance(value, list) else []
    if one.type == "boolean":
        return ["true"] if value else ["false"] if one.default is None else []
    return [_shown(one, value, zone)]


def _shown(one: Input, value: Json, zone: tzinfo) -> str:
    if one.type == "file":
        return _id(value)
    if one.type == "duration" and isinstance(value, int | float):
        return duration_text(value)
    if one.type in JSON_TYPES:
        return pretty(value)
    if not isinstance(value, str):
        return visible(dumps(value))
    return local_text(value, zone) if one.type == "datetime" else visible(value)


def local_text(text: str, zone: tzinfo) -> str:
    """A moment as its field shows it, in the person's zone; what is none stays as it is."""
    moment = parse_moment(text)
    if moment is None:
        return visible(text)
    try:
        local = moment.astimezone(zone)
    except OverflowError:
        return text
    spec = "milliseconds" if local.microsecond else "seconds" if local.second else "minutes"
    return local.replace(tzinfo=None).isoformat(timespec=spec)


def pretty(value: Json) -> str:
    """JSON over several lines."""
    return visible(_indented(value))


def visible(text: str) -> str:
    """`text` without half characters, which no page can hold."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _indented(value: Json, depth: int = 0) -> str:
    """Objects and lists that hold others line by line, the innermost on one line."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if not inner or (depth and not any(isinstance(item, dict | list) for item in inner)):
        return dumps(value)
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        lines = [f"{pad}{dumps(key)}: {_indented(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{end}}}"
    return "[\n" + ",\n".join(pad + _indented(item, depth + 1) for item in value) + f"\n{end}]"


def _id(value: Json) -> str:
    return str(value.get("id", "")) if isinstance(value, dict) else visible(str(value))


def _number(text: str, _one: Input, _zone: tzinfo) -> Json:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def _moment(text: str, _one: Input, zone: tzinfo) -> str:
    """A local time with the offset of the person's zone; a whole moment stays as it is."""
    if not _LOCAL.fullmatch(text):
        return text
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
        back = local.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        return text
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Misread(
            _("expected a time that exists in %(zone)s, got %(came)s, which its clocks leap over")
            % {"zone": zone, "came": quoted(text)}
        )
    return local.isoformat(timespec="microseconds" if local.microsecond else "seconds")


def _json(text: str, one: Input, _zone: tzinfo) -> Json:
    example = '{"key": "value"}' if one.type == "object" else '["first", "second"]'
    try:
        return loads_strictly(text)
    except Problem as problem:
        why = problem.detail.removeprefix("The body is not readable: ").rstrip(".")
        raise Misread(
            _("expected JSON such as %(example)s, got a text that is none: %(why)s")
            % {"example": example, "why": why.removeprefix("expected JSON, but ")}
        ) from problem


def _boolean(text: str, _one: Input, _zone: tzinfo) -> Json:
    return {"true": True, "false": False}.get(text, text)


_READ: Mapping[str, Callable[[str, Input, tzinfo], Json]] = {
    "number": _number,
    "integer": _number,
    "duration": _number,
    "boolean": _boolean,
    "datetime": _moment,
    "object": _json,
    "list": _json,
}
"""All other types are texts as they are."""
