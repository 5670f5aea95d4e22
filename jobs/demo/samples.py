"""The sample workflows and input files: the expense report of the gallery, and what lies in `samples/`."""

from dataclasses import dataclass, field
from pathlib import Path

from common.canonical import Json
from workflows.gallery import FOLDER as GALLERY

_FOLDERS = (Path(__file__).parent / "samples", GALLERY / "expense-report")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A workflow that people can try at once, and the files that its inputs take."""

    workflow: str
    title: str
    files: dict[str, str]
    """Input key to file name."""
    inputs: dict[str, Json] = field(default_factory=dict)


EXPENSE_REPORT = Sample(
    workflow="expense-report",
    title="Expenses of October",
    files={"report": "expenses.csv"},
    inputs={"limit": 2500, "currency": "EUR"},
)
MONTH_CLOSE = Sample(
    workflow="month-close",
    title="Close of October",
    files={"ledger": "ledger.csv"},
    inputs={"month": "2026-10"},
)
WORKFLOWS = ("classify-expense", "expense-report", "month-close")
"""Callees first: the order in which they are imported."""


def definition_text(workflow: str) -> str:
    """The workflow's file, as an import takes it."""
    return path_of(f"{workflow}.yaml").read_text(encoding="utf-8")


def path_of(name: str) -> Path:
    """Where the file `name` of a workflow or an input lies."""
    return next(folder / name for folder in _FOLDERS if (folder / name).is_file())
