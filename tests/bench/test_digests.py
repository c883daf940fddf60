"""The measurement of digests, with little to send: also killed halfway, all are sent and none twice."""

from pathlib import Path

from bench.digests import Size, fill, measure
from bench.filling import WORDS_ALONE
from bench.runs import Library


class TestDigests:
    def test_killed_and_resumed_all_are_told_and_nobody_twice(self, tmp_path: Path) -> None:
        library = Library(tmp_path / "data", WORDS_ALONE)
        fill(library, Size(circles=25, documents=300, questions=60))
        outcome = measure(library, kill_at=5)
        assert outcome.sent + outcome.empty == 25
        assert outcome.sent > 15
        assert (outcome.told, outcome.twice) == (outcome.sent, 0)
        assert outcome.seconds > 0
