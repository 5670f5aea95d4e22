"""The socket that the web server listens on."""

import socket
import struct

import pytest

from jobs.queue import webserver


def test_a_client_that_falls_silent_does_not_keep_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webserver, "_SILENCE_SECONDS", 1)
    with webserver.bind("127.0.0.1", 0) as listener:
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as connection:
            client.sendall(b"POST ")
            connection.setblocking(True)
            assert connection.recv(100) == b"POST "
            with pytest.raises(BlockingIOError):
                connection.recv(100)
            size = struct.calcsize("ll")
            seconds, _ = struct.unpack(
                "ll", connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, size)
            )
            assert seconds == 1


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 99_999), ("192.0.2.1", 0), ("nowhere.invalid", 0)])
def test_an_address_that_cannot_be_bound_is_told(host: str, port: int) -> None:
    with pytest.raises(webserver.PortTakenError, match="choose another port"):
        webserver.bind(host, port)
