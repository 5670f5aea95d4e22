"""What a leaf action is, and what it gets to work with.

A connector is a folder under `integrations/connectors/` with an `ACTIONS` tuple; `registry.py` has one line for
each. An action is a plain function: `run(config, context) -> output`. It gets JSON and a context object, never the
ORM, and raises `StepError`.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from common.canonical import Json
from common.clock import monotonic


class Files(Protocol):
    """The files of the job's workspace, by id. Any thread may use it; it never touches the database."""

    def open(self, file: Mapping[str, Json]) -> AbstractContextManager[BinaryIO]:
        """The bytes of a file value `{id, name, media_type, bytes, sha256}`. Raises `StepError`."""
        ...

    def create(self, *, name: str, media_type: str, content: BinaryIO | Path | bytes) -> dict[str, Json]:
        """Store `content` (streamed, bounded) and give the new file's value. Raises `StepError`."""
        ...


@dataclass(frozen=True, kw_only=True)
class ActionContext:
    """What an action may know: the time it has, the key that names this effect, the files, whether to stop."""

    files: Files
    idempotency_key: str
    attempt: int
    deadline: float
    """On `common.clock.monotonic`'s scale."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    connection: Mapping[str, Json] | None = None

    def seconds_left(self) -> float:
        """Seconds until the deadline; never below 0."""
        return max(0.0, self.deadline - monotonic())


@dataclass(frozen=True, kw_only=True)
class Action:
    """A leaf step type. `version` goes into manifests: what a version means never changes, a new meaning is a new
    version. `catalogue` is the number of the release of the action catalogue that brought this version.

    `run` is given a config that fits `config_schema`, for the engine has checked it; `idempotent` says for a config
    whether it may run twice.
    """

    type: str
    version: int
    catalogue: int
    title: str
    description: str
    config_schema: Json
    output_schema: Json
    run: Callable[[dict[str, Json], ActionContext], Json]
    idempotent: Callable[[Mapping[str, Json]], bool]
    would_send: Callable[[dict[str, Json], ActionContext], Json] | None = None
    """Only of an action that reaches outside: what it would send, told without sending it. A preview holds such an action
    back and shows this instead.
    """
