"""What the fields of a definition are called where people fill them in, with an example where one helps."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS: Mapping[str, Promise] = {
    "key": _("Key"),
    "name": _("Name"),
    "label": _("Label"),
    "description": _("Note for people"),
    "when": _("Only if"),
    "on_error": _("If it fails"),
    "timeout": _("Time limit for each attempt"),
    "retry": _("Try again"),
    "idempotent": _("May it run twice?"),
    "connection": _("Connection"),
    "values": _("Values"),
    "source": _("Program"),
    "inputs": _("What it gets"),
    "duration": _("How long"),
    "until": _("Until"),
    "wait_for": _("Wait for"),
    "items": _("List to go through"),
    "as": _("Name of one item"),
    "concurrency": _("Items at the same time"),
    "collect": _("What each item gives"),
    "on_item_error": _("If an item fails"),
    "max_failures": _("Failures at most"),
    "spread": _("Share among workers"),
    "max_times": _("Turns at most"),
    "delay": _("Wait between turns"),
    "on_exhausted": _("If the last turn did not end it"),
    "workflow": _("Workflow"),
    "message": _("Message"),
    "reason": _("Code for programs"),
    "details": _("Details"),
    "outputs": _("Outputs"),
    "value": _("What it gives"),
    "errors": _("Error codes"),
    "required": _("Must it be there?"),
    "priority": _("Place in the line"),
    "help": _("Hint under the field"),
    "section": _("Heading above it"),
    "default": _("Filled in with"),
    "show_when": _("Ask for it only if"),
    "min_length": _("Characters at least"),
    "max_length": _("Characters at most"),
    "pattern": _("Must match the pattern"),
    "multiline": _("Several lines"),
    "secret": _("Secret"),
    "minimum": _("At least"),
    "maximum": _("At most"),
    "choices": _("Choices"),
    "min_items": _("Entries at least"),
    "max_items": _("Entries at most"),
    "accept": _("Kinds of files"),
    "max_bytes": _("Largest file in bytes"),
    "sources": _("Where files come from"),
    "schema": _("JSON Schema"),
    "max_attempts": _("Attempts in all"),
    "backoff": _("The wait"),
    "max_delay": _("Longest wait"),
    "statuses": _("Also on these HTTP statuses"),
    "format": _("Format"),
    "type": _("Type"),
}
"""By the field's name; some have another one in `LABELS_IN`."""

LABELS_IN: Mapping[tuple[str, str], Promise] = {
    ("workflow", "timeout"): _("Time limit of a whole job"),
    ("workflow", "description"): _("What it is for"),
    ("output", "value"): _("Value"),
    ("repeat", "until"): _("Ends when"),
    ("repeat", "collect"): _("What each turn gives"),
    ("branch", "when"): _("Taken if"),
    ("catch", "errors"): _("Only on these error codes"),
    ("retry", "errors"): _("On these error codes"),
    ("retry", "delay"): _("First wait"),
    ("delay", "until"): _("Until the moment"),
    ("code", "inputs"): _("Values that the program sees"),
    ("workflow_step", "inputs"): _("Its inputs"),
}
"""By the kind of part, or the type of step, and the field's name."""

EXAMPLES: Mapping[str, str] = {
    "when": "inputs.amount > 500",
    "items": "steps.rows.output.rows",
    "collect": "steps.line.output",
    "until": "steps.check.output.status == 'done'",
    "duration": "15m",
    "timeout": "90s",
    "delay": "30s",
    "max_delay": "1h",
    "errors": "http_error",
    "statuses": "409",
    "accept": ".csv",
    "show_when": "inputs.kind == 'other'",
    "pattern": "[A-Z]{2}[0-9]{4}",
    "choices": "eur | Euro",
}

