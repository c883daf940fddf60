"""Dates in plain words, as people type them on a phone."""

from datetime import date, time

import pytest

from bot.handlers.training_times import DatesUnreadable, LocalDate, read_dates, read_day
from knowledge.kit.language import choose_language

TODAY = date(2026, 11, 21)
MORNING = (time(9), time(12))


class TestReading:
    @pytest.mark.parametrize(
        "text",
        [
            "12.3.2027 9–12 Uhr",
            "12.03.27 9-12",
            "12.3. 9 bis 12 Uhr",
            "am 12. März 2027, 9:00 - 12:00 Uhr",
            "2027-03-12 9:00-12:00",
            "12 March 2027 9 to 12",
            "Freitag, 12. Mrz. 2027 von 9.00 bis 12.00 Uhr",
        ],
    )
    def test_one_morning_in_many_words(self, text: str) -> None:
        written = read_dates(text, TODAY)
        assert written.dates == (LocalDate(date(2027, 3, 12), *MORNING),)
        assert written.weeks == 1

    def test_times_that_stand_once_are_those_of_all(self) -> None:
        written = read_dates("12.3. und 19.3.2027, 9–12 Uhr", TODAY)
        assert written.dates == tuple(LocalDate(date(2027, 3, day), *MORNING) for day in (12, 19))

    def test_each_may_have_its_own(self) -> None:
        written = read_dates("12.3.2027 9–12 Uhr\n13.3.2027 14 bis 16:30 Uhr", TODAY)
        assert written.dates[1] == LocalDate(date(2027, 3, 13), time(14), time(16, 30))

    def test_every_week(self) -> None:
        written = read_dates("12.3.2027 9–12 Uhr, wöchentlich, 4 Termine", TODAY)
        assert (len(written.dates), written.weeks) == (1, 4)

    @pytest.mark.parametrize("text", ["5.3.", "bis 5.3.2027", "5. März", "2027-03-05"])
    def test_one_day_alone(self, text: str) -> None:
        assert read_day(text, TODAY) == date(2027, 3, 5)


class TestRefusing:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("irgendwann im Frühjahr", "I see no date"),
            ("29.2.2027 9–12 Uhr", "no such day: 29.2.2027"),
            ("29.2. 9–12 Uhr", "with its year"),
            ("31.4.2027 9–12 Uhr", "no such day"),
            ("12.3.2027 25–26 Uhr", "no such time: 25:00"),
            ("12.3.2027 um 9 Uhr", "when it ends"),
            ("12.3.2027", "from when to when"),
            ("12.3.2027 9–12 Uhr, wöchentlich", "How often?"),
            (" ".join(["12.3.2027"] * 41), "too many dates"),
        ],
    )
    def test_it_says_what_is_missing(self, text: str, problem: str) -> None:
        choose_language("en")
        with pytest.raises(DatesUnreadable, match=problem):
            read_dates(text, TODAY)

    def test_the_29th_of_february_of_a_leap_year_is_a_day(self) -> None:
        assert read_dates("29.2.2028 9–12 Uhr", TODAY).dates[0].day == date(2028, 2, 29)

    def test_no_day_at_all(self) -> None:
        choose_language("en")
        with pytest.raises(DatesUnreadable, match="I see no date"):
            read_day("bald", TODAY)
