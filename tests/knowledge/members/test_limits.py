"""How often somebody may try is counted for each by themselves, and forgotten again."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.members.limits import MOST_COUNTED, Allowance, Limits, limits_of

START = datetime(2026, 3, 1, tzinfo=UTC)


class TestAllowance:
    def test_ends_and_comes_back(self) -> None:
        use_clock(lambda: START)
        allowance = Allowance(2, timedelta(hours=1))

        assert [allowance.take("anna") for _time in range(3)] == [True, True, False]
        assert allowance.take("ben")
        assert not allowance.is_left("anna")
        use_clock(lambda: START + timedelta(hours=1))
        assert allowance.is_left("anna")

    def test_does_not_grow_for_ever(self) -> None:
        allowance = Allowance(1, timedelta(hours=1))
        for number in range(MOST_COUNTED + 5):
            allowance.take(number)

        assert allowance.is_left(0)  # forgotten
        assert not allowance.is_left(MOST_COUNTED)


class TestLimits:
    def test_addresses_are_counted_without_being_kept(self) -> None:
        limits = Limits()
        limits.mails.take(limits.key_of("Anna@lindenau.de"))

        assert limits.key_of("anna@LINDENAU.de") == limits.key_of("Anna@lindenau.de")
        assert "lindenau" not in repr(limits).lower()
        assert Limits().key_of("anna@lindenau.de") != limits.key_of("anna@lindenau.de")

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    async def test_are_one_for_each_database(self, database: Database, tmp_path: object) -> None:
        other = Database(f"sqlite+aiosqlite:///{tmp_path}/other.db")

        assert limits_of(database) is limits_of(database)
        assert limits_of(database) is not limits_of(other)
        await other.close()
