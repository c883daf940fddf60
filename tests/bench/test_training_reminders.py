"""The measurement of reminders, with few people: killed halfway, all are reminded and nobody twice."""

from pathlib import Path

from bench.filling import WORDS_ALONE
from bench.runs import Library
from bench.training_reminders import fill, measure


class TestReminders:
    def test_killed_and_resumed_all_are_reminded_and_nobody_twice(self, tmp_path: Path) -> None:
        library = Library(tmp_path / "data", WORDS_ALONE)
        fill(library, 40)
        outcome = measure(library, kill_at=12)
        assert (outcome.handed.told, outcome.handed.twice, outcome.noted) == (40, 0, 40)
        assert outcome.handed.seconds > 0
