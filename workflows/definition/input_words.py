"""What an input takes, in words for people."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.canonical import Json, dumps
from workflows.definition.model import Input

_LONGEST = 160
_MOST_NAMED = 8


def constraint_words(one: Input) -> list[str]:
    """What `one` asks of its value, each a short phrase; its type, its label and whether it is required left out."""
    found = [words(one.constraints[name]) for name, words in _WORDS.items() if name in one.constraints]
    if one.columns:
        names = [column.label or column.key for column in one.columns]
        found.insert(0, _("columns: %(names)s") % {"names": _named(names)})
    if one.default is not None and not one.secret:
        found.append(_("default: %(value)s") % {"value": _value(one.default)})
    if one.show_when is not None:
        found.append(_("asked for only when %(condition)s") % {"condition": one.show_when.source})
    return [each for each in found if each]


def _choices(choices: Json) -> str:
    names = [
        str(each.get("label") or each.get("value")) if isinstance(each, dict) else str(each)
        for each in choices
    ]
    return _("one of: %(names)s") % {"names": _named(names)}


def _named(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    if more > 0:
        listed += " " + ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more}
    return listed


def _value(value: Json) -> str:
    text = value if isinstance(value, str) else dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _bytes(size: Json) -> str:
    for unit, one in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= one:
            return f"{size / one:.4g} {unit}"
    return _("%(count)s bytes") % {"count": size}


_WORDS: Mapping[str, Callable[[Json], str]] = {
    "choices": _choices,
    "minimum": lambda value: _("at least %(value)s") % {"value": _value(value)},
    "maximum": lambda value: _("at most %(value)s") % {"value": _value(value)},
    "min_length": lambda value: _("at least %(count)s characters") % {"count": value},
    "max_length": lambda value: _("at most %(count)s characters") % {"count": value},
    "min_items": lambda value: _("at least %(count)s entries") % {"count": value},
    "max_items": lambda value: _("at most %(count)s entries") % {"count": value},
    "pattern": lambda value: _("matches %(pattern)s") % {"pattern": value},
    "accept": lambda value: _("accepts %(kinds)s") % {"kinds": ", ".join(value)},
    "max_bytes": lambda value: _("at most %(size)s") % {"size": _bytes(value)},
    "multiline": lambda value: _("may have several lines") if value else "",
    "secret": lambda value: _("secret: stored encrypted, never shown") if value else "",
    "schema": lambda value: _("must fit its JSON Schema"),  # noqa: ARG005 - the schema is in the source
}
