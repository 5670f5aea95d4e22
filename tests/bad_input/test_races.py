"""Fifty equal starts at once: one job, whether a key or `on_duplicate` asks for it."""

import threading
from typing import Any

import pytest
from django.db import connections

from jobs.models import Job
from tests.bad_input.world import World
from tests.factories import ApiClient

STARTS = 50
AT_ONCE = 10


def at_once(key: str, body: dict[str, Any], **headers: str) -> list[Any]:
    """The answers of all starts, made by ten threads that begin together."""
    barrier = threading.Barrier(AT_ONCE)
    answers: list[Any] = []

    def start() -> None:
        api = ApiClient(key)
        barrier.wait()
        try:
            answers.extend(api.post("/jobs/", body, headers=headers) for _ in range(STARTS // AT_ONCE))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=start) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == STARTS
    return answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["key", "return", "reject"])
def test_of_fifty_equal_starts_one_makes_a_job(settings: Any, how: str) -> None:
    settings.API_RATE_PER_MINUTE = 0
    world = World()
    before = Job.objects.count()
    body = {"workflow": "sums", "inputs": {"a": 7}, "reference": "order 1"}
    if how == "key":
        answers = at_once(world.key, body, **{"Idempotency-Key": "k"})
        assert {answer.status_code for answer in answers} == {201}
        assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    else:
        answers = at_once(world.key, {**body, "on_duplicate": how})
        assert sorted({answer.status_code for answer in answers}) == (
            [200, 201] if how == "return" else [201, 409]
        )
        assert sum(answer.status_code == 201 for answer in answers) == 1
    assert Job.objects.count() == before + 1
