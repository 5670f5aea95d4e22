"""A loopback proxy before PostgreSQL that loses connections at commits.

It reads what clients send just far enough to know a statement that commits a step or a move of a job when it goes by:
`COMMIT`, and whatever changes `jobs_job`, also when it was prepared before.
"""

import asyncio
import random
import threading
from dataclasses import dataclass, field
from typing import Any

_READY = b"Z"


@dataclass(kw_only=True)
class Cutter:
    """Cuts with `probability` at each commit while `cuts` are left. `how` counts what it did."""

    server: tuple[str, int]
    """Host and port."""
    chance: random.Random
    probability: float = 0.02
    cuts: int = 0
    how: dict[str, int] = field(default_factory=dict)
    port: int = 0

    def start(self) -> None:
        """Listen, in a thread that dies with the process."""
        listening = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(listening)), daemon=True).start()
        if not listening.wait(10):
            raise TimeoutError("The proxy did not begin to listen.")

    async def _serve(self, listening: threading.Event) -> None:
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        await server.serve_forever()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server = await asyncio.open_connection(*self.server)
        except OSError:
            writer.close()
            return
        talk = _Talk(self, (reader, writer), server)
        tasks = [asyncio.create_task(talk.upward()), asyncio.create_task(talk.downward())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for each in (writer, server[1]):
                each.transport.abort()

    def choose(self) -> str:
        """How to cut this commit, or nothing."""
        if self.cuts <= 0 or self.chance.random() >= self.probability:
            return ""
        self.cuts -= 1
        how = self.chance.choice(("before it is sent", "as it is sent", "after it is done"))
        self.how[how] = self.how.get(how, 0) + 1
        return how


class _Talk:
    """One connection."""

    def __init__(self, cutter: Cutter, client: Any, server: Any) -> None:
        self.cutter = cutter
        self.from_client, self.to_client = client
        self.from_server, self.to_server = server
        self.prepared: set[bytes] = set()
        self.commits = False
        self.deaf = False
        """The client hears nothing any more; the end of the command is awaited, then all is cut."""

    async def upward(self) -> None:
        """From the client to the server, message by message; cuts by returning."""
        try:
            await self._startup()
            while True:
                head = await self.from_client.readexactly(5)
                body = await self.from_client.readexactly(int.from_bytes(head[1:], "big") - 4)
                self._understand(head[:1], body)
                how = self.cutter.choose() if self.commits and head[:1] in b"SQ" else ""
                if head[:1] in b"SQ":
                    self.commits = False
                if how == "before it is sent":
                    return
                self.deaf = how == "after it is done"
                self.to_server.write(head + body)
                await self.to_server.drain()
                if how == "as it is sent":
                    return
        except (OSError, asyncio.IncompleteReadError):
            return

    async def downward(self) -> None:
        """From the server to the client."""
        try:
            while data := await self.from_server.read(65_536):
                if self.deaf:
                    if data[-6:-5] == _READY:
                        return
                    continue
                self.to_client.write(data)
                await self.to_client.drain()
        except OSError:
            return

    async def _startup(self) -> None:
        """Startup messages have no type; a request for encryption (code 80877103 or 80877104) comes before them."""
        while True:
            size = await self.from_client.readexactly(4)
            body = await self.from_client.readexactly(int.from_bytes(size, "big") - 4)
            self.to_server.write(size + body)
            await self.to_server.drain()
            if int.from_bytes(body[:4], "big") not in (80877103, 80877104):
                return

    def _understand(self, kind: bytes, body: bytes) -> None:
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            if _is_commit(rest.partition(b"\0")[0]):
                self.prepared.add(name)
            else:
                self.prepared.discard(name)
        elif kind == b"B":
            self.commits = self.commits or body.split(b"\0", 2)[1] in self.prepared
        elif kind == b"Q":
            self.commits = _is_commit(body.rstrip(b"\0"))


def _is_commit(statement: bytes) -> bool:
    return statement.strip().upper() == b"COMMIT" or b"UPDATE jobs_job" in statement
