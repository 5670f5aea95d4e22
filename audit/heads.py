"""Where the heads of streams are: on every row whose model inherits `AuditStream`."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from audit.models import AuditEntry, AuditStream

BATCH_STREAMS = 500
BATCH_ENTRIES = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """How far a stream has come, as its row says: the number and the hash of its last entry."""

    stream: str
    seq: int
    hash: bytes


def stream_models() -> list[type[AuditStream]]:
    """The models whose rows have a stream."""
    return [model for model in apps.get_models() if issubclass(model, AuditStream)]


def head_batches(workspace: AuditStream) -> Iterator[list[Head]]:
    """The heads of all streams in `workspace` but its own, in batches that some 5,000 entries belong to."""
    for model in stream_models():
        if model is not type(workspace):
            yield from batched(_heads_of(model, workspace))


def current_heads(streams: Iterable[str], within: AuditStream | None = None) -> dict[str, Head]:
    """The present heads of those `streams` whose rows exist; with `within`, in that workspace."""
    found: dict[str, Head] = {}
    by_model: dict[str, list[uuid.UUID]] = {}
    for stream in streams:
        name, _, text = stream.partition(":")
        uid = _uid(text)
        if uid:
            by_model.setdefault(name, []).append(uid)
    for model in stream_models():
        rows: QuerySet[Any] = model._base_manager.filter(
            uid__in=by_model.get(str(model._meta.model_name), [])
        )
        if within is not None:
            rows = rows.filter(**{_workspace_field(model): within.pk})
        columns = rows.values_list("uid", "head_seq", "head_hash")
        heads = (_head(model, uid, seq, digest) for uid, seq, digest in columns)
        found |= {head.stream: head for head in heads}
    return found


def workspace_of(stream: str) -> AuditStream | None:
    """The workspace that a stream belongs to, by its row or else by its entries; None when it is unknown."""
    owner = _workspace_model()
    name, _, text = stream.partition(":")
    uid = _uid(text)
    for model in stream_models():
        if model._meta.model_name == name and uid:
            pk = model._base_manager.filter(uid=uid).values_list(_workspace_field(model), flat=True).first()
            if pk is not None:
                return owner._base_manager.get(pk=pk)
    pk = AuditEntry.objects.filter(stream=stream).values_list("workspace_id", flat=True).first()
    return None if pk is None else owner._base_manager.get(pk=pk)


def workspaces(slug: str = "") -> QuerySet[AuditStream]:
    """All workspaces, oldest first, or the one with a slug."""
    rows: QuerySet[Any] = _workspace_model()._base_manager.order_by("pk")
    return rows.filter(slug=slug) if slug else rows


def _workspace_model() -> type[AuditStream]:
    """The model that entries name as their workspace: it lies above this app, so it is asked for."""
    owner = AuditEntry._meta.get_field("workspace").related_model
    assert isinstance(owner, type)
    assert issubclass(owner, AuditStream)
    return owner


def _workspace_field(model: type[AuditStream]) -> str:
    return "pk" if model is _workspace_model() else "workspace_id"


def as_bytes(value: object) -> bytes:
    """What a column of bytes holds. Of another type, which SQLite lets be, bytes that are no hash."""
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode("utf-8", "replace")


def _heads_of(model: type[AuditStream], workspace: AuditStream) -> Iterator[Head]:
    """By pages of the primary key: no cursor stays open and no snapshot is held while entries are read."""
    rows: QuerySet[Any] = model._base_manager.all()
    columns = (
        rows.filter(workspace_id=workspace.pk)
        .order_by("pk")
        .values_list("pk", "uid", "head_seq", "head_hash")
    )
    last = 0
    while page := list(columns.filter(pk__gt=last)[:2000]):
        for pk, uid, seq, digest in page:
            last = pk
            yield _head(model, uid, seq, digest)


def batched(heads: Iterable[Head]) -> Iterator[list[Head]]:
    """`heads` in batches that some 5,000 entries belong to."""
    batch: list[Head] = []
    entries = 0
    for head in heads:
        batch.append(head)
        entries += head.seq
        if len(batch) >= BATCH_STREAMS or entries >= BATCH_ENTRIES:
            yield batch
            batch, entries = [], 0
    if batch:
        yield batch


def _head(model: type[AuditStream], uid: uuid.UUID, seq: object, digest: object) -> Head:
    number = seq if isinstance(seq, int) else 0
    return Head(stream=f"{model._meta.model_name}:{uid}", seq=number, hash=as_bytes(digest))


def _uid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
