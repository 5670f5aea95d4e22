"""Sockets for httpcore that connect to checked addresses only, and that keep the exchange's deadline.

The name is resolved here, every address is checked, and the socket is opened to the address that was checked: a
name that changes its address between check and connect gains nothing. Host header and TLS name stay the name.
"""

import errno
import ipaddress
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from common.clock import monotonic
from integrations.outbound.addresses import Address, AddressPolicy
from integrations.outbound.limits import DeadlinePassed, Limits, current

CONNECT_SECONDS = 30.0
"""How long one address may take to answer a connection; then the next one is tried."""

Resolve = Callable[[str, int], Sequence[str]]
"""(name, port) → addresses as text. Raises `OSError` when there are none."""


class AddressRefused(Exception):  # noqa: N818 - says what happened
    """The name leads to an address that may not be connected to."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"{host} at port {port}")
        self.host = host
        self.port = port


class CertificateRefused(httpcore.ConnectError):
    """The service could not prove who it is; nothing was sent."""


def resolve(name: str, port: int) -> Sequence[str]:
    """The addresses of `name`, in the system's order of preference."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedBackend(httpcore.NetworkBackend):
    """Opens TCP connections. `trusted` names the proxy, which the operator configured: it is not checked."""

    def __init__(
        self, *, policy: AddressPolicy, resolver: Resolve = resolve, trusted: tuple[str, int] | None = None
    ) -> None:
        self._policy = policy
        self._resolver = resolver
        self._trusted = trusted

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the exchange's limits hold instead
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        limits = current()
        try:
            addresses = _resolve_in_time(self._resolver, host, port, limits)
            if (host, port) != self._trusted:
                require_allowed(self._policy, host, port, addresses)
            return BoundedStream(_connect_first(addresses, port, limits))
        except DeadlinePassed as error:
            raise httpcore.ConnectTimeout("the time was over before there was a connection") from error

    def require_allowed_where_known(self, host: str, port: int) -> None:
        """For requests through a proxy, which resolves for itself: refuse what resolves to a refused address
        here. A name that is unknown here is left to the proxy. Raises `AddressRefused`.
        """
        try:
            addresses = _resolve_in_time(self._resolver, host, port, current())
        except httpcore.ConnectError:
            return
        require_allowed(self._policy, host, port, addresses)


def require_allowed(policy: AddressPolicy, host: str, port: int, addresses: Sequence[Address]) -> None:
    """Raise `AddressRefused` unless *every* address may be used: a name with one inside address is a trick."""
    if not all(policy.allows(name=host, address=address, port=port) for address in addresses):
        raise AddressRefused(host, port)


def _resolve_in_time(resolver: Resolve, host: str, port: int, limits: Limits) -> list[Address]:
    """The addresses of `host`. The system's resolver knows no deadline, so it gets a thread to be left behind in."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    answer: list[Sequence[str]] = []
    failure: list[Exception] = []
    done = threading.Event()

    def look_up() -> None:
        try:
            answer.append(resolver(host, port))
        except (OSError, UnicodeError) as error:
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    while not done.wait(limits.patience()):
        pass
    if failure or not answer or not answer[0]:
        raise httpcore.ConnectError(f"the name {host} is not known") from (failure[0] if failure else None)
    return [ipaddress.ip_address(text.partition("%")[0]) for text in answer[0]]


def _connect_first(addresses: Sequence[Address], port: int, limits: Limits) -> socket.socket:
    """A connection to the first address that takes one; each gets a fair part of the time that is left."""
    last = 0
    for tried, address in enumerate(addresses):
        share = min(limits.seconds_left() / (len(addresses) - tried), CONNECT_SECONDS)
        connected, last = _connect(address, port, monotonic() + share, limits)
        if connected is not None:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connected
    limits.seconds_left()  # says so when it is the deadline that ended it
    if last == errno.ETIMEDOUT:
        raise httpcore.ConnectTimeout("the connection was not answered")
    raise httpcore.ConnectError(os.strerror(last))


def _connect(address: Address, port: int, until: float, limits: Limits) -> tuple[socket.socket | None, int]:
    """A connected socket, or None and the system's error number. Looks around for a cancel while it waits."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        code = connecting.connect_ex((str(address), port))
        if code == errno.EINPROGRESS:
            code = _await_connection(connecting, until, limits)
    except BaseException:
        connecting.close()
        raise
    if code:
        connecting.close()
        return None, code
    return connecting, 0


def _await_connection(connecting: socket.socket, until: float, limits: Limits) -> int:
    waiter = select.poll()
    waiter.register(connecting, select.POLLOUT)
    while not waiter.poll(limits.patience() * 1000):
        if monotonic() >= until:
            return errno.ETIMEDOUT
    return connecting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


class BoundedStream(httpcore.NetworkStream):
    """A socket whose every call keeps the limits of the exchange that uses it, and sees a cancel soon."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        limits = current()
        while True:
            self._socket.settimeout(limits.patience())
            try:
                return self._socket.recv(max_bytes)
            except TimeoutError:
                continue
            except OSError as error:
                raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        limits = current()
        left = memoryview(buffer)
        while left:
            self._socket.settimeout(limits.patience())
            try:
                left = left[self._socket.send(left) :]
            except TimeoutError:
                continue
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        limits = current()
        self._socket.settimeout(limits.seconds_left())
        try:
            wrapped = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except TimeoutError as error:
            self._socket.close()
            raise httpcore.ConnectTimeout("the TLS handshake took too long") from error
        except ssl.SSLCertVerificationError as error:
            self._socket.close()
            raise CertificateRefused(f"its certificate is not valid ({error.verify_message})") from error
        except OSError as error:
            self._socket.close()
            raise httpcore.ConnectError(str(error)) from error
        return BoundedStream(wrapped)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        if info == "socket":
            return self._socket
        if info == "is_readable":
            return _is_readable(self._socket)
        return None


def _is_readable(connected: socket.socket) -> bool:
    """Whether an idle connection has something to say: the other side has closed it."""
    if connected.fileno() < 0:
        return True
    waiter = select.poll()
    waiter.register(connected, select.POLLIN)
    return bool(waiter.poll(0))
