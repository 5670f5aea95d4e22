"""S3: a job with 10,000 step runs, as people and programs look at it, beside a small one; and the web server's memory."""

import http.client
import json
import statistics
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from benchmarks import workloads
from benchmarks.bed import Bed
from benchmarks.figures import percentile
from benchmarks.people import people

ITEMS = 5_000
"""Each has a row of its own and one of its step."""
SMALL = 3
REQUESTS = 20
PACKS = 2
MOST_MS = 300.0
MOST_GROWTH = 1.1
PARTS = {
    "page": "",
    "page of the items": "?at=loop",
    "page of the last items": "?{last_page}",
    "page of the problems": "?only=problems",
    "fragment: state": "state/",
    "fragment: steps": "step-list/",
    "fragment: items": "inside/?at=loop",
    "fragment: the last items": "inside/?{last_page}",
    "fragment: graph": "graph/",
    "fragment: a step": "steps/?{last_step}",
}
"""Below `/jobs/ID/`."""
STEPS = "API: a page of steps"
LATER_STEPS = "API: a page of steps, in the middle"
API_PAGE = 1_000
PACK = "evidence pack"


def s3(bed: Bed) -> None:
    """Every address in turn, of the small job and of the large one; memory after the first round and after the last."""
    slug = bed.activate(workloads.loop_plain())
    [cookie] = people(bed.installation.place, 1).cookies
    sizes = {"small": SMALL, "large": ITEMS}
    jobs = {size: bed.run_job(slug, {"items": workloads.items(count)}).job for size, count in sizes.items()}
    asking = {size: _Asking(bed, cookie, jobs[size], count) for size, count in sizes.items()}
    before = _memory(bed)

    def once() -> dict[str, dict[str, list[float]]]:
        return {size: each.round() for size, each in asking.items()}

    once()
    first = _memory(bed)
    runs = [once() for _ in range(bed.runs)]
    last = _memory(bed)
    for name in runs[0]["large"]:
        _add(bed, name, [(run["small"][name], run["large"][name]) for run in runs])
    bed.add("S3", "memory of the web server before", "MB", [before])
    bed.add("S3", "memory after one round", "MB", [first])
    growth = last / first
    bed.add("S3", "memory after the last round ÷ after one", "x", [growth], goal=f"≤ {MOST_GROWTH}",
            met=growth <= MOST_GROWTH)  # fmt: skip


def _add(bed: Bed, name: str, runs: list[tuple[list[float], list[float]]]) -> None:
    """p95 with the goal of a page, and beside it the fastest of each, which other work on the machine cannot blur."""
    slowest = [percentile(large, 0.95) * 1000 for _, large in runs]
    fastest = [min(large) * 1000 for _, large in runs]
    ratio = [min(large) / min(small) for small, large in runs]
    goal = {} if name == PACK else {"goal": f"≤ {MOST_MS:g}", "met": statistics.median(slowest) <= MOST_MS}
    bed.add("S3", f"{name}, p95", "ms", slowest, **goal)
    bed.add("S3", f"{name}, fastest", "ms", fastest)
    bed.add("S3", f"{name}, fastest ÷ the same of {SMALL} items", "x", ratio)


class _Asking:
    """Asks for everything there is about one job."""

    def __init__(self, bed: Bed, cookie: str, job: int, items: int) -> None:
        self._port, self._token, self._cookie = bed.installation.port, bed.installation.token, cookie
        named = {
            "last_page": urlencode({"at": "loop", "page": (items + 49) // 50}),
            "last_step": urlencode({"path": f"loop[{items - 1}].s"}),
        }
        self._pages = {name: f"/jobs/{job}/{part.format(**named)}" for name, part in PARTS.items()}
        steps = f"/api/v1/jobs/{job}/steps/"
        self._data = {STEPS: steps, LATER_STEPS: self._later(steps, items // API_PAGE)}
        self._pack = f"/api/v1/jobs/{job}/evidence/"

    def round(self) -> dict[str, list[float]]:
        """The seconds of each request, by name."""
        found = {
            name: [self._get(path, {"Cookie": self._cookie}) for _ in range(REQUESTS)]
            for name, path in self._pages.items()
        }
        for name, path in self._data.items():
            found[name] = [self._get(path, self._signed()) for _ in range(REQUESTS)]
        found[PACK] = [self._get(self._pack, self._signed()) for _ in range(PACKS)]
        return found

    def _later(self, path: str, pages: int) -> str:
        """The address of a page of steps after so many others."""
        for _ in range(pages):
            following = json.loads(self._body(path, self._signed()))["next"]
            parts = urlsplit(following)
            path = f"{parts.path}?{parts.query}"
        return path

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Token {self._token}"}

    def _get(self, path: str, headers: dict[str, str]) -> float:
        start = time.perf_counter()
        self._body(path, headers)
        return time.perf_counter() - start

    def _body(self, path: str, headers: dict[str, str]) -> bytes:
        """On a connection of its own: the pause between two requests may be longer than the server keeps one."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=90)) as connection:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {body[:500]!r}")
        return body


def _memory(bed: Bed) -> float:
    """Resident memory of the process that answers, in MB: the larger one of the web server's two."""
    return max(_resident(pid) for pid in bed.installation.web_pids()) / 1e6


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
