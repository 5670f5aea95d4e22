"""What the documentation says of definitions, made from the code that reads them."""

import json
from itertools import groupby

from workflows.definition.schema import definition_schema
from workflows.expressions.functions import FUNCTIONS
from workflows.gallery import Entry, entries
from workflows.reading import parsed

_INTRODUCTION = (
    "What expressions (`{{ … }}`) and the source of `code` steps can call, besides the methods of texts, lists and "
    "objects. Generated from the code by `manage.py write_docs`."
)


_GALLERY = """# The gallery

Under *Workflows*, *From the gallery* has workflows that offices need. Each is explained step by step, beside its graph,
and has sample inputs, sample files to download, and what comes out with them. *Use this workflow* makes a draft of it in
your workspace; the workflows that it calls come along and are activated. Nothing that is there is changed: a slug that is
taken gets a number, unless it is that of the very workflow that is called.
What a step does stands in its `description`, so that the explanation stays with the copy.

Those that call services name them by made-up addresses. A preview needs none of them: `pins` in `about.yaml` has an answer
for each such step. Generated from the files by `manage.py write_docs`."""


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


def gallery_markdown() -> str:
    """Every workflow of the gallery: what it is for, and which kinds of steps it shows."""
    lines = [_GALLERY, "", "| workflow | for | shows |", "|---|---|---|"]
    lines += [
        f"| [{entry.name}](../workflows/gallery/{entry.slug}) | {_cell(entry.for_whom)} | {_shown(entry)} |"
        for entry in entries()
    ]
    return "\n".join(lines) + "\n"


def _shown(entry: Entry) -> str:
    read = [parsed(raw).partial for raw in entry.definitions.values()]
    types = dict.fromkeys(step.type for definition in read if definition for step in definition.walk())
    return ", ".join(f"`{each}`" for each in types)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
