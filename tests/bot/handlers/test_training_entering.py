"""Dates that a publisher wrote, as moments, also where the clocks change."""

from datetime import date, time

import pytest

from bot.handlers.training_entering import moments
from bot.handlers.training_times import LocalDate, WrittenDates
from knowledge.trainings.errors import TimeTwice


class TestMoments:
    def test_each_time_that_comes_twice_is_said_by_itself(self) -> None:
        twice = LocalDate(date(2027, 10, 31), time(2, 15), time(2, 45))
        with pytest.raises(TimeTwice):
            moments(WrittenDates((twice,)), [0])
        [first] = moments(WrittenDates((twice,)), [0, 1])
        assert (first.starts_at.hour, first.ends_at.hour) == (0, 1)

    def test_a_series_keeps_its_time_on_the_clock(self) -> None:
        series = moments(WrittenDates((LocalDate(date(2027, 3, 25), time(9), time(12)),), weeks=2), [])
        assert [(one.starts_at.day, one.starts_at.hour) for one in series] == [(25, 8), (1, 7)]
