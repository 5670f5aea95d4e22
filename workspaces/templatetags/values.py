"""`{% value data path="steps.rows.output" %}`: any JSON value as a tree that people can read."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from common.canonical import Json
from workspaces.pages.texts import Piece, pieces_of
from workspaces.pages.values import Column, Node, value_tree

register = template.Library()


@register.inclusion_tag("parts/value.html")
def value(
    data: Json, path: str = "", label: str = "", download: str = "", columns: Sequence[Column] = ()
) -> dict[str, Any]:
    """`label` names it for people, `path` for expressions; `download` is the address of the whole as a file."""
    label = str(label) or gettext("the value")
    tree = value_tree(data, path=path, name=label, columns=columns)
    return {"tree": tree, "node": tree.root, "label": label, "download": download}


@register.filter
def size(count: int) -> str:
    """A number of bytes in words."""
    return filesizeformat(count)


@register.filter
def node_template(node: Node) -> str:
    """The template of a node: one of those in `parts/values/`."""
    if node.kind in ("object", "list") and node.count:
        return "parts/values/members.html"
    return "parts/values/table.html" if node.kind == "table" else "parts/values/scalar.html"


@register.simple_tag
def pieces(parts: Sequence[Piece]) -> SafeString:
    """A text whose invisible characters are marked; no more than text, whatever it says."""
    title = gettext("A character that cannot be seen")
    return format_html_join(
        "",
        "{}",
        (
            (
                format_html(
                    '<span class="unseen" title="{}" data-codes="{}">{}</span>', title, each.codes, each.text
                )
                if each.codes
                else each.text,
            )
            for each in parts
        ),
    )


@register.simple_tag
def members_of(node: Node) -> str:
    """How many members a value has, in words."""
    if node.kind == "table":
        return ngettext("{} row", "{} rows", node.count).format(node.count)
    if node.kind == "list":
        return ngettext("{} item", "{} items", node.count).format(node.count)
    return ngettext("{} field", "{} fields", node.count).format(node.count)


@register.simple_tag
def visible(text: object) -> SafeString:
    """A text from outside in which nothing hides."""
    return pieces(pieces_of(str(text)))
