"""The Builder's outline as HTML. It is written here and not by a template because a draft may have a thousand rows, and
is shown anew after each save.
"""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from django import template
from django.template.context import Context
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows.builder.outline import Entry
from workspaces.templatetags.pages import icon

register = template.Library()
_SYMBOL = "outline-"
_ERROR, _WARNING = "circle-x", "triangle-alert"


@register.simple_tag
def outline_symbols(*lists: Iterable[Entry]) -> SafeString:
    """The icons of the rows, each once: a row names the one that it shows."""
    names = sorted(
        {entry.icon for entries in lists for entry in entries if entry.icon} | {"plus", _ERROR, _WARNING}
    )
    symbols = ((_SYMBOL + name, icon(name, 15)) for name in names)
    return format_html(
        '<svg class="outline-symbols" aria-hidden="true">{}</svg>',
        format_html_join("", '<symbol id="{}" viewBox="0 0 15 15">{}</symbol>', symbols),
    )


@register.simple_tag(takes_context=True)
def outline_rows(context: Context, entries: Iterable[Entry], top: str) -> SafeString:
    """The list of one part of the outline; `top` is the path of the part itself, whose title stands above it."""
    token = str(context.get("csrf_token", ""))
    pieces = [_WRITERS[entry.event](entry, top, token) for entry in entries]
    return mark_safe("".join(pieces))  # noqa: S308 - every writer escapes what it is given


def _row(entry: Entry, _top: str, _token: str) -> str:
    here = ' aria-current="true"' if entry.chosen else ""
    path, key = escape(entry.path), escape(entry.key)
    return (
        f'<li data-path="{path}" data-key="{key}" id="o-{path}">'
        f'<div class="outline-row{" is-here" if entry.chosen else ""}">{"<i></i>" if entry.movable else ""}'
        f'<a href="?at={quote(entry.at)}" title="{escape(entry.type)}"{here}>{_use(entry.icon)}'
        f"<span>{escape(entry.title)}</span></a>{_mark(entry)}</div>"
    )


def _mark(entry: Entry) -> str:
    if entry.errors:
        words = ngettext("%(count)s problem", "%(count)s problems", entry.errors) % {"count": entry.errors}
        return f'<span class="outline-mark tone-bad">{_use(_ERROR)}<span class="visually-hidden">{words}</span></span>'
    if entry.warnings:
        return (
            f'<span class="outline-mark tone-wait">{_use(_WARNING)}'
            f'<span class="visually-hidden">{_("Warning")}</span></span>'
        )
    return ""


def _inside(entry: Entry, _top: str, _token: str) -> str:
    words = _("Inside %(name)s") % {"name": entry.title}
    return f'<details open id="i-{escape(entry.path)}"><summary aria-label="{escape(words)}"></summary>'


def _open(entry: Entry, top: str, _token: str) -> str:
    title = (
        f'<span class="outline-title quiet">{escape(entry.title)}</span>'
        if entry.title and entry.path != top
        else ""
    )
    return f'{title}<ul data-list="{escape(entry.path)}" data-owner="{escape(entry.key)}" data-holds="{entry.holds}">'


def _close(entry: Entry, _top: str, _token: str) -> str:
    if not entry.add:
        return "</ul>"
    here = " is-here" if entry.chosen else ""
    inside = _("inside %(name)s") % {"name": entry.title} if entry.title else ""
    where = f'<span class="visually-hidden"> {escape(inside)}</span>' if inside else ""
    return f'</ul><a class="outline-add{here}" href="?add={quote(entry.path)}">{_use("plus")}{escape(entry.add)}{where}</a>'


def _wrong(entry: Entry, _top: str, token: str) -> str:
    return format_html(
        '<form class="outline-wrong" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="{}"><span>{}</span>'
        '<button class="btn btn-sm" name="do" value="clear:{}">{}</button></form>',
        token,
        _("Here stands %(what)s, not a list.") % {"what": entry.title},
        entry.path,
        _("Take it away"),
    )


def _cut(_entry: Entry, _top: str, _token: str) -> str:
    return format_html(
        '<p class="quiet">{}</p>', _("There are more than are listed here. The source has them all.")
    )


def _use(name: str) -> str:
    return f'<svg width="15" height="15" aria-hidden="true"><use href="#{_SYMBOL}{name}"/></svg>'


_WRITERS: Mapping[str, Callable[[Entry, str, str], str]] = {
    "row": _row,
    "inside": _inside,
    "open": _open,
    "close": _close,
    "outside": lambda _entry, _top, _token: "</details>",
    "end": lambda _entry, _top, _token: "</li>",
    "wrong": _wrong,
    "cut": _cut,
}
