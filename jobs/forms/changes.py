"""What differs between the inputs of two versions, in sentences."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from common.canonical import Json, dumps
from workflows.definition.model import Definition
from workflows.diff import Change


def sentences_of(changes: Sequence[Change], before: Definition, after: Definition) -> list[str]:
    """One sentence for each input that is new, gone or changed, in the order of the changes."""
    old, new = _labels(before), _labels(after)
    required = {one.key for one in after.inputs if one.required and one.default is None}
    parts: dict[str, list[str]] = {}
    for change in changes:
        parts.setdefault(change.key, []).append(_part(change))
    told = []
    for key, words in parts.items():
        label = new.get(key) or old.get(key, key)
        if key not in old:
            sentence = _("%(label)s is new, and required.") if key in required else _("%(label)s is new.")
            told.append(sentence % {"label": label})
        elif key not in new:
            told.append(_("%(label)s is gone; its value is left out.") % {"label": label})
        elif named := [word for word in dict.fromkeys(words) if word]:
            told.append(_("%(label)s has changed: %(what)s.") % {"label": label, "what": ", ".join(named)})
    return told


def _labels(definition: Definition) -> Mapping[str, str]:
    return {one.key: one.label or one.key for one in definition.inputs}


def _part(change: Change) -> str:
    """The field that changed, with short values; empty for a new place in the form, which makes no difference."""
    if change.kind == "moved":
        return ""
    name = ".".join(change.path.split(".")[2:])
    before, after = _short(change.before), _short(change.after)
    if change.kind == "removed":
        return _("%(name)s is gone") % {"name": name}
    if not after:
        return name
    if not before:
        return _("%(name)s is now %(after)s") % {"name": name, "after": after}
    return _("%(name)s was %(before)s, is now %(after)s") % {"name": name, "before": before, "after": after}


def _short(value: Json) -> str:
    """A plain value that fits into a sentence; empty for any other."""
    if value is None or isinstance(value, dict | list):
        return ""
    text = value if isinstance(value, str) else dumps(value)
    return text if len(text) <= 40 and text.isprintable() else ""
