import pytest

from tests.previews.support import Bench


@pytest.fixture
def bench(db) -> Bench:
    return Bench()
