"""A service on loopback that answers what it was sent and remembers who asked: `python -m benchmarks.echo`.

Prints its port. `/wait/MS` answers after so many milliseconds; `GET /history/RUN` lists the requests of one run, with
step, idempotency key and time; everything else is echoed at once. It is as thin as can be, for it shares the machine
with what is measured.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.scratch import ROOT

History = dict[str, list[dict[str, Any]]]


class _Conversation(asyncio.Protocol):
    """One connection: HTTP/1.1 with keep-alive and bodies of a known length, which is all that comes."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.received = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while True:
            head, end, rest = self.received.partition(b"\r\n\r\n")
            if not end:
                return
            lines = head.decode("latin-1").split("\r\n")
            headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:])}
            length = int(headers.get("content-length", "0"))
            if len(rest) < length:
                return
            self.received = rest[length:]
            self._answer(lines[0].split(" ")[1], headers, rest[:length])

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> None:
        if path.startswith("/history/"):
            body = json.dumps(self.history[path.removeprefix("/history/")]).encode()
        elif "x-run" in headers:
            self.history[headers["x-run"]].append(
                {
                    "step": int(headers.get("x-step", "-1")),
                    "key": headers.get("idempotency-key", ""),
                    "at": time.time(),
                }
            )
        if path.startswith("/wait/"):
            loop = asyncio.get_running_loop()
            loop.call_later(float(path.removeprefix("/wait/")) / 1000, self._send, body or b"{}")
        else:
            self._send(body or b"{}")

    def _send(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


@contextmanager
def echo_server() -> Iterator[str]:
    """Its address, while it runs in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.echo"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


async def _serve() -> None:
    history: History = defaultdict(list)
    server = await asyncio.get_running_loop().create_server(lambda: _Conversation(history), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
