"""The one way out: every request to another service goes through `exchange`.

Connections are kept for two seconds and used again, by any thread of the process; nothing else is kept: no cookies,
no credentials, no redirects remembered. Redirects are followed here, each checked like the first request.
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from threading import Lock

import certifi
import httpcore
import httpx
from django.conf import settings

from common.errors import StepError
from integrations.outbound.addresses import AddressPolicy
from integrations.outbound.answers import Answer
from integrations.outbound.backend import CheckedBackend, Resolve, resolve
from integrations.outbound.failures import translated
from integrations.outbound.limits import Limits, in_force
from integrations.outbound.requests import Outgoing, shown

MAX_REDIRECTS = 5
MAX_HEADERS = 256
USER_AGENT = "Workledger"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEFAULT_HEADERS = (("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate"), ("User-Agent", USER_AGENT))

# Short, because a service that closes an idle connection at the moment of our request would make its outcome unknown.
_KEEP_ALIVE_SECONDS = 2.0
_MAX_CONNECTIONS = 256


class Client:
    """A pool of connections under one policy. Any thread may use it; it must not cross a fork."""

    def __init__(self, *, policy: AddressPolicy, proxy: str = "", resolver: Resolve = resolve) -> None:
        self._proxied = bool(proxy)
        trusted = None
        if proxy:
            proxy_url = httpx.URL(proxy)
            trusted = (proxy_url.host, proxy_url.port or 80)
        self._backend = CheckedBackend(policy=policy, resolver=resolver, trusted=trusted)
        tls = ssl.create_default_context(cafile=certifi.where())
        tls.load_default_certs()
        if proxy:
            self._pool: httpcore.ConnectionPool = httpcore.HTTPProxy(
                proxy_url=_without_user(proxy_url),
                proxy_auth=(proxy_url.username, proxy_url.password) if proxy_url.userinfo else None,
                ssl_context=tls,
                network_backend=self._backend,
                max_connections=_MAX_CONNECTIONS,
                keepalive_expiry=_KEEP_ALIVE_SECONDS,
            )
        else:
            self._pool = httpcore.ConnectionPool(
                ssl_context=tls,
                network_backend=self._backend,
                max_connections=_MAX_CONNECTIONS,
                keepalive_expiry=_KEEP_ALIVE_SECONDS,
            )

    @contextmanager
    def exchange(
        self, outgoing: Outgoing, *, limits: Limits, redirects: int = MAX_REDIRECTS
    ) -> Iterator[Answer]:
        """Send `outgoing` and give the answer, whose body is read inside the `with`. Raises `StepError`:
        `timeout`, `network_error`, `bad_response`, `limit_exceeded`, `cancelled`; any status is an answer.
        """
        with in_force(limits):
            place = shown(outgoing.url)
            response: httpcore.Response | None = None
            try:
                with translated(place, sent=False):
                    response = self._send(outgoing, limits)
                with translated(place, sent=True):
                    outgoing, response = self._follow(outgoing, response, limits, redirects)
                    yield _answer(outgoing, response)
            finally:
                if response is not None:
                    response.close()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def _follow(
        self, outgoing: Outgoing, response: httpcore.Response, limits: Limits, redirects: int
    ) -> tuple[Outgoing, httpcore.Response]:
        """The last request and its answer, after at most `redirects` more requests."""
        followed = 0
        while redirects and response.status in _REDIRECTS:
            location = _header(response, b"location")
            if not location:
                break
            response.close()
            if followed == redirects:
                raise StepError(
                    "bad_response", f"{shown(outgoing.url)} redirected more than {redirects} times."
                )
            outgoing = outgoing.redirected(response.status, location)
            response = self._send(outgoing, limits)
            followed += 1
        return outgoing, response

    def _send(self, outgoing: Outgoing, limits: Limits) -> httpcore.Response:
        url = outgoing.url
        if self._proxied:
            self._backend.require_allowed_where_known(
                url.host, url.port or (443 if url.scheme == "https" else 80)
            )
        left = limits.seconds_left()
        request = httpcore.Request(
            method=outgoing.method.encode("ascii"),
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=_wire_headers(outgoing),
            content=outgoing.body() if callable(outgoing.body) else outgoing.body,
            extensions={"timeout": {"connect": left, "read": left, "write": left, "pool": left}},
        )
        response = self._pool.handle_request(request)
        if len(response.headers) > MAX_HEADERS:
            response.close()
            raise StepError("bad_response", f"{shown(url)} answered with more than {MAX_HEADERS} headers.")
        return response


def exchange(
    outgoing: Outgoing, *, limits: Limits, redirects: int = MAX_REDIRECTS
) -> AbstractContextManager[Answer]:
    """`Client.exchange` on the client of this process and of the present settings."""
    with _making:
        client = _shared(os.getpid(), tuple(settings.OUTBOUND_PRIVATE_HOSTS), settings.OUTBOUND_PROXY)
    return client.exchange(outgoing, limits=limits, redirects=redirects)


_making = Lock()
"""Making a client takes some 20 ms, and the first steps of a loop ask for it at the same moment."""


@lru_cache(maxsize=4)
def _shared(_process: int, private_hosts: tuple[str, ...], proxy: str) -> Client:
    """One client per process (sockets must not be shared across a fork)."""
    return Client(policy=AddressPolicy.parse(private_hosts), proxy=proxy)


def _wire_headers(outgoing: Outgoing) -> list[tuple[bytes, bytes]]:
    given = {name.lower() for name, _ in outgoing.headers}
    headers = [(b"Host", outgoing.url.netloc)]
    headers += [(n.encode(), v.encode()) for n, v in _DEFAULT_HEADERS if n.lower() not in given]
    headers += [(n.encode(), v.encode()) for n, v in outgoing.headers]
    if outgoing.body is None:
        if outgoing.method in ("POST", "PUT", "PATCH"):
            headers.append((b"Content-Length", b"0"))
    elif isinstance(outgoing.body, bytes):
        headers.append((b"Content-Length", str(len(outgoing.body)).encode()))
    elif outgoing.length is not None:
        headers.append((b"Content-Length", str(outgoing.length).encode()))
    else:
        headers.append((b"Transfer-Encoding", b"chunked"))
    return headers


def _answer(outgoing: Outgoing, response: httpcore.Response) -> Answer:
    return Answer(
        status=response.status,
        headers=tuple((n.decode("latin-1").lower(), _text(v)) for n, v in response.headers),
        url=outgoing.url,
        method=outgoing.method,
        raw=response.iter_stream(),
    )


def _text(value: bytes) -> str:
    """A header's value: UTF-8 where it is that, else Latin-1, in which every byte is a character."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _header(response: httpcore.Response, name: bytes) -> str:
    return next((_text(v) for n, v in response.headers if n.lower() == name), "")


def _without_user(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
