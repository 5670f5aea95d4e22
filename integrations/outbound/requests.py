"""A request to another service, checked before anything is sent."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import httpx

from common.errors import StepError

MAX_URL = 8192
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_FORBIDDEN_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OURS = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "proxy-authorization",
    }
)
_CROSSES_HOSTS = frozenset(
    {
        "accept",
        "accept-language",
        "accept-encoding",
        "content-type",
        "user-agent",
        "idempotency-key",
        "prefer",
    }
)

Body = bytes | Callable[[], Iterator[bytes]]
"""The bytes, or how to begin reading them (again, when a redirect asks for them once more)."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What is sent. Names of `headers` are as the author wrote them. `length` is needed for a body that is read."""

    method: str
    url: httpx.URL
    headers: tuple[tuple[str, str], ...] = ()
    body: Body | None = None
    length: int | None = None

    def redirected(self, status: int, location: str) -> "Outgoing":
        """The request that a redirect asks for. What could be a credential does not cross to another host:
        of the headers only those that never are one stay. Raises `StepError`.
        """
        url = self._followed(location)
        becomes_get = (status == 303 and self.method != "HEAD") or (
            status in (301, 302) and self.method == "POST"
        )
        after = replace(self, url=url)
        if becomes_get:
            headers = tuple(header for header in self.headers if not header[0].lower().startswith("content-"))
            after = replace(after, method="GET", headers=headers, body=None, length=None)
        if not _same_place(self.url, url):
            after = replace(after, headers=tuple(h for h in after.headers if h[0].lower() in _CROSSES_HOSTS))
        return after

    def _followed(self, location: str) -> httpx.URL:
        """Where a redirect leads. Raises `StepError` `bad_response`: the author's URL was fine."""
        try:
            return checked_url(str(self.url.join(_location(location))))
        except (httpx.InvalidURL, ValueError) as error:
            raise StepError("bad_response", f"The service redirected to what is no URL: {error}.") from error
        except StepError as error:
            message = f"The service redirected to where nothing is sent. {error.message}"
            raise StepError("bad_response", message) from error


def checked_url(text: str, query: Iterable[tuple[str, str]] = ()) -> httpx.URL:
    """`text` with `query` added, as a URL that may be called: http or https, a host, no user name in it.

    Raises `StepError` `wrong_type`. Whether its address may be reached is decided when connecting.
    """
    if len(text) > MAX_URL:
        raise _wrong(f"The URL has {len(text):,} characters; at most {MAX_URL:,} are sent.")
    if _FORBIDDEN_IN_URL.search(text):
        raise _wrong(
            "The URL has a space, a backslash or a control character in it. Write it percent-encoded."
        )
    try:
        url = httpx.URL(text)
        host = url.host  # decodes what begins with xn--
    except (httpx.InvalidURL, ValueError) as error:
        raise _wrong(f"'{text[:200]}' is not a URL: {error}.") from error
    if url.scheme not in ("http", "https"):
        raise _wrong(f"The URL must begin with http:// or https://, got '{text[:200]}'.")
    if not host:
        raise _wrong(f"The URL names no host: '{text[:200]}'.")
    if not 0 < (url.port or 1) < 65536:
        raise _wrong(f"The URL's port must be from 1 to 65535, got {url.port}.")
    if url.userinfo:
        raise _wrong("The URL holds a user name or password. Use a connection, or an Authorization header.")
    more = urlencode(list(query)).encode("ascii")
    joined = b"&".join(part for part in (url.query, more) if part)
    return url.copy_with(query=joined or None, fragment=None)


def checked_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """`headers` that may be sent: plain names, values on one line, none that the program sets itself.

    Raises `StepError` `wrong_type`.
    """
    checked = []
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise _wrong(f"'{name[:60]}' is not the name of a header.")
        if name.lower() in _OURS:
            raise _wrong(f"The header {name} is set by the program itself. Leave it out.")
        if _FORBIDDEN_IN_VALUE.search(value):
            raise _wrong(f"The value of the header {name} has a line break or a control character in it.")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise _wrong(f"The value of the header {name} has a character that cannot be sent.") from None
        checked.append((name, value.strip(" \t")))
    return tuple(checked)


def shown(url: httpx.URL) -> str:
    """The URL for messages: without query, which may hold a secret."""
    return str(url.copy_with(query=None, fragment=None))


def _location(text: str) -> str:
    if len(text) > MAX_URL or _FORBIDDEN_IN_URL.search(text):
        raise StepError("bad_response", "The service redirected to something that is not a URL.")
    return text


def _same_place(one: httpx.URL, other: httpx.URL) -> bool:
    """The same scheme, host and port, or the step from http to https on the same host."""
    if one.host != other.host:
        return False
    if (one.scheme, _port(one)) == (other.scheme, _port(other)):
        return True
    return (one.scheme, _port(one), other.scheme, _port(other)) == ("http", 80, "https", 443)


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _wrong(message: str) -> StepError:
    return StepError("wrong_type", message)
