"""When there is room again for what may be done only so often."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.kit.clock import use_clock
from knowledge.kit.often import TooOften, room_for_house_in, room_in

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon() -> None:
    use_clock(lambda: NOON)


class TestRoom:
    def test_is_there_once_the_first_one_is_long_enough_ago(self) -> None:
        moments = [NOON - HOUR, NOON - 20 * HOUR, NOON - 3 * HOUR]
        assert room_in(moments, DAY, 3) == 4 * HOUR

    def test_waits_for_more_to_pass_where_more_was_done_than_may_be(self) -> None:
        moments = [NOON - hours * HOUR for hours in (20, 10, 3)]
        assert room_in(moments, DAY, 2) == 14 * HOUR

    def test_is_there_already_where_less_was_done(self) -> None:
        assert room_in([NOON], DAY, 2) == timedelta()

    def test_does_not_tell_when_a_colleague_did_something(self) -> None:
        assert room_for_house_in([NOON - timedelta(hours=20, minutes=17)], DAY, 1) == 4 * HOUR


class TestWaiting:
    def test_is_told_in_whole_seconds_and_never_none(self) -> None:
        waits = [TooOften("", wait=wait).retry_after for wait in (timedelta(), timedelta(seconds=1.2), DAY)]
        assert waits == [1, 2, 86400]
        assert TooOften("").retry_after == 3600
