"""The results as JSON lines, as a Markdown table, and inside docs/benchmarks.md."""

import json
import os
import platform
import sqlite3
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.figures import Figure
from benchmarks.scratch import RESULTS, ROOT, SERVER_URL

DOCS = ROOT / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- results: begin -->", "<!-- results: end -->"


def machine(databases: list[str]) -> dict[str, Any]:
    """What the figures were taken on."""
    facts: dict[str, Any] = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": _commit(),
        "cpus": os.cpu_count(),
        "cpu": _cpu_model(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("django", "django-q2", "pydantic-monty", "psycopg", "gunicorn")},
    }
    if "postgresql" in databases:
        with psycopg.connect(SERVER_URL) as server:
            found = server.execute("SHOW server_version").fetchone()
            facts["postgresql"] = found[0] if found else ""
    return facts


def write(facts: dict[str, Any], figures: list[Figure]) -> Path:
    """Both forms, below var/benchmarks/; the path of the table."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    name = facts["at"].replace(":", "").replace("-", "")
    lines = [json.dumps(facts), *(json.dumps(figure.as_json(), ensure_ascii=False) for figure in figures)]
    (RESULTS / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    table = RESULTS / f"{name}.md"
    table.write_text(markdown(facts, figures))
    return table


def markdown(facts: dict[str, Any], figures: list[Figure]) -> str:
    """One line a figure: median (min to max)."""
    shown = ", ".join(
        f"{name} {value}" for name, value in facts.items() if name not in ("at", "commit", "cpus", "cpu")
    )
    head = [
        f"Taken {facts['at']} at {facts['commit']} on {facts['cpus']} x {facts['cpu']} ({shown}).",
        "",
        "| | database | figure | median | min to max | goal | | CPU s | load |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(figure) for figure in figures)]) + "\n" + _notes(figures)


def write_docs(text: str) -> None:
    """Put the table where the last one was."""
    page = DOCS.read_text()
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    DOCS.write_text(f"{before}{_BEGIN}\n{text}{_END}{after}")


def _row(figure: Figure) -> str:
    met = {True: "met", False: "**missed**", None: ""}[figure.met]
    cpu = f"{sorted(figure.cpu)[len(figure.cpu) // 2]:.2f}" if figure.cpu else ""
    spread = f"{_number(min(figure.values))} to {_number(max(figure.values))}"
    return (
        f"| {figure.workload} | {figure.database} | {figure.name} | {_number(figure.median)} {figure.unit} | {spread} "
        f"| {figure.goal} | {met} | {cpu} | {figure.load:.1f} |"
    )


def _notes(figures: list[Figure]) -> str:
    noted = [figure for figure in figures if figure.note]
    lines = [f"- {each.workload}, {each.database}, {each.name}: {each.note}." for each in noted]
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "an unknown commit"


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