HELPS: Mapping[str, Promise] = {
    "key": _("What formulas call it. It stays as it is when the name is changed."),
    "name": _("What people see."),
    "when": _("Leave it empty and it always runs."),
    "items": _("What it does, it does for each entry of this list."),
    "as": _("What one entry is called in the steps inside."),
    "collect": _("Empty: what the last step inside gives."),
    "choices": _("One on each line. Where people shall read something else, put it after a bar."),
    "accept": _("One on each line, as an ending or a media type. Empty: any file."),
}
"""What is said under a field, in the words of whoever fills it in; for the others it is what the definition says."""

HELPS_IN: Mapping[tuple[str, str], Promise] = {
    ("workflow", "name"): _("What people see in lists and on jobs."),
    ("workflow", "description"): _("For whoever starts a job or changes the workflow."),
    ("set", "values"): _(
        "A name and a value in each row. Insert… puts in what was given or worked out before."
    ),
    ("workflow_step", "workflow"): _("Workflows that are active. What it needs is asked for below."),
    ("workflow_step", "inputs"): _("What the other workflow is given, by name."),
    ("code", "inputs"): _("A name and a value in each row, for the program to use."),
    ("branch", "when"): _("The first branch whose conditions hold is taken."),
    ("branch", "value"): _("For later steps. A text stands in quotes: 'Within the limit'. Empty: nothing."),
    ("lane", "value"): _(
        "For later steps. A text stands in quotes: 'done'. Empty: what its last step gives."
    ),
    ("else", "value"): _("For later steps. A text stands in quotes: 'Within the limit'. Empty: nothing."),
    ("output", "value"): _("Insert… shows what the steps give."),
    ("output", "type"): _("What kind of value the job gives."),
    ("output", "required"): _("Whether the job fails if there is no value."),
    ("csv.read", "file"): _("The file to read. Insert… shows the files that a job is given."),
    ("spreadsheet.read", "file"): _("The file to read. Insert… shows the files that a job is given."),
    ("csv.read", "columns"): _("A column that is to be reckoned with is a number. All others are texts."),
    ("csv.write", "rows"): _("The list to write: a row for each entry."),
    ("csv.write", "columns"): _("One on each line, in the order of the file. Empty: all."),
    ("text.render", "text"): _("Insert… puts values into the text, where they stand between {{ and }}."),
    ("text.render", "filename"): _("For example letter.txt. Empty: no file is made."),
}
"""The same by the kind of part, or the type of step, and the field's name."""

CHOICES: Mapping[tuple[str, str], Promise] = {
    ("on_error", "fail"): _("The job fails"),
    ("on_error", "continue"): _("Go on without its result"),
    ("on_item_error", "fail"): _("The step fails after the others finished"),
    ("on_item_error", "continue"): _("Go on; the item gives nothing"),
    ("on_exhausted", "fail"): _("The step fails"),
    ("on_exhausted", "continue"): _("Go on"),
    ("wait_for", "all"): _("all branches"),
    ("wait_for", "any"): _("the first that ends; the others are cancelled"),
    ("priority", "normal"): _("normal"),
    ("priority", "low"): _("after the others"),
    ("priority", "high"): _("before the others"),
    ("backoff", "fixed"): _("is the same each time"),
    ("backoff", "exponential"): _("doubles each time"),
}
"""The words of a choice, by field and value."""

RETRIES: Mapping[str, Promise] = {
    "": _("As the kind of step does it"),
    "none": _("Never"),
    "quick": _("Quickly: 3 attempts within a minute"),
    "patient": _("Patiently: 8 attempts within a day"),
    "custom": _("In my own way"),
}

YES, NO = _("Yes"), _("No")
NOT_SET = _("Not set")


def label_of(name: str, *owners: str) -> str:
    """The label of a field of such a part."""
    for owner in owners:
        if (owner, name) in LABELS_IN:
            return str(LABELS_IN[owner, name])
    return str(LABELS.get(name, name))


def help_of(name: str, said: str, *owners: str) -> str:
    """What is said under a field of such a part; `said` is what its definition says."""
    for owner in owners:
        if (owner, name) in HELPS_IN:
            return str(HELPS_IN[owner, name])
    return said


def choice_word(name: str, value: str) -> str:
    """What a choice of a field is called."""
    return str(CHOICES.get((name, value), value))
