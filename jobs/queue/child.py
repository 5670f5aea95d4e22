"""What every process of a cluster does first."""

import ctypes
import multiprocessing
import os
import signal
import sys

fork = multiprocessing.get_context("fork")
"""Processes share the pages of what was imported before, and a fork takes milliseconds."""

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Let the kernel kill this process when the process `parent`, which forked it, dies. Linux only; elsewhere a
    killed sentinel leaves its workers behind, and their leases keep them honest."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died before the kernel was told


def end_at_sigterm() -> None:
    """For processes that hold nothing: SIGTERM ends them at once, whatever they do."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
