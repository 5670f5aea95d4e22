"""The world that bad input meets."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.bad_input.world import World
from tests.factories import ApiClient


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once for all tests of a file: each of them undoes what it did, and the file at its end the world."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]  # as TestCase marks its own: durable blocks may stand inside
    with django_db_blocker.unblock():
        outer.__enter__()
        yield World()
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


@pytest.fixture
def world(built: World, db: None, settings: Any) -> World:
    settings.API_RATE_PER_MINUTE = 0
    return built


@pytest.fixture
def api(world: World) -> ApiClient:
    """The client of an admin of the world."""
    return ApiClient(world.key)
