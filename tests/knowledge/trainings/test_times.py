"""Local times: what the clocks skip, what they show twice, days that do not exist, series across the change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from knowledge.kit.clock import HOME
from knowledge.kit.language import choose_language
from knowledge.trainings.errors import TimeMissing, TimeTwice, TrainingInvalid
from knowledge.trainings.schemas import DateDraft
from knowledge.trainings.times import (
    fold_of,
    is_twice,
    last_day_named,
    local_moment,
    moved,
    read_day,
    read_time,
    start_and_end,
    weekly,
)

# The clocks go forward on 28 March 2027 and back on 31 October 2027.
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
HALF_PAST_TWO = time(2, 30)


@pytest.fixture(autouse=True)
def english() -> None:
    choose_language("en")


def test_the_last_day_on_which_names_are_kept_is_a_whole_one() -> None:
    assert last_day_named(datetime(2026, 11, 10, 11, tzinfo=UTC)) == date(2026, 12, 9)
    assert last_day_named(datetime(2026, 11, 10, 23, 30, tzinfo=UTC)) == date(2026, 12, 10)


class TestLocalMoment:
    def test_summer_and_winter(self) -> None:
        assert local_moment(date(2027, 7, 1), time(9)) == datetime(2027, 7, 1, 7, tzinfo=UTC)
        assert local_moment(date(2027, 12, 1), time(9)) == datetime(2027, 12, 1, 8, tzinfo=UTC)

    @pytest.mark.parametrize("fold", [None, 0, 1])
    def test_a_time_that_the_clocks_skip_is_refused(self, fold: int | None) -> None:
        with pytest.raises(TimeMissing, match="02:30 does not exist on 28 March 2027"):
            local_moment(SPRING, HALF_PAST_TWO, fold=fold)

    def test_a_time_that_comes_twice_is_asked_about(self) -> None:
        with pytest.raises(TimeTwice, match="02:30 comes twice on 31 October 2027"):
            local_moment(AUTUMN, HALF_PAST_TWO)

    def test_the_first_and_the_second_lie_an_hour_apart(self) -> None:
        first, second = (local_moment(AUTUMN, HALF_PAST_TWO, fold=fold) for fold in (0, 1))
        assert (first, second) == (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC))
        assert [fold_of(first), fold_of(second), fold_of(second + timedelta(hours=1))] == [0, 1, None]

    @pytest.mark.parametrize("clock", [time(1, 59), time(3), time(12)])
    def test_the_hours_beside_are_there_once(self, clock: time) -> None:
        for day in (SPRING, AUTUMN):
            assert not is_twice(day, clock)
            assert local_moment(day, clock).astimezone(HOME).time() == clock

    @pytest.mark.parametrize("day", [date.min, date(1999, 12, 31), date(2200, 1, 1), date.max])
    def test_years_that_make_no_sense_are_refused(self, day: date) -> None:
        with pytest.raises(TrainingInvalid, match="check the year"):
            local_moment(day, time(0))

    def test_a_date_across_the_doubled_hour_lasts_an_hour_longer(self) -> None:
        entry = start_and_end(AUTUMN, time(1), time(4))
        assert entry.ends_at - entry.starts_at == timedelta(hours=4)


class TestReading:
    @pytest.mark.parametrize("text", ["2028-02-29", "29.02.2028", " 29.2.28 "])
    def test_a_leap_day_in_a_leap_year(self, text: str) -> None:
        assert read_day(text) == date(2028, 2, 29)

    @pytest.mark.parametrize("text", ["29.02.2027", "31.04.2027", "morgen", "", "1.1.20277", "2027-13-01"])
    def test_a_day_that_does_not_exist(self, text: str) -> None:
        with pytest.raises(TrainingInvalid, match="no such day"):
            read_day(text)

    @pytest.mark.parametrize(
        ("text", "clock"),
        [("9", time(9)), ("9:30", time(9, 30)), ("14.15 Uhr", time(14, 15)), ("09:30:00", time(9, 30))],
    )
    def test_times_as_people_write_them(self, text: str, clock: time) -> None:
        assert read_time(text) == clock

    @pytest.mark.parametrize("text", ["24:00", "9:60", "halb neun", ""])
    def test_a_time_that_does_not_exist(self, text: str) -> None:
        with pytest.raises(TrainingInvalid, match="no such time"):
            read_time(text)


class TestSeries:
    def test_every_week_at_the_same_time_on_the_clock(self) -> None:
        first = start_and_end(date(2027, 3, 18), time(9), time(11))
        series = weekly(first, 3)
        assert [entry.starts_at.astimezone(HOME).time() for entry in series] == [time(9)] * 3
        assert [entry.starts_at.hour for entry in series] == [8, 8, 7]

    def test_every_other_week(self) -> None:
        first = start_and_end(date(2027, 5, 3), time(9), time(11))
        days = [entry.starts_at.date() for entry in weekly(first, 3, weeks=2)]
        assert days == [date(2027, 5, 3), date(2027, 5, 17), date(2027, 5, 31)]

    def test_a_date_that_falls_into_the_gap_is_refused(self) -> None:
        night = start_and_end(date(2027, 3, 21), HALF_PAST_TWO, time(5))
        with pytest.raises(TimeMissing):
            weekly(night, 2)

    def test_a_date_that_falls_into_the_doubled_hour_is_asked_about(self) -> None:
        night = start_and_end(date(2027, 10, 24), HALF_PAST_TWO, time(5))
        with pytest.raises(TimeTwice):
            weekly(night, 2)

    @pytest.mark.parametrize(("count", "weeks"), [(0, 1), (61, 1), (2, 0), (2, 10_000)])
    def test_absurd_series_are_refused(self, count: int, weeks: int) -> None:
        with pytest.raises(TrainingInvalid):
            weekly(start_and_end(date(2027, 5, 3), time(9), time(11)), count, weeks=weeks)

    def test_nothing_moves_beyond_the_calendar(self) -> None:
        entry = start_and_end(date(2027, 5, 3), time(9), time(11))
        for days in (10**6, 10**9, 10**12):
            with pytest.raises(TrainingInvalid, match="check the year"):
                moved(entry, days=days)

    def test_a_leap_day_moves_like_any_other(self) -> None:
        leap = start_and_end(date(2028, 2, 29), time(9), time(11))
        later = moved(DateDraft(leap.starts_at, leap.ends_at, None), days=366)
        assert later.starts_at.astimezone(HOME).date() == date(2029, 3, 1)
