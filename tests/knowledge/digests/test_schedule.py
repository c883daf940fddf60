"""When digests are due, also over the changes of the clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.digests.schedule import DigestTimeInvalid, check_time, last_due, next_due, read_day

SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)


class TestDue:
    def test_monday_at_eight_is_seven_elsewhere_in_winter(self) -> None:
        assert last_due(SATURDAY, 0, 8) == datetime(2026, 11, 16, 7, tzinfo=UTC)
        assert next_due(SATURDAY, 0, 8) == datetime(2026, 11, 23, 7, tzinfo=UTC)

    def test_the_moment_itself_is_due_and_the_next_one_a_week_later(self) -> None:
        due = datetime(2026, 11, 23, 7, tzinfo=UTC)
        assert last_due(due, 0, 8) == due
        assert next_due(due, 0, 8) == due + timedelta(days=7)
        assert last_due(due - timedelta(seconds=1), 0, 8) == due - timedelta(days=7)

    def test_later_on_the_same_day(self) -> None:
        assert next_due(SATURDAY, 5, 23) == datetime(2026, 11, 21, 22, tzinfo=UTC)
        assert last_due(SATURDAY, 5, 23) == datetime(2026, 11, 14, 22, tzinfo=UTC)

    def test_eight_stays_eight_when_the_clocks_change(self) -> None:
        before = last_due(datetime(2026, 10, 24, 12, tzinfo=UTC), 0, 8)
        assert before == datetime(2026, 10, 19, 6, tzinfo=UTC)
        assert next_due(datetime(2026, 10, 24, 12, tzinfo=UTC), 0, 8) == datetime(2026, 10, 26, 7, tzinfo=UTC)

    @pytest.mark.parametrize("day", range(7))
    def test_each_is_due_once_a_week(self, day: int) -> None:
        moments = [SATURDAY + timedelta(hours=5 * number) for number in range(340)]
        due = {next_due(moment, day, 3) for moment in moments}
        steps = {(later - sooner).days for sooner, later in zip(sorted(due), sorted(due)[1:], strict=False)}
        assert len(due) > 9
        assert steps <= {6, 7}
        assert all(last_due(moment, day, 3) <= moment < next_due(moment, day, 3) for moment in moments)


class TestWords:
    def test_days_in_both_languages(self) -> None:
        assert [read_day(word) for word in ("Montags", "di.", "WED", "Sonnabend", "sunday")] == [0, 1, 2, 5, 6]
        assert read_day("irgendwann") is None

    @pytest.mark.parametrize(("day", "hour"), [(7, 8), (-1, 8), (0, 24), (0, -1), (None, 24)])
    def test_what_there_is_not_is_refused(self, day: int | None, hour: int) -> None:
        with pytest.raises(DigestTimeInvalid):
            check_time(day, hour)
