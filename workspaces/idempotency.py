"""`Idempotency-Key`: a creating request that is sent again gives the first answer again.

The key's row and the object are made in one transaction. A second request with the key waits for that transaction
(the database's unique index makes it wait), then finds either the answer or, when the first one failed, nothing,
and is the first itself. A crash leaves neither row nor object.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import IntegrityError, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api.bodies import dump_bytes
from common.canonical import Json, dumps, loads, sha256_hex
from common.errors import FieldError, Problem
from workspaces.actors import Actor
from workspaces.models import IdempotencyKey

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
_ATTEMPTS = 5
_REPLAYED = "Idempotent-Replayed"


@dataclass(frozen=True, kw_only=True)
class _Slot:
    actor: Actor
    key: str
    digest: str
    secrets: frozenset[str]


class _TakenError(Exception):
    """Another request has the key."""


def once(
    request: Request,
    *,
    actor: Actor,
    create: Callable[[], Response],
    body: Json = None,
    secrets: frozenset[str] = frozenset(),
) -> Response:
    """The answer of `create`, or of the first request with the same `Idempotency-Key`.

    Without the header it is just `create()`. With it, `create` runs inside the transaction that stores the key, so
    it must do nothing slow, and wait for nothing. Only answers below 400 are kept; what it raises undoes the key.
    `body` stands for the request's body where that is not JSON (an upload's name and digest). `secrets` are members
    of the answer that are never stored: a repeated answer has null there. Raises `Problem` 409
    `idempotency_conflict` for another request under the same key, 422 for a bad key.
    """
    key = _key(request)
    if key is None:
        return create()
    digest = _digest(request, request.data if body is None else body)
    return _once(_Slot(actor=actor, key=key, digest=digest, secrets=secrets), create)


def once_for_form(*, actor: Actor, key: str, content: Json, create: Callable[[], Json]) -> tuple[Json, bool]:
    """What `create` gives (JSON), or gave when the form with this `key` was sent before, and whether it is the latter.

    The same rules as above. `content` is what the form says; it is kept as an HMAC, since a form may hold secrets.
    Raises `Problem` 409 `idempotency_conflict` when the form was sent before with other content.
    """
    digest = hmac.new(settings.SECRET_KEY.encode(), dumps(content).encode(), hashlib.sha256).hexdigest()
    slot = _Slot(actor=actor, key=f"form {key}", digest=f"hmac:{digest}", secrets=frozenset())
    answer = _once(slot, lambda: Response(create(), status=HTTPStatus.CREATED))
    return answer.data, _REPLAYED in answer.headers


def _once(slot: _Slot, create: Callable[[], Response]) -> Response:
    for _ in range(_ATTEMPTS):
        try:
            return _first(slot, create)
        except _TakenError:
            if (answer := _replay(slot.actor, slot.key, slot.digest)) is not None:
                return answer
    raise Problem(
        409,
        "idempotency_in_progress",
        "Requests with this key keep failing at the same moment. Send it again.",
        headers={"Retry-After": "1"},
    )


def purge_expired() -> int:
    """Forget the keys that are older than a day; how many there were. The sweep calls it."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return deleted


def _first(slot: _Slot, create: Callable[[], Response]) -> Response:
    with transaction.atomic():
        try:
            row = IdempotencyKey.objects.create(
                workspace=slot.actor.workspace,
                user=slot.actor.user,
                key=slot.key,
                digest=slot.digest,
                created_at=clock.now(),
            )
        except IntegrityError as error:
            raise _TakenError from error
        response = create()
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            transaction.set_rollback(True)
            return response
        kept = {**response.data, **dict.fromkeys(slot.secrets)} if slot.secrets else response.data
        row.status, row.answer = response.status_code, dump_bytes(kept).decode()
        row.save(update_fields=["status", "answer"])
    return response


def _replay(actor: Actor, key: str, digest: str) -> Response | None:
    """The first answer; None when there is none any more, and the request may be the first itself."""
    row = IdempotencyKey.objects.filter(workspace=actor.workspace, user=actor.user, key=key).first()
    if row is None:
        return None
    if row.created_at < clock.now() - KEPT:
        IdempotencyKey.objects.filter(pk=row.pk).delete()
        return None
    if row.digest != digest:
        detail = f"The {HEADER} was used for another request within the last day. Take a new key for a new request."
        raise Problem(409, "idempotency_conflict", detail)
    return Response(loads(row.answer), status=row.status, headers={_REPLAYED: "true"})


def _key(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= 255 or not key.isprintable():
        message = f"expected 1 to 255 printable characters, got {len(key)}"
        errors = [FieldError(path=HEADER, code="too_long" if len(key) > 255 else "format", message=message)]
        raise Problem(422, "invalid", f"The header {HEADER} is not valid.", errors=errors)
    return key


def _digest(request: Request, body: Json) -> str:
    return sha256_hex(dumps([request.method, request.get_full_path(), body]))
