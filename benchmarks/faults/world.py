"""The outside world: a service on loopback, with its own history of what it was asked.

`python -m benchmarks.faults.world FILE SEED` prints its two ports (two hosts, as far as anyone can tell) and appends a
JSON line to FILE for each request, before it answers. What a path does is said at its function.
"""

import asyncio
import gzip
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from functools import cache

from benchmarks.faults.corpus import ANSWERS

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request: `words` are the parts of its path, `times` how often its key came, this time included."""

    words: list[str]
    times: int


class World:
    """Its history, and what it does for each first word of a path."""

    def __init__(self, history: str, seed: int) -> None:
        self._file = os.open(history, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._chance = random.Random(seed)
        self._seen: Counter[str] = Counter()
        self._does: dict[str, Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]] = {
            "effect": self._effect,
            "storm": self._storm,
            "after": self._after,
            "silent": self._silent,
            "drip": self._drip,
            "endless": self._endless,
            "big": self._big,
            "bomb": self._bomb,
            "answer": self._answer,
        }

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side has enough."""
        try:
            while asked := await self._ask(reader):
                await self._does[asked.words[0]](asked, writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader) -> Asked | None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = head[0].split(" ", 2)
        key = headers.get("idempotency-key", "")
        self._seen[key] += 1
        line = {"at": time.time(), "method": method, "path": path, "key": key, "bytes": len(body)}
        os.write(self._file, json.dumps(line).encode() + b"\n")
        return Asked(words=path.strip("/").split("/"), times=self._seen[key])

    async def _effect(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """`/effect/MS`: answers after so many milliseconds."""
        await asyncio.sleep(float(asked.words[1]) / 1000)
        _send(writer, b'{"done": true}')

    async def _storm(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """`/storm/PERCENT`: 500 so often."""
        failed = self._chance.random() * 100 < float(asked.words[1])
        _send(writer, b"{}", status="500 Storm" if failed else "200 OK")

    async def _after(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """`/after/VALUE`: 429 with that Retry-After the first time a key comes (`date-N`: the date N seconds on)."""
        value = asked.words[1]
        if value.startswith("date-"):
            value = formatdate(time.time() + float(value.removeprefix("date-")), usegmt=True)
        if asked.times == 1:
            _send(writer, b"{}", status="429 Too Many Requests", more=f"Retry-After: {value}\r\n")
        else:
            _send(writer, b"{}")

    async def _silent(self, _asked: Asked, _writer: asyncio.StreamWriter) -> None:
        """`/silent`: never answers."""
        await asyncio.sleep(3600)

    async def _drip(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """`/drip/head` or `/drip/body`: a byte a second."""
        whole = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n"
        if asked.words[1] == "body":
            writer.write(whole + b"\r\n")
            whole = b"x" * 5000
        for byte in whole:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)

    async def _endless(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """`/endless/MS`: chunks without end, one each MS milliseconds."""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = b"x" * 8192
        while True:
            writer.write(b"2000\r\n" + piece + b"\r\n")
            await writer.drain()
            await asyncio.sleep(float(asked.words[1]) / 1000)

    async def _big(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """`/big/MIB`: so much text."""
        count = int(asked.words[1])
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {count * MIB}\r\n\r\n"
        writer.write(head.encode())
        for _ in range(count):
            writer.write(b"x" * MIB)
            await writer.drain()

    async def _bomb(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """`/bomb/MIB`: so much text, as gzip."""
        _send(
            writer, _squeezed(int(asked.words[1])), more="Content-Encoding: gzip\r\n", media_type="text/plain"
        )

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        """`/answer/N`: the Nth of the corpus."""
        answer = ANSWERS[int(asked.words[1])]
        _send(writer, answer.body, media_type=answer.media_type)


@cache
def _squeezed(mebibytes: int) -> bytes:
    return gzip.compress(b"x" * (mebibytes * MIB), compresslevel=1)


def _send(
    writer: asyncio.StreamWriter,
    body: bytes,
    *,
    status: str = "200 OK",
    more: str = "",
    media_type: str = "application/json",
) -> None:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    writer.write(head.encode() + body)


async def _serve(history: str, seed: int) -> None:
    world = World(history, seed)
    servers = [await asyncio.start_server(world.converse, "127.0.0.1", 0) for _ in range(2)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
