"""A figure: what one workload gave on one database, run by run, and what it is held against."""

import os
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`values` has one number per run, in `unit`. `goal` is its wording, `met` whether the median keeps it."""

    workload: str
    database: str
    name: str
    unit: str
    values: tuple[float, ...]
    goal: str = ""
    met: bool | None = None
    cpu: tuple[float, ...] = ()
    """Processor seconds of web server and cluster in each run."""
    note: str = ""
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        """One line of the results."""
        return {
            "workload": self.workload,
            "database": self.database,
            "figure": self.name,
            "unit": self.unit,
            "median": self.median,
            "min": min(self.values),
            "max": max(self.values),
            "runs": list(self.values),
            "cpu_seconds": list(self.cpu),
            "goal": self.goal,
            "met": self.met,
            "note": self.note,
            "load": self.load,
        }


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * share // 1) - 1))]
