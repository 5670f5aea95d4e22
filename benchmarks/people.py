"""People with open sessions in an installation, made by a process of its own, `benchmarks.signed_in`."""

import json
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.scratch import ROOT, Scratch


@dataclass(frozen=True, kw_only=True)
class People:
    """Their cookies, and the queries of each address that was asked about."""

    cookies: list[str]
    queries: dict[str, int]


def people(place: Scratch, count: int, *addresses: str) -> People:
    """Operators of the workspace, signed in; `addresses` are polled once by one of them. Raises `RuntimeError`."""
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.signed_in", str(count), *addresses],
        cwd=ROOT,
        env=place.environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise RuntimeError("Nobody could be signed in; the reason stands above.")
    return People(**json.loads(ran.stdout.splitlines()[-1]))
