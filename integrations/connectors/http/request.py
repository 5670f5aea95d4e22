"""`http.request`: from a config to an exchange, and from its answer to an output."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from django.conf import settings

from common.canonical import Json
from integrations.actions import ActionContext
from integrations.connectors.http.bodies import body_of, text_of
from integrations.outbound.answers import Answer, read_answer_json, refusal, unreadable
from integrations.outbound.client import MAX_REDIRECTS, exchange
from integrations.outbound.limits import Limits
from integrations.outbound.requests import Outgoing, checked_headers, checked_url

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_KEYED = frozenset({"POST", "PATCH"})
_BODIES = ("json", "form", "body", "file", "multipart")
_TEXT_TYPES = frozenset(
    {"application/xml", "application/javascript", "application/x-www-form-urlencoded", "application/yaml"}
    | {"application/x-ndjson", "application/graphql", "application/sql", "application/toml"}
)


def idempotent(config: Mapping[str, Json]) -> bool:
    """Whether the method says that a second request does no harm."""
    return config.get("method", "GET") in _REPEATABLE


def run(config: dict[str, Json], context: ActionContext) -> Json:
    """Send the request and read the answer. Raises `StepError`."""
    limits = Limits(deadline=context.deadline, cancelled=context.cancelled)
    outgoing = _outgoing(config, context)
    with exchange(outgoing, limits=limits, redirects=config.get("redirects", MAX_REDIRECTS)) as answer:
        if not _accepted(answer.status, config.get("accept_statuses", ())):
            raise refusal(answer, connected=context.connection is not None)
        return {
            "status": answer.status,
            "headers": answer.headers_json(),
            "body": _read(answer, config.get("response", "auto"), context),
        }


def would_send(config: dict[str, Json], context: ActionContext) -> Json:
    """The request as it would leave: `{method, url, headers, body}`, a file as its value. Raises `StepError` for one
    that could not be sent.
    """
    outgoing = _outgoing(config, context)
    body = next((config[name] for name in _BODIES if name in config), None)
    return {
        "method": outgoing.method,
        "url": str(outgoing.url),
        "headers": dict(outgoing.headers),
        "body": body,
    }


def _outgoing(config: Mapping[str, Json], context: ActionContext) -> Outgoing:
    method = config.get("method", "GET")
    body = body_of(config, context)
    headers = [
        (name, text_of(value)) for name, value in config.get("headers", {}).items() if value is not None
    ]
    given = {name.lower() for name, _ in headers}
    if body.media_type and "content-type" not in given:
        headers.append(("Content-Type", body.media_type))
    key_header = config.get("idempotency_header", "Idempotency-Key" if method in _KEYED else "")
    if key_header and key_header.lower() not in given:
        headers.append((key_header, context.idempotency_key))
    return Outgoing(
        method=method,
        url=checked_url(config["url"], _query(config.get("query", {}))),
        headers=checked_headers(headers),
        body=body.content,
        length=body.length,
    )


def _query(query: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield name, text_of(one)


def _accepted(status: int, patterns: Iterable[Json]) -> bool:
    if 200 <= status < 300:
        return True
    return any(str(p) in ("any", str(status), f"{status // 100}xx") for p in patterns)


def _read(answer: Answer, wanted: str, context: ActionContext) -> Json:
    kind = wanted if wanted != "auto" else _kind_of(answer.media_type)
    if kind == "json":
        return read_answer_json(answer, settings.MAX_OUTPUT_BYTES)
    if kind == "text":
        return _read_text(answer)
    return _read_file(answer, context, always=wanted == "file")


def _kind_of(media_type: str) -> str:
    if media_type == "application/json" or media_type.endswith("+json"):
        return "json"
    if media_type.startswith("text/") or media_type.endswith("+xml") or media_type in _TEXT_TYPES:
        return "text"
    return "file"


def _read_text(answer: Answer) -> Json:
    content = answer.read(settings.MAX_OUTPUT_BYTES)
    if not content:
        return None
    try:
        text = content.decode(answer.charset or "utf-8")
        text.encode()
    except (LookupError, UnicodeError):
        named = f"'{answer.charset}', which it names" if answer.charset else "UTF-8"
        raise unreadable(answer, f"is not text in {named}", content) from None
    return text.removeprefix("\ufeff")


def _read_file(answer: Answer, context: ActionContext, *, always: bool) -> Json:
    """The body as a new file of the workspace; null for an empty one, unless a file was asked for."""
    with answer.stream(settings.MAX_FILE_BYTES) as stream:
        if not always and not stream.peek(1):
            return None
        return context.files.create(
            name=_file_name(answer),
            media_type=answer.media_type or "application/octet-stream",
            content=stream,
        )


def _file_name(answer: Answer) -> str:
    """The name that the service gives the file, else the last part of the URL's path, else `download`."""
    disposition = answer.header("content-disposition")
    for parameter in disposition.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "filename*":
            return unquote(value.rpartition("'")[2])
        if name.lower() == "filename":
            return value.strip().strip('"')
    return PurePosixPath(unquote(answer.url.path)).name or "download"
