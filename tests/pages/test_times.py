"""Times and durations in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from workspaces.pages.times import duration, relative
from workspaces.templatetags.pages import NOTHING, duration_between, moment

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (2.9, "just now"),
        (12.7, "12 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (7300, "2 h ago"),
        (90_000, "1 d ago"),
        (9 * 86_400, "19 Nov 2026"),
        (-7199, "in 2 h"),
        (-30, "in 30 s"),
        (-61, "in 2 min"),
    ],
)
def test_a_moment_is_told_from_now(seconds, words):
    assert relative(NOW - timedelta(seconds=seconds), now=NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 ms"),
        (0.12, "120 ms"),
        (3.42, "3.4 s"),
        (59.97, "1 m 00 s"),
        (200, "3 m 20 s"),
        (3720, "1 h 02 m"),
        (183_600, "2 d 03 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds, words):
    assert duration(timedelta(seconds=seconds)) == words


def test_a_moment_carries_its_absolute_time_in_the_zone_of_the_person():
    with timezone.override("Asia/Kolkata"):
        html = moment(NOW)
    assert 'datetime="2026-11-28T12:00:00.000000Z"' in html
    assert 'title="2026-11-28 17:30:00 IST"' in html


def test_what_is_missing_is_a_dash_and_what_still_runs_is_marked():
    assert moment(None) == duration_between(None) == NOTHING
    assert 'data-running-since="2026-11-28T12:00:00.000000Z"' in duration_between(NOW)
    assert duration_between(NOW, NOW + timedelta(seconds=5)) == "5.0 s"
