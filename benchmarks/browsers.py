"""Browsers that have a page of a job open: `python -m benchmarks.browsers PORT PAUSE LONGEST`, a process of its own.

Reads one line of JSON: for each browser its cookie, the page, and the region that is asked again and again. Each asks as
htmx and `poll.js` do, with the revision that it was given last: each PAUSE seconds, and ever less often while nothing
changes, up to LONGEST seconds. Prints `ready` when all have their first answer; once its input ends, how many polls
there were and what they were answered.
"""

import asyncio
import json
import math
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.figures import percentile
from benchmarks.scratch import ROOT

_REVISION = re.compile(rb"[?;&]revision=([0-9a-f]+)")
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass(frozen=True, kw_only=True)
class Browser:
    """A person's session, and what of the page that lies open is live. Without a page it asks the bare address."""

    cookie: str
    page: str
    region: str
    target: str


@dataclass(kw_only=True)
class Polls:
    """What came of it, by status, and the slowest twentieth's least time. Complete once `polling` has ended."""

    statuses: Counter[str] = field(default_factory=Counter)
    p95: float = 0.0

    @property
    def count(self) -> int:
        """How many polls were answered."""
        return self.statuses.total()

    @property
    def same(self) -> float:
        """The share of answers that said: nothing new."""
        return self.statuses["204"] / self.count


@contextmanager
def polling(port: int, browsers: list[Browser], *, pause: float, longest: float = 0.0) -> Iterator[Polls]:
    """They poll as long as this lasts; `longest=0`: as often when nothing changes as otherwise.

    Raises `RuntimeError` if an answer was neither 200 nor 204.
    """
    found = Polls()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.browsers", str(port), str(pause), str(longest)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps([asdict(each) for each in browsers]) + "\n")
        process.stdin.flush()
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("The browsers did not get their pages; the reason stands above.")
        yield found
        told: dict[str, Any] = json.loads(process.communicate()[0])
        found.statuses.update(told["statuses"])
        found.p95 = told["p95"]
    finally:
        process.kill()
        process.wait()
    if odd := set(found.statuses) - {"200", "204"}:
        raise RuntimeError(f"Polls were answered {', '.join(sorted(odd))}.")


class _Tab:
    """One browser's open page, on a connection that is kept as long as the server keeps it."""

    def __init__(self, port: int, browser: Browser) -> None:
        self._port, self._browser = port, browser
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._revision = ""

    async def open(self) -> None:
        """The region as it is now. Raises `RuntimeError` if there is none."""
        status, _ = await self.ask()
        if status != "200":
            raise RuntimeError(f"{self._browser.region} answered {status}")

    async def ask(self) -> tuple[str, float]:
        """One poll: its status, and the seconds that it took."""
        start = time.perf_counter()
        try:
            status, body = await self._exchange()
        except (
            OSError,
            asyncio.IncompleteReadError,
        ):  # the server let go of the connection: as browsers, once more
            self._streams = None
            status, body = await self._exchange()
        taken = time.perf_counter() - start
        if revision := _REVISION.search(body):
            self._revision = f"?revision={revision[1].decode()}"
        return status, taken

    async def _exchange(self) -> tuple[str, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(self._request())
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if b"\r\nConnection: close" in head:
            writer.close()
            self._streams = None
        return head[9:12].decode(), body

    def _request(self) -> bytes:
        browser, here = self._browser, f"http://127.0.0.1:{self._port}"
        lines = (
            f"GET {browser.region}{self._revision} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Accept: */*",
            "Accept-Encoding: gzip, deflate",
            f"Cookie: {browser.cookie}",
            "HX-Request: true",
            f"HX-Current-URL: {here}{browser.page}",
            f"HX-Target: {browser.target}",
            f"Referer: {here}{browser.page}",
            "Sec-Fetch-Site: same-origin",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _poll(tab: _Tab, pause: float, longest: float, told: Counter[str], seconds: list[float]) -> None:
    due = time.monotonic() + random.uniform(0, pause)
    same = 0.0
    while True:
        await asyncio.sleep(max(due - time.monotonic(), 0))
        status, taken = await tab.ask()
        told[status] += 1
        seconds.append(taken)
        # As in poll.js: 1, 2, 4 … seconds while nothing changes, and then the next of htmx's regular requests.
        same = min(same * 2 or 1.0, longest) if status == "204" else 0.0
        due = max(due + pause * max(math.ceil(same / pause), 1), time.monotonic())


async def _browse(port: int, pause: float, longest: float) -> None:
    tabs = [_Tab(port, Browser(**each)) for each in json.loads(sys.stdin.readline())]
    for tab in tabs:
        await tab.open()
    print("ready", flush=True)
    told: Counter[str] = Counter()
    seconds: list[float] = []
    tasks = [asyncio.create_task(_poll(tab, pause, longest, told, seconds)) for tab in tabs]
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    done, _ = await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    for each in done:
        each.result()  # an error of a poll is ours
    print(json.dumps({"statuses": told, "p95": percentile(seconds, 0.95) if seconds else 0.0}))


if __name__ == "__main__":
    asyncio.run(_browse(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
