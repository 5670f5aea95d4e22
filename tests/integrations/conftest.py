import hashlib
import io
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from common.clock import monotonic
from common.errors import StepError
from integrations.actions import ActionContext
from tests.integrations.actions import run_action


class FolderFiles:
    """Files of one test, in memory: what the engine's own implementation does with blobs."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    @contextmanager
    def open(self, file) -> Iterator[io.BytesIO]:
        if file["id"] not in self.contents:
            raise StepError("wrong_type", "no such file")
        yield io.BytesIO(self.contents[file["id"]])

    def create(self, *, name, media_type, content):
        if isinstance(content, Path):
            data = content.read_bytes()
        else:
            data = content if isinstance(content, bytes) else content.read()
        file_id = "file_" + secrets.token_hex(16)
        self.contents[file_id] = data
        return {
            "id": file_id,
            "name": name,
            "media_type": media_type,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }


@pytest.fixture
def files() -> FolderFiles:
    return FolderFiles()


@pytest.fixture
def context(files):
    """A context with ten seconds, or as asked for."""

    def make(*, seconds: float = 10.0, connection=None) -> ActionContext:
        return ActionContext(
            files=files,
            idempotency_key="uid:pay:0",
            attempt=1,
            deadline=monotonic() + seconds,
            cancelled=threading.Event(),
            connection=connection,
        )

    return make


@pytest.fixture
def loopback(settings) -> None:
    """The operator has opened 127.0.0.1."""
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.0/8"]


@pytest.fixture
def call(context):
    """Run `http.request` with this config; returns its output."""

    def run(seconds=10.0, connection=None, **config):
        return run_action("http.request", config, context(seconds=seconds, connection=connection))

    return run


@pytest.fixture
def refused(call):
    """Run `http.request` and give its `StepError`."""

    def run(**config) -> StepError:
        with pytest.raises(StepError) as caught:
            call(**config)
        return caught.value

    return run
