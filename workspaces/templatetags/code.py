"""`{% code_editor %}`: what a page needs whose fields hold YAML, JSON or a program."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()

_SOMETIMES = ("json", "python", "yaml", "autocomplete")
"""What belongs to one language is fetched when a field has it; the rest at once, and not one after the other."""
_BREAKS_OUT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.inclusion_tag("parts/code.html", takes_context=True)
def code_editor(context: dict[str, Any]) -> dict[str, Any]:
    """Scripts that make an editor of each `<textarea data-code="yaml">`. The textarea stands in an element of its own,
    which has an id where htmx morphs it.
    """
    nonce = context["request"].csp_nonce
    modules = {name: static(f"packages/{file}") for name, file in settings.PACKAGE_MODULES.items()}
    always = [url for name, url in modules.items() if not name.endswith(_SOMETIMES)]
    return {"import_map": _import_map(modules, nonce), "always": always, "words": _words()}


def _import_map(modules: dict[str, str], nonce: str) -> SafeString:
    """Where the modules are that the script imports. Browsers take it from the page alone, hence the nonce."""
    text = json.dumps({"imports": modules}).translate(_BREAKS_OUT)
    return format_html('<script type="importmap" nonce="{}">{}</script>', nonce, SafeString(text))


def _words() -> dict[str, str]:
    """What the editor says, by what it would say of itself."""
    return {
        "hint": gettext("Tab indents. To leave the field with the keyboard, press Esc, then Tab."),
        "Find": gettext("Find"),
        "Replace": gettext("Replace"),
        "next": gettext("next"),
        "previous": gettext("previous"),
        "all": gettext("all"),
        "match case": gettext("match case"),
        "regexp": gettext("regular expression"),
        "by word": gettext("whole words"),
        "replace": gettext("replace"),
        "replace all": gettext("replace all"),
        "close": gettext("close"),
        "current match": gettext("current match"),
        "on line": gettext("on line"),
        "replaced match on line $": gettext("replaced match on line $"),
        "replaced $ matches": gettext("replaced $ matches"),
        "Go to line": gettext("Go to line"),
        "go": gettext("go"),
        "Diagnostics": gettext("Problems"),
        "No diagnostics": gettext("No problems"),
        "Selection deleted": gettext("Selection deleted"),
        "Control character": gettext("Control character"),
    }
