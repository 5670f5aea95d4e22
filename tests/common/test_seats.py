"""Requests that take long share half of the server's threads."""

import threading

import pytest
from django.http import StreamingHttpResponse

from common import seats
from common.errors import Problem
from common.seats import SeatedLines, require_seat, take_seat


@pytest.fixture(autouse=True)
def one_seat(monkeypatch):
    monkeypatch.setattr(seats, "_free", threading.BoundedSemaphore(1))


def test_who_finds_no_seat_is_told_when_to_come_again():
    with require_seat():
        assert take_seat() is None
        with pytest.raises(Problem) as refused:
            require_seat()
        assert (refused.value.status, refused.value.code) == (503, "busy")
        assert int(refused.value.headers["Retry-After"]) > 0
    assert take_seat()


def test_an_answer_that_nobody_read_leaves_its_seat_once_when_it_is_closed():
    answer = StreamingHttpResponse(SeatedLines(["a"], require_seat()))
    closers = vars(answer)["_resource_closers"]
    assert closers
    for close in (*closers, *closers):
        close()
    assert take_seat()
    assert take_seat() is None
