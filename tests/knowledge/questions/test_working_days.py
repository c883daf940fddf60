"""Working days in the Länder."""

from datetime import date, datetime

import pytest

from knowledge.kit.clock import HOME
from knowledge.questions.working_days import after_working_days, easter, is_holiday, is_working_day


class TestHolidays:
    @pytest.mark.parametrize(
        ("day", "states"),
        [
            (date(2026, 1, 6), "BW BY ST"),
            (date(2026, 3, 8), "BE MV"),
            (date(2026, 4, 3), "all"),
            (date(2026, 4, 6), "all"),
            (date(2026, 5, 14), "all"),
            (date(2026, 5, 25), "all"),
            (date(2026, 6, 4), "NW HE RP BW BY SL"),
            (date(2026, 8, 15), "SL"),
            (date(2026, 9, 20), "TH"),
            (date(2026, 10, 31), "SH HH NI HB BB MV SN ST TH"),
            (date(2026, 11, 1), "NW RP BW BY SL"),
            (date(2026, 11, 18), "SN"),
            (date(2027, 11, 17), "SN"),
            (date(2026, 12, 24), ""),
        ],
    )
    def test_each_is_one_where_the_law_says_so(self, day: date, states: str) -> None:
        names = ["SH", "HH", "NI", "HB", "NW", "HE", "RP", "BW", "BY", "SL", "BE", "BB", "MV", "SN", "ST", "TH"]
        found = [name for number, name in enumerate(names, start=1) if is_holiday(day, f"{number:02}")]
        assert set(found) == set(names if states == "all" else states.split())

    def test_without_a_land_only_what_is_one_everywhere(self) -> None:
        assert (is_holiday(date(2026, 10, 3), None), is_holiday(date(2026, 10, 31), None)) == (True, False)

    @pytest.mark.parametrize(
        ("year", "sunday"), [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2038, date(2038, 4, 25))]
    )
    def test_easter_is_where_the_calendar_has_it(self, year: int, sunday: date) -> None:
        assert easter(year) == sunday


class TestWorkingDays:
    def test_weekends_are_none(self) -> None:
        assert [is_working_day(date(2026, 3, day), "12") for day in (6, 7, 8, 9)] == [True, False, False, True]

    def test_three_of_them_over_easter_take_a_week(self) -> None:
        released = datetime(2026, 4, 2, 15, 30, tzinfo=HOME)
        assert after_working_days(released, 3, "12") == datetime(2026, 4, 9, 15, 30, tzinfo=HOME)

    def test_a_day_that_is_none_only_there_counts_only_there(self) -> None:
        released = datetime(2026, 6, 3, 9, tzinfo=HOME)
        assert after_working_days(released, 1, "05").date() == date(2026, 6, 5)
        assert after_working_days(released, 1, "12").date() == date(2026, 6, 4)
