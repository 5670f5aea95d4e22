"""What the documentation says of definitions, made from the code that reads them."""

import json
from itertools import groupby

from workflows.definition.schema import definition_schema
from workflows.expressions.functions import FUNCTIONS

_INTRODUCTION = (
    "What expressions (`{{ … }}`) and the source of `code` steps can call, besides the methods of texts, lists and "
    "objects. Generated from the code by `manage.py write_docs`."
)


def schema_text() -> str:
    """The published JSON Schema of a definition, as a file."""
    return json.dumps(definition_schema(), indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def functions_markdown() -> str:
    """Every function that expressions and code can call, by group."""
    lines = [
        "# Functions",
        "",
        _INTRODUCTION,
    ]
    for group, functions in groupby(sorted(FUNCTIONS, key=lambda one: one.group), key=lambda one: one.group):
        lines += [
            "",
            f"## {group.capitalize()}",
            "",
            "| function | what it gives | example | result |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| `{_cell(one.signature)}` | {_cell(one.summary)} | `{_cell(one.example)}` | `{_cell(str(one.result))}` |"
            for one in functions
        ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
