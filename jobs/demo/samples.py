"""The sample workflows and input files, as they lie in `samples/`."""

from dataclasses import dataclass, field
from pathlib import Path

from common.canonical import Json

FOLDER = Path(__file__).parent / "samples"


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
    return (FOLDER / f"{workflow}.yaml").read_text(encoding="utf-8")
