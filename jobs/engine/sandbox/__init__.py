"""Runs expressions and code of authors in child processes, with bounds on time, memory, depth and print."""

from jobs.engine.sandbox.calls import CodeResult, Sandbox

__all__ = ["CodeResult", "Sandbox"]
