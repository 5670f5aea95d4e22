import pytest

from tests.engine.lab import Lab


@pytest.fixture
def lab(db) -> Lab:
    return Lab()
