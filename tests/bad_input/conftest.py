"""The world that bad input meets."""

from typing import Any

import pytest

from tests.bad_input.world import World
from tests.factories import ApiClient


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.API_RATE_PER_MINUTE = 0
    return World()


@pytest.fixture
def api(world: World) -> ApiClient:
    """The client of an admin of the world."""
    return ApiClient(world.key)
