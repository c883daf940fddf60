"""Names with typing errors."""

from uuid import UUID

import pytest

from knowledge.organisations.fuzzy import most_alike

NAMES = [
    (UUID(int=1), "|flensburg|"),
    (UUID(int=2), "|luebeck|lubeck|"),
    (UUID(int=3), "|brandenburg havel|"),
    (UUID(int=4), "|rendsburg|"),
    (UUID(int=5), "|au|"),
]


class TestMostAlike:
    @pytest.mark.parametrize(
        ("typed", "meant"), [("flensbrug", 1), ("flensbur", 1), ("lubec", 2), ("luebek", 2), ("brandenbrug", 3)]
    )
    def test_finds_what_was_meant(self, typed: str, meant: int) -> None:
        assert most_alike(typed, NAMES, 1) == [UUID(int=meant)]

    @pytest.mark.parametrize("typed", ["", "aux", "muenchen", "flens"])
    def test_finds_nothing_where_nothing_is_near(self, typed: str) -> None:
        assert most_alike(typed, NAMES, 10) == []

    def test_puts_the_nearest_first(self) -> None:
        names = [(UUID(int=1), "|rendsberg|"), (UUID(int=2), "|rendsburg|")]

        assert most_alike("rendsburgg", names, 10) == [UUID(int=2), UUID(int=1)]

    def test_returns_no_more_than_asked_for(self) -> None:
        names = [(UUID(int=number), "|neustadt|") for number in range(20)]

        assert len(most_alike("neustdt", names, 5)) == 5
