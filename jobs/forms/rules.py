"""What may go into a field: in words under it, and as attributes of it."""

from datetime import date, datetime, time, tzinfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.canonical import Json
from jobs.forms.typed import to_typed
from workflows.definition.durations import duration_text, parse_duration
from workflows.definition.model import Input
from workflows.definition.temporal import parse_date, parse_moment, parse_today
from workflows.definition.value_files import bytes_text

TEMPORAL = frozenset({"date", "time", "datetime"})


def rules_of(one: Input, *, zone: tzinfo, today: date) -> list[str]:
    """The constraints of an input as short sentences without a full stop."""
    limits = one.constraints
    words: list[str] = []
    if one.type == "text":
        words += _lengths(limits)
        if limits.get("pattern"):
            words.append(_("Must match the pattern %(pattern)s") % {"pattern": limits["pattern"]})
    elif one.type in ("number", "integer"):
        words += [_("A whole number")] if one.type == "integer" else []
        words += _between(limits.get("minimum"), limits.get("maximum"))
    elif one.type == "duration":
        words.append(_("Such as 90s, 15m, 2h or 3d"))
        low, high = (parse_duration(limits.get(name)) for name in ("minimum", "maximum"))
        words += _between(*(None if each is None else duration_text(each) for each in (low, high)))
    elif one.type in TEMPORAL:
        words += _times(one, zone, today)
    elif one.type == "object":
        words.append(_('JSON: an object such as {"key": "value"}'))
    elif one.type == "list":
        words.append(_('JSON: a list such as ["first", "second"]'))
    words += _files(limits) if one.type in ("file", "files") else []
    words += _counts(one)
    return words + _empty(one, zone)


def attributes_of(one: Input, *, zone: tzinfo, today: date) -> dict[str, str]:
    """The same for the browser. No `maxlength`: it would silently cut what is pasted."""
    limits = one.constraints
    found: dict[str, Json] = {}
    if one.type == "text":
        found |= {"minlength": limits.get("min_length"), "pattern": limits.get("pattern")}
        if limits.get("multiline"):
            found.pop("pattern")
    elif one.type in TEMPORAL:
        found |= {
            "min": _bound(one, limits.get("minimum"), zone, today, last=False),
            "max": _bound(one, limits.get("maximum"), zone, today, last=True),
        }
    elif one.type in ("file", "files"):
        found |= {"accept": ",".join(limits.get("accept") or ()), "data-max-bytes": limits.get("max_bytes")}
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def _lengths(limits: dict[str, Json]) -> list[str]:
    low, high = limits.get("min_length"), limits.get("max_length")
    if low and high is not None:
        if low == high:
            return [ngettext("%(n)s character", "%(n)s characters", low) % {"n": low}]
        return [_("%(low)s to %(high)s characters") % {"low": low, "high": high}]
    if low:
        return [ngettext("At least %(n)s character", "At least %(n)s characters", low) % {"n": low}]
    if high is not None:
        return [ngettext("At most %(n)s character", "At most %(n)s characters", high) % {"n": high}]
    return []


def _between(low: Json, high: Json) -> list[str]:
    if low is not None and high is not None:
        return [_("From %(low)s to %(high)s") % {"low": low, "high": high}]
    if low is not None:
        return [_("At least %(low)s") % {"low": low}]
    return [] if high is None else [_("At most %(high)s") % {"high": high}]


def _times(one: Input, zone: tzinfo, today: date) -> list[str]:
    words = [_("In your time zone, %(zone)s") % {"zone": zone}] if one.type == "datetime" else []
    for name, sentence in (("minimum", _("Not before %(bound)s")), ("maximum", _("Not after %(bound)s"))):
        bound = one.constraints.get(name)
        if bound is not None:
            words.append(sentence % {"bound": _bound_words(bound, zone, today)})
    return words


def _bound_words(bound: str, zone: tzinfo, today: date) -> str:
    day = parse_today(bound, today)
    if day is not None:
        relative = _("today") if bound == "today" else bound
        return f"{date_format(day, 'j M Y')} ({relative})"
    if (day := parse_date(bound)) is not None:
        return date_format(day, "j M Y")
    moment = parse_moment(bound)
    return date_format(moment.astimezone(zone), "j M Y, H:i") if moment else bound


def _bound(one: Input, bound: Json, zone: tzinfo, today: date, *, last: bool) -> str:
    """A bound in the form that the browser's field takes."""
    if not isinstance(bound, str):
        return ""
    day = parse_today(bound, today) or parse_date(bound)
    if one.type != "datetime":
        return day.isoformat() if day else bound
    if day is None:
        moment = parse_moment(bound)
        return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""
    return datetime.combine(day, time(23, 59) if last else time.min).strftime("%Y-%m-%dT%H:%M")


def _files(limits: dict[str, Json]) -> list[str]:
    words = []
    if limits.get("accept"):
        words.append(", ".join(limits["accept"]))
    if limits.get("max_bytes") is not None:
        words.append(_("At most %(size)s") % {"size": bytes_text(limits["max_bytes"])})
    return words


def _counts(one: Input) -> list[str]:
    low, high = one.constraints.get("min_items"), one.constraints.get("max_items")
    singular, plural = {
        "table": ("%(n)s row", "%(n)s rows"),
        "files": ("%(n)s file", "%(n)s files"),
        "multiple_choice": ("%(n)s choice", "%(n)s choices"),
    }.get(one.type, ("%(n)s item", "%(n)s items"))
    if low and high is not None and low != high:
        return [
            _("From %(low)s to %(high)s")
            % {"low": low, "high": ngettext(singular, plural, high) % {"n": high}}
        ]
    if low and high is not None:
        return [_("Exactly %(n)s") % {"n": ngettext(singular, plural, high) % {"n": high}}]
    if low:
        return [_("At least %(n)s") % {"n": ngettext(singular, plural, low) % {"n": low}}]
    return (
        [] if high is None else [_("At most %(n)s") % {"n": ngettext(singular, plural, high) % {"n": high}}]
    )


def _empty(one: Input, zone: tzinfo) -> list[str]:
    """What an empty field means where that is not nothing."""
    if one.default is None or one.type in ("boolean", "table", "multiple_choice", "files", "choice", "file"):
        return []
    default = " ".join(to_typed(one, one.default, zone))
    return [_("Empty means %(default)s") % {"default": default[:60] + ("…" if len(default) > 60 else "")}]
