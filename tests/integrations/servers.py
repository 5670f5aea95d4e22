"""Loopback servers for tests: real sockets that behave well, or badly in one particular way."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A server on a free port of 127.0.0.1. `connections` counts what was accepted, also without a request."""

    port: int = 0
    connections: int = 0
    seen: list[Seen] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


Respond = Callable[[socket.socket, Seen], bool | None]
"""Writes the answer; False ends the connection."""


def answer(
    status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None, reason: str = "Any"
) -> bytes:
    """A whole answer with its length."""
    lines = [f"HTTP/1.1 {status} {reason}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def always(content: bytes) -> Respond:
    """The same bytes for every request."""

    def respond(connection: socket.socket, seen: Seen) -> bool:
        connection.sendall(content)
        return True

    return respond


@contextmanager
def serving(respond: Respond) -> Iterator[Server]:
    """A server that reads each request completely and lets `respond` answer it."""
    server = Server()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    server.port = listener.getsockname()[1]

    def accept() -> None:
        while not server.stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            reader = connection.makefile("rb")
            try:
                while (request := _read(reader)) is not None:
                    server.seen.append(request)
                    if respond(connection, request) is False:
                        return
            except OSError:
                return

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        thread.join(5)
        listener.close()


def _read(reader) -> Seen | None:
    first = reader.readline().decode("latin-1").split()
    if len(first) < 2:
        return None
    headers: dict[str, str] = {}
    while line := reader.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(reader.readline(), 16):
            body += reader.read(size)
            reader.readline()
        reader.readline()
    else:
        body = reader.read(int(headers.get("content-length", 0)))
    return Seen(method=first[0], target=first[1], headers=headers, body=body)
