"""Shows the steps of a job as they happen: one line for each that ended and, on a terminal, a moving last line."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TextIO

from common.canonical import Json
from jobs.states import JOB_ENDED, STEP_ENDED, StepStatus

_MARKS = {
    StepStatus.COMPLETED: "✓",
    StepStatus.FAILED: "✗",
    StepStatus.SKIPPED: "-",
    StepStatus.CANCELLED: "■",
}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_CLEAR_LINE = "\r\x1b[2K"


class Progress:
    """Give it the job and its step runs as often as you like; it shows what is new."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._shown: set[str] = set()
        self._turn = 0

    def show(self, job: Mapping[str, Json], steps: Iterable[Mapping[str, Json]]) -> None:
        """Show the steps that ended since the last call. Steps inside items and sub-jobs are counted, not listed."""
        steps = list(steps)
        self._clear()
        for step in _items_first(steps):
            if step["status"] in STEP_ENDED and step["path"] not in self._shown and _is_listed(step):
                self._shown.add(step["path"])
                self._write(_line(step))
        if self._live and job["status"] not in JOB_ENDED:
            self._turn += 1
            self._out.write(f"  {_SPINNER[self._turn % len(_SPINNER)]} {_counted(job)} {_running(steps)}")
            self._out.flush()

    def _write(self, line: str) -> None:
        try:
            self._out.write(line + "\n")
        except UnicodeEncodeError:  # a terminal or log without Unicode
            self._out.write(line.encode("ascii", "replace").decode() + "\n")
        self._out.flush()

    def _clear(self) -> None:
        if self._live:
            self._out.write(_CLEAR_LINE)


def _items_first(steps: list[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """In the order of the definition, but a loop after its items, as they end."""
    keys = [step["path"].partition("[")[0] for step in steps]
    places = {key: place for place, key in reversed(list(enumerate(keys)))}
    return sorted(steps, key=lambda step: (places[step["path"].partition("[")[0]], "[" not in step["path"]))


def _is_listed(step: Mapping[str, Json]) -> bool:
    return "." not in step["path"] and "/" not in step["path"]


def _line(step: Mapping[str, Json]) -> str:
    mark = _MARKS[StepStatus(step["status"])]
    indent = "    " if step["path"].endswith("]") else "  "
    name = "" if step["path"].endswith("]") else step.get("name") or ""
    line = f"{indent}{mark} {step['path']:<12} {name:<32} {_took(step)}"
    error = step.get("error")
    return f"{line.rstrip()}  {error['message']}" if error else line.rstrip()


def _took(step: Mapping[str, Json]) -> str:
    if not step.get("started_at") or not step.get("finished_at"):
        return ""
    started, finished = (datetime.fromisoformat(step[name]) for name in ("started_at", "finished_at"))
    return f"{(finished - started).total_seconds():7.3f} s"


def _counted(job: Mapping[str, Json]) -> str:
    progress = job.get("progress") or {}
    return f"{progress.get('done', 0)} of {progress.get('total', 0)}"


def _running(steps: Iterable[Mapping[str, Json]]) -> str:
    running = [step["path"] for step in steps if step["status"] == StepStatus.IN_PROGRESS]
    return ", ".join(running[-3:])
