"""How what was refused must look, and that nothing was made by it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from common.api.codes import CODES
from workflows.selectors import forget_versions

LONGEST_SECONDS = 2.0
"""No answer to bad input takes longer, in processor time of this process: a busy machine is nobody's fault."""
_MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def refused(answer: Any, *statuses: int) -> dict[str, Any]:
    """The problem document of `answer`. Fails unless it is one, complete, with one of `statuses` (any 4xx)."""
    allowed = statuses or range(400, 500)
    assert answer.status_code in allowed, (answer.status_code, answer.content[:500])
    if answer.request["REQUEST_METHOD"] == "HEAD":
        return {}
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body.keys() >= _MEMBERS
    assert body["status"] == answer.status_code
    assert body["code"] in CODES
    assert body["type"] == f"/docs/problems/#{body['code']}"
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["detail"].endswith((".", "?", ")")), body["detail"]
    for error in body.get("errors", ()):
        assert error.keys() == {"path", "code", "message"}
        assert error["message"]
    return body


def answered(answer: Any) -> None:
    """Fails unless `answer` is a success or a complete problem document below 500. Reads it to its end."""
    if answer.status_code >= 400:
        refused(answer)
    elif answer.streaming:
        b"".join(answer.streaming_content)


def rows() -> dict[str, int]:
    """How many rows each table has, in one query."""
    tables = sorted(model._meta.db_table for model in apps.get_models())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'(SELECT count(*) FROM {table})' for table in tables)}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


@contextmanager
def nothing_is_made() -> Iterator[None]:
    """Fails if any table has more or fewer rows afterwards."""
    before = rows()
    yield
    assert rows() == before


@contextmanager
def soon() -> Iterator[None]:
    """Fails if what is inside takes longer than two seconds of this process's time."""
    start = time.process_time()
    yield
    taken = time.process_time() - start
    assert taken < LONGEST_SECONDS, f"took {taken:.1f} s"


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is done inside, also in the memory of this process: the ids of undone versions come again."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    forget_versions()
